//! What each receipt and each ledger line adds to a day's VAT rates or tenders.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::findings::{Difference, Explanation, Field, Slice};
use crate::fiscal::Tenders;
use crate::reconcile::Error;
use crate::reconcile::compare::amount_difference;
use crate::reconcile::frame::{self, GroupSum, Summand};
use crate::reconcile::receipts::{Line, Receipt};
use crate::reconcile::statement::{Basis, Class};

/// Names one slice of one day.
pub(super) type GroupKey = (NaiveDate, Slice);

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

pub(super) fn receipt_slices(basis: Basis, receipt: &Receipt<'_>) -> Vec<(GroupKey, Sums)> {
    let Some(day) = receipt.record.issue_date else {
        return Vec::new();
    };
    match basis {
        Basis::TakingsByTender => tender_slices(day, receipt.document.tenders),
        _ => receipt
            .document
            .vat_lines
            .iter()
            .map(|line| {
                let sums = Sums {
                    gross: line.gross_cents,
                    taxable: line.taxable_cents,
                    vat: line.vat_cents,
                };
                ((day, Slice::Rate(line.rate.clone())), sums)
            })
            .collect(),
    }
}

pub(super) fn line_slices(basis: Basis, line: &Line<'_>) -> Vec<(GroupKey, Sums)> {
    let Some(day) = line.record.issue_date else {
        return Vec::new();
    };
    match (basis, &line.entry.vat_rate) {
        (Basis::TakingsByTender, _) => tender_slices(day, line.entry.tenders),
        (_, Some(rate)) => {
            let sums = Sums {
                gross: line.record.amount_cents.unwrap_or(0),
                taxable: line.record.taxable_cents.unwrap_or(0),
                vat: line.record.vat_cents.unwrap_or(0),
            };
            vec![((day, Slice::Rate(rate.clone())), sums)]
        }
        (_, None) => Vec::new(),
    }
}

fn tender_slices(day: NaiveDate, tenders: Option<Tenders>) -> Vec<(GroupKey, Sums)> {
    tenders
        .unwrap_or_default()
        .each()
        .into_iter()
        .map(|(tender, cents)| {
            ((day, Slice::Tender(tender)), Sums { gross: cents, ..Sums::default() })
        })
        .collect()
}

/// Sums rows by group through the frame engine, remembering what each key stands for.
pub(super) fn sum(
    keys: &mut BTreeMap<String, GroupKey>,
    rows: impl Iterator<Item = (GroupKey, Sums)>,
) -> Result<BTreeMap<GroupKey, GroupSum>, Error> {
    let summands: Vec<Summand> = rows
        .map(|(key, sums)| {
            let text = format!("{}|{:?}", key.0, key.1);
            keys.entry(text.clone()).or_insert(key);
            Summand {
                key: text,
                gross_cents: sums.gross,
                taxable_cents: sums.taxable,
                vat_cents: sums.vat,
            }
        })
        .collect();
    let grouped = frame::sums(&summands)?;
    Ok(grouped.into_iter().map(|group| (keys[&group.key].clone(), group)).collect())
}

pub(super) fn judge(
    basis: Basis,
    left: Option<&GroupSum>,
    right: Option<&GroupSum>,
    voids: &[i64],
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
        group.class = Class::Differing;
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
            if a != b {
                // Each receipt may round its own cent; more than that is a difference.
                let is_rounding = a.abs_diff(b) <= receipts.max(1);
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

/// Finds lines that repeat another one and without which their group agrees.
pub(super) fn repeated_lines(
    basis: Basis,
    lines: &[Line<'_>],
    left: &BTreeMap<GroupKey, GroupSum>,
    right: &BTreeMap<GroupKey, GroupSum>,
) -> BTreeMap<usize, usize> {
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by(|a, b| lines[*a].record.reference.id.cmp(&lines[*b].record.reference.id));
    let mut first = BTreeMap::new();
    let mut repeated = BTreeMap::new();
    for index in order {
        let line = &lines[index];
        let Some(of) = first.get(&line.record.content).copied() else {
            first.insert(line.record.content, index);
            continue;
        };
        let explains = line_slices(basis, line).iter().all(|(key, sums)| {
            let books = right.get(key).map_or(0, |sum| sum.gross_cents);
            books - sums.gross == left.get(key).map_or(0, |sum| sum.gross_cents)
        });
        if explains {
            repeated.insert(index, of);
        }
    }
    repeated
}
