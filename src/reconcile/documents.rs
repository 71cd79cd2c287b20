//! Invoices, document by document: passes, classes, findings.

use std::collections::BTreeSet;

use crate::findings::{Excluded, Field, Kind, Pass, Reason, Side};
use crate::fiscal::{
    Company, Direction, Document, DocumentType, EntryKind, LedgerEntry, Lifecycle, Period,
};
use crate::reconcile::coverage::{self, Coverage};
use crate::reconcile::pairing::{Pairing, pair_up};
use crate::reconcile::prove::{Draft, prove};
use crate::reconcile::record::Record;
use crate::reconcile::statement::{Basis, Class};
use crate::reconcile::verdict::FindingMaker;
use crate::reconcile::{Error, Input, Outcome, compare, nearest};

/// How the passes go for invoices, most precise first.
const PASSES: [Pass; 3] = [Pass::Id, Pass::NumberExact, Pass::NumberNormalised];

/// Compares sent and received invoices, a statement each.
pub(super) fn compare_invoices(input: &Input) -> Result<Outcome, Error> {
    let mut outcome = Outcome::default();
    for direction in [Direction::Outgoing, Direction::Incoming] {
        if let Some(one) = compare_direction(input, direction)? {
            outcome.statements.extend(one.statements);
            outcome.findings.extend(one.findings);
        }
    }
    Ok(outcome)
}

/// Holds one direction's two sides while they are being judged.
struct Comparison<'a> {
    input: &'a Input,
    left: Vec<Record>,
    right: Vec<Record>,
    coverage: Coverage,
    make: FindingMaker,
    draft: Draft,
}

fn compare_direction(input: &Input, direction: Direction) -> Result<Option<Outcome>, Error> {
    let (left, seen_twice) = documents_of(input, direction);
    let right: Vec<Record> = input
        .entries
        .iter()
        .filter(|(_, entry)| {
            entry.kind == EntryKind::Invoice && direction_of(entry) == Some(direction)
        })
        .map(|(file, entry)| {
            Record::of_entry(file, entry, is_within(input.period, entry.issue_date))
        })
        .collect();
    let has_rows = left.iter().chain(&right).any(|record| record.is_in_period);
    if !has_rows && !is_enabled(&input.company, direction) {
        return Ok(None);
    }
    let coverage = Coverage::of_days(
        input.period,
        right.iter().filter_map(|record| record.issue_date),
        coverage::EDGE_DAYS_INVOICES,
    );
    let mut comparison = Comparison {
        make: FindingMaker::new(input, direction),
        draft: Draft::new(input, direction, Basis::Documents),
        input,
        left,
        right,
        coverage,
    };
    comparison.judge(&seen_twice)?;
    let Comparison { draft, make, coverage, left, right, .. } = comparison;
    let mut findings = make.into_findings();
    findings.extend(coverage.findings(input, direction, &draft.rows));
    findings.extend(coverage::unsettled_findings(input, direction));
    let sources = [left.iter().collect(), right.iter().collect()];
    let proved = prove(draft, coverage.covered(), &findings, &sources)?;
    Ok(Some(Outcome { statements: vec![proved], findings }))
}

impl Comparison<'_> {
    fn judge(&mut self, seen_twice: &BTreeSet<usize>) -> Result<(), Error> {
        let is_left_out = |index: usize, record: &Record| {
            seen_twice.contains(&index)
                || record.document_type.as_ref().is_some_and(DocumentType::is_notice)
        };
        let excluded: BTreeSet<usize> =
            (0..self.left.len()).filter(|index| is_left_out(*index, &self.left[*index])).collect();
        let notices: BTreeSet<usize> = (0..self.right.len())
            .filter(|index| is_left_out(usize::MAX, &self.right[*index]))
            .collect();
        let mut pairing = Pairing::default();
        // An invoice that the SdI discarded comes back under another id with the same
        // number, so what was really issued chooses its partner first.
        for never_issued in [false, true] {
            let is_open = |side: Side, index: usize| match side {
                Side::Left => {
                    !excluded.contains(&index)
                        && (self.left[index].lifecycle == Some(Lifecycle::NeverIssued))
                            == never_issued
                }
                Side::Right => !notices.contains(&index),
            };
            for pass in PASSES {
                pair_up(
                    pass,
                    (&self.left, &self.right),
                    is_open,
                    self.input.tolerance,
                    &mut pairing,
                )?;
            }
        }
        pairing.find_duplicates(&self.left, &self.right, &excluded);
        self.take_pairs(&pairing);
        for index in 0..self.left.len() {
            if !pairing.is_paired(Side::Left, index) && self.left[index].is_in_period {
                let because = seen_twice
                    .contains(&index)
                    .then_some(Excluded::SelfInvoiceSeenTwice)
                    .or_else(|| excluded.contains(&index).then_some(Excluded::Notice));
                self.take_single(Side::Left, index, because, &pairing);
            }
        }
        for index in 0..self.right.len() {
            if !pairing.is_paired(Side::Right, index) && self.right[index].is_in_period {
                let because = notices.contains(&index).then_some(Excluded::Notice);
                self.take_single(Side::Right, index, because, &pairing);
            }
        }
        Ok(())
    }

    fn take_pairs(&mut self, pairing: &Pairing) {
        for pair in &pairing.pairs {
            let (left, right) = (&self.left[pair.left], &self.right[pair.right]);
            // A pair belongs to the statement when either of its rows does.
            if !left.is_in_period && !right.is_in_period {
                continue;
            }
            let differences = compare::differences(left, right, self.input.tolerance);
            let mut class = Class::Matched;
            for difference in &differences {
                if compare::is_tolerated(difference, self.input.tolerance) {
                    class = class.max(Class::MatchedWithinTolerance);
                } else {
                    class = Class::Differing;
                    let kind = compare::kind_of(difference.field);
                    self.make.pair(kind, left, right, pair.pass, difference.clone());
                }
            }
            if let Some(kind) = status_conflict(left) {
                let status = compare::text_difference(
                    Field::Status,
                    left.reference.status.as_deref(),
                    right.reference.status.as_deref(),
                );
                class = Class::Differing;
                self.make.pair(kind, left, right, pair.pass, status);
            }
            self.note_undelivered(pair.left);
            let (left, right) = (&self.left[pair.left], &self.right[pair.right]);
            let reason =
                Reason::Paired { pass: pair.pass, tier: left.number_tier(right), differences };
            self.draft.push_pair(left, right, class, &reason);
        }
    }

    fn take_single(
        &mut self,
        side: Side,
        index: usize,
        because: Option<Excluded>,
        pairing: &Pairing,
    ) {
        let (record, others) = match side {
            Side::Left => (&self.left[index], &self.right),
            Side::Right => (&self.right[index], &self.left),
        };
        let never_issued = record.lifecycle == Some(Lifecycle::NeverIssued);
        let (class, reason) = if let Some(because) = because {
            (Class::Excluded, Reason::Excluded { because })
        } else if never_issued {
            (Class::Excluded, Reason::Excluded { because: Excluded::NeverIssued })
        } else if let Some(alternatives) = pairing.alternatives(side, index) {
            (Class::Ambiguous, Reason::Ambiguous { alternatives })
        } else if let Some(of) = pairing.duplicate_of(side, index) {
            let of = match side {
                Side::Left => &self.left[of],
                Side::Right => &self.right[of],
            };
            (Class::Duplicate, Reason::Duplicate { of: Box::new(of.reference.clone()) })
        } else if let Some(reason) = self.coverage.excuse(self.input, side, record) {
            reason
        } else {
            let nearest = nearest::nearest(record, others, self.input.tolerance).map(Box::new);
            let class = if side == Side::Left { Class::MissingRight } else { Class::MissingLeft };
            (class, Reason::NoPartner { nearest })
        };
        if let Some(kind) = kind_of_single(side, class) {
            self.make.row(kind, side, record, &reason);
        }
        self.draft.push_single(side, record, class, reason);
        if side == Side::Left && because.is_none() {
            self.note_undelivered(index);
        }
    }

    fn note_undelivered(&mut self, index: usize) {
        let record = &self.left[index];
        if record.lifecycle == Some(Lifecycle::NotDelivered) && record.is_in_period {
            let reason = Reason::NoPartner { nearest: None };
            self.make.row(Kind::NotDelivered, Side::Left, record, &reason);
        }
    }
}

/// Returns the direction's documents, and which of them are the same one seen twice.
///
/// A self-invoice is a purchase of the company that sent it: it counts among the received
/// ones, and when the SdI's copy came back under a second id, only that copy counts.
fn documents_of(input: &Input, direction: Direction) -> (Vec<Record>, BTreeSet<usize>) {
    let is_self_sent = |document: &Document| {
        document.direction == Direction::Outgoing && document.document_type.is_self_invoice()
    };
    let chosen: Vec<&Document> = input
        .documents
        .iter()
        .filter(|document| match direction {
            Direction::Outgoing => {
                document.direction == Direction::Outgoing && !is_self_sent(document)
            }
            Direction::Incoming => {
                document.direction == Direction::Incoming || is_self_sent(document)
            }
        })
        .collect();
    let key = |document: &Document| {
        (
            document.document_type.clone(),
            document.number.clone(),
            document.issue_date,
            document.gross_cents,
        )
    };
    let came_back: BTreeSet<_> = chosen
        .iter()
        .filter(|document| document.direction == Direction::Incoming)
        .map(|document| key(document))
        .collect();
    let seen_twice = chosen
        .iter()
        .enumerate()
        .filter(|(_, document)| is_self_sent(document) && came_back.contains(&key(document)))
        .map(|(index, _)| index)
        .collect();
    let records = chosen
        .into_iter()
        .map(|document| Record::of_document(document, is_within(input.period, document.issue_date)))
        .collect();
    (records, seen_twice)
}

/// A self-invoice is booked among the sent ones too, and counts where its document does.
fn direction_of(entry: &LedgerEntry) -> Option<Direction> {
    if entry.document_type.as_ref().is_some_and(DocumentType::is_self_invoice) {
        return Some(Direction::Incoming);
    }
    entry.direction
}

fn status_conflict(left: &Record) -> Option<Kind> {
    match left.lifecycle {
        Some(Lifecycle::NeverIssued) => Some(Kind::DiscardedBySdiButBooked),
        Some(Lifecycle::Refused) => Some(Kind::RefusedByBuyerButBooked),
        _ => None,
    }
}

fn kind_of_single(side: Side, class: Class) -> Option<Kind> {
    match (class, side) {
        (Class::MissingRight, _) => Some(Kind::MissingInLedger),
        (Class::MissingLeft, _) => Some(Kind::MissingAtProvider),
        (Class::Duplicate, Side::Left) => Some(Kind::DuplicateAtProvider),
        (Class::Duplicate, Side::Right) => Some(Kind::DuplicateInLedger),
        // One finding names the whole knot: its ledger row, which people can look up.
        (Class::Ambiguous, Side::Right) => Some(Kind::Ambiguous),
        _ => None,
    }
}

fn is_enabled(company: &Company, direction: Direction) -> bool {
    match direction {
        Direction::Outgoing => company.has_outgoing_invoices,
        Direction::Incoming => company.has_incoming_invoices,
    }
}

/// A row without a date cannot be placed elsewhere, so it belongs to the period.
pub(super) fn is_within(period: Period, day: Option<chrono::NaiveDate>) -> bool {
    day.is_none_or(|day| period.contains(day))
}
