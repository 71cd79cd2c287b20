//! Says what went wrong with a call, sorted by what to do about it.
//!
//! Four questions are answered by every error: which call, what the server said in its own
//! words, how hard we tried, and what a person can do. The token is in none of the answers.

use super::failure::{Failure, Problem};
use chrono::{DateTime, SecondsFormat, Utc};

/// Sorts the failures of a call by their recovery.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The settings make no client; nothing was sent.
    #[error("failed to set up the API client: `{key}` {reason}")]
    Settings {
        /// The setting at fault, as it is spelled in the configuration.
        key: &'static str,
        /// What is wrong with it, as the end of a sentence.
        reason: String,
    },
    /// The token was refused (401): stop, every other call would be refused too.
    #[error(transparent)]
    Unauthorized(Box<Failure>),
    /// The account has no credit (402): stop, every other call would be refused too.
    #[error(transparent)]
    OutOfCredit(Box<Failure>),
    /// The server asked for a longer wait than we are allowed: stop, and come back then.
    #[error("{failure}; deferred until {}", until.to_rfc3339_opts(SecondsFormat::Secs, true))]
    Deferred {
        /// The instant named by the server.
        until: DateTime<Utc>,
        /// The answer that named it.
        failure: Box<Failure>,
    },
    /// The server could not be reached or had trouble, also after the retries: try later.
    #[error(transparent)]
    Unavailable(Box<Failure>),
    /// This call was refused, and the same call will be refused again; others may pass.
    #[error(transparent)]
    Refused(Box<Failure>),
    /// The answer is not what the documentation promises; others may pass.
    #[error(transparent)]
    Unreadable(Box<Failure>),
}

impl Error {
    /// Tells whether the same call may succeed a little later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Deferred { .. })
    }

    /// Tells whether every other call with these settings would fail alike.
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Settings { .. } | Self::Unauthorized(_) | Self::OutOfCredit(_))
    }

    /// Returns the failed call's particulars, unless nothing was sent.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Settings { .. } => None,
            Self::Unauthorized(failure)
            | Self::OutOfCredit(failure)
            | Self::Deferred { failure, .. }
            | Self::Unavailable(failure)
            | Self::Refused(failure)
            | Self::Unreadable(failure) => Some(failure),
        }
    }

    /// Returns what a person can do, where something can be done.
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Settings { key: "token", .. } => {
                "set `QUADRA__API__TOKEN`, or `api.token_file` to a file of mode 0600"
            }
            Self::Settings { .. } => "mend the `[api]` section of the configuration",
            Self::Unauthorized(_) => {
                "check that the token belongs to this host and has the scope `GET` for this path; \
                 an account's API key is not a token, and sandbox and production have separate ones"
            }
            Self::OutOfCredit(_) => {
                "top up the wallet in the vendor's console, then run again: what was read is kept"
            }
            Self::Deferred { .. } => "run again after that instant: what was read is kept",
            Self::Unavailable(_) => "run again later: what was read is kept",
            Self::Unreadable(failure) if failure.problem == Problem::Markup => {
                "a page for people answered in the API's place; check `api.base_url`"
            }
            Self::Refused(_) | Self::Unreadable(_) => return None,
        };
        Some(text.to_owned())
    }
}

impl From<Box<Failure>> for Error {
    /// Sorts a failure by its recovery, once no further attempt follows.
    fn from(failure: Box<Failure>) -> Self {
        match (failure.problem, failure.status) {
            (Problem::Status, Some(401)) => Self::Unauthorized(failure),
            (Problem::Status, Some(402)) => Self::OutOfCredit(failure),
            _ if failure.is_transient() => Self::Unavailable(failure),
            (Problem::Status | Problem::Unsuccessful | Problem::BadId, _) => Self::Refused(failure),
            _ => Self::Unreadable(failure),
        }
    }
}
