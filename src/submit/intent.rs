//! Holds an intent: one thing to do at the provider, and where it stands.

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use super::Clue;
use crate::api::{Operation, Request};
use crate::fiscal::{TaxId, words};

words! {
    /// Tells what is to be done at the provider.
    Kind {
        /// Issue a receipt.
        ReceiptSend = "receipt_send",
        /// Take items of a receipt back.
        ReceiptReturn = "receipt_return",
        /// Void a receipt.
        ReceiptVoid = "receipt_void",
        /// Send an invoice to the SdI.
        InvoiceSend = "invoice_send",
        /// Hand over an invoice that was sent or received elsewhere.
        InvoiceImport = "invoice_import",
        /// Register a company.
        CompanyAdd = "company_add",
        /// Change a company's settings.
        CompanyUpdate = "company_update",
        /// Remove a company.
        CompanyRemove = "company_remove",
        /// Store new credentials of the tax portal.
        CredentialsRotate = "credentials_rotate",
    }
}

words! {
    /// Tells where an intent stands.
    IntentState {
        /// Written, and nothing of it stands at the provider: it may be sent.
        Prepared = "prepared",
        /// Like prepared, but not to be sent before an instant.
        Waiting = "waiting",
        /// Being sent; found so by another process, its end is unknown.
        Sending = "sending",
        /// It may have taken effect: it is looked up before anything is sent again.
        Unknown = "unknown",
        /// It took effect, once.
        Done = "done",
        /// The provider refused it; it had no effect.
        Refused = "refused",
        /// Closed without an effect that we know of, by a person or by a later intent.
        Dropped = "dropped",
    }
}

impl Kind {
    /// Returns the call that does it.
    #[must_use]
    pub fn operation(self) -> Operation {
        match self {
            Self::ReceiptSend => Operation::CreateReceipt,
            Self::ReceiptReturn => Operation::ReturnItems,
            Self::ReceiptVoid => Operation::VoidReceipt,
            Self::InvoiceSend => Operation::SendInvoice,
            Self::InvoiceImport => Operation::ImportInvoice,
            Self::CompanyAdd => Operation::CreateConfiguration,
            Self::CompanyUpdate | Self::CredentialsRotate => Operation::UpdateConfiguration,
            Self::CompanyRemove => Operation::DeleteConfiguration,
        }
    }

    /// Tells whether it reaches the tax agency as a receipt does.
    #[must_use]
    pub fn is_receipt(self) -> bool {
        matches!(self, Self::ReceiptSend | Self::ReceiptReturn | Self::ReceiptVoid)
    }

    /// Tells whether its effect is looked for before it is sent for the first time.
    ///
    /// An invoice or a company may be there by other hands, and the provider checks an
    /// invoice it sends for nothing.
    #[must_use]
    pub fn looks_first(self) -> bool {
        matches!(self, Self::InvoiceSend | Self::CompanyAdd)
    }
}

impl IntentState {
    /// Tells whether something is still to be done about it.
    #[must_use]
    pub fn is_open(self) -> bool {
        !matches!(self, Self::Done | Self::Refused | Self::Dropped)
    }
}

/// Holds an intent that is to be written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewIntent {
    /// Names the one effect; the same key is the same intent, whoever writes it.
    pub key: String,
    /// What is to be done.
    pub kind: Kind,
    /// Whose it is.
    pub company: TaxId,
    /// What it is, for people: `invoice FPR 12/26 of 2026-02-03`.
    pub subject: String,
    /// The request, without secrets.
    pub request: Request,
    /// Whether it needs a secret that is not kept (password, PIN, signature).
    pub needs_secret: bool,
    /// How its effect is recognised.
    pub clue: Clue,
}

impl NewIntent {
    /// Returns a key of a kind and what makes the effect unique, such as a file's content.
    #[must_use]
    pub fn key_of(kind: Kind, parts: &[&[u8]]) -> String {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part.len().to_be_bytes());
            hasher.update(part);
        }
        format!("{kind}-{}", &hex::encode(hasher.finalize())[..32])
    }
}

/// Returns the tag by which the receipt of this key is recognised at the provider.
#[must_use]
pub fn receipt_tag(key: &str) -> String {
    format!("quadra-{}", &hex::encode(Sha256::digest(key))[..16])
}

/// Holds an intent as it stands in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// The handle by which people name it.
    pub id: i64,
    /// Names the one effect.
    pub key: String,
    /// What is to be done.
    pub kind: Kind,
    /// Whose it is.
    pub company: TaxId,
    /// What it is, for people.
    pub subject: String,
    /// The request, without secrets.
    pub request: Request,
    /// Whether it needs a secret that is not kept.
    pub needs_secret: bool,
    /// How its effect is recognised.
    pub clue: Clue,
    /// Where it stands.
    pub state: IntentState,
    /// How often it was sent.
    pub attempts: i64,
    /// When it may be sent, if not at once.
    pub not_before: Option<DateTime<Utc>>,
    /// When it was first sent.
    pub sent_at: Option<DateTime<Utc>>,
    /// When an unclear end was met that is still open.
    pub unclear_at: Option<DateTime<Utc>>,
    /// The document that came of it, or that was there already.
    pub provider_id: Option<String>,
    /// The vendor's number of the last refusal.
    pub vendor_error: Option<String>,
    /// What happened last, for people.
    pub last_reply: Option<String>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it changed last.
    pub updated_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_tell_parts_apart() {
        let key = |parts: &[&[u8]]| NewIntent::key_of(Kind::InvoiceImport, parts);
        assert_eq!(key(&[b"ab", b"c"]), key(&[b"ab", b"c"]));
        assert_ne!(key(&[b"ab", b"c"]), key(&[b"a", b"bc"]));
        assert!(key(&[b"x"]).starts_with("invoice_import-"));
        assert_eq!(receipt_tag("k").len(), "quadra-".len() + 16);
    }
}
