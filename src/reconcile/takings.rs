//! A day's receipts against the books' lines, by VAT rate or by tender.
//!
//! Gross must agree to the cent in each slice of each day; a drift of taxable and VAT
//! under an equal gross is rounding, at most a cent a receipt. A void counts on its own
//! day, so a sale that was booked without its void shows as exactly the void's amount.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::findings::{Excluded, Finding, Kind, Reason, Side};
use crate::fiscal::Direction;
use crate::reconcile::coverage::Coverage;
use crate::reconcile::draft::Draft;
use crate::reconcile::prove::{Source, prove};
use crate::reconcile::receipts::{Line, Receipt, Told, under};
use crate::reconcile::repeats::repeated_lines;
use crate::reconcile::slices::{Group, GroupKey, judge, line_slices, receipt_slices, sum};
use crate::reconcile::statement::{Basis, Class};
use crate::reconcile::takings_findings::note_groups;
use crate::reconcile::verdict::FindingMaker;
use crate::reconcile::{Error, Input, Outcome};

/// Compares receipts with lines by rate or tender; closings are only listed.
pub(super) fn compare(
    input: &Input,
    basis: Basis,
    receipts: &[Receipt<'_>],
    (lines, closings): (&[Line<'_>], &[Line<'_>]),
    told: &mut Told,
    general: &[Finding],
) -> Result<Outcome, Error> {
    let receipts = &under(receipts, input.rules.takings())[..];
    let book = Book::new(input, basis, receipts, lines)?;
    let mut make = FindingMaker::new(input, Direction::Outgoing);
    let mut draft = Draft::new(input, Direction::Outgoing, basis);
    for receipt in receipts.iter().filter(|receipt| receipt.record.is_in_period) {
        let (class, reason) = match &receipt.left_out {
            Some(left_out) => left_out.clone(),
            None => book.class_of_receipt(receipt),
        };
        if class == Class::MissingRight && !book.is_grouped(receipt) {
            make.row(Kind::MissingInLedger, Side::Left, &receipt.record, &reason);
        }
        let amount = counted(basis, receipt);
        draft.push_counting(Side::Left, &receipt.record, amount, (class, reason.into()));
    }
    for (index, line) in lines.iter().enumerate() {
        let (class, reason) = book.class_of_line(index);
        let kind = match class {
            Class::Duplicate => Some(Kind::DuplicateInLedger),
            Class::MissingLeft if line.record.issue_date.is_none() => Some(Kind::MissingAtProvider),
            _ => None,
        };
        if let Some(kind) = kind {
            make.row(kind, Side::Right, &line.record, &reason);
        }
        draft.push_single(Side::Right, &line.record, class, reason);
    }
    for closing in closings {
        let closed = || (Class::Excluded, Reason::Excluded { because: Excluded::TillClosing });
        let (class, reason) = closing.left_out.clone().unwrap_or_else(closed);
        draft.push_single(Side::Right, &closing.record, class, reason);
    }
    note_groups(&book, told, &mut make);
    let mut findings = make.into_findings();
    findings.extend(book.coverage.findings(
        input,
        Direction::Outgoing,
        &draft.rows[0],
        &told.outside,
    ));
    told.note_outside(&draft.rows[0]);
    let all: Vec<Finding> = findings.iter().chain(general).cloned().collect();
    let sources = [
        receipts.iter().map(|one| Source::counting(&one.record, counted(basis, one))).collect(),
        lines.iter().chain(closings).map(|line| Source::of(&line.record)).collect(),
    ];
    let statement = prove(draft, book.coverage.covered(), &all, &sources)?;
    Ok(Outcome { statements: vec![statement], findings, ..Outcome::default() })
}

/// Holds the slices of all days of a statement.
pub(super) struct Book<'a> {
    pub(super) input: &'a Input,
    pub(super) basis: Basis,
    pub(super) lines: &'a [Line<'a>],
    pub(super) groups: BTreeMap<GroupKey, Group>,
    coverage: Coverage,
    days_with_lines: BTreeSet<NaiveDate>,
    /// Lines that repeat another line of their group, with the one they repeat.
    duplicates: BTreeMap<usize, usize>,
}

impl<'a> Book<'a> {
    fn new(
        input: &'a Input,
        basis: Basis,
        receipts: &[Receipt<'_>],
        lines: &'a [Line<'a>],
    ) -> Result<Self, Error> {
        let counting: Vec<&Receipt<'_>> = receipts
            .iter()
            .filter(|receipt| receipt.record.is_in_period && receipt.left_out.is_none())
            .collect();
        let left = sum(counting.iter().flat_map(|one| receipt_slices(basis, one)))?;
        let heeded = || lines.iter().enumerate().filter(|(_, line)| line.left_out.is_none());
        let right = sum(heeded().flat_map(|(_, line)| line_slices(basis, line)))?;
        let duplicates = repeated_lines(basis, lines, &left, &right);
        let kept = heeded().filter(|(index, _)| !duplicates.contains_key(index));
        let right = sum(kept.flat_map(|(_, line)| line_slices(basis, line)))?;
        let mut voids: BTreeMap<GroupKey, Vec<i64>> = BTreeMap::new();
        for receipt in counting.iter().filter(|one| one.document.document_type.as_str() == "void") {
            for (key, sums) in receipt_slices(basis, receipt) {
                voids.entry(key).or_default().push(sums.gross);
            }
        }
        let tolerance = &input.rules.takings().tolerance;
        let keys: BTreeSet<&GroupKey> = left.keys().chain(right.keys()).collect();
        let groups = keys
            .into_iter()
            .map(|key| {
                let cancelled = voids.get(key).map_or(&[][..], Vec::as_slice);
                (key.clone(), judge(basis, left.get(key), right.get(key), cancelled, tolerance))
            })
            .collect();
        Ok(Self {
            input,
            basis,
            lines,
            groups,
            coverage: Coverage::of_rows(
                input,
                lines.iter().map(|line| &line.record),
                input.rules.takings(),
            ),
            days_with_lines: heeded().filter_map(|(_, line)| line.record.issue_date).collect(),
            duplicates,
        })
    }

    /// Tells whether a day's slices are compared: the books hold it, or should.
    pub(super) fn is_due(&self, day: NaiveDate) -> bool {
        self.days_with_lines.contains(&day) || self.coverage.excuse_day(self.input, day).is_none()
    }

    /// Tells whether the provider's receipts of a day may not all be known.
    pub(super) fn is_unread(&self, day: NaiveDate) -> bool {
        self.input.unsettled.iter().any(|span| span.contains(day))
    }

    /// Tells whether a receipt is part of some slice, whose finding then tells of it.
    fn is_grouped(&self, receipt: &Receipt<'_>) -> bool {
        !receipt_slices(self.basis, receipt).is_empty()
    }

    fn class_of_receipt(&self, receipt: &Receipt<'_>) -> (Class, Reason) {
        let missing = (Class::MissingRight, Reason::NoPartner { nearest: None });
        let Some(day) = receipt.record.issue_date else {
            return missing;
        };
        if !self.days_with_lines.contains(&day) {
            return self.coverage.excuse_day(self.input, day).unwrap_or(missing);
        }
        let keys: Vec<GroupKey> =
            receipt_slices(self.basis, receipt).into_iter().map(|(key, _)| key).collect();
        if keys.is_empty() && receipt.record.amount_cents != Some(0) {
            // Nothing says under which rate the books should hold it.
            return missing;
        }
        self.grouped(day, &keys)
    }

    fn class_of_line(&self, index: usize) -> (Class, Reason) {
        let line = &self.lines[index];
        if let Some(left_out) = &line.left_out {
            return left_out.clone();
        }
        if let Some(of) = self.duplicates.get(&index) {
            let of = Box::new(self.lines[*of].record.told());
            return (Class::Duplicate, Reason::Duplicate { of });
        }
        let missing = (Class::MissingLeft, Reason::NoPartner { nearest: None });
        let Some(day) = line.record.issue_date else {
            return missing;
        };
        let keys: Vec<GroupKey> =
            line_slices(self.basis, line).into_iter().map(|(key, _)| key).collect();
        let receipts: u64 = keys.iter().map(|key| self.groups[key].receipts).sum();
        if receipts > 0 || line.record.amount_cents.unwrap_or(0) == 0 {
            return self.grouped(day, &keys);
        }
        if self.is_unread(day) {
            return (Class::OutOfWindow, Reason::OutOfWindow { covered: None });
        }
        missing
    }

    /// The worst of a row's groups is the row's class.
    fn grouped(&self, day: NaiveDate, keys: &[GroupKey]) -> (Class, Reason) {
        let groups: Vec<&Group> = keys.iter().map(|key| &self.groups[key]).collect();
        let class = groups.iter().map(|group| group.class).max().unwrap_or(Class::Matched);
        let receipts = groups.iter().map(|group| group.receipts).max().unwrap_or(0);
        let differences =
            groups.iter().flat_map(|group| group.differences.iter().cloned()).collect();
        (class, Reason::Grouped { day, receipts, differences })
    }
}

/// A receipt counts its rates' gross in one statement and its tenders in the other.
fn counted(basis: Basis, receipt: &Receipt<'_>) -> Option<i64> {
    match basis {
        Basis::TakingsByTender => receipt.document.tenders.map(|tenders| {
            tenders.each().into_iter().fold(0, |sum: i64, (_, cents)| sum.saturating_add(cents))
        }),
        _ => receipt.record.amount_cents,
    }
}
