//! What a row says, hashed: two rows of equal content repeat each other.
//!
//! Neither id, file, row number nor state is content: the same invoice exported twice, or
//! held by the provider under two ids, must be seen as the same.

use sha2::{Digest as _, Sha256};

use crate::findings::RecordRef;
use crate::fiscal::{Currency, LedgerEntry};
use crate::reconcile::party::Party;

/// Hashes what a row says, without saying where it stood.
pub(super) type Content = [u8; 16];

/// Returns the hash of what a row says; `entry` adds the rate and tenders of takings.
pub(super) fn content(
    reference: &RecordRef,
    party: &Party,
    currency: Currency,
    entry: Option<&LedgerEntry>,
) -> Content {
    let cents = |value: Option<i64>| value.map_or_else(String::new, |cents| cents.to_string());
    let rate = entry.and_then(|entry| entry.vat_rate.as_ref());
    let tenders = entry
        .and_then(|entry| entry.tenders)
        .map(|tenders| tenders.each().map(|(_, cents)| cents.to_string()).join("|"));
    let mut hasher = Sha256::new();
    for part in [
        reference.number.clone().unwrap_or_default(),
        reference.document_type.clone().unwrap_or_default(),
        reference.issue_date.map_or_else(String::new, |day| day.to_string()),
        party.most_reliable().unwrap_or_default().to_owned(),
        currency.to_string(),
        cents(reference.taxable_cents),
        cents(reference.vat_cents),
        cents(reference.gross_cents),
        rate.map(ToString::to_string).unwrap_or_default(),
        tenders.unwrap_or_default(),
    ] {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    let mut content = [0; 16];
    content.copy_from_slice(&hasher.finalize()[..16]);
    content
}
