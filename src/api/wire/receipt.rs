//! Reads receipts: sales, returns and voids, at every stage of their life.
//!
//! While a receipt is new its number is `""`, its date null, its totals 0 or null, and its
//! items are those of the request.

use super::moment::{Moment, optional_instant, optional_moment, unix_instant};
use super::receipt_item::ReceiptItem;
use super::scalar::{DecimalText, decimal, required_text, text, truth};
use super::shape::{list, tags};
use super::{Error, read};
use chrono::{DateTime, Utc};
use serde::Deserialize;

/// Holds a receipt as the API tells it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[expect(missing_docs, reason = "names and renames say it; what they do not say is documented")]
pub struct Receipt {
    // Identity.
    #[serde(deserialize_with = "required_text")]
    pub id: String,
    /// The company that issued it, without country prefix as the API sends it.
    #[serde(deserialize_with = "required_text")]
    pub fiscal_id: String,
    /// The sale that a return or void belongs to.
    #[serde(default, rename = "parent_receipt_id", deserialize_with = "text")]
    pub parent_id: Option<String>,
    /// `sale`, `return` or `void`; other words stay as they are.
    #[serde(default, rename = "type", deserialize_with = "text")]
    pub receipt_type: Option<String>,
    /// `new`, `retry`, `submitted`, `ready`, `failed` or `voided`; others stay as they are.
    #[serde(default, deserialize_with = "text")]
    pub status: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub document_number: Option<String>,
    /// When the tax agency numbered it; `None` while new.
    #[serde(default, rename = "document_date", deserialize_with = "optional_moment")]
    pub issued_at: Option<Moment>,
    #[serde(default, deserialize_with = "text")]
    pub transaction_id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub linked_receipt: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub lottery_code: Option<String>,
    #[serde(default, deserialize_with = "tags")]
    pub tags: Vec<String>,

    // Totals.
    #[serde(default, rename = "total_amount", deserialize_with = "decimal")]
    pub gross_amount: Option<DecimalText>,
    #[serde(default, rename = "total_taxable_amount", deserialize_with = "decimal")]
    pub taxable_amount: Option<DecimalText>,
    #[serde(default, rename = "total_vat_amount", deserialize_with = "decimal")]
    pub vat_amount: Option<DecimalText>,
    #[serde(default, rename = "total_uncollected_amount", deserialize_with = "decimal")]
    pub uncollected_amount: Option<DecimalText>,
    #[serde(default, deserialize_with = "decimal")]
    pub deductible_amount: Option<DecimalText>,
    /// The discount at payment, which does not change the taxable amount.
    #[serde(default, rename = "discount", deserialize_with = "decimal")]
    pub payment_discount_amount: Option<DecimalText>,
    #[serde(default, rename = "total_discount", deserialize_with = "decimal")]
    pub total_discount_amount: Option<DecimalText>,
    #[serde(default, rename = "total_gross_discount", deserialize_with = "decimal")]
    pub total_gross_discount_amount: Option<DecimalText>,

    // Tenders.
    #[serde(default, rename = "cash_payment_amount", deserialize_with = "decimal")]
    pub cash_amount: Option<DecimalText>,
    #[serde(default, rename = "electronic_payment_amount", deserialize_with = "decimal")]
    pub electronic_amount: Option<DecimalText>,
    #[serde(default, rename = "ticket_restaurant_payment_amount", deserialize_with = "decimal")]
    pub voucher_amount: Option<DecimalText>,
    /// How many meal vouchers were taken.
    #[serde(default, rename = "ticket_restaurant_quantity", deserialize_with = "decimal")]
    pub voucher_count: Option<DecimalText>,
    #[serde(default, deserialize_with = "decimal")]
    pub goods_uncollected_amount: Option<DecimalText>,
    #[serde(default, deserialize_with = "decimal")]
    pub services_uncollected_amount: Option<DecimalText>,
    /// Whether the uncollected part is invoiced at the end of the period.
    #[serde(default, deserialize_with = "truth")]
    pub invoice_issuing: Option<bool>,

    // What happened to it.
    #[serde(default, deserialize_with = "text")]
    pub error_code: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub error_message: Option<String>,
    #[serde(default, rename = "created_at", deserialize_with = "optional_instant")]
    created_at_text: Option<DateTime<Utc>>,
    #[serde(default, rename = "create_at", deserialize_with = "optional_instant")]
    create_at_text: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "decimal")]
    create_timestamp: Option<DecimalText>,
    #[serde(default, rename = "updated_at", deserialize_with = "optional_instant")]
    updated_at_text: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "decimal")]
    update_timestamp: Option<DecimalText>,

    #[serde(default, deserialize_with = "list")]
    pub items: Vec<ReceiptItem>,
}

impl Receipt {
    /// Reads the body of one receipt as it arrived.
    ///
    /// # Errors
    /// When `id` or `fiscal_id` is missing, or a value does not read: put the row aside.
    pub fn parse(body: &str) -> Result<Self, Error> {
        read("receipt", body)
    }

    /// Returns when the API created it, in whichever field it says so.
    pub fn created_at(&self) -> Option<DateTime<Utc>> {
        self.created_at_text
            .or(self.create_at_text)
            .or_else(|| unix_instant(self.create_timestamp.as_ref()))
    }

    /// Returns when the API last changed it.
    ///
    /// In the vendor's samples that is not always later than its creation.
    pub fn updated_at(&self) -> Option<DateTime<Utc>> {
        self.updated_at_text.or_else(|| unix_instant(self.update_timestamp.as_ref()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READY: &str = r#"{"fiscal_id":"09876543217","id":"7a10c0ffee0000000000beef","type":"sale",
        "status":"ready","document_number":"DEMO2026/0007-0042","transaction_id":42,
        "document_date":"2026-02-03T22:59:59.000Z","created_at":"2026-02-03T22:59:50.000Z",
        "create_timestamp":1770159590,"update_timestamp":1770159601,"tags":[["till1","till2"]],
        "cash_payment_amount":100,"electronic_payment_amount":10.00,"total_amount":110,
        "total_taxable_amount":90.16393442,"total_vat_amount":19.83606558,"shop":{"new":"field"},
        "items":[{"id":"'350017'","quantity":11,"description":"caffè","vat_rate":"'22'",
          "gross_price":10,"unit_price":8.19672131,"return":1,"complimentary":false,
          "taxable_amount":90.16393442,"vat_amount":19.83606558,"total_amount":110}]}"#;

    #[test]
    fn ready_receipt_reads_whole() {
        let receipt = Receipt::parse(READY).unwrap();
        assert_eq!(receipt.taxable_amount.unwrap().as_str(), "90.16393442");
        assert_eq!(receipt.electronic_amount.unwrap().as_str(), "10.00");
        assert_eq!(receipt.transaction_id.as_deref(), Some("42"));
        assert_eq!(receipt.tags, ["till1", "till2"]);
        assert_eq!(receipt.issued_at.unwrap().day_in_rome().to_string(), "2026-02-03");
        let item = &receipt.items[0];
        assert_eq!(item.id.as_deref(), Some("350017"));
        assert_eq!(item.vat_rate_or_nature(), Some("22"));
        assert_eq!(item.returned_quantity.as_ref().unwrap().as_str(), "1");
        assert_eq!(item.complimentary, Some(false));
    }

    #[test]
    fn new_receipt_has_gaps() {
        let receipt = Receipt::parse(
            r#"{"id":"a1","fiscal_id":"09876543217","status":"new","type":"void","items":[{}],
            "document_number":"","document_date":null,"total_amount":null,"tags":null,
            "create_timestamp":1770159590}"#,
        )
        .unwrap();
        assert_eq!((receipt.document_number.as_ref(), receipt.issued_at), (None, None));
        assert!(receipt.items.is_empty() && receipt.tags.is_empty());
        assert_eq!(receipt.created_at().unwrap().to_rfc3339(), "2026-02-03T22:59:50+00:00");
    }

    #[test]
    fn void_answer_has_one_object_of_items() {
        let receipt = Receipt::parse(
            r#"{"id":"a1","fiscal_id":"x","items":{"quantity":2,"vat_rate_code":"N2",
            "unit_price":"12.50"},"status":"quite new"}"#,
        )
        .unwrap();
        assert_eq!(receipt.items.len(), 1);
        assert_eq!(receipt.items[0].vat_rate_or_nature(), Some("N2"));
        assert_eq!(receipt.items[0].unit_price.as_ref().unwrap().as_str(), "12.50");
        assert_eq!(receipt.status.as_deref(), Some("quite new"));
    }

    #[test]
    fn both_spellings_of_creation_get_along() {
        let receipt = Receipt::parse(
            r#"{"id":"a","fiscal_id":"x","create_at":"2026-01-26 14:06:43 +00:00",
            "created_at":"2026-01-26T14:06:44.000Z"}"#,
        )
        .unwrap();
        assert_eq!(receipt.created_at().unwrap().to_rfc3339(), "2026-01-26T14:06:44+00:00");
    }

    #[test]
    fn errors_name_the_field_at_fault() {
        for (body, field) in [
            (r#"{"fiscal_id":"x"}"#, "`id`"),
            (r#"{"id":"a","fiscal_id":""}"#, "`fiscal_id`"),
            (r#"{"id":"a","fiscal_id":"x","status":"new","total_amount":"1,5"}"#, "`total_amount`"),
            (r#"{"id":"a","fiscal_id":"x","items":[{"quantity":"two"}]}"#, "`items`"),
            (r#"{"id":"a","fiscal_id":"x","document_date":"31/01/2026"}"#, "`document_date`"),
        ] {
            let error = Receipt::parse(body).unwrap_err();
            assert_eq!(error.field.as_deref(), Some(field), "{body}");
        }
        assert_eq!(Receipt::parse("[]").unwrap_err().field, None);
    }
}
