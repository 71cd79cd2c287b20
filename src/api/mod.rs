//! Talks to the Invoice API: what goes over the wire, and nothing of what it means.
//!
//! In come the settings and a question (a page of a list, one document); out come raw items,
//! byte for byte as the API wrote them, or one [`Error`] that is sorted by what to do about
//! it. The [`wire`] types read a raw item later and offline, as often as wanted.
//!
//! The way of a call: [`Filter`] becomes a query, the throttle lets it leave, the transport
//! reads a bounded body, the envelope is opened (HTTP status first), the list is split, and
//! between two attempts stands the patience of `retry`. The API's documents contradict each
//! other and its answers contradict them, so everything is read with tolerance and nothing is
//! believed: a page of HTML, a cut body and a success without data are failures with names.
//!
//! Absent on purpose: anything with an effect. Only GETs are sent, so only GETs are repeated.
//! No token is minted, no clock is read but the one passed in, and the API's field names do
//! not leave this room.

mod allowance;
mod client;
mod envelope;
mod error;
mod failure;
mod page;
mod query;
mod retry;
mod settings;
mod throttle;
mod transport;
pub mod wire;

pub use allowance::Allowance;
pub use client::{Client, PAGE_ROWS_MAX, Resource, Tally};
pub use error::Error;
pub use failure::{Failure, GaveUp, Problem};
pub use page::{PUT_ASIDE_CHARS_MAX, Page, PutAside, RawItem};
pub use query::Filter;
pub use settings::Settings;
