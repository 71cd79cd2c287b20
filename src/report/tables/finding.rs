//! `findings.csv`: a line for everything that is wrong, and for every row without partner.

use std::io::{self, Write};

use crate::findings::{Severity, Side};
use crate::fiscal::Language;
use crate::reconcile::statement::Class;
use crate::reconcile::tables::{Aside, Comparison, FieldDifference, RowReason, SingleLine, Sort};
use crate::report::tables::matches::field;
use crate::report::tables::{Setting, sentence};

/// The columns, which are a contract.
pub(super) const COLUMNS: [&str; 10] = [
    "kind",
    "severity",
    "left_row",
    "right_row",
    "field",
    "left_value",
    "right_value",
    "difference",
    "nearest_row",
    "reason",
];

/// Holds one line of the findings.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) kind: &'static str,
    pub(super) severity: Severity,
    pub(super) left_row: Option<u64>,
    pub(super) right_row: Option<u64>,
    pub(super) field: String,
    pub(super) left_value: String,
    pub(super) right_value: String,
    pub(super) difference: String,
    pub(super) nearest_row: Option<u64>,
    pub(super) reason: String,
    /// The key of the row, for pages.
    pub(super) label: String,
}

impl Line {
    /// Returns the values in the order of the columns.
    pub(super) fn values(&self) -> [String; 10] {
        let row = |row: Option<u64>| row.map_or_else(String::new, |row| row.to_string());
        [
            self.kind.to_owned(),
            self.severity.to_string(),
            row(self.left_row),
            row(self.right_row),
            self.field.clone(),
            self.left_value.clone(),
            self.right_value.clone(),
            self.difference.clone(),
            row(self.nearest_row),
            self.reason.clone(),
        ]
    }
}

/// Writes every finding: pairs that differ, a line a column, then rows without partner.
///
/// # Errors
/// What the target says.
pub fn write_findings(
    comparison: &Comparison,
    setting: &Setting<'_>,
    target: &mut impl Write,
) -> io::Result<()> {
    target.write_all(COLUMNS.join(",").as_bytes())?;
    target.write_all(b"\n")?;
    let mut bytes = Vec::with_capacity(512);
    each(comparison, setting.language, |line| {
        bytes.clear();
        for (index, value) in line.values().iter().enumerate() {
            if index > 0 {
                bytes.push(b',');
            }
            field(value, &mut bytes);
        }
        bytes.push(b'\n');
        target.write_all(&bytes)
    })
}

/// Gives every finding to `take`, in a fixed order.
pub(super) fn each(
    comparison: &Comparison,
    language: Language,
    mut take: impl FnMut(Line) -> io::Result<()>,
) -> io::Result<()> {
    for pair in comparison.pairs().filter(|pair| pair.class == Class::Differing) {
        let label = comparison.label(&pair);
        for difference in comparison.differences(&pair).into_iter().filter(|one| !one.is_within) {
            let (kind, severity) = kind_of(&difference.column, difference.sort);
            take(Line {
                kind,
                severity,
                left_row: Some(pair.left_row),
                right_row: Some(pair.right_row),
                reason: sentence::difference(&difference, language),
                field: difference.column,
                left_value: difference.left,
                right_value: difference.right,
                difference: difference.difference,
                nearest_row: None,
                label: label.clone(),
            })?;
        }
    }
    for group in comparison.differing_groups() {
        let is_left = group.side == Side::Left;
        take(Line {
            kind: "amount_differs",
            severity: Severity::Serious,
            left_row: is_left.then_some(group.row),
            right_row: (!is_left).then_some(group.row),
            reason: sentence::group(&group, language),
            field: group.column,
            left_value: group.left,
            right_value: group.right,
            difference: group.difference,
            nearest_row: None,
            label: group.pass,
        })?;
    }
    for single in comparison.singles() {
        take(of_single(single, language))?;
    }
    for side in [Side::Left, Side::Right] {
        for (row, because) in comparison.refused(side) {
            let aside = Aside::Refused { because: because.clone() };
            let single = SingleLine {
                side,
                row: *row,
                class: Class::Excluded,
                label: String::new(),
                cents: None,
                reason: RowReason::Aside(aside),
            };
            take(of_single(single, language))?;
        }
    }
    Ok(())
}

/// A pair that differs is named by what its column holds.
fn kind_of(column: &str, sort: Sort) -> (&'static str, Severity) {
    match (column, sort) {
        ("counterparty", Sort::Text) => ("counterparty_differs", Severity::Serious),
        ("number" | "plain_number", Sort::Text) => ("number_differs", Severity::Warning),
        (_, sort) => kind_of_sort(sort),
    }
}

fn kind_of_sort(sort: Sort) -> (&'static str, Severity) {
    match sort {
        Sort::Amount => ("amount_differs", Severity::Serious),
        Sort::Date => ("date_differs", Severity::Warning),
        Sort::Text => ("value_differs", Severity::Warning),
    }
}

fn of_single(single: SingleLine, language: Language) -> Line {
    let (kind, severity) = match (&single.reason, single.class) {
        (RowReason::Aside(aside), _) if !aside.is_wanted() => ("file_rejected", Severity::Serious),
        (_, Class::Ambiguous | Class::OutOfWindow) => (single.class.as_str(), Severity::Warning),
        (_, Class::Pending | Class::Excluded) => (single.class.as_str(), Severity::Info),
        _ => (single.class.as_str(), Severity::Serious),
    };
    let is_left = single.side == Side::Left;
    let failed: Option<&FieldDifference> = match &single.reason {
        RowReason::Nearest { failed, .. } => failed.first(),
        RowReason::Suggested { differences, .. } => differences.first(),
        _ => None,
    };
    let nearest_row = match &single.reason {
        RowReason::Nearest { row, .. } | RowReason::Suggested { row, .. } => Some(*row),
        RowReason::Duplicate { of } => Some(*of),
        _ => None,
    };
    let text =
        |value: fn(&FieldDifference) -> &String| failed.map(value).cloned().unwrap_or_default();
    Line {
        kind,
        severity,
        left_row: is_left.then_some(single.row),
        right_row: (!is_left).then_some(single.row),
        field: text(|one| &one.column),
        left_value: text(|one| &one.left),
        right_value: text(|one| &one.right),
        difference: text(|one| &one.difference),
        nearest_row,
        reason: sentence::reason(&single.reason, language),
        label: single.label,
    }
}
