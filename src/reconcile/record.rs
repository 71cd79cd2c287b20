//! One row of either side in the form that passes compare.

use std::collections::BTreeSet;

use chrono::{Datelike as _, NaiveDate};
use sha2::{Digest as _, Sha256};

use crate::findings::RecordRef;
use crate::fiscal::{
    Currency, Document, DocumentType, LedgerEntry, Lifecycle, NumberTier, TaxId, digits_only,
    normalise_number,
};

/// Hashes what a row says, without saying where it stood.
pub(super) type Content = [u8; 16];

/// Holds one row as the passes see it.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) reference: RecordRef,
    pub(super) content: Content,
    pub(super) currency: Currency,
    pub(super) document_type: Option<DocumentType>,
    pub(super) lifecycle: Option<Lifecycle>,
    pub(super) number: Option<String>,
    pub(super) normalised: Option<String>,
    pub(super) issue_date: Option<NaiveDate>,
    /// Everything that may name the other party, most reliable first.
    pub(super) parties: Vec<String>,
    pub(super) references: BTreeSet<String>,
    pub(super) taxable_cents: Option<i64>,
    pub(super) vat_cents: Option<i64>,
    /// What the row counts in its statement: gross, or taxable plus VAT.
    pub(super) amount_cents: Option<i64>,
    pub(super) has_stamp_duty: bool,
    pub(super) is_in_period: bool,
}

impl Record {
    /// Returns the record of a document.
    pub(super) fn of_document(document: &Document, is_in_period: bool) -> Self {
        let mut references: BTreeSet<String> = document.references.iter().cloned().collect();
        references.insert(document.source_id.clone());
        let reference = RecordRef {
            id: document.source_id.clone(),
            number: document.number.clone(),
            document_type: Some(document.document_type.as_str().to_owned()),
            issue_date: document.issue_date,
            counterparty_tax_id: shown(
                document.counterparty_tax_id.as_ref(),
                document.counterparty_tax_code.as_ref(),
            ),
            counterparty_name: document.counterparty_name.clone(),
            taxable_cents: document.taxable_cents,
            vat_cents: document.vat_cents,
            gross_cents: document.gross_cents,
            status: Some(document.sdi_status.clone().unwrap_or_else(|| document.status.clone())),
            file: None,
            row: None,
        };
        Self {
            content: content(&reference),
            currency: document.currency,
            document_type: Some(document.document_type.clone()),
            lifecycle: Some(document.lifecycle),
            normalised: normalised(document.number.as_deref(), document.issue_date),
            number: trimmed(document.number.as_deref()),
            issue_date: document.issue_date,
            parties: parties(
                document.counterparty_tax_id.as_ref(),
                document.counterparty_tax_code.as_ref(),
                document.counterparty_name.as_deref(),
            ),
            references,
            taxable_cents: document.taxable_cents,
            vat_cents: document.vat_cents,
            amount_cents: document.gross_cents,
            has_stamp_duty: false,
            is_in_period,
            reference,
        }
    }

    /// Returns the record of a ledger entry of the named file.
    pub(super) fn of_entry(file: &str, entry: &LedgerEntry, is_in_period: bool) -> Self {
        let reference = RecordRef {
            id: format!("{file}#{}", entry.row),
            number: entry.number.clone(),
            document_type: entry.document_type.as_ref().map(|code| code.as_str().to_owned()),
            issue_date: entry.issue_date,
            counterparty_tax_id: shown(
                entry.counterparty_tax_id.as_ref(),
                entry.counterparty_tax_code.as_ref(),
            ),
            counterparty_name: entry.counterparty_name.clone(),
            taxable_cents: entry.taxable_cents,
            vat_cents: entry.vat_cents,
            gross_cents: entry.gross_cents,
            status: entry.status.clone(),
            file: Some(file.to_owned()),
            row: Some(entry.row),
        };
        Self {
            content: content(&reference),
            currency: entry.currency,
            document_type: entry.document_type.clone(),
            lifecycle: None,
            normalised: normalised(entry.number.as_deref(), entry.issue_date),
            number: trimmed(entry.number.as_deref()),
            issue_date: entry.issue_date,
            parties: parties(
                entry.counterparty_tax_id.as_ref(),
                entry.counterparty_tax_code.as_ref(),
                entry.counterparty_name.as_deref(),
            ),
            references: entry.references.iter().cloned().collect(),
            taxable_cents: entry.taxable_cents,
            vat_cents: entry.vat_cents,
            amount_cents: entry.gross_or_parts_cents(),
            has_stamp_duty: entry.has_stamp_duty,
            is_in_period,
            reference,
        }
    }

    /// Tells whether amounts of this row count negative by its type.
    pub(super) fn is_credit(&self) -> bool {
        self.document_type.as_ref().is_some_and(DocumentType::is_negative)
    }

    /// Tells whether the two rows name the same other party in any way.
    pub(super) fn shares_party(&self, other: &Self) -> bool {
        self.parties.iter().any(|party| other.parties.contains(party))
    }

    /// Returns the tier on which two rows' numbers agree, `None` when on no tier.
    pub(super) fn number_tier(&self, other: &Self) -> Option<NumberTier> {
        let (left, right) = (self.number.as_deref()?, other.number.as_deref()?);
        if left == right {
            return Some(NumberTier::Exact);
        }
        if self.normalised == other.normalised {
            return Some(NumberTier::Normalised);
        }
        let digits = digits_only(left);
        (!digits.is_empty() && digits == digits_only(right)).then_some(NumberTier::DigitsOnly)
    }

    /// Returns the row's place in the side's stable order: date, number, content, id.
    pub(super) fn order(&self) -> (Option<NaiveDate>, Option<&str>, Content, &str) {
        (self.issue_date, self.number.as_deref(), self.content, &self.reference.id)
    }
}

fn trimmed(number: Option<&str>) -> Option<String> {
    let text = number?.trim_matches(|c: char| c == '\'' || c.is_whitespace());
    (!text.is_empty()).then(|| text.to_owned())
}

fn normalised(number: Option<&str>, issue_date: Option<NaiveDate>) -> Option<String> {
    let normal = normalise_number(number?, issue_date.map(|day| day.year()));
    (!normal.is_empty()).then_some(normal)
}

fn shown(tax_id: Option<&TaxId>, tax_code: Option<&TaxId>) -> Option<String> {
    tax_id.or(tax_code).map(|id| id.as_str().to_owned())
}

/// Returns every name of the other party; a plain name only counts without an id.
fn parties(tax_id: Option<&TaxId>, tax_code: Option<&TaxId>, name: Option<&str>) -> Vec<String> {
    let mut parties: Vec<String> =
        [tax_id, tax_code].into_iter().flatten().map(|id| id.as_str().to_owned()).collect();
    parties.dedup();
    if let Some(name) = name {
        let folded: String =
            name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        if !folded.is_empty() {
            parties.push(format!("name:{folded}"));
        }
    }
    parties
}

/// Hashes what the row says: not its id, file, row or state.
fn content(reference: &RecordRef) -> Content {
    let cents = |value: Option<i64>| value.map_or_else(String::new, |cents| cents.to_string());
    let mut hasher = Sha256::new();
    for part in [
        reference.number.clone().unwrap_or_default(),
        reference.document_type.clone().unwrap_or_default(),
        reference.issue_date.map_or_else(String::new, |day| day.to_string()),
        reference.counterparty_tax_id.clone().unwrap_or_default(),
        cents(reference.taxable_cents),
        cents(reference.vat_cents),
        cents(reference.gross_cents),
    ] {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    let mut content = [0; 16];
    content.copy_from_slice(&hasher.finalize()[..16]);
    content
}
