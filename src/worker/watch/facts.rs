//! Gathers what the store knows of credentials, token and credit, and lets it be judged.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Europe::Rome;

use crate::api::wire::{Configuration, Receipt, tells_of_renewal};
use crate::credentials::{
    Alert, CompanyUse, Credential, Declared, Evidence, LIFE_DAYS, Signal, Source, is_about_login,
    watch,
};
use crate::fiscal::{TaxId, date_in_rome};
use crate::store::AccountFacts;
use crate::worker::{Context, Error};

/// Holds everything that is watched, as of now.
#[derive(Debug, Clone, Default)]
pub struct Watched {
    /// Each person's credentials, by tax code.
    pub credentials: Vec<Credential>,
    /// What the token service last said.
    pub account: AccountFacts,
    /// What there is to say, gravest first.
    pub alerts: Vec<Alert>,
}

impl Watched {
    /// Tells whether the account has the credit that the settings want; none when unknown.
    #[must_use]
    pub fn credit_is_enough(&self, ctx: &Context) -> Option<bool> {
        let (_, left_cents) = self.account.credit?;
        Some(left_cents >= ctx.config.watch.credit_minimum_cents)
    }
}

/// Returns what is watched by what the store knows; nobody is asked.
///
/// An alert is new until it was said; without `strictly` also for the rest of that day, so
/// that the reports of a night agree with its mail.
pub async fn watched(ctx: &Context, strictly: bool) -> Result<Watched, Error> {
    let today = ctx.today();
    // What a clock that was ahead said too early is to be said again.
    let before = ctx.clock.now() + TimeDelta::days(1);
    let before = (!strictly).then(|| begin_of(today)).flatten().unwrap_or(before);
    let given = ctx.store.warnings_given(before).await?;
    let account = ctx.store.account_facts().await?;
    let uses = uses(ctx).await?;
    let declared = ctx.store.credentials().await?;
    let credentials = watch(&uses, &declared, &evidence(ctx, today).await?, today);
    let mut alerts: Vec<Alert> = credentials
        .iter()
        .filter_map(|credential| Alert::of_credential(credential.clone(), &given))
        .collect();
    if let Some((_, Some(ends_at))) = account.token {
        alerts.extend(Alert::of_token(date_in_rome(ends_at), today, &given));
    }
    if let Some((_, left_cents)) = account.credit {
        let minimum_cents = ctx.config.watch.credit_minimum_cents;
        alerts.extend(Alert::of_credit(left_cents, minimum_cents, &given));
    }
    // What is over comes first, then what ends soonest; the order of the words otherwise.
    alerts.sort_by_key(|alert| (!alert.level.is_grave(), std::cmp::Reverse(alert.level)));
    Ok(Watched { credentials, account, alerts })
}

/// Writes down on which day a password was changed that the provider has already.
///
/// For all companies that use the person's credentials, or those named. Returns them.
pub async fn declare(
    ctx: &Context,
    tax_code: &str,
    wanted: &[TaxId],
    changed_on: NaiveDate,
) -> Result<Vec<CompanyUse>, Error> {
    let mut chosen = uses(ctx).await?;
    chosen.retain(|one| {
        one.tax_code.eq_ignore_ascii_case(tax_code)
            && (wanted.is_empty() || wanted.contains(&one.company))
    });
    let recorded_at = ctx.clock.now();
    let mut tx = ctx.store.begin("declare_credentials").await?;
    for one in &chosen {
        tx.record_credentials(&Declared {
            company: one.company.clone(),
            tax_code: one.tax_code.clone(),
            changed_on,
            recorded_at,
            source: Source::Declared,
        })
        .await?;
    }
    tx.commit().await?;
    Ok(chosen)
}

/// Returns which company uses whose credentials, as the provider last said.
///
/// A company that its last list does not name was removed: nobody has to renew anything for it.
async fn uses(ctx: &Context) -> Result<Vec<CompanyUse>, Error> {
    let listed = ctx.store.listed_companies().await?;
    let bodies = ctx.store.configuration_bodies().await?;
    let read = |body: &String| {
        let configuration = Configuration::parse(body).ok()?;
        Some(CompanyUse {
            company: TaxId::parse(&configuration.fiscal_id).filter(|id| listed.contains(id))?,
            name: configuration.name.clone().unwrap_or_default(),
            tax_code: configuration.credentials_tax_code()?.trim().to_uppercase(),
        })
    };
    Ok(bodies.iter().filter_map(read).collect())
}

/// Returns what callbacks and receipts tell of credentials.
async fn evidence(ctx: &Context, today: NaiveDate) -> Result<Vec<Evidence>, Error> {
    let mut evidence = Vec::new();
    for callback in ctx.store.credential_callbacks().await? {
        let Some(company) = TaxId::parse(&callback.company) else { continue };
        let is_renewal = tells_of_renewal(&callback.body);
        let signal = if is_renewal { Signal::Renewed } else { Signal::Refused };
        evidence.push(Evidence { company, at: callback.received_at, signal });
    }
    // What failed a whole life ago says nothing about today's password.
    let since = today - Days::new(LIFE_DAYS.cast_unsigned());
    for troubled in ctx.store.troubled_receipts(since).await? {
        let Ok(receipt) = Receipt::parse(&troubled.body) else { continue };
        if is_about_login(receipt.error_code.as_deref(), receipt.error_message.as_deref()) {
            let (company, at) = (troubled.company, troubled.created_at);
            evidence.push(Evidence { company, at, signal: Signal::Refused });
        }
    }
    let refused: BTreeSet<TaxId> = evidence
        .iter()
        .filter(|one| one.signal == Signal::Refused)
        .map(|one| one.company.clone())
        .collect();
    for company in refused {
        if let Some(at) = ctx.store.last_issued_receipt(&company).await? {
            evidence.push(Evidence { company, at, signal: Signal::Worked });
        }
    }
    Ok(evidence)
}

fn begin_of(day: NaiveDate) -> Option<DateTime<Utc>> {
    let midnight = day.and_hms_opt(0, 0, 0)?;
    midnight.and_local_timezone(Rome).earliest().map(|local| local.to_utc())
}
