//! A raw body becomes a document in the house's words, one pure function a kind.
//!
//! Reading can be repeated at will: the raw body stays the truth. Here the API's states
//! become a lifecycle, amounts become signed cents, instants become business days in Rome.
//! What the API does not say stays unknown: its invoices give the gross total only, and
//! taxable and VAT are not worked out of it. A body that cannot be read is an error that
//! puts this one document aside.

mod company;
mod invoice;
mod receipt;

pub use company::company;
pub use invoice::invoice;
pub use receipt::receipt;

use rust_decimal::Decimal;
use thiserror::Error;

use crate::api::wire::{self, DecimalText};
use crate::fiscal::{Amount, AmountError};

/// Says why one body is no document: it is put aside, the others go on.
#[derive(Debug, Error)]
pub enum Error {
    /// The body's form is not what the API promises.
    #[error(transparent)]
    Wire(#[from] wire::Error),
    /// A number in it is no amount.
    #[error("`{field}` of document `{id}` is no amount")]
    Amount {
        /// The document.
        id: String,
        /// The field, in the house's words.
        field: &'static str,
        /// What is wrong with it.
        #[source]
        source: AmountError,
    },
    /// The company's identifier is empty.
    #[error("document `{id}` names no company")]
    Company {
        /// The document.
        id: String,
    },
}

/// Reads one optional amount of a document as unsigned cents of the source.
fn cents(id: &str, field: &'static str, value: Option<&DecimalText>) -> Result<Option<i64>, Error> {
    value
        .map(|text| Amount::cents_from_decimal(&text.plain()))
        .transpose()
        .map_err(|source| Error::Amount { id: id.to_owned(), field, source })
}

/// Reads one optional amount with all its decimals, for sums that are rounded once.
fn decimal(
    id: &str,
    field: &'static str,
    value: Option<&DecimalText>,
) -> Result<Option<Decimal>, Error> {
    value
        .map(|text| {
            let plain = text.plain();
            plain.parse::<Decimal>().map_err(|_| AmountError::NotDecimal(plain.into_owned()))
        })
        .transpose()
        .map_err(|source| Error::Amount { id: id.to_owned(), field, source })
}
