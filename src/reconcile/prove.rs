//! Adds up the classes and refuses a statement that does not tie out.

use std::collections::BTreeMap;
use std::hash::BuildHasher as _;
use std::sync::Arc;

use chrono::NaiveDate;
use foldhash::fast::FixedState;

use crate::findings::{Finding, RecordRef};
use crate::fiscal::{Currency, Period};
use crate::reconcile::Error;
use crate::reconcile::draft::Draft;
use crate::reconcile::record::Record;
use crate::reconcile::statement::{
    Bridge, Class, ClassedRow, DayLine, SideMoney, SideRows, Statement, StatementWithRows,
};
use crate::reconcile::verdict::verdict;

/// Holds what a statement must account for of one row that a comparison was given.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    reference: &'a Arc<RecordRef>,
    currency: Currency,
    amount_cents: Option<i64>,
    is_in_period: bool,
}

impl<'a> Source<'a> {
    /// Returns the source of a row that counts with its own amount.
    pub(super) fn of(record: &'a Record) -> Self {
        Self::counting(record, record.amount_cents)
    }

    /// Returns the source of a row that counts with another amount here.
    pub(super) fn counting(record: &'a Record, amount_cents: Option<i64>) -> Self {
        let Record { reference, currency, is_in_period, .. } = record;
        Self { reference, currency: *currency, amount_cents, is_in_period: *is_in_period }
    }
}

/// The rows that a comparison was given, left and right.
pub(super) type Sources<'a> = [Vec<Source<'a>>; 2];

/// Turns a draft into a statement whose classes add up to its sides.
///
/// Sums run in 128 bits, sides and classes apart, so that a row in two classes, or in
/// none, shows as a difference and fails the run.
pub(super) fn prove(
    draft: Draft,
    books_cover: Option<Period>,
    findings: &[Finding],
    sources: &Sources<'_>,
) -> Result<StatementWithRows, Error> {
    let [mut left_rows, mut right_rows] = draft.rows;
    let [of_left, of_right] = sources;
    // Nothing of one side depends on the other, and both may be long.
    let (left, right) = rayon::join(
        || Summed::of(&mut left_rows, of_left),
        || Summed::of(&mut right_rows, of_right),
    );
    let (left, right) = (left?, right?);
    let classes = left.rows.classes.keys().chain(right.rows.classes.keys());
    let verdict = verdict(findings, classes.copied());
    left_rows.append(&mut right_rows);
    let statement = Statement {
        company: draft.company.tax_id,
        company_name: draft.company.name,
        document_kind: draft.document_kind,
        direction: draft.direction,
        basis: draft.basis,
        period: draft.period,
        verdict,
        left: left.rows,
        right: right.rows,
        currencies: bridges(left.totals, right.totals)?,
        days: days(left.days, right.days)?,
        books_cover,
        settled: BTreeMap::new(),
    };
    Ok(StatementWithRows { statement, rows: left_rows })
}

/// Holds one side's sums of one currency, before they are proved.
#[derive(Default)]
struct Totals {
    total: i128,
    classes: BTreeMap<Class, i128>,
    without_amount: u64,
}

/// Holds everything that is summed of one side.
#[derive(Default)]
struct Summed {
    rows: SideRows,
    totals: BTreeMap<Currency, Totals>,
    days: BTreeMap<NaiveDate, i128>,
}

impl Summed {
    /// Puts a side's rows in order and sums them, from the rows and from their sources.
    fn of(rows: &mut [ClassedRow], sources: &[Source<'_>]) -> Result<Self, Error> {
        put_in_order(rows);
        let mut side = Self::default();
        for (currency, cents) in totals_of_source(rows, sources)? {
            side.totals.entry(currency).or_default().total = cents;
        }
        for row in rows {
            side.rows.rows += 1;
            *side.rows.classes.entry(row.class).or_insert(0) += 1;
            let money = side.totals.entry(row.currency).or_default();
            let cents = i128::from(row.amount_cents.unwrap_or(0));
            *money.classes.entry(row.class).or_insert(0) += cents;
            money.without_amount += u64::from(row.amount_cents.is_none());
            if let (Some(day), Currency::EUR) = (row.record.day(), row.currency) {
                *side.days.entry(day).or_insert(0) += cents;
            }
        }
        Ok(side)
    }
}

/// Puts the sums of both sides together, by currency.
fn bridges(
    mut left: BTreeMap<Currency, Totals>,
    mut right: BTreeMap<Currency, Totals>,
) -> Result<BTreeMap<Currency, Bridge>, Error> {
    let mut currencies: Vec<Currency> = left.keys().chain(right.keys()).copied().collect();
    currencies.sort_unstable();
    currencies.dedup();
    let mut of = |currency| {
        let [left, right] = [&mut left, &mut right].map(|side| side.remove(&currency));
        bridge(currency, left.unwrap_or_default(), right.unwrap_or_default())
    };
    currencies.into_iter().map(|currency| Ok((currency, of(currency)?))).collect()
}

/// Puts the sums of both sides together, by day.
fn days(
    left: BTreeMap<NaiveDate, i128>,
    right: BTreeMap<NaiveDate, i128>,
) -> Result<Vec<DayLine>, Error> {
    let mut days: BTreeMap<NaiveDate, [i128; 2]> = BTreeMap::new();
    for (hand, side) in [left, right].into_iter().enumerate() {
        for (day, cents) in side {
            days.entry(day).or_default()[hand] = cents;
        }
    }
    let line = |(day, [left, right]): (NaiveDate, [i128; 2])| {
        Ok(DayLine { day, left_cents: cents(left)?, right_cents: cents(right)? })
    };
    days.into_iter().map(line).collect()
}

fn bridge(currency: Currency, left: Totals, right: Totals) -> Result<Bridge, Error> {
    let mut moved: i128 = left.total;
    for class in Class::ALL {
        moved += right.classes.get(class).unwrap_or(&0) - left.classes.get(class).unwrap_or(&0);
    }
    let residual = moved - right.total;
    for (side, money) in [("left", &left), ("right", &right)] {
        let classes_cents: i128 = money.classes.values().sum();
        if classes_cents != money.total || residual != 0 {
            return Err(Error::DoesNotTieOut {
                side,
                currency: currency.to_string(),
                total_cents: money.total,
                classes_cents,
            });
        }
    }
    Ok(Bridge { left: side(left)?, right: side(right)?, residual_cents: cents(residual)? })
}

fn side(totals: Totals) -> Result<SideMoney, Error> {
    Ok(SideMoney {
        amount_cents: cents(totals.total)?,
        classes: totals
            .classes
            .into_iter()
            .map(|(class, sum)| Ok((class, cents(sum)?)))
            .collect::<Result<_, Error>>()?,
        rows_without_amount: totals.without_amount,
    })
}

fn cents(sum: i128) -> Result<i64, Error> {
    i64::try_from(sum).map_err(|_| Error::TooLarge(sum))
}

/// Puts a side's rows in order of date, number and id.
///
/// What decides between most rows stands beside their places: following a pointer at each of
/// many million comparisons would take longer than everything else here.
fn put_in_order(rows: &mut [ClassedRow]) {
    let mut order: Vec<(Option<NaiveDate>, u64, u32)> = (0..)
        .zip(&*rows)
        .map(|(place, row)| (row.record.issue_date, beginning(row.record.number.as_deref()), place))
        .collect();
    order.sort_unstable_by(|a, b| {
        (a.0, a.1).cmp(&(b.0, b.1)).then_with(|| {
            let (a, b) = (&rows[a.2 as usize].record, &rows[b.2 as usize].record);
            (&a.number, &a.id).cmp(&(&b.number, &b.id))
        })
    });
    // Each round brings the rows of one cycle to their places and marks these as done.
    for start in 0..rows.len() {
        let mut at = start;
        loop {
            let from = std::mem::replace(&mut order[at].2, place(at)) as usize;
            if from == start || from == at {
                break;
            }
            rows.swap(at, from);
            at = from;
        }
    }
}

fn place(index: usize) -> u32 {
    u32::try_from(index).expect("a side of four thousand million rows fits no memory")
}

/// Returns a number's first bytes so that they order as the text does; none comes first.
fn beginning(number: Option<&str>) -> u64 {
    let mut bytes = [0; 8];
    for (place, byte) in bytes.iter_mut().zip(number.unwrap_or_default().bytes()) {
        *place = byte;
    }
    u64::from_be_bytes(bytes)
}

/// Sums a side from its source rows, and refuses a row without class or with two.
///
/// A row is the very one that was given, wherever it stands in memory. Rows of other days
/// take part as partners only: they count when they found one.
fn totals_of_source(
    rows: &[ClassedRow],
    sources: &[Source<'_>],
) -> Result<BTreeMap<Currency, i128>, Error> {
    if let Some((id, times)) = given_again(sources) {
        return Err(Error::RowNotInOneClass { row: id.to_owned(), times });
    }
    let mut totals: BTreeMap<Currency, i128> = BTreeMap::new();
    let classed = by_address(rows, |row| &row.record);
    let mut rest = &classed[..];
    for (address, at) in by_address(sources, |source| source.reference) {
        let source = &sources[at as usize];
        if rest.first().is_some_and(|(other, _)| *other < address) {
            break;
        }
        let times = rest.iter().take_while(|(other, _)| *other == address).count();
        if times > 1 || (times == 0 && source.is_in_period) {
            return Err(Error::RowNotInOneClass { row: source.reference.id.clone(), times });
        }
        if times == 1 {
            let cents = i128::from(source.amount_cents.unwrap_or(0));
            *totals.entry(source.currency).or_insert(0) += cents;
        }
        rest = &rest[times..];
    }
    match rest.first() {
        Some((_, row)) => Err(Error::RowNotGiven { row: rows[*row as usize].record.id.clone() }),
        None => Ok(totals),
    }
}

/// Returns an id that several rows bear, and how many: nobody could tell these apart.
fn given_again<'a>(sources: &[Source<'a>]) -> Option<(&'a str, usize)> {
    let ids = || sources.iter().map(|source| source.reference.id.as_str());
    let hash = |id: &str| FixedState::default().hash_one(id);
    let mut hashes: Vec<u64> = ids().map(hash).collect();
    hashes.sort_unstable();
    let mut again = hashes.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]);
    again.find_map(|several| {
        let mut of_hash: Vec<&str> = ids().filter(|id| hash(id) == several).collect();
        of_hash.sort_unstable();
        let equal = of_hash.chunk_by(|a, b| a == b).find(|equal| equal.len() > 1)?;
        Some((equal[0], equal.len()))
    })
}

/// Returns the places of rows behind the addresses of what they say, in their order.
///
/// Rows lie in memory mostly as they came, so that this is soon sorted.
fn by_address<R>(rows: &[R], record: impl Fn(&R) -> &Arc<RecordRef>) -> Vec<(usize, u32)> {
    let address = |row: &R| Arc::as_ptr(record(row)).addr();
    let mut all: Vec<(usize, u32)> = (0..).zip(rows).map(|(at, row)| (address(row), at)).collect();
    all.sort_unstable();
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::{Reason, Side};

    fn row(id: &str) -> ClassedRow {
        ClassedRow {
            side: Side::Left,
            record: Arc::new(RecordRef { id: id.to_owned(), ..RecordRef::default() }),
            currency: Currency::EUR,
            amount_cents: Some(100),
            class: Class::Matched,
            reason: Arc::new(Reason::NoPartner { nearest: None }),
            partner: None,
        }
    }

    fn source(of: &ClassedRow, is_in_period: bool) -> Source<'_> {
        let (currency, amount_cents) = (of.currency, of.amount_cents);
        Source { reference: &of.record, currency, amount_cents, is_in_period }
    }

    #[test]
    fn each_given_row_has_one_class() {
        let (a, b, strange) = (row("a"), row("b"), row("c"));
        let given = [source(&a, true), source(&b, false)];
        let totals = |rows: &[&ClassedRow]| {
            let rows: Vec<ClassedRow> = rows.iter().map(|row| (*row).clone()).collect();
            totals_of_source(&rows, &given).map_err(|error| error.to_string())
        };
        let eur = |cents| Ok(BTreeMap::from([(Currency::EUR, cents)]));
        assert_eq!(totals(&[&b, &a]), eur(200));
        // A row of another day without a partner is nobody's.
        assert_eq!(totals(&[&a]), eur(100));
        let refused = |rows: &[&ClassedRow]| totals(rows).unwrap_err();
        assert_eq!(refused(&[&b]), "row `a` stands in 0 classes instead of one");
        assert_eq!(refused(&[&a, &b, &a]), "row `a` stands in 2 classes instead of one");
        assert_eq!(
            refused(&[&a, &strange, &b]),
            "row `c` has a class, but was not given to be compared"
        );
        // The same id is not the same row.
        assert!(refused(&[&row("a"), &b]).starts_with("row `a`"));
    }
}
