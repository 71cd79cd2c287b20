//! Keeps the companies of the account, without the secret of ours that they hold.

use chrono::{DateTime, Utc};

use crate::api::{Client, Page, RawItem, Resource};
use crate::fiscal::Company;
use crate::normalize;
use crate::worker::pages::{put_aside, raw, unnamed};
use crate::worker::{Context, Error, PullOutcome, PullRequest};

/// Stores the companies that the configurations name, and answers the callbacks about them.
pub(super) async fn store_companies(
    ctx: &Context,
    page: Page,
    asked_at: DateTime<Utc>,
    outcome: &mut PullOutcome,
) -> Result<(), Error> {
    let now = ctx.clock.now();
    let mut tx = ctx.store.begin("store_configurations").await?;
    let items: Vec<RawItem> = page.items.iter().map(without_callbacks).collect();
    tx.insert_raw(Resource::Configurations.as_str(), &raw(&items), now).await?;
    let mut unreadable = unnamed(Resource::Configurations, page.put_aside.iter());
    let mut readable = Vec::new();
    // An empty list is rather an account that was not found than one that lost all.
    if !items.is_empty() {
        tx.unlist_companies().await?;
    }
    for item in &items {
        match normalize::company(&item.body) {
            Ok(company) => {
                tx.save_company(&company, now).await?;
                readable.push(item.id.as_str());
            }
            Err(error) => unreadable.push(put_aside(Resource::Configurations, item, &error)),
        }
    }
    tx.take_back(Resource::Configurations.as_str(), &readable).await?;
    tx.put_aside(&unreadable, now).await?;
    tx.all_callbacks_read(Resource::Configurations.as_str(), asked_at, now).await?;
    tx.commit().await?;
    outcome.companies = readable.len();
    outcome.companies_put_aside = unreadable.len();
    Ok(())
}

/// Asks which companies there are and keeps them.
pub(super) async fn store_companies_now(ctx: &Context, client: &Client) -> Result<(), Error> {
    let asked_at = ctx.clock.now();
    let page = client.configurations().await?;
    store_companies(ctx, page, asked_at, &mut PullOutcome::default()).await
}

/// Returns the companies that a pull asks for.
pub(super) async fn wanted(ctx: &Context, request: &PullRequest) -> Result<Vec<Company>, Error> {
    if !request.skips_unknown {
        return ctx.companies(&request.companies).await;
    }
    let (companies, unknown) = ctx.known_companies(&request.companies).await?;
    for company in unknown {
        tracing::warn!(%company, "the provider has no such company: it is not pulled");
    }
    Ok(companies)
}

/// Drops the callbacks of a configuration: their headers hold a secret of ours.
fn without_callbacks(item: &RawItem) -> RawItem {
    let body = match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&item.body)
    {
        Ok(mut fields) => {
            fields.remove("api_configurations");
            serde_json::Value::Object(fields).to_string()
        }
        Err(_) => "{}".to_owned(),
    };
    RawItem { id: item.id.clone(), body }
}
