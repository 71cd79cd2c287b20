//! Configurations: which companies there are, and what is handled for them.

use crate::api::wire::Configuration;
use crate::fiscal::{Company, TaxId};
use crate::normalize::Error;

/// Returns the company that a configuration's body describes.
///
/// A flag that the API leaves out counts as off, its documented default.
pub fn company(body: &str) -> Result<Company, Error> {
    let configuration = Configuration::parse(body)?;
    let tax_id = TaxId::parse(&configuration.fiscal_id)
        .ok_or(Error::Company { id: configuration.id.clone() })?;
    Ok(Company {
        name: configuration.name.unwrap_or_else(|| tax_id.to_string()),
        tax_id,
        has_receipts: configuration.issues_receipts.unwrap_or(false),
        has_outgoing_invoices: configuration.sends_invoices.unwrap_or(false),
        has_incoming_invoices: configuration.receives_invoices.unwrap_or(false),
    })
}
