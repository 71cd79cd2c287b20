//! Random rows from so small a world that they often agree in something.

use proptest::prelude::*;

use super::builder::{ALFA, BETA, booking, day, id, invoice};
use crate::fiscal::{Currency, Document, DocumentType, LedgerEntry, Lifecycle, Period};
use crate::reconcile::record::{Names, Record};
use crate::reconcile::rules::RowColumn;

/// Returns documents and entries that often agree in something.
pub(super) fn small_document() -> impl Strategy<Value = Document> {
    (small_booking(), 0usize..6, any::<bool>()).prop_map(|(entry, state, has_sdi_id)| Document {
        issue_date: entry.issue_date,
        document_type: entry.document_type.unwrap_or_else(|| DocumentType::new("TD01")),
        counterparty_tax_id: entry.counterparty_tax_id,
        counterparty_name: entry.counterparty_name,
        currency: entry.currency,
        gross_cents: entry.gross_cents,
        lifecycle: [
            Lifecycle::Issued,
            Lifecycle::Issued,
            Lifecycle::Issued,
            Lifecycle::NotDelivered,
            Lifecycle::Refused,
            Lifecycle::NeverIssued,
        ][state],
        references: if has_sdi_id { entry.references } else { Vec::new() },
        ..invoice("", entry.number.as_deref().unwrap_or_default())
    })
}

pub(super) fn small_booking() -> impl Strategy<Value = LedgerEntry> {
    let numbers = ["", "1", "01", "1/2026", "FPR 1", "2", "1/A"];
    let days = ["2026-01-30", "2026-02-03", "2026-02-10", "2026-02-11", "2026-03-02", "2025-02-10"];
    let parties = [
        (ALFA, "Alfa"),
        ("", "Alfa"),
        (BETA, "Alfa"),
        (BETA, "Beta"),
        ("RSSMRA85T10A562S", "Alfa"),
        ("", ""),
    ];
    let amounts =
        [Some(12_200), Some(12_200), Some(12_205), Some(12_206), Some(24_400), Some(-12_200), None];
    (
        (0..numbers.len(), 0..days.len(), 0..parties.len(), 0..amounts.len()),
        (0usize..8, 0usize..8, any::<bool>()),
    )
        .prop_map(move |((number, at, party, amount), (kind, reference, is_dollar))| {
            LedgerEntry {
                issue_date: Some(day(days[at])).filter(|_| kind != 7),
                document_type: [None, Some("TD01"), Some("TD04")][kind % 3].map(DocumentType::new),
                counterparty_tax_id: id(parties[party].0),
                counterparty_name: Some(parties[party].1.to_owned()),
                currency: if is_dollar && kind == 0 {
                    "USD".parse().unwrap()
                } else {
                    Currency::EUR
                },
                taxable_cents: None,
                vat_cents: None,
                gross_cents: amounts[amount],
                references: (reference < 2)
                    .then(|| format!("sdi-{reference}"))
                    .into_iter()
                    .collect(),
                ..booking(0, numbers[number])
            }
        })
}

/// Returns such an entry as the passes see it, under a random id.
pub(in crate::reconcile) fn small_invoice() -> impl Strategy<Value = Record> {
    (small_booking(), any::<u32>()).prop_map(|(entry, row)| {
        let entry = LedgerEntry { row: u64::from(row), ..entry };
        let period = Period::month(2026, 2).unwrap();
        Record::of_entry("book.csv", &entry, &mut Names::default(), RowColumn::IssueDate, period)
    })
}
