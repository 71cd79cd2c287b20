//! A rich invented model: three companies, every class, every kind of finding.

#![expect(
    clippy::unwrap_used,
    clippy::too_many_lines,
    reason = "a fixture of constants: what is wrong with it shows at once"
)]

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeZone as _, Utc};
use quadra::findings::{
    Difference, Evidence, Excluded, Explanation, Field, Finding, FindingState, Fingerprint, Kind,
    Nearest, Pass, Reason, RecordRef, RollForward, Severity, Side, Slice, Standing, Tally,
};
use quadra::fiscal::{
    Currency, Direction, DocumentKind, NumberTier, Period, TaxId, Tender, VatRate, cents_to_decimal,
};
use quadra::reconcile::statement::{
    Basis, Bridge, Class, ClassedRow, DayLine, SideMoney, SideRows, Statement, StatementWithRows,
    Verdict,
};
use quadra::report::model::{Company, Model, RefusedRow, Source, SourceKind};

pub(super) const COMPANIES: [(&str, &str); 3] = [
    ("01234567897", "Rossi S.r.l."),
    ("09876543217", "Bianchi & Figli S.n.c."),
    ("12345678903", "Caffè Centrale di Verdi Anna"),
];

/// What a hostile supplier may call itself.
pub(super) const HOSTILE: &str = "<script>alert('1')</script> & \"C.\"";

/// What a hostile supplier may number its invoices.
pub(super) const FORMULA: &str = "=HYPERLINK(\"http://127.0.0.1\";\"x\")";

/// Returns the model with so many matched pairs in its first statement.
pub(super) fn model(matched_pairs: usize) -> Model {
    let statements = vec![
        issued(matched_pairs),
        received(),
        takings(Basis::TakingsByRate),
        takings(Basis::TakingsByTender),
        orders(),
    ];
    let findings: Vec<Standing> = Kind::ALL
        .iter()
        .enumerate()
        .map(|(index, kind)| standing(*kind, index))
        .collect();
    let mut cleared = vec![standing(Kind::AmountDiffers, 40)];
    cleared[0].state = FindingState::Resolved;
    let open = findings
        .iter()
        .filter(|one| one.state == FindingState::Open);
    let closing = Tally {
        rows: open.clone().count() as u64,
        at_risk_cents: open.map(|one| one.finding.at_risk_cents).sum(),
    };
    let new = Tally {
        rows: 4,
        at_risk_cents: 40_010,
    };
    let gone = Tally {
        rows: 1,
        at_risk_cents: 12_345,
    };
    Model {
        run_id: 118,
        job: "nightly-invoices".to_owned(),
        version: "0.1.0".to_owned(),
        started_at: Utc.with_ymd_and_hms(2026, 11, 20, 5, 0, 0).unwrap(),
        period: november(),
        verdict: Verdict::Incomplete,
        companies: COMPANIES
            .iter()
            .map(|(id, name)| Company {
                tax_id: tax_id(id),
                name: (*name).to_owned(),
            })
            .collect(),
        sources: sources(),
        statements,
        findings,
        cleared,
        roll_forward: RollForward {
            opening: Tally {
                rows: closing.rows + gone.rows - new.rows,
                at_risk_cents: closing.at_risk_cents + gone.at_risk_cents - new.at_risk_cents,
            },
            new,
            cleared: gone,
            closing,
        },
        materiality_cents: 10_000,
        currency: Currency::EUR,
    }
}

/// Returns the model of one company where all agrees.
pub(super) fn quiet() -> Model {
    let mut model = model(3);
    model.verdict = Verdict::Reconciled;
    model.statements = vec![received()];
    model.companies.truncate(1);
    model.findings.clear();
    model.cleared.clear();
    model.roll_forward = RollForward::default();
    model
}

/// Returns the model of one company with so many differences of € 428.04.
pub(super) fn broken(findings: usize) -> Model {
    let mut model = quiet();
    model.verdict = Verdict::Breaks;
    model.findings = (0..findings)
        .map(|index| {
            let mut one = standing(Kind::MissingInLedger, index);
            one.finding.company = tax_id(COMPANIES[0].0);
            one.finding.at_risk_cents = 42_804;
            one.state = FindingState::Open;
            one
        })
        .collect();
    model
}

fn november() -> Period {
    Period::month(2026, 11).unwrap()
}

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
}

fn tax_id(text: &str) -> TaxId {
    TaxId::parse(text).unwrap()
}

/// Returns a document of the provider.
fn document(number: u32, on: u32, gross_cents: i64) -> RecordRef {
    RecordRef {
        id: format!("67c5e1{number:06}"),
        number: Some(format!("FPR {number}/26")),
        document_type: Some(if gross_cents < 0 { "TD04" } else { "TD01" }.to_owned()),
        issue_date: Some(day(on)),
        counterparty_tax_id: Some("09876543217".to_owned()),
        counterparty_name: Some("Officine Meccaniche Galli S.p.A.".to_owned()),
        taxable_cents: None,
        vat_cents: None,
        gross_cents: Some(gross_cents),
        status: Some("DELIVERED".to_owned()),
        file: None,
        row: None,
    }
}

/// Returns an entry of the books.
fn entry(number: u32, on: u32, gross_cents: i64) -> RecordRef {
    RecordRef {
        id: format!("vendite-novembre.xlsx#{number}"),
        number: Some(number.to_string()),
        document_type: None,
        issue_date: Some(day(on)),
        counterparty_tax_id: Some("09876543217".to_owned()),
        counterparty_name: Some("OFFICINE MECCANICHE GALLI SPA".to_owned()),
        taxable_cents: Some(gross_cents - gross_cents * 22 / 122),
        vat_cents: Some(gross_cents * 22 / 122),
        gross_cents: Some(gross_cents),
        status: None,
        file: Some("vendite-novembre.xlsx".to_owned()),
        row: Some(u64::from(number)),
    }
}

fn differs(field: Field, left: &str, right: &str) -> Difference {
    Difference {
        field,
        left: Some(left.to_owned()),
        right: Some(right.to_owned()),
        difference_cents: None,
        explanation: None,
    }
}

fn amounts(field: Field, left: i64, right: i64, explanation: Option<Explanation>) -> Difference {
    Difference {
        difference_cents: Some(left - right),
        explanation,
        ..differs(field, &cents_to_decimal(left), &cents_to_decimal(right))
    }
}

fn nearest(record: RecordRef, failed: Difference) -> Reason {
    Reason::NoPartner {
        nearest: Some(Box::new(Nearest { record, failed })),
    }
}

fn paired(differences: Vec<Difference>) -> Reason {
    Reason::Paired {
        pass: Pass::NumberNormalised,
        tier: Some(NumberTier::Normalised),
        differences,
    }
}

fn row(side: Side, class: Class, record: RecordRef, reason: Reason) -> ClassedRow {
    ClassedRow {
        side,
        amount_cents: record.gross_cents,
        record,
        currency: Currency::EUR,
        class,
        reason,
        partner_id: None,
    }
}

/// Returns both rows of a pair, each naming the other.
fn pair(class: Class, left: RecordRef, right: RecordRef, reason: &Reason) -> [ClassedRow; 2] {
    let ids = (left.id.clone(), right.id.clone());
    let mut rows = [
        row(Side::Left, class, left, reason.clone()),
        row(Side::Right, class, right, reason.clone()),
    ];
    rows[0].partner_id = Some(ids.1);
    rows[1].partner_id = Some(ids.0);
    rows
}

/// Returns invoices issued: every class, two currencies, a row without an amount.
fn issued(matched_pairs: usize) -> StatementWithRows {
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
    hostile.counterparty_name = Some(HOSTILE.to_owned());
    hostile.number = Some(FORMULA.to_owned());
    let near = nearest(
        entry(5, 5, 42_840),
        amounts(
            Field::Gross,
            42_804,
            42_840,
            Some(Explanation::DigitsTransposed),
        ),
    );
    rows.push(row(Left, C::MissingRight, hostile, near));
    rows.push(row(
        Left,
        C::MissingRight,
        document(6, 6, -12_200),
        Reason::NoPartner { nearest: None },
    ));
    let apart = nearest(
        document(8, 7, 25_000),
        differs(Field::IssueDate, "2026-11-07", "2026-07-11"),
    );
    rows.push(row(Right, C::MissingLeft, entry(7, 7, 25_000), apart));
    rows.push(row(
        Right,
        C::Duplicate,
        entry(9, 8, 18_300),
        Reason::Duplicate {
            of: Box::new(entry(8, 8, 18_300)),
        },
    ));
    for number in [10, 11] {
        rows.push(row(
            Left,
            C::Ambiguous,
            document(number, 9, 5_000),
            Reason::Ambiguous { alternatives: 2 },
        ));
        rows.push(row(
            Right,
            C::Ambiguous,
            entry(number, 9, 5_000),
            Reason::Ambiguous { alternatives: 2 },
        ));
    }
    rows.push(row(
        Left,
        C::Pending,
        document(12, 19, 61_000),
        Reason::Pending { break_on: day(27) },
    ));
    let covered = Period::new(day(1), day(20)).ok();
    rows.push(row(
        Left,
        C::OutOfWindow,
        document(13, 25, 9_900),
        Reason::OutOfWindow { covered },
    ));
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
    rows.push(row(
        Left,
        C::Excluded,
        without,
        Reason::Excluded {
            because: Excluded::Notice,
        },
    ));
    let mut dollars = pair(
        C::Matched,
        document(40, 12, 150_000),
        entry(40, 12, 150_000),
        &paired(vec![]),
    );
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
fn received() -> StatementWithRows {
    let rows = (1..=12u32).flat_map(|number| {
        let cents = 8_000 + i64::from(number) * 1_234;
        let reason = Reason::Paired {
            pass: Pass::Id,
            tier: None,
            differences: vec![],
        };
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
fn takings(basis: Basis) -> StatementWithRows {
    let mut rows = vec![];
    for on in 1..=20u32 {
        let cents = 61_000 + i64::from(on) * 2_345;
        let booked = if on == 6 { cents - 1_500 } else { cents };
        let differences = if on == 6 {
            vec![amounts(Field::Gross, cents, booked, None)]
        } else {
            vec![]
        };
        let class = if on == 6 {
            Class::Differing
        } else {
            Class::Matched
        };
        let reason = Reason::Grouped {
            day: day(on),
            receipts: 2,
            differences,
        };
        for (half, share) in [(1, cents / 2), (2, cents - cents / 2)] {
            let mut receipt = document(on * 10 + half, on, share);
            (
                receipt.document_type,
                receipt.counterparty_tax_id,
                receipt.counterparty_name,
            ) = (Some("sale".to_owned()), None, None);
            receipt.number = Some(format!("0001-{on:04}-{half}"));
            rows.push(row(Side::Left, class, receipt, reason.clone()));
        }
        let mut line = entry(on, on, booked);
        (
            line.number,
            line.counterparty_tax_id,
            line.counterparty_name,
        ) = (None, None, None);
        line.file = Some("corrispettivi.csv".to_owned());
        rows.push(row(Side::Right, class, line, reason));
    }
    statement(
        2,
        DocumentKind::Receipt,
        Direction::Outgoing,
        basis,
        Verdict::Breaks,
        rows,
    )
}

/// Returns a shop's orders, some within their grace.
fn orders() -> StatementWithRows {
    let reason = Reason::Paired {
        pass: Pass::Id,
        tier: None,
        differences: vec![],
    };
    let mut rows: Vec<_> = pair(
        Class::Matched,
        document(701, 2, 4_990),
        entry(701, 2, 4_990),
        &reason,
    )
    .into();
    rows.push(row(
        Side::Left,
        Class::Pending,
        document(702, 19, 7_550),
        Reason::Pending { break_on: day(23) },
    ));
    statement(
        1,
        DocumentKind::Receipt,
        Direction::Outgoing,
        Basis::Orders,
        Verdict::Pending,
        rows,
    )
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
        let on = row
            .record
            .issue_date
            .filter(|_| row.currency == Currency::EUR);
        if let (Some(on), Some(cents)) = (on, row.amount_cents) {
            let line = days.entry(on).or_insert(DayLine {
                day: on,
                left_cents: 0,
                right_cents: 0,
            });
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

/// Returns a finding of a kind, with evidence that fits it.
fn standing(kind: Kind, index: usize) -> Standing {
    let age_days = [0, 1, 5, 20, 45][index % 5];
    let at_risk_cents = match kind.severity() {
        Severity::Info => 0,
        _ => 1_000 + 777 * i64::try_from(index).unwrap(),
    };
    let is_receipt = matches!(
        kind,
        Kind::TakingsDiffer
            | Kind::ReceiptFailed
            | Kind::ReceiptStuck
            | Kind::VoidedButBooked
            | Kind::ReturnedButBooked
    );
    let finding = Finding {
        kind,
        company: tax_id(COMPANIES[if is_receipt { 2 } else { index % 2 }].0),
        document_kind: if is_receipt {
            DocumentKind::Receipt
        } else {
            DocumentKind::Invoice
        },
        direction: if index % 3 == 1 && !is_receipt {
            Direction::Incoming
        } else {
            Direction::Outgoing
        },
        period: november(),
        evidence: evidence(kind, 200 + u32::try_from(index).unwrap()),
        at_risk_cents,
        currency: Currency::EUR,
    };
    Standing {
        fingerprint: Fingerprint::of(&finding, 1),
        finding,
        state: if kind == Kind::NumberDiffers {
            FindingState::Accepted
        } else {
            FindingState::Open
        },
        first_seen_on: day(20) - chrono::Days::new(age_days),
        age_days: i64::try_from(age_days).unwrap(),
        is_new: age_days == 0,
    }
}

fn evidence(kind: Kind, number: u32) -> Evidence {
    let alone = || Reason::NoPartner { nearest: None };
    let left = |status: &str| {
        let mut record = document(number, 10, 42_804);
        record.status = Some(status.to_owned());
        Evidence::Row {
            side: Side::Left,
            record,
            reason: alone(),
        }
    };
    let two = |difference| Evidence::Pair {
        left: document(number, 11, 42_804),
        right: entry(number, 11, 42_804),
        pass: Pass::NumberExact,
        difference,
    };
    match kind {
        Kind::MissingInLedger => {
            let mut record = document(number, 4, 42_804);
            record.counterparty_name = Some(HOSTILE.to_owned());
            record.number = Some(FORMULA.to_owned());
            let failed = amounts(
                Field::Gross,
                42_804,
                42_840,
                Some(Explanation::DigitsTransposed),
            );
            Evidence::Row {
                side: Side::Left,
                record,
                reason: nearest(entry(5, 5, 42_840), failed),
            }
        }
        Kind::MissingAtProvider => Evidence::Row {
            side: Side::Right,
            record: entry(number, 7, 25_000),
            reason: alone(),
        },
        Kind::AmountDiffers => two(amounts(
            Field::Gross,
            42_804,
            42_604,
            Some(Explanation::StampDuty),
        )),
        Kind::TaxableDiffers => two(amounts(Field::Taxable, 35_085, 35_075, None)),
        Kind::VatDiffers => two(amounts(
            Field::Vat,
            7_719,
            7_718,
            Some(Explanation::Rounding),
        )),
        Kind::DateDiffers => two(Difference {
            explanation: Some(Explanation::DayMonthSwapped),
            ..differs(Field::IssueDate, "2026-11-03", "2026-03-11")
        }),
        Kind::CounterpartyDiffers => {
            two(differs(Field::Counterparty, "09876543217", "01234567897"))
        }
        Kind::NumberDiffers => two(differs(Field::Number, "FPR 12/26", "FPR 21/26")),
        Kind::SignDiffers => two(amounts(Field::Sign, -42_804, 42_804, None)),
        Kind::DuplicateInLedger => Evidence::Row {
            side: Side::Right,
            record: entry(number, 8, 18_300),
            reason: Reason::Duplicate {
                of: Box::new(entry(8, 8, 18_300)),
            },
        },
        Kind::DuplicateAtProvider => Evidence::Row {
            side: Side::Left,
            record: document(number, 8, 18_300),
            reason: Reason::Duplicate {
                of: Box::new(document(8, 8, 18_300)),
            },
        },
        Kind::Ambiguous => Evidence::Row {
            side: Side::Left,
            record: document(number, 9, 5_000),
            reason: Reason::Ambiguous { alternatives: 2 },
        },
        Kind::TakingsDiffer => Evidence::Takings {
            day: day(6),
            slice: if number.is_multiple_of(2) {
                Slice::Rate(VatRate::Rate(1_000))
            } else {
                Slice::Tender(Tender::Cash)
            },
            receipts: 42,
            left_cents: 75_070,
            right_cents: 73_570,
            line: Some(entry(6, 6, 73_570)),
            explanation: Some(Explanation::VoidNotBooked),
        },
        Kind::DiscardedBySdiButBooked => left("ERROR"),
        Kind::RefusedByBuyerButBooked => left("REJECTED"),
        Kind::NotDelivered => left("NOT_DELIVERED"),
        Kind::ReceiptFailed => left("failed"),
        Kind::ReceiptStuck => left("new"),
        Kind::VoidedButBooked | Kind::ReturnedButBooked => {
            two(differs(Field::Status, "voided", "booked"))
        }
        Kind::LedgerMissing => Evidence::Uncovered { days: november() },
        Kind::CoverageMissing => Evidence::Uncovered {
            days: Period::new(day(21), day(30)).unwrap(),
        },
        Kind::FileRejected => Evidence::File {
            file: "acquisti.csv".to_owned(),
            reason: "the heading `Imponib.` is unknown".to_owned(),
            rows: 0,
        },
    }
}

fn sources() -> Vec<Source> {
    let refused = |row, value: &str, reason: &str| RefusedRow {
        row,
        column: "Imponibile".to_owned(),
        value: value.to_owned(),
        reason: reason.to_owned(),
    };
    let source = |name: &str, kind, detail: &str, state: &str, rows_read| Source {
        name: name.to_owned(),
        kind,
        company: Some(tax_id(COMPANIES[0].0)),
        detail: detail.to_owned(),
        rows_read,
        rows_rejected: 0,
        state: state.to_owned(),
        refused: vec![],
    };
    let mut sources = vec![
        source(
            "invoices",
            SourceKind::Pull,
            "/IT-invoices",
            "settled",
            1_204,
        ),
        source(
            "receipts",
            SourceKind::Pull,
            "/IT-receipts",
            "unsettled",
            850,
        ),
        source(
            "vendite-novembre.xlsx",
            SourceKind::Upload,
            "erp register",
            "stored",
            1_190,
        ),
        source("acquisti.csv", SourceKind::Upload, "", "rejected", 0),
    ];
    sources[2].rows_rejected = 2;
    sources[2].refused = vec![
        refused(14, "1.234,5x", "not a decimal number"),
        refused(77, "=1+1", "not a decimal number"),
    ];
    sources[3].rows_rejected = 1;
    sources[3].refused = vec![refused(
        0,
        "Imponib.",
        "unknown heading; the nearest is `Imponibile`",
    )];
    sources
}
