//! Makes the bytes of a mail, the same for the same message.
//!
//! Nothing here is drawn at random and no clock is read: the Message-ID comes from the
//! delivery's key, the boundaries from the content, the date is passed in. So a message
//! built again after a crash is the message that was there before it.

use chrono::{DateTime, Utc};
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, MultiPart, SinglePart};
use sha2::{Digest as _, Sha256};

use crate::deliver::Error;

/// Describes a mail: who, what and under which delivery key.
#[derive(Debug, Clone)]
pub struct Message {
    /// Names this delivery for ever; the Message-ID is made from it.
    pub delivery_key: String,
    /// Sender, as `name@host` or `Name <name@host>`.
    pub from: String,
    /// Recipients in the same forms; all see each other.
    pub recipients: Vec<String>,
    /// Subject line; line breaks become blanks.
    pub subject: String,
    /// The text for readers that show no HTML.
    pub text: String,
    /// The page for readers that do.
    pub html: String,
    /// Files that go with it, in order.
    pub attachments: Vec<Attachment>,
    /// The instant of the Date header.
    pub sent_at: DateTime<Utc>,
}

/// Holds one file that goes with a mail.
#[derive(Debug, Clone)]
pub struct Attachment {
    /// The name the reader sees.
    pub file_name: String,
    /// For example `text/csv`.
    pub media_type: String,
    /// The content, sent as it is.
    pub bytes: Vec<u8>,
}

impl Message {
    /// Returns the mail as it goes over the wire.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        Ok(bytes(&self.build()?))
    }

    /// Returns the Message-ID, angle brackets included.
    ///
    /// Whoever wonders about an `Unknown` delivery searches the mailbox for it.
    pub fn message_id(&self) -> Result<String, Error> {
        let from = parse_mailbox("sender", &self.from)?;
        let digest = hex::encode(Sha256::digest(self.delivery_key.as_bytes()));
        Ok(format!("<quadra.{}@{}>", &digest[..40], from.email.domain()))
    }

    pub(super) fn build(&self) -> Result<lettre::Message, Error> {
        if self.recipients.is_empty() {
            return Err(Error::Message { reason: "there is no recipient".to_owned() });
        }
        let mut builder = lettre::Message::builder()
            .message_id(Some(self.message_id()?))
            .date(self.sent_at.into())
            .from(parse_mailbox("sender", &self.from)?)
            .subject(one_line(&self.subject))
            // RFC 3834: keeps out-of-office robots from answering.
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ));
        for recipient in &self.recipients {
            builder = builder.to(parse_mailbox("recipient", recipient)?);
        }
        builder
            .multipart(self.body()?)
            .map_err(|error| Error::Message { reason: error.to_string() })
    }

    /// Text and page as alternatives; wrapped with the files when there are any.
    fn body(&self) -> Result<MultiPart, Error> {
        let digest = self.content_digest();
        let alternative = MultiPart::alternative()
            .boundary(format!("quadra-alternative-{digest}"))
            .singlepart(SinglePart::plain(whole_lines(&self.text)))
            .singlepart(SinglePart::html(whole_lines(&self.html)));
        if self.attachments.is_empty() {
            return Ok(alternative);
        }
        let mut mixed =
            MultiPart::mixed().boundary(format!("quadra-mixed-{digest}")).multipart(alternative);
        for attachment in &self.attachments {
            mixed = mixed.singlepart(attachment.part()?);
        }
        Ok(mixed)
    }

    /// A boundary made from what it divides cannot occur in it, save by breaking SHA-256.
    fn content_digest(&self) -> String {
        let mut hasher = Sha256::new();
        for text in [&self.delivery_key, &self.subject, &self.text, &self.html] {
            hasher.update((text.len() as u64).to_be_bytes());
            hasher.update(text.as_bytes());
        }
        let mut digest = hex::encode(hasher.finalize());
        digest.truncate(32);
        digest
    }
}

impl Attachment {
    fn part(&self) -> Result<SinglePart, Error> {
        let media_type = ContentType::parse(&self.media_type).map_err(|_| Error::Message {
            reason: format!(
                "attachment `{}` has the media type `{}`",
                self.file_name, self.media_type
            ),
        })?;
        // Base64 always: any other encoding may turn line ends, and a file stays as it is.
        let body = Body::new_with_encoding(self.bytes.clone(), ContentTransferEncoding::Base64)
            .expect("base64 encodes every byte");
        Ok(lettre::message::Attachment::new(one_line(&self.file_name)).body(body, media_type))
    }
}

/// Returns the bytes that stand between DATA and the final dot.
pub(super) fn bytes(mail: &lettre::Message) -> Vec<u8> {
    mail.formatted()
}

/// Tells what is wrong with a mail address, if anything.
///
/// Takes `name@host` and `Name <name@host>`. The address is ASCII: others need a server
/// with SMTPUTF8, which company relays seldom are.
pub fn check_address(text: &str) -> Result<(), String> {
    parse(text).map(|_| ())
}

fn parse(text: &str) -> Result<Mailbox, String> {
    let mailbox: Mailbox = text.parse().map_err(|_| "it is not a mail address".to_owned())?;
    if mailbox.email.to_string().is_ascii() && !text.chars().any(char::is_control) {
        Ok(mailbox)
    } else {
        Err("the address has letters outside ASCII".to_owned())
    }
}

fn parse_mailbox(role: &str, text: &str) -> Result<Mailbox, Error> {
    parse(text).map_err(|reason| Error::Message { reason: format!("{role} `{text}`: {reason}") })
}

/// A header is one line; a break in a file's or company's name must not start another.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Makes every line end alike; the library turns them into CRLF.
///
/// A bare CR would go out as it is, and a server that takes it for a line end could be made
/// to see a final dot, and commands after it, inside a text.
fn whole_lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone as _;
    use proptest::prelude::*;

    fn message() -> Message {
        Message {
            delivery_key: "run-7/report/1".to_owned(),
            from: "Quadra <quadra@rossi.example>".to_owned(),
            recipients: vec!["a@rossi.example".to_owned(), "Bì <b@rossi.example>".to_owned()],
            subject: "3 differenze, € 1.284,10 – Rossi srl".to_owned(),
            text: "perché\nno".to_owned(),
            html: "<p>perché</p>".to_owned(),
            attachments: vec![Attachment {
                file_name: "riepilogo è.csv".to_owned(),
                media_type: "text/csv".to_owned(),
                bytes: b"a;b\n1;2\n".to_vec(),
            }],
            sent_at: Utc.with_ymd_and_hms(2026, 3, 1, 5, 0, 0).unwrap(),
        }
    }

    #[test]
    fn same_message_makes_same_bytes() {
        assert_eq!(message().to_bytes().unwrap(), message().to_bytes().unwrap());
    }

    #[test]
    fn message_id_follows_the_delivery_key() {
        let first = message().message_id().unwrap();
        let other = Message { delivery_key: "run-8/report/1".to_owned(), ..message() };
        assert_ne!(first, other.message_id().unwrap());
        assert!(first.ends_with("@rossi.example>"), "{first}");
        let text = String::from_utf8(message().to_bytes().unwrap()).unwrap();
        assert_eq!(text.matches("Message-ID:").count(), 1);
        assert!(text.contains(&first) && text.contains("Date: Sun, 01 Mar 2026 05:00:00 +0000"));
    }

    #[test]
    fn bytes_are_ascii_with_whole_line_ends() {
        let bytes = message().to_bytes().unwrap();
        assert!(bytes.is_ascii());
        let text = String::from_utf8(bytes).unwrap();
        assert!(!text.replace("\r\n", "").contains(['\r', '\n']));
    }

    #[test]
    fn line_break_in_subject_starts_no_header() {
        let subject = "Rossi\r\nBcc: spy@evil.example".to_owned();
        let text = String::from_utf8(Message { subject, ..message() }.to_bytes().unwrap()).unwrap();
        assert!(!text.lines().any(|line| line.starts_with("Bcc")), "{text}");
    }

    #[test]
    fn wrong_addresses_are_named() {
        for (wrong, reason) in [
            ("nobody", "it is not a mail address"),
            ("a@b@c", "it is not a mail address"),
            ("perché@rossi.example", "the address has letters outside ASCII"),
        ] {
            assert_eq!(check_address(wrong), Err(reason.to_owned()), "{wrong}");
            let error = Message { recipients: vec![wrong.to_owned()], ..message() }.to_bytes();
            assert!(error.unwrap_err().to_string().contains(wrong));
        }
        assert!(Message { recipients: vec![], ..message() }.to_bytes().is_err());
    }

    proptest! {
        #[test]
        fn no_text_breaks_out_of_its_place(
            text in "(?s)[\\r\\n.a\u{e8} ]{0,60}|.{0,200}",
            subject in "(?s).{0,80}",
            file_name in "(?s).{0,40}",
        ) {
            let mut message = Message { html: text.clone(), text, subject, ..message() };
            message.attachments[0].file_name = file_name;
            let bytes = message.to_bytes().unwrap();
            prop_assert!(bytes.is_ascii());
            let mail = String::from_utf8(bytes).unwrap();
            prop_assert!(!mail.replace("\r\n", "").contains(['\r', '\n']));
            prop_assert!(mail.split("\r\n").all(|line| line.len() <= 998));
            let head = mail.split("\r\n\r\n").next().unwrap();
            let names: Vec<&str> = head
                .split("\r\n")
                .filter(|line| !line.starts_with([' ', '\t']))
                .map(|line| line.split(':').next().unwrap())
                .collect();
            let wanted = [
                "Message-ID", "Date", "From", "Subject", "Auto-Submitted", "To", "MIME-Version",
                "Content-Type",
            ];
            prop_assert_eq!(names, wanted);
        }
    }
}
