//! The days of electronic takings and card transactions, and what is said of each.
//!
//! A transaction counts on its own day, or on that of the only receipt that it names: a card
//! is charged when goods are sent, a terminal closes after midnight. A day that differs is
//! carried over to another day near by only when that one differs by exactly the opposite
//! and neither has a second day to choose.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};

use crate::findings::{DaySettled, Reason};
use crate::fiscal::{Currency, Settlement};
use crate::reconcile::Error;
use crate::reconcile::receipts::Line;
use crate::reconcile::record::Record;
use crate::reconcile::rules::Tolerance;
use crate::reconcile::statement::Class;

/// Holds what one receipt, or one line of the books, took electronically.
pub(super) struct Sale<'a> {
    pub(super) record: &'a Record,
    pub(super) cents: i64,
    /// Class and reason of a receipt that was never, or not yet, issued, or is left out.
    pub(super) left_out: Option<&'a (Class, Reason)>,
}

/// Says what a row of a payment service's file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A sale or a refund.
    Counts,
    /// A payout or a fee by itself.
    Movement,
    /// It failed, or is not done yet.
    NotDone,
    /// It repeats another row.
    Repeats(usize),
}

/// Names a day of one currency.
pub(super) type DayKey = (Currency, NaiveDate);

/// Holds the rows of one day by their places, and their sums.
#[derive(Debug, Default)]
pub(super) struct Day {
    pub(super) sales: Vec<usize>,
    pub(super) transactions: Vec<usize>,
    taken: i128,
    settled: i128,
}

impl Day {
    fn difference(&self) -> i128 {
        self.taken - self.settled
    }
}

/// Holds all days, those around the period among them, and where each transaction counts.
pub(super) struct Calendar {
    pub(super) days: BTreeMap<DayKey, Day>,
    /// The day on which each row of the file counts; of those that count.
    pub(super) day_of: Vec<Option<DayKey>>,
    carried: BTreeMap<DayKey, NaiveDate>,
}

impl Calendar {
    /// Sums both sides by day and finds the days that are carried over.
    pub(super) fn new(
        sales: &[Sale<'_>],
        (lines, roles): (&[Line<'_>], &[Role]),
        tolerance: &Tolerance,
    ) -> Result<Self, Error> {
        let mut days: BTreeMap<DayKey, Day> = BTreeMap::new();
        for (place, sale) in sales.iter().enumerate().filter(|(_, sale)| sale.left_out.is_none()) {
            if let Some(day) = sale.record.issue_date {
                let day = days.entry((sale.record.currency, day)).or_default();
                day.sales.push(place);
                day.taken += i128::from(sale.cents);
            }
        }
        let named = days_by_name(sales);
        let mut day_of = vec![None; lines.len()];
        let counts = |at: usize| roles[at] == Role::Counts && lines[at].left_out.is_none();
        for (place, line) in lines.iter().enumerate().filter(|(at, _)| counts(*at)) {
            let record = &line.record;
            let is_refund = record.amount_cents.is_some_and(|cents| cents < 0);
            let named: BTreeSet<NaiveDate> = record
                .references()
                .filter_map(|name| named.get(&(name, is_refund)).copied().flatten())
                .collect();
            let day = match named.len() {
                1 => named.first().copied(),
                _ => record.issue_date,
            };
            if let Some(day) = day {
                let key = (record.currency, day);
                let day = days.entry(key).or_default();
                day.transactions.push(place);
                day.settled += i128::from(record.amount_cents.unwrap_or(0));
                day_of[place] = Some(key);
            }
        }
        let too_large = |sum: i128| sum.unsigned_abs() > u128::from(i64::MAX.unsigned_abs() / 2);
        if let Some(sum) =
            days.values().flat_map(|day| [day.taken, day.settled]).find(|sum| too_large(*sum))
        {
            return Err(Error::TooLarge(sum));
        }
        let carried = carried(&days, tolerance);
        Ok(Self { days, day_of, carried })
    }

    /// Returns both sides of a day, terminals and the like left to findings.
    pub(super) fn told<'s>(
        &self,
        key: DayKey,
        is_of_books: bool,
        settlement: impl Fn(usize) -> Option<&'s Settlement>,
    ) -> DaySettled {
        let day = &self.days[&key];
        let (mut fee, mut net) = (Some(0_i64), Some(0_i64));
        for place in &day.transactions {
            let of = settlement(*place);
            let add = |(sum, cents): (i64, i64)| sum.saturating_add(cents);
            fee = fee.zip(of.and_then(|of| of.fee_cents)).map(add);
            net = net.zip(of.and_then(|of| of.net_cents)).map(add);
        }
        let is_any = !day.transactions.is_empty();
        let cents = |sum: i128| i64::try_from(sum).unwrap_or(i64::MAX);
        DaySettled {
            day: key.1,
            is_of_books,
            receipts: day.sales.len() as u64,
            taken_cents: cents(day.taken),
            transactions: day.transactions.len() as u64,
            settled_cents: cents(day.settled),
            fee_cents: fee.filter(|_| is_any),
            net_cents: net.filter(|_| is_any),
            terminals: BTreeMap::new(),
            other_day: self.carried.get(&key).copied(),
            alike: None,
        }
    }
}

/// Parts days into stretches, between which lies one of some other days.
pub(super) fn stretches(
    days: impl Iterator<Item = DayKey>,
    between: &BTreeSet<NaiveDate>,
) -> Vec<Vec<DayKey>> {
    let mut sorted: Vec<DayKey> = days.collect();
    // Currencies share their days.
    sorted.sort_by_key(|(currency, day)| (*day, *currency));
    let mut stretches: Vec<Vec<DayKey>> = Vec::new();
    for key in sorted {
        let last = stretches.last_mut().filter(|stretch| {
            let before = stretch.last().map_or(key.1, |last| last.1);
            between.range(before..=key.1).next().is_none()
        });
        match last {
            Some(stretch) => stretch.push(key),
            None => stretches.push(vec![key]),
        }
    }
    stretches
}

/// Returns the day of the only receipt of each name and sign; none where several bear it.
fn days_by_name<'a>(sales: &'a [Sale<'_>]) -> BTreeMap<(&'a str, bool), Option<NaiveDate>> {
    let mut named: BTreeMap<(&str, bool), Option<NaiveDate>> = BTreeMap::new();
    for sale in sales.iter().filter(|sale| sale.left_out.is_none()) {
        for name in sale.record.references() {
            named
                .entry((name, sale.cents < 0))
                .and_modify(|day| *day = None)
                .or_insert(sale.record.issue_date);
        }
    }
    named
}

/// Finds pairs of days whose differences cancel, where neither has another to choose.
fn carried(days: &BTreeMap<DayKey, Day>, tolerance: &Tolerance) -> BTreeMap<DayKey, NaiveDate> {
    let near = Days::new(tolerance.days_apart());
    let partners = |(currency, day): DayKey, difference: i128| -> Vec<NaiveDate> {
        days.range((currency, day - near)..=(currency, day + near))
            .filter(|(_, other)| difference != 0 && other.difference() == -difference)
            .map(|((_, other), _)| *other)
            .collect()
    };
    let only = |key: DayKey| match &partners(key, days[&key].difference())[..] {
        [one] => Some(*one),
        _ => None,
    };
    days.keys()
        .filter_map(|key| {
            let other = only(*key)?;
            (only((key.0, other)) == Some(key.1)).then_some((*key, other))
        })
        .collect()
}
