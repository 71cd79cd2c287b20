//! Invoices: what pairs them, what differs, what repeats, what stays open.

use super::builder::*;
use super::seen::*;
use crate::findings::{Explanation, Kind, Pass, Reason};
use crate::fiscal::{Document, DocumentKind, DocumentType, LedgerEntry, Period};
use crate::reconcile::statement::Class::{
    Ambiguous, Differing, Duplicate, Matched, MatchedWithinTolerance, MissingLeft, MissingRight,
    OutOfWindow, Pending,
};
use crate::reconcile::statement::Verdict;

#[test]
fn each_pass_finds_its_pair() {
    let by_id = Document { references: vec!["sdi-1".into()], ..invoice("a", "11") };
    let booked_by_id = LedgerEntry {
        references: vec!["sdi-1".into()],
        counterparty_tax_id: None,
        counterparty_name: None,
        ..booking(1, "11")
    };
    let seen = compared(&invoices(
        vec![by_id, invoice("b", "12"), invoice("c", "FPR 13/26")],
        vec![booked_by_id, booking(2, "12"), booking(3, "0013")],
    ));
    let pass = |id: &str| match &*seen.row(id).reason {
        Reason::Paired { pass, .. } => Some(pass.clone()),
        _ => None,
    };
    assert_eq!(pass("a"), Some(Pass::Id));
    assert_eq!(pass("b"), Some(Pass::NumberExact));
    assert_eq!(pass("c"), Some(Pass::NumberNormalised));
    assert_findings(&seen, &[]);
    assert_eq!(seen.outcome.statements[0].statement.verdict, Verdict::Reconciled);
}

#[test]
fn a_pairs_euros_are_at_risk_once() {
    let document = Document {
        taxable_cents: Some(11_000),
        vat_cents: Some(2_420),
        gross_cents: Some(13_420),
        ..invoice("a", "1")
    };
    let seen = compared(&invoices(vec![document], vec![booking(1, "1")]));
    assert_findings(
        &seen,
        &[
            (Kind::AmountDiffers, "a~#1", 1_220),
            (Kind::TaxableDiffers, "a~#1", 0),
            (Kind::VatDiffers, "a~#1", 0),
        ],
    );
}

#[test]
fn a_knot_is_told_once_a_ledger_row() {
    let documents = vec![invoice("a", "7/2026"), invoice("b", "FPR 7"), invoice("c", "N. 7")];
    let seen = compared(&invoices(documents, vec![booking(1, "007"), booking(2, "07")]));
    let rows = ["a", "b", "c", "#1", "#2"].map(|id| (id, Ambiguous));
    assert_classes(&seen, &rows);
    let kind = Kind::Ambiguous;
    assert_findings(&seen, &[(kind, "#1", 12_200), (kind, "#2", 12_200)]);
    let alternatives = |id: &str| match *seen.row(id).reason {
        Reason::Ambiguous { alternatives, .. } => alternatives,
        _ => 0,
    };
    assert_eq!((alternatives("a"), alternatives("book.csv#1")), (2, 3));
}

#[test]
fn copies_on_both_sides_pair_n_to_n() {
    let documents = vec![invoice("a", "1"), invoice("b", "1"), invoice("c", "1")];
    let seen = compared(&invoices(documents, vec![booking(1, "1"), booking(2, "1")]));
    let classes =
        [("a", Matched), ("b", Matched), ("c", Duplicate), ("#1", Matched), ("#2", Matched)];
    assert_classes(&seen, &classes);
    assert_findings(&seen, &[(Kind::DuplicateAtProvider, "c", 12_200)]);
}

#[test]
fn an_unbooked_copy_is_missing_once() {
    let seen = compared(&invoices(vec![invoice("b", "1"), invoice("a", "1")], Vec::new()));
    assert_classes(&seen, &[("a", MissingRight), ("b", Duplicate)]);
}

#[test]
fn other_currency_or_party_is_no_copy() {
    let dollars = Document { currency: "USD".parse().unwrap(), ..invoice("b", "1") };
    let beta = Document { counterparty_tax_id: id(BETA), ..invoice("c", "1") };
    let seen = compared(&invoices(vec![invoice("a", "1"), dollars, beta], Vec::new()));
    assert_classes(&seen, &[("a", MissingRight), ("b", MissingRight), ("c", MissingRight)]);
}

#[test]
fn credit_note_booked_with_the_wrong_sign() {
    let credit = Document {
        document_type: DocumentType::new("TD04"),
        gross_cents: Some(-12_200),
        ..invoice("a", "NC 1")
    };
    let seen = compared(&invoices(vec![credit], vec![booking(1, "NC 1")]));
    assert_classes(&seen, &[("a", Differing), ("#1", Differing)]);
    assert_findings(&seen, &[(Kind::SignDiffers, "a~#1", 24_400)]);
}

#[test]
fn credit_note_with_an_invoices_number() {
    let credit = Document {
        document_type: DocumentType::new("TD04"),
        gross_cents: Some(-5_000),
        ..invoice("a", "5")
    };
    let booked = LedgerEntry { document_type: Some(DocumentType::new("TD01")), ..booking(1, "5") };
    let seen = compared(&invoices(vec![credit], vec![booked]));
    assert_classes(&seen, &[("a", MissingRight), ("#1", MissingLeft)]);
}

#[test]
fn stamp_duty_explains_both_ways() {
    for (provider, books) in [(35_200, 35_000), (35_000, 35_200)] {
        let document = Document { gross_cents: Some(provider), ..invoice("a", "1") };
        let entry = LedgerEntry {
            taxable_cents: Some(books),
            vat_cents: Some(0),
            gross_cents: None,
            ..booking(1, "1")
        };
        let seen = compared(&invoices(vec![document], vec![entry]));
        assert_classes(&seen, &[("a", MatchedWithinTolerance), ("#1", MatchedWithinTolerance)]);
        let Reason::Paired { differences, .. } = &*seen.row("a").reason else { panic!() };
        assert_eq!(differences[0].explanation, Some(Explanation::StampDuty));
    }
}

#[test]
fn two_euros_on_a_taxed_invoice_are_a_break() {
    let document = Document { gross_cents: Some(12_400), ..invoice("a", "1") };
    let seen = compared(&invoices(vec![document], vec![booking(1, "1")]));
    assert_findings(&seen, &[(Kind::AmountDiffers, "a~#1", 200)]);
}

#[test]
fn party_of_one_name_and_another_id() {
    let beta = LedgerEntry { counterparty_tax_id: id(BETA), ..booking(1, "1") };
    let document = Document { counterparty_name: Some("ALFA SRL".into()), ..invoice("a", "1") };
    let seen = compared(&invoices(vec![document.clone()], vec![beta.clone()]));
    assert_findings(&seen, &[(Kind::CounterpartyDiffers, "a~#1", 12_200)]);
    // With another amount nothing but the name would speak for the pair.
    let dearer = LedgerEntry { gross_cents: Some(99_900), ..beta };
    let seen = compared(&invoices(vec![document], vec![dearer]));
    assert_classes(&seen, &[("a", MissingRight), ("#1", MissingLeft)]);
}

#[test]
fn pending_lasts_to_the_end_of_grace() {
    for (today, class) in [("2026-02-13", Pending), ("2026-02-14", MissingRight)] {
        let mut input = invoices(vec![invoice("a", "1")], Vec::new());
        input.today = day(today);
        let seen = compared(&input);
        assert_eq!(seen.row("a").class, class);
        if class == Pending {
            assert_eq!(*seen.row("a").reason, Reason::Pending { break_on: day("2026-02-14") });
            assert_eq!(seen.outcome.statements[0].statement.verdict, Verdict::Pending);
        }
    }
}

#[test]
fn grace_goes_before_a_cover_that_stopped() {
    for (today, class) in [("2026-02-28", Pending), ("2026-03-01", OutOfWindow)] {
        let late = Document { issue_date: Some(day("2026-02-25")), ..invoice("late", "2") };
        let documents = vec![invoice("a", "1"), late];
        let mut input = february(DocumentKind::Invoice, documents, vec![booking(1, "1")]);
        input.today = day(today);
        assert_eq!(compared(&input).row("late").class, class);
    }
}

#[test]
fn no_upload_is_a_missing_ledger() {
    let january = LedgerEntry { issue_date: Some(day("2026-01-31")), ..booking(1, "0") };
    for entries in [Vec::new(), vec![january]] {
        let mut input = february(DocumentKind::Invoice, vec![invoice("a", "1")], entries);
        input.today = day("2026-02-11");
        let seen = compared(&input);
        assert_classes(&seen, &[("a", OutOfWindow)]);
        assert_findings(&seen, &[(Kind::LedgerMissing, "2026-02", 12_200)]);
        assert_eq!(seen.outcome.statements[0].statement.verdict, Verdict::Incomplete);
    }
}

#[test]
fn an_unsettled_pull_accuses_nobody() {
    let unread: Period = "2026-02-09..2026-02-11".parse().unwrap();
    let mut input = invoices(vec![invoice("a", "1")], vec![booked(500, 1, "2")]);
    input.unsettled = vec![unread];
    let seen = compared(&input);
    // What the books hold may not be pulled yet; what was pulled is still missing there.
    assert_classes(&seen, &[("a", MissingRight), ("#1", OutOfWindow)]);
    let kinds: Vec<Kind> = seen.findings().into_iter().map(|one| one.0).collect();
    assert_eq!(kinds, [Kind::MissingInLedger, Kind::CoverageMissing]);
}

#[test]
fn unpaired_rows_name_the_nearest() {
    let beta =
        LedgerEntry { counterparty_tax_id: id(BETA), counterparty_name: None, ..booking(1, "8") };
    let seen = compared(&invoices(vec![invoice("a", "1")], vec![beta]));
    let Reason::NoPartner { nearest: Some(near) } = &*seen.row("a").reason else { panic!() };
    assert_eq!(near.record.id, "book.csv#1");
    assert_eq!(near.failed.field, crate::findings::Field::Counterparty);
}
