//! Writes configurations: companies to register, and what changes in one.
//!
//! Secrets have no place here: password, PIN and the callbacks' header join on the way out.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Every event that the vendor's specification has, in its spelling.
///
/// Its older pages know `appointee` too; a specification that does not would refuse the whole
/// list for it.
pub const EVENTS: [&str; 6] = [
    "receipt",
    "receipt-error",
    "receipt-retry",
    "receipt-credentials",
    "customer-invoice",
    "supplier-invoice",
];

/// Holds a company that is to be registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewConfiguration {
    /// The VAT number without country prefix; cannot be changed later.
    pub fiscal_id: String,
    /// The company's name; cannot be changed later.
    pub name: String,
    /// Where the vendor writes to; cannot be changed later.
    pub email: String,
    /// The settings, which can be changed later.
    #[serde(flatten)]
    pub settings: ConfigurationChange,
}

/// Holds the settings that are to be changed; what is none stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConfigurationChange {
    /// Whether it issues receipts through the API.
    #[serde(rename = "receipts", skip_serializing_if = "Option::is_none")]
    pub issues_receipts: Option<bool>,
    /// Whether it sends invoices through the API.
    #[serde(rename = "customer_invoice", skip_serializing_if = "Option::is_none")]
    pub sends_invoices: Option<bool>,
    /// Whether it receives invoices through the API.
    #[serde(rename = "supplier_invoice", skip_serializing_if = "Option::is_none")]
    pub receives_invoices: Option<bool>,
    /// Whose credentials of the tax portal are to be stored.
    #[serde(rename = "receipts_authentication", skip_serializing_if = "Option::is_none")]
    pub portal_account: Option<PortalAccount>,
    /// Where events are told; all of ours at once, since the API may replace the list.
    #[serde(rename = "api_configurations", skip_serializing_if = "Option::is_none")]
    pub callbacks: Option<Vec<EventCallback>>,
}

impl ConfigurationChange {
    /// Tells whether nothing is to be changed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Names whoever's credentials are stored; password and PIN are not part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortalAccount {
    /// The CodiceFiscale with which the tax portal knows the person.
    #[serde(rename = "taxCode")]
    pub tax_code: String,
}

/// Says where one event is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventCallback {
    /// One of [`EVENTS`].
    pub event: String,
    /// Where to; null stops the event.
    pub callback: Option<Callback>,
}

/// Says how an event is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Callback {
    /// The address.
    pub url: String,
    /// `JSON` for a plain body, `POST` for a form.
    pub method: String,
    /// How often the vendor tries again.
    pub retry: u8,
}

/// How often the vendor tries again: the only number its specification allows.
const RETRIES: u8 = 5;

/// Returns callbacks of these events to `public_url/EVENT`, as plain JSON.
pub fn callbacks(public_url: &str, events: &[&str]) -> Vec<EventCallback> {
    let callback = |event: &&str| EventCallback {
        event: (*event).to_owned(),
        callback: Some(Callback {
            url: format!("{}/{event}", public_url.trim_end_matches('/')),
            method: "JSON".to_owned(),
            retry: RETRIES,
        }),
    };
    events.iter().map(callback).collect()
}

/// Returns where the provider tells which event, out of the body of a configuration.
///
/// Only addresses: the headers beside them hold a secret of ours.
pub fn callback_urls(body: &str) -> BTreeMap<String, String> {
    let body: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    let told = body["api_configurations"].as_array().into_iter().flatten();
    told.filter_map(|one| {
        let url = one["callback"]["url"].as_str()?;
        Some((one["event"].as_str()?.to_owned(), url.to_owned()))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changes_is_written() {
        let change = ConfigurationChange {
            issues_receipts: Some(true),
            portal_account: Some(PortalAccount { tax_code: "X9".to_owned() }),
            ..ConfigurationChange::default()
        };
        assert_eq!(
            serde_json::to_string(&change).unwrap(),
            r#"{"receipts":true,"receipts_authentication":{"taxCode":"X9"}}"#
        );
        assert!(!change.is_empty() && ConfigurationChange::default().is_empty());
    }

    #[test]
    fn callbacks_name_their_event() {
        let all = callbacks("https://q.example/hook/", &EVENTS);
        assert_eq!(all.len(), 6);
        let first = serde_json::to_string(&all[0]).unwrap();
        assert_eq!(
            first,
            r#"{"event":"receipt","callback":{"url":"https://q.example/hook/receipt","method":"JSON","retry":5}}"#
        );
    }
}
