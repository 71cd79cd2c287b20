//! Five statements, added up from their rows.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use quadra::findings::{Excluded, Explanation, Field, Pass, Reason, Side};
use quadra::fiscal::{Currency, Direction, DocumentKind, Period};
use quadra::reconcile::statement::{
    Basis, Bridge, Class, ClassedRow, DayLine, SideMoney, SideRows, Statement, StatementWithRows,
    Verdict,
};

use super::parts::{
    amounts, day, differs, document, entry, nearest, november, pair, paired, row, tax_id,
};
use super::{COMPANIES, FORMULA, HOSTILE};

/// Returns invoices issued: every class, two currencies, a row without an amount.
pub(super) fn issued(matched_pairs: usize) -> StatementWithRows {
    use Class as C;
    use Side::{Left, Right};
    let mut rows = vec![];
    for index in 0..matched_pairs {
        let number = 1_000 + u32::try_from(index).unwrap();
        let (on, cents) = (1 + number % 28, 10_000 + i64::from(number) * 7);
        rows.extend(pair(
            C::Matched,
            document(number, on, cents),
            entry(number, on, cents),
            &paired(vec![]),
        ));
    }
    let rounding = amounts(Field::Gross, 12_201, 12_200, Some(Explanation::Rounding));
    rows.extend(pair(
        C::MatchedWithinTolerance,
        document(2, 2, 12_201),
        entry(2, 2, 12_200),
        &paired(vec![rounding]),
    ));
    let stamp = amounts(Field::Gross, 100_200, 100_000, Some(Explanation::StampDuty));
    rows.extend(pair(
        C::Differing,
        document(3, 3, 100_200),
        entry(3, 3, 100_000),
        &paired(vec![stamp]),
    ));
    let mut hostile = document(4, 4, 42_804);
    hostile.counterparty_name = Some(HOSTILE.into());
    hostile.number = Some(FORMULA.to_owned());
    let near = nearest(
        entry(5, 5, 42_840),
        amounts(Field::Gross, 42_804, 42_840, Some(Explanation::DigitsTransposed)),
    );
    rows.push(row(Left, C::MissingRight, hostile, near));
    rows.push(row(
        Left,
        C::MissingRight,
        document(6, 6, -12_200),
        Reason::NoPartner { nearest: None },
    ));
    let apart =
        nearest(document(8, 7, 25_000), differs(Field::IssueDate, "2026-11-07", "2026-07-11"));
    rows.push(row(Right, C::MissingLeft, entry(7, 7, 25_000), apart));
    rows.push(row(
        Right,
        C::Duplicate,
        entry(9, 8, 18_300),
        Reason::Duplicate { of: Box::new(entry(8, 8, 18_300)) },
    ));
    for number in [10, 11] {
        rows.push(row(
            Left,
            C::Ambiguous,
            document(number, 9, 5_000),
            Reason::Ambiguous { alternatives: 2, among: Vec::new() },
        ));
        rows.push(row(
            Right,
            C::Ambiguous,
            entry(number, 9, 5_000),
            Reason::Ambiguous { alternatives: 2, among: Vec::new() },
        ));
    }
    rows.push(row(
        Left,
        C::Pending,
        document(12, 19, 61_000),
        Reason::Pending { break_on: day(27) },
    ));
    let covered = Period::new(day(1), day(20)).ok();
    rows.push(row(Left, C::OutOfWindow, document(13, 25, 9_900), Reason::OutOfWindow { covered }));
    for (number, because) in (20u32..).zip(Excluded::ALL) {
        rows.push(row(
            Left,
            C::Excluded,
            document(number, 10, 1_000),
            Reason::Excluded { because: *because },
        ));
    }
    let mut without = document(30, 11, 0);
    (without.gross_cents, without.number) = (None, None);
    rows.push(row(Left, C::Excluded, without, Reason::Excluded { because: Excluded::Notice }));
    let mut dollars =
        pair(C::Matched, document(40, 12, 150_000), entry(40, 12, 150_000), &paired(vec![]));
    for one in &mut dollars {
        one.currency = "USD".parse().unwrap();
    }
    rows.extend(dollars);
    statement(
        0,
        DocumentKind::Invoice,
        Direction::Outgoing,
        Basis::Documents,
        Verdict::Incomplete,
        rows,
    )
}

/// Returns invoices received that all agree.
pub(super) fn received() -> StatementWithRows {
    let rows = (1..=12u32).flat_map(|number| {
        let cents = 8_000 + i64::from(number) * 1_234;
        let reason =
            Reason::Paired { pass: Pass::Id, tier: None, differences: vec![], aids: vec![] };
        pair(
            Class::Matched,
            document(500 + number, number, cents),
            entry(500 + number, number, cents),
            &reason,
        )
    });
    statement(
        0,
        DocumentKind::Invoice,
        Direction::Incoming,
        Basis::Documents,
        Verdict::Reconciled,
        rows.collect(),
    )
}

/// Returns a café's takings of twenty days, of which one differs.
pub(super) fn takings(basis: Basis) -> StatementWithRows {
    let mut rows = vec![];
    for on in 1..=20u32 {
        let cents = 61_000 + i64::from(on) * 2_345;
        let booked = if on == 6 { cents - 1_500 } else { cents };
        let differences =
            if on == 6 { vec![amounts(Field::Gross, cents, booked, None)] } else { vec![] };
        let class = if on == 6 { Class::Differing } else { Class::Matched };
        let reason = Reason::Grouped { day: day(on), receipts: 2, differences };
        for (half, share) in [(1, cents / 2), (2, cents - cents / 2)] {
            let mut receipt = document(on * 10 + half, on, share);
            (receipt.document_type, receipt.counterparty_tax_id, receipt.counterparty_name) =
                (Some("sale".into()), None, None);
            receipt.number = Some(format!("0001-{on:04}-{half}"));
            rows.push(row(Side::Left, class, receipt, reason.clone()));
        }
        let mut line = entry(on, on, booked);
        (line.number, line.counterparty_tax_id, line.counterparty_name) = (None, None, None);
        line.file = Some("corrispettivi.csv".into());
        rows.push(row(Side::Right, class, line, reason));
    }
    statement(2, DocumentKind::Receipt, Direction::Outgoing, basis, Verdict::Breaks, rows)
}

/// Returns a shop's orders, some within their grace.
pub(super) fn orders() -> StatementWithRows {
    let reason = Reason::Paired { pass: Pass::Id, tier: None, differences: vec![], aids: vec![] };
    let mut rows: Vec<_> =
        pair(Class::Matched, document(701, 2, 4_990), entry(701, 2, 4_990), &reason).into();
    rows.push(row(
        Side::Left,
        Class::Pending,
        document(702, 19, 7_550),
        Reason::Pending { break_on: day(23) },
    ));
    statement(1, DocumentKind::Receipt, Direction::Outgoing, Basis::Orders, Verdict::Pending, rows)
}

/// Adds rows up to the statement that proves them.
fn statement(
    company: usize,
    document_kind: DocumentKind,
    direction: Direction,
    basis: Basis,
    verdict: Verdict,
    rows: Vec<ClassedRow>,
) -> StatementWithRows {
    let (mut left, mut right) = (SideRows::default(), SideRows::default());
    let mut currencies: BTreeMap<Currency, Bridge> = BTreeMap::new();
    let mut days: BTreeMap<NaiveDate, DayLine> = BTreeMap::new();
    for row in &rows {
        let bridge = currencies.entry(row.currency).or_default();
        let (side, money) = match row.side {
            Side::Left => (&mut left, &mut bridge.left),
            Side::Right => (&mut right, &mut bridge.right),
        };
        side.rows += 1;
        *side.classes.entry(row.class).or_default() += 1;
        add(money, row);
        let on = row.record.issue_date.filter(|_| row.currency == Currency::EUR);
        if let (Some(on), Some(cents)) = (on, row.amount_cents) {
            let line = days.entry(on).or_insert(DayLine { day: on, left_cents: 0, right_cents: 0 });
            match row.side {
                Side::Left => line.left_cents += cents,
                Side::Right => line.right_cents += cents,
            }
        }
    }
    StatementWithRows {
        statement: Statement {
            company: tax_id(COMPANIES[company].0),
            company_name: COMPANIES[company].1.to_owned(),
            document_kind,
            direction,
            basis,
            period: november(),
            verdict,
            left,
            right,
            currencies,
            days: days.into_values().collect(),
            books_cover: Period::new(day(1), day(20)).ok(),
            settled: BTreeMap::new(),
        },
        rows,
    }
}

fn add(money: &mut SideMoney, row: &ClassedRow) {
    let sum = money.classes.entry(row.class).or_default();
    match row.amount_cents {
        Some(cents) => {
            money.amount_cents += cents;
            *sum += cents;
        }
        None => money.rows_without_amount += 1,
    }
}
