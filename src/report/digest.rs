//! What every rendering counts in the same way: groups, sums, ages, the values of a finding.
//!
//! The page, the workbook, the mail and the text must never disagree about a number, so
//! none of them counts for itself. Findings fall into four heaps: what was not looked at,
//! differences, notices for information, and those that somebody accepted.

use std::collections::BTreeMap;

use crate::findings::{
    Difference, Evidence, Reason, RecordRef, Severity, Side, Slice, Standing, Tally,
};
use crate::findings::{FindingState, Kind};
use crate::fiscal::{Currency, TaxId, cents_to_decimal};
use crate::reconcile::statement::{Class, StatementWithRows, Verdict};
use crate::report::model::{Model, Source, SourceKind};

/// The last day of each age bucket but the open-ended one.
pub(crate) const AGE_BUCKETS: [i64; 3] = [1, 7, 30];

/// Holds the findings of a model in heaps, with their sums.
pub(crate) struct Digest<'a> {
    /// Open findings that mean that something was not looked at.
    pub(crate) unlooked: Vec<&'a Standing>,
    /// Open findings of severity warning or serious.
    pub(crate) differences: Vec<&'a Standing>,
    /// Open findings that are good to know and no more.
    pub(crate) notices: Vec<&'a Standing>,
    /// Findings that somebody accepted; they are not at risk.
    pub(crate) accepted: Vec<&'a Standing>,
    /// Cents at risk in the open findings, by currency.
    pub(crate) at_risk: BTreeMap<Currency, i64>,
    /// Open findings by severity.
    pub(crate) severities: BTreeMap<Severity, u64>,
    /// Open findings by age bucket: 0–1, 2–7, 8–30, over 30 days.
    pub(crate) ages: [Tally; 4],
}

impl<'a> Digest<'a> {
    /// Sorts a model's findings into heaps, keeping their order.
    pub(crate) fn of(model: &'a Model) -> Self {
        let mut digest = Self {
            unlooked: vec![],
            differences: vec![],
            notices: vec![],
            accepted: vec![],
            at_risk: BTreeMap::from([(model.currency, 0)]),
            severities: BTreeMap::new(),
            ages: [Tally::default(); 4],
        };
        for standing in &model.findings {
            if standing.state != FindingState::Open {
                digest.accepted.push(standing);
                continue;
            }
            let finding = &standing.finding;
            let heap = match finding.severity() {
                _ if finding.kind.means_incomplete() => &mut digest.unlooked,
                Severity::Info => &mut digest.notices,
                Severity::Warning | Severity::Serious => &mut digest.differences,
            };
            heap.push(standing);
            *digest.severities.entry(finding.severity()).or_default() += 1;
            *digest.at_risk.entry(finding.currency).or_default() += finding.at_risk_cents;
            let tally = &mut digest.ages[age_bucket(standing.age_days)];
            tally.rows += 1;
            if finding.currency == model.currency {
                tally.at_risk_cents += finding.at_risk_cents;
            }
        }
        digest
    }

    /// Returns the open cents at risk in the report's own currency.
    pub(crate) fn at_risk_cents(&self, model: &Model) -> i64 {
        self.at_risk.get(&model.currency).copied().unwrap_or(0)
    }

    /// Tells whether the money at risk reaches the model's materiality.
    pub(crate) fn is_material(&self, model: &Model) -> bool {
        let own = self.at_risk_cents(model);
        let foreign = self
            .at_risk
            .iter()
            .any(|(currency, cents)| *currency != model.currency && *cents > 0);
        own > 0 && own >= model.materiality_cents || foreign
    }
}

/// Returns the index of the bucket that an age in days falls into.
pub(crate) fn age_bucket(days: i64) -> usize {
    AGE_BUCKETS.partition_point(|last| *last < days)
}

/// Groups findings by company, then kind, both in a stable order.
pub(crate) fn by_company<'a>(
    findings: &[&'a Standing],
) -> BTreeMap<&'a TaxId, BTreeMap<Kind, Vec<&'a Standing>>> {
    let mut groups: BTreeMap<_, BTreeMap<_, Vec<_>>> = BTreeMap::new();
    for standing in findings {
        groups
            .entry(&standing.finding.company)
            .or_default()
            .entry(standing.finding.kind)
            .or_default()
            .push(*standing);
    }
    groups
}

/// Sums the cents at risk of some findings, in one currency.
pub(crate) fn at_risk(findings: &[&Standing], currency: Currency) -> i64 {
    findings
        .iter()
        .filter(|standing| standing.finding.currency == currency)
        .map(|standing| standing.finding.at_risk_cents)
        .sum()
}

/// Returns a company's name, or its tax id when nobody knows the name.
pub(crate) fn company_name<'a>(model: &'a Model, tax_id: &'a TaxId) -> &'a str {
    let listed = model.companies.iter().find(|one| one.tax_id == *tax_id);
    let stated = || {
        let mut statements = model.statements.iter().map(|one| &one.statement);
        statements.find(|one| one.company == *tax_id)
    };
    listed
        .map(|company| company.name.as_str())
        .or_else(|| stated().map(|statement| statement.company_name.as_str()))
        .filter(|name| !name.trim().is_empty())
        .unwrap_or_else(|| tax_id.as_str())
}

/// Tells whether a source was read wholly: pull settled, file stored, no row refused.
pub(crate) fn was_read(source: &Source) -> bool {
    let state_is_good = match source.kind {
        SourceKind::Pull => source.state == "settled",
        SourceKind::Upload => matches!(source.state.as_str(), "stored" | "known"),
    };
    state_is_good && source.rows_rejected == 0
}

/// Returns the sides' statements that could not be made wholly.
pub(crate) fn incomplete_statements(model: &Model) -> u64 {
    let is_incomplete = |verdict| verdict == Verdict::Incomplete;
    let statements = model.statements.iter();
    statements
        .filter(|one| is_incomplete(one.statement.verdict))
        .count() as u64
}

/// Counts a statement's rows by currency, class and side.
///
/// The statement itself counts over all currencies; a bridge is about one.
pub(crate) fn row_counts(one: &StatementWithRows) -> BTreeMap<(Currency, Class, Side), u64> {
    let mut counts = BTreeMap::new();
    for row in &one.rows {
        *counts
            .entry((row.currency, row.class, row.side))
            .or_default() += 1;
    }
    counts
}

/// Returns left minus right, at the ends of the range without wrapping.
pub(crate) fn difference(left_cents: i64, right_cents: i64) -> i64 {
    left_cents.saturating_sub(right_cents)
}

/// Returns how many days lie between two dates of a difference, when both are dates.
pub(crate) fn days_apart(differs: &Difference) -> Option<u64> {
    let day = |text: &Option<String>| text.as_deref()?.parse::<chrono::NaiveDate>().ok();
    let days = (day(&differs.left)? - day(&differs.right)?).num_days();
    Some(days.unsigned_abs())
}

/// Holds the values of a finding that tables show in columns.
#[derive(Default)]
pub(crate) struct Facts<'a> {
    /// The side of a single row.
    pub(crate) side: Option<Side>,
    /// The row that people know the finding by.
    pub(crate) record: Option<&'a RecordRef>,
    /// The row of the books, when there is one.
    pub(crate) entry: Option<&'a RecordRef>,
    /// The provider's document, when there is one.
    pub(crate) document: Option<&'a RecordRef>,
    /// The machine word of what was compared.
    pub(crate) field: String,
    /// Both values as plain text.
    pub(crate) left: Option<String>,
    /// The right value.
    pub(crate) right: Option<String>,
    /// Both values in cents, where they are amounts.
    pub(crate) left_cents: Option<i64>,
    /// The right value in cents.
    pub(crate) right_cents: Option<i64>,
    /// Left minus right in cents, for amounts.
    pub(crate) difference_cents: Option<i64>,
    /// The file concerned when there is no row.
    pub(crate) file: Option<&'a str>,
}

impl<'a> Facts<'a> {
    /// Takes the values out of a finding's evidence.
    pub(crate) fn of(evidence: &'a Evidence) -> Self {
        match evidence {
            Evidence::Row {
                side,
                record,
                reason,
            } => Self::of_row(*side, record, reason),
            Evidence::Pair {
                left,
                right,
                difference,
                ..
            } => Self {
                record: Some(left),
                document: Some(left),
                entry: Some(right),
                field: difference.field.as_str().to_owned(),
                left: difference.left.clone(),
                right: difference.right.clone(),
                difference_cents: difference.difference_cents,
                ..Self::default()
            },
            Evidence::Takings {
                slice,
                left_cents,
                right_cents,
                line,
                ..
            } => Self {
                record: line.as_ref(),
                entry: line.as_ref(),
                field: slice_word(slice),
                left: Some(cents_to_decimal(*left_cents)),
                right: Some(cents_to_decimal(*right_cents)),
                left_cents: Some(*left_cents),
                right_cents: Some(*right_cents),
                difference_cents: Some(difference(*left_cents, *right_cents)),
                ..Self::default()
            },
            Evidence::Uncovered { .. } => Self::default(),
            Evidence::File { file, .. } => Self {
                file: Some(file),
                ..Self::default()
            },
        }
    }

    fn of_row(side: Side, record: &'a RecordRef, reason: &'a Reason) -> Self {
        let cents = amount_cents(record);
        let text = cents.map(cents_to_decimal);
        let first = match reason {
            Reason::Paired { differences, .. } | Reason::Grouped { differences, .. } => {
                differences.first()
            }
            _ => None,
        };
        let is_left = side == Side::Left;
        let (left, right) = if is_left { (text, None) } else { (None, text) };
        let (left_cents, right_cents) = if is_left {
            (cents, None)
        } else {
            (None, cents)
        };
        Self {
            side: Some(side),
            record: Some(record),
            document: is_left.then_some(record),
            entry: (!is_left).then_some(record),
            field: first.map_or_else(String::new, |one| one.field.as_str().to_owned()),
            left,
            right,
            left_cents,
            right_cents,
            difference_cents: first.and_then(|one| one.difference_cents),
            file: None,
        }
    }
}

/// Returns the amount that people know a row by: gross, else taxable plus VAT.
pub(crate) fn amount_cents(record: &RecordRef) -> Option<i64> {
    let parts = || record.taxable_cents?.checked_add(record.vat_cents?);
    record.gross_cents.or_else(parts)
}

/// Returns the machine word of a slice: `rate 22`, `tender cash`.
fn slice_word(slice: &Slice) -> String {
    match slice {
        Slice::Rate(rate) => format!("rate {rate}"),
        Slice::Tender(tender) => {
            // The serde word is the one spelled in the store and in JSON.
            let word = serde_json::to_value(tender).ok();
            let word = word.as_ref().and_then(serde_json::Value::as_str);
            format!("tender {}", word.unwrap_or_default())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_fall_into_four_buckets() {
        let buckets = [0, 1, 2, 7, 8, 30, 31, 400].map(age_bucket);
        assert_eq!(buckets, [0, 0, 1, 1, 2, 2, 3, 3]);
    }
}
