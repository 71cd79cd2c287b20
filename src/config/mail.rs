//! Holds the mail section of quadra.toml, the one whose keys need each other.

use super::read::Reader;
use super::value::Value;
use crate::deliver::mail::{self, Security, Server};

/// Says through which server, and as whom, mail is sent.
#[derive(Debug, Clone)]
pub struct Mail {
    /// The sender, `name@host` or `Name <name@host>`; needed once `mail.host` is set.
    pub from: String,
    /// Built from the other keys of the section:
    ///
    /// - `host`: the server's name, as in its certificate. Without it there is no mail.
    /// - `port`: default 587 with `starttls`, 465 with `tls`, 25 with `none`.
    /// - `security`: `starttls` (default), `tls`, or `none` towards this machine only.
    /// - `username`, with `QUADRA__MAIL__PASSWORD` or `password_file`: default no login.
    /// - `ca_file`: PEM file of further trusted roots, for a company's own authority.
    pub server: Server,
    /// The largest attachment in bytes (`mail.attachment_max_kb`, default 10,000): what is
    /// larger goes to the job's folder, with a line in the mail.
    pub attachment_bytes_max: usize,
}

/// Returns no mail when no key of the section is set.
#[expect(clippy::option_option, reason = "outer: was it readable; inner: is there mail")]
pub(super) fn build(reader: &mut Reader) -> Option<Option<Mail>> {
    let host = reader.optional("mail.host", Value::filled);
    let security = reader.required("mail.security", |value| value.choice(&SECURITIES));
    let port = reader.optional("mail.port", |value| value.number(1, u32::from(u16::MAX)));
    let username = reader.optional("mail.username", Value::filled);
    let password = reader.secret("mail.password", "mail.password_file");
    let from = reader.optional("mail.from", address);
    let root_certificates_pem = reader.optional("mail.ca_file", certificates);
    let attachment_max_kb =
        reader.required("mail.attachment_max_kb", |value| value.number(1, 1_000_000));
    if reader.origin("mail.host").is_none() {
        return mail_without_host(reader);
    }
    check_mail(reader, host.as_deref(), security);
    let security = security?;
    let default_port = match security {
        Security::StartTls => 587,
        Security::Tls => 465,
        Security::None => 25,
    };
    let server = Server {
        host: host?,
        port: port.and_then(|port| u16::try_from(port).ok()).unwrap_or(default_port),
        security,
        username,
        password,
        root_certificates_pem,
        timeout_ms: mail::PHASE_TIMEOUT_MS,
        answer_timeout_ms: mail::ANSWER_TIMEOUT_MS,
    };
    let attachment_bytes_max = usize::try_from(attachment_max_kb?).unwrap_or(usize::MAX);
    let attachment_bytes_max = attachment_bytes_max.saturating_mul(1_000);
    Some(Some(Mail { from: from?, server, attachment_bytes_max }))
}

const SECURITIES: [(&str, Security); 3] =
    [("starttls", Security::StartTls), ("tls", Security::Tls), ("none", Security::None)];

/// A section that says something, but not to whom, was meant to send mail.
#[expect(clippy::option_option, reason = "as `build`")]
fn mail_without_host(reader: &mut Reader) -> Option<Option<Mail>> {
    let others = [
        "mail.port",
        "mail.security",
        "mail.username",
        "mail.password",
        "mail.password_file",
        "mail.from",
        "mail.ca_file",
        "mail.attachment_max_kb",
    ];
    match others.into_iter().find(|key| reader.origin(key).is_some()) {
        Some(other) => {
            reader.missing("`mail.host`", other);
            None
        }
        None => Some(None),
    }
}

/// Notes what is wrong between the keys of the section.
fn check_mail(reader: &mut Reader, host: Option<&str>, security: Option<Security>) {
    if reader.origin("mail.from").is_none() {
        reader.missing("`mail.from`", "mail.host");
    }
    let passwords = ["mail.password", "mail.password_file"];
    let password = passwords.into_iter().find(|key| reader.origin(key).is_some());
    match (reader.origin("mail.username"), password) {
        (Some(_), None) => {
            let what = "the password (QUADRA__MAIL__PASSWORD or `mail.password_file`)";
            reader.missing(what, "mail.username");
        }
        (None, Some(password)) => reader.missing("`mail.username`", password),
        _ => {}
    }
    if let (Some(host), Some(Security::None)) = (host, security)
        && !mail::is_loopback(host)
        && let Some(origin) = reader.origin("mail.security")
    {
        let message = format!(
            "`mail.security` = `none` is for this machine only, and `mail.host` = `{host}` is \
             another: use `starttls` or `tls`"
        );
        reader.problem(origin, message);
    }
}

fn address(value: &Value) -> Result<String, String> {
    let text = value.text()?;
    mail::check_address(&text)
        .map(|()| text)
        .map_err(|reason| format!("is not allowed: {reason}; like `Quadra <quadra@rossi.example>`"))
}

fn certificates(value: &Value) -> Result<Vec<u8>, String> {
    let path = value.path()?;
    let pem = std::fs::read(&path).map_err(|error| format!("cannot be read: {error}"))?;
    mail::check_root_certificates(&pem).map_err(|error| format!("cannot be used: {error}"))?;
    Ok(pem)
}
