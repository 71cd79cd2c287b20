//! Removes what `[retention]` says is old enough, in one transaction.

use chrono::{Days, TimeDelta};
use serde_json::json;

use crate::store::{Pruned, Retention, StepOutcome};
use crate::worker::record::StepEnd;
use crate::worker::{Context, Error};

/// How long callbacks about credentials are kept at least: two lives of a password.
const CREDENTIAL_CALLBACKS_DAYS_MIN: u32 = 180;

/// Removes what is old enough, or with `is_dry` only counts it.
pub async fn prune(ctx: &Context, is_dry: bool) -> Result<Pruned, Error> {
    let settings = &ctx.config.retention;
    let before = |days: u32| ctx.clock.now() - TimeDelta::days(i64::from(days));
    let retention = Retention {
        callbacks_before: before(settings.callbacks_days),
        credential_callbacks_before: before(
            settings.callbacks_days.max(CREDENTIAL_CALLBACKS_DAYS_MIN),
        ),
        deliveries_before: before(settings.deliveries_days),
        statements_before: before(settings.statements_days),
        requests_before: ctx.today() - Days::new(u64::from(settings.requests_days)),
    };
    let mut tx = ctx.store.begin("prune").await?;
    let pruned = tx.prune(&retention).await?;
    if !is_dry {
        tx.commit().await?;
    }
    Ok(pruned)
}

pub(super) async fn prune_step(ctx: &Context) -> Result<StepEnd, Error> {
    let pruned = prune(ctx, false).await?;
    let tally = json!({
        "callbacks": pruned.callbacks, "delivery_parts": pruned.delivery_parts,
        "statements": pruned.statements, "request_days": pruned.request_days,
    });
    Ok((StepOutcome::Done, tally))
}
