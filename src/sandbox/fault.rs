//! One misbehaviour, asked for by name or by value.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// Is one misbehaviour that a test asks for.
///
/// Unless it is wrapped by [`Fault::after_effect`], a request that is refused or broken off
/// had no effect. A cut body, a wrong length and a slow answer are those of a request that
/// was carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Answers with this status, these headers and this body instead of the data.
    Status {
        /// The HTTP status.
        status: u16,
        /// Header names and values, `content-type` among them when it matters.
        headers: Vec<(String, String)>,
        /// The body as it goes out.
        body: String,
    },
    /// Answers 200 with a web page, as a proxy in the way does.
    Html200,
    /// Answers 401 with XML, as the vendor's gateway does for a wrong host.
    Xml401,
    /// Answers 200 with a body of no bytes.
    Empty200,
    /// Announces the whole answer and closes the connection after half of it.
    CutBody,
    /// Announces so many bytes more than it sends; less than the whole when negative.
    WrongLength(i64),
    /// Closes the connection without an answer.
    Reset,
    /// Answers rightly, but only after this long.
    Slow(Duration),
    /// Answers a list as if `skip` had been that much higher; rows come again when negative.
    PageShifted(i64),
    /// Answers a page with the rows of the page before it.
    PageAgain,
    /// Carries the request out, then misbehaves: the client cannot know.
    AfterEffect(Box<Fault>),
}

/// The names of all faults, as [`Fault::named`] takes them, each once before and once after.
const NAMES: [&str; 25] = [
    "429",
    "429-date",
    "503",
    "503-seconds",
    "503-date",
    "500",
    "502",
    "402",
    "401",
    "401-xml",
    "html",
    "empty",
    "reset",
    "slow",
    "cut",
    "wrong-length",
    "page-again",
    "page-shifted",
    "429-after",
    "503-after",
    "500-after",
    "html-after",
    "empty-after",
    "reset-after",
    "slow-after",
];

impl Fault {
    /// Returns every fault with its name, for tests that go through all of them.
    ///
    /// Delays and dates are short; those ending in `-after` follow the effect.
    pub fn every(now: DateTime<Utc>) -> Vec<(&'static str, Self)> {
        let fault = |name| Self::named(name, now).map(|fault| (name, fault));
        NAMES.into_iter().filter_map(fault).collect()
    }

    /// Returns the fault of this name, such as `503`, `429=7`, `slow=2000` or `reset-after`.
    ///
    /// The number after `=` is seconds for those with Retry-After, milliseconds for `slow`,
    /// bytes for `wrong-length` and rows for `page-shifted`. `now` is what dates count from.
    pub fn named(text: &str, now: DateTime<Utc>) -> Option<Self> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value.parse::<i64>().ok()?)),
            None => (text, None),
        };
        if let Some(name) = name.strip_suffix("-after") {
            let text = value.map_or(name.to_owned(), |value| format!("{name}={value}"));
            return Self::named(&text, now).map(Self::after_effect);
        }
        let seconds = value.unwrap_or(1);
        let date = || {
            let at = now + TimeDelta::seconds(seconds);
            at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
        };
        Some(match name {
            "429" => Self::too_many_requests(&seconds.to_string()),
            "429-date" => Self::too_many_requests(&date()),
            "503" if value.is_none() => Self::unavailable(),
            "503" | "503-seconds" => Self::unavailable_for(&seconds.to_string()),
            "503-date" => Self::unavailable_for(&date()),
            "500" => Self::json(
                500,
                r#"{"data":null,"success":false,"message":"Internal Server Error","error":500}"#,
            ),
            "502" => Self::plain(
                502,
                "text/html",
                "<html><head><title>502 Bad Gateway</title></head></html>",
            ),
            "402" => Self::no_credit(),
            "401" => Self::json(
                401,
                r#"{"data":null,"success":false,"message":"Wrong Token","error":125.22}"#,
            ),
            "401-xml" => Self::Xml401,
            "html" => Self::Html200,
            "empty" => Self::Empty200,
            "reset" => Self::Reset,
            "cut" => Self::CutBody,
            "slow" => Self::Slow(Duration::from_millis(value.unwrap_or(200).try_into().ok()?)),
            "wrong-length" => Self::WrongLength(value.unwrap_or(7)),
            "page-again" => Self::PageAgain,
            "page-shifted" => Self::PageShifted(value.unwrap_or(1)),
            _ => return None,
        })
    }

    /// Returns the names that [`Fault::named`] knows.
    pub fn names() -> &'static [&'static str] {
        &NAMES
    }

    /// Lets the request take effect before it misbehaves in this way.
    #[must_use]
    pub fn after_effect(self) -> Self {
        Self::AfterEffect(Box::new(self))
    }

    /// Returns the answer of an overloaded server, with `Retry-After` as given.
    pub fn too_many_requests(retry_after: &str) -> Self {
        Self::waiting(429, retry_after, "Too Many Requests")
    }

    /// Returns the answer of a server that is down for a moment.
    pub fn unavailable() -> Self {
        Self::plain(503, "text/plain", "Service Unavailable")
    }

    /// Returns the answer of a server that is down, with `Retry-After` as given.
    pub fn unavailable_for(retry_after: &str) -> Self {
        Self::waiting(503, retry_after, "Service Unavailable")
    }

    /// Returns the answer when the wallet is empty.
    pub fn no_credit() -> Self {
        Self::json(
            402,
            r#"{"data":null,"success":false,"message":"Billing error message: Insufficient Credit in Wallet, code 810","error":610}"#,
        )
    }

    fn json(status: u16, body: &str) -> Self {
        Self::plain(status, "application/json", body)
    }

    fn plain(status: u16, kind: &str, body: &str) -> Self {
        let headers = vec![("content-type".into(), kind.into())];
        Self::Status { status, headers, body: body.into() }
    }

    fn waiting(status: u16, retry_after: &str, body: &str) -> Self {
        let headers = vec![("retry-after".into(), retry_after.into())];
        Self::Status { status, headers, body: body.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_its_fault() {
        let every = Fault::every(DateTime::UNIX_EPOCH);
        assert_eq!(every.len(), NAMES.len());
        let after = every.iter().filter(|(_, fault)| matches!(fault, Fault::AfterEffect(_)));
        assert_eq!(after.count(), 7);
    }

    #[test]
    fn numbers_follow_equals_sign() {
        let named = |text| Fault::named(text, DateTime::UNIX_EPOCH);
        assert_eq!(named("429=7"), Some(Fault::too_many_requests("7")));
        assert_eq!(
            named("503-date=3600"),
            Some(Fault::unavailable_for("Thu, 01 Jan 1970 01:00:00 GMT"))
        );
        assert_eq!(
            named("slow-after=5"),
            Some(Fault::Slow(Duration::from_millis(5)).after_effect())
        );
        assert_eq!(named("page-shifted=-3"), Some(Fault::PageShifted(-3)));
        assert_eq!(named("slow=-3"), None);
        assert_eq!(named("unheard"), None);
    }
}
