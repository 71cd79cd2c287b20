//! The vendor's documents field by field, in the order its samples show.
#![expect(
    clippy::struct_field_names,
    clippy::struct_excessive_bools,
    reason = "the names and the switches are the vendor's"
)]

use std::collections::BTreeMap;

use serde::Serialize;

use super::money::Number;

#[derive(Serialize)]
pub(super) struct Receipt<'a> {
    pub(super) fiscal_id: &'a str,
    pub(super) items: Vec<Item<'a>>,
    pub(super) cash_payment_amount: Number,
    pub(super) invoice_issuing: bool,
    pub(super) services_uncollected_amount: Number,
    pub(super) goods_uncollected_amount: Number,
    pub(super) electronic_payment_amount: Number,
    pub(super) ticket_restaurant_payment_amount: Number,
    pub(super) ticket_restaurant_quantity: u32,
    pub(super) discount: Number,
    pub(super) linked_receipt: Option<&'a str>,
    pub(super) lottery_code: Option<&'a str>,
    pub(super) created_at: String,
    pub(super) error_message: Option<&'a str>,
    pub(super) error_code: Option<&'a str>,
    /// Null for a child that is not yet sent, 0 for a sale that is not.
    pub(super) total_amount: Option<Number>,
    pub(super) document_number: String,
    pub(super) document_date: Option<String>,
    pub(super) transaction_id: Option<String>,
    pub(super) create_timestamp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) parent_receipt_id: Option<&'a str>,
    pub(super) status: &'a str,
    #[serde(rename = "type")]
    pub(super) kind: &'a str,
    pub(super) deductible_amount: Number,
    pub(super) total_discount: Number,
    pub(super) total_gross_discount: Number,
    pub(super) total_taxable_amount: Number,
    pub(super) total_uncollected_amount: Number,
    pub(super) total_vat_amount: Number,
    pub(super) update_timestamp: i64,
    pub(super) id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tags: Option<Tags>,
}

/// Tags come flat, nested, or as null.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Tags {
    Flat(Vec<String>),
    Nested(Vec<Vec<String>>),
    Null,
}

/// An item comes back as it was asked for until the tax portal has numbered it.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Item<'a> {
    Asked(AskedItem<'a>),
    Issued(IssuedItem<'a>),
}

#[derive(Serialize)]
pub(super) struct AskedItem<'a> {
    pub(super) quantity: Number,
    pub(super) description: &'a str,
    pub(super) unit_price: Number,
    pub(super) vat_rate_code: &'a str,
    pub(super) discount: Number,
    pub(super) complimentary: bool,
    pub(super) sku: &'a str,
}

#[derive(Serialize)]
pub(super) struct IssuedItem<'a> {
    pub(super) id: String,
    pub(super) quantity: Number,
    pub(super) description: &'a str,
    pub(super) gross_price: Number,
    pub(super) vat_rate: &'a str,
    pub(super) gross_discount: Number,
    pub(super) complimentary: bool,
    pub(super) unit_price: Number,
    #[serde(rename = "return")]
    pub(super) returned: Number,
    pub(super) taxable_amount: Number,
    pub(super) net_taxable_amount: Number,
    pub(super) vat_amount: Number,
    pub(super) total_amount: Number,
    pub(super) unit_discount: Number,
    pub(super) sku: &'a str,
}

#[derive(Serialize)]
pub(super) struct Invoice<'a> {
    pub(super) id: String,
    pub(super) state: &'a str,
    pub(super) direction: &'a str,
    pub(super) fiscal_id: &'a str,
    #[serde(rename = "type")]
    pub(super) kind: &'a str,
    pub(super) document_number: &'a str,
    pub(super) issue_date: String,
    pub(super) total_gross_amount: Number,
    pub(super) sender: Party<'a>,
    pub(super) recipient: Party<'a>,
    pub(super) details: Details<'a>,
    /// One of the two forms is there, never both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) create_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) created_at: Option<String>,
    pub(super) updated_at: String,
}

#[derive(Serialize)]
pub(super) struct Party<'a> {
    pub(super) name: &'a str,
    pub(super) vat_id: String,
    pub(super) tax_code: &'a str,
    pub(super) street: &'a str,
    pub(super) city: &'a str,
    pub(super) zip: &'a str,
    pub(super) province: &'a str,
    pub(super) country_code: &'a str,
    pub(super) phone: Option<&'a str>,
    pub(super) email: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct Details<'a> {
    pub(super) sdi_id: Option<String>,
    pub(super) sdi_filename: Option<String>,
    pub(super) sdi_status: &'a str,
    pub(super) sdi_message: &'a str,
    pub(super) sdi_update_date: Option<String>,
    pub(super) invoice_date: String,
}

#[derive(Serialize)]
pub(super) struct Configuration<'a> {
    pub(super) fiscal_id: &'a str,
    pub(super) name: &'a str,
    pub(super) email: String,
    pub(super) receipts_authentication: Option<Authentication<'a>>,
    pub(super) api_configurations: Vec<Subscription<'a>>,
    pub(super) receipts: bool,
    pub(super) customer_invoice: bool,
    pub(super) supplier_invoice: bool,
    pub(super) active: bool,
    pub(super) create_timestamp: i64,
    pub(super) id: String,
}

/// The password and the PIN never come back.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Authentication<'a> {
    pub(super) tax_code: &'a str,
}

#[derive(Serialize)]
pub(super) struct Subscription<'a> {
    pub(super) event: &'a str,
    pub(super) callback: Callback<'a>,
}

#[derive(Serialize)]
pub(super) struct Callback<'a> {
    pub(super) method: &'a str,
    pub(super) url: String,
    pub(super) user_id: &'a str,
    pub(super) username: &'a str,
    pub(super) field: &'a str,
    pub(super) headers: BTreeMap<&'a str, &'a str>,
    pub(super) data: BTreeMap<&'a str, &'a str>,
    pub(super) retry: u32,
    pub(super) scope: Option<&'a str>,
    pub(super) domain: Option<&'a str>,
    pub(super) custom: Option<&'a str>,
}

/// Writes a document as the text that is served; plain structs cannot fail to be JSON.
pub(super) fn text(document: &impl Serialize) -> String {
    serde_json::to_string(document).expect("these structs are JSON")
}
