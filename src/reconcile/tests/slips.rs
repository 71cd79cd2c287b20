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
        ("9", received),
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
fn a_second_one_of_the_day_stops_both() {
    let documents = vec![invoice("a", "1234"), invoice("b", "88")];
    let seen = compared(&invoices(documents.clone(), vec![booking(1, "1243")]));
    assert_classes(&seen, &[("a", Ambiguous), ("b", Ambiguous), ("#1", Ambiguous)]);
    // One that has its partner is none.
    let seen = compared(&invoices(documents, vec![booking(1, "1243"), booking(2, "88")]));
    assert_classes(&seen, &[("a", Differing), ("#1", Differing), ("b", Matched), ("#2", Matched)]);
    // Another day or another amount is none either.
    let later = at("2026-02-11", invoice("b", "88"));
    let dearer = Document { gross_cents: Some(12_201), ..invoice("b", "88") };
    for other in [later, dearer] {
        let documents = vec![invoice("a", "1234"), other];
        let seen = compared(&invoices(documents, vec![booking(1, "1243")]));
        assert_classes(&seen, &[("a", Differing), ("#1", Differing), ("b", MissingRight)]);
    }
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
