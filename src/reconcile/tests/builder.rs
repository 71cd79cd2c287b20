//! Makes documents, entries and inputs that say only what a test is about.

use std::sync::Arc;

use chrono::NaiveDate;

use crate::fiscal::{
    Company, Currency, Direction, Document, DocumentKind, DocumentType, EntryKind, LedgerEntry,
    Lifecycle, Period, TaxId, Tenders, VatLine, VatRate,
};
use crate::reconcile::rules::{RuleSort, Rulebook};
use crate::reconcile::{Error, GivenDocuments, GivenEntries, Outcome, compare};

pub(super) const ALFA: &str = "01234567897";
pub(super) const BETA: &str = "09876543217";
const ANCHORS: &str = "20041115203";

pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(super) fn id(text: &str) -> Option<TaxId> {
    TaxId::parse(text)
}

/// Returns an invoice of 122.00 sent to Alfa on 10 February.
pub(super) fn invoice(source_id: &str, number: &str) -> Document {
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
pub(super) fn booking(row: u64, number: &str) -> LedgerEntry {
    LedgerEntry {
        kind: EntryKind::Invoice,
        row,
        company: None,
        direction: Some(Direction::Outgoing),
        document_type: None,
        number: Some(number.to_owned()).filter(|number| !number.is_empty()),
        issue_date: Some(day("2026-02-10")),
        registration_date: None,
        reception_date: None,
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
        settlement: None,
    }
}

/// Returns an entry with another total, and no taxable amount and VAT.
pub(super) fn of_cents(cents: i64, entry: LedgerEntry) -> LedgerEntry {
    let gross_cents = Some(cents);
    LedgerEntry { gross_cents, taxable_cents: None, vat_cents: None, ..entry }
}

/// Returns such an invoice's booking with another total.
pub(super) fn booked(cents: i64, row: u64, number: &str) -> LedgerEntry {
    of_cents(cents, booking(row, number))
}

/// Returns a document of another day.
pub(super) fn at(text: &str, document: Document) -> Document {
    Document { issue_date: Some(day(text)), ..document }
}

/// Returns an entry of another day.
pub(super) fn on(text: &str, entry: LedgerEntry) -> LedgerEntry {
    LedgerEntry { issue_date: Some(day(text)), ..entry }
}

/// Returns a sale of 10.00 at 10 % and 20.00 at 22 %, paid in cash.
pub(super) fn sale(source_id: &str, at: &str) -> Document {
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
pub(super) fn undoing(kind: &str, source_id: &str, at: &str, of: &Document) -> Document {
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

pub(super) fn vat_line(rate: &str, taxable_cents: i64, vat_cents: i64) -> VatLine {
    let gross_cents = taxable_cents + vat_cents;
    VatLine { rate: rate.parse().unwrap(), taxable_cents, vat_cents, gross_cents }
}

/// Returns a line of takings at one rate.
pub(super) fn rate_line(row: u64, at: &str, rate: &str, gross_cents: i64) -> LedgerEntry {
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
pub(super) fn tender_line(
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
pub(super) fn order(row: u64, name: &str, at: &str, status: &str) -> LedgerEntry {
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

/// Holds what a comparison is given, so that a test can change any of it.
#[derive(Debug, Clone)]
pub(super) struct Input {
    pub(super) company: Company,
    pub(super) document_kind: DocumentKind,
    pub(super) period: Period,
    pub(super) accounting_period: Period,
    pub(super) today: NaiveDate,
    pub(super) documents: Vec<Document>,
    pub(super) entries: Vec<(String, LedgerEntry)>,
    pub(super) unsettled: Vec<Period>,
    pub(super) rules: Arc<Rulebook>,
}

/// Returns what is asked of a comparison, without its rows.
pub(super) fn asked(input: &Input) -> crate::reconcile::Input {
    let Input { company, document_kind, period, accounting_period, .. } = input.clone();
    let Input { today, unsettled, rules, .. } = input.clone();
    crate::reconcile::Input {
        company,
        document_kind,
        period,
        accounting_period,
        today,
        unsettled,
        rules,
    }
}

/// Compares what is given.
pub(super) fn reconcile(input: &Input) -> Result<Outcome, Error> {
    let asked = asked(input);
    let mut documents = GivenDocuments::new(&asked, input.documents.len());
    for document in &input.documents {
        documents.take(document.clone());
    }
    let mut entries = GivenEntries::new(&asked, input.entries.len());
    for (file, entry) in &input.entries {
        entries.take(file, entry.clone());
    }
    compare(&asked, documents, entries)
}

/// Returns February 2026, compared on 20 March, all entries from one file.
pub(super) fn february(
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
        rules: Arc::default(),
    }
}

/// Returns February's invoices with a matched one at either end, so that books cover it.
pub(super) fn invoices(documents: Vec<Document>, entries: Vec<LedgerEntry>) -> Input {
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

/// Returns the shipped rules with one sort's text changed.
pub(super) fn changed_rules(sort: RuleSort, from: &str, to: &str) -> Arc<Rulebook> {
    let text = sort.built_in();
    assert!(text.contains(from), "{from}");
    rules_of(sort, &text.replacen(from, to, 1))
}

/// Returns the shipped rules with more at the end of one sort's text.
pub(super) fn added_rules(sort: RuleSort, more: &str) -> Arc<Rulebook> {
    rules_of(sort, &format!("{}\n{more}", sort.built_in()))
}

/// Returns the shipped rules with another text for one sort.
pub(super) fn rules_of(sort: RuleSort, text: &str) -> Arc<Rulebook> {
    let mut book = Rulebook::default();
    book.put(sort, text).unwrap();
    Arc::new(book)
}
