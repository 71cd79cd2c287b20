//! Knows who we are: with a token that was given, or one minted from the account's key.
//!
//! A minted token is held in memory for the run and never written down. It is minted anew
//! shortly before it ends, and once when a call is refused with 401: a token works on one
//! host only, and the vendor forgets tokens now and then.

use super::account::login;
use super::call::Call;
use super::envelope::Answer;
use super::failure::{Failure, Problem};
use super::settings::Minting;
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Method, Url};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use std::fmt;
use tokio::sync::Mutex;

/// How long before its end a token is not used any more.
const EXPIRY_MARGIN: TimeDelta = TimeDelta::minutes(5);

/// The beginnings of the paths that we call, and how.
const OUR_CALLS: [(&str, &[&str]); 4] = [
    ("IT-configurations", &["GET", "POST", "PATCH", "DELETE"]),
    ("IT-receipts", &["GET", "POST", "PATCH", "DELETE"]),
    ("IT-invoices", &["GET", "POST"]),
    ("IT-invoices_import", &["POST"]),
];

/// Names the vendor's services that mint tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenService {
    /// `POST /token`: deprecated, answers without an envelope, `expire` in unix seconds.
    V1,
    /// `POST /tokens`: `expireAt` in RFC 3339.
    V2,
}

/// A token as a call carries it.
#[derive(Clone)]
pub(super) struct Bearer {
    pub(super) token: SecretString,
}

impl Bearer {
    /// Returns the header that carries it; its `Debug` shows nothing.
    pub(super) fn header(&self) -> HeaderValue {
        let text = format!("Bearer {}", self.token.expose_secret());
        let mut header =
            HeaderValue::try_from(text).expect("a checked token has graphic ASCII only");
        header.set_sensitive(true);
        header
    }
}

/// A token that the service gave.
pub(super) struct Held {
    token: SecretString,
    expires_at: DateTime<Utc>,
}

/// Says with which token calls are made.
pub(super) enum Identity {
    /// One token, given from outside.
    Given(SecretString),
    /// Tokens minted when they are needed.
    Minted(Box<Minter>),
}

/// Holds what is needed to mint tokens, and the one that was minted last.
pub(super) struct Minter {
    pub(super) minting: Minting,
    pub(super) url: Url,
    pub(super) scopes: Vec<String>,
    pub(super) held: Mutex<Option<Held>>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Given(_) => "Given",
            Self::Minted(_) => "Minted",
        })
    }
}

impl Held {
    /// Returns the token unless it ends soon.
    pub(super) fn usable(&self, now: DateTime<Utc>) -> Option<Bearer> {
        (now + EXPIRY_MARGIN < self.expires_at).then(|| Bearer { token: self.token.clone() })
    }

    /// Returns the token whatever its end.
    pub(super) fn bearer(&self) -> Bearer {
        Bearer { token: self.token.clone() }
    }

    /// Tells whether this is another token than the one that was refused.
    pub(super) fn differs_from(&self, refused: &Bearer) -> bool {
        self.token.expose_secret() != refused.token.expose_secret()
    }
}

/// Returns the scopes that cover every call of ours, by the paths' beginnings.
pub(super) fn scopes(api: &Url) -> Vec<String> {
    let host = match (api.host_str().unwrap_or_default(), api.port()) {
        (host, Some(port)) => format!("{host}:{port}"),
        (host, None) => host.to_owned(),
    };
    let scope = |(path, methods): &(&str, &[&str])| -> Vec<String> {
        methods.iter().map(|method| format!("{method}:{host}/{path}")).collect()
    };
    OUR_CALLS.iter().flat_map(scope).collect()
}

/// Returns the call that mints a token for the minter's scopes.
pub(super) fn mint_call(minter: &Minter) -> Call {
    let Minter { minting, url, scopes, .. } = minter;
    let (path, name) = match minting.service {
        TokenService::V1 => ("token", None),
        TokenService::V2 => ("tokens", Some("quadra")),
    };
    let mut body = json!({ "scopes": scopes, "ttl": minting.ttl_seconds });
    if let Some(name) = name {
        body["name"] = name.into();
    }
    let (header, redaction) = login(&minting.email, &minting.api_key);
    Call {
        method: Method::POST,
        content_type: Some("application/json"),
        body: Some(body.to_string().into_bytes()),
        headers: vec![(AUTHORIZATION, header)],
        redaction,
        ..Call::get(url.join(path).expect("a plain path joins any base"), format!("/{path}"))
    }
}

/// The parts of both services' answers that matter, at the root or inside `data`.
#[derive(Deserialize)]
struct Minted {
    #[serde(default)]
    token: Option<String>,
    #[serde(default)]
    expire: Option<i64>,
    #[serde(default, rename = "expireAt")]
    expire_at: Option<String>,
    #[serde(default)]
    data: Option<Box<Minted>>,
}

/// Reads a minted token out of a success; how long it lives is said, or was asked for.
pub(super) fn read_minted(
    call: &Call,
    answer: &Answer,
    ttl_seconds: u32,
    now: DateTime<Utc>,
) -> Result<Held, Box<Failure>> {
    let wrong = |detail: &str| {
        // Neither the body nor any part of it: it holds a token.
        Box::new(Failure {
            status: Some(answer.status),
            detail: Some(detail.to_owned()),
            ..Failure::of(call, Problem::Malformed)
        })
    };
    let read: Minted = serde_json::from_slice(&answer.body).map_err(|_| wrong("it is no JSON"))?;
    let inner = match read.data {
        Some(data) if read.token.is_none() => *data,
        _ => Minted { data: None, ..read },
    };
    let token = inner.token.unwrap_or_default().trim().to_owned();
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(wrong("it holds no token"));
    }
    let said = inner
        .expire_at
        .and_then(|text| DateTime::parse_from_rfc3339(&text).ok().map(|at| at.to_utc()))
        .or_else(|| inner.expire.and_then(|seconds| DateTime::from_timestamp(seconds, 0)));
    let asked = now + TimeDelta::seconds(i64::from(ttl_seconds));
    Ok(Held { token: SecretString::from(token), expires_at: said.unwrap_or(asked) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone as _;

    fn minter(service: TokenService) -> Minter {
        let minting = Minting {
            service,
            url: "https://oauth.openapi.com".to_owned(),
            email: "a@b.example".to_owned(),
            api_key: SecretString::from("k3y"),
            ttl_seconds: 3600,
        };
        let url = Url::parse("https://oauth.openapi.com/").unwrap();
        Minter { minting, url, scopes: vec!["GET:a/b".to_owned()], held: Mutex::default() }
    }

    fn read(body: &str) -> Result<Held, Box<Failure>> {
        let call = mint_call(&minter(TokenService::V1));
        let answer = Answer {
            status: 200,
            content_type: None,
            retry_at: None,
            body: body.as_bytes().to_vec(),
        };
        read_minted(&call, &answer, 3600, Utc.with_ymd_and_hms(2026, 2, 3, 12, 0, 0).unwrap())
    }

    #[test]
    fn both_services_answers_read() {
        let one = read(r#"{"scopes":[],"expire":1770200000,"token":"abc","success":true}"#);
        assert_eq!(one.unwrap().expires_at.timestamp(), 1_770_200_000);
        let two = read(r#"{"token":"abc","expireAt":"2026-03-05T12:00:00Z","refreshToken":"r"}"#);
        assert_eq!(two.unwrap().expires_at.to_rfc3339(), "2026-03-05T12:00:00+00:00");
        let wrapped = read(r#"{"data":{"token":"abc"},"success":true}"#).unwrap();
        assert_eq!(wrapped.token.expose_secret(), "abc");
        assert_eq!(wrapped.expires_at.to_rfc3339(), "2026-02-03T13:00:00+00:00");
        for wrong in ["<html>", "{}", r#"{"token":"a b"}"#, r#"{"token":""}"#] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn token_that_ends_soon_is_not_used() {
        let held = read(r#"{"token":"abc","expire":1770200000}"#).unwrap();
        let ends = held.expires_at;
        assert!(held.usable(ends - TimeDelta::minutes(6)).is_some());
        assert!(held.usable(ends - TimeDelta::minutes(5)).is_none());
    }

    #[test]
    fn scopes_name_each_method_and_path() {
        let scopes = scopes(&Url::parse("http://127.0.0.1:8080/").unwrap());
        assert_eq!(scopes.len(), 11);
        assert!(scopes.contains(&"PATCH:127.0.0.1:8080/IT-receipts".to_owned()), "{scopes:?}");
        assert!(scopes.contains(&"POST:127.0.0.1:8080/IT-invoices_import".to_owned()));
    }

    #[test]
    fn key_goes_out_as_basic_login_only() {
        let call = mint_call(&minter(TokenService::V2));
        assert_eq!(call.url.as_str(), "https://oauth.openapi.com/tokens");
        assert_eq!(call.headers[0].1.to_str().unwrap(), "Basic YUBiLmV4YW1wbGU6azN5");
        let body = String::from_utf8(call.body.unwrap()).unwrap();
        assert_eq!(body, r#"{"name":"quadra","scopes":["GET:a/b"],"ttl":3600}"#);
        assert!(!format!("{:?}", call.headers).contains("YUBi"));
    }
}
