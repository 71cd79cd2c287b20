//! The step of a run that imports what lies in a job's inbox of electronic invoices.

use std::future::Future;

use serde_json::json;

use super::{Limits, take_in_invoices};
use crate::config::jobs::Job;
use crate::store::StepOutcome;
use crate::worker::RunOutcome;
use crate::worker::error::causes;
use crate::worker::record::{StepEnd, state};
use crate::worker::{Context, Error};

/// Imports the electronic invoices of the job's inbox, within the job's limit of money.
pub(in crate::worker) async fn import_step<C>(
    ctx: &Context,
    job: &Job,
    cancel: &impl Fn() -> C,
    outcome: &mut RunOutcome,
) -> Result<StepEnd, Error>
where
    C: Future<Output = ()> + Send,
{
    // The job's file was refused if it names the step without these two.
    let (Some(inbox), Some(cost)) = (&job.import_inbox, job.import_max_cost) else {
        return Ok((StepOutcome::Failed, json!({ "reason": "no inbox or no limit is set" })));
    };
    let limits = Limits { cost: Some(cost), ..Limits::default() };
    match take_in_invoices(ctx, inbox, &limits, cancel).await {
        Ok(intake) => {
            let count = |word| intake.plan.count(word);
            let tally = json!({
                "imported": count("imported"), "already_there": count("already_there"),
                "refused": count("refused"), "put_aside": count("put_aside"),
                "unclear": count("unclear"), "left": count("left"),
                "spent": intake.end.spent.to_string(),
                "reason": intake.end.error.as_ref().map(|error| causes(error)),
            });
            let state = state(intake.is_complete());
            outcome.is_interrupted = intake.end.is_interrupted;
            outcome.imported = Some(intake);
            Ok((state, tally))
        }
        Err(error @ (Error::Api(_) | Error::NoToken | Error::BudgetSpent { .. })) => {
            let reason = causes(&error);
            tracing::error!(reason, hint = error.hint(), "the import failed");
            outcome.import_error = Some(reason.clone());
            Ok((StepOutcome::Failed, json!({ "reason": reason })))
        }
        Err(error) => Err(error),
    }
}
