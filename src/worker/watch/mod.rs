//! The watch over credentials, token and credit: what is known, what to say, and saying it.
//!
//! `facts` gathers what the store knows and lets `credentials` judge it; reports, `credentials
//! status` and the metrics read that without a request. The step asks the provider first (one
//! list, two questions to the token service), then writes each new warning down in the
//! transaction that queues its mail: said once, however often the step runs.

mod ask;
mod facts;
mod notice;

use serde_json::json;

use crate::config::jobs::Job;
use crate::credentials::{Alert, Subject};
use crate::fiscal::TaxId;
use crate::store::StepOutcome;
use crate::worker::record::StepEnd;
use crate::worker::{Context, Error, RunOutcome};

pub use facts::{Watched, declare, watched};

/// Holds what the watch of a run saw and said.
#[derive(Debug, Clone, Default)]
pub struct WatchOutcome {
    /// Everything that stands, whether said before or not.
    pub alerts: Vec<Alert>,
    /// How many people's credentials are watched.
    pub credentials: usize,
    /// Why the provider could not be asked; what the store knew was judged.
    pub problem: Option<String>,
}

/// Asks, judges, and warns of what is new.
pub(super) async fn credentials_step(
    ctx: &Context,
    job: &Job,
    outcome: &mut RunOutcome,
) -> Result<StepEnd, Error> {
    let problem = ask::ask(ctx).await?;
    let mut seen = watched(ctx, true).await?;
    let ids: Vec<TaxId> = job.companies.iter().filter_map(|id| TaxId::parse(id)).collect();
    seen.alerts.retain(|alert| concerns(alert, &ids));
    let new: Vec<Alert> = seen.alerts.iter().filter(|alert| alert.is_new).cloned().collect();
    for alert in &new {
        let companies = match &alert.subject {
            Subject::Portal(credential) => credential.companies.len(),
            Subject::Token { .. } | Subject::Credit { .. } => 0,
        };
        tracing::warn!(level = alert.level.as_str(), companies, "a warning was given");
    }
    let queued = notice::give(ctx, job, outcome.run_id, &new, seen.credit_is_enough(ctx)).await?;
    let reason = problem.clone();
    let tally = json!({
        "credentials": seen.credentials.len(), "standing": seen.alerts.len(),
        "warned": new.len(), "queued": queued, "reason": reason,
    });
    let state = if problem.is_some() { StepOutcome::Partial } else { StepOutcome::Done };
    outcome.watched =
        Some(WatchOutcome { alerts: seen.alerts, credentials: seen.credentials.len(), problem });
    Ok((state, tally))
}

/// Tells whether an alert is about one of these companies; about all where none is named.
pub(super) fn concerns(alert: &Alert, companies: &[TaxId]) -> bool {
    match &alert.subject {
        Subject::Portal(credential) => {
            companies.is_empty()
                || credential.companies.iter().any(|one| companies.contains(&one.company))
        }
        Subject::Token { .. } | Subject::Credit { .. } => true,
    }
}
