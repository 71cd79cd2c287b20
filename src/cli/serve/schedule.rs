//! The schedule, kept all day: what `run --due` does, every minute.

use std::time::Duration;

use tokio::time::sleep;

use crate::cli::failure::Failure;
use crate::cli::scheduled::{Shown, do_what_is_due};
use crate::cli::signals::Signals;
use crate::cli::{Global, run};
use crate::config::jobs::{self, Job};
use crate::worker::Context;

/// How often it is looked what is due: cron's own grain.
const EVERY: Duration = Duration::from_mins(1);

/// Does what is due until it is asked to stop; a run in hand ends with its step.
///
/// Job files are read anew each time, so that a changed one holds from the next minute on. What
/// goes wrong is logged: the next minute tries again, and the rows of the due times remember.
pub(super) async fn keep(ctx: &Context, global: &Global, signals: &Signals) {
    let mut last_problem = String::new();
    while !signals.is_asked() {
        match known(ctx) {
            Ok(jobs) => {
                last_problem.clear();
                let done =
                    Box::pin(do_what_is_due(ctx, &jobs, false, Shown::Summary, global, signals));
                if let Err(failure) = done.await {
                    tracing::error!(
                        error = crate::worker::causes(&failure),
                        "the schedule stumbled"
                    );
                }
            }
            // Once is enough: the file stays wrong until somebody mends it.
            Err(failure) => {
                let problem = crate::worker::causes(&failure);
                if problem != last_problem {
                    tracing::error!(problem, "the jobs cannot be read: nothing is started");
                    last_problem = problem;
                }
            }
        }
        tokio::select! {
            () = signals.stopped() => {}
            () = sleep(ctx.clock.wait(EVERY)) => {}
        }
    }
}

/// Returns the jobs that have a schedule; none where there is no folder of jobs.
pub(super) fn known(ctx: &Context) -> Result<Vec<Job>, Failure> {
    let folder = &ctx.config.jobs.dir;
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut jobs = jobs::load_all(folder)?;
    jobs.retain(|job| job.schedule.is_some());
    for job in &jobs {
        run::check_recipients(&ctx.config, job)?;
    }
    Ok(jobs)
}
