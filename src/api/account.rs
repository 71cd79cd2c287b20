//! Asks the token service about the account: when our token ends, what credit is left.
//!
//! It wants the account's address and key, which a client that was given a bare token may lack:
//! then nobody can know. A minted token is renewed by itself, so its end is no news.

use super::call::Call;
use super::client::Client;
use super::envelope::{self, Answer};
use super::error::Error;
use super::failure::{Failure, Problem};
use super::redaction::Redaction;
use super::settings::Minting;
use super::token::{Identity, TokenService};
use super::wire::DecimalText;
use chrono::{DateTime, Utc};
use reqwest::Url;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Says who may ask the token service, and where it is.
#[derive(Debug, Clone)]
pub(super) struct Access {
    pub(super) minting: Minting,
    pub(super) url: Url,
}

/// Tells when the token ends, as far as the service knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenEnd {
    /// It ends then.
    At(DateTime<Utc>),
    /// The service does not know the token, or not its end.
    NotSaid,
    /// It is minted anew before it ends.
    Renewed,
}

impl Client {
    /// Tells whether the account's address and key are known, without which nothing is told.
    pub fn knows_account(&self) -> bool {
        self.access.is_some()
    }

    /// Asks when the token ends with which calls are made.
    pub async fn token_end(&self) -> Result<TokenEnd, Error> {
        let (Some(access), Identity::Given(token)) = (&self.access, &self.identity) else {
            let is_minted = matches!(self.identity, Identity::Minted(_));
            return Ok(if is_minted { TokenEnd::Renewed } else { TokenEnd::NotSaid });
        };
        let list = match access.minting.service {
            TokenService::V1 => "token",
            TokenService::V2 => "tokens",
        };
        let mut url = access.url.join(list).expect("a plain path joins any base");
        url.path_segments_mut().expect("an http address has a path").push(token.expose_secret());
        let mut call = access.call(url, format!("/{list}/…"));
        call.redaction.add(token.expose_secret());
        match self.repeat(call, read_end, Failure::is_transient).await {
            Ok(end) => Ok(end.map_or(TokenEnd::NotSaid, TokenEnd::At)),
            Err(super::client::Ended::Failed(failure))
                if matches!(failure.status, Some(204 | 402 | 404 | 422)) =>
            {
                Ok(TokenEnd::NotSaid)
            }
            Err(ended) => Err(Error::of_mint(ended)),
        }
    }

    /// Asks what credit the account has left; none when nobody may ask or there is no wallet.
    pub async fn credit(&self) -> Result<Option<DecimalText>, Error> {
        let Some(access) = &self.access else { return Ok(None) };
        let path = match access.minting.service {
            TokenService::V1 => "credit",
            TokenService::V2 => "wallet",
        };
        let url = access.url.join(path).expect("a plain path joins any base");
        match self
            .repeat(access.call(url, format!("/{path}")), read_credit, Failure::is_transient)
            .await
        {
            Ok(credit) => Ok(Some(credit)),
            Err(super::client::Ended::Failed(failure)) if failure.status == Some(404) => Ok(None),
            Err(ended) => Err(Error::of_mint(ended)),
        }
    }
}

impl Access {
    fn call(&self, url: Url, shown_path: String) -> Call {
        let (header, redaction) = login(&self.minting.email, &self.minting.api_key);
        Call { headers: vec![(AUTHORIZATION, header)], redaction, ..Call::get(url, shown_path) }
    }
}

/// Returns the login as a header, and what no error may quote of it.
pub(super) fn login(email: &str, api_key: &SecretString) -> (HeaderValue, Redaction) {
    use base64::Engine as _;
    let login = format!("{email}:{}", api_key.expose_secret());
    let basic = base64::prelude::BASE64_STANDARD.encode(login);
    let mut redaction = Redaction::of([api_key]);
    redaction.add(&basic);
    let mut header = HeaderValue::try_from(format!("Basic {basic}"))
        .expect("base64 has no character that a header refuses");
    header.set_sensitive(true);
    (header, redaction)
}

/// The parts of a token that say when it ends, in the words of either service.
#[derive(Deserialize)]
struct End {
    #[serde(default)]
    expire: Option<i64>,
    #[serde(default, rename = "expireAt")]
    expire_at: Option<String>,
}

impl End {
    fn instant(self) -> Option<DateTime<Utc>> {
        self.expire_at
            .and_then(|text| DateTime::parse_from_rfc3339(&text).ok().map(|at| at.to_utc()))
            .or_else(|| self.expire.and_then(|seconds| DateTime::from_timestamp(seconds, 0)))
    }
}

/// Reads the end out of a token, a list of one token, or either inside `data`.
fn read_end(call: &Call, answer: &Answer) -> Result<Option<DateTime<Utc>>, Box<Failure>> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Found {
        Wrapped { data: Box<Found> },
        Listed(Vec<End>),
        Bare(End),
    }
    envelope::open_bare(call, answer)?;
    let mut found: Found = serde_json::from_slice(&answer.body)
        .map_err(|_| envelope::malformed(call, answer, "it is no token"))?;
    loop {
        match found {
            Found::Wrapped { data } => found = *data,
            Found::Listed(all) => return Ok(all.into_iter().find_map(End::instant)),
            Found::Bare(end) => return Ok(end.instant()),
        }
    }
}

fn read_credit(call: &Call, answer: &Answer) -> Result<DecimalText, Box<Failure>> {
    #[derive(Deserialize)]
    struct Wallet<'a> {
        #[serde(borrow)]
        credit: &'a RawValue,
    }
    let data = envelope::open(call, answer)?;
    let read: Option<Wallet<'_>> = serde_json::from_str(data.get()).ok();
    read.and_then(|wallet| DecimalText::parse(wallet.credit.get().trim_matches('"')))
        .ok_or_else(|| envelope::malformed(call, answer, "it holds no credit"))
        .map_err(|mut failure| {
            failure.problem = Problem::Malformed;
            failure
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(body: &str) -> (Call, Answer) {
        let url = Url::parse("https://oauth.openapi.com/").unwrap();
        let body = body.as_bytes().to_vec();
        let call = Call::get(url, "/x".to_owned());
        (call, Answer { status: 200, content_type: None, retry_at: None, body })
    }

    #[test]
    fn end_reads_in_every_shape() {
        for body in [
            r#"{"data":[{"scopes":[],"expire":1770200000,"token":"abc"}],"success":true}"#,
            r#"{"data":{"token":"abc","expireAt":"2026-02-04T10:13:20Z"},"success":true}"#,
            r#"{"token":"abc","expireAt":"2026-02-04T11:13:20+01:00"}"#,
        ] {
            let (call, answer) = answer(body);
            let end = read_end(&call, &answer).unwrap().unwrap();
            assert_eq!(end.timestamp(), 1_770_200_000, "{body}");
        }
        let (call, silent) = answer(r#"{"data":[],"success":true}"#);
        assert_eq!(read_end(&call, &silent).unwrap(), None);
    }

    #[test]
    fn credit_is_kept_digit_for_digit() {
        for (body, credit) in [
            (r#"{"data":{"credit":423.38},"success":true}"#, "423.38"),
            (r#"{"data":{"credit":"0"}}"#, "0"),
        ] {
            let (call, answer) = answer(body);
            assert_eq!(read_credit(&call, &answer).unwrap().as_str(), credit);
        }
        let (call, wrong) = answer(r#"{"data":{"credit":null}}"#);
        assert!(read_credit(&call, &wrong).is_err());
    }
}
