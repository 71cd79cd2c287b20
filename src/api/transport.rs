//! Sends one request when the throttle lets it, and reads its whole answer.

use super::allowance::Allowance;
use super::envelope::Answer;
use super::error::Error;
use super::failure::{Failure, Problem};
use super::retry::retry_at;
use super::settings::Settings;
use super::throttle::Throttle;
use crate::clock::Clock;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use reqwest::{Response, Url};
use secrecy::ExposeSecret;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How much of the body of a refusal is read: its message is near its beginning.
const REFUSAL_BYTES_MAX: usize = 64 * 1024;

/// One call as it is repeated: where to, and what errors may say of it.
pub(super) struct Call {
    pub(super) url: Url,
    pub(super) shown_path: String,
}

/// Carries requests and counts them.
pub(super) struct Transport {
    http: reqwest::Client,
    clock: Clock,
    allowance: Option<Arc<Allowance>>,
    throttle: Throttle,
    authorization: HeaderValue,
    body_bytes_max: usize,
    requests: AtomicU64,
}

impl Transport {
    /// Returns a transport for settings whose token was checked, without connecting.
    pub(super) fn new(settings: &Settings, clock: Clock) -> Result<Self, Error> {
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
                reason: format!("has no HTTP client: {error}"),
            })?;
        Ok(Self {
            http,
            clock,
            allowance: settings.allowance.clone(),
            throttle: Throttle::new(settings.requests_per_second),
            authorization,
            body_bytes_max: settings.body_bytes_max,
            requests: AtomicU64::new(0),
        })
    }

    /// Returns how many requests have left.
    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Sends one request and reads its whole answer, whatever it says.
    pub(super) async fn send(&self, call: &Call) -> Result<Answer, Box<Failure>> {
        let _under_way = match &self.allowance {
            Some(allowance) => Some(allowance.take().await),
            None => None,
        };
        self.throttle.admit().await;
        self.requests.fetch_add(1, Ordering::Relaxed);
        let request = self
            .http
            .get(call.url.clone())
            .header(AUTHORIZATION, self.authorization.clone())
            .header(ACCEPT, "application/json");
        let response = request.send().await.map_err(|error| failure(call, error, None))?;
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        let status = response.status().as_u16();
        let content_type = header(CONTENT_TYPE).map(str::to_owned);
        let retry_at = header(RETRY_AFTER).and_then(|text| retry_at(text, self.clock.now()));
        let body = if response.status().is_success() {
            self.read_body(call, response).await?
        } else {
            read_refusal(response).await
        };
        Ok(Answer { status, content_type, retry_at, body })
    }

    async fn read_body(
        &self,
        call: &Call,
        mut response: Response,
    ) -> Result<Vec<u8>, Box<Failure>> {
        let status = Some(response.status().as_u16());
        let mut body = Vec::new();
        while let Some(chunk) =
            response.chunk().await.map_err(|error| failure(call, error, status))?
        {
            if body.len() + chunk.len() > self.body_bytes_max {
                let detail = format!("over {} bytes", self.body_bytes_max);
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
fn failure(call: &Call, error: reqwest::Error, status: Option<u16>) -> Box<Failure> {
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
