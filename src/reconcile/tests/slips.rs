//! What the books lost or mistyped: paired where nobody else could be meant, and said.

use super::builder::*;
use super::seen::*;
use crate::findings::{Kind, Pass, Reason};
use crate::fiscal::{Direction, Document, LedgerEntry, Lifecycle};
use crate::reconcile::statement::Class::{
    Ambiguous, Differing, Duplicate, Matched, MissingLeft, MissingRight,
};

/// Returns an entry as the books have it that lost its party.
fn nobodys(entry: LedgerEntry) -> LedgerEntry {
    LedgerEntry { counterparty_tax_id: None, counterparty_name: None, ..entry }
}

/// Returns an entry under the party of another one.
fn betas(entry: LedgerEntry) -> LedgerEntry {
    LedgerEntry { counterparty_tax_id: id(BETA), counterparty_name: None, ..entry }
}

/// Turns both sides, with what stands at either end, into the company's purchases.
fn received(documents: Vec<Document>, entries: Vec<LedgerEntry>) -> Input {
    let mut input = invoices(documents, entries);
    input.documents.iter_mut().for_each(|one| one.direction = Direction::Incoming);
    input.entries.iter_mut().for_each(|(_, one)| one.direction = Some(Direction::Incoming));
    input
}

fn of(cents: i64, document: Document) -> Document {
    Document { gross_cents: Some(cents), taxable_cents: None, vat_cents: None, ..document }
}

fn pass(seen: &Seen, id: &str) -> Option<Pass> {
    match &*seen.row(id).reason {
        Reason::Paired { pass, .. } => Some(pass.clone()),
        _ => None,
    }
}

#[test]
fn a_lost_party_is_no_difference() {
    for input in [invoices, received]
        .map(|side| side(vec![invoice("a", "FPR 7/26")], vec![nobodys(booking(1, "7"))]))
    {
        let seen = compared(&input);
        assert_classes(&seen, &[("a", Matched), ("#1", Matched)]);
        assert_eq!(pass(&seen, "a"), Some(Pass::NumberAmount));
        assert_findings(&seen, &[]);
    }
}

#[test]
fn another_party_is_said_and_at_risk() {
    let seen = compared(&invoices(vec![invoice("a", "7")], vec![betas(booking(1, "7"))]));
    assert_classes(&seen, &[("a", Differing), ("#1", Differing)]);
    assert_findings(&seen, &[(Kind::CounterpartyDiffers, "a~#1", 12_200)]);
    // A cent, or the eleventh day, and nothing speaks for the pair any more.
    let eleventh = on("2026-02-21", betas(booking(1, "7")));
    for apart in [betas(booked(12_201, 1, "7")), eleventh] {
        let seen = compared(&invoices(vec![invoice("a", "7")], vec![apart]));
        assert_classes(&seen, &[("a", MissingRight), ("#1", MissingLeft)]);
    }
}

#[test]
fn suppliers_may_share_number_and_amount() {
    let theirs = on("2026-02-11", betas(booking(1, "7")));
    let seen = compared(&received(vec![invoice("a", "7")], vec![theirs]));
    assert_classes(&seen, &[("a", MissingRight), ("#1", MissingLeft)]);
    let seen = compared(&received(vec![invoice("a", "7")], vec![betas(booking(1, "7"))]));
    assert_findings(&seen, &[(Kind::CounterpartyDiffers, "a~#1", 12_200)]);
}

#[test]
fn a_number_with_a_slip_is_said() {
    for (theirs, side) in [
        ("1243", invoices as fn(Vec<Document>, Vec<LedgerEntry>) -> Input),
        ("1234/V3", received),
        ("FE-1234", received),
    ] {
        let seen = compared(&side(vec![invoice("a", "1234")], vec![booking(1, theirs)]));
        assert_classes(&seen, &[("a", Differing), ("#1", Differing)]);
        assert_eq!(pass(&seen, "a"), Some(Pass::PartyAmountDay), "{theirs}");
        assert_findings(&seen, &[(Kind::NumberDiffers, "a~#1", 0)]);
    }
    // What the books leave empty differs from nothing.
    let seen = compared(&invoices(vec![invoice("a", "1234")], vec![booking(1, "")]));
    assert_findings(&seen, &[]);
}

#[test]
fn quite_another_number_is_only_suggested() {
    // A neighbour's number is no slip: 1234 may be unbooked, and 1235 unknown to the provider.
    for theirs in ["1235", "9", "88/B"] {
        let seen = compared(&invoices(vec![invoice("a", "1234")], vec![booking(1, theirs)]));
        assert_classes(&seen, &[("a", MissingRight), ("#1", MissingLeft)]);
        let Reason::Suggested { pass, .. } = &*seen.row("a").reason else { panic!("{theirs}") };
        assert_eq!(*pass, Pass::PartyAmount);
    }
}

#[test]
fn a_placeholder_is_nobodys_tax_id() {
    let smith = Document {
        counterparty_tax_id: id("OO99999999999"),
        counterparty_name: Some("John Smith Ltd".to_owned()),
        ..invoice("a", "1234")
    };
    let tokyo = LedgerEntry {
        counterparty_tax_id: id("OO99999999999"),
        counterparty_name: Some("Tokyo Trading KK".to_owned()),
        ..booking(1, "1243")
    };
    let seen = compared(&invoices(vec![smith], vec![tokyo]));
    assert_classes(&seen, &[("a", MissingRight), ("#1", MissingLeft)]);
}

#[test]
fn last_years_number_is_another_document() {
    let january = at("2026-01-05", invoice("a", "2"));
    let mut input = invoices(vec![january], vec![on("2025-12-30", nobodys(booking(1, "2")))]);
    input.period = "2026-01-01..2026-02-28".parse().unwrap();
    input.accounting_period = input.period;
    assert_eq!(compared(&input).row("a").class, MissingRight);
}

#[test]
fn a_second_likely_one_stops_both() {
    let documents = vec![invoice("a", "1234"), invoice("b", "1324")];
    let seen = compared(&invoices(documents.clone(), vec![booking(1, "1334")]));
    assert_classes(&seen, &[("a", Ambiguous), ("b", Ambiguous), ("#1", Ambiguous)]);
    let Reason::Ambiguous { alternatives, among } = &*seen.row("book.csv#1").reason else {
        panic!()
    };
    let named: Vec<&str> = among.iter().map(|one| &*one.id).collect();
    assert_eq!((*alternatives, &named[..]), (2, &["a", "b"][..]));
    // One that has its partner is none.
    let seen = compared(&invoices(documents, vec![booking(1, "1334"), booking(2, "1324")]));
    assert_classes(&seen, &[("a", Differing), ("#1", Differing), ("b", Matched), ("#2", Matched)]);
    // Another day or another amount is none either.
    let later = at("2026-02-11", invoice("b", "1324"));
    let dearer = Document { gross_cents: Some(12_201), ..invoice("b", "1324") };
    for other in [later, dearer] {
        let documents = vec![invoice("a", "1234"), other];
        let seen = compared(&invoices(documents, vec![booking(1, "1334")]));
        assert_classes(&seen, &[("a", Differing), ("#1", Differing), ("b", MissingRight)]);
    }
}

#[test]
fn the_two_ways_are_rivals() {
    // The number says the one of Alfa, the party and the number's likeness the one of Beta.
    let alfa = invoice("a", "301");
    let beta = Document { counterparty_tax_id: id(BETA), ..invoice("b", "310") };
    let seen = compared(&invoices(vec![alfa, beta], vec![betas(booking(1, "301"))]));
    assert_classes(&seen, &[("a", Ambiguous), ("b", Ambiguous), ("#1", Ambiguous)]);
}

#[test]
fn parts_of_one_invoice_are_no_other_ones() {
    let documents = vec![of(100_000, invoice("a", "400")), of(40_000, invoice("b", "401"))];
    let entries = vec![booked(60_000, 1, "400/1"), booked(40_000, 2, "400/2")];
    let seen = compared(&invoices(documents, entries));
    assert_classes(&seen, &[("a", Matched), ("b", MissingRight), ("#1", Matched), ("#2", Matched)]);
}

#[test]
fn a_number_of_its_own_goes_first_whatever_the_state() {
    let discarded = Document { lifecycle: Lifecycle::NeverIssued, ..invoice("a", "7") };
    // Sent again as another invoice, the same day: the books still hold the first.
    let seen = compared(&invoices(vec![discarded, invoice("b", "8")], vec![booking(1, "7")]));
    assert_eq!(seen.row("b").class, MissingRight);
    let kinds: Vec<Kind> = seen.findings().into_iter().map(|one| one.0).collect();
    assert_eq!(kinds, [Kind::MissingInLedger, Kind::DiscardedBySdiButBooked]);
}

#[test]
fn a_likeness_accuses_no_entry_of_what_was_never_issued() {
    let discarded = Document { lifecycle: Lifecycle::NeverIssued, ..invoice("a", "7") };
    let seen = compared(&invoices(vec![discarded], vec![booking(1, "9")]));
    assert_findings(&seen, &[(Kind::MissingAtProvider, "#1", 12_200)]);
}

#[test]
fn a_copy_of_what_is_paired_stays_a_copy() {
    let documents = vec![invoice("a", "7"), invoice("b", "8")];
    let seen = compared(&invoices(documents, vec![booking(1, "7"), booking(2, "7")]));
    assert_classes(
        &seen,
        &[("a", Matched), ("b", MissingRight), ("#1", Matched), ("#2", Duplicate)],
    );
}
