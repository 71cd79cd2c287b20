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
use crate::extract::{PullTally, WindowTally};
use crate::worker::{self, Forecast, PullOutcome, PullRequest, RefreshTally, Stopped, Sweep};

/// How many missing documents are named.
const MISSING_SHOWN_MAX: usize = 20;

/// Pull receipts, invoices and configurations from the provider
///
/// Reads windows of days, page by page, and stores what is new or changed. A second pull of
/// the same days asks one request a window when nothing changed. Without days it reads the
/// month to date and what may still arrive late: ten days of receipts, sixty of invoices.
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
    /// Which windows are read whole, though their count is the same [default: monthly without
    /// days, never with them]
    #[arg(long, value_enum, value_name = "WHEN")]
    sweep: Option<SweepChoice>,
    /// Say how many requests it would take, and ask for nothing
    #[arg(long = "dry-run")]
    is_dry: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SweepChoice {
    /// None
    Never,
    /// Those not read whole for a month, back to eleven months
    Monthly,
    /// All of the days asked for
    Now,
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
            looks_back: period.is_none(),
            sweep: match self.sweep {
                Some(SweepChoice::Now) => Sweep::Now,
                Some(SweepChoice::Monthly) => Sweep::Monthly,
                None if period.is_none() => Sweep::Monthly,
                Some(SweepChoice::Never) | None => Sweep::Never,
            },
            period: period.unwrap_or_else(|| month_to_date(ctx.today())),
            deadline: None,
            skips_unknown: false,
        };
        if self.is_dry {
            let forecast = worker::forecast(&ctx, &request).await;
            ctx.store.close().await;
            return print_forecast(&forecast?, global);
        }
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

fn print_forecast(forecast: &Forecast, global: &Global) -> Result<ExitCode, Failure> {
    let kinds = forecast.resources.iter();
    if global.json {
        let kinds: Vec<_> = kinds
            .map(|one| {
                json!({
                    "kind": one.resource.as_str(), "requests": one.requests(),
                    "probes": one.probes, "whole_windows": one.whole, "pages": one.pages,
                    "status_lists": one.status_lists, "named_documents": one.named,
                })
            })
            .collect();
        output::json(&json!({
            "requests": forecast.requests, "is_guess": forecast.is_guess, "kinds": kinds,
            "companies": forecast.companies, "left_today": forecast.left_today,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    let about = if forecast.is_guess { "about " } else { "" };
    let total = counted(forecast.requests, "request", "requests");
    let mut lines = vec![
        format!("this would take {about}{total} if nothing changed since the last pull:"),
        "  configurations: 1".to_owned(),
    ];
    for one in kinds {
        let mut parts = vec![counted(one.probes, "count probe", "count probes")];
        if one.whole > 0 {
            let windows = counted(one.whole, "window", "windows");
            let pages = counted(one.pages, "page", "pages");
            parts.push(format!("{windows} read whole ({about}{pages})"));
        }
        parts.push(counted(one.status_lists, "list of open documents", "lists of open documents"));
        if one.named > 0 {
            parts.push(counted(one.named, "document by its id", "documents by their ids"));
        }
        let (kind, requests) = (one.resource.as_str(), one.requests());
        lines.push(format!("  {kind}: {requests} ({})", parts.join(", ")));
    }
    if forecast.companies == 0 {
        lines.push("  no company is known yet: pull the configurations to know more".to_owned());
    }
    lines.push(format!("{} are left today", counted(forecast.left_today, "request", "requests")));
    output::line(&lines.join("\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// Returns the documented object of a pull.
pub(super) fn as_json(pulled: &PullOutcome) -> serde_json::Value {
    let sum = |of: fn(&PullTally) -> u64, also: fn(&RefreshTally) -> u64| -> u64 {
        let read: u64 = pulled.tallies.iter().map(|(_, tally)| of(tally)).sum();
        read + pulled.refreshed.iter().map(|(_, tally)| also(tally)).sum::<u64>()
    };
    let missing: Vec<_> = pulled
        .missing
        .iter()
        .map(|one| json!({ "kind": one.kind, "id": one.source_id, "since": one.since }))
        .collect();
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
        "documents_seen": sum(|tally| tally.documents_seen, RefreshTally::documents_seen),
        "documents_new": sum(|tally| tally.documents_new, |tally| tally.documents_new),
        "documents_changed": sum(|tally| tally.documents_changed, |tally| tally.documents_changed),
        "put_aside": sum(|tally| tally.put_aside, |tally| tally.put_aside),
        "companies_put_aside": pulled.companies_put_aside,
        "stopped": pulled.stopped.map(Stopped::as_str),
        "deferred_until": pulled.deferred_until,
        "missing": missing,
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
        let none = RefreshTally::default();
        let also = pulled.refreshed.iter().find(|(of, _)| of == resource);
        let also = also.map_or(&none, |(_, tally)| tally);
        lines.push(format!(
            "{}: {} new, {} changed, {} known",
            resource.as_str(),
            tally.documents_new + also.documents_new,
            tally.documents_changed + also.documents_changed,
            tally.documents_known + also.documents_known
        ));
        if also.failed > 0 {
            let failed = counted(also.failed, "document", "documents");
            lines.push(format!("{}: {failed} left for the next pull", resource.as_str()));
        }
    }
    for missing in pulled.missing.iter().take(MISSING_SHOWN_MAX) {
        lines.push(format!(
            "missing: {} {} was kept, and the provider shows it no more since {}",
            missing.kind,
            missing.source_id,
            crate::fiscal::date_in_rome(missing.since)
        ));
    }
    if let Some(more) = pulled.missing.len().checked_sub(MISSING_SHOWN_MAX).filter(|n| *n > 0) {
        lines.push(format!("missing: {more} more"));
    }
    for window in windows(pulled).filter(|window| window.state.as_str() != "settled") {
        let why = match (&window.error, pulled.stopped) {
            (Some(error), _) => error.to_string(),
            (None, Some(_)) => "not read to its end".to_owned(),
            (None, None) if pulled.deferred_until.is_some() => "not read to its end".to_owned(),
            (None, None) => "the list kept moving while it was read".to_owned(),
        };
        lines.push(format!("{}: {} – {why}", window.window, window.state.as_str()));
    }
    if pulled.companies_put_aside > 0 {
        let aside = counted(pulled.companies_put_aside as u64, "company", "companies");
        lines.push(format!("{aside} could not be read"));
    }
    lines.extend(pulled.stopped.map(|stopped| stopped.to_string()));
    if let Some(until) = pulled.deferred_until {
        let until = until.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        lines.push(format!("the server asked for a pause: deferred until {until}"));
    }
    if !pulled.is_complete() {
        lines.push("not complete: run the same command again, what was read is kept".to_owned());
    }
    lines.join("\n")
}

fn windows(pulled: &PullOutcome) -> impl Iterator<Item = &WindowTally> {
    pulled.tallies.iter().flat_map(|(_, tally)| &tally.windows)
}
