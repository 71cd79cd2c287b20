//! A finding for each slice of a day that differs, its euros counted once.
//!
//! A register by rate and a register by tender tell the same money twice. What a day lacks
//! in all therefore shows in both, and is at risk in the first of them only: of a tender's
//! difference that much is left out as the day's rates have put at risk already, by the
//! same sign. A sum that only stands under the wrong tender changes no total, and counts.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::findings::{Evidence, Explanation, Kind};
use crate::fiscal::Currency;
use crate::reconcile::receipts::Told;
use crate::reconcile::slices::{Group, GroupKey, line_slices};
use crate::reconcile::statement::{Basis, Class};
use crate::reconcile::takings::Book;
use crate::reconcile::verdict::FindingMaker;

/// Adds a finding for each slice that differs, one for two tenders that swapped.
pub(super) fn note_groups(book: &Book<'_>, told: &mut Told, make: &mut FindingMaker) {
    let differing: Vec<(&GroupKey, &Group)> = book
        .groups
        .iter()
        .filter(|(_, group)| group.class == Class::Differing)
        .filter(|(key, _)| book.is_due(key.day))
        // Books without any receipt on a day that was not read say nothing yet.
        .filter(|(key, group)| group.receipts > 0 || !book.is_unread(key.day))
        .collect();
    let net = net_by_day(&differing);
    let mut shared: BTreeMap<(NaiveDate, Currency), i64> = net
        .iter()
        .map(|(day, cents)| (*day, common(*cents, told.lacking.get(day).copied().unwrap_or(0))))
        .collect();
    let mut swapped: BTreeSet<&GroupKey> = BTreeSet::new();
    for (key, group) in &differing {
        if swapped.contains(key) {
            continue;
        }
        let mut difference = group.left_cents - group.right_cents;
        let mut explanation = group.explanation;
        if let Some(other) = swapped_with(book.basis, key, difference, &differing) {
            swapped.insert(other);
            explanation = Some(Explanation::TendersSwapped);
        } else if let Some(rest) = shared.get_mut(&(key.day, key.currency)) {
            let counted = common(difference, *rest);
            *rest -= counted;
            difference -= counted;
        }
        let line = book
            .lines
            .iter()
            .filter(|line| line.left_out.is_none())
            .find(|line| line_slices(book.basis, line).iter().any(|(other, _)| other == *key))
            .map(|line| line.record.told());
        let evidence = Evidence::Takings {
            day: key.day,
            slice: key.slice.clone(),
            receipts: group.receipts,
            left_cents: group.left_cents,
            right_cents: group.right_cents,
            line,
            explanation,
        };
        make.push(Kind::TakingsDiffer, evidence, difference.saturating_abs(), key.currency);
    }
    for (day, cents) in net {
        told.lacking.entry(day).or_insert(cents);
    }
}

/// Sums what each day lacks in all, left less right.
fn net_by_day(differing: &[(&GroupKey, &Group)]) -> BTreeMap<(NaiveDate, Currency), i64> {
    let mut net = BTreeMap::new();
    for (key, group) in differing {
        *net.entry((key.day, key.currency)).or_insert(0) += group.left_cents - group.right_cents;
    }
    net
}

/// Returns the part that two differences of one sign have in common, with that sign.
fn common(a: i64, b: i64) -> i64 {
    if a.signum() == b.signum() { a.signum() * a.abs().min(b.abs()) } else { 0 }
}

/// Returns the other tender of the day that has too much what this one has too little.
fn swapped_with<'a>(
    basis: Basis,
    key: &GroupKey,
    difference: i64,
    differing: &[(&'a GroupKey, &Group)],
) -> Option<&'a GroupKey> {
    let opposite = |(other, rival): &&(&'a GroupKey, &Group)| {
        (other.day, other.currency) == (key.day, key.currency)
            && other.slice != key.slice
            && rival.left_cents - rival.right_cents == -difference
    };
    let found = differing.iter().find(opposite).filter(|_| basis == Basis::TakingsByTender)?;
    Some(found.0)
}
