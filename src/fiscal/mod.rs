//! The vocabulary that every room speaks: amounts, ids, dates, documents, entries.
//!
//! Everything here is pure: no clock, no network, no store. Money is whole cents, a
//! calendar date is a date, an identifier is text. What a source did not say stays
//! unknown (`None`) and is never derived in silence.

mod amount;
mod company;
mod document;
mod entry;
mod language;
mod number;
mod period;
mod price;
mod shared;
mod tax_id;
mod vat_rate;

pub use amount::{Amount, AmountError, Currency, cents_to_decimal};
pub use company::Company;
pub use document::{
    Direction, Document, DocumentKind, DocumentType, Lifecycle, Tender, Tenders, VatLine,
};
pub use entry::{EntryKind, LedgerEntry, Settlement};
pub use language::Language;
pub use number::{NumberTier, SentNumber, digits_only, normalise_number};
pub use period::{Period, PeriodError, date_in_rome};
pub use price::Price;
pub use shared::{SharedText, SharedTexts};
pub use tax_id::{CheckDigits, TaxId};
pub use vat_rate::VatRate;

pub(crate) use document::words;
