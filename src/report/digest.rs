//! What every rendering counts in the same way: groups, sums, ages.
//!
//! The page, the workbook, the mail and the text must never disagree about a number, so
//! none of them counts for itself. Findings fall into four heaps: what was not looked at,
//! differences, notices for information, and those that somebody accepted.

use std::collections::BTreeMap;

use crate::findings::{
    Difference, FindingState, Kind, Reason, Severity, Side, Standing, Tally, Weight,
};
use crate::fiscal::{Currency, TaxId};
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
        let open = || self.unlooked.iter().chain(&self.differences).chain(&self.notices);
        let kinds: Vec<Kind> = open().map(|standing| standing.finding.kind).collect();
        let foreign =
            self.at_risk.iter().any(|(currency, cents)| *currency != model.currency && *cents > 0);
        let weight = Weight {
            at_risk_cents: self.at_risk_cents(model),
            looked_at_cents: looked_at_cents(model),
            count: (self.unlooked.len() + self.differences.len()) as u64,
            kinds: &kinds,
        };
        model.materiality.is_reached(&weight) || foreign
    }
}

/// Returns the cents of all documents looked at, in the report's own currency.
///
/// Takings are compared on several bases; the largest of a direction stands for all.
fn looked_at_cents(model: &Model) -> i64 {
    let mut sums: BTreeMap<_, i64> = BTreeMap::new();
    for one in &model.statements {
        let statement = &one.statement;
        let key = (&statement.company, statement.document_kind, statement.direction);
        let cents = statement.currencies.get(&model.currency);
        let cents = cents.map_or(0, |bridge| bridge.left.amount_cents.saturating_abs());
        let most = sums.entry(key).or_default();
        *most = (*most).max(cents);
    }
    sums.into_values().fold(0, i64::saturating_add)
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
        SourceKind::Outbox => source.state == "waiting",
    };
    state_is_good && source.rows_rejected == 0
}

/// Returns the sides' statements that could not be made wholly.
pub(crate) fn incomplete_statements(model: &Model) -> u64 {
    let is_incomplete = |verdict| verdict == Verdict::Incomplete;
    let statements = model.statements.iter();
    statements.filter(|one| is_incomplete(one.statement.verdict)).count() as u64
}

/// Counts a statement's rows by currency, class and side.
///
/// The statement itself counts over all currencies; a bridge is about one.
pub(crate) fn row_counts(one: &StatementWithRows) -> BTreeMap<(Currency, Class, Side), u64> {
    let mut counts = BTreeMap::new();
    for row in &one.rows {
        *counts.entry((row.currency, row.class, row.side)).or_default() += 1;
    }
    counts
}

/// Counts the groups of a statement that were matched by their sum, each once.
pub(crate) fn group_count(one: &StatementWithRows) -> u64 {
    let is_one = |reason: &Reason| matches!(reason, Reason::Together { with, beside: 0, .. } if with.len() > 1);
    one.rows.iter().filter(|row| is_one(&row.reason)).count() as u64
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_fall_into_four_buckets() {
        let buckets = [0, 1, 2, 7, 8, 30, 31, 400].map(age_bucket);
        assert_eq!(buckets, [0, 0, 1, 1, 2, 2, 3, 3]);
    }
}
