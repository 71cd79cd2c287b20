//! Adds up the classes and refuses a statement that does not tie out.

use std::collections::BTreeMap;
use std::hash::BuildHasher as _;
use std::sync::Arc;

use foldhash::fast::FixedState;

use crate::findings::{Field, Finding, Reason, RecordRef, Side};
use crate::fiscal::{Company, Currency, Direction, DocumentKind, Period};
use crate::reconcile::compare::amount_difference;
use crate::reconcile::groups::{self, Group};
use crate::reconcile::record::Record;
use crate::reconcile::statement::{
    Basis, Bridge, Class, ClassedRow, DayLine, SideMoney, SideRows, Statement, StatementWithRows,
};
use crate::reconcile::verdict::verdict;
use crate::reconcile::{Error, Input};

/// Holds what a statement must account for of one row that a comparison was given.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    id: &'a str,
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
        let id = record.reference.id.as_str();
        Self { id, currency: record.currency, amount_cents, is_in_period: record.is_in_period }
    }
}

/// The rows that a comparison was given, left and right.
pub(super) type Sources<'a> = [Vec<Source<'a>>; 2];

/// Gathers the classed rows of one statement.
pub(super) struct Draft {
    company: Company,
    document_kind: DocumentKind,
    direction: Direction,
    basis: Basis,
    period: Period,
    pub(super) rows: Vec<ClassedRow>,
}

impl Draft {
    pub(super) fn new(input: &Input, direction: Direction, basis: Basis) -> Self {
        Self {
            company: input.company.clone(),
            document_kind: input.document_kind,
            direction,
            basis,
            period: input.period,
            rows: Vec::new(),
        }
    }

    pub(super) fn push_pair(
        &mut self,
        left: &Record,
        right: &Record,
        class: Class,
        reason: &Arc<Reason>,
    ) {
        for (side, record, partner) in [(Side::Left, left, right), (Side::Right, right, left)] {
            self.push_single(side, record, class, reason.clone());
            if let Some(row) = self.rows.last_mut() {
                row.partner = Some(partner.reference.clone());
            }
        }
    }

    /// Adds the rows of a group: the one with all that answer it, each of these with the one.
    pub(super) fn push_group(
        &mut self,
        group: &Group,
        one: &Record,
        members: &[&Record],
    ) -> (Class, Arc<Reason>) {
        let total = |rows: &[&Record]| {
            let cents = rows.iter().map(|row| i128::from(row.amount_cents.unwrap_or(0)));
            i64::try_from(cents.sum::<i128>()).unwrap_or(i64::MAX)
        };
        let (sum, wanted) = (total(members), total(&[one]));
        let (left, right) = if group.many == Side::Left { (sum, wanted) } else { (wanted, sum) };
        let difference =
            (sum != wanted).then(|| Box::new(amount_difference(Field::Gross, left, right, None)));
        let class = if sum == wanted { Class::Matched } else { Class::MatchedWithinTolerance };
        let reason = |with: Vec<RecordRef>, beside: usize| Reason::Together {
            pass: group.rule.clone(),
            with,
            beside: beside as u64,
            among: group.among,
            difference: difference.clone(),
        };
        let refs = members.iter().map(|member| member.told()).collect();
        self.push_single(groups::across(group.many), one, class, reason(refs, 0));
        let of_member = Arc::new(reason(vec![one.told()], members.len() - 1));
        for member in members {
            self.push_single(group.many, member, class, of_member.clone());
            if let Some(row) = self.rows.last_mut() {
                row.partner = Some(one.reference.clone());
            }
        }
        (class, of_member)
    }

    pub(super) fn push_single(
        &mut self,
        side: Side,
        record: &Record,
        class: Class,
        reason: impl Into<Arc<Reason>>,
    ) {
        self.push_counting(side, record, record.amount_cents, (class, reason.into()));
    }

    /// Adds a row that counts with another amount than its own.
    pub(super) fn push_counting(
        &mut self,
        side: Side,
        record: &Record,
        amount_cents: Option<i64>,
        (class, reason): (Class, Arc<Reason>),
    ) {
        self.rows.push(ClassedRow {
            side,
            record: record.reference.clone(),
            currency: record.currency,
            amount_cents,
            class,
            reason,
            partner: None,
        });
    }
}

/// Turns a draft into a statement whose classes add up to its sides.
///
/// Sums run in 128 bits, sides and classes apart, so that a row in two classes, or in
/// none, shows as a difference and fails the run.
pub(super) fn prove(
    mut draft: Draft,
    books_cover: Option<Period>,
    findings: &[Finding],
    sources: &Sources<'_>,
) -> Result<StatementWithRows, Error> {
    draft.rows = in_order(draft.rows);
    let mut totals = totals_of_sources(&draft.rows, sources)?;
    let mut sides = [SideRows::default(), SideRows::default()];
    let mut days: BTreeMap<chrono::NaiveDate, [i128; 2]> = BTreeMap::new();
    for row in &draft.rows {
        let hand = row.side as usize;
        sides[hand].rows += 1;
        *sides[hand].classes.entry(row.class).or_insert(0) += 1;
        let money = &mut totals.entry(row.currency).or_default()[hand];
        let cents = i128::from(row.amount_cents.unwrap_or(0));
        *money.classes.entry(row.class).or_insert(0) += cents;
        money.without_amount += u64::from(row.amount_cents.is_none());
        if let (Some(day), Currency::EUR) = (row.record.day(), row.currency) {
            days.entry(day).or_default()[hand] += cents;
        }
    }
    let currencies = totals
        .into_iter()
        .map(|(currency, [left, right])| Ok((currency, bridge(currency, left, right)?)))
        .collect::<Result<_, Error>>()?;
    let days = days
        .into_iter()
        .map(|(day, [left, right])| {
            Ok(DayLine { day, left_cents: cents(left)?, right_cents: cents(right)? })
        })
        .collect::<Result<_, Error>>()?;
    let [left, right] = sides;
    let statement = Statement {
        company: draft.company.tax_id,
        company_name: draft.company.name,
        document_kind: draft.document_kind,
        direction: draft.direction,
        basis: draft.basis,
        period: draft.period,
        verdict: verdict(findings, draft.rows.iter().map(|row| row.class)),
        left,
        right,
        currencies,
        days,
        books_cover,
        settled: BTreeMap::new(),
    };
    Ok(StatementWithRows { statement, rows: draft.rows })
}

/// Holds one side's sums of one currency, before they are proved.
#[derive(Default)]
struct Totals {
    total: i128,
    classes: BTreeMap<Class, i128>,
    without_amount: u64,
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

/// Returns rows by side, date, number and id.
///
/// What decides between most rows stands beside them: following a pointer at each of many
/// million comparisons would take longer than everything else here.
fn in_order(rows: Vec<ClassedRow>) -> Vec<ClassedRow> {
    let mut keyed: Vec<(Side, Option<chrono::NaiveDate>, u64, ClassedRow)> = rows
        .into_iter()
        .map(|row| (row.side, row.record.issue_date, beginning(row.record.number.as_deref()), row))
        .collect();
    keyed.sort_unstable_by(|a, b| {
        (a.0, a.1, a.2).cmp(&(b.0, b.1, b.2)).then_with(|| {
            let (a, b) = (&a.3.record, &b.3.record);
            (&a.number, &a.id).cmp(&(&b.number, &b.id))
        })
    });
    keyed.into_iter().map(|(.., row)| row).collect()
}

/// Returns a number's first bytes so that they order as the text does; none comes first.
fn beginning(number: Option<&str>) -> u64 {
    let mut bytes = [0; 8];
    for (place, byte) in bytes.iter_mut().zip(number.unwrap_or_default().bytes()) {
        *place = byte;
    }
    u64::from_be_bytes(bytes)
}

/// Sums the sides from their source rows, and refuses a row without class or with two.
///
/// Rows of other days take part as partners only: they count when they found one.
fn totals_of_sources(
    rows: &[ClassedRow],
    sources: &Sources<'_>,
) -> Result<BTreeMap<Currency, [Totals; 2]>, Error> {
    let mut totals: BTreeMap<Currency, [Totals; 2]> = BTreeMap::new();
    for (side, records) in [Side::Left, Side::Right].into_iter().zip(sources) {
        let classed = rows.iter().filter(|row| row.side == side);
        let mut classed: Vec<Handle<'_>> = classed.map(|row| handle(&row.record.id)).collect();
        classed.sort_unstable();
        let mut given: Vec<(Handle<'_>, &Source<'_>)> =
            records.iter().map(|record| (handle(record.id), record)).collect();
        given.sort_unstable_by_key(|(handle, _)| *handle);
        let mut rest = &classed[..];
        for (handle, record) in given {
            let strange = rest.partition_point(|one| *one < handle);
            if let Some((_, id)) = rest[..strange].first() {
                return Err(not_in_one_class(id, strange));
            }
            let times = rest.iter().take_while(|one| **one == handle).count();
            if times > 1 || (times == 0 && record.is_in_period) {
                return Err(not_in_one_class(record.id, times));
            }
            if times == 1 {
                let money = &mut totals.entry(record.currency).or_default()[side as usize];
                money.total += i128::from(record.amount_cents.unwrap_or(0));
            }
            rest = &rest[times..];
        }
        if let Some((_, id)) = rest.first() {
            return Err(not_in_one_class(id, rest.len()));
        }
    }
    Ok(totals)
}

/// An id behind its hash, by which millions of them are sorted soonest.
type Handle<'a> = (u64, &'a str);

fn handle(id: &str) -> Handle<'_> {
    (FixedState::default().hash_one(id), id)
}

fn not_in_one_class(row: &str, times: usize) -> Error {
    Error::RowNotInOneClass { row: row.to_owned(), times }
}
