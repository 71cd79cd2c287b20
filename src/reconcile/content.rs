//! What a row says, hashed: two rows of equal content repeat each other.
//!
//! Neither id, file, row number nor state is content: the same invoice exported twice, or
//! held by the provider under two ids, must be seen as the same.

use chrono::Datelike as _;
use sha2::{Digest as _, Sha256};

use crate::findings::RecordRef;
use crate::fiscal::{Currency, LedgerEntry};
use crate::reconcile::party::Party;

/// Hashes what a row says, without saying where it stood.
pub(super) type Content = [u8; 16];

/// Returns the hash of what a row says; `entry` adds the rate and tenders of takings.
///
/// `said` is a place to put it together.
pub(super) fn content(
    said: &mut Vec<u8>,
    reference: &RecordRef,
    party: &Party,
    currency: Currency,
    entry: Option<&LedgerEntry>,
) -> Content {
    said.clear();
    let mut text = |text: Option<&str>| {
        let text = text.unwrap_or_default();
        said.extend_from_slice(&(text.len() as u64).to_be_bytes());
        if !text.is_empty() {
            said.extend_from_slice(text.as_bytes());
        }
    };
    text(reference.number.as_deref());
    text(reference.document_type.as_deref());
    text(party.most_reliable());
    text(Some(currency.as_str()));
    let rate = entry.and_then(|entry| entry.vat_rate.as_ref());
    text(rate.map(ToString::to_string).as_deref());
    let mut number = |number: Option<i64>| {
        said.push(u8::from(number.is_some()));
        said.extend_from_slice(&number.unwrap_or(0).to_be_bytes());
    };
    number(reference.issue_date.map(|day| day.num_days_from_ce().into()));
    number(reference.taxable_cents);
    number(reference.vat_cents);
    number(reference.gross_cents);
    if let Some(tenders) = entry.and_then(|entry| entry.tenders) {
        tenders.each().into_iter().for_each(|(_, cents)| number(Some(cents)));
    }
    let mut content = [0; 16];
    content.copy_from_slice(&Sha256::digest(&*said)[..16]);
    content
}
