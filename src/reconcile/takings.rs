//! A day's receipts against the books' lines, by VAT rate or by tender.
//!
//! Gross must agree to the cent in each slice of each day; a drift of taxable and VAT
//! under an equal gross is rounding, at most a cent a receipt. A void counts on its own
//! day, so a sale that was booked without its void shows as exactly the void's amount.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::findings::{Evidence, Excluded, Explanation, Finding, Kind, Reason, Side};
use crate::fiscal::{Currency, Direction};
use crate::reconcile::coverage::{self, Coverage};
use crate::reconcile::prove::{Draft, prove};
use crate::reconcile::receipts::{Line, Receipt};
use crate::reconcile::record::Record;
use crate::reconcile::slices::{
    Group, GroupKey, judge, line_slices, receipt_slices, repeated_lines, sum,
};
use crate::reconcile::statement::{Basis, Class};
use crate::reconcile::verdict::FindingMaker;
use crate::reconcile::{Error, Input, Outcome};

/// Compares receipts with lines by rate or tender; closings are only listed.
pub(super) fn compare(
    input: &Input,
    basis: Basis,
    receipts: &[Receipt<'_>],
    lines: &[Line<'_>],
    closings: &[Line<'_>],
    general: &[Finding],
) -> Result<Outcome, Error> {
    let mut day = Day::new(input, basis, receipts, lines)?;
    let mut draft = Draft::new(input, Direction::Outgoing, basis);
    for receipt in receipts.iter().filter(|receipt| receipt.record.is_in_period) {
        let (class, reason) = match &receipt.left_out {
            Some(left_out) => left_out.clone(),
            None => day.class_of_receipt(receipt),
        };
        draft.push_single(Side::Left, &counted(basis, receipt), class, reason);
    }
    for (index, line) in lines.iter().enumerate() {
        let (class, reason) = day.class_of_line(index, lines);
        draft.push_single(Side::Right, &line.record, class, reason);
    }
    for closing in closings {
        let reason = Reason::Excluded { because: Excluded::TillClosing };
        draft.push_single(Side::Right, &closing.record, Class::Excluded, reason);
    }
    day.note_duplicates(lines);
    day.note_groups(lines);
    let coverage = day.coverage;
    let mut findings = day.make.into_findings();
    findings.extend(coverage.findings(input, Direction::Outgoing, &draft.rows));
    let all: Vec<Finding> = findings.iter().chain(general).cloned().collect();
    let sources = [
        receipts.iter().map(|receipt| counted(basis, receipt)).collect::<Vec<_>>(),
        lines.iter().chain(closings).map(|line| line.record.clone()).collect(),
    ];
    let sources = [sources[0].iter().collect(), sources[1].iter().collect()];
    let statement = prove(draft, coverage.covered(), &all, &sources)?;
    Ok(Outcome { statements: vec![statement], findings })
}

/// Holds the groups of all days of a statement.
struct Day<'a> {
    input: &'a Input,
    basis: Basis,
    coverage: Coverage,
    groups: BTreeMap<GroupKey, Group>,
    days_with_lines: BTreeSet<NaiveDate>,
    /// Lines that repeat another line of their group, with the one they repeat.
    duplicates: BTreeMap<usize, usize>,
    make: FindingMaker,
}

impl<'a> Day<'a> {
    fn new(
        input: &'a Input,
        basis: Basis,
        receipts: &[Receipt<'_>],
        lines: &[Line<'_>],
    ) -> Result<Self, Error> {
        let coverage = Coverage::of_days(
            input.period,
            lines.iter().filter_map(|line| line.record.issue_date),
            coverage::EDGE_DAYS_TAKINGS,
        );
        let counting: Vec<&Receipt<'_>> = receipts
            .iter()
            .filter(|receipt| receipt.record.is_in_period && receipt.left_out.is_none())
            .collect();
        let mut keys: BTreeMap<String, GroupKey> = BTreeMap::new();
        let left = sum(&mut keys, counting.iter().flat_map(|one| receipt_slices(basis, one)))?;
        let all = |skip: &BTreeMap<usize, usize>| {
            let kept: Vec<_> = lines
                .iter()
                .enumerate()
                .filter(|(index, _)| !skip.contains_key(index))
                .flat_map(|(_, line)| line_slices(basis, line))
                .collect();
            kept
        };
        let right = sum(&mut keys, all(&BTreeMap::new()).into_iter())?;
        let duplicates = repeated_lines(basis, lines, &left, &right);
        let right = if duplicates.is_empty() {
            right
        } else {
            sum(&mut keys, all(&duplicates).into_iter())?
        };
        let mut voids: BTreeMap<GroupKey, Vec<i64>> = BTreeMap::new();
        for receipt in counting.iter().filter(|one| one.document.document_type.is_negative()) {
            for (key, sums) in receipt_slices(basis, receipt) {
                voids.entry(key).or_default().push(sums.gross);
            }
        }
        let groups = keys
            .into_values()
            .map(|key| {
                let cancelled = voids.get(&key).map_or(&[][..], Vec::as_slice);
                let group = judge(basis, left.get(&key), right.get(&key), cancelled);
                (key, group)
            })
            .collect();
        let days_with_lines = lines.iter().filter_map(|line| line.record.issue_date).collect();
        let make = FindingMaker::new(input, Direction::Outgoing);
        Ok(Self { input, basis, coverage, groups, days_with_lines, duplicates, make })
    }

    fn class_of_receipt(&self, receipt: &Receipt<'_>) -> (Class, Reason) {
        let keys: Vec<GroupKey> =
            receipt_slices(self.basis, receipt).into_iter().map(|(key, _)| key).collect();
        let Some(day) = receipt.record.issue_date else {
            return (Class::MissingRight, Reason::NoPartner { nearest: None });
        };
        if !self.has_lines(day) {
            return self
                .coverage
                .excuse_day(self.input, day)
                .unwrap_or((Class::MissingRight, Reason::NoPartner { nearest: None }));
        }
        self.grouped(day, &keys)
    }

    fn class_of_line(&self, index: usize, lines: &[Line<'_>]) -> (Class, Reason) {
        let line = &lines[index];
        if let Some(of) = self.duplicates.get(&index) {
            let of = Box::new(lines[*of].record.reference.clone());
            return (Class::Duplicate, Reason::Duplicate { of });
        }
        let keys: Vec<GroupKey> =
            line_slices(self.basis, line).into_iter().map(|(key, _)| key).collect();
        let Some(day) = line.record.issue_date else {
            return (Class::MissingLeft, Reason::NoPartner { nearest: None });
        };
        let receipts: u64 = keys.iter().map(|key| self.groups[key].receipts).sum();
        if receipts == 0 && line.record.amount_cents.unwrap_or(0) != 0 {
            if self.input.unsettled.iter().any(|span| span.contains(day)) {
                return (Class::OutOfWindow, Reason::OutOfWindow { covered: None });
            }
            return (Class::MissingLeft, Reason::NoPartner { nearest: None });
        }
        self.grouped(day, &keys)
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

    fn has_lines(&self, day: NaiveDate) -> bool {
        self.days_with_lines.contains(&day)
    }

    fn note_duplicates(&mut self, lines: &[Line<'_>]) {
        for (index, of) in &self.duplicates {
            let of = Box::new(lines[*of].record.reference.clone());
            let reason = Reason::Duplicate { of };
            let record = &lines[*index].record;
            self.make.row(Kind::DuplicateInLedger, Side::Right, record, &reason);
        }
    }

    /// Adds a finding for each slice that differs, one for two tenders that swapped.
    fn note_groups(&mut self, lines: &[Line<'_>]) {
        let differing: Vec<(GroupKey, Group)> = self
            .groups
            .iter()
            .filter(|(_, group)| group.class == Class::Differing)
            .filter(|((day, _), _)| {
                self.has_lines(*day) || self.coverage.excuse_day(self.input, *day).is_none()
            })
            .map(|(key, group)| (key.clone(), group.clone()))
            .collect();
        let mut said: BTreeSet<GroupKey> = BTreeSet::new();
        for ((day, slice), group) in &differing {
            if said.contains(&(*day, slice.clone())) {
                continue;
            }
            let difference = group.left_cents - group.right_cents;
            let opposite = differing.iter().find(|((on, other), rival)| {
                self.basis == Basis::TakingsByTender
                    && on == day
                    && other != slice
                    && rival.left_cents - rival.right_cents == -difference
            });
            let mut explanation = group.explanation;
            if let Some((key, _)) = opposite {
                said.insert(key.clone());
                explanation = Some(Explanation::TendersSwapped);
            }
            let key = (*day, slice.clone());
            let line = lines
                .iter()
                .find(|line| line_slices(self.basis, line).iter().any(|(other, _)| *other == key))
                .map(|line| line.record.reference.clone());
            let evidence = Evidence::Takings {
                day: *day,
                slice: slice.clone(),
                receipts: group.receipts,
                left_cents: group.left_cents,
                right_cents: group.right_cents,
                line,
                explanation,
            };
            self.make.push(
                Kind::TakingsDiffer,
                evidence,
                difference.saturating_abs(),
                Currency::EUR,
            );
        }
    }
}

/// A receipt counts its rates' gross in one statement and its tenders in the other.
fn counted(basis: Basis, receipt: &Receipt<'_>) -> Record {
    let mut record = receipt.record.clone();
    if basis == Basis::TakingsByTender {
        record.amount_cents = receipt
            .document
            .tenders
            .map(|tenders| tenders.each().into_iter().map(|(_, cents)| cents).sum());
    }
    record
}
