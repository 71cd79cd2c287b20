//! What each receipt and each ledger line adds to a day's VAT rates or tenders.
//!
//! Amounts of different currencies never meet, so the currency is part of a slice.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::findings::{Difference, Explanation, Field, Slice};
use crate::fiscal::{Currency, Tenders};
use crate::reconcile::Error;
use crate::reconcile::compare::amount_difference;
use crate::reconcile::frame::{self, GroupSum, Summand};
use crate::reconcile::receipts::{Line, Receipt};
use crate::reconcile::rules::{Tolerance, are_near_each};
use crate::reconcile::statement::{Basis, Class};

/// Names one slice of one day.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct GroupKey {
    pub(super) day: NaiveDate,
    pub(super) slice: Slice,
    pub(super) currency: Currency,
}

/// Holds one slice of one day on both sides, judged.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) receipts: u64,
    pub(super) left_cents: i64,
    pub(super) right_cents: i64,
    pub(super) class: Class,
    pub(super) differences: Vec<Difference>,
    pub(super) explanation: Option<Explanation>,
}

/// Holds what one row adds to one slice, in cents.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    pub(super) gross: i64,
    taxable: i64,
    vat: i64,
}

/// Returns what a receipt adds; nothing without a day or, by rate, without VAT lines.
pub(super) fn receipt_slices(basis: Basis, receipt: &Receipt<'_>) -> Vec<(GroupKey, Sums)> {
    let Some(day) = receipt.record.issue_date else {
        return Vec::new();
    };
    let currency = receipt.record.currency;
    if basis == Basis::TakingsByTender {
        return tender_slices(day, currency, receipt.document.tenders);
    }
    let lines = receipt.document.vat_lines.iter();
    lines
        .map(|line| {
            let sums =
                Sums { gross: line.gross_cents, taxable: line.taxable_cents, vat: line.vat_cents };
            (GroupKey { day, slice: Slice::Rate(line.rate.clone()), currency }, sums)
        })
        .collect()
}

/// Returns what a ledger line adds; nothing without a day.
pub(super) fn line_slices(basis: Basis, line: &Line<'_>) -> Vec<(GroupKey, Sums)> {
    let Some(day) = line.record.issue_date else {
        return Vec::new();
    };
    let currency = line.record.currency;
    match (basis, &line.entry.vat_rate) {
        (Basis::TakingsByTender, _) => tender_slices(day, currency, line.entry.tenders),
        (_, Some(rate)) => {
            let sums = Sums {
                gross: line.record.amount_cents.unwrap_or(0),
                taxable: line.record.reference.taxable_cents.unwrap_or(0),
                vat: line.record.reference.vat_cents.unwrap_or(0),
            };
            vec![(GroupKey { day, slice: Slice::Rate(rate.clone()), currency }, sums)]
        }
        (_, None) => Vec::new(),
    }
}

fn tender_slices(
    day: NaiveDate,
    currency: Currency,
    tenders: Option<Tenders>,
) -> Vec<(GroupKey, Sums)> {
    tenders
        .unwrap_or_default()
        .each()
        .into_iter()
        .map(|(tender, cents)| {
            let key = GroupKey { day, slice: Slice::Tender(tender), currency };
            (key, Sums { gross: cents, ..Sums::default() })
        })
        .collect()
}

/// Sums rows by group through the frame engine, which knows groups by number.
pub(super) fn sum(
    rows: impl Iterator<Item = (GroupKey, Sums)>,
) -> Result<BTreeMap<GroupKey, GroupSum>, Error> {
    let mut numbers: BTreeMap<GroupKey, u32> = BTreeMap::new();
    let mut summands = Vec::new();
    let mut moved: i128 = 0;
    for (key, sums) in rows {
        let next = u32::try_from(numbers.len()).expect("a day has few slices, a month few days");
        moved +=
            [sums.gross, sums.taxable, sums.vat].map(|x| i128::from(x).abs()).iter().sum::<i128>();
        summands.push(Summand {
            key: *numbers.entry(key).or_insert(next),
            gross_cents: sums.gross,
            taxable_cents: sums.taxable,
            vat_cents: sums.vat,
        });
    }
    // The engine's sums wrap around; below half the range neither they nor their
    // differences can.
    if moved > i128::from(i64::MAX / 2) {
        return Err(Error::TooLarge(moved));
    }
    let mut sums: BTreeMap<u32, GroupSum> =
        frame::sums(&summands)?.into_iter().map(|group| (group.key, group)).collect();
    Ok(numbers.into_iter().filter_map(|(key, number)| Some((key, sums.remove(&number)?))).collect())
}

/// Compares one slice of one day: gross as the rules say, its parts by so much a receipt.
///
/// `voids` are the gross cents of the slice's voids: a difference of exactly one of them
/// is a sale that was booked without its void.
pub(super) fn judge(
    basis: Basis,
    left: Option<&GroupSum>,
    right: Option<&GroupSum>,
    voids: &[i64],
    tolerance: &Tolerance,
) -> Group {
    let value = |side: Option<&GroupSum>, of: fn(&GroupSum) -> i64| side.map_or(0, of);
    let (left_cents, right_cents) =
        (value(left, |sum| sum.gross_cents), value(right, |sum| sum.gross_cents));
    let receipts = left.map_or(0, |sum| sum.rows);
    let mut group = Group {
        receipts,
        left_cents,
        right_cents,
        class: Class::Matched,
        differences: Vec::new(),
        explanation: None,
    };
    if left_cents != right_cents {
        let missing = left_cents - right_cents;
        let is_near = tolerance.is_gross_near(left_cents, right_cents);
        group.class = if is_near { Class::MatchedWithinTolerance } else { Class::Differing };
        group.explanation = voids.contains(&missing).then_some(Explanation::VoidNotBooked);
        group.differences.push(amount_difference(
            Field::Gross,
            left_cents,
            right_cents,
            group.explanation,
        ));
    } else if basis == Basis::TakingsByRate && right.is_some() {
        let taxable = value(left, |sum| sum.taxable_cents);
        let vat = value(left, |sum| sum.vat_cents);
        let parts = [
            (Field::Taxable, taxable, value(right, |sum| sum.taxable_cents)),
            (Field::Vat, vat, value(right, |sum| sum.vat_cents)),
        ];
        for (field, a, b) in parts {
            let bound = if field == Field::Vat { &tolerance.vat } else { &tolerance.taxable };
            if let Some(bound) = bound
                && a != b
            {
                // Each receipt may round its own cent; more than that is a difference.
                let rows = if tolerance.is_each_row { receipts.max(1) } else { 1 };
                let is_rounding = are_near_each(bound, a, b, rows);
                let explanation = is_rounding.then_some(Explanation::Rounding);
                let class =
                    if is_rounding { Class::MatchedWithinTolerance } else { Class::Differing };
                group.class = group.class.max(class);
                group.differences.push(amount_difference(field, a, b, explanation));
            }
        }
    }
    group
}
