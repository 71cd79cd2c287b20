//! Walks through one SMTP session, phase by phase, each with its limit.
//!
//! Everything up to the final dot is undone by hanging up, so a failure there is
//! `TryLater` (or `Refused`, if the server said never). The final dot is the point of no
//! return: `Handover` knows whether it may have left, and a failure after it is `Unknown`.

use std::future::Future;
use std::time::Duration;

use lettre::address::Envelope;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::{Response, Severity};
use secrecy::ExposeSecret as _;
use tokio::time::timeout;

use super::handover::Handover;
use super::{LeftOut, Outcome, Security, Server, tls};

/// A server's words are quoted up to here.
const REPLY_CHARACTERS_MAX: usize = 300;

/// The courtesy of QUIT is not worth a longer wait.
const QUIT_TIMEOUT: Duration = Duration::from_secs(2);

pub(super) async fn run(server: &Server, envelope: &Envelope, bytes: &[u8]) -> Outcome {
    let mut connection = match connect(server).await {
        Ok(connection) => connection,
        Err(outcome) => return outcome,
    };
    let outcome = match converse(server, &mut connection, envelope, bytes).await {
        Ok(outcome) | Err(outcome) => outcome,
    };
    // Where the server still listens a goodbye is due; what becomes of it changes nothing.
    // Elsewhere hanging up is the only thing that cannot be taken for a part of the message.
    if matches!(outcome, Outcome::Sent { .. } | Outcome::Refused { .. }) {
        let _ = timeout(QUIT_TIMEOUT, connection.quit()).await;
    }
    outcome
}

/// Connects, protects the connection, logs in and takes leave; nothing is sent.
pub(super) async fn probe(server: &Server) -> Result<(), String> {
    match connect(server).await {
        Ok(mut connection) => {
            let _ = timeout(QUIT_TIMEOUT, connection.quit()).await;
            Ok(())
        }
        Err(Outcome::Refused { reply, .. }) => Err(reply),
        Err(Outcome::TryLater { reason } | Outcome::Unknown { reason }) => Err(reason),
        Err(Outcome::Sent { server_reply, .. }) => Err(server_reply),
    }
}

/// Goes from the sender to the final dot; the error side is an early end.
async fn converse(
    server: &Server,
    connection: &mut AsyncSmtpConnection,
    envelope: &Envelope,
    bytes: &[u8],
) -> Result<Outcome, Outcome> {
    let limit = Duration::from_millis(server.timeout_ms);
    let left_out = address(connection, envelope, limit).await?;
    let go_on = phase("DATA", limit, connection.command(Data)).await?;
    if go_on.code().severity != Severity::PositiveIntermediate {
        let reason = format!("DATA: the server does not wait for a message: {}", words(&go_on));
        return Err(Outcome::TryLater { reason });
    }
    let answer_limit = Duration::from_millis(server.answer_timeout_ms);
    let reply = hand_over(connection, bytes, limit, answer_limit).await?;
    // The library takes a 3yz for good as well; after the dot it is an answer to nothing.
    if reply.code().severity != Severity::PositiveCompletion {
        let reason = format!("the whole message was handed over, then: {}", words(&reply));
        return Err(Outcome::Unknown { reason });
    }
    Ok(Outcome::Sent { server_reply: words(&reply), left_out })
}

/// Connects, protects the connection and logs in.
async fn connect(server: &Server) -> Result<AsyncSmtpConnection, Outcome> {
    let limit = Duration::from_millis(server.timeout_ms);
    let tls = tls::parameters(server)
        .map_err(|error| Outcome::Refused { code: None, reply: error.to_string() })?;
    let hello = ClientId::default();
    let (wrapper, upgrade) = match server.security {
        Security::Tls => (tls, None),
        Security::StartTls => (None, tls),
        Security::None => (None, None),
    };
    let name = format!("connect to `{}:{}`", server.host, server.port);
    let host = server.host.trim_start_matches('[').trim_end_matches(']');
    let opening = AsyncSmtpConnection::connect_tokio1(
        (host, server.port),
        Some(limit),
        &hello,
        wrapper,
        None,
    );
    let mut connection = phase(&name, limit, opening).await?;
    if let Some(tls) = upgrade {
        if !connection.can_starttls() {
            let reason = format!("{name}: the server does not offer STARTTLS");
            return Err(Outcome::TryLater { reason });
        }
        phase("STARTTLS", limit, connection.starttls(tls, &hello)).await?;
    }
    if let (Some(username), Some(password)) = (&server.username, &server.password) {
        let credentials = Credentials::new(username.clone(), password.expose_secret().to_owned());
        let mechanisms = [Mechanism::Plain, Mechanism::Login];
        phase("AUTH", limit, connection.auth(&mechanisms, &credentials)).await?;
    }
    Ok(connection)
}

/// Names sender and recipients; returns those the server would not take.
///
/// One taken recipient is enough to go on. With none taken the message is refused only if
/// every recipient was refused for good.
async fn address(
    connection: &mut AsyncSmtpConnection,
    envelope: &Envelope,
    limit: Duration,
) -> Result<Vec<LeftOut>, Outcome> {
    let sender = Mail::new(envelope.from().cloned(), vec![]);
    phase("MAIL FROM", limit, connection.command(sender)).await?;
    let mut left_out = Vec::new();
    for recipient in envelope.to() {
        let name = format!("RCPT TO `{recipient}`");
        let command = connection.command(Rcpt::new(recipient.clone(), vec![]));
        match timeout(limit, command).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => match error.status() {
                Some(code) if connection_lives(code.into()) => left_out.push(LeftOut {
                    address: recipient.to_string(),
                    code: code.into(),
                    reply: cut(&error.to_string()),
                }),
                _ => return Err(before_the_dot(&name, &error)),
            },
            Err(_) => return Err(too_slow(&name, limit)),
        }
    }
    if left_out.len() < envelope.to().len() {
        return Ok(left_out);
    }
    // Nobody is left: hang up before DATA.
    let said = left_out.iter().map(|one| format!("`{}`: {}", one.address, one.reply));
    let reply = said.collect::<Vec<_>>().join("; ");
    Err(match left_out.iter().map(|one| one.code).max() {
        Some(code) if left_out.iter().all(|one| one.code >= 500) => {
            Outcome::Refused { code: Some(code), reply }
        }
        _ => Outcome::TryLater { reason: format!("no recipient was taken: {reply}") },
    })
}

/// Code 421 announces that the server hangs up, whatever the command was.
fn connection_lives(code: u16) -> bool {
    code != 421
}

/// Sends the message and its final dot, and waits for the answer.
///
/// The limit falls on each silence rather than on the whole, so that a large workbook on a
/// slow line arrives, and a dead line does not hold the night.
async fn hand_over(
    connection: &mut AsyncSmtpConnection,
    bytes: &[u8],
    limit: Duration,
    answer_limit: Duration,
) -> Result<Response, Outcome> {
    let handover = Handover::default();
    let mut sending = Box::pin(connection.message_iter(handover.watch(bytes)));
    loop {
        let (chunks_before, waiting) = (handover.chunks_taken(), handover.dot_may_have_left());
        let patience = if waiting { answer_limit } else { limit };
        match timeout(patience, &mut sending).await {
            Ok(Ok(reply)) => return Ok(reply),
            Ok(Err(error)) if handover.dot_may_have_left() => return Err(after_the_dot(&error)),
            Ok(Err(error)) => return Err(before_the_dot("message", &error)),
            Err(_) if waiting => {
                let waited_ms = answer_limit.as_millis();
                let reason = format!("no answer to the whole message within {waited_ms} ms");
                return Err(Outcome::Unknown { reason });
            }
            // It moved since the last look: the silence begins anew.
            Err(_) if handover.dot_may_have_left() || handover.chunks_taken() > chunks_before => {}
            Err(_) => return Err(too_slow("message", limit)),
        }
    }
}

/// Awaits one phase within its limit; a failure ends the conversation safely.
async fn phase<T>(
    name: &str,
    limit: Duration,
    step: impl Future<Output = Result<T, SmtpError>>,
) -> Result<T, Outcome> {
    match timeout(limit, step).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(before_the_dot(name, &error)),
        Err(_) => Err(too_slow(name, limit)),
    }
}

fn too_slow(name: &str, limit: Duration) -> Outcome {
    Outcome::TryLater { reason: format!("{name}: no answer within {} ms", limit.as_millis()) }
}

fn before_the_dot(name: &str, error: &SmtpError) -> Outcome {
    let said = cut(&format!("{name}: {error}"));
    match error.status() {
        Some(code) if error.is_permanent() => {
            Outcome::Refused { code: Some(code.into()), reply: said }
        }
        _ => Outcome::TryLater { reason: said },
    }
}

/// After the dot only a clear no of the server is an answer; all else is silence.
fn after_the_dot(error: &SmtpError) -> Outcome {
    match error.status() {
        Some(_) => before_the_dot("message", error),
        None => Outcome::Unknown {
            reason: cut(&format!("the whole message was handed over, then: {error}")),
        },
    }
}

fn words(reply: &Response) -> String {
    let text = reply.message().collect::<Vec<_>>().join(" ");
    cut(&format!("{} {text}", reply.code()))
}

/// Quotes a server's words in one line of limited length.
fn cut(text: &str) -> String {
    let one_line = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    one_line.take(REPLY_CHARACTERS_MAX).collect::<String>().trim_end().to_owned()
}
