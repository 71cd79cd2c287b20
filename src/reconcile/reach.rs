//! Rows that count now and were issued long ago: on which days their partners lie.
//!
//! Rows are read around the period by their issue. Where the rules count them by reception
//! or registration, an invoice of November may be a February row; its partner bears the same
//! day of issue, in whatever month that is.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::fiscal::{Direction, Document, LedgerEntry, Period, date_in_rome};
use crate::reconcile::rules::{RowColumn, Rulebook};

/// Issues that lie further back are mistakes of typing, and nobody's partners.
const DAYS_BACK: i64 = 400;

const WAYS: [Direction; 2] = [Direction::Outgoing, Direction::Incoming];

/// Notes, while rows go by, on which days outside those read their partners may lie.
#[derive(Debug, Clone)]
pub struct Reach {
    period: Period,
    read: Period,
    /// By which days documents count, of what was sent and of what was received.
    documents: [RowColumn; 2],
    entries: [RowColumn; 2],
    days: BTreeSet<NaiveDate>,
}

impl Reach {
    /// Returns what notes the days of a period, of which those around it are read.
    ///
    /// Nothing where rows count by their issue, as the shipped rules have it.
    #[must_use]
    pub fn of(rules: &Rulebook, period: Period, read: Period) -> Option<Self> {
        let by = |hand: usize| WAYS.map(|way| rules.invoices(way).day[hand]);
        let (documents, entries) = (by(0), by(1));
        let is_other = documents.iter().chain(&entries).any(|day| *day != RowColumn::IssueDate);
        is_other.then(|| Self { period, read, documents, entries, days: BTreeSet::new() })
    }

    /// Tells whether documents count by the day on which the provider took them in.
    #[must_use]
    pub fn is_by_reception(&self) -> bool {
        self.documents.contains(&RowColumn::ReceptionDate)
    }

    /// Looks at a document that was read.
    pub fn look_at_document(&mut self, document: &Document) {
        // A self-invoice counts among the received ones, whichever way it went.
        let taken_in = document.created_at.map(date_in_rome);
        let counts = self.documents.iter().any(|by| {
            let own = taken_in.filter(|_| *by == RowColumn::ReceptionDate);
            own.or(document.issue_date).is_some_and(|day| self.period.contains(day))
        });
        self.note(document.issue_date.filter(|_| counts));
    }

    /// Looks at an entry that was read.
    pub fn look_at_entry(&mut self, entry: &LedgerEntry) {
        let by = self.entries[entry.direction.unwrap_or(Direction::Incoming) as usize];
        let own = match by {
            RowColumn::RegistrationDate => entry.registration_date,
            RowColumn::ReceptionDate => entry.reception_date,
            RowColumn::TransmissionDate => entry.transmission_date,
            _ => None,
        };
        let counts = own.or(entry.issue_date).is_some_and(|day| self.period.contains(day));
        self.note(entry.issue_date.filter(|_| counts));
    }

    /// Adds the days that were noted elsewhere, while other rows went by.
    pub fn extend(&mut self, other: Self) {
        self.days.extend(other.days);
    }

    fn note(&mut self, day: Option<NaiveDate>) {
        let is_far = |day: &NaiveDate| {
            !self.read.contains(*day) && (self.period.from - *day).num_days().abs() <= DAYS_BACK
        };
        self.days.extend(day.filter(is_far));
    }

    /// Returns the days of issue that were noted, those that follow each other together.
    #[must_use]
    pub fn spans(&self) -> Vec<Period> {
        let days: Vec<NaiveDate> = self.days.iter().copied().collect();
        days.chunk_by(|day, next| day.succ_opt() == Some(*next))
            .map(|span| Period { from: span[0], to: span[span.len() - 1] })
            .collect()
    }
}
