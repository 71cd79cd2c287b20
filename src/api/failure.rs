//! Describes one failed call: which it was, how it failed, how hard it was tried.

use super::call::Call;
use chrono::{DateTime, Utc};
use reqwest::Method;
use std::fmt;

/// Names the way in which one attempt went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// No connection came about.
    Connect,
    /// The attempt took longer than it may.
    Timeout,
    /// The body ended early, or was shorter or longer than announced.
    CutBody,
    /// The HTTP status is not a success.
    Status,
    /// A success without a body.
    EmptyBody,
    /// A page in HTML or XML where something else is due.
    Markup,
    /// A body of another kind, by its content type.
    ContentType,
    /// A body that says it is JSON and is not, or has another shape than documented.
    Malformed,
    /// A body longer than the limit.
    TooLarge,
    /// A success by its status that says `success: false`.
    Unsuccessful,
    /// An id that cannot stand in a path; nothing was sent.
    BadId,
}

/// Tells why no further attempt was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GaveUp {
    /// Another attempt would end the same way.
    Useless,
    /// All attempts of this call are spent.
    AttemptsSpent,
    /// The next wait would have passed the call's deadline.
    DeadlineNear,
    /// The retries of the whole run are spent.
    RetriesSpent,
}

/// Carries what is known about one failed call.
#[derive(Debug)]
pub struct Failure {
    /// `GET`, `POST`, `PATCH` or `DELETE`.
    pub method: &'static str,
    /// The path, with `skip` and `limit` where they apply, without host and filters.
    pub path: String,
    /// How the last attempt went wrong.
    pub problem: Problem,
    /// More about the problem, where the words above do not say all.
    pub detail: Option<String>,
    /// The HTTP status, when an answer began to arrive.
    pub status: Option<u16>,
    /// The vendor's own error number, a scalar of any type, as text.
    pub vendor_error: Option<String>,
    /// The vendor's own message, cut.
    pub vendor_message: Option<String>,
    /// How a body that is no envelope begins, cut to 300 characters.
    pub excerpt: Option<String>,
    /// The wait the server asked for, as the instant when it ends.
    pub retry_at: Option<DateTime<Utc>>,
    /// How many attempts were made.
    pub attempts: u32,
    /// How long they took together, waits included.
    pub elapsed_ms: u64,
    /// Why there was no further attempt.
    pub gave_up: GaveUp,
    /// The transport's error, its address removed.
    pub cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Failure {
    pub(super) fn new(path: &str, problem: Problem) -> Self {
        Self {
            method: "GET",
            path: path.to_owned(),
            problem,
            detail: None,
            status: None,
            vendor_error: None,
            vendor_message: None,
            excerpt: None,
            retry_at: None,
            attempts: 0,
            elapsed_ms: 0,
            gave_up: GaveUp::Useless,
            cause: None,
        }
    }

    /// Returns the failure of a call.
    pub(super) fn of(call: &Call, problem: Problem) -> Self {
        let method = match call.method {
            Method::POST => "POST",
            Method::PATCH => "PATCH",
            Method::DELETE => "DELETE",
            _ => "GET",
        };
        Self { method, ..Self::new(&call.shown_path, problem) }
    }

    /// Tells whether a GET may be tried again: 408, 425, 429, 5xx, connect, timeout, cut body.
    pub fn is_transient(&self) -> bool {
        match self.problem {
            Problem::Connect | Problem::Timeout | Problem::CutBody => true,
            Problem::Status => {
                matches!(self.status, Some(408 | 425 | 429 | 500..=599))
            }
            _ => false,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}` ", self.method, self.path)?;
        f.write_str(match self.problem {
            Problem::Connect => "failed to connect",
            Problem::Timeout => "timed out",
            Problem::CutBody => "gave a body cut short",
            Problem::Status => "was refused",
            Problem::EmptyBody => "gave an empty body",
            Problem::Markup => "gave a page of HTML or XML in place of JSON",
            Problem::ContentType => "gave a body of another kind",
            Problem::Malformed => "gave a body that does not read",
            Problem::TooLarge => "gave a body that is too long",
            Problem::Unsuccessful => "says that it did not succeed",
            Problem::BadId => "was not sent",
        })?;
        if let Some(status) = self.status {
            write!(f, " with HTTP {status}")?;
        }
        if let Some(detail) = &self.detail {
            write!(f, ": {detail}")?;
        }
        match (&self.vendor_error, &self.vendor_message) {
            (Some(number), Some(message)) => write!(f, ": vendor error {number}, `{message}`")?,
            (Some(number), None) => write!(f, ": vendor error {number}")?,
            (None, Some(message)) => write!(f, ": `{message}`")?,
            (None, None) => {}
        }
        if let Some(excerpt) = &self.excerpt {
            write!(f, ", body begins `{excerpt}`")?;
        }
        if self.attempts > 0 {
            let plural = if self.attempts == 1 { "" } else { "s" };
            write!(f, " ({} attempt{plural} in {} ms", self.attempts, self.elapsed_ms)?;
            f.write_str(match self.gave_up {
                GaveUp::Useless | GaveUp::AttemptsSpent => ")",
                GaveUp::DeadlineNear => ", no time left for another)",
                GaveUp::RetriesSpent => ", the retries of this run are spent)",
            })?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as &(dyn std::error::Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_status(status: u16) -> Failure {
        Failure { status: Some(status), ..Failure::new("/IT-receipts", Problem::Status) }
    }

    #[test]
    fn only_listed_statuses_are_transient() {
        for status in [408, 425, 429, 500, 502, 503, 504, 599] {
            assert!(with_status(status).is_transient(), "{status}");
        }
        for status in [301, 400, 401, 402, 403, 404, 406, 409, 410, 422] {
            assert!(!with_status(status).is_transient(), "{status}");
        }
    }

    #[test]
    fn failure_says_call_words_and_effort() {
        let failure = Failure {
            vendor_error: Some("125.22".to_owned()),
            vendor_message: Some("Wrong Token".to_owned()),
            attempts: 1,
            elapsed_ms: 12,
            ..with_status(401)
        };
        assert_eq!(
            failure.to_string(),
            "GET `/IT-receipts` was refused with HTTP 401: vendor error 125.22, `Wrong Token` \
             (1 attempt in 12 ms)"
        );
    }
}
