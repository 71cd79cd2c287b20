//! Asks the API for lists and single documents, one throttle and one patience for all.
//!
//! A call is tried until it succeeds, is refused, or its attempts, its deadline or the run's
//! retries are spent. Only GETs live here, so every attempt may be repeated.

use super::envelope::{self, Answer};
use super::error::Error;
use super::failure::{Failure, Problem};
use super::page::{self, Page, RawItem};
use super::query::{Filter, query_text};
use super::retry::{Next, Patience};
use super::settings::Settings;
use super::transport::{Call, Transport};
use crate::clock::Clock;
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde_json::value::RawValue;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The most rows the API gives a page.
pub const PAGE_ROWS_MAX: u16 = 100;

/// Names the kinds of things that the API keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// The companies registered under the account.
    Configurations,
    /// Electronic receipts.
    Receipts,
    /// Electronic invoices, sent and received.
    Invoices,
}

impl Resource {
    /// Returns the word used for it in the store and in logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Configurations => "configurations",
            Self::Receipts => "receipts",
            Self::Invoices => "invoices",
        }
    }

    /// Returns the statuses of documents that may still change, in the API's spelling.
    pub fn open_statuses(self) -> &'static [&'static str] {
        match self {
            Self::Configurations => &[],
            Self::Receipts => &["new", "retry", "submitted"],
            Self::Invoices => &["NEW", "SENT"],
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Configurations => "IT-configurations",
            Self::Receipts => "IT-receipts",
            Self::Invoices => "IT-invoices",
        }
    }
}

/// Counts what a client has sent so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Every request that left, retries included: what the vendor's quota counts.
    pub requests: u64,
    /// Those of them that repeated a failed one.
    pub retries: u64,
}

/// Talks to the Invoice API with one token at one rate.
pub struct Client {
    // Dependencies.
    transport: Transport,
    patience: Patience,
    // Configuration.
    base_url: Url,
    token: SecretString,
    deadline: Duration,
    // State.
    retries: AtomicU64,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.base_url.as_str())
            .field("tally", &self.tally())
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Returns a client for these settings, without connecting.
    ///
    /// # Errors
    /// [`Error::Settings`] when the address or the token cannot be one.
    pub fn new(mut settings: Settings, clock: Clock) -> Result<Self, Error> {
        let base_url = settings.checked_base_url()?;
        settings.token = settings.checked_token()?;
        Ok(Self {
            transport: Transport::new(&settings, clock)?,
            patience: Patience::new(&settings, clock),
            base_url,
            token: settings.token,
            deadline: Duration::from_millis(settings.deadline_ms),
            retries: AtomicU64::new(0),
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
        let shown_path = format!("/{}?skip={skip}&limit={limit}", resource.path());
        let call = Call { url, shown_path };
        self.call(&call, |data| page::split_list(resource, data)).await
    }

    /// Returns one document; a configuration is asked for by its fiscal id.
    pub async fn get(&self, resource: Resource, id: &str) -> Result<RawItem, Error> {
        let fits_path = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if id.is_empty() || !id.bytes().all(fits_path) {
            let path = format!("/{}/…", resource.path());
            let detail = format!("`{}` is no id", id.escape_debug());
            let failure = Failure { detail: Some(detail), ..Failure::new(&path, Problem::BadId) };
            return Err(Box::new(failure).into());
        }
        let path = format!("{}/{id}", resource.path());
        let call = Call { url: self.url(&path), shown_path: format!("/{path}") };
        self.call(&call, |data| page::single(resource, data)).await
    }

    /// Returns all companies of the account, which come in one answer.
    ///
    /// The bodies hold the callbacks with their headers, and so a secret of ours: whoever
    /// stores or shows one takes `api_configurations` out first.
    pub async fn configurations(&self) -> Result<Page, Error> {
        let resource = Resource::Configurations;
        let path = resource.path();
        let call = Call { url: self.url(path), shown_path: format!("/{path}") };
        self.call(&call, |data| page::split_list(resource, data)).await
    }

    /// Returns how many requests and retries have left so far.
    pub fn tally(&self) -> Tally {
        Tally { requests: self.transport.requests(), retries: self.retries.load(Ordering::Relaxed) }
    }

    fn url(&self, path: &str) -> Url {
        self.base_url.join(path).expect("a plain path joins any base address")
    }

    /// Tries a call until it succeeds or nothing is left to try.
    async fn call<T>(
        &self,
        call: &Call,
        read: impl Fn(&RawValue) -> Result<T, String>,
    ) -> Result<T, Error> {
        let started_at = Instant::now();
        let mut delays = self.patience.delays();
        let mut attempts = 0;
        loop {
            attempts += 1;
            let time_left = self.deadline.saturating_sub(started_at.elapsed());
            let attempt = tokio::time::timeout(time_left, self.transport.send(call)).await;
            let outcome = attempt
                .unwrap_or_else(|_| Err(Box::new(Failure::new(&call.shown_path, Problem::Timeout))))
                .and_then(|answer| self.read_answer(call, &answer, &read));
            let mut failure = match outcome {
                Ok(value) => return Ok(value),
                Err(failure) => failure,
            };
            let elapsed = started_at.elapsed();
            failure.attempts = attempts;
            failure.elapsed_ms = millis(elapsed);
            match self.patience.after(&failure, &mut delays, self.deadline.saturating_sub(elapsed))
            {
                Next::Wait(wait) => {
                    let wait_ms = millis(wait);
                    tracing::warn!(attempts, wait_ms, "will try again: {failure}");
                    self.retries.fetch_add(1, Ordering::Relaxed);
                    tokio::time::sleep(wait).await;
                }
                Next::Defer(until) => return Err(Error::Deferred { until, failure }),
                Next::GiveUp(gave_up) => {
                    failure.gave_up = gave_up;
                    return Err(failure.into());
                }
            }
        }
    }

    /// Opens the envelope and reads what is in it.
    fn read_answer<T>(
        &self,
        call: &Call,
        answer: &Answer,
        read: impl Fn(&RawValue) -> Result<T, String>,
    ) -> Result<T, Box<Failure>> {
        let secret = self.token.expose_secret();
        let data = envelope::open(&call.shown_path, answer, secret)?;
        read(data).map_err(|detail| {
            Box::new(Failure {
                status: Some(answer.status),
                detail: envelope::excerpt(detail.as_bytes(), secret),
                ..Failure::new(&call.shown_path, Problem::Malformed)
            })
        })
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
