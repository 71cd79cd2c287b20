//! One run of a job: its steps in order, each recorded when it ends.
//!
//! A step that fails for a reason that the next night may mend (the API is down, one mail
//! is refused) does not stop the later ones: the report says what is missing. A wrong
//! setting or a full disk does.

use std::collections::BTreeSet;
use std::future::Future;

use futures::FutureExt as _;

use serde_json::json;

use crate::api::Resource;
use crate::config::jobs::{Job, Kind, Step, SweepRule};
use crate::extract::{self, Progress};
use crate::fiscal::{DocumentKind, Period};
use crate::reconcile::statement::Verdict;
use crate::report::model::Model;
use crate::store::{Claim, StepOutcome};
use crate::worker::error::causes;
use crate::worker::import::import_step;
use crate::worker::prune::prune_step;
use crate::worker::record::{Recorder, StepEnd, input_hash, state, step_name};
use crate::worker::watch::credentials_step;
use crate::worker::{
    ComparisonRequest, Context, Deadline, Error, ImportIntake, Intake, PassOutcome, Posted,
    Publication, PullOutcome, PullRequest, Stopped, Sweep, WatchOutcome, compare, post, publish,
    pull, submit_open, take_in,
};

/// Holds what a run did, step by step.
#[derive(Debug, Default)]
pub struct RunOutcome {
    /// The run's number.
    pub run_id: i64,
    /// What became of what was open at the provider, where anything was.
    pub submitted: Option<PassOutcome>,
    /// What the inbox brought.
    pub intake: Option<Intake>,
    /// What became of the electronic invoices to import.
    pub imported: Option<ImportIntake>,
    /// Why the import failed, causes in order.
    pub import_error: Option<String>,
    /// What the pull brought.
    pub pull: Option<PullOutcome>,
    /// Why the pull failed, causes in order.
    pub pull_error: Option<String>,
    /// What a person can do about that.
    pub pull_hint: Option<String>,
    /// What the watch over credentials saw, when that step ran.
    pub watched: Option<WatchOutcome>,
    /// The comparison, when that step ran.
    pub model: Option<Model>,
    /// What was delivered.
    pub posted: Option<Posted>,
    /// Whether the run was told to stop before its end.
    pub is_interrupted: bool,
}

impl RunOutcome {
    /// Tells whether the pull of this run read everything, where there was one.
    fn is_read(&self) -> bool {
        self.pull_error.is_none() && self.pull.as_ref().is_none_or(PullOutcome::is_complete)
    }

    /// Tells whether the run did all that it should, to its end.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let is_incomplete = |model: &Model| model.verdict == Verdict::Incomplete;
        !self.is_interrupted
            && self.is_read()
            && self.import_error.is_none()
            && self.imported.as_ref().is_none_or(ImportIntake::is_complete)
            && self.submitted.as_ref().is_none_or(PassOutcome::is_complete)
            && self.intake.as_ref().is_none_or(Intake::is_complete)
            && self.watched.as_ref().is_none_or(|watched| watched.problem.is_none())
            && self.posted.as_ref().is_none_or(Posted::is_complete)
            && !self.model.as_ref().is_some_and(is_incomplete)
    }

    /// Tells whether trying again soon may bring what is missing.
    pub(super) fn is_worth_repeating(&self) -> bool {
        !self.is_read() || self.posted.as_ref().is_some_and(|posted| !posted.is_complete())
    }
}

/// Does all steps of a job for a period, by hand.
///
/// `cancel` ends it after the step in hand, inside a pull after the page in hand. The
/// job's deadline ends only the pull: what was read is compared, reported and delivered.
pub async fn run<C>(
    ctx: &Context,
    job: &Job,
    period: Period,
    progress: &dyn Progress,
    cancel: impl Fn() -> C + Sync,
) -> Result<RunOutcome, Error>
where
    C: Future<Output = ()> + Send,
{
    run_steps(ctx, &Plan { job, period, claim: None }, progress, cancel).await
}

/// Holds what a run is to do, and under which claim on a due time, if any.
pub(super) struct Plan<'a> {
    pub(super) job: &'a Job,
    pub(super) period: Period,
    pub(super) claim: Option<&'a Claim>,
}

/// Does the steps of a plan that are not done yet.
///
/// A run that an earlier holder of the claim began goes on: what it took in and pulled
/// wholly is not done again. Comparing and reporting is, since it costs little and says
/// what is so now; what was delivered is known to the outbox.
pub(super) async fn run_steps<C>(
    ctx: &Context,
    plan: &Plan<'_>,
    progress: &dyn Progress,
    cancel: impl Fn() -> C + Sync,
) -> Result<RunOutcome, Error>
where
    C: Future<Output = ()> + Send,
{
    let (run_id, done) = begin(ctx, plan).await?;
    crate::telemetry::is_run(run_id);
    let (job, period) = (plan.job, plan.period);
    let mut recorder = Recorder::of(ctx, plan.claim, run_id);
    let mut outcome = RunOutcome { run_id, ..RunOutcome::default() };
    let deadline = Deadline::from_now(job.deadline_minutes);
    outcome.submitted = carry_on_submitting(ctx).await?;
    for step in &job.steps {
        if cancel().now_or_never().is_some() {
            outcome.is_interrupted = true;
        }
        if outcome.is_interrupted {
            break;
        }
        let input_hash = input_hash(plan, *step);
        if matches!(step, Step::Inbox | Step::Pull) && done.contains(&input_hash) {
            tracing::info!(step = step_name(*step), "done before, by the same run");
            recorder.pass();
            continue;
        }
        let started_at = ctx.clock.now();
        let (state, tally) = match step {
            Step::Inbox => inbox_step(ctx, job, &mut outcome).await?,
            Step::Import => Box::pin(import_step(ctx, job, &cancel, &mut outcome)).await?,
            Step::Pull => {
                let request = pull_request(job, period, deadline);
                pull_step(ctx, &request, progress, &cancel, &mut outcome).await?
            }
            Step::Credentials => credentials_step(ctx, job, &mut outcome).await?,
            Step::Prune => prune_step(ctx).await?,
            Step::Reconcile => reconcile_step(ctx, job, period, &mut outcome).await?,
            Step::Report => report_step(ctx, job, &outcome).await?,
            Step::Deliver => deliver_step(ctx, &mut outcome).await?,
        };
        recorder.record((*step, &input_hash), started_at, state, &tally).await?;
    }
    if outcome.is_interrupted && plan.claim.is_some() {
        // It is not ended: whoever claims the due time next goes on with it.
        return Ok(outcome);
    }
    let verdict = outcome.model.as_ref().map(|model| model.verdict);
    let mut tx = ctx.store.begin("finish_run").await?;
    tx.finish_run(run_id, verdict, ctx.clock.now()).await?;
    tx.commit().await?;
    Ok(outcome)
}

/// Opens a run, or goes on with the one that the claim names.
async fn begin(ctx: &Context, plan: &Plan<'_>) -> Result<(i64, BTreeSet<String>), Error> {
    if let Some(run_id) = plan.claim.and_then(|claim| claim.run_id) {
        return Ok((run_id, ctx.store.done_inputs(run_id).await?));
    }
    let mut tx = ctx.store.begin("begin_run").await?;
    let run_id = tx.begin_run(&plan.job.name, plan.period, ctx.clock.now()).await?;
    if let Some(claim) = plan.claim
        && !tx.attach_run(claim, run_id).await?
    {
        return Err(Error::claim_lost(claim));
    }
    tx.commit().await?;
    Ok((run_id, BTreeSet::new()))
}

/// Compares what is stored as a run of its own, with nothing pulled or delivered.
pub async fn compare_stored(ctx: &Context, request: &ComparisonRequest) -> Result<Model, Error> {
    let mut tx = ctx.store.begin("begin_run").await?;
    let run_id = tx.begin_run(&request.job, request.period, ctx.clock.now()).await?;
    tx.commit().await?;
    let model = compare(ctx, run_id, request).await?;
    let mut tx = ctx.store.begin("finish_run").await?;
    tx.finish_run(run_id, Some(model.verdict), ctx.clock.now()).await?;
    tx.commit().await?;
    Ok(model)
}

/// Carries on what is open at the provider before anything is read from there.
///
/// It is not a step of the job: whatever stops it, the night goes on, and the report lists
/// what is still open.
async fn carry_on_submitting(ctx: &Context) -> Result<Option<PassOutcome>, Error> {
    if ctx.store.open_intents().await?.is_empty() {
        return Ok(None);
    }
    match submit_open(ctx, false).await {
        Ok(outcome) => Ok(Some(outcome)),
        Err(error @ (Error::Api(_) | Error::NoToken)) => {
            let outcome = PassOutcome { stopped: Some(error), ..PassOutcome::default() };
            Ok(Some(outcome))
        }
        Err(error) => Err(error),
    }
}

async fn inbox_step(ctx: &Context, job: &Job, outcome: &mut RunOutcome) -> Result<StepEnd, Error> {
    let kinds = kinds_of(job);
    let (Some(inbox), [kind]) = (&job.inbox, &kinds[..]) else {
        return Ok((StepOutcome::Failed, json!({ "reason": "the job has no inbox" })));
    };
    let intake = take_in(ctx, (&job.name, *kind, outcome.run_id), inbox).await?;
    let tally = json!({
        "taken": intake.taken.len(), "refused": intake.refused.len(), "left": intake.left.len(),
    });
    let state = state(intake.is_complete());
    outcome.intake = Some(intake);
    Ok((state, tally))
}

async fn pull_step<C>(
    ctx: &Context,
    request: &PullRequest,
    progress: &dyn Progress,
    cancel: &(impl Fn() -> C + Sync),
    outcome: &mut RunOutcome,
) -> Result<StepEnd, Error>
where
    C: Future<Output = ()> + Send,
{
    match pull(ctx, request, progress, cancel).await {
        Ok(pulled) => {
            let stopped = pulled.stopped.map(Stopped::as_str);
            let tally = json!({
                "requests": pulled.requests, "retries": pulled.retries, "stopped": stopped,
                "deferred_until": pulled.deferred_until, "missing": pulled.missing.len(),
            });
            let state = state(pulled.is_complete());
            outcome.is_interrupted = pulled.is_interrupted();
            outcome.pull = Some(pulled);
            Ok((state, tally))
        }
        Err(
            error @ (Error::Api(_)
            | Error::Pull(extract::Error::Refused { .. })
            | Error::BudgetSpent { .. }),
        ) => {
            let reason = causes(&error);
            tracing::error!(reason, hint = error.hint(), "the pull failed");
            let tally = json!({ "reason": reason });
            outcome.pull_error = Some(reason);
            outcome.pull_hint = error.hint();
            Ok((StepOutcome::Failed, tally))
        }
        Err(error) => Err(error),
    }
}

async fn reconcile_step(
    ctx: &Context,
    job: &Job,
    period: Period,
    outcome: &mut RunOutcome,
) -> Result<StepEnd, Error> {
    let mut request = ComparisonRequest::of_job(ctx, job, period);
    request.is_unread = !outcome.is_read();
    let model = compare(ctx, outcome.run_id, &request).await?;
    let tally = json!({ "verdict": model.verdict, "findings": model.findings.len() });
    outcome.model = Some(model);
    Ok((StepOutcome::Done, tally))
}

async fn report_step(ctx: &Context, job: &Job, outcome: &RunOutcome) -> Result<StepEnd, Error> {
    let Some(model) = &outcome.model else {
        return Ok((StepOutcome::Failed, json!({ "reason": "nothing was compared" })));
    };
    let queued = publish(ctx, model, &publication(ctx, job)).await?;
    Ok((StepOutcome::Done, json!({ "queued": queued })))
}

async fn deliver_step(ctx: &Context, outcome: &mut RunOutcome) -> Result<StepEnd, Error> {
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

fn pull_request(job: &Job, period: Period, deadline: Deadline) -> PullRequest {
    let resources = match job.kind {
        Kind::Receipts => vec![Resource::Receipts],
        Kind::Invoices => vec![Resource::Invoices],
        Kind::All => vec![Resource::Receipts, Resource::Invoices],
    };
    PullRequest {
        resources,
        companies: job.companies.clone(),
        period,
        looks_back: true,
        sweep: match job.sweep {
            SweepRule::Monthly => Sweep::Monthly,
            SweepRule::Whole => Sweep::Now,
            SweepRule::Never => Sweep::Never,
        },
        deadline: Some(deadline),
        skips_unknown: true,
    }
}

impl ComparisonRequest {
    /// Returns what a job compares; one company that nobody knows never stops the others.
    #[must_use]
    pub fn of_job(ctx: &Context, job: &Job, period: Period) -> Self {
        Self {
            job: job.name.clone(),
            kinds: kinds_of(job),
            companies: job.companies.clone(),
            period,
            materiality: job.materiality.over(&ctx.config.report.materiality),
            is_unread: false,
            skips_unknown: true,
        }
    }
}

fn kinds_of(job: &Job) -> Vec<DocumentKind> {
    match job.kind {
        Kind::Receipts => vec![DocumentKind::Receipt],
        Kind::Invoices => vec![DocumentKind::Invoice],
        Kind::All => vec![DocumentKind::Receipt, DocumentKind::Invoice],
    }
}

fn publication<'a>(ctx: &'a Context, job: &'a Job) -> Publication<'a> {
    Publication {
        formats: &job.formats,
        language: job.language.unwrap_or(ctx.config.report.language),
        folder: job.folder.as_deref().unwrap_or(&ctx.config.report.out_dir),
        recipients: &job.recipients,
        style: job.mail_style,
        nothing_new: job.nothing_new,
    }
}
