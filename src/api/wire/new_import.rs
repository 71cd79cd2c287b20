//! Writes invoices that were sent or received through other channels.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

/// Holds an invoice for `POST /IT-invoices_import`, with what the SdI said of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewImport {
    /// The XML in base64; see [`NewImport::new`].
    pub invoice: String,
    /// What is known of its way through the SdI.
    #[serde(default, skip_serializing_if = "ImportDetails::is_empty")]
    pub details: ImportDetails,
}

/// Holds what the SdI said of an invoice; what is none is not sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImportDetails {
    /// The IdentificativoSdI, which the API takes once only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sdi_id: Option<String>,
    /// The file's name as the SdI knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sdi_filename: Option<String>,
    /// `DELIVERED`, `ACCEPTED`, `REJECTED`, `TERMS_EXPIRED` or `NOT_DELIVERED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sdi_status: Option<String>,
    /// The SdI's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sdi_message: Option<String>,
    /// When the SdI said them, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sdi_update_date: Option<String>,
    /// The invoice's date, `2026-02-28`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invoice_date: Option<String>,
}

impl ImportDetails {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl NewImport {
    /// Returns the import of a plain XML file; base64 keeps its encoding out of the JSON.
    pub fn new(xml: &[u8], details: ImportDetails) -> Self {
        Self { invoice: BASE64_STANDARD.encode(xml), details }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_details_are_not_sent() {
        let bare = NewImport::new(b"<a/>", ImportDetails::default());
        assert_eq!(serde_json::to_string(&bare).unwrap(), r#"{"invoice":"PGEvPg=="}"#);
        let details = ImportDetails { sdi_id: Some("7".to_owned()), ..ImportDetails::default() };
        assert_eq!(
            serde_json::to_string(&NewImport::new(b"<a/>", details)).unwrap(),
            r#"{"invoice":"PGEvPg==","details":{"sdi_id":"7"}}"#
        );
    }
}
