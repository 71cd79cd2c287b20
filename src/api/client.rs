//! Asks the API for lists and single documents, one throttle and one patience for all.
//!
//! A call is tried until it succeeds, is refused, or its attempts, its deadline or the run's
//! retries are spent. Only GETs live here, so every attempt may be repeated.

use super::envelope::{self, Answer};
use super::error::{Error, Failure, Problem};
use super::page::{self, Page, RawItem};
use super::query::{Filter, query_text};
use super::retry::{Next, Patience, retry_at};
use super::settings::Settings;
use super::throttle::Throttle;
use crate::clock::Clock;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use reqwest::{Response, Url};
use secrecy::ExposeSecret;
use serde_json::value::RawValue;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The most rows the API gives a page.
pub const PAGE_ROWS_MAX: u16 = 100;
/// How much of the body of a refusal is read: its message is near its beginning.
const REFUSAL_BYTES_MAX: usize = 64 * 1024;

/// Names what the API keeps.
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

    fn path(self) -> &'static str {
        match self {
            Self::Configurations => "IT-configurations",
            Self::Receipts => "IT-receipts",
            Self::Invoices => "IT-invoices",
        }
    }
}

/// Counts what a client has sent.
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
    http: reqwest::Client,
    clock: Clock,
    // Configuration.
    settings: Settings,
    base_url: Url,
    authorization: HeaderValue,
    // State.
    throttle: Throttle,
    patience: Patience,
    requests: AtomicU64,
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

/// One call as it is repeated: where to, and what errors may say of it.
struct Call {
    url: Url,
    shown_path: String,
}

impl Client {
    /// Returns a client for these settings, without connecting.
    pub fn new(mut settings: Settings, clock: Clock) -> Result<Self, Error> {
        let base_url = settings.checked_base_url()?;
        settings.token = settings.checked_token()?;
        let bearer = format!("Bearer {}", settings.token.expose_secret());
        let mut authorization =
            HeaderValue::try_from(bearer).expect("a checked token has graphic ASCII only");
        authorization.set_sensitive(true);
        let http = reqwest::Client::builder()
            .connect_timeout(Duration::from_millis(settings.connect_timeout_ms))
            .timeout(Duration::from_millis(settings.timeout_ms))
            // A redirect would carry the token to a place nobody configured.
            .redirect(reqwest::redirect::Policy::none())
            // The environment is read in `config` only, proxies included.
            .no_proxy()
            .user_agent(concat!("quadra/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| Error::Settings {
                key: "base_url",
                reason: format!("no HTTP client can be made: {error}"),
            })?;
        Ok(Self {
            http,
            clock,
            throttle: Throttle::new(settings.requests_per_second),
            patience: Patience::new(&settings, clock),
            settings,
            base_url,
            authorization,
            requests: AtomicU64::new(0),
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
        self.call(&call, |data| page::split_list(resource, data))
            .await
    }

    /// Returns one document; a configuration is asked for by its fiscal id.
    pub async fn get(&self, resource: Resource, id: &str) -> Result<RawItem, Error> {
        let fits_path = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if id.is_empty() || !id.bytes().all(fits_path) {
            let path = format!("/{}/…", resource.path());
            let detail = format!("`{}` is no id", id.escape_debug());
            let failure = Failure {
                detail: Some(detail),
                ..Failure::new(&path, Problem::BadId)
            };
            return Err(failure.into_error());
        }
        let path = format!("{}/{id}", resource.path());
        let call = Call {
            url: self.url(&path),
            shown_path: format!("/{path}"),
        };
        self.call(&call, |data| page::single(resource, data)).await
    }

    /// Returns all companies of the account: the API gives them in one answer.
    pub async fn configurations(&self) -> Result<Page, Error> {
        let resource = Resource::Configurations;
        let path = resource.path();
        let call = Call {
            url: self.url(path),
            shown_path: format!("/{path}"),
        };
        self.call(&call, |data| page::split_list(resource, data))
            .await
    }

    /// Returns how many requests and retries have left so far.
    pub fn tally(&self) -> Tally {
        Tally {
            requests: self.requests.load(Ordering::Relaxed),
            retries: self.retries.load(Ordering::Relaxed),
        }
    }

    fn url(&self, path: &str) -> Url {
        self.base_url
            .join(path)
            .expect("a plain path joins any base address")
    }

    /// Tries a call until it succeeds or nothing is left to try.
    async fn call<T>(
        &self,
        call: &Call,
        read: impl Fn(&RawValue) -> Result<T, String>,
    ) -> Result<T, Error> {
        let started_at = Instant::now();
        let deadline = Duration::from_millis(self.settings.deadline_ms);
        let mut delays = self.patience.delays();
        let mut attempts = 0;
        loop {
            attempts += 1;
            let time_left = deadline.saturating_sub(started_at.elapsed());
            let attempt = tokio::time::timeout(time_left, self.attempt(call)).await;
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
            match self
                .patience
                .after(&failure, &mut delays, deadline.saturating_sub(elapsed))
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
                    return Err(failure.into_error());
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
        let secret = self.settings.token.expose_secret();
        let data = envelope::open(&call.shown_path, answer, secret)?;
        read(data).map_err(|detail| {
            Box::new(Failure {
                status: Some(answer.status),
                detail: envelope::excerpt(detail.as_bytes(), secret),
                ..Failure::new(&call.shown_path, Problem::Malformed)
            })
        })
    }

    /// Sends one request and reads its whole answer, whatever it says.
    async fn attempt(&self, call: &Call) -> Result<Answer, Box<Failure>> {
        self.throttle.admit().await;
        self.requests.fetch_add(1, Ordering::Relaxed);
        let request = self
            .http
            .get(call.url.clone())
            .header(AUTHORIZATION, self.authorization.clone())
            .header(ACCEPT, "application/json");
        let response = request
            .send()
            .await
            .map_err(|error| transport(call, error, None))?;
        let header = |name| {
            response
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        let status = response.status().as_u16();
        let content_type = header(CONTENT_TYPE).map(str::to_owned);
        let retry_at = header(RETRY_AFTER).and_then(|text| retry_at(text, self.clock.now()));
        let body = if response.status().is_success() {
            self.read_body(call, response).await?
        } else {
            read_refusal(response).await
        };
        Ok(Answer {
            status,
            content_type,
            retry_at,
            body,
        })
    }

    async fn read_body(
        &self,
        call: &Call,
        mut response: Response,
    ) -> Result<Vec<u8>, Box<Failure>> {
        let status = Some(response.status().as_u16());
        let mut body = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| transport(call, error, status))?
        {
            if body.len() + chunk.len() > self.settings.body_bytes_max {
                let detail = format!("over {} bytes", self.settings.body_bytes_max);
                return Err(Box::new(Failure {
                    status,
                    detail: Some(detail),
                    ..Failure::new(&call.shown_path, Problem::TooLarge)
                }));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Reads the beginning of a refusal; when that fails too, the status says enough.
async fn read_refusal(mut response: Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() >= REFUSAL_BYTES_MAX {
            body.truncate(REFUSAL_BYTES_MAX);
            break;
        }
    }
    body
}

/// Returns what a transport error means; its address goes, since it holds the filters.
fn transport(call: &Call, error: reqwest::Error, status: Option<u16>) -> Box<Failure> {
    let problem = if error.is_timeout() {
        Problem::Timeout
    } else if error.is_connect() {
        Problem::Connect
    } else {
        // A connection reset before, in or after the head: the answer did not arrive whole.
        Problem::CutBody
    };
    let mut failure = Failure::new(&call.shown_path, problem);
    failure.status = status;
    failure.cause = Some(Box::new(error.without_url()));
    Box::new(failure)
}
