//! Two sides of a company's month become a statement, classed rows and findings.
//!
//! What comes in is everything that the store knows of one company, kind and accounting
//! month; what goes out is the proof (`statement`), every row with its class and reason,
//! and what is wrong. Invoices are compared document by document, a direction at a time;
//! receipts by day against the takings (by VAT rate and by tender), what was paid
//! electronically against card transactions (`settlements`), and one by one against a shop's
//! orders. Candidates come from equi-joins in Polars (`frame`), partners are
//! chosen by our own deterministic code (`choose`) as the `rules` say, so that neither row order nor the
//! number of threads changes the answer. Absent on purpose: clock, store, network; and
//! any match by amount alone.

pub mod rules;

mod party;

mod content;
mod record;

mod given;
mod reach;

mod documents;
mod invoice_sides;
mod judgement;
mod self_invoices;

mod order_names;
mod orders;
mod receipts;
mod refunds;
mod repeats;
mod settlement_days;
mod settlement_payouts;
mod settlements;
mod slices;
mod takers;
mod takings;
mod takings_findings;

mod choose;
mod compare;
mod frame;
mod groups;
mod knot;
mod nearest;
mod one_pass;
mod pairing;
mod scc;
mod subset;
mod suggested;

mod checks;
mod coverage;
mod draft;
mod prove;
mod verdict;

pub mod statement;
pub mod tables;
mod trial;

#[cfg(test)]
mod tests;

pub use given::{GivenDocuments, GivenEntries};
pub use reach::Reach;
pub use trial::{Gain, ORDER_PASSES, gained, pass_as_toml};

use std::sync::Arc;

use chrono::NaiveDate;
use thiserror::Error;

use crate::findings::{Evidence, Finding, Fingerprint, Kind};
use crate::fiscal::{Company, Direction, DocumentKind, Period, SentNumber};
use crate::reconcile::given::Rows;
use crate::reconcile::rules::Rulebook;
use crate::reconcile::statement::StatementWithRows;
use crate::reconcile::verdict::FindingMaker;

/// Says what is compared: one company's documents of a kind, an accounting month, by rules.
#[derive(Debug, Clone)]
pub struct Input {
    /// The company.
    pub company: Company,
    /// Receipts or invoices.
    pub document_kind: DocumentKind,
    /// The days looked at: the month, or the part of it that has passed.
    pub period: Period,
    /// The calendar month under which findings count.
    pub accounting_period: Period,
    /// The business day on which the comparison is made.
    pub today: NaiveDate,
    /// Days of the period whose pull did not settle.
    pub unsettled: Vec<Period>,
    /// By which rules: passes, tolerances, the day that counts.
    pub rules: Arc<Rulebook>,
}

/// Holds what a comparison yields.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outcome {
    /// One statement a direction and basis, with its rows.
    pub statements: Vec<StatementWithRows>,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// The numbers of sent invoices, where a series of them may begin before the days that
    /// were read: [`with_older_numbers`] tells its gaps.
    pub sent_numbers: Option<Vec<SentNumber>>,
}

/// Says why a comparison could not be finished.
#[derive(Debug, Error)]
pub enum Error {
    /// The classes do not add up to the sides: a fault of ours, and the run must fail.
    #[error(
        "the {side} side does not tie out: its rows sum to {total_cents} {currency} cents, \
         its classes to {classes_cents}"
    )]
    DoesNotTieOut {
        /// Which side.
        side: &'static str,
        /// The currency.
        currency: String,
        /// Sum of the side's rows.
        total_cents: i128,
        /// Sum of its classes.
        classes_cents: i128,
    },
    /// A row stands in no class or in several: a fault of ours, and the run must fail.
    #[error("row `{row}` stands in {times} classes instead of one")]
    RowNotInOneClass {
        /// The row's id.
        row: String,
        /// In how many classes.
        times: usize,
    },
    /// A row has a class and was never given: a fault of ours, and the run must fail.
    #[error("row `{row}` has a class, but was not given to be compared")]
    RowNotGiven {
        /// The row's id.
        row: String,
    },
    /// A sum leaves the range of 64-bit cents.
    #[error("a total of {0} cents is too large to be money")]
    TooLarge(i128),
    /// The frame engine failed.
    #[error("failed to join candidates")]
    Frame(#[from] polars::error::PolarsError),
}

/// Compares both sides of what is asked for, when all rows are in.
///
/// The answer does not depend on the order in which rows came.
///
/// # Panics
/// When the sides were begun for different kinds of documents: a fault of the caller's.
pub fn compare(
    input: &Input,
    documents: GivenDocuments,
    entries: GivenEntries,
) -> Result<Outcome, Error> {
    let (mut names, others) = (documents.names, entries.names);
    let mut outcome = match (documents.rows, entries.rows) {
        (Rows::Invoices(documents), Rows::Invoices(entries)) => {
            documents::compare_invoices(input, (*documents, &names), (*entries, &others))
        }
        (Rows::Receipts(documents), Rows::Receipts(entries)) => {
            receipts::compare_receipts(input, (&documents, &entries), &mut names)
        }
        _ => unreachable!("both sides are begun with one input"),
    }?;
    outcome.findings.sort_by_cached_key(place);
    Ok(outcome)
}

/// Looks for gaps in number series once more, with the numbers of earlier in the year.
///
/// Only an outcome with numbers wants that; nothing else of it changes but the verdict that
/// gaps add to.
#[must_use]
pub fn with_older_numbers(input: &Input, mut outcome: Outcome, older: &[SentNumber]) -> Outcome {
    let numbers = outcome.sent_numbers.take().unwrap_or_default();
    outcome.findings.retain(|finding| finding.kind != Kind::NumberGap);
    let mut make = FindingMaker::new(input, Direction::Outgoing);
    checks::find_gaps_of_year(input, numbers.iter().chain(older), &mut make);
    outcome.findings.extend(make.into_findings());
    outcome.findings.sort_by_cached_key(place);
    let sent = |finding: &&Finding| finding.direction == Direction::Outgoing;
    let own: Vec<Finding> = outcome.findings.iter().filter(sent).cloned().collect();
    for one in &mut outcome.statements {
        if one.statement.direction == Direction::Outgoing {
            one.statement.verdict = verdict::verdict(&own, one.rows.iter().map(|row| row.class));
        }
    }
    outcome
}

/// Returns a finding's place among the others: what it says, then the row that says it.
fn place(finding: &Finding) -> (Fingerprint, String) {
    let id = match &finding.evidence {
        Evidence::Row { record, .. } | Evidence::Check { record, .. } => record.id.clone(),
        Evidence::Pair { right, .. } => right.id.clone(),
        Evidence::Gap { after, .. } => after.clone(),
        Evidence::Takings { .. } => finding.currency.to_string(),
        Evidence::Settled { .. }
        | Evidence::Payout { .. }
        | Evidence::Uncovered { .. }
        | Evidence::File { .. }
        | Evidence::Decision { .. } => String::new(),
    };
    (Fingerprint::of(finding, 1), id)
}

/// A row without a date cannot be placed elsewhere, so it belongs to the period.
fn is_within(period: Period, day: Option<NaiveDate>) -> bool {
    day.is_none_or(|day| period.contains(day))
}
