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
//! Reading and doing are apart: [`Client::list`] and its like are GETs and are repeated as
//! often as patience allows; [`Client::submit`] does one thing once, and says whether it took
//! effect, did not, or whether nobody can know ([`Error::Unclear`]). [`Request`] is what is to
//! be done, without its secrets; [`Confidential`] are the secrets, which join on the way out.
//!
//! Absent on purpose: any decision to do a thing again (`submit` decides that), any clock but
//! the one passed in, and a place on disk for tokens: a minted one lives in memory. The API's
//! field names do not leave this room.

mod account;
mod allowance;
mod call;
mod client;
mod envelope;
mod error;
mod failure;
mod page;
mod ping;
mod query;
mod redaction;
mod request;
mod resource;
mod retry;
mod settings;
mod throttle;
mod token;
mod transport;
pub mod wire;
mod write;

pub use account::TokenEnd;
pub use allowance::Allowance;
pub use client::{Client, PAGE_ROWS_MAX, Tally};
pub use error::Error;
pub use failure::{Failure, GaveUp, Problem};
pub use page::{PUT_ASIDE_CHARS_MAX, Page, PutAside, RawItem};
pub use ping::ping;
pub use query::Filter;
pub use request::{
    CALLBACK_SECRET_HEADER, Confidential, Operation, PortalSecrets, Request, Signature,
};
pub use resource::Resource;
pub use settings::{Minting, Settings};
pub use token::TokenService;
pub use write::Accepted;
