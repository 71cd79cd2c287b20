//! Reads and writes receipts that are to be issued, in the API's own words.
//!
//! A person hands over the JSON that the API documents. Its members are kept as they were
//! written, digit for digit, the unknown ones too; only tags are added on the way out.

use super::scalar::{DecimalText, decimal, text, truth};
use super::shape::{list, tags};
use super::{Error, members, read_at};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use std::collections::BTreeMap;

/// Holds a receipt that is to be issued.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[expect(missing_docs, reason = "names and renames say it; what they do not say is documented")]
pub struct NewReceipt {
    /// The company's VAT number; the API takes it without country prefix.
    #[serde(default, deserialize_with = "text")]
    pub fiscal_id: Option<String>,
    #[serde(default, deserialize_with = "list")]
    pub items: Vec<NewItem>,
    /// A discount on the whole receipt, gross, that leaves the taxable amount alone.
    #[serde(default, deserialize_with = "decimal")]
    pub discount: Option<DecimalText>,
    #[serde(default, rename = "cash_payment_amount", deserialize_with = "decimal")]
    pub cash_amount: Option<DecimalText>,
    #[serde(default, rename = "electronic_payment_amount", deserialize_with = "decimal")]
    pub electronic_amount: Option<DecimalText>,
    #[serde(default, rename = "ticket_restaurant_payment_amount", deserialize_with = "decimal")]
    pub voucher_amount: Option<DecimalText>,
    #[serde(default, rename = "ticket_restaurant_quantity", deserialize_with = "decimal")]
    pub voucher_quantity: Option<DecimalText>,
    #[serde(default, rename = "goods_uncollected_amount", deserialize_with = "decimal")]
    pub uncollected_goods_amount: Option<DecimalText>,
    #[serde(default, rename = "services_uncollected_amount", deserialize_with = "decimal")]
    pub uncollected_services_amount: Option<DecimalText>,
    /// Whether an invoice follows for what was not collected.
    #[serde(default, rename = "invoice_issuing", deserialize_with = "truth")]
    pub is_invoiced_later: Option<bool>,
    #[serde(default, deserialize_with = "text")]
    pub linked_receipt: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub lottery_code: Option<String>,
    #[serde(default, deserialize_with = "tags")]
    pub tags: Vec<String>,
    /// The whole as it was written.
    #[serde(skip)]
    written: String,
}

/// Holds one line of a receipt that is to be issued.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[expect(missing_docs, reason = "names and renames say it; what they do not say is documented")]
pub struct NewItem {
    #[serde(default, deserialize_with = "text")]
    pub description: Option<String>,
    #[serde(default, deserialize_with = "decimal")]
    pub quantity: Option<DecimalText>,
    /// With VAT, up to eight decimals.
    #[serde(default, rename = "unit_price", deserialize_with = "decimal")]
    pub gross_unit_price: Option<DecimalText>,
    /// A rate in percent or N1 to N6.
    #[serde(default, rename = "vat_rate_code", deserialize_with = "text")]
    pub vat_rate: Option<String>,
    /// With VAT, on the whole line.
    #[serde(default, deserialize_with = "decimal")]
    pub discount: Option<DecimalText>,
    #[serde(default, rename = "complimentary", deserialize_with = "truth")]
    pub is_gift: Option<bool>,
    #[serde(default, deserialize_with = "text")]
    pub sku: Option<String>,
}

impl NewReceipt {
    /// Reads a receipt from the JSON that the API documents.
    ///
    /// # Errors
    /// When it is no object or a value does not read, with the field's name.
    pub fn parse(written: &str) -> Result<Self, Error> {
        let receipt: Self = read_at("receipt", &[], written)?;
        Ok(Self { written: written.to_owned(), ..receipt })
    }

    /// Returns the body to send, with one tag more.
    pub fn body(&self, tag: &str) -> String {
        let mut members: BTreeMap<String, Box<RawValue>> =
            members(&self.written).expect("what was parsed as an object has members");
        let tags: Vec<&str> = self.tags.iter().map(String::as_str).chain([tag]).collect();
        members.insert("tags".to_owned(), to_raw_value(&tags).expect("tags are plain texts"));
        serde_json::to_string(&members).expect("members were JSON when they were read")
    }
}

/// Names an item and how much of it comes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReturnedItem {
    /// The item's id, which the tax portal gave.
    pub id: String,
    /// How many; a decimal number.
    pub quantity: DecimalText,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn body_keeps_what_was_written_and_adds_a_tag() {
        let written = r#"{"fiscal_id":"09876543217","cash_payment_amount":59.990,"store_id":"s1",
            "items":[{"quantity":1.00,"unit_price":59.99000001,"vat_rate_code":22}],"tags":["a"]}"#;
        let receipt = NewReceipt::parse(written).unwrap();
        assert_eq!(receipt.items[0].vat_rate.as_deref(), Some("22"));
        let body = receipt.body("quadra-1");
        assert!(body.contains(r#""cash_payment_amount":59.990"#), "{body}");
        assert!(body.contains(r#""unit_price":59.99000001"#), "{body}");
        assert!(body.contains(r#""store_id":"s1""#), "{body}");
        assert!(body.contains(r#""tags":["a","quadra-1"]"#), "{body}");
    }

    #[test]
    fn value_that_does_not_read_is_named() {
        let error = NewReceipt::parse(r#"{"items":[],"cash_payment_amount":"ten"}"#).unwrap_err();
        assert_eq!(error.to_string(), "failed to read the receipt's body at `cash_payment_amount`");
        assert!(NewReceipt::parse("[]").is_err());
    }

    #[test]
    fn returned_quantity_is_a_number() {
        let item =
            ReturnedItem { id: "200170".to_owned(), quantity: DecimalText::parse("1.50").unwrap() };
        assert_eq!(serde_json::to_string(&item).unwrap(), r#"{"id":"200170","quantity":1.50}"#);
    }
}
