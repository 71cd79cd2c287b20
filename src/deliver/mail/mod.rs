//! Sends one message over SMTP and says what became of it.
//!
//! In comes a `Server` and a `Message`; out comes an `Outcome` of four: sent, refused, try
//! later, unknown. `message` makes the bytes, the same for the same input, with a
//! Message-ID that is the delivery's key in another dress; `session` walks the phases of
//! SMTP one by one, so that a cut before the final dot (nothing was handed over) is told
//! from a cut after it (the server may hold the message). Each phase has its limit.
//!
//! TLS is required unless the host is this machine. One connection a message: a pool would
//! save milliseconds a night and lose the clear end of each delivery.

mod handover;
mod message;
mod session;
mod tls;

use secrecy::SecretString;

use super::error::Error;

pub use message::{Attachment, Message, check_address};

/// The limit of one phase of SMTP, when nothing else is asked for.
pub const PHASE_TIMEOUT_MS: u64 = 30_000;

/// The wait for the answer to the final dot, in milliseconds.
///
/// RFC 5321 §4.5.3.2.6 asks for ten minutes: servers scan the message here, and who hangs
/// up earlier does not learn that it was accepted.
pub const ANSWER_TIMEOUT_MS: u64 = 600_000;

/// Describes a mail server and how to speak to it.
#[derive(Debug, Clone)]
pub struct Server {
    /// Name or address; the certificate must be for this name.
    pub host: String,
    /// Usually 587 for STARTTLS, 465 for TLS from the first byte.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// Name to log in with; none means no login.
    pub username: Option<String>,
    /// Password that belongs to the username.
    pub password: Option<SecretString>,
    /// Further trusted root certificates as PEM, for a server with its own authority.
    pub root_certificates_pem: Option<Vec<u8>>,
    /// Limit of each phase, and of each silence while the message is handed over.
    pub timeout_ms: u64,
    /// Wait for the answer to the final dot; an early end here is `Unknown`.
    pub answer_timeout_ms: u64,
}

/// Names how the connection to the server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// Plain greeting, then TLS before anything is said; refused if not offered.
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// No protection, only towards this machine itself.
    None,
}

/// Says what became of a message, as far as it can be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The server took the message over.
    Sent {
        /// The server's own words, often with its queue number.
        server_reply: String,
        /// Recipients it would not take; the others get the message.
        left_out: Vec<LeftOut>,
    },
    /// Nobody got it and sending it again as it is cannot help.
    Refused {
        /// The server's code (5xx), or none when we refused before asking it.
        code: Option<u16>,
        /// The server's words, or ours.
        reply: String,
    },
    /// Nobody got it and sending it again is safe.
    TryLater {
        /// The phase and what happened in it.
        reason: String,
    },
    /// The whole message was handed over and no answer came: it may have been accepted.
    Unknown {
        /// What happened after the final dot.
        reason: String,
    },
}

/// Names a recipient that the server would not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The address as asked for.
    pub address: String,
    /// The server's code: 4xx may succeed later, 5xx will not.
    pub code: u16,
    /// The server's words.
    pub reply: String,
}

/// Sends the message and tells what became of it.
///
/// Never repeats anything by itself. Once the future is polled it should be polled to its
/// end: dropping it after the final dot loses the answer.
pub async fn send(server: &Server, message: &Message) -> Outcome {
    let refused = |error: &Error| Outcome::Refused { code: None, reply: error.to_string() };
    let mail = match message.build() {
        Ok(mail) => mail,
        Err(error) => return refused(&error),
    };
    match server.check() {
        Ok(()) => session::run(server, mail.envelope(), &message::bytes(&mail)).await,
        Err(error) => refused(&error),
    }
}

/// Connects, protects the connection and logs in, sending nothing.
///
/// The error is what the server, or the way to it, answered.
pub async fn probe(server: &Server) -> Result<(), String> {
    server.check().map_err(|error| error.to_string())?;
    session::probe(server).await
}

impl Server {
    /// Tells whether the description can be used, without connecting.
    ///
    /// Refuses an unprotected connection to another machine, a name without its password
    /// and certificates that cannot be read.
    pub fn check(&self) -> Result<(), Error> {
        let fail = |reason: &str| {
            Err(Error::Server { host: self.host.clone(), reason: reason.to_owned() })
        };
        if self.security == Security::None && !is_loopback(&self.host) {
            return fail("an unprotected connection is for this machine only");
        }
        if self.username.is_some() != self.password.is_some() {
            return fail("a username and a password go together");
        }
        tls::parameters(self).map(|_| ())
    }
}

/// Tells what is wrong with PEM root certificates, if anything.
pub fn check_root_certificates(pem: &[u8]) -> Result<(), String> {
    tls::check_root_certificates(pem)
}

/// Tells whether a host name or address means this machine.
#[must_use]
pub fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_recognised_in_every_form() {
        for host in ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1", "[::1]"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["localhost.example.it", "10.0.0.1", "128.0.0.1", "mail.example.it", ""] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
