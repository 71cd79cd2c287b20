//! Tokens that the sandbox mints: their scopes, their time, and what they open.
//!
//! Both token services of the vendor answer on the port of the API, [`v1`] under `/token`
//! and [`v2`] under `/tokens`. A token that was minted here is held to its scopes and its
//! time on the sandbox's clock; one that was not is the business of the options.

mod account;
mod routes;
mod v1;
mod v2;

pub(super) use routes::{is_token_service, router};

use chrono::{DateTime, Duration, Utc};
use serde_json::value::RawValue;

use crate::sandbox::books::Books;

/// How long a token lasts when nobody says, and at most.
const YEAR_SECONDS: i64 = 365 * 86_400;

/// The methods a scope can name; `*` is all of them.
const METHODS: [&str; 6] = ["*", "GET", "POST", "PUT", "PATCH", "DELETE"];

/// Is one token as its account knows it.
#[expect(clippy::struct_field_names, reason = "the token itself is called so everywhere")]
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) token: String,
    pub(super) refresh: String,
    pub(super) name: String,
    pub(super) scopes: Vec<String>,
    pub(super) limits: Option<Box<RawValue>>,
    pub(super) created: DateTime<Utc>,
    pub(super) updated: DateTime<Utc>,
    pub(super) expires: DateTime<Utc>,
    pub(super) requests: u64,
    pub(super) errors: u64,
}

/// Is what somebody asks to be minted.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    pub(super) scopes: Vec<String>,
    pub(super) name: String,
    pub(super) ttl: Option<i64>,
    pub(super) limits: Option<Box<RawValue>>,
}

/// Says whether a token opens a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pass {
    Good,
    Bad,
    /// The sandbox never minted this token.
    Unknown,
}

/// Keeps the tokens that live, and remembers those that do not.
#[derive(Debug, Default)]
pub(super) struct Ring {
    tokens: Vec<Token>,
    gone: Vec<String>,
}

impl Ring {
    pub(super) fn get(&mut self, token: &str) -> Option<&mut Token> {
        self.tokens.iter_mut().find(|one| one.token == token)
    }

    /// Returns the tokens whose time is not over, oldest first.
    pub(super) fn living(&self, now: DateTime<Utc>) -> impl Iterator<Item = &Token> {
        self.tokens.iter().filter(move |one| one.expires > now)
    }

    pub(super) fn add(&mut self, token: Token) {
        self.tokens.push(token);
    }

    /// Takes a token away for good.
    pub(super) fn remove(&mut self, token: &str) -> Option<Token> {
        let position = self.tokens.iter().position(|one| one.token == token)?;
        self.gone.push(token.to_owned());
        Some(self.tokens.remove(position))
    }

    /// Tells whether a token opens a path of the API, and counts the request.
    pub(super) fn pass(
        &mut self,
        token: &str,
        (method, path): (&str, &str),
        hosts: &[String],
        now: DateTime<Utc>,
    ) -> Pass {
        if self.gone.iter().any(|gone| gone == token) {
            return Pass::Bad;
        }
        let Some(token) = self.get(token) else { return Pass::Unknown };
        let is_open = token.expires > now
            && token
                .scopes
                .iter()
                .any(|scope| hosts.iter().any(|host| covers(scope, method, host, path)));
        token.requests += 1;
        token.errors += u64::from(!is_open);
        if is_open { Pass::Good } else { Pass::Bad }
    }
}

/// Mints a token; a lifetime beyond a year is a year, one of nothing is a year too.
pub(super) fn mint(books: &mut Books, wanted: Wanted, now: DateTime<Utc>) -> Token {
    let token = Token {
        token: books.new_id(now),
        refresh: books.new_id(now),
        name: wanted.name,
        scopes: wanted.scopes,
        limits: wanted.limits,
        created: now,
        updated: now,
        expires: now + lifetime(wanted.ttl),
        requests: 0,
        errors: 0,
    };
    books.ring.add(token.clone());
    token
}

/// Returns how long a token lasts that was asked for with these seconds.
pub(super) fn lifetime(ttl: Option<i64>) -> Duration {
    let ttl = ttl.filter(|ttl| *ttl > 0).unwrap_or(YEAR_SECONDS);
    Duration::seconds(ttl.min(YEAR_SECONDS))
}

/// Tells whether a text is a scope: a method, a host and the begin of a path.
pub(super) fn is_scope(scope: &str) -> bool {
    let Some((method, rest)) = scope.split_once(':') else { return false };
    let Some((host, path)) = rest.split_once('/') else { return false };
    METHODS.contains(&method) && !host.is_empty() && !path.is_empty() && !scope.contains(' ')
}

/// Tells whether a scope covers a request.
fn covers(scope: &str, method: &str, host: &str, path: &str) -> bool {
    let Some((wanted_method, rest)) = scope.split_once(':') else { return false };
    let Some((wanted_host, wanted_path)) = rest.split_once('/') else { return false };
    let is_host = match wanted_host.strip_prefix('*') {
        Some(end) => host.ends_with(end),
        None => host == wanted_host,
    };
    (wanted_method == "*" || wanted_method == method) && is_host && begins(path, wanted_path)
}

/// Compares part by part: a prefix ends where a part of the path ends.
fn begins(path: &str, wanted: &str) -> bool {
    let mut parts = path.trim_start_matches('/').split('/');
    wanted.trim_end_matches('/').split('/').all(|wanted| match parts.next() {
        _ if wanted == "*" => true,
        Some(part) => part == wanted || wanted.starts_with('{'),
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "test.invoice.openapi.com";

    #[test]
    fn scopes_cover_method_host_and_path() {
        for scope in [
            "GET:test.invoice.openapi.com/IT-receipts",
            "*:test.invoice.openapi.com/*",
            "*:*.openapi.com/*",
            "*:*/*",
            "GET:test.invoice.openapi.com/IT-receipts/{id}",
            "GET:test.invoice.openapi.com/IT-receipts/*",
        ] {
            assert!(is_scope(scope) && covers(scope, "GET", HOST, "/IT-receipts/7"), "{scope}");
        }
        for scope in [
            "POST:test.invoice.openapi.com/IT-receipts",
            "GET:invoice.openapi.com/IT-receipts",
            "GET:test.invoice.openapi.com/IT-receipt",
            "GET:test.invoice.openapi.com/IT-invoices",
        ] {
            assert!(is_scope(scope) && !covers(scope, "GET", HOST, "/IT-receipts/7"), "{scope}");
        }
        assert!(!covers("*:*/IT-invoices", "POST", HOST, "/IT-invoices_import"));
        for text in ["", "GET", "GET:host", "FETCH:host/path", "GET:/path"] {
            assert!(!is_scope(text), "{text}");
        }
    }

    #[test]
    fn lifetime_is_a_year_at_most() {
        assert_eq!(lifetime(Some(600)), Duration::minutes(10));
        for ttl in [None, Some(0), Some(-5), Some(i64::MAX)] {
            assert_eq!(lifetime(ttl), Duration::days(365));
        }
    }
}
