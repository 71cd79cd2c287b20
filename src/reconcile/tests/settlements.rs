//! Electronic takings by day against card transactions, and payouts against their parts.

use super::builder::*;
use super::seen::*;
use crate::findings::{Evidence, Excluded, Kind, Reason};
use crate::fiscal::{
    Currency, Document, DocumentKind, DocumentType, EntryKind, LedgerEntry, Lifecycle, Settlement,
    Tenders,
};
use crate::reconcile::rules::RuleSort;
use crate::reconcile::statement::Basis::Settlements;
use crate::reconcile::statement::Class::{
    self, Differing, Duplicate, Excluded as LeftOut, Matched, MatchedWithinTolerance, MissingLeft,
    MissingRight, OutOfWindow, Pending,
};

const DAY: &str = "2026-02-10";

/// Returns a sale of 30.00 that was paid by card.
pub(super) fn card_sale(source_id: &str, at: &str) -> Document {
    let tenders = Some(Tenders { electronic_cents: 3_000, ..Tenders::default() });
    Document { tenders, ..sale(source_id, at) }
}

/// Returns a card transaction, its fee one per cent.
pub(super) fn transaction(row: u64, at: &str, gross_cents: i64) -> LedgerEntry {
    let fee_cents = gross_cents / 100;
    LedgerEntry {
        kind: EntryKind::Settlement,
        document_type: Some(DocumentType::new(if gross_cents < 0 { "return" } else { "sale" })),
        number: Some(format!("T{row}")),
        status: None,
        gross_cents: Some(gross_cents),
        settlement: Some(Box::new(Settlement {
            fee_cents: Some(fee_cents),
            net_cents: Some(gross_cents - fee_cents),
            ..Settlement::default()
        })),
        ..order(row, "", at, "")
    }
}

pub(super) fn with(entry: LedgerEntry, change: impl FnOnce(&mut Settlement)) -> LedgerEntry {
    let mut settlement = *entry.settlement.clone().unwrap();
    change(&mut settlement);
    LedgerEntry { settlement: Some(Box::new(settlement)), ..entry }
}

pub(super) fn payout(row: u64, at: &str, paid_cents: i64, name: Option<&str>) -> LedgerEntry {
    let settlement = Settlement {
        net_cents: Some(paid_cents),
        settled_on: Some(day(at)),
        payout: name.map(ToOwned::to_owned),
        ..Settlement::default()
    };
    LedgerEntry {
        document_type: Some(DocumentType::new("payout")),
        gross_cents: None,
        settlement: Some(Box::new(settlement)),
        ..transaction(row, at, 0)
    }
}

/// Returns a month with a settled sale at both ends, so that the file covers it.
pub(super) fn cards(documents: Vec<Document>, entries: Vec<LedgerEntry>) -> Input {
    let mut input = february(DocumentKind::Receipt, documents, entries);
    for (row, at) in [(9_001, "2026-02-01"), (9_002, "2026-02-28")] {
        input.documents.push(card_sale(&format!("anchor-{at}"), at));
        input.entries.push(("book.csv".into(), transaction(row, at, 3_000)));
    }
    input
}

/// Compares, and checks the classes of the settlement statement and all its findings.
#[track_caller]
pub(super) fn assert_cards(
    input: &Input,
    classes: &[(&str, Class)],
    findings: &[(Kind, &str, i64)],
) -> Seen {
    let seen = compared(input);
    let expected = classes.iter().map(|(id, class)| ((*id).to_owned(), *class)).collect();
    assert_eq!(seen.classes_by(Settlements), expected);
    let mut expected: Vec<_> =
        findings.iter().map(|(kind, of, cents)| (*kind, (*of).to_owned(), *cents)).collect();
    expected.sort();
    // That no register was uploaded is another statement's word.
    let mut found = seen.findings();
    found.retain(|(kind, _, _)| *kind != Kind::LedgerMissing);
    assert_eq!(found, expected);
    seen
}

#[test]
fn equal_days_match_and_fees_stand_apart() {
    let cash = sale("cash", DAY);
    let entries = vec![transaction(1, DAY, 2_000), transaction(2, DAY, 1_000)];
    let input = cards(vec![card_sale("a", DAY), cash], entries);
    let seen = assert_cards(&input, &[("a", Matched), ("#1", Matched), ("#2", Matched)], &[]);
    let on = |(basis, row): &(_, &crate::reconcile::statement::ClassedRow)| {
        *basis == Settlements && row.record.id == "a"
    };
    let Reason::Settled { of } = &*seen.rows().find(on).unwrap().1.reason else { panic!() };
    assert_eq!((of.receipts, of.transactions), (1, 2));
    assert_eq!((of.fee_cents, of.net_cents), (Some(30), Some(2_970)));
    let statement = seen.outcome.statements.iter().find(|one| one.statement.basis == Settlements);
    let settled = statement.unwrap().statement.settled[&Currency::EUR];
    assert_eq!((settled.transactions, settled.sales_cents), (4, 9_000));
    assert_eq!((settled.fee_cents, settled.net_cents, settled.without_fee), (90, 8_910, 0));
}

#[test]
fn a_day_that_differs_names_the_only_row_of_that_amount() {
    let small = Document {
        tenders: Some(Tenders { electronic_cents: 700, ..Tenders::default() }),
        ..sale("b", DAY)
    };
    let entries = vec![with(transaction(1, DAY, 3_000), |of| of.terminal = Some("0001".into()))];
    let input = cards(vec![card_sale("a", DAY), small], entries);
    let classes = [("a", Differing), ("b", Differing), ("#1", Differing)];
    let seen = assert_cards(&input, &classes, &[(Kind::SettlementDiffers, DAY, 700)]);
    let is_day = |one: &&crate::findings::Finding| one.kind == Kind::SettlementDiffers;
    let finding = seen.outcome.findings.iter().find(is_day).unwrap();
    let Evidence::Settled { of } = &finding.evidence else { panic!() };
    assert_eq!(of.alike.as_ref().unwrap().id, "b");
    assert_eq!((of.taken_cents, of.settled_cents, of.terminals["0001"]), (3_700, 3_000, 3_000));
}

#[test]
fn one_side_alone_is_told_as_what_it_is() {
    let other = "2026-02-17";
    let input = cards(vec![card_sale("a", DAY)], vec![transaction(1, other, 500)]);
    let findings =
        [(Kind::SettlementMissing, DAY, 3_000), (Kind::SettledWithoutTakings, other, 500)];
    assert_cards(&input, &[("a", MissingRight), ("#1", MissingLeft)], &findings);
}

#[test]
fn within_its_grace_a_day_is_pending() {
    let input = cards(vec![card_sale("a", DAY)], vec![]);
    for (today, class) in [("2026-02-15", Pending), ("2026-02-16", MissingRight)] {
        let mut input = input.clone();
        input.today = day(today);
        let seen = compared(&input);
        assert_eq!(seen.classes_by(Settlements)["a"], class, "{today}");
    }
}

#[test]
fn days_beyond_the_file_are_not_looked_at() {
    let mut input = cards(
        vec![card_sale("a", DAY), card_sale("b", "2026-02-25")],
        vec![transaction(1, DAY, 3_000)],
    );
    input.entries.retain(|(_, entry)| entry.row != 9_002);
    let seen = compared(&input);
    assert_eq!(seen.classes_by(Settlements)["b"], OutOfWindow);
    let found = seen.findings();
    let days = "2026-02-25..2026-02-28";
    assert!(found.contains(&(Kind::CoverageMissing, days.to_owned(), 0)), "{found:?}");
}

#[test]
fn a_charge_on_another_day_is_carried_over() {
    let next = "2026-02-12";
    let input = cards(vec![card_sale("a", DAY)], vec![transaction(1, next, 3_000)]);
    let within = [("a", MatchedWithinTolerance), ("#1", MatchedWithinTolerance)];
    let seen = assert_cards(&input, &within, &[]);
    let row = seen.rows().find(|(basis, row)| *basis == Settlements && row.record.id == "a");
    let Reason::Settled { of } = &*row.unwrap().1.reason else { panic!() };
    assert_eq!(of.other_day, Some(day(next)));
    // Four days are too far; two days that both fit are no answer.
    for entries in [
        vec![transaction(1, "2026-02-14", 3_000)],
        vec![transaction(1, next, 3_000), transaction(2, "2026-02-09", 3_000)],
    ] {
        let seen = compared(&cards(vec![card_sale("a", DAY)], entries));
        assert_eq!(seen.classes_by(Settlements)["a"], MissingRight);
    }
    let mut strict = input;
    strict.rules =
        changed_rules(RuleSort::Settlements, "issue_date = \"3d\"", "issue_date = \"1d\"");
    assert_eq!(compared(&strict).classes_by(Settlements)["a"], MissingRight);
}

#[test]
fn a_transaction_that_names_its_receipt_counts_on_its_day() {
    let named = |source_id: &str, at: &str, order: &str| Document {
        references: vec![order.to_owned(), "negozio-1".to_owned()],
        ..card_sale(source_id, at)
    };
    let charged = |row, at: &str, order: &str| LedgerEntry {
        references: vec![order.to_owned(), "negozio-1".to_owned()],
        ..transaction(row, at, 3_000)
    };
    // Two goods of one day are charged when they are sent, on two days far apart.
    let documents = vec![named("a", DAY, "#1"), named("b", DAY, "#2")];
    let entries = vec![charged(1, "2026-02-16", "#1"), charged(2, "2026-02-21", "#2")];
    let all = [("a", Matched), ("b", Matched), ("#1", Matched), ("#2", Matched)];
    assert_cards(&cards(documents, entries), &all, &[]);
}

#[test]
fn refunds_and_voids_count_on_their_days() {
    let sold = Document { lifecycle: Lifecycle::Voided, ..card_sale("a", DAY) };
    let back = undoing("return", "r", "2026-02-11", &sold);
    let entries = vec![transaction(1, DAY, 3_000), transaction(2, "2026-02-11", -3_000)];
    let all = [("a", Matched), ("r", Matched), ("#1", Matched), ("#2", Matched)];
    assert_cards(&cards(vec![sold, back], entries), &all, &[]);
}

#[test]
fn failed_and_repeated_transactions_do_not_count() {
    let failed = LedgerEntry { status: Some("failed".into()), ..transaction(2, DAY, 4_000) };
    let again = LedgerEntry { row: 3, ..transaction(1, DAY, 3_000) };
    let input = cards(vec![card_sale("a", DAY)], vec![transaction(1, DAY, 3_000), failed, again]);
    let classes = [("a", Matched), ("#1", Matched), ("#2", LeftOut), ("#3", Duplicate)];
    let seen = assert_cards(&input, &classes, &[(Kind::DuplicateInLedger, "#3", 3_000)]);
    let because = Reason::Excluded { because: Excluded::NotSettled };
    assert_eq!(*seen.row("book.csv#2").reason, because);
}

#[test]
fn a_receipt_that_was_never_issued_takes_nothing() {
    let failed = Document { lifecycle: Lifecycle::NeverIssued, ..card_sale("a", DAY) };
    let seen = compared(&cards(vec![failed], vec![transaction(1, DAY, 3_000)]));
    assert_eq!(seen.classes_by(Settlements)["a"], LeftOut);
    assert_eq!(seen.classes_by(Settlements)["#1"], MissingLeft);
}

#[test]
fn currencies_never_meet() {
    let dollars = LedgerEntry { currency: "USD".parse().unwrap(), ..transaction(1, DAY, 3_000) };
    let seen = compared(&cards(vec![card_sale("a", DAY)], vec![dollars]));
    assert_eq!(seen.classes_by(Settlements)["a"], MissingRight);
    assert_eq!(seen.classes_by(Settlements)["#1"], MissingLeft);
}

#[test]
fn without_receipts_the_register_by_tender_is_held_against_cards() {
    let entries = vec![tender_line(1, DAY, 500, 3_000), transaction(2, DAY, 2_900)];
    let mut input = cards(vec![], entries);
    input.documents.clear();
    input.entries.retain(|(_, entry)| entry.row < 9_000 || entry.row == 9_002);
    input.entries.push(("book.csv".into(), tender_line(9_003, "2026-02-28", 0, 3_000)));
    let seen = compared(&input);
    assert_eq!(seen.classes_by(Settlements)["#1"], Differing);
    let found = seen.findings();
    assert!(found.contains(&(Kind::SettlementDiffers, DAY.to_owned(), 100)), "{found:?}");
}

#[test]
fn days_that_were_not_read_accuse_nobody() {
    let mut input = cards(vec![], vec![transaction(1, DAY, 3_000)]);
    input.unsettled = vec![crate::fiscal::Period { from: day(DAY), to: day(DAY) }];
    let seen = compared(&input);
    assert_eq!(seen.classes_by(Settlements)["#1"], OutOfWindow);
    assert!(!seen.findings().iter().any(|(kind, _, _)| *kind == Kind::SettledWithoutTakings));
}

#[test]
fn a_payout_is_its_transactions_less_the_fees() {
    let of = |entry, name: &str| with(entry, |of| of.payout = Some(name.to_owned()));
    let fee = with(
        LedgerEntry {
            document_type: Some(DocumentType::new("fee")),
            gross_cents: None,
            ..transaction(4, "2026-02-13", 0)
        },
        |of| {
            (of.fee_cents, of.net_cents) = (Some(200), Some(-200));
            of.payout = Some("po_1".to_owned());
        },
    );
    // 30.00 less 0.30, 10.00 back with 0.10, 2.00 for the account: 17.80 are paid.
    let entries = |paid| {
        vec![
            of(transaction(1, DAY, 3_000), "po_1"),
            of(transaction(2, DAY, -1_000), "po_1"),
            fee.clone(),
            payout(3, "2026-02-14", paid, Some("po_1")),
        ]
    };
    let back = Document {
        gross_cents: Some(-1_000),
        tenders: Some(Tenders { electronic_cents: -1_000, ..Tenders::default() }),
        document_type: DocumentType::new("return"),
        ..sale("r", DAY)
    };
    let documents = vec![card_sale("a", DAY), back];
    let classes = [
        ("a", Matched),
        ("r", Matched),
        ("#1", Matched),
        ("#2", Matched),
        ("#3", LeftOut),
        ("#4", LeftOut),
    ];
    assert_cards(&cards(documents.clone(), entries(1_780)), &classes, &[]);
    let off = [(Kind::PayoutDiffers, "po_1", 1)];
    let seen = assert_cards(&cards(documents, entries(1_779)), &classes, &off);
    let is_payout = |one: &&crate::findings::Finding| one.kind == Kind::PayoutDiffers;
    let finding = seen.outcome.findings.iter().find(is_payout).unwrap();
    let Evidence::Payout { of } = &finding.evidence else { panic!() };
    assert_eq!((of.sales_cents, of.refunds_cents, of.fee_cents), (3_000, -1_000, 220));
    assert_eq!((of.net_cents, of.paid_cents, of.transactions), (1_780, 1_779, 3));
}

#[test]
fn a_payout_by_day_needs_transactions_of_that_day() {
    let due = |row, gross, at: &str| {
        with(transaction(row, DAY, gross), |of| of.settled_on = Some(day(at)))
    };
    let documents = vec![card_sale("a", DAY)];
    let entries = vec![
        due(1, 2_000, "2026-02-12"),
        due(2, 1_000, "2026-02-13"),
        payout(3, "2026-02-12", 1_980, None),
        payout(4, "2026-02-13", 980, None),
        payout(5, "2026-02-20", 5_000, None),
    ];
    let seen = compared(&cards(documents, entries));
    let payouts: Vec<_> =
        seen.findings().into_iter().filter(|one| one.0 == Kind::PayoutDiffers).collect();
    assert_eq!(payouts, [(Kind::PayoutDiffers, "T4".to_owned(), 10)]);
    let statement = seen.outcome.statements.iter().find(|one| one.statement.basis == Settlements);
    let settled = statement.unwrap().statement.settled[&Currency::EUR];
    assert_eq!((settled.payouts, settled.unproved_payouts, settled.paid_cents), (3, 1, 7_960));
}

#[test]
fn a_first_payout_may_lack_what_lies_before_the_file() {
    let of = |entry| with(entry, |of| of.payout = Some("po_1".to_owned()));
    let first = "2026-02-03";
    let entries =
        vec![of(transaction(1, first, 3_000)), payout(2, "2026-02-04", 9_000, Some("po_1"))];
    let seen = compared(&cards(vec![card_sale("a", first)], entries));
    assert!(!seen.findings().iter().any(|(kind, _, _)| *kind == Kind::PayoutDiffers));
}

#[test]
fn a_net_that_is_not_gross_less_fee_is_told() {
    let wrong = with(transaction(1, DAY, 3_000), |of| of.net_cents = Some(2_960));
    let input = cards(vec![card_sale("a", DAY)], vec![wrong]);
    assert_cards(&input, &[("a", Matched), ("#1", Matched)], &[(Kind::PayoutDiffers, "T1", 10)]);
}

#[test]
fn the_order_of_rows_changes_nothing() {
    let documents = vec![card_sale("a", DAY), card_sale("b", "2026-02-17"), sale("c", DAY)];
    let entries = vec![
        transaction(1, DAY, 2_000),
        transaction(2, DAY, 900),
        transaction(3, "2026-02-18", 3_000),
        LedgerEntry { row: 4, ..transaction(2, DAY, 900) },
    ];
    let input = cards(documents, entries);
    let mut turned = input.clone();
    turned.documents.reverse();
    turned.entries.reverse();
    let (one, other) = (compared(&input), compared(&turned));
    assert_eq!(one.outcome.statements, other.outcome.statements);
    assert_eq!(one.findings(), other.findings());
}

#[test]
fn both_months_say_the_same_of_a_day_at_their_edge() {
    let (last, first) = ("2026-02-28", "2026-03-01");
    let mut input = february(
        DocumentKind::Receipt,
        vec![card_sale("a", last), card_sale("b", "2026-02-01"), card_sale("c", "2026-03-31")],
        vec![
            transaction(1, first, 3_000),
            transaction(2, "2026-02-01", 3_000),
            transaction(3, "2026-03-31", 3_000),
        ],
    );
    input.today = day("2026-04-20");
    let mut march = input.clone();
    march.period = crate::fiscal::Period::month(2026, 3).unwrap();
    march.accounting_period = march.period;
    assert_eq!(compared(&input).classes_by(Settlements)["a"], MatchedWithinTolerance);
    assert_eq!(compared(&march).classes_by(Settlements)["#1"], MatchedWithinTolerance);
}
