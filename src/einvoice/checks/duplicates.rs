//! What makes two documents the same one to the SdI (00404, 00409).

use chrono::{Datelike as _, NaiveDate};

use crate::einvoice::Invoice;

/// Holds what the SdI compares: two documents alike in it are duplicates.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DuplicateKey {
    /// Who numbers: the seller, or the buyer when the buyer issues.
    pub issuer: String,
    /// Credit notes may bear the number of an invoice.
    pub is_credit_note: bool,
    /// The year of the document.
    pub year: i32,
    /// The whole date, for those who number anew within the year (art. 73).
    pub date: Option<NaiveDate>,
    /// The number, letter for letter.
    pub number: String,
}

/// Returns the key of an invoice, `None` when a part of it is missing.
#[must_use]
pub fn duplicate_key(invoice: &Invoice) -> Option<DuplicateKey> {
    let by_buyer = invoice.issued_by.as_deref() == Some("CC");
    let issuer = if by_buyer { &invoice.buyer } else { &invoice.seller };
    let vat = issuer.vat_number.as_ref()?;
    let date = invoice.issue_date?;
    Some(DuplicateKey {
        issuer: format!("{}{}", vat.country, vat.code),
        is_credit_note: invoice.document_type.as_ref()?.is_negative(),
        year: date.year(),
        date: invoice.is_art73.then_some(date),
        number: invoice.number.clone()?,
    })
}
