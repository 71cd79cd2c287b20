//! `quadra jobs`: what runs by itself, when, and what became of it.

use std::process::ExitCode;

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use comfy_table::{Table, presets};
use serde_json::{Value, json};

use crate::cli::failure::Failure;
use crate::cli::{Global, clock, output};
use crate::config::jobs::{self as job_files, Job};
use crate::schedule::Schedule;
use crate::store::{PastDue, PastRun, PastStep};
use crate::worker::Context;

/// Show the jobs, their next due times, and what became of past runs
#[derive(Debug, Args)]
pub(super) struct Jobs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List every job with its schedule and its next due time
    List,
    /// Show the next due times of every job, or of one
    ///
    /// Times are shown in the job's zone. A time that the clock skips in spring is due just
    /// after the gap; one that it shows twice in autumn is due once.
    Next {
        /// The job's name; without it, every job that has a schedule
        job: Option<String>,
        /// How many due times of each job
        #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=1000))]
        count: u16,
        /// Count from this instant instead of now, such as 2026-10-24T00:00:00Z
        #[arg(long, value_name = "INSTANT", value_parser = instant)]
        after: Option<DateTime<Utc>>,
    },
    /// List past runs, newest first, with each step and why it ended as it did
    History {
        /// The job's name; without it, the runs of every job and those by hand
        job: Option<String>,
        /// How many runs
        #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        count: u32,
    },
}

impl Jobs {
    pub(super) async fn run(self, global: &Global) -> Result<ExitCode, Failure> {
        match self.what {
            What::List => list(global)?,
            What::Next { job, count, after } => {
                next(global, job.as_deref(), count, after.unwrap_or_else(|| clock().now()))?;
            }
            What::History { job, count } => history(global, job.as_deref(), count).await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn list(global: &Global) -> Result<(), Failure> {
    let jobs = job_files::load_all(&global.load()?.jobs.dir)?;
    let now = clock().now();
    if global.json {
        return output::json(
            &json!({ "jobs": jobs.iter().map(|job| described(job, now)).collect::<Vec<_>>() }),
        );
    }
    let mut table = table(&["job", "kind", "schedule", "next", "what it does"]);
    for job in &jobs {
        let schedule = job.schedule.as_ref();
        table.add_row([
            job.name.clone(),
            kind(job).to_owned(),
            schedule.map_or("by hand".to_owned(), |schedule| schedule.crontab.to_string()),
            schedule.and_then(|schedule| due(schedule, now).next()).unwrap_or_default(),
            job.description.clone(),
        ]);
    }
    output::line(&table.to_string())
}

fn next(
    global: &Global,
    name: Option<&str>,
    count: u16,
    after: DateTime<Utc>,
) -> Result<(), Failure> {
    let folder = global.load()?.jobs.dir;
    let jobs = match name {
        Some(name) => vec![job_files::find(&folder, name)?],
        None => job_files::load_all(&folder)?,
    };
    if let [Job { name, schedule: None, .. }] = jobs.as_slice() {
        return Err(Failure::Usage {
            message: format!("job `{name}` has no schedule: it runs only by `quadra run {name}`"),
            hint: Some("give it one: `[schedule]` and `cron = \"30 5 * * *\"`".to_owned()),
        });
    }
    let scheduled = jobs.iter().filter_map(|job| Some((job, job.schedule.as_ref()?)));
    let count = usize::from(count);
    if global.json {
        let jobs: Vec<Value> = scheduled
            .map(|(job, schedule)| {
                let times: Vec<_> = schedule.due_after(after).take(count).collect();
                json!({ "job": job.name, "time_zone": schedule.time_zone.name(), "due": times })
            })
            .collect();
        return output::json(&json!({ "jobs": jobs }));
    }
    for (job, schedule) in scheduled {
        let crontab = &schedule.crontab;
        output::line(&format!(
            "{}: `{crontab}` ({}), {}",
            job.name,
            schedule.time_zone,
            crontab.description()
        ))?;
        for time in due(schedule, after).take(count) {
            output::line(&format!("  {time}"))?;
        }
    }
    Ok(())
}

async fn history(global: &Global, name: Option<&str>, count: u32) -> Result<(), Failure> {
    let ctx = global.open().await?;
    if let Some(name) = name {
        is_known(&ctx, name).await?;
    }
    let runs = ctx.store.past_runs(name, count).await?;
    let due = ctx.store.past_due(name, count).await?;
    ctx.store.close().await;
    if global.json {
        let due: Vec<Value> = due.iter().map(due_json).collect();
        let runs: Vec<Value> = runs.iter().map(run_json).collect();
        return output::json(&json!({ "runs": runs, "due": due }));
    }
    if runs.is_empty() && due.is_empty() {
        return output::line("No run is on record yet.");
    }
    print_runs(&runs)?;
    for one in &due {
        let PastDue { due, state, reason, .. } = one;
        output::line(&format!("{} was due {}: {state}, {reason}", due.job, shown(due.due_at)))?;
    }
    Ok(())
}

/// A name that is neither a job's nor a past run's is a slip of the fingers.
async fn is_known(ctx: &Context, name: &str) -> Result<(), Failure> {
    match job_files::find(&ctx.config.jobs.dir, name) {
        Ok(_) => Ok(()),
        // Runs by hand and of jobs that were removed are on record too.
        Err(_) if !ctx.store.past_runs(Some(name), 1).await?.is_empty() => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn print_runs(runs: &[PastRun]) -> Result<(), Failure> {
    for past in runs {
        let run = &past.run;
        let end = match (run.finished_at, run.verdict) {
            (None, _) => "never ended".to_owned(),
            (Some(_), None) => "ended without a verdict".to_owned(),
            (Some(_), Some(verdict)) => verdict.as_str().to_uppercase(),
        };
        output::line(&format!(
            "run {}: {} for {}..{}, began {}, {end}",
            run.id,
            run.job,
            run.period.from,
            run.period.to,
            shown(run.started_at)
        ))?;
        for step in &past.steps {
            let seconds = (step.finished_at - step.started_at).num_milliseconds() / 100;
            let reason = step.tally.get("reason").or_else(|| step.tally.get("stopped"));
            let reason = reason.and_then(Value::as_str).map(|why| format!(": {why}"));
            output::line(&format!(
                "  {:<10} {:<8} {:>4}.{} s{}",
                step.name,
                step.outcome.as_str(),
                seconds / 10,
                seconds % 10,
                reason.unwrap_or_default()
            ))?;
        }
    }
    Ok(())
}

fn described(job: &Job, now: DateTime<Utc>) -> Value {
    let schedule = job.schedule.as_ref();
    json!({
        "job": job.name,
        "kind": kind(job),
        "description": job.description,
        "cron": schedule.map(|schedule| schedule.crontab.to_string()),
        "time_zone": schedule.map(|schedule| schedule.time_zone.name()),
        "catch_up": schedule.map(|_| job.catch_up.to_string()),
        "next": schedule.and_then(|schedule| schedule.due_after(now).next()),
    })
}

fn run_json(past: &PastRun) -> Value {
    let step_json = |step: &PastStep| {
        json!({
            "step": step.name, "outcome": step.outcome.as_str(), "tally": step.tally,
            "started_at": step.started_at, "finished_at": step.finished_at,
        })
    };
    json!({
        "run": past.run.id, "job": past.run.job,
        "from": past.run.period.from, "to": past.run.period.to,
        "started_at": past.run.started_at, "finished_at": past.run.finished_at,
        "verdict": past.run.verdict,
        "steps": past.steps.iter().map(step_json).collect::<Vec<_>>(),
    })
}

fn due_json(one: &PastDue) -> Value {
    json!({
        "job": one.due.job, "due_at": one.due.due_at, "state": one.state,
        "reason": one.reason, "run": one.run_id,
    })
}

fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    text.parse().map_err(|_| "write it like 2026-10-24T00:00:00Z".to_owned())
}

fn kind(job: &Job) -> &'static str {
    match job.kind {
        job_files::Kind::Receipts => "receipts",
        job_files::Kind::Invoices => "invoices",
        job_files::Kind::All => "all",
    }
}

/// The due times as the clock on the wall shows them, with their distance from UTC.
fn due(schedule: &Schedule, after: DateTime<Utc>) -> impl Iterator<Item = String> {
    schedule.due_after(after).map(|due| {
        due.with_timezone(&schedule.time_zone).format("%a %Y-%m-%d %H:%M %Z").to_string()
    })
}

fn shown(instant: DateTime<Utc>) -> String {
    instant.with_timezone(&chrono_tz::Europe::Rome).format("%Y-%m-%d %H:%M:%S %Z").to_string()
}

fn table(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_HORIZONTAL_ONLY).set_header(headings.to_vec());
    table
}
