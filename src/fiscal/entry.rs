//! One row of the books, as an accountant's export gave it, in the house's words.

use chrono::NaiveDate;

use crate::fiscal::{Currency, Direction, DocumentType, TaxId, Tenders, VatRate, words};

/// Holds one ledger entry, amounts signed, unknown values `None`.
#[derive(Debug, Clone, PartialEq)]
pub struct LedgerEntry {
    /// What the row stands for.
    pub kind: EntryKind,
    /// The data row in its file, from 1, the heading not counted.
    pub row: u64,
    /// The company whose books these are, where the file says so.
    pub company: Option<TaxId>,
    /// Issued or received, where the layout or the row says so.
    pub direction: Option<Direction>,
    /// `TD01`…, `sale`…; a phrase of the source is translated to its code.
    pub document_type: Option<DocumentType>,
    /// The document's number as written, apostrophes dropped.
    pub number: Option<String>,
    /// The day of issue, or the business day of takings.
    pub issue_date: Option<NaiveDate>,
    /// The day of registration; of reception where an older file or layout gives only that.
    pub registration_date: Option<NaiveDate>,
    /// The day on which the document was received, where the layout tells it apart.
    pub reception_date: Option<NaiveDate>,
    /// The day on which the document went to the SdI.
    pub transmission_date: Option<NaiveDate>,
    /// The other party's VAT number.
    pub counterparty_tax_id: Option<TaxId>,
    /// The other party's tax code.
    pub counterparty_tax_code: Option<TaxId>,
    /// The other party's name.
    pub counterparty_name: Option<String>,
    /// The currency of every amount of this row.
    pub currency: Currency,
    /// Signed taxable amount, in cents.
    pub taxable_cents: Option<i64>,
    /// Signed VAT amount, in cents.
    pub vat_cents: Option<i64>,
    /// Signed gross amount, in cents.
    pub gross_cents: Option<i64>,
    /// The VAT rate, for rows that stand for one rate.
    pub vat_rate: Option<VatRate>,
    /// How takings were paid, for rows that say so.
    pub tenders: Option<Tenders>,
    /// Whether the row says that stamp duty (bollo) is due.
    pub has_stamp_duty: bool,
    /// The source's own word for the state, lower case (`refunded`, `rifiutata`…).
    pub status: Option<String>,
    /// Other identifiers of the same document: SdI id, order name.
    pub references: Vec<String>,
    /// What a payment service says of a card transaction or a payout; few rows have it.
    pub settlement: Option<Box<Settlement>>,
}

/// Holds what a payment service took for a row, and when it paid the rest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settlement {
    /// What the service took, in cents; negative when it gave a fee back.
    pub fee_cents: Option<i64>,
    /// Signed gross less the fee, in cents; of a payout, what was paid to the bank.
    pub net_cents: Option<i64>,
    /// The day on which the net was, or will be, paid.
    pub settled_on: Option<NaiveDate>,
    /// The payout or batch with which the net was paid.
    pub payout: Option<String>,
    /// The terminal, or the shop, where the card was read.
    pub terminal: Option<String>,
}

words! {
    /// Tells what one ledger row stands for.
    EntryKind {
        /// One invoice or credit note.
        Invoice = "invoice",
        /// One receipt or one shop order.
        Receipt = "receipt",
        /// A day's takings, by VAT rate or by tender.
        Takings = "takings",
        /// A till's daily closing (RT) from the tax portal; never matched to API receipts.
        Closing = "closing",
        /// A card transaction, a payout or a fee in a payment service's file.
        Settlement = "settlement",
    }
}

impl LedgerEntry {
    /// Returns the gross, or taxable plus VAT where only those are known.
    #[must_use]
    pub fn gross_or_parts_cents(&self) -> Option<i64> {
        self.gross_cents.or_else(|| self.taxable_cents?.checked_add(self.vat_cents?))
    }
}
