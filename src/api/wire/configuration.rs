//! Reads the companies registered under the account.
//!
//! Left out on purpose: the callbacks, whose headers hold a secret of ours.

use super::moment::unix_instant;
use super::scalar::{DecimalText, decimal, required_text, text, truth};
use super::shape::object;
use super::{Error, read};
use chrono::{DateTime, Utc};
use serde::Deserialize;

/// Holds a registered company as the API tells it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[expect(missing_docs, reason = "names and renames say it; what they do not say is documented")]
pub struct Configuration {
    #[serde(deserialize_with = "required_text")]
    pub id: String,
    /// The company's VAT number, without country prefix as the API sends it.
    #[serde(deserialize_with = "required_text")]
    pub fiscal_id: String,
    #[serde(default, deserialize_with = "text")]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub email: Option<String>,
    /// Whether it issues receipts through the API.
    #[serde(default, rename = "receipts", deserialize_with = "truth")]
    pub issues_receipts: Option<bool>,
    /// Whether it sends invoices through the API.
    #[serde(default, rename = "customer_invoice", deserialize_with = "truth")]
    pub sends_invoices: Option<bool>,
    /// Whether it receives invoices through the API.
    #[serde(default, rename = "supplier_invoice", deserialize_with = "truth")]
    pub receives_invoices: Option<bool>,
    #[serde(default, deserialize_with = "truth")]
    pub active: Option<bool>,
    #[serde(default, rename = "receipts_authentication", deserialize_with = "object")]
    credentials: Option<Credentials>,
    #[serde(default, rename = "taxCode", deserialize_with = "text")]
    tax_code_beside: Option<String>,
    #[serde(default, deserialize_with = "decimal")]
    create_timestamp: Option<DecimalText>,
}

/// The public part of the tax portal's credentials; password and PIN are never sent back.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
struct Credentials {
    #[serde(default, rename = "taxCode", deserialize_with = "text")]
    tax_code: Option<String>,
}

impl Configuration {
    /// Reads the body of one configuration as it arrived.
    ///
    /// # Errors
    /// When `id` or `fiscal_id` is missing, or a value does not read: put the row aside.
    pub fn parse(body: &str) -> Result<Self, Error> {
        read("configuration", body)
    }

    /// Returns the CodiceFiscale of whoever's portal credentials are stored, if any are.
    pub fn credentials_tax_code(&self) -> Option<&str> {
        let inside = self.credentials.as_ref().and_then(|stored| stored.tax_code.as_deref());
        inside.or(self.tax_code_beside.as_deref())
    }

    /// Returns when the company was registered, if that is said.
    pub fn created_at(&self) -> Option<DateTime<Utc>> {
        unix_instant(self.create_timestamp.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_places_of_tax_code_read() {
        for body in [
            r#"{"id":"c1","fiscal_id":"09876543217","receipts_authentication":{"taxCode":"X9"}}"#,
            r#"{"id":"c1","fiscal_id":"09876543217","receipts_authentication":null,"taxCode":"X9"}"#,
        ] {
            let configuration = Configuration::parse(body).unwrap();
            assert_eq!(configuration.credentials_tax_code(), Some("X9"));
        }
    }

    #[test]
    fn flags_read_and_stay_unknown() {
        let body = r#"{"id":"c1","fiscal_id":"x","receipts":true,"customer_invoice":0,
            "create_timestamp":1770159590,"api_configurations":[{"event":"receipt"}]}"#;
        let configuration = Configuration::parse(body).unwrap();
        assert_eq!(configuration.issues_receipts, Some(true));
        assert_eq!(configuration.sends_invoices, Some(false));
        assert_eq!(configuration.receives_invoices, None);
        assert!(configuration.created_at().is_some());
    }
}
