//! Doing what is due: the part that `run --due` and `serve` share.

use std::process::ExitCode;

use tracing::Instrument as _;

use crate::cli::failure::{Failure, PARTLY_DONE, print_error};
use crate::cli::signals::Signals;
use crate::cli::{Global, clock, output, progress, run};
use crate::config::Config;
use crate::config::jobs::{self, Job};
use crate::telemetry;
use crate::worker::{self, Context, RunOutcome};

/// Does every due time of a job, or of all jobs, and ends.
pub(super) async fn run_due(
    config: Config,
    name: Option<&str>,
    tells_findings: bool,
    global: &Global,
    signals: &Signals,
) -> Result<ExitCode, Failure> {
    let jobs = match name {
        Some(name) => vec![jobs::find(&config.jobs.dir, name)?],
        None => jobs::load_all(&config.jobs.dir)?,
    };
    for job in &jobs {
        run::check_recipients(&config, job)?;
    }
    if jobs.iter().all(|job| job.schedule.is_none()) {
        return Err(Failure::Usage {
            message: "no job has a schedule".to_owned(),
            hint: Some("give one: `[schedule]` and `cron = \"30 5 * * *\"`".to_owned()),
        });
    }
    let ctx = Context::open(config, clock()).await?;
    let shown = Shown::Report;
    let done = Box::pin(do_what_is_due(&ctx, &jobs, tells_findings, shown, global, signals)).await;
    ctx.store.close().await;
    match done? {
        None => {
            if !global.json {
                output::line("Nothing is due.")?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Some(code) => Ok(code),
    }
}

/// Says how much of a run is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// The report, then what was done.
    Report,
    /// What was done.
    Summary,
}

fn show(
    ctx: &Context,
    job: &Job,
    outcome: &RunOutcome,
    shown: Shown,
    global: &Global,
) -> Result<(), Failure> {
    let language = job.language.unwrap_or(ctx.config.report.language);
    match shown {
        Shown::Report => run::print(outcome, language, global),
        Shown::Summary if global.json => Ok(()),
        Shown::Summary => output::line(&run::summary(outcome)),
    }
}

/// Does the due times of the jobs, in order, until there is none or somebody says stop.
///
/// A run that fails does not stop the others. Returns the gravest exit code, or nothing when
/// nothing was due.
pub(super) async fn do_what_is_due(
    ctx: &Context,
    jobs: &[Job],
    tells_findings: bool,
    shown: Shown,
    global: &Global,
    signals: &Signals,
) -> Result<Option<ExitCode>, Failure> {
    let owner = worker::process_name();
    let mut codes = Vec::new();
    for job in jobs {
        while let Some(claim) = worker::claim_next(ctx, job, &owner).await? {
            let progress = progress::choose(global.progress, global.quiet);
            let span = telemetry::run_span(&job.name);
            let stop = || signals.stopped();
            let running = worker::run_claimed(ctx, job, &claim, progress.as_ref(), stop);
            match running.instrument(span).await {
                Ok(outcome) => {
                    show(ctx, job, &outcome, shown, global)?;
                    codes.push(run::ended(&outcome, tells_findings, signals));
                }
                Err(error) => {
                    print_error(&error, error.hint().as_deref());
                    codes.push(ExitCode::from(PARTLY_DONE));
                }
            }
            if signals.is_asked() {
                return Ok(codes.pop());
            }
        }
    }
    let is_clean = |code: &ExitCode| *code == ExitCode::SUCCESS;
    let gravest = codes.iter().position(|code| !is_clean(code)).unwrap_or(0);
    Ok(codes.into_iter().nth(gravest))
}
