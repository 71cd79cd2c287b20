//! Mail against servers that behave and misbehave, and files in a folder.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

pub(crate) mod aiosmtpd;
mod folder;

use chrono::{TimeZone as _, Utc};
use quadra::deliver::mail::{Attachment, Message, Outcome, Security, Server, send};

use crate::smtp::{Act, Heard, Sink};

fn server(port: u16) -> Server {
    Server {
        host: "127.0.0.1".to_owned(),
        port,
        security: Security::None,
        username: None,
        password: None,
        root_certificates_pem: None,
        timeout_ms: 2_000,
        answer_timeout_ms: 2_000,
    }
}

fn message() -> Message {
    Message {
        delivery_key: "run-7/report".to_owned(),
        from: "Quadra <quadra@rossi.example>".to_owned(),
        recipients: vec!["a@rossi.example".to_owned(), "b@rossi.example".to_owned()],
        subject: "3 differenze, € 1.284,10".to_owned(),
        text: "In breve\n.\nuna riga con un solo punto".to_owned(),
        html: "<p>In breve</p>".to_owned(),
        attachments: vec![Attachment {
            file_name: "report.xlsx".to_owned(),
            media_type: "application/octet-stream".to_owned(),
            bytes: (0..=255_u8).cycle().take(100_000).collect(),
        }],
        sent_at: Utc.with_ymd_and_hms(2026, 3, 1, 5, 0, 0).unwrap(),
    }
}

/// Sends the message to a server that acts out of turn, and returns both sides.
async fn sent_to(acts: &[(&'static str, Act)]) -> (Outcome, Heard) {
    let sink = Sink::start(acts).await;
    let outcome = send(&server(sink.port), &message()).await;
    (outcome, sink.heard().await)
}

/// The test's own copy of the rule: four ends, told by their name.
fn name(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Sent { .. } => "sent",
        Outcome::Refused { .. } => "refused",
        Outcome::TryLater { .. } => "try later",
        Outcome::Unknown { .. } => "unknown",
    }
}

#[tokio::test]
async fn good_server_gets_whole_message() {
    let (outcome, heard) = sent_to(&[]).await;
    let server_reply = "250 queued as 42".to_owned();
    assert_eq!(outcome, Outcome::Sent { server_reply, left_out: vec![] });
    // The wire's line end before the dot belongs to the message.
    let mut wanted = message().to_bytes().unwrap();
    wanted.extend_from_slice(b"\r\n");
    assert_eq!(heard.messages, [wanted]);
    assert_eq!(heard.commands.last().unwrap(), "QUIT");
    assert!(!heard.commands.iter().any(|command| command.starts_with("AUTH")));
}

#[tokio::test]
async fn refusals_for_good_are_told_from_others() {
    for (command, reply, wanted) in [
        ("CONNECT", "554 no service here", "refused"),
        ("CONNECT", "421 too busy", "try later"),
        ("MAIL", "550 unknown sender", "refused"),
        ("MAIL", "451 come back", "try later"),
        ("RCPT", "550 no such user", "refused"),
        ("RCPT", "450 greylisted", "try later"),
        ("RCPT", "421 closing", "try later"),
        ("DATA", "554 no", "refused"),
        ("DATA", "452 no room", "try later"),
        ("DATA", "250 what message", "try later"),
        ("DOT", "554 spam", "refused"),
        ("DOT", "451 scanner is down", "try later"),
    ] {
        let (outcome, heard) = sent_to(&[(command, Act::Say(reply))]).await;
        assert_eq!(name(&outcome), wanted, "{command} {reply}: {outcome:?}");
        let (code, words) = reply.split_once(' ').unwrap();
        assert!(format!("{outcome:?}").contains(words), "{outcome:?}");
        if let Outcome::Refused { code: told, .. } = outcome {
            assert_eq!(told, code.parse().ok());
        }
        assert!(heard.messages.is_empty(), "{command} {reply}");
    }
}

#[tokio::test]
async fn cut_before_the_dot_may_be_repeated() {
    for command in ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "BODY"] {
        let (outcome, heard) = sent_to(&[(command, Act::Cut)]).await;
        assert_eq!(name(&outcome), "try later", "{command}: {outcome:?}");
        assert!(heard.messages.is_empty());
    }
}

#[tokio::test]
async fn cut_after_the_dot_is_unknown() {
    for act in [Act::Cut, Act::Say("nonsense"), Act::Say("354 and more")] {
        let (outcome, heard) = sent_to(&[("DOT", act)]).await;
        assert_eq!(name(&outcome), "unknown", "{outcome:?}");
        assert_eq!(heard.messages.len(), 1, "the server did get it");
    }
}

#[tokio::test]
async fn silence_is_judged_by_its_place() {
    for (command, wanted) in
        [("CONNECT", "try later"), ("MAIL", "try later"), ("DATA", "try later"), ("DOT", "unknown")]
    {
        let sink = Sink::start(&[(command, Act::Hang)]).await;
        let server = Server { timeout_ms: 200, answer_timeout_ms: 300, ..server(sink.port) };
        let outcome = send(&server, &message()).await;
        assert_eq!(name(&outcome), wanted, "{command}: {outcome:?}");
        assert!(format!("{outcome:?}").contains(" ms"), "{outcome:?}");
    }
}

#[tokio::test]
async fn answer_may_take_longer_than_a_phase() {
    let sink = Sink::start(&[("DOT", Act::SayAfter(400, "250 scanned"))]).await;
    let server = Server { timeout_ms: 100, ..server(sink.port) };
    assert_eq!(name(&send(&server, &message()).await), "sent");
}

#[tokio::test]
async fn server_that_stops_reading_is_left() {
    let sink = Sink::start(&[("BODY", Act::Hang)]).await;
    let mut message = message();
    message.attachments[0].bytes = vec![7; 30_000_000];
    let server = Server { timeout_ms: 300, ..server(sink.port) };
    let outcome = send(&server, &message).await;
    assert_eq!(name(&outcome), "try later", "{outcome:?}");
}

#[tokio::test]
async fn nobody_listening_may_be_tried_later() {
    let port = Sink::start(&[]).await.stop().await;
    let outcome = send(&server(port), &message()).await;
    assert_eq!(name(&outcome), "try later", "{outcome:?}");
}

#[tokio::test]
async fn recipients_left_out_are_named() {
    for (reply, code) in [("550 no such user", 550), ("450 greylisted", 450)] {
        let acts = [("RCPT TO:<b@rossi.example>", Act::Say(reply))];
        let (outcome, heard) = sent_to(&acts).await;
        let Outcome::Sent { left_out, .. } = outcome else { panic!("{outcome:?}") };
        let named: Vec<_> = left_out.iter().map(|one| (one.address.as_str(), one.code)).collect();
        assert_eq!(named, [("b@rossi.example", code)]);
        assert_eq!(heard.messages.len(), 1);
    }
}

#[tokio::test]
async fn one_greylisted_recipient_keeps_refusal_open() {
    let acts = [
        ("RCPT TO:<a@rossi.example>", Act::Say("550 no such user")),
        ("RCPT TO:<b@rossi.example>", Act::Say("450 greylisted")),
    ];
    let (outcome, _) = sent_to(&acts).await;
    assert_eq!(name(&outcome), "try later", "{outcome:?}");
    assert!(format!("{outcome:?}").contains("no such user"));
}

#[tokio::test]
async fn login_is_made_when_asked_for() {
    let sink = Sink::start(&[]).await;
    let server = Server {
        username: Some("quadra".to_owned()),
        password: Some("s3cret!".to_owned().into()),
        ..server(sink.port)
    };
    assert_eq!(name(&send(&server, &message()).await), "sent");
    let heard = sink.heard().await;
    // Base64 of "\0quadra\0s3cret!".
    assert!(heard.commands.contains(&"AUTH PLAIN AHF1YWRyYQBzM2NyZXQh".to_owned()));
}

#[tokio::test]
async fn refused_login_hides_the_password() {
    let sink = Sink::start(&[("AUTH", Act::Say("535 bad credentials"))]).await;
    let server = Server {
        username: Some("quadra".to_owned()),
        password: Some("s3cret!".to_owned().into()),
        ..server(sink.port)
    };
    let outcome = send(&server, &message()).await;
    assert_eq!(name(&outcome), "refused");
    let shown = format!("{outcome:?} {server:?}");
    assert!(shown.contains("535") && !shown.contains("s3cret!") && !shown.contains("AHF1"));
}

#[tokio::test]
async fn required_tls_is_never_given_up() {
    let sink = Sink::start(&[]).await;
    let server = Server { security: Security::StartTls, ..server(sink.port) };
    let outcome = send(&server, &message()).await;
    assert!(format!("{outcome:?}").contains("does not offer STARTTLS"), "{outcome:?}");
    assert_eq!(name(&outcome), "try later");
    assert!(!sink.heard().await.commands.iter().any(|command| command.starts_with("MAIL")));
}

#[tokio::test]
async fn unprotected_mail_stays_on_this_machine() {
    let server = Server { host: "mail.rossi.example".to_owned(), ..server(25) };
    let outcome = send(&server, &message()).await;
    assert_eq!(name(&outcome), "refused");
    assert!(format!("{outcome:?}").contains("this machine only"), "{outcome:?}");
}
