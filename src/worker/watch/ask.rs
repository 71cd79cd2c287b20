//! Asks the provider for what the watch must know: whose credentials, the token, the credit.

use crate::api::TokenEnd;
use crate::fiscal::Amount;
use crate::worker::configurations::store_companies_now;
use crate::worker::error::causes;
use crate::worker::pull::within_budget;
use crate::worker::{Context, Error};

/// Asks and writes down the answers; returns why it could not, if the provider is the reason.
pub(super) async fn ask(ctx: &Context) -> Result<Option<String>, Error> {
    match answers(ctx).await {
        Ok(()) => Ok(None),
        Err(error @ (Error::Api(_) | Error::NoToken | Error::BudgetSpent { .. })) => {
            let reason = causes(&error);
            tracing::warn!(reason, "the watch goes by what was known");
            Ok(Some(reason))
        }
        Err(error) => Err(error),
    }
}

async fn answers(ctx: &Context) -> Result<(), Error> {
    let (end, credit) = within_budget(ctx, async |client| {
        store_companies_now(ctx, client).await?;
        Ok((client.token_end().await?, client.credit().await?))
    })
    .await?;
    let now = ctx.clock.now();
    let mut tx = ctx.store.begin("save_account_facts").await?;
    match end {
        TokenEnd::At(instant) => tx.save_token_end(Some(instant), now).await?,
        TokenEnd::NotSaid => tx.save_token_end(None, now).await?,
        TokenEnd::Renewed => tx.forget_token_end().await?,
    }
    let cents = credit.and_then(|text| Amount::cents_from_decimal(&text.plain()).ok());
    if let Some(cents) = cents {
        tx.save_credit(cents, now).await?;
    }
    tx.commit().await?;
    Ok(())
}
