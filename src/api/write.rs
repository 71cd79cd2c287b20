//! Does things at the API: POST, PATCH and DELETE, once each.
//!
//! Nothing here is sent twice by itself: only a connection that never came about is tried
//! again, and a call whose token was refused. Every other end is told as it is, and an end
//! that leaves open whether the call took effect is [`Error::Unclear`]: whoever asked looks
//! it up before asking again (`submit`).

use super::call::Call;
use super::client::Client;
use super::envelope;
use super::error::Error;
use super::failure::{Failure, Problem};
use super::page::{self, RawItem};
use super::request::{Confidential, Request};
use super::resource::Resource;

/// Holds what the API answered to something that it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The document that came of it, as it arrived; none for a removal.
    pub item: Option<RawItem>,
    /// The vendor's words, cut.
    pub message: Option<String>,
}

impl Client {
    /// Does one thing at the API, with the secrets it needs on its way.
    ///
    /// # Errors
    /// [`Error::Unclear`] when it may have taken effect. All other errors mean that it did
    /// not; [`Error::NotSent`] and [`Error::Unavailable`] that it may be tried later,
    /// [`Error::AlreadyThere`] that what it was to make is there already.
    pub async fn submit(
        &self,
        request: &Request,
        confidential: &Confidential,
    ) -> Result<Accepted, Error> {
        let call = request.call(self.base_url(), confidential).map_err(|detail| {
            let path = format!("/{}/…", resource(request).path());
            let failure = Failure { detail: Some(detail), ..Failure::new(&path, Problem::BadId) };
            Error::from_read(Box::new(failure))
        })?;
        let open = |call: &Call, answer: &envelope::Answer| {
            let opened = envelope::open_any(call, answer)?;
            let item = match opened.data.map(|data| page::single(resource(request), data)) {
                Some(Ok(item)) => Some(item),
                // A removal answers with the text "null", or with whatever it likes.
                _ if request.operation().answers_nothing() => None,
                Some(Err(detail)) => return Err(envelope::malformed(call, answer, &detail)),
                None => return Err(envelope::malformed(call, answer, "its `data` is null")),
            };
            Ok(Accepted { item, message: opened.message })
        };
        let never_left = |failure: &Failure| failure.problem == Problem::Connect;
        self.with_token(&call, |call| self.repeat(call, &open, never_left)).await
    }
}

fn resource(request: &Request) -> Resource {
    use super::request::Operation;
    match request.operation() {
        operation if operation.is_about_configurations() => Resource::Configurations,
        Operation::SendInvoice | Operation::ImportInvoice => Resource::Invoices,
        _ => Resource::Receipts,
    }
}
