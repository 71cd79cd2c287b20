//! Reads electronic invoices, sent and received, with what the SdI says of them.
//!
//! A list row gives the gross total only; the callback's form also gives taxable, VAT and
//! payable amounts, and leaves out others. Both are read here, whatever is there.

use super::moment::{optional_date, optional_instant};
use super::scalar::{DecimalText, decimal, required_text, text};
use super::shape::object;
use super::{Error, read};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;

/// Holds an invoice as the API tells it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[expect(missing_docs, reason = "names and renames say it; what they do not say is documented")]
pub struct Invoice {
    #[serde(deserialize_with = "required_text")]
    pub id: String,
    /// The registered company it belongs to, without country prefix as the API sends it.
    #[serde(deserialize_with = "required_text")]
    pub fiscal_id: String,
    /// `NEW`, `SENT`, `RECEIVED`, `DONE` or `ERROR`; other words stay as they are.
    #[serde(default, deserialize_with = "text")]
    pub state: Option<String>,
    /// `incoming` or `outgoing`; the vendor's own misspelling `outoming` stays as it is.
    #[serde(default, deserialize_with = "text")]
    pub direction: Option<String>,
    /// `TD01` and the like.
    #[serde(default, rename = "type", deserialize_with = "text")]
    pub document_type: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub document_number: Option<String>,
    #[serde(default, deserialize_with = "optional_date")]
    pub issue_date: Option<NaiveDate>,
    #[serde(default, deserialize_with = "text")]
    pub currency: Option<String>,

    // Amounts.
    #[serde(default, rename = "total_gross_amount", deserialize_with = "decimal")]
    total_gross_amount: Option<DecimalText>,
    #[serde(default, rename = "total_amount_including_tax", deserialize_with = "decimal")]
    total_amount_including_tax: Option<DecimalText>,
    #[serde(default, rename = "total_amount_excluding_tax", deserialize_with = "decimal")]
    pub taxable_amount: Option<DecimalText>,
    #[serde(default, rename = "total_tax_amount", deserialize_with = "decimal")]
    pub vat_amount: Option<DecimalText>,
    #[serde(default, rename = "total_payable_amount", deserialize_with = "decimal")]
    pub payable_amount: Option<DecimalText>,

    // Parties.
    #[serde(default, rename = "sender", deserialize_with = "object")]
    pub seller: Option<Party>,
    #[serde(default, rename = "recipient", deserialize_with = "object")]
    pub buyer: Option<Party>,

    // What happened to it.
    #[serde(default, rename = "details", deserialize_with = "object")]
    pub sdi: Option<SdiDetails>,
    #[serde(default, rename = "create_at", deserialize_with = "optional_instant")]
    create_at_text: Option<DateTime<Utc>>,
    #[serde(default, rename = "created_at", deserialize_with = "optional_instant")]
    created_at_text: Option<DateTime<Utc>>,
    /// When the API last changed it.
    #[serde(default, deserialize_with = "optional_instant")]
    pub updated_at: Option<DateTime<Utc>>,
}

/// Holds one side of an invoice: seller or buyer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "names and renames say it; what they do not say is documented")]
pub struct Party {
    #[serde(default, deserialize_with = "text")]
    pub name: Option<String>,
    /// The PartitaIva, with or without its country prefix, as sent.
    #[serde(default, deserialize_with = "text")]
    pub vat_id: Option<String>,
    /// The CodiceFiscale.
    #[serde(default, deserialize_with = "text")]
    pub tax_code: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub street: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub city: Option<String>,
    #[serde(default, rename = "zip", deserialize_with = "text")]
    pub postal_code: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub province: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub country_code: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub phone: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub email: Option<String>,
}

/// Holds what the SdI, the state's exchange system, says of an invoice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct SdiDetails {
    /// The number the SdI gave it.
    #[serde(default, rename = "sdi_id", deserialize_with = "text")]
    pub id: Option<String>,
    /// The name of the file as the SdI knows it.
    #[serde(default, rename = "sdi_filename", deserialize_with = "text")]
    pub filename: Option<String>,
    /// `DELIVERED`, `NOT_DELIVERED` and so on, in any case; `None` where it is `""`.
    #[serde(default, rename = "sdi_status", deserialize_with = "text")]
    pub status: Option<String>,
    /// The SdI's words, mostly about a rejection.
    #[serde(default, rename = "sdi_message", deserialize_with = "text")]
    pub message: Option<String>,
    /// When the SdI last said something, if that reads as an instant.
    #[serde(default, rename = "sdi_update_date", deserialize_with = "text")]
    pub updated_at_text: Option<String>,
    /// The invoice's date once more, formatted as the vendor likes.
    #[serde(default, rename = "invoice_date", deserialize_with = "text")]
    pub invoice_date_text: Option<String>,
}

impl Invoice {
    /// Reads the body of one invoice as it arrived.
    ///
    /// # Errors
    /// When `id` or `fiscal_id` is missing, or a value does not read: put the row aside.
    pub fn parse(body: &str) -> Result<Self, Error> {
        read("invoice", body)
    }

    /// Returns the total with VAT, in whichever field the API gives it.
    pub fn gross_amount(&self) -> Option<&DecimalText> {
        self.total_gross_amount.as_ref().or(self.total_amount_including_tax.as_ref())
    }

    /// Returns when the API created it, in whichever field it says so.
    pub fn created_at(&self) -> Option<DateTime<Utc>> {
        self.created_at_text.or(self.create_at_text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invoice_reads_with_house_names() {
        let invoice = Invoice::parse(
            r#"{"id":"77","fiscal_id":"09876543217","state":"DONE","direction":"outgoing",
            "type":"TD01","document_number":"FPR 12/26","issue_date":"2026-02-03",
            "total_gross_amount":1220.00,"create_at":"2026-02-03 14:06:43 +00:00",
            "updated_at":1770127603000,
            "sender":{"name":"Alfa S.r.l.","vat_id":"IT09876543217","tax_code":"","zip":"00100"},
            "recipient":[],"details":{"sdi_id":9001,"sdi_status":"","sdi_update_date":null}}"#,
        )
        .unwrap();
        assert_eq!(invoice.gross_amount().unwrap().as_str(), "1220.00");
        assert_eq!(invoice.issue_date.unwrap().to_string(), "2026-02-03");
        assert_eq!(invoice.created_at().unwrap().to_rfc3339(), "2026-02-03T14:06:43+00:00");
        assert_eq!(invoice.updated_at.unwrap().to_rfc3339(), "2026-02-03T14:06:43+00:00");
        let seller = invoice.seller.unwrap();
        assert_eq!((seller.tax_code, seller.postal_code.as_deref()), (None, Some("00100")));
        assert_eq!(invoice.buyer, None);
        let sdi = invoice.sdi.unwrap();
        assert_eq!((sdi.id.as_deref(), sdi.status), (Some("9001"), None));
    }

    #[test]
    fn callback_form_gives_parts() {
        let invoice = Invoice::parse(
            r#"{"id":"77","fiscal_id":"x","currency":"EUR","total_amount_excluding_tax":100.0,
            "total_tax_amount":"22.00","total_amount_including_tax":122,"direction":"outoming"}"#,
        )
        .unwrap();
        assert_eq!(invoice.gross_amount().unwrap().as_str(), "122");
        assert_eq!(invoice.taxable_amount.unwrap().as_str(), "100.0");
        assert_eq!(invoice.direction.as_deref(), Some("outoming"));
    }

    #[test]
    fn missing_fiscal_id_is_named() {
        let error = Invoice::parse(r#"{"id":"77"}"#).unwrap_err();
        assert_eq!(error.to_string(), "failed to read the invoice's body at `fiscal_id`");
    }
}
