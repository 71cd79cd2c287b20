//! `quadra pull`: documents from the provider into the store.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde_json::json;

use crate::api::Resource;
use crate::cli::failure::{Failure, INTERRUPTED, PARTLY_DONE};
use crate::cli::output::counted;
use crate::cli::select::{Days, month_to_date};
use crate::cli::signals::Signals;
use crate::cli::{Global, output, progress};
use crate::extract::WindowTally;
use crate::worker::{self, PullOutcome, PullRequest, Stopped};

/// Pull receipts, invoices and configurations from the provider
///
/// Reads closed windows of days, page by page, and stores what is new or changed. A second
/// pull of the same days asks one request a window when nothing changed.
#[derive(Debug, Args)]
pub(super) struct Pull {
    /// What to pull
    #[arg(value_enum)]
    what: What,
    #[command(flatten)]
    days: Days,
    /// Only this company, by tax id; repeatable
    #[arg(long, value_name = "ID")]
    company: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    Receipts,
    Invoices,
    Configurations,
    All,
}

impl Pull {
    pub(super) async fn run(self, global: &Global, signals: &Signals) -> Result<ExitCode, Failure> {
        let period = self.days.chosen()?;
        let ctx = global.open().await?;
        let request = PullRequest {
            resources: match self.what {
                What::Receipts => vec![Resource::Receipts],
                What::Invoices => vec![Resource::Invoices],
                What::Configurations => Vec::new(),
                What::All => vec![Resource::Receipts, Resource::Invoices],
            },
            companies: self.company,
            period: period.unwrap_or_else(|| month_to_date(ctx.today())),
            deadline: None,
            skips_unknown: false,
        };
        let progress = progress::choose(global.progress, global.quiet);
        let pulled = worker::pull(&ctx, &request, progress.as_ref(), || signals.stopped()).await;
        drop(progress);
        ctx.store.close().await;
        let pulled = pulled?;
        if global.json {
            output::json(&as_json(&pulled))?;
        } else {
            output::line(&summary(&pulled))?;
        }
        Ok(ExitCode::from(if pulled.is_interrupted() {
            INTERRUPTED
        } else if pulled.is_complete() {
            0
        } else {
            PARTLY_DONE
        }))
    }
}

/// Returns the documented object of a pull.
pub(super) fn as_json(pulled: &PullOutcome) -> serde_json::Value {
    let sum = |of: fn(&crate::extract::PullTally) -> u64| -> u64 {
        pulled.tallies.iter().map(|(_, tally)| of(tally)).sum()
    };
    let windows: Vec<_> = windows(pulled)
        .map(|window| {
            json!({
                "kind": window.window.resource.as_str(),
                "from": window.window.from, "to": window.window.to,
                "state": window.state.as_str(), "unchanged": window.unchanged,
                "rows": window.rows,
            })
        })
        .collect();
    json!({
        "requests": pulled.requests, "retries": pulled.retries,
        "companies": pulled.companies,
        "documents_seen": sum(|tally| tally.documents_seen),
        "documents_new": sum(|tally| tally.documents_new),
        "documents_changed": sum(|tally| tally.documents_changed),
        "put_aside": sum(|tally| tally.put_aside),
        "companies_put_aside": pulled.companies_put_aside,
        "stopped": pulled.stopped.map(Stopped::as_str),
        "windows": windows,
    })
}

/// Returns what a pull did, for people.
pub(super) fn summary(pulled: &PullOutcome) -> String {
    let mut lines = vec![format!(
        "{}, {} ({})",
        counted(pulled.companies as u64, "company", "companies"),
        counted(pulled.requests, "request", "requests"),
        counted(pulled.retries, "retry", "retries")
    )];
    for (resource, tally) in &pulled.tallies {
        lines.push(format!(
            "{}: {} new, {} changed, {} known",
            resource.as_str(),
            tally.documents_new,
            tally.documents_changed,
            tally.documents_known
        ));
    }
    for window in windows(pulled).filter(|window| window.state.as_str() != "settled") {
        let why = match (&window.error, pulled.stopped) {
            (Some(error), _) => error.to_string(),
            (None, Some(_)) => "not read to its end".to_owned(),
            (None, None) => "the list kept moving while it was read".to_owned(),
        };
        lines.push(format!("{}: {} – {why}", window.window, window.state.as_str()));
    }
    if pulled.companies_put_aside > 0 {
        let aside = counted(pulled.companies_put_aside as u64, "company", "companies");
        lines.push(format!("{aside} could not be read"));
    }
    lines.extend(pulled.stopped.map(|stopped| stopped.to_string()));
    if !pulled.is_complete() {
        lines.push("not complete: run the same command again, what was read is kept".to_owned());
    }
    lines.join("\n")
}

fn windows(pulled: &PullOutcome) -> impl Iterator<Item = &WindowTally> {
    pulled.tallies.iter().flat_map(|(_, tally)| &tally.windows)
}
