//! `quadra credentials`: the tax portal's credentials, which live 90 days.

mod rotate;
mod status;

use std::process::ExitCode;

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use serde_json::json;

use crate::cli::companies::tax_id;
use crate::cli::failure::Failure;
use crate::cli::output::counted;
use crate::cli::{Global, output};
use crate::fiscal::TaxId;
use crate::worker::{self, Context, WatchOutcome};
use rotate::Rotate;
use status::Status;

/// Watch the credentials of the tax portal, which live 90 days, and store new ones
#[derive(Debug, Args)]
pub(super) struct Credentials {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Show how old each company's credentials are, when they end, and what else runs out
    ///
    /// By what the store knows: the last pull's companies, the days declared or rotated,
    /// callbacks, failed receipts. Nobody is asked; the step `credentials` of a job asks.
    Status(Status),
    /// Write down on which day a password was changed that the provider has already
    ///
    /// The provider tells no age, so without a rotation by Quadra somebody must say it once.
    Declare(Declare),
    /// Store a changed password and PIN for every company that uses them
    ///
    /// One person's credentials may serve many companies: all whose credentials at the
    /// provider have this tax code get them, each by itself. Password and PIN are asked for
    /// without echo, or read from a file of mode 0600; they are sent and kept nowhere. The day
    /// of the change is kept.
    Rotate(Rotate),
}

#[derive(Debug, Args)]
struct Declare {
    /// The CodiceFiscale with which the tax portal knows the person
    tax_code: String,
    /// The day on which the password was changed at the tax portal
    #[arg(long, value_name = "D", value_parser = crate::cli::select::day)]
    changed_on: NaiveDate,
    /// Only this company; repeatable
    #[arg(long, value_name = "ID")]
    company: Vec<String>,
}

impl Credentials {
    pub(super) async fn run(self, global: &Global) -> Result<ExitCode, Failure> {
        match self.what {
            What::Status(status) => status.run(global).await,
            What::Declare(declare) => self::declare(global, declare).await,
            What::Rotate(rotate) => rotate::rotate(global, rotate).await,
        }
    }
}

async fn declare(global: &Global, declare: Declare) -> Result<ExitCode, Failure> {
    let tax_code = declare.tax_code.trim().to_uppercase();
    let ids: Vec<TaxId> = declare.company.iter().map(|id| tax_id(id)).collect::<Result<_, _>>()?;
    let ctx = global.open().await?;
    let changed_on = past(&ctx, declare.changed_on)?;
    let known = worker::watched(&ctx, false).await?.credentials;
    let person = known.iter().find(|one| one.tax_code == tax_code);
    let stranger = |id: &&TaxId| {
        !person.is_some_and(|person| person.companies.iter().any(|one| one.company == **id))
    };
    let strange = ids.iter().find(stranger);
    if person.is_none() || strange.is_some() {
        let codes: Vec<&str> = known.iter().map(|one| one.tax_code.as_str()).collect();
        let message = match strange.filter(|_| person.is_some()) {
            Some(id) => format!("company `{id}` does not use the credentials of `{tax_code}`"),
            None => format!("no company uses the credentials of `{tax_code}`"),
        };
        let hint = if codes.is_empty() {
            "run `quadra pull configurations` first: no company with credentials is known yet"
                .to_owned()
        } else {
            format!("known are {}", codes.join(", "))
        };
        return Err(Failure::Usage { message, hint: Some(hint) });
    }
    let told = worker::declare(&ctx, &tax_code, &ids, changed_on).await?;
    let now = worker::watched(&ctx, false).await?;
    ctx.store.close().await;
    let person = now.credentials.iter().find(|one| one.tax_code == tax_code);
    let (expires_on, days_left) =
        person.map_or((None, None), |person| (person.expires_on, person.days_left));
    if global.json {
        let companies: Vec<&TaxId> = told.iter().map(|one| &one.company).collect();
        output::json(&json!({
            "tax_code": tax_code, "changed_on": changed_on, "companies": companies,
            "expires_on": expires_on, "days_left": days_left,
        }))?;
    } else {
        output::line(&format!(
            "{tax_code}: changed on {changed_on}, for {}; {}",
            counted(told.len() as u64, "company", "companies"),
            status::ends(expires_on, days_left)
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns what the watch of a run saw, for the run's summary.
pub(super) fn summary(watched: &WatchOutcome) -> String {
    let people =
        counted(watched.credentials as u64, "person's credentials", "people's credentials");
    let new = watched.alerts.iter().filter(|alert| alert.is_new).count() as u64;
    let standing = watched.alerts.len() as u64;
    let mut lines = vec![format!("{people} watched, {standing} to say, {new} of it new")];
    for alert in watched.alerts.iter().filter(|alert| alert.is_new) {
        lines.push(format!("    {}: {}", alert.name(), alert.level));
    }
    lines.extend(watched.problem.iter().map(|why| format!("    not asked: {why}")));
    lines.join("\n")
}

/// Returns the day of a change, which must be over.
pub(super) fn past(ctx: &Context, changed_on: NaiveDate) -> Result<NaiveDate, Failure> {
    if changed_on <= ctx.today() {
        return Ok(changed_on);
    }
    Err(Failure::Usage {
        message: format!("`--changed-on {changed_on}` lies in the future"),
        hint: Some("give the day on which the password was changed, such as 2026-02-28".to_owned()),
    })
}
