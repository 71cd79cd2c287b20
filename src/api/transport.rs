//! Sends one request when the throttle lets it, and reads its whole answer.

use super::allowance::Allowance;
use super::call::Call;
use super::envelope::Answer;
use super::error::Error;
use super::failure::{Failure, Problem};
use super::retry::retry_at;
use super::settings::Settings;
use super::throttle::Throttle;
use crate::clock::Clock;
use reqwest::Response;
use reqwest::header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How much of the body of a refusal is read: its message is near its beginning.
const REFUSAL_BYTES_MAX: usize = 64 * 1024;

/// Carries requests and counts them.
pub(super) struct Transport {
    http: reqwest::Client,
    clock: Clock,
    allowance: Option<Arc<Allowance>>,
    throttle: Throttle,
    body_bytes_max: usize,
    requests: AtomicU64,
}

impl Transport {
    /// Returns a transport for these settings, without connecting.
    pub(super) fn new(settings: &Settings, clock: Clock) -> Result<Self, Error> {
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
        let mut request = self
            .http
            .request(call.method.clone(), call.url.clone())
            .header(ACCEPT, call.wanted.media_type());
        if let Some(content_type) = call.content_type {
            request = request.header(CONTENT_TYPE, content_type);
        }
        for (name, value) in &call.headers {
            request = request.header(name, value.clone());
        }
        if let Some(body) = &call.body {
            request = request.body(body.clone());
        }
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
                    ..Failure::of(call, Problem::TooLarge)
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
    // A connection that took too long to open never carried the call: it is asked first.
    let problem = if error.is_connect() {
        Problem::Connect
    } else if error.is_timeout() {
        Problem::Timeout
    } else {
        // A connection reset before, in or after the head: the answer did not arrive whole.
        Problem::CutBody
    };
    let mut failure = Failure::of(call, problem);
    failure.status = status;
    failure.cause = Some(Box::new(error.without_url()));
    Box::new(failure)
}
