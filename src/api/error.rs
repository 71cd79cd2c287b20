//! Says what went wrong with a call, sorted by what to do about it.
//!
//! Four questions are answered by every error: which call, what the server said in its own
//! words, how hard we tried, and what a person can do. No secret is in any of the answers.

use super::client::Ended;
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
    /// The token service gave us no token: stop, nothing can be asked without one.
    #[error("no token was minted: {0}")]
    NotMinted(Box<Failure>),
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
    /// Something that was to be done never left this machine: try later.
    #[error(transparent)]
    NotSent(Box<Failure>),
    /// Something that was to be done may have been done: look before doing it again.
    #[error("{0}: whether it took effect is not known")]
    Unclear(Box<Failure>),
    /// What was to be made is there already; nothing was done.
    #[error(transparent)]
    AlreadyThere(Box<Failure>),
    /// What was asked for, or was to be changed, is not there; nothing was done.
    #[error(transparent)]
    NotFound(Box<Failure>),
    /// This call was refused, and the same call will be refused again; others may pass.
    #[error(transparent)]
    Refused(Box<Failure>),
    /// The answer is not what the documentation promises; others may pass.
    #[error(transparent)]
    Unreadable(Box<Failure>),
}

/// The vendor's numbers that say that an account has no credit.
const NO_CREDIT: [&str; 3] = ["610", "611", "810"];
/// How the vendor's services say that something is there already, in small letters.
const ALREADY_THERE: [&str; 8] = [
    "already exist",
    "already regist",
    "already have",
    "already present",
    "already import",
    "already been",
    "already void",
    "duplicate",
];
/// The vendor's numbers of the same, where a company is registered.
const COMPANY_THERE: [&str; 2] = ["111", "112"];

impl Error {
    /// Tells whether the same call may succeed a little later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Deferred { .. } | Self::NotSent(_))
    }

    /// Tells whether every other call with these settings would fail alike.
    pub fn is_terminal(&self) -> bool {
        matches!(
            self,
            Self::Settings { .. }
                | Self::NotMinted(_)
                | Self::Unauthorized(_)
                | Self::OutOfCredit(_)
        )
    }

    /// Returns the failed call's particulars, unless nothing was sent.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Settings { .. } => None,
            Self::NotMinted(failure)
            | Self::Unauthorized(failure)
            | Self::OutOfCredit(failure)
            | Self::Deferred { failure, .. }
            | Self::Unavailable(failure)
            | Self::NotSent(failure)
            | Self::Unclear(failure)
            | Self::AlreadyThere(failure)
            | Self::NotFound(failure)
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
            Self::NotMinted(_) => {
                "check `api.email`, the API key and `api.token_service`: sandbox and production \
                 have separate keys"
            }
            Self::Unauthorized(failure) => return Some(unauthorized_hint(failure)),
            Self::OutOfCredit(_) => {
                "top up the wallet in the vendor's console, then run again: what was done is kept"
            }
            Self::Deferred { .. } => "run again after that instant: what was done is kept",
            Self::Unavailable(_) => "run again later: what was read is kept",
            Self::NotSent(_) => "run again later: nothing was sent",
            Self::Unclear(_) => {
                "do not send it again by other means: `quadra submit` looks it up and decides"
            }
            Self::Unreadable(failure) if failure.problem == Problem::Markup => {
                "a page for people answered in the API's place; check `api.base_url`"
            }
            Self::Refused(failure) | Self::NotFound(failure) => return vendors_hint(failure),
            Self::AlreadyThere(failure) if failure.path == "/IT-configurations" => {
                "see `quadra companies list`; a company that is not there is registered under \
                 another account"
            }
            Self::AlreadyThere(_) | Self::Unreadable(_) => return None,
        };
        Some(text.to_owned())
    }

    /// Sorts the failure of a GET by its recovery, once no further attempt follows.
    pub(super) fn from_read(failure: Box<Failure>) -> Self {
        match (failure.problem, failure.status) {
            (Problem::Status, Some(401)) => Self::Unauthorized(failure),
            (Problem::Status, Some(402)) => Self::OutOfCredit(failure),
            (Problem::Status, Some(404 | 410)) => Self::NotFound(failure),
            _ if failure.is_transient() => Self::Unavailable(failure),
            (Problem::Status | Problem::Unsuccessful | Problem::BadId, _) => Self::Refused(failure),
            _ => Self::Unreadable(failure),
        }
    }

    /// Sorts the failure of something that was to be done.
    ///
    /// In doubt it is unclear: only an answer that says no, and a connection that never came
    /// about, are proof that nothing was done.
    fn from_write(failure: Box<Failure>) -> Self {
        let is_refusal = matches!(failure.status, Some(400..=499) if failure.status != Some(408));
        match (failure.problem, failure.status) {
            (Problem::Connect, _) => Self::NotSent(failure),
            (Problem::Status, Some(401)) => Self::Unauthorized(failure),
            (Problem::Status, Some(402)) => Self::OutOfCredit(failure),
            (Problem::Status, Some(425 | 429)) => match failure.retry_at {
                Some(until) => Self::Deferred { until, failure },
                None => Self::Unavailable(failure),
            },
            (Problem::Status, status) if is_refusal => match status {
                _ if says_already_there(&failure) => Self::AlreadyThere(failure),
                Some(404 | 410) => Self::NotFound(failure),
                _ => Self::Refused(failure),
            },
            (Problem::Unsuccessful, _) if says(&failure, &NO_CREDIT) => Self::OutOfCredit(failure),
            (Problem::Unsuccessful, _) if says_already_there(&failure) => {
                Self::AlreadyThere(failure)
            }
            (Problem::Unsuccessful | Problem::BadId, _) => Self::Refused(failure),
            _ => Self::Unclear(failure),
        }
    }

    /// Sorts the end of a call.
    pub(super) fn of(ended: Ended) -> Self {
        match ended {
            Ended::Deferred(until, failure) => Self::Deferred { until, failure },
            Ended::Failed(failure) if failure.method == "GET" => Self::from_read(failure),
            Ended::Failed(failure) => Self::from_write(failure),
        }
    }

    /// Sorts the end of a call to the token service, which has no effect that matters.
    pub(super) fn of_mint(ended: Ended) -> Self {
        match ended {
            Ended::Deferred(until, failure) => Self::Deferred { until, failure },
            Ended::Failed(failure) if failure.is_transient() => Self::Unavailable(failure),
            Ended::Failed(failure) if failure.status == Some(402) => Self::OutOfCredit(failure),
            Ended::Failed(failure) => Self::NotMinted(failure),
        }
    }
}

/// Tells whether the vendor's error number is one of these.
fn says(failure: &Failure, numbers: &[&str]) -> bool {
    failure.vendor_error.as_deref().is_some_and(|number| numbers.contains(&number))
}

/// Tells whether an answer means "already there", which has been seen as 409, 410, 422/112
/// and 111, and in words.
fn says_already_there(failure: &Failure) -> bool {
    let words = [&failure.vendor_message, &failure.excerpt];
    let is_said = words.into_iter().flatten().any(|text| {
        let text = text.to_lowercase();
        ALREADY_THERE.iter().any(|words| text.contains(words))
    });
    let is_company = failure.method == "POST" && failure.path == "/IT-configurations";
    let by_number =
        is_company && (says(failure, &COMPANY_THERE) || matches!(failure.status, Some(409 | 410)));
    let by_status = failure.method == "POST" && failure.status == Some(409);
    is_said || by_number || by_status
}

/// Returns what helps against a refusal, by the vendor's number.
fn vendors_hint(failure: &Failure) -> Option<String> {
    let hint = match failure.vendor_error.as_deref()? {
        "111" | "424" => "register the company first: `quadra companies add`",
        "174" => "let the company issue receipts: `quadra companies update ID --receipts on`",
        "670" => "tax id, name and address of a company cannot be changed once it is registered",
        "403" => "let the company send invoices: `quadra companies update ID --outgoing on`",
        "423" => "say whose receipt it is in `fiscal_id`",
        _ => return None,
    };
    Some(hint.to_owned())
}

fn unauthorized_hint(failure: &Failure) -> String {
    format!(
        "check that the token belongs to this host and has the scope `{}` for this path; \
         an account's API key is not a token, and sandbox and production have separate ones",
        failure.method
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(status: u16, number: Option<&str>, message: Option<&str>) -> Error {
        Error::from_write(Box::new(Failure {
            method: "POST",
            status: Some(status),
            vendor_error: number.map(str::to_owned),
            vendor_message: message.map(str::to_owned),
            ..Failure::new("/IT-configurations", Problem::Status)
        }))
    }

    #[test]
    fn already_there_is_known_in_all_its_forms() {
        for (status, number, message) in [
            (404, Some("111"), Some("Fiscal ID not found or not registered")),
            (422, Some("112"), Some("This fiscal_id already exists")),
            (409, None, None),
            (410, None, None),
            (400, Some("230"), Some("you Already Have a business registry with this fiscal id")),
            (400, None, Some("Fiscal ID is already registered")),
        ] {
            let error = written(status, number, message);
            assert!(matches!(error, Error::AlreadyThere(_)), "{error:?}");
        }
        assert!(matches!(written(422, Some("334"), Some("required")), Error::Refused(_)));
    }

    #[test]
    fn only_a_clear_no_is_a_refusal() {
        let by_status = |status| written(status, None, None);
        for status in [301, 303, 408, 500, 502, 503, 504, 599] {
            assert!(matches!(by_status(status), Error::Unclear(_)), "{status}");
        }
        for status in [400, 403, 405, 413, 422] {
            assert!(matches!(by_status(status), Error::Refused(_)), "{status}");
        }
        assert!(matches!(by_status(401), Error::Unauthorized(_)));
        assert!(matches!(by_status(402), Error::OutOfCredit(_)));
        assert!(matches!(by_status(404), Error::NotFound(_)));
        assert!(matches!(by_status(429), Error::Unavailable(_)));
        for problem in [
            Problem::Timeout,
            Problem::CutBody,
            Problem::EmptyBody,
            Problem::Markup,
            Problem::ContentType,
            Problem::Malformed,
            Problem::TooLarge,
        ] {
            let failure = Failure { method: "POST", ..Failure::new("/IT-receipts", problem) };
            let error = Error::from_write(Box::new(failure));
            assert!(matches!(error, Error::Unclear(_)), "{problem:?}");
        }
        let failure = Failure { method: "POST", ..Failure::new("/x", Problem::Connect) };
        assert!(matches!(Error::from_write(Box::new(failure)), Error::NotSent(_)));
    }

    #[test]
    fn success_that_says_no_is_told_by_its_words() {
        let said = |number: &str, message: &str| {
            Error::from_write(Box::new(Failure {
                method: "POST",
                vendor_error: Some(number.to_owned()),
                vendor_message: Some(message.to_owned()),
                ..Failure::new("/IT-invoices_import", Problem::Unsuccessful)
            }))
        };
        assert!(matches!(said("610", "Insufficient Credit"), Error::OutOfCredit(_)));
        assert!(matches!(said("7", "Invoice already imported"), Error::AlreadyThere(_)));
        assert!(matches!(said("400", "Invalid input data"), Error::Refused(_)));
    }
}
