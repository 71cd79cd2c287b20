//! Which invoices and which entries stand on the two sides of a direction.
//!
//! A self-invoice is a purchase of the company that sent it, so it counts among the
//! received ones. It shows up twice on either side: the SdI's copy comes back under a
//! second id, and reverse charge is booked in both VAT registers. Each copy that came back
//! excuses one that was sent; a further one is a duplicate.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::findings::{Excluded, Side};
use crate::fiscal::{Direction, Document, DocumentType, EntryKind, LedgerEntry, Lifecycle};
use crate::reconcile::Input;
use crate::reconcile::record::Record;
use crate::reconcile::rules::RuleSet;

/// Holds one side's rows, and those that a rule leaves out.
pub(super) struct InvoiceSide {
    pub(super) rows: Vec<Record>,
    pub(super) left_out: BTreeMap<usize, Excluded>,
}

/// Returns the documents of a direction.
pub(super) fn documents_of(input: &Input, direction: Direction) -> InvoiceSide {
    let is_self_sent = |document: &Document| {
        document.direction == Direction::Outgoing && document.document_type.is_self_invoice()
    };
    let chosen: Vec<&Document> = input
        .documents
        .iter()
        .filter(|document| {
            let is_received = document.direction == Direction::Incoming || is_self_sent(document);
            is_received == (direction == Direction::Incoming)
        })
        .collect();
    let is_copy = |index: usize| {
        is_self_sent(chosen[index]) && chosen[index].lifecycle != Lifecycle::NeverIssued
    };
    let is_original = |index: usize| chosen[index].direction == Direction::Incoming;
    let rules = input.rules.invoices(direction);
    let day = rules.day[0];
    let rows = chosen.iter().map(|document| Record::of_document(document, day, input.period));
    let rows = ruled(input, (Side::Left, direction), rows.collect());
    without_excluded(rules, 0, side(rows, is_copy, is_original))
}

/// Returns the entries of a direction.
pub(super) fn entries_of(input: &Input, direction: Direction) -> InvoiceSide {
    let is_self = |entry: &LedgerEntry| {
        entry.document_type.as_ref().is_some_and(DocumentType::is_self_invoice)
    };
    let chosen: Vec<&(String, LedgerEntry)> = input
        .entries
        .iter()
        .filter(|(_, entry)| entry.kind == EntryKind::Invoice)
        .filter(|(_, entry)| {
            let counts_as =
                if is_self(entry) { Some(Direction::Incoming) } else { entry.direction };
            counts_as == Some(direction)
        })
        .collect();
    let is_sent = |index: usize| chosen[index].1.direction == Some(Direction::Outgoing);
    let is_copy = |index: usize| is_self(&chosen[index].1) && is_sent(index);
    let rules = input.rules.invoices(direction);
    let day = rules.day[1];
    let rows = chosen.iter().map(|(file, entry)| Record::of_entry(file, entry, day, input.period));
    let rows = ruled(input, (Side::Right, direction), rows.collect());
    without_excluded(rules, 1, side(rows, is_copy, |index| !is_sent(index)))
}

/// Leaves out what the rules of somebody's own exclude.
fn without_excluded(rules: &RuleSet, hand: usize, mut side: InvoiceSide) -> InvoiceSide {
    if rules.has_excludes() {
        for (index, row) in side.rows.iter().enumerate() {
            if rules.excluded(hand, row).is_some() {
                side.left_out.entry(index).or_insert(Excluded::OwnRule);
            }
        }
    }
    side
}

/// Applies the rules about numbers that somebody switched on.
fn ruled(
    input: &Input,
    (side, direction): (Side, Direction),
    mut rows: Vec<Record>,
) -> Vec<Record> {
    let numbers = input.rules.numbers();
    if !numbers.is_empty() {
        for row in &mut rows {
            numbers.apply(side, direction, row);
        }
    }
    rows
}

/// Leaves out notices, and as many sent copies of a self-invoice as came back.
fn side(
    rows: Vec<Record>,
    is_copy: impl Fn(usize) -> bool,
    is_original: impl Fn(usize) -> bool,
) -> InvoiceSide {
    let key = |row: &Record| -> Option<(String, Option<NaiveDate>, Option<i64>)> {
        Some((row.normalised.clone()?, row.issue_date, row.amount_cents))
    };
    let mut came_back: BTreeMap<_, u32> = BTreeMap::new();
    for key in (0..rows.len()).filter(|index| is_original(*index)).filter_map(|i| key(&rows[i])) {
        *came_back.entry(key).or_insert(0) += 1;
    }
    let mut left_out: BTreeMap<usize, Excluded> = BTreeMap::new();
    let mut copies: Vec<usize> = (0..rows.len()).filter(|index| is_copy(*index)).collect();
    copies.sort_by(|a, b| rows[*a].reference.id.cmp(&rows[*b].reference.id));
    for index in copies {
        if let Some(count) = key(&rows[index]).and_then(|key| came_back.get_mut(&key))
            && *count > 0
        {
            *count -= 1;
            left_out.insert(index, Excluded::SelfInvoiceSeenTwice);
        }
    }
    for (index, row) in rows.iter().enumerate() {
        if row.document_type.as_ref().is_some_and(DocumentType::is_notice) {
            left_out.entry(index).or_insert(Excluded::Notice);
        }
    }
    InvoiceSide { rows, left_out }
}

/// Finds refused documents whose number a valid one bears again, each with that one.
///
/// A public body refuses a file, not the number: the invoice is sent again under it.
pub(super) fn sent_again(
    rows: &[Record],
    left_out: &BTreeMap<usize, Excluded>,
) -> BTreeMap<usize, usize> {
    let keys = |row: &Record| -> BTreeSet<(String, String)> {
        let number = row.normalised.clone();
        row.party.keys().filter_map(|party| Some((party, number.clone()?))).collect()
    };
    let is_refused = |row: &Record| row.lifecycle == Some(Lifecycle::Refused);
    let mut valid: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
    if !rows.iter().any(is_refused) {
        return BTreeMap::new();
    }
    for (index, row) in rows.iter().enumerate() {
        let is_valid = !is_refused(row) && row.lifecycle != Some(Lifecycle::NeverIssued);
        if is_valid && !left_out.contains_key(&index) {
            for key in keys(row) {
                valid.entry(key).or_default().push(index);
            }
        }
    }
    rows.iter()
        .enumerate()
        .filter(|(_, row)| is_refused(row))
        .filter_map(|(index, row)| {
            let same_number = keys(row).into_iter().filter_map(|key| valid.get(&key)).flatten();
            let of = same_number
                .filter(|other| {
                    !row.is_other_sort(&rows[**other]) && row.is_same_year(&rows[**other])
                })
                .min_by_key(|other| rows[**other].order())?;
            Some((index, *of))
        })
        .collect()
}
