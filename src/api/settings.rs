//! Says where the API is, who we are, and how patient we are.
//!
//! Every limit has a name and a default that suits a nightly run; `config` fills the values in.

use super::account::Access;
use super::allowance::Allowance;
use super::error::Error;
use super::token::{Identity, Minter, TokenService, scopes};
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use std::num::NonZeroU32;
use std::sync::Arc;
use tokio::sync::Mutex;

/// Configures one client of the Invoice API.
///
/// `Debug` shows no token: the type of the field redacts itself.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the API listens, without a path. Plain `http` is accepted for loopback only,
    /// because the token travels with every request. Default: the vendor's sandbox.
    pub base_url: String,
    /// The bearer token. Default: empty; then tokens are minted, or no client is made.
    pub token: SecretString,
    /// How tokens are minted where none is given. Default: `None`.
    pub minting: Option<Minting>,
    /// How many requests leave a second at most; `None` is no limit. Default: 20.
    pub requests_per_second: Option<NonZeroU32>,
    /// How often one call is tried in all, the first time included. Default: 5.
    pub attempts_max: u32,
    /// How long a connection may take to open. Default: 5,000.
    pub connect_timeout_ms: u64,
    /// How long one attempt may take from its first byte to its last. Default: 30,000.
    pub timeout_ms: u64,
    /// How long the first wait between two attempts is at most; it doubles. Default: 500.
    pub backoff_ms: u64,
    /// Where the doubling of waits stops. Default: 20,000.
    pub backoff_cap_ms: u64,
    /// The longest `Retry-After` that is waited for; beyond it the run is deferred.
    /// Default: 60,000.
    pub retry_after_cap_ms: u64,
    /// How long one call may take with all its attempts and waits. Default: 180,000.
    pub deadline_ms: u64,
    /// How many retries all calls of this client may spend together. Default: 200.
    pub retries_per_run_max: u32,
    /// The longest body that is read, after decompression. Default: 32 MiB, some hundred
    /// times the size of a usual page.
    pub body_bytes_max: usize,
    /// Further secrets of ours that an answer may echo and no error may quote. Default: none.
    pub known_secrets: Vec<SecretString>,
    /// Where the jitter of waits starts; `None` draws it from the process. Default: `None`.
    pub jitter_seed: Option<u64>,
    /// Who allows each request before it leaves; `None` lets all of them. Default: `None`.
    pub allowance: Option<Arc<Allowance>>,
}

/// Says who mints tokens for us, and in whose name.
///
/// `Debug` shows no key: the type of the field redacts itself.
#[derive(Debug, Clone)]
pub struct Minting {
    /// Which of the vendor's two services.
    pub service: TokenService,
    /// Where it listens; `https`, or `http` on this machine.
    pub url: String,
    /// The account's address, the name of the login.
    pub email: String,
    /// The account's key, the password of the login.
    pub api_key: SecretString,
    /// How long a token lives, in seconds.
    pub ttl_seconds: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            base_url: "https://test.invoice.openapi.com".to_owned(),
            token: SecretString::default(),
            minting: None,
            requests_per_second: NonZeroU32::new(20),
            attempts_max: 5,
            connect_timeout_ms: 5_000,
            timeout_ms: 30_000,
            backoff_ms: 500,
            backoff_cap_ms: 20_000,
            retry_after_cap_ms: 60_000,
            deadline_ms: 180_000,
            retries_per_run_max: 200,
            body_bytes_max: 32 * 1024 * 1024,
            known_secrets: Vec::new(),
            jitter_seed: None,
            allowance: None,
        }
    }
}

impl Settings {
    /// Returns the checked base address, its path ending in a slash.
    pub(super) fn checked_base_url(&self) -> Result<Url, Error> {
        checked_url("base_url", &self.base_url)
    }

    /// Returns as whom calls are made: with the token that is given, or minted ones.
    pub(super) fn into_identity(self, api: &Url) -> Result<Identity, Error> {
        let is_given = !self.token.expose_secret().trim().is_empty();
        match self.minting {
            Some(minting) if !is_given => Ok(Identity::Minted(Box::new(Minter {
                url: checked_url("token_url", &minting.url)?,
                scopes: scopes(api),
                minting,
                held: Mutex::default(),
            }))),
            _ => self.checked_token().map(Identity::Given),
        }
    }

    /// Returns who may ask about the account, where its address and key are known.
    pub(super) fn account_access(&self) -> Result<Option<Access>, Error> {
        let access = |minting: &Minting| {
            let url = checked_url("token_url", &minting.url)?;
            Ok(Access { minting: minting.clone(), url })
        };
        self.minting.as_ref().map(access).transpose()
    }

    /// Returns the token trimmed, or says that there is none.
    pub(super) fn checked_token(&self) -> Result<SecretString, Error> {
        let token = self.token.expose_secret().trim();
        let reason = if token.is_empty() {
            "is empty"
        } else if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            // The value stays out of the text: it may be half of a real token.
            "holds a blank or a character that no token has"
        } else {
            return Ok(SecretString::from(token));
        };
        Err(Error::Settings { key: "token", reason: reason.to_owned() })
    }
}

/// Returns a checked address, its path ending in a slash.
fn checked_url(key: &'static str, text: &str) -> Result<Url, Error> {
    let refuse = |reason: String| Error::Settings { key, reason };
    let mut url = Url::parse(text.trim()).map_err(|error| {
        // Whatever stands before an `@` may be a password.
        let shown = text.rsplit('@').next().unwrap_or_default();
        refuse(format!("`{shown}` is no address: {error}"))
    })?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refuse("an address must not carry a user or a password".to_owned()));
    }
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => {
            return Err(refuse(format!("`{url}` would send the token in clear; use `https`")));
        }
        other => return Err(refuse(format!("`{other}` is neither `https` nor `http`"))),
    }
    url.set_query(None);
    url.set_fragment(None);
    let path = format!("{}/", url.path().trim_end_matches('/'));
    url.set_path(&path);
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_url(base_url: &str) -> Settings {
        Settings { base_url: base_url.to_owned(), ..Settings::default() }
    }

    #[test]
    fn plain_http_is_loopback_only() {
        for good in
            ["http://127.0.0.1:9", "http://[::1]:9/", "http://localhost", "https://a.example"]
        {
            assert!(with_url(good).checked_base_url().is_ok(), "{good}");
        }
        for bad in [
            "http://a.example",
            "ftp://127.0.0.1",
            "nonsense",
            "https://me:secret@a.example",
            "https://me:secret@a.example:port",
        ] {
            let error = with_url(bad).checked_base_url().unwrap_err();
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }

    #[test]
    fn base_path_keeps_its_folder() {
        let url = with_url("https://a.example/proxy").checked_base_url().unwrap();
        assert_eq!(url.join("IT-receipts").unwrap().path(), "/proxy/IT-receipts");
    }

    #[test]
    fn blank_or_broken_token_is_refused() {
        for token in ["", "  ", "abc def", "ab\ncd", "però"] {
            let settings = Settings { token: SecretString::from(token), ..Settings::default() };
            let error = settings.checked_token().unwrap_err().to_string();
            assert!(token.trim().is_empty() || !error.contains(token), "{error}");
        }
    }
}
