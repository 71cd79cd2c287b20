//! Says where the provider's callbacks reach us, and which secret they carry.

use std::net::SocketAddr;

use secrecy::{ExposeSecret as _, SecretString};

use super::read::Reader;
use super::value::Value;
use crate::deliver::mail::is_loopback;

/// Says where callbacks reach us and how we know them.
///
/// Every callback is registered as `public_url/EVENT` with the secret in the header
/// `x-quadra-secret`; `quadra companies add|update` registers, `quadra serve` receives.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Where `quadra serve` listens. Default `127.0.0.1:8787`; port 0 is any free one.
    ///
    /// Another address than loopback is for a container, or for a proxy on another machine.
    pub listen: SocketAddr,
    /// The address under which the receiver is reached from outside, without a slash at the
    /// end: `https`, or `http` on this machine. None by default: no callback is registered.
    pub public_url: Option<String>,
    /// The secret: `QUADRA__WEBHOOK__SECRET`, or the file named by `webhook.secret_file`.
    pub secret: Option<SecretString>,
}

/// A secret in a path is guessed by nobody from so many characters on.
const SECRET_CHARS_MIN: usize = 16;

/// Reads the section; an address without a secret would let everybody in.
pub(super) fn build(reader: &mut Reader) -> Option<Webhook> {
    let listen = reader.required("webhook.listen", listen);
    let public_url = reader.optional("webhook.public_url", public_url);
    let secret = reader.secret("webhook.secret", "webhook.secret_file");
    let is_named = reader.origin("webhook.secret").or(reader.origin("webhook.secret_file"));
    if public_url.is_some() && is_named.is_none() {
        reader.missing("`webhook.secret_file` (or QUADRA__WEBHOOK__SECRET)", "webhook.public_url");
        return None;
    }
    if let (Some(secret), Some(origin)) = (&secret, is_named)
        && !fits_everywhere(secret.expose_secret())
    {
        let message = format!(
            "the callbacks' secret is not allowed: {SECRET_CHARS_MIN} letters, digits, `-`, `.`, \
             `_` or `~` at least, since it stands in a header or a path"
        );
        reader.problem(origin, message);
        return None;
    }
    Some(Webhook { listen: listen?, public_url, secret })
}

/// Tells whether a secret can stand in a header and, as it is, in a path.
fn fits_everywhere(secret: &str) -> bool {
    secret.len() >= SECRET_CHARS_MIN
        && secret.chars().all(|c| c.is_ascii_alphanumeric() || "-._~".contains(c))
}

pub(super) fn listen(value: &Value) -> Result<SocketAddr, String> {
    let allowed = "is not allowed: an address and a port, like `127.0.0.1:8787`";
    value.text()?.parse().map_err(|_| allowed.to_owned())
}

/// Takes an address with a path, but without name, query or blank.
fn public_url(value: &Value) -> Result<String, String> {
    let allowed = "is not allowed: like `https://quadra.rossi.example/webhook`, without name, \
                   query or blank";
    let text = value.text()?;
    let url = text.trim_end_matches('/');
    let (scheme, rest) = url.split_once("://").ok_or(allowed)?;
    let authority = rest.split('/').next().unwrap_or_default();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.parse::<u16>().is_ok_and(|port| port > 0) => host,
        _ => authority,
    };
    let is_plain = rest.chars().all(|c| c.is_ascii_alphanumeric() || "-._~/:[]%".contains(c));
    if host.is_empty() || !is_plain {
        return Err(allowed.to_owned());
    }
    match scheme {
        "https" => Ok(url.to_owned()),
        "http" if is_loopback(host) => Ok(url.to_owned()),
        "http" => Err("is not allowed: `http` is for this machine only, use `https`".to_owned()),
        _ => Err(allowed.to_owned()),
    }
}
