//! Reads a raw item's JSON into the house's words, with the API's words as `serde` names.
//!
//! In comes the body of one [`super::RawItem`], out come a [`Receipt`], an [`Invoice`] or a
//! [`Configuration`]; the body stays the truth and can be read again whenever this room learns
//! something. Nothing is judged here: unknown words of an enumeration stay text, numbers stay
//! decimal text ([`DecimalText`]), an unknown field stays in the body
//! ([`unknown_fields`] names them), and whatever the API leaves
//! empty in one of its ways (null, `""`, `[]`, missing) is `None`.
//!
//! The other way, what is to be registered, issued or imported is written from [`NewConfiguration`],
//! [`NewReceipt`] and [`NewImport`], never with a secret inside.
//!
//! Only what no document can be without is insisted on: an id and a fiscal id. A body without
//! them, or with a value that does not read, is an [`Error`] that names the field, so that this
//! one row can be put aside and the others go on.

mod configuration;
mod credentials_event;
mod invoice;
mod moment;
mod new_configuration;
mod new_import;
mod new_receipt;
mod receipt;
mod receipt_item;
mod scalar;
mod shape;
mod unknown;

pub use configuration::Configuration;
pub use credentials_event::tells_of_renewal;
pub use invoice::{Invoice, Party, SdiDetails};
pub use moment::Moment;
pub use new_configuration::{
    Callback, ConfigurationChange, EVENTS, EventCallback, NewConfiguration, PortalAccount,
    callback_urls, callbacks,
};
pub use new_import::{ImportDetails, NewImport};
pub use new_receipt::{NewItem, NewReceipt, ReturnedItem};
pub use receipt::Receipt;
pub use receipt_item::ReceiptItem;
pub use scalar::DecimalText;
pub use unknown::unknown_fields;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// The fields without which there is no document.
const REQUIRED_FIELDS: [&str; 2] = ["id", "fiscal_id"];

/// Says why the body of one document does not read: put its row aside.
#[derive(Debug, thiserror::Error)]
#[error("failed to read the {kind}'s body at {}", field.as_deref().unwrap_or("its beginning"))]
pub struct Error {
    /// What the body should have been.
    pub kind: &'static str,
    /// The field at fault in the API's spelling, in backticks, where one can be named.
    pub field: Option<String>,
    /// What was found there.
    #[source]
    pub cause: serde_json::Error,
}

/// Reads a body, and on failure finds out which field was at fault.
fn read<T: DeserializeOwned>(kind: &'static str, body: &str) -> Result<T, Error> {
    read_at(kind, &REQUIRED_FIELDS, body)
}

/// Reads a body of which only these fields must be there.
fn read_at<T: DeserializeOwned>(
    kind: &'static str,
    required: &[&'static str],
    body: &str,
) -> Result<T, Error> {
    shape::document(body).map_err(|cause| {
        let field = field_at_fault::<T>(required, body);
        Error { kind, field, cause }
    })
}

/// Returns the members of an object as they were written.
fn members(body: &str) -> Result<BTreeMap<String, Box<RawValue>>, serde_json::Error> {
    serde_json::from_str(body)
}

/// Returns the first field that does not read on its own, or a required one that is missing.
///
/// Each field is tried beside stand-ins for the required ones. That is slow, and happens only
/// for a body that has failed already.
fn field_at_fault<T: DeserializeOwned>(required: &[&'static str], body: &str) -> Option<String> {
    let fields: BTreeMap<String, &RawValue> = serde_json::from_str(body).ok()?;
    let reads_alone = |field: &str, raw: &str| {
        let mut members: BTreeMap<&str, &str> =
            required.iter().map(|required| (*required, "\"x\"")).collect();
        members.insert(field, raw);
        let members: Vec<String> =
            members.iter().map(|(name, raw)| format!("{name:?}:{raw}")).collect();
        serde_json::from_str::<T>(&format!("{{{}}}", members.join(","))).is_ok()
    };
    let missing = required.iter().copied().find(|field| !fields.contains_key(*field));
    let unreadable = || {
        fields
            .iter()
            .find(|(field, raw)| !reads_alone(field, raw.get()))
            .map(|(field, _)| field.as_str())
    };
    missing.or_else(unreadable).map(|field| format!("`{field}`"))
}
