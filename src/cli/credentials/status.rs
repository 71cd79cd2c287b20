//! `quadra credentials status`: ages and ends, for people and for scripts.

use std::process::ExitCode;

use chrono::{DateTime, NaiveDate, Utc};
use clap::Args;
use comfy_table::{Table, presets};
use serde_json::{Value, json};

use crate::cli::failure::{FINDINGS, Failure};
use crate::cli::{Global, output};
use crate::credentials::{CompanyUse, Credential, State};
use crate::fiscal::{cents_to_decimal, date_in_rome};
use crate::worker::{self, Watched};

#[derive(Debug, Args)]
pub(super) struct Status {
    /// End with 1 when something ends within `--days`, is over, refused, or of unknown age
    #[arg(long)]
    exit_code: bool,
    /// How many days count as soon, for `--exit-code`
    #[arg(long, value_name = "N", default_value_t = 14, value_parser = clap::value_parser!(u16).range(0..=90))]
    days: u16,
}

impl Status {
    pub(super) async fn run(self, global: &Global) -> Result<ExitCode, Failure> {
        let ctx = global.open().await?;
        let watched = worker::watched(&ctx, false).await?;
        let credit_is_enough = watched.credit_is_enough(&ctx);
        let today = ctx.today();
        ctx.store.close().await;
        if global.json {
            output::json(&as_json(&watched, credit_is_enough, today))?;
        } else {
            print(&watched, credit_is_enough, today)?;
        }
        let is_due = self.is_due(&watched, credit_is_enough, today);
        Ok(if self.exit_code && is_due { ExitCode::from(FINDINGS) } else { ExitCode::SUCCESS })
    }

    fn is_due(&self, watched: &Watched, credit_is_enough: Option<bool>, today: NaiveDate) -> bool {
        let is_soon = |days: Option<i64>| days.is_some_and(|days| days <= i64::from(self.days));
        let token = watched.account.token.and_then(|(_, ends_at)| ends_at);
        watched.credentials.iter().any(|one| match one.state {
            State::Valid | State::Expiring => is_soon(one.days_left),
            State::Expired | State::Refused | State::Behind | State::Unknown => true,
        }) || is_soon(token.map(|ends_at| days_until(ends_at, today)))
            || credit_is_enough == Some(false)
    }
}

fn days_until(ends_at: DateTime<Utc>, today: NaiveDate) -> i64 {
    (date_in_rome(ends_at) - today).num_days()
}

/// Says when something ends, for a line of text.
pub(super) fn ends(expires_on: Option<NaiveDate>, days_left: Option<i64>) -> String {
    match (expires_on, days_left) {
        (Some(day), Some(days)) if days <= 0 => format!("expired on {day}"),
        (Some(day), Some(days)) => {
            format!("expires on {day}, {days} {} left", if days == 1 { "day" } else { "days" })
        }
        _ => "its age is unknown".to_owned(),
    }
}

fn print(
    watched: &Watched,
    credit_is_enough: Option<bool>,
    today: NaiveDate,
) -> Result<(), Failure> {
    if watched.credentials.is_empty() {
        output::line(
            "No company with credentials of the tax portal is known: `quadra pull configurations` asks.",
        )?;
    } else {
        let mut table = Table::new();
        table.load_preset(presets::UTF8_HORIZONTAL_ONLY);
        table.set_header([
            "company",
            "name",
            "tax code",
            "changed on",
            "expires on",
            "days",
            "state",
        ]);
        for (credential, company) in rows(watched) {
            let text = |value: Option<String>| value.unwrap_or_else(|| "?".to_owned());
            table.add_row([
                company.company.to_string(),
                company.name.clone(),
                credential.tax_code.clone(),
                text(credential.changed.map(|(day, source)| format!("{day} ({source})"))),
                text(credential.expires_on.map(|day| day.to_string())),
                text(credential.days_left.map(|days| days.to_string())),
                state(credential, company),
            ]);
        }
        output::line(&table.to_string())?;
    }
    for one in watched.credentials.iter().filter(|one| one.state == State::Unknown) {
        output::line(&format!(
            "Say when it was changed: quadra credentials declare {} --changed-on YYYY-MM-DD",
            one.tax_code
        ))?;
    }
    output::line(&match watched.account.token {
        Some((_, Some(ends_at))) => {
            format!(
                "API token: {}",
                ends(Some(date_in_rome(ends_at)), Some(days_until(ends_at, today)))
            )
        }
        Some((_, None)) => "API token: the service does not say when it ends".to_owned(),
        None => "API token: minted anew by itself, or not asked yet".to_owned(),
    })?;
    output::line(&match (watched.account.credit, credit_is_enough) {
        (Some((_, cents)), Some(false)) => {
            format!("Credit: € {} – below `watch.credit_minimum`", cents_to_decimal(cents))
        }
        (Some((_, cents)), _) => format!("Credit: € {}", cents_to_decimal(cents)),
        (None, _) => "Credit: not known (it needs `api.email` and `api.api_key_file`)".to_owned(),
    })
}

fn state(credential: &Credential, company: &CompanyUse) -> String {
    let state = credential.state_of(&company.company);
    match (state, credential.refused_since) {
        (State::Refused, Some(day)) => format!("{state} since {day}"),
        _ => state.to_string(),
    }
}

fn rows(watched: &Watched) -> impl Iterator<Item = (&Credential, &CompanyUse)> {
    watched.credentials.iter().flat_map(|credential| {
        credential.companies.iter().map(move |company| (credential, company))
    })
}

fn as_json(watched: &Watched, credit_is_enough: Option<bool>, today: NaiveDate) -> Value {
    let credentials: Vec<Value> = rows(watched)
        .map(|(credential, company)| {
            json!({
                "company": company.company, "name": company.name, "tax_code": credential.tax_code,
                "changed_on": credential.changed.map(|(day, _)| day),
                "source": credential.changed.map(|(_, source)| source),
                "stored_at": credential.stored_at, "expires_on": credential.expires_on,
                "days_left": credential.days_left, "refused_since": credential.refused_since,
                "state": credential.state_of(&company.company),
            })
        })
        .collect();
    let token = watched.account.token.map(|(seen_at, ends_at)| {
        json!({
            "seen_at": seen_at, "expires_on": ends_at.map(date_in_rome),
            "days_left": ends_at.map(|ends_at| days_until(ends_at, today)),
        })
    });
    let credit = watched.account.credit.map(|(seen_at, left_cents)| {
        json!({ "seen_at": seen_at, "left_cents": left_cents, "is_enough": credit_is_enough })
    });
    json!({ "credentials": credentials, "token": token, "credit": credit })
}
