//! The whole model as one JSON object.
//!
//! Cents are integers, dates ISO, instants RFC 3339 in UTC, words the machine's; keys stand
//! in the order of the structs below. A finding is the stored one with its life beside it
//! and `text`, its explanation in the reader's language. `summary` holds the counted
//! numbers of the page's head, so that nobody counts them again.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::digest::{AGE_BUCKETS, Digest};
use super::model::{Model, Source, SourceKind};
use super::sentence;
use crate::credentials::{Alert, Level, Subject};
use crate::findings::{
    Finding, FindingState, Kind, Materiality, RollForward, Severity, Standing, Tally,
};
use crate::fiscal::{Currency, Language, Period, TaxId};
use crate::reconcile::statement::{StatementWithRows, Verdict};

/// Writes a model as one object, indented, with a line break at its end.
pub(super) fn object(model: &Model, language: Language) -> Result<Vec<u8>, serde_json::Error> {
    let digest = Digest::of(model);
    let standing = |standing| FindingView::of(standing, language);
    let view = ModelView {
        run: model.run_id,
        job: &model.job,
        version: &model.version,
        started_at: model.started_at,
        period: model.period,
        language: language.as_str(),
        verdict: model.verdict,
        verdict_reason: sentence::verdict_reason(model, &digest, language),
        currency: model.currency,
        materiality_cents: model.materiality.amount_cents,
        materiality: MaterialityView::of(model),
        summary: SummaryView::of(model, &digest),
        roll_forward: &model.roll_forward,
        companies: model
            .companies
            .iter()
            .map(|company| CompanyView { tax_id: &company.tax_id, name: &company.name })
            .collect(),
        sources: model.sources.iter().map(SourceView::of).collect(),
        alerts: model.alerts.iter().map(|alert| AlertView::of(alert, language)).collect(),
        findings: model.findings.iter().map(standing).collect(),
        cleared: model.cleared.iter().map(standing).collect(),
        statements: &model.statements,
    };
    let mut bytes = serde_json::to_vec_pretty(&view)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// One warning of the watch.
#[derive(Serialize)]
struct AlertView<'a> {
    level: Level,
    is_new: bool,
    companies: Vec<&'a TaxId>,
    expires_on: Option<NaiveDate>,
    days_left: Option<i64>,
    credit_cents: Option<i64>,
    text: String,
}

impl<'a> AlertView<'a> {
    fn of(alert: &'a Alert, language: Language) -> Self {
        let (mut companies, mut end, mut credit_cents) = (Vec::new(), (None, None), None);
        match &alert.subject {
            Subject::Portal(one) => {
                companies = one.companies.iter().map(|one| &one.company).collect();
                end = (one.expires_on, one.days_left);
            }
            Subject::Token { expires_on, days_left } => end = (Some(*expires_on), Some(*days_left)),
            Subject::Credit { left_cents, .. } => credit_cents = Some(*left_cents),
        }
        Self {
            level: alert.level,
            is_new: alert.is_new,
            companies,
            expires_on: end.0,
            days_left: end.1,
            credit_cents,
            text: sentence::alert(alert, language),
        }
    }
}

/// The object at the top.
#[derive(Serialize)]
struct ModelView<'a> {
    run: i64,
    job: &'a str,
    version: &'a str,
    started_at: DateTime<Utc>,
    period: Period,
    language: &'static str,
    verdict: Verdict,
    verdict_reason: String,
    currency: Currency,
    materiality_cents: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    materiality: Option<MaterialityView<'a>>,
    summary: SummaryView,
    roll_forward: &'a RollForward,
    companies: Vec<CompanyView<'a>>,
    sources: Vec<SourceView<'a>>,
    alerts: Vec<AlertView<'a>>,
    findings: Vec<FindingView<'a>>,
    cleared: Vec<FindingView<'a>>,
    statements: &'a [StatementWithRows],
}

/// The thresholds beside the amount, where one of them is set.
#[derive(Serialize)]
struct MaterialityView<'a> {
    /// Hundredths of a per cent of what was looked at.
    share: Option<u32>,
    count: Option<u32>,
    kinds: &'a [Kind],
}

impl<'a> MaterialityView<'a> {
    fn of(model: &'a Model) -> Option<Self> {
        let Materiality { share, count, kinds, .. } = &model.materiality;
        (!model.materiality.is_amount_only()).then_some(Self {
            share: *share,
            count: *count,
            kinds,
        })
    }
}

/// The counted numbers of the open findings.
#[derive(Serialize)]
struct SummaryView {
    not_looked_at: u64,
    differences: u64,
    notices: u64,
    accepted: u64,
    at_risk_cents: BTreeMap<Currency, i64>,
    is_material: bool,
    by_severity: BTreeMap<Severity, u64>,
    by_age: Vec<AgeView>,
}

/// One age bucket; `to_days` is missing from the last.
#[derive(Serialize)]
struct AgeView {
    from_days: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_days: Option<i64>,
    #[serde(flatten)]
    tally: Tally,
}

impl SummaryView {
    fn of(model: &Model, digest: &Digest<'_>) -> Self {
        let number = |heap: &Vec<&Standing>| heap.len() as u64;
        let bounds = |index: usize| {
            let before = index.checked_sub(1).map_or(-1, |last| AGE_BUCKETS[last]);
            (before + 1, AGE_BUCKETS.get(index).copied())
        };
        Self {
            not_looked_at: number(&digest.unlooked),
            differences: number(&digest.differences),
            notices: number(&digest.notices),
            accepted: number(&digest.accepted),
            at_risk_cents: digest.at_risk.clone(),
            is_material: digest.is_material(model),
            by_severity: digest.severities.clone(),
            by_age: digest
                .ages
                .iter()
                .enumerate()
                .map(|(index, tally)| {
                    let (from_days, to_days) = bounds(index);
                    AgeView { from_days, to_days, tally: *tally }
                })
                .collect(),
        }
    }
}

#[derive(Serialize)]
struct CompanyView<'a> {
    tax_id: &'a TaxId,
    name: &'a str,
}

#[derive(Serialize)]
struct SourceView<'a> {
    name: &'a str,
    kind: &'static str,
    company: Option<&'a TaxId>,
    detail: &'a str,
    state: &'a str,
    rows_read: u64,
    rows_rejected: u64,
    refused: Vec<RefusedView<'a>>,
}

#[derive(Serialize)]
struct RefusedView<'a> {
    row: u64,
    column: &'a str,
    value: &'a str,
    reason: &'a str,
}

impl<'a> SourceView<'a> {
    fn of(source: &'a Source) -> Self {
        Self {
            name: &source.name,
            kind: match source.kind {
                SourceKind::Pull => "pull",
                SourceKind::Upload => "upload",
                SourceKind::Outbox => "outbox",
            },
            company: source.company.as_ref(),
            detail: &source.detail,
            state: &source.state,
            rows_read: source.rows_read,
            rows_rejected: source.rows_rejected,
            refused: source
                .refused
                .iter()
                .map(|row| RefusedView {
                    row: row.row,
                    column: &row.column,
                    value: &row.value,
                    reason: &row.reason,
                })
                .collect(),
        }
    }
}

/// A finding with its life; its stored fields stand beside these.
#[derive(Serialize)]
struct FindingView<'a> {
    fingerprint: &'a str,
    state: FindingState,
    severity: Severity,
    first_seen_on: NaiveDate,
    age_days: i64,
    is_new: bool,
    text: String,
    #[serde(flatten)]
    finding: &'a Finding,
}

impl<'a> FindingView<'a> {
    fn of(standing: &'a Standing, language: Language) -> Self {
        Self {
            fingerprint: standing.fingerprint.as_str(),
            state: standing.state,
            severity: standing.finding.severity(),
            first_seen_on: standing.first_seen_on,
            age_days: standing.age_days,
            is_new: standing.is_new,
            text: sentence::finding(&standing.finding, language),
            finding: &standing.finding,
        }
    }
}
