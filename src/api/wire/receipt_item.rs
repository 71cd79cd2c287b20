//! Reads the lines of receipts.
//!
//! While a receipt is new its lines are those of the request: without ids, with
//! `vat_rate_code` in place of `vat_rate`, and with a **gross** `unit_price`. Later
//! `unit_price` is net and `gross_price` gross.

use super::scalar::{DecimalText, decimal, text, truth, unquoted_text};
use serde::Deserialize;

/// Holds one line of a receipt as the API tells it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[expect(missing_docs, reason = "names and renames say it; what they do not say is documented")]
pub struct ReceiptItem {
    /// The tax portal's id; `None` while the receipt is new.
    #[serde(default, deserialize_with = "unquoted_text")]
    pub id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub description: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub sku: Option<String>,
    #[serde(default, deserialize_with = "decimal")]
    pub quantity: Option<DecimalText>,
    /// How many of them were given back already.
    #[serde(default, rename = "return", deserialize_with = "decimal")]
    pub returned_quantity: Option<DecimalText>,
    /// A rate such as `22` or `6.4`, or a nature such as `N2`.
    #[serde(default, deserialize_with = "unquoted_text")]
    pub vat_rate: Option<String>,
    /// The same in the form of the request, while the receipt is new.
    #[serde(default, deserialize_with = "unquoted_text")]
    pub vat_rate_code: Option<String>,
    #[serde(default, rename = "gross_price", deserialize_with = "decimal")]
    pub gross_unit_price: Option<DecimalText>,
    /// Net where [`Self::gross_unit_price`] is known, gross (as requested) where it is not.
    #[serde(default, deserialize_with = "decimal")]
    pub unit_price: Option<DecimalText>,
    #[serde(default, rename = "gross_discount", deserialize_with = "decimal")]
    pub gross_discount_amount: Option<DecimalText>,
    #[serde(default, rename = "unit_discount", deserialize_with = "decimal")]
    pub unit_discount_amount: Option<DecimalText>,
    /// Whether it was given for free; VAT applies all the same.
    #[serde(default, deserialize_with = "truth")]
    pub complimentary: Option<bool>,
    #[serde(default, deserialize_with = "decimal")]
    pub taxable_amount: Option<DecimalText>,
    /// The taxable amount after discounts.
    #[serde(default, deserialize_with = "decimal")]
    pub net_taxable_amount: Option<DecimalText>,
    #[serde(default, deserialize_with = "decimal")]
    pub vat_amount: Option<DecimalText>,
    #[serde(default, rename = "total_amount", deserialize_with = "decimal")]
    pub gross_amount: Option<DecimalText>,
}

impl ReceiptItem {
    /// Returns the rate or nature from whichever field has it.
    pub fn vat_rate_or_nature(&self) -> Option<&str> {
        self.vat_rate.as_deref().or(self.vat_rate_code.as_deref())
    }
}
