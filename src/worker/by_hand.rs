//! What a person asks for by name: read a document, do one thing, close one that hangs.
//!
//! Nothing here decides; `submit` did, and [`Outbox`] carries it out. Requests are taken out of
//! the day's budget like any other.

use chrono::NaiveDate;

use crate::api::wire::NewReceipt;
use crate::api::{Confidential, Filter, PAGE_ROWS_MAX, RawItem, Resource};
use crate::credentials::{Declared, Source};
use crate::fiscal::TaxId;
use crate::store::IntentEnd;
use crate::submit::{Intent, IntentState, Kind, NewIntent, propose};
use crate::worker::configurations::store_companies_now;
use crate::worker::error::causes;
use crate::worker::pull::within_budget;
use crate::worker::submit::{Outbox, PassOutcome, Submitted};
use crate::worker::{Context, Error, api_client};

/// Returns documents of a list, in the provider's order, at most so many that are wanted.
pub async fn documents(
    ctx: &Context,
    resource: Resource,
    filter: &Filter,
    limit: usize,
    is_wanted: impl Fn(&RawItem) -> bool,
) -> Result<Vec<RawItem>, Error> {
    within_budget(ctx, async |client| {
        let mut wanted: Vec<RawItem> = Vec::new();
        let mut skip = 0;
        loop {
            let page = client.list(resource, filter, skip, PAGE_ROWS_MAX).await?;
            let is_last = page.rows < usize::from(PAGE_ROWS_MAX);
            skip += u64::try_from(page.rows).unwrap_or(u64::MAX);
            for item in page.items {
                // A list that moves names a row twice.
                if is_wanted(&item) && !wanted.iter().any(|known| known.id == item.id) {
                    wanted.push(item);
                }
            }
            if is_last || wanted.len() >= limit {
                wanted.truncate(limit);
                return Ok(wanted);
            }
        }
    })
    .await
}

/// Returns one document as the provider has it; a company by its tax id.
pub async fn document(ctx: &Context, resource: Resource, id: &str) -> Result<RawItem, Error> {
    within_budget(ctx, async |client| Ok(client.get(resource, id).await?)).await
}

/// Registers or removes a company, and reads anew which there are.
///
/// `changed` is the person whose credentials went along, and the day on which the password was
/// changed at the tax portal: the provider tells no age.
pub async fn change_companies(
    ctx: &Context,
    new: &NewIntent,
    confidential: &Confidential,
    changed: Option<(&str, NaiveDate)>,
) -> Result<Submitted, Error> {
    let submitted = carry_out(ctx, new, confidential).await?;
    if submitted.intent.state != IntentState::Done {
        return Ok(submitted);
    }
    if let Some((tax_code, changed_on)) = changed {
        let mut tx = ctx.store.begin("record_credentials").await?;
        tx.record_credentials(&Declared {
            company: submitted.intent.company.clone(),
            tax_code: tax_code.to_owned(),
            changed_on,
            recorded_at: ctx.clock.now(),
            source: Source::Declared,
        })
        .await?;
        tx.commit().await?;
    }
    let listed = within_budget(ctx, async |client| store_companies_now(ctx, client).await).await;
    if let Err(error) = listed {
        tracing::warn!(error = causes(&error), "the next pull asks which companies there are");
    }
    Ok(submitted)
}

/// Returns a receipt as the PDF that a customer gets.
pub async fn receipt_pdf(ctx: &Context, id: &str) -> Result<Vec<u8>, Error> {
    within_budget(ctx, async |client| Ok(client.receipt_pdf(id).await?)).await
}

/// Returns the companies of the account; the callbacks' headers, which hold a secret, are out.
pub async fn registered(ctx: &Context) -> Result<Vec<RawItem>, Error> {
    let page = within_budget(ctx, async |client| Ok(client.configurations().await?)).await?;
    Ok(page.items.iter().map(without_headers).collect())
}

/// Does one thing at the provider, at most once in all.
pub async fn carry_out(
    ctx: &Context,
    new: &NewIntent,
    confidential: &Confidential,
) -> Result<Submitted, Error> {
    let client = api_client(ctx)?;
    let outbox = Outbox::open(ctx, &client).await?;
    outbox.submit(new, confidential).await
}

/// Looks up what is unknown and sends what waited.
///
/// Where another process is sending, it `waits`, or leaves it to that one: a night must not
/// stand still behind an import.
pub async fn submit_open(ctx: &Context, waits: bool) -> Result<PassOutcome, Error> {
    if ctx.store.open_intents().await?.is_empty() {
        return Ok(PassOutcome::default());
    }
    let client = api_client(ctx)?;
    if waits {
        return Outbox::open(ctx, &client).await?.pass().await;
    }
    if let Some(outbox) = Outbox::try_open(ctx, &client).await? {
        return outbox.pass().await;
    }
    tracing::info!("another process is sending: what is open is left to it");
    Ok(PassOutcome::default())
}

/// Proposes a receipt: the one that was begun, or with `again` one more of the same.
pub async fn propose_receipt(
    ctx: &Context,
    receipt: &NewReceipt,
    company: &TaxId,
    written: &[u8],
    gross_cents: i64,
    again: bool,
) -> Result<NewIntent, Error> {
    let of = |occurrence| propose::receipt(receipt, company, written, gross_cents, occurrence);
    occurrence(ctx, of, again).await
}

/// Returns the first occurrence that is not closed as done, or without `again` the last known.
pub async fn occurrence(
    ctx: &Context,
    of: impl Fn(u32) -> NewIntent,
    again: bool,
) -> Result<NewIntent, Error> {
    let mut last = of(1);
    for number in 2.. {
        let known = ctx.store.intent_by_key(&last.key).await?;
        match known {
            Some(intent) if intent.state == IntentState::Done => {
                let next = of(number);
                let is_known = ctx.store.intent_by_key(&next.key).await?.is_some();
                if !again && !is_known {
                    break;
                }
                last = next;
            }
            _ => break,
        }
    }
    Ok(last)
}

/// Stores new credentials of the tax portal for companies, each its own intent.
///
/// What an earlier try left open for a company is closed once the new one is stored: its
/// secret is gone. The day of the change is kept, the secret never.
pub async fn rotate_credentials(
    ctx: &Context,
    companies: &[TaxId],
    tax_code: &str,
    changed_on: NaiveDate,
    confidential: &Confidential,
) -> Result<Vec<Submitted>, Error> {
    let client = api_client(ctx)?;
    let outbox = Outbox::open(ctx, &client).await?;
    let mut all = Vec::new();
    for company in companies {
        let now = ctx.clock.now();
        let new = propose::credentials(company, tax_code, now);
        let submitted = outbox.submit(&new, confidential).await?;
        if submitted.intent.state == IntentState::Done {
            let mut tx = ctx.store.begin("record_credentials").await?;
            tx.record_credentials(&Declared {
                company: company.clone(),
                tax_code: tax_code.to_owned(),
                changed_on,
                recorded_at: now,
                source: Source::Rotated,
            })
            .await?;
            for earlier in open_rotations(ctx, company, submitted.intent.id).await? {
                let reply = format!("entered anew as intent {}", submitted.intent.id);
                let end =
                    IntentEnd { last_reply: Some(reply), ..IntentEnd::of(IntentState::Dropped) };
                tx.settle_intent(earlier.id, &end, now).await?;
            }
            tx.commit().await?;
        }
        all.push(submitted);
    }
    Ok(all)
}

/// Closes an intent by a person's word, who looked at the provider's console.
///
/// None when there is no such intent or it is closed already.
pub async fn close_by_hand(
    ctx: &Context,
    id: i64,
    state: IntentState,
    provider_id: Option<String>,
) -> Result<Option<Intent>, Error> {
    let _lock = ctx.store.lock_intents().await?;
    let Some(intent) = ctx.store.intent(id).await?.filter(|intent| intent.state.is_open()) else {
        return Ok(None);
    };
    let end = IntentEnd {
        provider_id,
        last_reply: Some("closed by hand".to_owned()),
        ..IntentEnd::of(state)
    };
    let mut tx = ctx.store.begin("close_intent").await?;
    tx.settle_intent(intent.id, &end, ctx.clock.now()).await?;
    tx.commit().await?;
    ctx.store.intent(id).await.map_err(Error::from)
}

async fn open_rotations(ctx: &Context, company: &TaxId, but: i64) -> Result<Vec<Intent>, Error> {
    let mut open = ctx.store.open_intents().await?;
    open.retain(|intent| {
        intent.kind == Kind::CredentialsRotate && intent.company == *company && intent.id != but
    });
    Ok(open)
}

/// Drops the headers of the callbacks, keeping where they go.
fn without_headers(item: &RawItem) -> RawItem {
    let mut body: serde_json::Value = serde_json::from_str(&item.body).unwrap_or_default();
    for one in body["api_configurations"].as_array_mut().into_iter().flatten() {
        if let Some(callback) = one["callback"].as_object_mut() {
            callback.remove("headers");
        }
    }
    RawItem { id: item.id.clone(), body: body.to_string() }
}
