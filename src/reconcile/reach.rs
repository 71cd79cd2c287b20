//! Rows that count now and were issued long ago: on which days their partners lie.
//!
//! Rows are read around the period by their issue. Where the rules count them by reception
//! or registration, an invoice of November may be a February row; its partner bears the same
//! day of issue, in whatever month that is.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::fiscal::{Direction, Document, LedgerEntry, Period};
use crate::reconcile::record::Record;
use crate::reconcile::rules::{RowColumn, Rulebook};

/// Issues that lie further back are mistakes of typing, and nobody's partners.
const DAYS_BACK: i64 = 400;

/// Tells whether documents, or entries, count by another day than that of their issue.
#[must_use]
pub fn counts_by_other_days(rules: &Rulebook) -> [bool; 2] {
    let days = [Direction::Outgoing, Direction::Incoming].map(|way| rules.invoices(way).day);
    [0, 1].map(|hand| days.iter().any(|day| day[hand] != RowColumn::IssueDate))
}

/// Returns the days of issue, outside those that were read, of rows that count in a period.
///
/// In order and each once; empty where rows count by their issue.
#[must_use]
pub fn far_days<'a>(
    rules: &Rulebook,
    (period, read): (Period, Period),
    documents: impl Iterator<Item = &'a Document>,
    entries: impl Iterator<Item = &'a LedgerEntry>,
) -> Vec<NaiveDate> {
    let is_far = |day: &NaiveDate| {
        !read.contains(*day) && (period.from - *day).num_days().abs() <= DAYS_BACK
    };
    let way_of =
        |direction: Option<Direction>| rules.invoices(direction.unwrap_or(Direction::Incoming));
    let of_documents =
        documents.filter(|one| one.issue_date.as_ref().is_some_and(is_far)).filter(|one| {
            // A self-invoice counts among the received ones whichever way it went.
            let by =
                [Direction::Outgoing, Direction::Incoming].map(|way| rules.invoices(way).day[0]);
            by.into_iter().any(|by| Record::of_document(one, by, period).is_in_period)
        });
    let of_entries = entries
        .filter(|one| one.issue_date.as_ref().is_some_and(is_far))
        .filter(|one| Record::of_entry("", one, way_of(one.direction).day[1], period).is_in_period);
    let days: BTreeSet<NaiveDate> = of_documents
        .filter_map(|one| one.issue_date)
        .chain(of_entries.filter_map(|one| one.issue_date))
        .collect();
    days.into_iter().collect()
}
