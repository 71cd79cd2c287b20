//! An outcome in the form in which tests look at it, the anchors left out.

use std::collections::BTreeMap;

use super::builder::{Input, reconcile};
use crate::findings::{Evidence, Finding, Kind, Slice};
use crate::reconcile::Outcome;
use crate::reconcile::statement::{Basis, Class, ClassedRow};

/// Compares, and keeps the rows and findings that are not of the anchors.
pub(super) fn compared(input: &Input) -> Seen {
    Seen::of(reconcile(input).unwrap())
}

/// Holds an outcome in the form in which tests look at it.
pub(super) struct Seen {
    pub(super) outcome: Outcome,
}

impl Seen {
    fn of(outcome: Outcome) -> Self {
        Self { outcome }
    }

    /// Returns the rows of all statements, those of the anchors left out.
    pub(super) fn rows(&self) -> impl Iterator<Item = (Basis, &ClassedRow)> {
        let statements = self.outcome.statements.iter();
        let rows =
            statements.flat_map(|one| one.rows.iter().map(move |row| (one.statement.basis, row)));
        rows.filter(|(_, row)| {
            !row.record.id.starts_with("anchor") && row.record.row.is_none_or(|row| row < 9_000)
        })
    }

    pub(super) fn row(&self, id: &str) -> &ClassedRow {
        self.rows().find(|(_, row)| row.record.id == id).unwrap().1
    }

    /// Returns the class of each row by id, `book.csv#` left out.
    pub(super) fn classes(&self) -> BTreeMap<String, Class> {
        self.rows().map(|(_, row)| (row.record.id.replace("book.csv#", "#"), row.class)).collect()
    }

    /// Returns the class of each row of one statement.
    pub(super) fn classes_by(&self, basis: Basis) -> BTreeMap<String, Class> {
        self.rows()
            .filter(|(on, _)| *on == basis)
            .map(|(_, row)| (row.record.id.replace("book.csv#", "#"), row.class))
            .collect()
    }

    /// Returns kind, subject and cents at risk of each finding, in order.
    pub(super) fn findings(&self) -> Vec<(Kind, String, i64)> {
        let mut all: Vec<_> = self
            .outcome
            .findings
            .iter()
            .map(|one| (one.kind, subject(one), one.at_risk_cents))
            .collect();
        all.sort();
        all
    }
}

fn subject(finding: &Finding) -> String {
    let text = match &finding.evidence {
        Evidence::Row { record, .. } | Evidence::Check { record, .. } => record.id.clone(),
        Evidence::Pair { left, right, .. } => format!("{}~{}", left.id, right.id),
        Evidence::Takings { day, slice: Slice::Rate(rate), .. } => format!("{day} {rate}"),
        Evidence::Takings { day, slice: Slice::Tender(tender), .. } => format!("{day} {tender:?}"),
        Evidence::Settled { of } => of.day.to_string(),
        Evidence::Payout { of } => of.name.clone(),
        Evidence::Uncovered { days, .. } => days.to_string(),
        Evidence::File { file, .. } => file.clone(),
        Evidence::Decision { subject, .. } => subject.clone(),
        Evidence::Gap { before, after, .. } => format!("{before}..{after}"),
    };
    text.replace("book.csv#", "#")
}

/// Checks the classes of rows, given as `id class` in any order.
#[track_caller]
pub(super) fn assert_classes(seen: &Seen, expected: &[(&str, Class)]) {
    let expected: BTreeMap<String, Class> =
        expected.iter().map(|(id, class)| ((*id).to_owned(), *class)).collect();
    assert_eq!(seen.classes(), expected);
}

/// Checks all findings: kind, subject, cents at risk, in any order.
#[track_caller]
pub(super) fn assert_findings(seen: &Seen, expected: &[(Kind, &str, i64)]) {
    let mut expected: Vec<(Kind, String, i64)> =
        expected.iter().map(|(kind, of, cents)| (*kind, (*of).to_owned(), *cents)).collect();
    expected.sort();
    assert_eq!(seen.findings(), expected);
}
