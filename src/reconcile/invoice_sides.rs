//! Which invoices and which entries stand on the two sides of a direction.
//!
//! A self-invoice is a purchase of the company that sent it, so it counts among the
//! received ones. It shows up twice on either side: the SdI's copy comes back under a
//! second id, and reverse charge is booked in both VAT registers. Each copy that came back
//! excuses one that was sent; a further one is a duplicate.

use std::collections::{BTreeMap, BTreeSet};

use crate::findings::{Excluded, Side};
use crate::fiscal::{Direction, Document, DocumentType, EntryKind, LedgerEntry, Lifecycle};
use crate::reconcile::Input;
use crate::reconcile::record::{Names, Record};
use crate::reconcile::rules::RuleSet;

/// Holds one side's rows, and those that a rule leaves out.
#[derive(Default)]
pub(super) struct InvoiceSide {
    pub(super) rows: Vec<Record>,
    pub(super) left_out: BTreeMap<usize, Excluded>,
}

/// Holds one side's invoices while they come in: what was sent, then what was received.
pub(super) struct InvoiceRows([InvoiceSide; 2]);

impl InvoiceRows {
    /// Begins without rows, of which so many are expected in all.
    pub(super) fn expecting(count: usize) -> Self {
        // Memory that nothing is written to costs nothing; a list that grows is copied.
        let side = || InvoiceSide { rows: Vec::with_capacity(count), left_out: BTreeMap::new() };
        Self([side(), side()])
    }

    /// Places a document in its direction.
    pub(super) fn take_document(&mut self, input: &Input, names: &mut Names, document: &Document) {
        let is_received =
            document.direction == Direction::Incoming || document.document_type.is_self_invoice();
        let direction = if is_received { Direction::Incoming } else { Direction::Outgoing };
        let day = input.rules.invoices(direction).day[0];
        let row = Record::of_document(document, names, day, input.period);
        self.take(input, (Side::Left, direction), row);
    }

    /// Places an entry of the named file in its direction, if it is an invoice.
    pub(super) fn take_entry(
        &mut self,
        input: &Input,
        names: &mut Names,
        (file, entry): (&str, &LedgerEntry),
    ) {
        let is_self = entry.document_type.as_ref().is_some_and(DocumentType::is_self_invoice);
        let counts_as = if is_self { Some(Direction::Incoming) } else { entry.direction };
        if let (EntryKind::Invoice, Some(direction)) = (entry.kind, counts_as) {
            let day = input.rules.invoices(direction).day[1];
            let row = Record::of_entry(file, entry, names, day, input.period);
            self.take(input, (Side::Right, direction), row);
        }
    }

    /// Adds a row, found by what its party's rule about numbers leaves of its number.
    fn take(&mut self, input: &Input, (side, direction): (Side, Direction), mut row: Record) {
        let numbers = input.rules.numbers();
        if !numbers.is_empty() {
            numbers.apply(side, direction, &mut row);
        }
        self.0[direction as usize].rows.push(row);
    }
}

/// Returns the sides of what was sent, then of what was received, when all rows are in.
pub(super) fn whole(
    input: &Input,
    (documents, names): (InvoiceRows, &Names),
    (mut entries, others): (InvoiceRows, &Names),
) -> [[InvoiceSide; 2]; 2] {
    for way in &mut entries.0 {
        names.share(others, &mut way.rows);
    }
    let [sent, received] = documents.0;
    let [booked_sales, booked_purchases] = entries.0;
    let mut all = [[sent, booked_sales], [received, booked_purchases]];
    for (sides, direction) in all.iter_mut().zip([Direction::Outgoing, Direction::Incoming]) {
        let rules = input.rules.invoices(direction);
        for (hand, side) in sides.iter_mut().enumerate() {
            side.leave_out();
            if rules.has_excludes() {
                side.exclude(rules, hand);
            }
        }
    }
    all
}

impl InvoiceSide {
    /// Leaves out what rules of somebody's own exclude.
    fn exclude(&mut self, rules: &RuleSet, hand: usize) {
        for (index, row) in self.rows.iter().enumerate() {
            if rules.excluded(hand, row).is_some() {
                self.left_out.entry(index).or_insert(Excluded::OwnRule);
            }
        }
    }

    /// Leaves out notices, and as many sent copies of a self-invoice as came back.
    fn leave_out(&mut self) {
        let Self { rows, left_out } = self;
        let is_copy = |row: &Record| {
            row.sort.is_self_invoice
                && row.sort.is_sent
                && row.lifecycle != Some(Lifecycle::NeverIssued)
        };
        let mut copies: Vec<usize> =
            (0..rows.len()).filter(|index| is_copy(&rows[*index])).collect();
        copies.sort_by(|a, b| rows[*a].reference.id.cmp(&rows[*b].reference.id));
        let key = |row: &Record| Some((row.normalised.clone()?, row.issue_date, row.amount_cents));
        let mut came_back: BTreeMap<_, u32> = BTreeMap::new();
        if !copies.is_empty() {
            for key in rows.iter().filter(|row| !row.sort.is_sent).filter_map(key) {
                *came_back.entry(key).or_insert(0) += 1;
            }
        }
        for index in copies {
            if let Some(count) = key(&rows[index]).and_then(|key| came_back.get_mut(&key))
                && *count > 0
            {
                *count -= 1;
                left_out.insert(index, Excluded::SelfInvoiceSeenTwice);
            }
        }
        for (index, row) in rows.iter().enumerate() {
            if row.sort.is_notice {
                left_out.entry(index).or_insert(Excluded::Notice);
            }
        }
    }
}

/// Finds refused documents whose number a valid one bears again, each with that one.
///
/// A public body refuses a file, not the number: the invoice is sent again under it.
pub(super) fn sent_again(
    rows: &[Record],
    left_out: &BTreeMap<usize, Excluded>,
) -> BTreeMap<usize, usize> {
    fn keys(row: &Record) -> BTreeSet<(&str, &str)> {
        let number = row.normalised.as_deref();
        row.party.keys().filter_map(|party| Some((party, number?))).collect()
    }
    let is_refused = |row: &Record| row.lifecycle == Some(Lifecycle::Refused);
    let mut valid: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
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
