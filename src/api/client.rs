//! Asks the API for lists and single documents, one throttle and one patience for all.
//!
//! A call is tried until it succeeds, is refused, or its attempts, its deadline or the run's
//! retries are spent. A GET may always be repeated; what has an effect (`write`) is repeated
//! only where it surely never left. A refused token is minted anew once, if we mint them.

mod attempts;

pub(super) use attempts::Ended;

use super::account::Access;
use super::call::{Call, Wanted};
use super::envelope::{self, Answer};
use super::error::Error;
use super::failure::{Failure, Problem};
use super::page::{self, Page, RawItem};
use super::query::{Filter, query_text};
use super::resource::Resource;
use super::retry::Patience;
use super::settings::Settings;
use super::token::Identity;
use super::transport::Transport;
use crate::clock::Clock;
use reqwest::Url;
use secrecy::SecretString;
use serde_json::value::RawValue;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The most rows the API gives a page.
pub const PAGE_ROWS_MAX: u16 = 100;

/// Counts what a client has sent so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Every request that left, retries included: what the vendor's quota counts.
    pub requests: u64,
    /// Those of them that repeated a failed one.
    pub retries: u64,
}

/// Talks to the Invoice API with one identity at one rate.
pub struct Client {
    // Dependencies.
    transport: Transport,
    patience: Patience,
    clock: Clock,
    // Configuration.
    base_url: Url,
    pub(super) identity: Identity,
    pub(super) access: Option<Access>,
    deadline: Duration,
    known_secrets: Vec<SecretString>,
    // State.
    retries: AtomicU64,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.base_url.as_str())
            .field("identity", &self.identity)
            .field("tally", &self.tally())
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Returns a client for these settings, without connecting.
    ///
    /// # Errors
    /// [`Error::Settings`] when an address or the token cannot be one.
    pub fn new(settings: Settings, clock: Clock) -> Result<Self, Error> {
        let base_url = settings.checked_base_url()?;
        let deadline = Duration::from_millis(settings.deadline_ms);
        let transport = Transport::new(&settings, clock)?;
        let patience = Patience::new(&settings, clock);
        let known_secrets = settings.known_secrets.clone();
        let access = settings.account_access()?;
        let identity = settings.into_identity(&base_url)?;
        let retries = AtomicU64::new(0);
        Ok(Self {
            transport,
            patience,
            clock,
            base_url,
            identity,
            access,
            deadline,
            known_secrets,
            retries,
        })
    }

    /// Returns one page of a list, in the order the API gives.
    ///
    /// `limit` is held between 1 and [`PAGE_ROWS_MAX`]. Configurations know neither filter
    /// nor pages: ask [`Client::configurations`].
    pub async fn list(
        &self,
        resource: Resource,
        filter: &Filter,
        skip: u64,
        limit: u16,
    ) -> Result<Page, Error> {
        let limit = limit.clamp(1, PAGE_ROWS_MAX);
        let mut url = self.url(resource.path());
        url.set_query(Some(&query_text(resource, filter, skip, limit)));
        let call = Call::get(url, format!("/{}?skip={skip}&limit={limit}", resource.path()));
        self.read(&call, |call, answer| data(call, answer, |data| page::split_list(resource, data)))
            .await
    }

    /// Returns one document; a configuration is asked for by its fiscal id.
    pub async fn get(&self, resource: Resource, id: &str) -> Result<RawItem, Error> {
        let call = self.document_call(resource, id)?;
        self.read(&call, |call, answer| data(call, answer, |data| page::single(resource, data)))
            .await
    }

    /// Returns a receipt as the PDF that a customer gets.
    ///
    /// # Errors
    /// [`Error::Unreadable`] when the API answers with anything else, as it does for a
    /// receipt that is not ready.
    pub async fn receipt_pdf(&self, id: &str) -> Result<Vec<u8>, Error> {
        let mut call = self.document_call(Resource::Receipts, id)?;
        call.wanted = Wanted::Pdf;
        // The vendor decides by the Content-Type of the request, though it has no content.
        call.content_type = Some(Wanted::Pdf.media_type());
        self.read(&call, envelope::open_pdf).await
    }

    /// Returns all companies of the account, which come in one answer.
    ///
    /// The bodies hold the callbacks with their headers, and so a secret of ours: whoever
    /// stores or shows one takes `api_configurations` out first.
    pub async fn configurations(&self) -> Result<Page, Error> {
        let resource = Resource::Configurations;
        let call = Call::get(self.url(resource.path()), format!("/{}", resource.path()));
        self.read(&call, |call, answer| data(call, answer, |data| page::split_list(resource, data)))
            .await
    }

    /// Returns how many requests and retries have left so far.
    pub fn tally(&self) -> Tally {
        Tally { requests: self.transport.requests(), retries: self.retries.load(Ordering::Relaxed) }
    }

    pub(super) fn base_url(&self) -> &Url {
        &self.base_url
    }

    fn url(&self, path: &str) -> Url {
        self.base_url.join(path).expect("a plain path joins any base address")
    }

    fn document_call(&self, resource: Resource, id: &str) -> Result<Call, Error> {
        if !fits_path(id) {
            let path = format!("/{}/…", resource.path());
            let detail = format!("`{}` is no id", id.escape_debug());
            let failure = Failure { detail: Some(detail), ..Failure::new(&path, Problem::BadId) };
            return Err(Error::from_read(Box::new(failure)));
        }
        let path = format!("{}/{id}", resource.path());
        Ok(Call::get(self.url(&path), format!("/{path}")))
    }

    /// Tries a GET until it succeeds or nothing is left to try.
    async fn read<T>(
        &self,
        call: &Call,
        open: impl Fn(&Call, &Answer) -> Result<T, Box<Failure>>,
    ) -> Result<T, Error> {
        self.with_token(call, |call| self.repeat(call, &open, Failure::is_transient)).await
    }
}

/// Tells whether an id can stand in a path.
pub(super) fn fits_path(id: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !id.is_empty() && id.bytes().all(fits)
}

/// Opens the envelope and reads the document in it.
fn data<T>(
    call: &Call,
    answer: &Answer,
    read: impl Fn(&RawValue) -> Result<T, String>,
) -> Result<T, Box<Failure>> {
    let data = envelope::open(call, answer)?;
    read(data).map_err(|detail| envelope::malformed(call, answer, &detail))
}
