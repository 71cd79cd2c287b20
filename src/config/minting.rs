//! Says how tokens are minted: by which service, as whom, for how long.

use secrecy::SecretString;

use super::read::Reader;
use super::sections::base_url;
use super::value::Value;
use crate::deliver::mail::is_loopback;

/// The longest life that the vendor gives a token: a year.
const TTL_SECONDS_MAX: u32 = 31_536_000;

/// Says who mints tokens for us, and in whose name.
#[derive(Debug, Clone)]
pub struct Minting {
    /// The account's address: `api.email`.
    pub email: String,
    /// The account's key: `QUADRA__API__API_KEY`, or the file named by `api.api_key_file`.
    pub api_key: SecretString,
    /// Which of the vendor's two services, `v1` or `v2`. Default `v2`.
    pub service: TokenService,
    /// Scheme and host of the service: `api.token_url`.
    ///
    /// By default the vendor's for the system that `api.base_url` names; for a sandbox on
    /// this machine its own address.
    pub url: String,
    /// How long a token lives, 60 to 31,536,000 seconds. Default 30 days.
    pub ttl_seconds: u32,
}

/// Names the vendor's services that mint tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenService {
    /// `POST /token` of oauth.openapi.it, deprecated and much used.
    V1,
    /// `POST /tokens` of oauth.openapi.com.
    V2,
}

/// Reads the keys; none when no account is named, or when a problem was noted.
pub(super) fn build(reader: &mut Reader, api_url: Option<&str>) -> Option<Minting> {
    let email = reader.optional("api.email", email);
    let api_key = reader.secret("api.api_key", "api.api_key_file");
    let service = reader.required("api.token_service", |value| {
        value.choice(&[("v1", TokenService::V1), ("v2", TokenService::V2)])
    });
    let url = reader.optional("api.token_url", base_url);
    let ttl = reader.required("api.token_ttl_seconds", |value| value.number(60, TTL_SECONDS_MAX));
    let is_named = |reader: &Reader, key| reader.origin(key).is_some();
    match (email, api_key) {
        (Some(email), Some(api_key)) => {
            let service = service?;
            let url = url.unwrap_or_else(|| vendors(service, api_url.unwrap_or_default()));
            Some(Minting { email, api_key, service, url, ttl_seconds: ttl? })
        }
        (Some(_), None) if !is_named(reader, "api.api_key_file") => {
            reader.missing("`api.api_key_file` (or QUADRA__API__API_KEY)", "api.email");
            None
        }
        (None, Some(_)) if !is_named(reader, "api.email") => {
            let because =
                if is_named(reader, "api.api_key") { "api.api_key" } else { "api.api_key_file" };
            reader.missing("`api.email`", because);
            None
        }
        // A key that was given and is wrong was noted already.
        _ => None,
    }
}

/// Takes what can stand before the colon of a login: no colon, no blank.
fn email(value: &Value) -> Result<String, String> {
    let text = value.filled()?;
    let is_fit =
        text.contains('@') && !text.contains(':') && text.chars().all(|c| c.is_ascii_graphic());
    if is_fit { Ok(text) } else { Err("is no address like `mario@rossi.example`".to_owned()) }
}

/// Returns the vendor's service for the system that the API's address names.
fn vendors(service: TokenService, api_url: &str) -> String {
    let host = api_url.split_once("://").map_or("", |(_, authority)| authority);
    let bare = host.rsplit_once(':').map_or(host, |(bare, _)| bare);
    if is_loopback(bare) {
        return api_url.to_owned();
    }
    let prefix = if host.starts_with("test.") { "test." } else { "" };
    match service {
        TokenService::V1 => format!("https://{prefix}oauth.openapi.it"),
        TokenService::V2 => format!("https://{prefix}oauth.openapi.com"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn service_follows_the_system() {
        for (service, api, url) in [
            (TokenService::V1, "https://invoice.openapi.com", "https://oauth.openapi.it"),
            (
                TokenService::V2,
                "https://test.invoice.openapi.com",
                "https://test.oauth.openapi.com",
            ),
            (TokenService::V1, "https://test.invoice.openapi.com", "https://test.oauth.openapi.it"),
            (TokenService::V2, "http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ] {
            assert_eq!(vendors(service, api), url);
        }
    }
}
