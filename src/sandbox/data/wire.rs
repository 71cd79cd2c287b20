//! The vendor's documents field by field, in the order its samples show.
#![expect(
    clippy::struct_field_names,
    clippy::struct_excessive_bools,
    reason = "the names and the switches are the vendor's"
)]

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::sandbox::money::Number;

#[derive(Serialize)]
pub(in crate::sandbox) struct Receipt<'a> {
    pub(in crate::sandbox) fiscal_id: &'a str,
    pub(in crate::sandbox) items: Vec<Item<'a>>,
    pub(in crate::sandbox) cash_payment_amount: Number,
    pub(in crate::sandbox) invoice_issuing: bool,
    pub(in crate::sandbox) services_uncollected_amount: Number,
    pub(in crate::sandbox) goods_uncollected_amount: Number,
    pub(in crate::sandbox) electronic_payment_amount: Number,
    pub(in crate::sandbox) ticket_restaurant_payment_amount: Number,
    pub(in crate::sandbox) ticket_restaurant_quantity: u32,
    pub(in crate::sandbox) discount: Number,
    pub(in crate::sandbox) linked_receipt: Option<&'a str>,
    pub(in crate::sandbox) lottery_code: Option<&'a str>,
    pub(in crate::sandbox) created_at: String,
    pub(in crate::sandbox) error_message: Option<&'a str>,
    pub(in crate::sandbox) error_code: Option<&'a str>,
    /// Null for a child that is not yet sent, 0 for a sale that is not.
    pub(in crate::sandbox) total_amount: Option<Number>,
    pub(in crate::sandbox) document_number: String,
    pub(in crate::sandbox) document_date: Option<String>,
    pub(in crate::sandbox) transaction_id: Option<String>,
    pub(in crate::sandbox) create_timestamp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::sandbox) parent_receipt_id: Option<&'a str>,
    pub(in crate::sandbox) status: &'a str,
    #[serde(rename = "type")]
    pub(in crate::sandbox) kind: &'a str,
    pub(in crate::sandbox) deductible_amount: Number,
    pub(in crate::sandbox) total_discount: Number,
    pub(in crate::sandbox) total_gross_discount: Number,
    pub(in crate::sandbox) total_taxable_amount: Number,
    pub(in crate::sandbox) total_uncollected_amount: Number,
    pub(in crate::sandbox) total_vat_amount: Number,
    pub(in crate::sandbox) update_timestamp: i64,
    pub(in crate::sandbox) id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::sandbox) tags: Option<Tags>,
}

/// Tags come flat, nested, or as null.
#[derive(Serialize)]
#[serde(untagged)]
pub(in crate::sandbox) enum Tags {
    Flat(Vec<String>),
    Nested(Vec<Vec<String>>),
    Null,
}

/// An item comes back as it was asked for until the tax portal has numbered it.
#[derive(Serialize)]
#[serde(untagged)]
pub(in crate::sandbox) enum Item<'a> {
    Asked(AskedItem<'a>),
    Issued(IssuedItem<'a>),
}

#[derive(Serialize)]
pub(in crate::sandbox) struct AskedItem<'a> {
    pub(in crate::sandbox) quantity: Number,
    pub(in crate::sandbox) description: &'a str,
    pub(in crate::sandbox) unit_price: Number,
    pub(in crate::sandbox) vat_rate_code: &'a str,
    pub(in crate::sandbox) discount: Number,
    pub(in crate::sandbox) complimentary: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::sandbox) sku: Option<&'a str>,
}

#[derive(Serialize)]
pub(in crate::sandbox) struct IssuedItem<'a> {
    pub(in crate::sandbox) id: String,
    pub(in crate::sandbox) quantity: Number,
    pub(in crate::sandbox) description: &'a str,
    pub(in crate::sandbox) gross_price: Number,
    pub(in crate::sandbox) vat_rate: &'a str,
    pub(in crate::sandbox) gross_discount: Number,
    pub(in crate::sandbox) complimentary: bool,
    pub(in crate::sandbox) unit_price: Number,
    #[serde(rename = "return")]
    pub(in crate::sandbox) returned: Number,
    pub(in crate::sandbox) taxable_amount: Number,
    pub(in crate::sandbox) net_taxable_amount: Number,
    pub(in crate::sandbox) vat_amount: Number,
    pub(in crate::sandbox) total_amount: Number,
    pub(in crate::sandbox) unit_discount: Number,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::sandbox) sku: Option<&'a str>,
}

#[derive(Serialize)]
pub(in crate::sandbox) struct Invoice<'a> {
    pub(in crate::sandbox) id: String,
    pub(in crate::sandbox) state: &'a str,
    pub(in crate::sandbox) direction: &'a str,
    pub(in crate::sandbox) fiscal_id: &'a str,
    #[serde(rename = "type")]
    pub(in crate::sandbox) kind: &'a str,
    pub(in crate::sandbox) document_number: &'a str,
    pub(in crate::sandbox) issue_date: String,
    pub(in crate::sandbox) total_gross_amount: Number,
    pub(in crate::sandbox) sender: Party<'a>,
    pub(in crate::sandbox) recipient: Party<'a>,
    pub(in crate::sandbox) details: Details<'a>,
    /// One of the two forms is there, never both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::sandbox) create_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::sandbox) created_at: Option<String>,
    pub(in crate::sandbox) updated_at: String,
}

#[derive(Serialize)]
pub(in crate::sandbox) struct Party<'a> {
    pub(in crate::sandbox) name: &'a str,
    pub(in crate::sandbox) vat_id: String,
    pub(in crate::sandbox) tax_code: &'a str,
    pub(in crate::sandbox) street: &'a str,
    pub(in crate::sandbox) city: &'a str,
    pub(in crate::sandbox) zip: &'a str,
    pub(in crate::sandbox) province: &'a str,
    pub(in crate::sandbox) country_code: &'a str,
    pub(in crate::sandbox) phone: Option<&'a str>,
    pub(in crate::sandbox) email: Option<&'a str>,
}

#[derive(Serialize)]
pub(in crate::sandbox) struct Details<'a> {
    pub(in crate::sandbox) sdi_id: Option<String>,
    pub(in crate::sandbox) sdi_filename: Option<String>,
    pub(in crate::sandbox) sdi_status: &'a str,
    pub(in crate::sandbox) sdi_message: &'a str,
    pub(in crate::sandbox) sdi_update_date: Option<String>,
    pub(in crate::sandbox) invoice_date: String,
}

#[derive(Serialize)]
pub(in crate::sandbox) struct Configuration<'a> {
    pub(in crate::sandbox) fiscal_id: &'a str,
    pub(in crate::sandbox) name: &'a str,
    pub(in crate::sandbox) email: &'a str,
    pub(in crate::sandbox) receipts_authentication: Option<Authentication<'a>>,
    pub(in crate::sandbox) api_configurations: Vec<Subscription<'a>>,
    pub(in crate::sandbox) receipts: bool,
    pub(in crate::sandbox) customer_invoice: bool,
    pub(in crate::sandbox) supplier_invoice: bool,
    pub(in crate::sandbox) active: bool,
    pub(in crate::sandbox) create_timestamp: i64,
    pub(in crate::sandbox) id: String,
}

/// The password and the PIN never come back.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::sandbox) struct Authentication<'a> {
    pub(in crate::sandbox) tax_code: &'a str,
}

#[derive(Serialize)]
pub(in crate::sandbox) struct Subscription<'a> {
    pub(in crate::sandbox) event: &'a str,
    pub(in crate::sandbox) callback: Callback<'a>,
}

#[derive(Serialize)]
pub(in crate::sandbox) struct Callback<'a> {
    pub(in crate::sandbox) method: &'a str,
    pub(in crate::sandbox) url: String,
    pub(in crate::sandbox) user_id: &'a str,
    pub(in crate::sandbox) username: &'a str,
    pub(in crate::sandbox) field: &'a str,
    pub(in crate::sandbox) headers: BTreeMap<String, String>,
    pub(in crate::sandbox) data: BTreeMap<&'a str, &'a str>,
    pub(in crate::sandbox) retry: u32,
    pub(in crate::sandbox) scope: Option<&'a str>,
    pub(in crate::sandbox) domain: Option<&'a str>,
    pub(in crate::sandbox) custom: Option<&'a RawValue>,
}

/// Writes a document as the text that is served; plain structs cannot fail to be JSON.
pub(in crate::sandbox) fn text(document: &impl Serialize) -> String {
    serde_json::to_string(document).expect("these structs are JSON")
}
