//! Documents that were discarded, refused, sent again, not delivered, or seen twice.

use super::builder::*;
use super::seen::*;
use crate::findings::{Excluded, Kind, Reason};
use crate::fiscal::{Direction, Document, DocumentType, LedgerEntry, Lifecycle};
use crate::reconcile::statement::Class::{
    Differing, Duplicate, Excluded as LeftOut, Matched, MatchedWithinTolerance, MissingLeft,
    MissingRight,
};
use crate::reconcile::statement::Verdict;

fn with_state(lifecycle: Lifecycle, document: Document) -> Document {
    Document { lifecycle, ..document }
}

/// Returns a self-invoice, sent or come back.
fn self_invoice(source_id: &str, direction: Direction) -> Document {
    Document { direction, document_type: DocumentType::new("TD17"), ..invoice(source_id, "AUT 1") }
}

fn self_booking(row: u64, direction: Direction) -> LedgerEntry {
    LedgerEntry {
        direction: Some(direction),
        document_type: Some(DocumentType::new("TD17")),
        ..booking(row, "AUT 1")
    }
}

#[test]
fn never_issued_and_unbooked_is_left_out() {
    let seen = compared(&invoices(
        vec![with_state(Lifecycle::NeverIssued, invoice("a", "1"))],
        Vec::new(),
    ));
    assert_classes(&seen, &[("a", LeftOut)]);
    assert_findings(&seen, &[]);
}

#[test]
fn never_issued_but_booked_is_a_break() {
    for (state, kind) in [
        (Lifecycle::NeverIssued, Kind::DiscardedBySdiButBooked),
        (Lifecycle::Refused, Kind::RefusedByBuyerButBooked),
    ] {
        let seen =
            compared(&invoices(vec![with_state(state, invoice("a", "1"))], vec![booking(1, "1")]));
        assert_classes(&seen, &[("a", Differing), ("#1", Differing)]);
        assert_findings(&seen, &[(kind, "a~#1", 12_200)]);
    }
}

#[test]
fn sent_again_takes_the_booking() {
    // The dead one comes first by id and by date, and must still give way.
    for (state, class) in [(Lifecycle::NeverIssued, LeftOut), (Lifecycle::Refused, Duplicate)] {
        for at in ["2026-02-10", "2026-02-08"] {
            let dead =
                Document { issue_date: Some(day(at)), ..with_state(state, invoice("a", "1")) };
            let again = invoice("b", "1");
            let seen =
                compared(&invoices(vec![dead.clone(), again.clone()], vec![booking(1, "01")]));
            assert_classes(&seen, &[("a", class), ("b", Matched), ("#1", Matched)]);
            assert_findings(&seen, &[]);
            // Unbooked, the valid one is what the books lack: not a copy of the dead one.
            let seen = compared(&invoices(vec![dead, again], Vec::new()));
            assert_classes(&seen, &[("a", class), ("b", MissingRight)]);
            assert_findings(&seen, &[(Kind::MissingInLedger, "b", 12_200)]);
        }
    }
}

#[test]
fn an_identifier_names_the_dead_one() {
    let dead = Document {
        references: vec!["sdi-1".into()],
        ..with_state(Lifecycle::NeverIssued, invoice("a", "1"))
    };
    let entry = LedgerEntry { references: vec!["sdi-1".into()], ..booking(1, "1") };
    let seen = compared(&invoices(vec![dead, invoice("b", "1")], vec![entry]));
    assert_classes(&seen, &[("a", Differing), ("b", MissingRight), ("#1", Differing)]);
}

#[test]
fn refused_and_never_sent_again_is_missing() {
    let seen =
        compared(&invoices(vec![with_state(Lifecycle::Refused, invoice("a", "1"))], Vec::new()));
    assert_findings(&seen, &[(Kind::MissingInLedger, "a", 12_200)]);
}

#[test]
fn not_delivered_is_told_and_breaks_nothing() {
    let document = with_state(Lifecycle::NotDelivered, invoice("a", "1"));
    let seen = compared(&invoices(vec![document], vec![booking(1, "1")]));
    assert_classes(&seen, &[("a", Matched), ("#1", Matched)]);
    assert_findings(&seen, &[(Kind::NotDelivered, "a", 0)]);
    assert_eq!(seen.outcome.statements[0].statement.verdict, Verdict::Reconciled);
}

#[test]
fn notices_are_left_out_on_both_sides() {
    let notice = DocumentType::new("TD29");
    let document = Document { document_type: notice.clone(), ..invoice("a", "1/N") };
    let entry = LedgerEntry { document_type: Some(notice), ..booking(1, "1/N") };
    let seen = compared(&invoices(vec![document], vec![entry]));
    assert_classes(&seen, &[("a", LeftOut), ("#1", LeftOut)]);
    assert_findings(&seen, &[]);
}

#[test]
fn self_invoice_seen_twice_counts_once() {
    let documents =
        vec![self_invoice("sent", Direction::Outgoing), self_invoice("back", Direction::Incoming)];
    let seen = compared(&invoices(documents, vec![self_booking(1, Direction::Incoming)]));
    assert_classes(&seen, &[("sent", LeftOut), ("back", Matched), ("#1", Matched)]);
    let because = Excluded::SelfInvoiceSeenTwice;
    assert_eq!(*seen.row("sent").reason, Reason::Excluded { because });
    assert_findings(&seen, &[]);
}

#[test]
fn self_invoice_seen_once_is_a_purchase() {
    let documents = vec![self_invoice("sent", Direction::Outgoing)];
    let seen = compared(&invoices(documents, vec![self_booking(1, Direction::Outgoing)]));
    assert_classes(&seen, &[("sent", Matched), ("#1", Matched)]);
    let statements = &seen.outcome.statements;
    assert_eq!(statements.last().unwrap().statement.direction, Direction::Incoming);
}

#[test]
fn self_invoice_in_both_registers_counts_once() {
    let documents = vec![self_invoice("sent", Direction::Outgoing)];
    let mut entries =
        vec![self_booking(1, Direction::Outgoing), self_booking(2, Direction::Incoming)];
    let seen = compared(&invoices(documents.clone(), entries.clone()));
    assert_classes(&seen, &[("sent", Matched), ("#1", LeftOut), ("#2", Matched)]);
    assert_findings(&seen, &[]);
    // A third booking is one too many.
    entries.push(self_booking(3, Direction::Outgoing));
    let seen = compared(&invoices(documents, entries));
    assert_findings(&seen, &[(Kind::DuplicateInLedger, "#3", 12_200)]);
}

#[test]
fn discarded_self_invoice_is_not_a_copy() {
    let discarded = with_state(Lifecycle::NeverIssued, self_invoice("dead", Direction::Outgoing));
    let seen = compared(&invoices(
        vec![discarded, self_invoice("back", Direction::Incoming)],
        vec![self_booking(1, Direction::Incoming)],
    ));
    let because = Excluded::NeverIssued;
    assert_eq!(*seen.row("dead").reason, Reason::Excluded { because });
    assert_eq!(seen.row("back").class, Matched);
}

#[test]
fn self_invoice_answers_the_invoice_of_the_supplier() {
    let supplier = |row, number: &str, gross_cents| LedgerEntry {
        direction: Some(Direction::Incoming),
        issue_date: Some(day("2026-02-06")),
        counterparty_tax_id: id("DE299999901"),
        vat_cents: Some(0),
        taxable_cents: Some(gross_cents),
        gross_cents: Some(gross_cents),
        ..booking(row, number)
    };
    let sent = Document {
        counterparty_tax_id: id("DE299999901"),
        ..self_invoice("sent", Direction::Outgoing)
    };
    // 100.00 of the supplier are 122.00 with the VAT that the self-invoice adds.
    let seen = compared(&invoices(vec![sent.clone()], vec![supplier(1, "RE-77", 10_000)]));
    assert_classes(&seen, &[("sent", MatchedWithinTolerance), ("#1", MatchedWithinTolerance)]);
    assert_findings(&seen, &[]);
    // Two purchases fit: nobody chooses.
    let mut entries = vec![supplier(1, "RE-77", 10_000), supplier(2, "RE-78", 10_000)];
    for entry in &mut entries {
        entry.issue_date = Some(day("2026-02-10"));
    }
    let seen = compared(&invoices(vec![sent.clone()], entries));
    let unmatched = Kind::SelfInvoiceUnmatched;
    assert_findings(
        &seen,
        &[(unmatched, "sent", 12_200), (unmatched, "#1", 10_000), (unmatched, "#2", 10_000)],
    );
}

#[test]
fn self_invoice_without_its_counterpart_is_told_as_one() {
    let seen = compared(&invoices(
        vec![self_invoice("sent", Direction::Outgoing)],
        vec![LedgerEntry {
            direction: Some(Direction::Incoming),
            counterparty_tax_id: id("FR40303265045"),
            counterparty_name: Some("Atelier du Nord SARL".to_owned()),
            ..booking(1, "F-9")
        }],
    ));
    assert_classes(&seen, &[("sent", MissingRight), ("#1", MissingLeft)]);
    let unmatched = Kind::SelfInvoiceUnmatched;
    assert_findings(&seen, &[(unmatched, "sent", 12_200), (unmatched, "#1", 12_200)]);
    // What was booked as a self-invoice and never sent is the same.
    let seen = compared(&invoices(Vec::new(), vec![self_booking(1, Direction::Incoming)]));
    assert_findings(&seen, &[(unmatched, "#1", 12_200)]);
}

#[test]
fn only_in_the_books_is_missing_at_provider() {
    let seen = compared(&invoices(Vec::new(), vec![booking(1, "231")]));
    assert_classes(&seen, &[("#1", MissingLeft)]);
    assert_findings(&seen, &[(Kind::MissingAtProvider, "#1", 12_200)]);
}
