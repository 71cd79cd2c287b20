//! One run of a job: its steps in order, each recorded when it ends.
//!
//! A step that fails for a reason that the next night may mend (the API is down, one mail
//! is refused) does not stop the later ones: the report says what is missing. A wrong
//! setting or a full disk does.

use std::future::Future;

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::api::Resource;
use crate::config::jobs::{Job, Kind, Step};
use crate::extract::Progress;
use crate::fiscal::{DocumentKind, Period};
use crate::report::model::Model;
use crate::store::{NewStep, StepOutcome};
use crate::worker::{
    ComparisonRequest, Context, Error, Intake, Posted, Publication, PullOutcome, PullRequest,
    causes, compare, post, publish, pull, take_in,
};

/// Holds what a run did, step by step.
#[derive(Debug, Default)]
pub struct RunOutcome {
    /// The run's number.
    pub run_id: i64,
    /// What the inbox brought.
    pub intake: Option<Intake>,
    /// What the pull brought.
    pub pull: Option<PullOutcome>,
    /// Why the pull failed, causes in order.
    pub pull_error: Option<String>,
    /// The comparison, when that step ran.
    pub model: Option<Model>,
    /// What was delivered.
    pub posted: Option<Posted>,
    /// Whether the run was told to stop before its end.
    pub is_interrupted: bool,
}

/// Does all steps of a job for a period.
///
/// `is_dry` pulls nothing, stores no upload and sends nothing: it compares what is stored.
pub async fn run<C>(
    ctx: &Context,
    job: &Job,
    period: Period,
    progress: &dyn Progress,
    cancel: impl Fn() -> C,
) -> Result<RunOutcome, Error>
where
    C: Future<Output = ()> + Send,
{
    let mut tx = ctx.store.begin("begin_run").await?;
    let run_id = tx.begin_run(&job.name, period, ctx.clock.now()).await?;
    tx.commit().await?;
    let mut recorder = Recorder { ctx, run_id, position: 0 };
    let mut outcome = RunOutcome { run_id, ..RunOutcome::default() };
    for step in &job.steps {
        let started_at = ctx.clock.now();
        let (state, tally) =
            do_step(ctx, job, *step, period, progress, &cancel, &mut outcome).await?;
        recorder.record(step_name(*step), started_at, state, &tally).await?;
        if outcome.is_interrupted {
            return Ok(outcome);
        }
    }
    let verdict = outcome.model.as_ref().map(|model| model.verdict);
    let mut tx = ctx.store.begin("finish_run").await?;
    tx.finish_run(run_id, verdict, ctx.clock.now()).await?;
    tx.commit().await?;
    Ok(outcome)
}

async fn do_step<C>(
    ctx: &Context,
    job: &Job,
    step: Step,
    period: Period,
    progress: &dyn Progress,
    cancel: &impl Fn() -> C,
    outcome: &mut RunOutcome,
) -> Result<(StepOutcome, serde_json::Value), Error>
where
    C: Future<Output = ()> + Send,
{
    match step {
        Step::Inbox => {
            let intake = take_in(ctx, &job.name, &job.inbox).await?;
            let tally = json!({ "taken": intake.taken.len(), "refused": intake.refused.len() });
            let state = state(intake.refused.is_empty());
            outcome.intake = Some(intake);
            Ok((state, tally))
        }
        Step::Pull => pull_step(ctx, job, period, progress, cancel, outcome).await,
        Step::Reconcile => {
            let request = comparison_request(ctx, job, period);
            let comparison = compare(ctx, outcome.run_id, &request).await?;
            let tally = json!({
                "verdict": comparison.model.verdict,
                "findings": comparison.model.findings.len(),
            });
            outcome.model = Some(comparison.model);
            Ok((StepOutcome::Done, tally))
        }
        Step::Report => {
            let Some(model) = &outcome.model else {
                return Ok((StepOutcome::Failed, json!({ "reason": "nothing was compared" })));
            };
            let queued = publish(ctx, model, &publication(ctx, job)).await?;
            Ok((StepOutcome::Done, json!({ "queued": queued })))
        }
        Step::Deliver => {
            let posted = post(ctx).await?;
            for problem in &posted.problems {
                tracing::warn!(problem, "delivery is not complete");
            }
            let tally = json!({
                "sent": posted.sent, "refused": posted.refused,
                "waiting": posted.waiting, "unknown": posted.unknown,
            });
            let state = state(posted.is_complete());
            outcome.posted = Some(posted);
            Ok((state, tally))
        }
    }
}

async fn pull_step<C>(
    ctx: &Context,
    job: &Job,
    period: Period,
    progress: &dyn Progress,
    cancel: &impl Fn() -> C,
    outcome: &mut RunOutcome,
) -> Result<(StepOutcome, serde_json::Value), Error>
where
    C: Future<Output = ()> + Send,
{
    let resource = match job.kind {
        Kind::Receipts => Resource::Receipts,
        Kind::Invoices => Resource::Invoices,
    };
    let request =
        PullRequest { resources: vec![resource], companies: job.companies.clone(), period };
    match pull(ctx, &request, progress, cancel).await {
        Ok(pulled) => {
            let tally = json!({ "requests": pulled.requests, "retries": pulled.retries });
            let state = state(pulled.is_complete());
            outcome.is_interrupted = pulled.is_interrupted();
            outcome.pull = Some(pulled);
            Ok((state, tally))
        }
        Err(error @ (Error::Api(_) | Error::Pull(_) | Error::BudgetSpent { .. })) => {
            let reason = causes(&error);
            tracing::error!(reason, hint = error.hint(), "the pull failed");
            outcome.pull_error = Some(reason.clone());
            Ok((StepOutcome::Failed, json!({ "reason": reason })))
        }
        Err(error) => Err(error),
    }
}

fn comparison_request(ctx: &Context, job: &Job, period: Period) -> ComparisonRequest {
    ComparisonRequest {
        job: job.name.clone(),
        kinds: vec![match job.kind {
            Kind::Receipts => DocumentKind::Receipt,
            Kind::Invoices => DocumentKind::Invoice,
        }],
        companies: job.companies.clone(),
        period,
        materiality_cents: job.materiality_cents.unwrap_or(ctx.config.report.materiality_cents),
    }
}

fn publication<'a>(ctx: &'a Context, job: &'a Job) -> Publication<'a> {
    Publication {
        formats: &job.formats,
        language: job.language.unwrap_or(ctx.config.report.language),
        folder: job.folder.as_deref().unwrap_or(&ctx.config.report.out_dir),
        recipients: &job.recipients,
    }
}

fn state(is_complete: bool) -> StepOutcome {
    if is_complete { StepOutcome::Done } else { StepOutcome::Partial }
}

fn step_name(step: Step) -> &'static str {
    match step {
        Step::Inbox => "inbox",
        Step::Pull => "pull",
        Step::Reconcile => "reconcile",
        Step::Report => "report",
        Step::Deliver => "deliver",
    }
}

/// Writes down each step when it ends.
struct Recorder<'a> {
    ctx: &'a Context,
    run_id: i64,
    position: i64,
}

impl Recorder<'_> {
    async fn record(
        &mut self,
        name: &str,
        started_at: DateTime<Utc>,
        outcome: StepOutcome,
        tally: &serde_json::Value,
    ) -> Result<(), Error> {
        self.position += 1;
        let step = NewStep {
            position: self.position,
            name,
            started_at,
            finished_at: self.ctx.clock.now(),
            outcome,
            tally: tally.to_string(),
        };
        let mut tx = self.ctx.store.begin("record_step").await?;
        tx.record_step(self.run_id, &step).await?;
        tx.commit().await?;
        Ok(())
    }
}
