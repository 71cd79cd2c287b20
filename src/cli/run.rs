//! `quadra run`: a whole job, from the inbox to the mail.

use std::process::ExitCode;

use clap::Args;

use crate::cli::failure::{FINDINGS, Failure, INTERRUPTED, PARTLY_DONE};
use crate::cli::output::counted;
use crate::cli::select::Days;
use crate::cli::signals::Signals;
use crate::cli::{
    Global, clock, credentials, hand, import, output, progress, pull, reconcile, scheduled,
};
use crate::config::Config;
use crate::config::jobs::{self, Job};
use crate::fiscal::{Language, Period};
use crate::telemetry;
use crate::worker::{self, ComparisonRequest, Context, RunOutcome};

/// Run a job: inbox, pull, reconcile, report, deliver
///
/// A job is a file in the jobs folder; jobs/README.md lists its keys. Running it again is
/// safe at any time: what was done is known, and a report that says the same is not sent
/// twice on one day.
///
/// With `--due` it does what the schedule asks for and nothing else: each due time once,
/// whoever starts it and however often. Missed ones are made good as the job says, and a run
/// that a crash cut off goes on. That is what cron, a timer or a container should call.
#[derive(Debug, Args)]
pub(super) struct Run {
    /// The job's name, such as nightly-invoices
    #[arg(required_unless_present = "is_due")]
    job: Option<String>,
    /// Do what is due by the schedule: of this job, or of every job
    #[arg(long = "due", conflicts_with_all = ["is_dry", "period", "from", "to"])]
    is_due: bool,
    #[command(flatten)]
    days: Days,
    /// Compare what is stored and print it; take in, pull, keep and send nothing
    #[arg(long = "dry-run")]
    is_dry: bool,
    /// End with 1 when findings reach the job's materiality
    #[arg(long)]
    exit_code: bool,
}

impl Run {
    pub(super) async fn run(self, global: &Global, signals: &Signals) -> Result<ExitCode, Failure> {
        let config = global.load()?;
        if self.is_due {
            let name = self.job.as_deref();
            let due = scheduled::run_due(config, name, self.exit_code, global, signals);
            return Box::pin(due).await;
        }
        let chosen = self.days.chosen()?;
        let name = self.job.as_deref().unwrap_or_default();
        let job = jobs::find(&config.jobs.dir, name)?;
        check_recipients(&config, &job)?;
        let ctx = Context::open(config, clock()).await?;
        let (from, to) = job.period.resolve(ctx.today());
        let period = chosen.unwrap_or(Period { from, to });
        let language = job.language.unwrap_or(ctx.config.report.language);
        if self.is_dry {
            let request = ComparisonRequest::of_job(&ctx, &job, period);
            let model = worker::preview(&ctx, &request).await?;
            ctx.store.close().await;
            reconcile::print(global, &model, language)?;
            return Ok(reconcile::exit_code(&model, self.exit_code));
        }
        let outcome = run_job(&ctx, &job, period, global, signals).await?;
        worker::tell_watchers(&ctx, outcome.is_whole()).await;
        ctx.store.close().await;
        print(&outcome, language, global)?;
        Ok(ended(&outcome, self.exit_code, signals))
    }
}

/// A job that is to be mailed needs a mail server, before it begins.
pub(super) fn check_recipients(config: &Config, job: &Job) -> Result<(), Failure> {
    if job.recipients.is_empty() || config.mail.is_some() {
        return Ok(());
    }
    Err(Failure::Usage {
        message: format!("job `{}` has recipients, but no mail server is set", job.name),
        hint: Some("set `mail.host` and `mail.from`, or empty `recipients`".to_owned()),
    })
}

/// Prints what a run found and what it did.
pub(super) fn print(
    outcome: &RunOutcome,
    language: Language,
    global: &Global,
) -> Result<(), Failure> {
    if let Some(model) = &outcome.model {
        reconcile::print(global, model, language)?;
    }
    if global.json { Ok(()) } else { output::line(&summary(outcome)) }
}

/// Returns the exit code of a run, with `--exit-code` or without.
pub(super) fn ended(outcome: &RunOutcome, tells_findings: bool, signals: &Signals) -> ExitCode {
    let is_material = outcome.model.as_ref().is_some_and(crate::report::is_material);
    match exit_code(outcome, signals) {
        0 if tells_findings && is_material => ExitCode::from(FINDINGS),
        code => ExitCode::from(code),
    }
}

/// Runs a job inside its span, with the progress that the user chose.
pub(super) async fn run_job(
    ctx: &Context,
    job: &Job,
    period: Period,
    global: &Global,
    signals: &Signals,
) -> Result<RunOutcome, Failure> {
    use tracing::Instrument as _;
    let progress = progress::choose(global.progress, global.quiet);
    let span = telemetry::run_span(&job.name);
    let running = worker::run(ctx, job, period, progress.as_ref(), || signals.stopped());
    Ok(running.instrument(span).await?)
}

/// Returns what a run did, a line a step.
pub(super) fn summary(outcome: &RunOutcome) -> String {
    let mut lines = vec![format!("run {}:", outcome.run_id)];
    if let Some(passed) = &outcome.submitted {
        lines.push(format!(
            "  submit: {} open at the provider",
            counted(passed.open().count() as u64, "thing", "things")
        ));
        lines.extend(passed.submitted.iter().map(|one| format!("    {}", hand::told(one))));
        lines.extend(passed.stopped.iter().map(|error| format!("    stopped: {error}")));
    }
    if let Some(intake) = &outcome.intake {
        lines.push(format!(
            "  inbox: {} taken, {} refused",
            counted(intake.taken.len() as u64, "file", "files"),
            intake.refused.len()
        ));
        for refused in &intake.refused {
            lines.push(format!("    refused `{}`: {}", refused.file_name, refused.reason));
        }
        for (file, reason) in &intake.left {
            lines.push(format!("    left `{file}`: {reason}"));
        }
    }
    if let Some(intake) = &outcome.imported {
        lines.push(format!("  import: {}", import::summary(intake).replace('\n', "\n    ")));
    }
    lines.extend(outcome.import_error.iter().map(|error| format!("  import: failed – {error}")));
    if let Some(pulled) = &outcome.pull {
        lines.push(format!("  pull: {}", pull::summary(pulled).replace('\n', "\n    ")));
    }
    if let Some(error) = &outcome.pull_error {
        lines.push(format!("  pull: failed – {error}"));
        let hint = outcome.pull_hint.iter().flat_map(|hint| hint.lines());
        lines.extend(hint.map(|line| format!("    hint: {line}")));
    }
    if let Some(watched) = &outcome.watched {
        lines.push(format!("  credentials: {}", credentials::summary(watched)));
    }
    if let Some(model) = &outcome.model {
        lines.push(format!(
            "  reconcile: {} statements, {} findings, verdict {}",
            model.statements.len(),
            model.findings.len(),
            model.verdict
        ));
    }
    if let Some(posted) = &outcome.posted {
        lines.push(format!("  deliver: {} sent", posted.sent));
        lines.extend(posted.files.iter().map(|path| format!("    {}", path.display())));
        lines.extend(posted.problems.iter().map(|problem| format!("    problem: {problem}")));
    }
    if outcome.is_interrupted {
        lines.push("  stopped as asked: run it again, what was done is kept".to_owned());
    }
    lines.join("\n")
}

pub(super) fn exit_code(outcome: &RunOutcome, signals: &Signals) -> u8 {
    if outcome.is_interrupted || signals.is_asked() {
        INTERRUPTED
    } else if outcome.is_whole() {
        0
    } else {
        PARTLY_DONE
    }
}
