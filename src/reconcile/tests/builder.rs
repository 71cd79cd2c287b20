//! Makes documents, entries and inputs that say only what a test is about.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use proptest::prelude::*;

use crate::findings::{Evidence, Finding, Kind, Slice};
use crate::fiscal::{
    Company, Currency, Direction, Document, DocumentKind, DocumentType, EntryKind, LedgerEntry,
    Lifecycle, Period, TaxId, Tenders, VatLine, VatRate,
};
use crate::reconcile::record::Record;
use crate::reconcile::statement::{Basis, Class, ClassedRow};
use crate::reconcile::{Input, Outcome, Tolerance, reconcile};

pub(in crate::reconcile) const ALFA: &str = "01234567897";
pub(in crate::reconcile) const BETA: &str = "09876543217";
const ANCHORS: &str = "20041115203";

pub(in crate::reconcile) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(in crate::reconcile) fn id(text: &str) -> Option<TaxId> {
    TaxId::parse(text)
}

/// Returns an invoice of 122.00 sent to Alfa on 10 February.
pub(in crate::reconcile) fn invoice(source_id: &str, number: &str) -> Document {
    Document {
        kind: DocumentKind::Invoice,
        source_id: source_id.to_owned(),
        company: id("19044175016").unwrap(),
        direction: Direction::Outgoing,
        document_type: DocumentType::new("TD01"),
        status: "DONE".to_owned(),
        sdi_status: Some("DELIVERED".to_owned()),
        lifecycle: Lifecycle::Issued,
        error_message: None,
        number: Some(number.to_owned()).filter(|number| !number.is_empty()),
        issue_date: Some(day("2026-02-10")),
        counterparty_tax_id: id(ALFA),
        counterparty_tax_code: None,
        counterparty_name: Some("Alfa S.r.l.".to_owned()),
        currency: Currency::EUR,
        taxable_cents: None,
        vat_cents: None,
        gross_cents: Some(12_200),
        tenders: None,
        vat_lines: Vec::new(),
        parent_id: None,
        references: Vec::new(),
        created_at: None,
    }
}

/// Returns the booking of such an invoice, 100.00 and 22.00 of VAT.
pub(in crate::reconcile) fn booking(row: u64, number: &str) -> LedgerEntry {
    LedgerEntry {
        kind: EntryKind::Invoice,
        row,
        company: None,
        direction: Some(Direction::Outgoing),
        document_type: None,
        number: Some(number.to_owned()).filter(|number| !number.is_empty()),
        issue_date: Some(day("2026-02-10")),
        registration_date: None,
        transmission_date: None,
        counterparty_tax_id: id(ALFA),
        counterparty_tax_code: None,
        counterparty_name: Some("ALFA SRL".to_owned()),
        currency: Currency::EUR,
        taxable_cents: Some(10_000),
        vat_cents: Some(2_200),
        gross_cents: Some(12_200),
        vat_rate: None,
        tenders: None,
        has_stamp_duty: false,
        status: None,
        references: Vec::new(),
    }
}

/// Returns a sale of 10.00 at 10 % and 20.00 at 22 %, paid in cash.
pub(in crate::reconcile) fn sale(source_id: &str, at: &str) -> Document {
    Document {
        kind: DocumentKind::Receipt,
        document_type: DocumentType::new("sale"),
        status: "ready".to_owned(),
        sdi_status: None,
        number: None,
        issue_date: Some(day(at)),
        counterparty_tax_id: None,
        counterparty_name: None,
        gross_cents: Some(3_000),
        tenders: Some(Tenders { cash_cents: 3_000, ..Tenders::default() }),
        vat_lines: vec![vat_line("10", 909, 91), vat_line("22", 1_639, 361)],
        ..invoice(source_id, "")
    }
}

/// Returns the receipt that undoes another, on a day of its own.
pub(in crate::reconcile) fn undoing(
    kind: &str,
    source_id: &str,
    at: &str,
    of: &Document,
) -> Document {
    let lines = of.vat_lines.iter().map(|line| VatLine {
        rate: line.rate.clone(),
        taxable_cents: -line.taxable_cents,
        vat_cents: -line.vat_cents,
        gross_cents: -line.gross_cents,
    });
    Document {
        source_id: source_id.to_owned(),
        document_type: DocumentType::new(kind),
        issue_date: Some(day(at)),
        gross_cents: of.gross_cents.map(|cents| -cents),
        tenders: of.tenders.map(|tenders| tenders.negated()),
        vat_lines: lines.collect(),
        parent_id: Some(of.source_id.clone()),
        ..of.clone()
    }
}

pub(in crate::reconcile) fn vat_line(rate: &str, taxable_cents: i64, vat_cents: i64) -> VatLine {
    let gross_cents = taxable_cents + vat_cents;
    VatLine { rate: rate.parse().unwrap(), taxable_cents, vat_cents, gross_cents }
}

/// Returns a line of takings at one rate.
pub(in crate::reconcile) fn rate_line(
    row: u64,
    at: &str,
    rate: &str,
    gross_cents: i64,
) -> LedgerEntry {
    let rate: VatRate = rate.parse().unwrap();
    let taxable_cents = match (&rate, gross_cents) {
        (VatRate::Rate(1_000), 1_000) => Some(909),
        (VatRate::Rate(2_200), 2_000) => Some(1_639),
        _ => None,
    };
    LedgerEntry {
        kind: EntryKind::Takings,
        issue_date: Some(day(at)),
        counterparty_tax_id: None,
        counterparty_name: None,
        taxable_cents: Some(taxable_cents.unwrap_or(0)),
        vat_cents: Some(gross_cents - taxable_cents.unwrap_or(0)),
        gross_cents: Some(gross_cents),
        vat_rate: Some(rate),
        ..booking(row, "")
    }
}

/// Returns a line of takings by tender: cash and electronic.
pub(in crate::reconcile) fn tender_line(
    row: u64,
    at: &str,
    cash_cents: i64,
    electronic_cents: i64,
) -> LedgerEntry {
    LedgerEntry {
        vat_rate: None,
        taxable_cents: None,
        vat_cents: None,
        gross_cents: Some(cash_cents + electronic_cents),
        tenders: Some(Tenders { cash_cents, electronic_cents, ..Tenders::default() }),
        ..rate_line(row, at, "22", 0)
    }
}

/// Returns an order of a shop under its name.
pub(in crate::reconcile) fn order(row: u64, name: &str, at: &str, status: &str) -> LedgerEntry {
    LedgerEntry {
        kind: EntryKind::Receipt,
        number: Some(name.to_owned()),
        references: vec![name.to_owned()],
        status: Some(status.to_owned()),
        vat_rate: None,
        taxable_cents: None,
        vat_cents: None,
        gross_cents: Some(3_000),
        ..rate_line(row, at, "22", 0)
    }
}

/// Returns February 2026, compared on 20 March, all entries from one file.
pub(in crate::reconcile) fn february(
    kind: DocumentKind,
    documents: Vec<Document>,
    entries: Vec<LedgerEntry>,
) -> Input {
    let period = Period::month(2026, 2).unwrap();
    Input {
        company: Company {
            tax_id: id("19044175016").unwrap(),
            name: "Bottega del Porto S.r.l.".to_owned(),
            has_receipts: false,
            has_outgoing_invoices: false,
            has_incoming_invoices: false,
        },
        document_kind: kind,
        period,
        accounting_period: period,
        today: day("2026-03-20"),
        documents,
        entries: entries.into_iter().map(|entry| ("book.csv".to_owned(), entry)).collect(),
        unsettled: Vec::new(),
        tolerance: Tolerance::default(),
    }
}

/// Returns February's invoices with a matched one at either end, so that books cover it.
pub(in crate::reconcile) fn invoices(documents: Vec<Document>, entries: Vec<LedgerEntry>) -> Input {
    let mut input = february(DocumentKind::Invoice, documents, entries);
    for (row, at) in [(9_001, "2026-02-01"), (9_002, "2026-02-28")] {
        let number = format!("Z/{row}");
        let (at, party) = (Some(day(at)), id(ANCHORS));
        let name = Some("Trattoria da Gigi S.n.c.".to_owned());
        let document = Document {
            counterparty_name: name.clone(),
            ..invoice(&format!("anchor-{row}"), &number)
        };
        input.documents.push(Document {
            issue_date: at,
            counterparty_tax_id: party.clone(),
            ..document
        });
        let entry = LedgerEntry {
            issue_date: at,
            counterparty_tax_id: party,
            counterparty_name: name,
            ..booking(row, &number)
        };
        input.entries.push(("book.csv".to_owned(), entry));
    }
    input
}

/// Compares, and keeps the rows and findings that are not of the anchors.
pub(in crate::reconcile) fn compared(input: &Input) -> Seen {
    Seen::of(reconcile(input).unwrap())
}

/// Holds an outcome in the form in which tests look at it.
pub(in crate::reconcile) struct Seen {
    pub(in crate::reconcile) outcome: Outcome,
}

impl Seen {
    fn of(outcome: Outcome) -> Self {
        Self { outcome }
    }

    /// Returns the rows of all statements, those of the anchors left out.
    pub(in crate::reconcile) fn rows(&self) -> impl Iterator<Item = (Basis, &ClassedRow)> {
        let statements = self.outcome.statements.iter();
        let rows =
            statements.flat_map(|one| one.rows.iter().map(move |row| (one.statement.basis, row)));
        rows.filter(|(_, row)| {
            !row.record.id.starts_with("anchor") && row.record.row.is_none_or(|row| row < 9_000)
        })
    }

    pub(in crate::reconcile) fn row(&self, id: &str) -> &ClassedRow {
        self.rows().find(|(_, row)| row.record.id == id).unwrap().1
    }

    /// Returns the class of each row by id, `book.csv#` left out.
    pub(in crate::reconcile) fn classes(&self) -> BTreeMap<String, Class> {
        self.rows().map(|(_, row)| (row.record.id.replace("book.csv#", "#"), row.class)).collect()
    }

    /// Returns the class of each row of one statement.
    pub(in crate::reconcile) fn classes_by(&self, basis: Basis) -> BTreeMap<String, Class> {
        self.rows()
            .filter(|(on, _)| *on == basis)
            .map(|(_, row)| (row.record.id.replace("book.csv#", "#"), row.class))
            .collect()
    }

    /// Returns kind, subject and cents at risk of each finding, in order.
    pub(in crate::reconcile) fn findings(&self) -> Vec<(Kind, String, i64)> {
        let mut all: Vec<_> = self
            .outcome
            .findings
            .iter()
            .map(|one| (one.kind, subject(one), one.at_risk_cents))
            .collect();
        all.sort();
        all
    }
}

fn subject(finding: &Finding) -> String {
    let text = match &finding.evidence {
        Evidence::Row { record, .. } => record.id.clone(),
        Evidence::Pair { left, right, .. } => format!("{}~{}", left.id, right.id),
        Evidence::Takings { day, slice: Slice::Rate(rate), .. } => format!("{day} {rate}"),
        Evidence::Takings { day, slice: Slice::Tender(tender), .. } => format!("{day} {tender:?}"),
        Evidence::Uncovered { days } => days.to_string(),
        Evidence::File { file, .. } => file.clone(),
    };
    text.replace("book.csv#", "#")
}

/// Checks the classes of rows, given as `id class` in any order.
#[track_caller]
pub(in crate::reconcile) fn assert_classes(seen: &Seen, expected: &[(&str, Class)]) {
    let expected: BTreeMap<String, Class> =
        expected.iter().map(|(id, class)| ((*id).to_owned(), *class)).collect();
    assert_eq!(seen.classes(), expected);
}

/// Checks all findings: kind, subject, cents at risk, in any order.
#[track_caller]
pub(in crate::reconcile) fn assert_findings(seen: &Seen, expected: &[(Kind, &str, i64)]) {
    let mut expected: Vec<(Kind, String, i64)> =
        expected.iter().map(|(kind, of, cents)| (*kind, (*of).to_owned(), *cents)).collect();
    expected.sort();
    assert_eq!(seen.findings(), expected);
}

/// Returns documents and entries that often agree in something.
pub(in crate::reconcile) fn small_document() -> impl Strategy<Value = Document> {
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

pub(in crate::reconcile) fn small_booking() -> impl Strategy<Value = LedgerEntry> {
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
    let amounts = [Some(12_200), Some(12_200), Some(12_205), Some(12_206), Some(-12_200), None];
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
        Record::of_entry("book.csv", &LedgerEntry { row: u64::from(row), ..entry }, true)
    })
}
