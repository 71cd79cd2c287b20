//! Adds up the classes and refuses a comparison that does not tie out.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::reconcile::statement::{Class, Verdict};
use crate::reconcile::tables::board::Board;
use crate::reconcile::tables::error::Error;
use crate::reconcile::tables::judge::Desk;
use crate::reconcile::tables::plan::SIDES;
use crate::reconcile::tables::scan::{Aside, NO_CENTS, Scan};

/// Holds the proof of a comparison of two tables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableStatement {
    /// What it comes to, worst first.
    pub verdict: Verdict,
    /// The left side.
    pub left: SideCount,
    /// The right side.
    pub right: SideCount,
    /// The money of each currency; empty when no column is the money.
    pub currencies: BTreeMap<String, CurrencyBridge>,
    /// Pairs that each pass found, in the order in which passes ran.
    pub passes: Vec<PassCount>,
}

/// Counts the rows of a side.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct SideCount {
    /// All rows of the side.
    pub rows: u64,
    /// Rows by class; a class without rows is left out.
    pub classes: BTreeMap<Class, ClassCount>,
}

/// Counts the rows of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct ClassCount {
    /// The rows.
    pub rows: u64,
}

/// Holds the money of one currency on both sides, class by class.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct CurrencyBridge {
    /// The left side.
    pub left: CurrencySide,
    /// The right side.
    pub right: CurrencySide,
    /// Left total + (right − left of each class) − right total: zero, or the run fails.
    pub residual_cents: i64,
}

/// Holds one side's total and its parts by class, in signed cents.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct CurrencySide {
    /// The side's total, summed from its rows and not from the classes.
    pub amount_cents: i64,
    /// Cents by class; a class without rows is left out.
    pub classes: BTreeMap<Class, i64>,
    /// Rows whose money column holds no amount; they count zero.
    pub rows_without_amount: u64,
}

/// Counts what a pass found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PassCount {
    /// Its name.
    pub name: String,
    /// The pairs.
    pub pairs: u64,
}

#[derive(Default, Clone, Copy)]
struct Sum {
    rows: u64,
    cents: i128,
    without: u64,
}

/// Proves that every row stands in one class and that classes add up to sides.
///
/// Sums run in 128 bits, sides and classes apart: the sides from the rows as they were
/// read, the classes from where each row ended.
pub(super) fn prove(
    desk: &Desk<'_>,
    board: &Board,
    passes: &[String],
    refused: [u64; 2],
) -> Result<TableStatement, Error> {
    let mut sides = [SideCount::default(), SideCount::default()];
    let mut currencies: BTreeMap<String, CurrencyBridge> = BTreeMap::new();
    for hand in [0, 1] {
        let scan = &desk.scans[hand];
        let classes = sums(scan, board.classes(hand)?);
        let counted: u64 = classes.iter().flatten().map(|sum| sum.rows).sum();
        check(hand, scan.rows() as i128, i128::from(counted))?;
        sides[hand].rows = counted + refused[hand];
        for (class, sum) in classes.iter().flat_map(|of| Class::ALL.iter().zip(of)) {
            if sum.rows > 0 {
                sides[hand].classes.entry(*class).or_default().rows += sum.rows;
            }
        }
        if refused[hand] > 0 {
            sides[hand].classes.entry(Class::Excluded).or_default().rows += refused[hand];
        }
        if desk.plan.amount.is_none() {
            continue;
        }
        for (index, of_currency) in classes.iter().enumerate() {
            let total: i128 = total(scan, index);
            check(hand, total, of_currency.iter().map(|sum| sum.cents).sum())?;
            let name = scan.currency_names.get(index).map_or("EUR", String::as_str);
            let bridge = currencies.entry(name.to_owned()).or_default();
            let side = if hand == 0 { &mut bridge.left } else { &mut bridge.right };
            side.amount_cents = cents(total)?;
            side.rows_without_amount = of_currency.iter().map(|sum| sum.without).sum();
            for (class, sum) in Class::ALL.iter().zip(of_currency).filter(|(_, sum)| sum.rows > 0) {
                side.classes.insert(*class, cents(sum.cents)?);
            }
        }
    }
    for bridge in currencies.values_mut() {
        bridge.residual_cents = residual(bridge)?;
    }
    let mut pairs = vec![0; passes.len()];
    for pair in &board.pairs {
        pairs[usize::from(pair.pass)] += 1;
    }
    let passes = passes.iter().zip(pairs);
    let [left, right] = sides;
    Ok(TableStatement {
        verdict: verdict(desk, &left, &right, refused),
        left,
        right,
        currencies,
        passes: passes.map(|(name, pairs)| PassCount { name: name.clone(), pairs }).collect(),
    })
}

/// Sums a side by currency and class, from where each row ended.
fn sums(scan: &Scan, classes: impl Iterator<Item = Class>) -> Vec<Vec<Sum>> {
    let currencies = scan.currency_names.len().max(1);
    let mut sums = vec![vec![Sum::default(); Class::ALL.len()]; currencies];
    for (row, class) in classes.enumerate() {
        let currency = scan.currencies.get(row).map_or(0, |index| usize::from(*index));
        let sum = &mut sums[currency][class as usize];
        sum.rows += 1;
        match scan.cents.get(row) {
            Some(cents) if *cents != NO_CENTS => sum.cents += i128::from(*cents),
            Some(_) => sum.without += 1,
            None => {}
        }
    }
    sums
}

/// Sums a side's currency from its rows alone.
fn total(scan: &Scan, currency: usize) -> i128 {
    let known = |cents: &&i64| **cents != NO_CENTS;
    if scan.currencies.is_empty() {
        return scan.cents.iter().filter(known).map(|cents| i128::from(*cents)).sum();
    }
    let rows = scan.cents.iter().zip(&scan.currencies);
    let own = rows.filter(|(_, of)| usize::from(**of) == currency).map(|(cents, _)| cents);
    own.filter(known).map(|cents| i128::from(*cents)).sum()
}

fn residual(bridge: &CurrencyBridge) -> Result<i64, Error> {
    let sum =
        |side: &CurrencySide| side.classes.values().map(|cents| i128::from(*cents)).sum::<i128>();
    let moved = i128::from(bridge.left.amount_cents) + sum(&bridge.right) - sum(&bridge.left);
    let residual = moved - i128::from(bridge.right.amount_cents);
    if residual != 0 {
        return Err(Error::DoesNotTieOut {
            side: SIDES[1],
            total: i128::from(bridge.right.amount_cents),
            classes: moved,
        });
    }
    cents(residual)
}

fn check(hand: usize, total: i128, classes: i128) -> Result<(), Error> {
    if total == classes {
        return Ok(());
    }
    Err(Error::DoesNotTieOut { side: SIDES[hand], total, classes })
}

fn cents(sum: i128) -> Result<i64, Error> {
    i64::try_from(sum).map_err(|_| Error::TooLarge(sum))
}

fn verdict(desk: &Desk<'_>, left: &SideCount, right: &SideCount, refused: [u64; 2]) -> Verdict {
    let has = |class: &Class| left.classes.contains_key(class) || right.classes.contains_key(class);
    let mut aside = desk.scans.iter().flat_map(|scan| scan.aside.iter().map(|(_, aside)| aside));
    let is_unread = refused != [0, 0] || aside.any(|aside: &Aside| !aside.is_wanted());
    if is_unread || has(&Class::OutOfWindow) {
        return Verdict::Incomplete;
    }
    let breaks = [
        Class::Differing,
        Class::MissingRight,
        Class::MissingLeft,
        Class::Duplicate,
        Class::Ambiguous,
    ];
    if breaks.iter().any(has) {
        Verdict::Breaks
    } else if has(&Class::Pending) {
        Verdict::Pending
    } else {
        Verdict::Reconciled
    }
}
