//! Writes down the steps of a run: what went in, how each ended.

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use crate::config::jobs::Step;
use crate::store::{Claim, NewStep, StepOutcome};
use crate::worker::due::LEASE;
use crate::worker::run::Plan;
use crate::worker::{Context, Error};

/// How a step ended, and its counts.
pub(super) type StepEnd = (StepOutcome, serde_json::Value);

/// Hashes what a step is made of: the job as its file says, the days, the step.
pub(super) fn input_hash(plan: &Plan<'_>, step: Step) -> String {
    let input = format!("{:?} {} {}", plan.job, plan.period, step_name(step));
    hex::encode(Sha256::digest(input.as_bytes()))
}

pub(super) fn state(is_complete: bool) -> StepOutcome {
    if is_complete { StepOutcome::Done } else { StepOutcome::Partial }
}

pub(super) fn step_name(step: Step) -> &'static str {
    match step {
        Step::Inbox => "inbox",
        Step::Import => "import",
        Step::Pull => "pull",
        Step::Credentials => "credentials",
        Step::Prune => "prune",
        Step::Reconcile => "reconcile",
        Step::Report => "report",
        Step::Deliver => "deliver",
    }
}

/// Writes down each step when it ends, while its claim holds.
pub(super) struct Recorder<'a> {
    ctx: &'a Context,
    claim: Option<&'a Claim>,
    run_id: i64,
    position: i64,
}

impl<'a> Recorder<'a> {
    pub(super) fn of(ctx: &'a Context, claim: Option<&'a Claim>, run_id: i64) -> Self {
        Self { ctx, claim, run_id, position: 0 }
    }

    /// Leaves a step as an earlier process recorded it.
    pub(super) fn pass(&mut self) {
        self.position += 1;
    }

    pub(super) async fn record(
        &mut self,
        (step, input_hash): (Step, &str),
        started_at: DateTime<Utc>,
        outcome: StepOutcome,
        tally: &serde_json::Value,
    ) -> Result<(), Error> {
        self.position += 1;
        let step = NewStep {
            position: self.position,
            name: step_name(step),
            started_at,
            finished_at: self.ctx.clock.now(),
            outcome,
            tally: tally.to_string(),
            input_hash,
        };
        let mut tx = self.ctx.store.begin("record_step").await?;
        if let Some(claim) = self.claim
            && !tx.extend_lease(claim, self.ctx.clock.now() + LEASE).await?
        {
            return Err(Error::claim_lost(claim));
        }
        tx.record_step(self.run_id, &step).await?;
        tx.commit().await?;
        Ok(())
    }
}
