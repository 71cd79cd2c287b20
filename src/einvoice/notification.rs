//! A notification of the SdI: what became of a transmitted file.

use chrono::{DateTime, NaiveDate, Utc};

use crate::fiscal::words;

words! {
    /// Names the kinds of notification by the letters in their file names.
    NotificationKind {
        /// Delivered to the recipient.
        Delivered = "RC",
        /// Rejected by the SdI: the invoice was never issued.
        Rejected = "NS",
        /// Not delivered: valid, kept for the buyer on the tax portal.
        NotDelivered = "MC",
        /// The public body's outcome, as the SdI passes it to the sender.
        Outcome = "NE",
        /// The public body's outcome, as it tells the SdI.
        BuyerOutcome = "EC",
        /// The SdI refuses the outcome that the public body sent.
        OutcomeRefused = "SE",
        /// The public body let its time pass.
        DeadlinePassed = "DT",
        /// The public body cannot be reached; the file counts as transmitted.
        Attestation = "AT",
        /// The metadata that come with a received file.
        Metadata = "MT",
    }
}

words! {
    /// Names the outcome that a public body gives.
    Outcome {
        /// Accepted (EC01).
        Accepted = "accepted",
        /// Refused (EC02).
        Refused = "refused",
    }
}

/// Holds one notification, as the SdI wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// Which one it is.
    pub kind: NotificationKind,
    /// The SdI's identifier of the file.
    pub sdi_id: Option<String>,
    /// The name of the file that it is about.
    pub file_name: Option<String>,
    /// The SHA-256 of that file, lower-case hexadecimal.
    pub file_hash: Option<String>,
    /// The day on which the SdI received the file.
    pub received_on: Option<NaiveDate>,
    /// The day on which it delivered it, or made it available.
    pub delivered_on: Option<NaiveDate>,
    /// When the SdI said so: the instant of delivery, or else of receipt.
    pub said_at: Option<DateTime<Utc>>,
    /// Why the SdI rejected the file.
    pub errors: Vec<SdiError>,
    /// What the public body said.
    pub outcome: Option<Outcome>,
    /// Which invoices of the file it is about; empty means all.
    pub invoices: Vec<InvoiceReference>,
    /// The recipient's code.
    pub recipient_code: Option<String>,
    /// The SdI's identifier of the message.
    pub message_id: Option<String>,
    /// Free text.
    pub note: Option<String>,
}

/// Holds one reason for a rejection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SdiError {
    /// The official code, such as `00404`.
    pub code: String,
    /// The SdI's sentence.
    pub description: String,
}

/// Holds which invoice of a file a notification is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceReference {
    /// The invoice's number.
    pub number: Option<String>,
    /// The invoice's year.
    pub year: Option<i32>,
    /// Its position in the file, from 1.
    pub position: Option<usize>,
}

/// Tells how a notification was matched to its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameMatch {
    /// By the very name that the notification states.
    Exact,
    /// By the name without `.p7m`: the file was unwrapped since.
    Unwrapped,
    /// By the name in another letter case; two such files may differ.
    LetterCase,
}

impl Notification {
    /// Returns which of the names given is the file that this is about.
    ///
    /// The name as stated wins, then the same without `.p7m`, then the same in another
    /// letter case if there is only one: the SdI accepts two files that differ in case.
    #[must_use]
    pub fn find_file<'n>(
        &self,
        names: impl IntoIterator<Item = &'n str>,
    ) -> Option<(&'n str, NameMatch)> {
        let wanted = self.file_name.as_deref()?;
        let names: Vec<&str> = names.into_iter().collect();
        if let Some(name) = names.iter().find(|name| **name == wanted) {
            return Some((name, NameMatch::Exact));
        }
        if let Some(name) = names.iter().find(|name| stem(name) == stem(wanted)) {
            return Some((name, NameMatch::Unwrapped));
        }
        let lower = stem(wanted).to_lowercase();
        let mut alike = names.iter().filter(|name| stem(name).to_lowercase() == lower);
        match (alike.next(), alike.next()) {
            (Some(name), None) => Some((name, NameMatch::LetterCase)),
            _ => None,
        }
    }
}

/// Returns a file name without its extensions: `IT01234567897_00001`.
pub(crate) fn stem(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(name: &str) -> Notification {
        Notification {
            kind: NotificationKind::Delivered,
            sdi_id: None,
            file_name: Some(name.to_owned()),
            file_hash: None,
            received_on: None,
            delivered_on: None,
            said_at: None,
            errors: Vec::new(),
            outcome: None,
            invoices: Vec::new(),
            recipient_code: None,
            message_id: None,
            note: None,
        }
    }

    #[test]
    fn stated_name_wins_over_unwrapped() {
        let names = ["IT1_a.xml", "IT1_a.xml.p7m"];
        let found = about("IT1_a.xml.p7m").find_file(names);
        assert_eq!(found, Some(("IT1_a.xml.p7m", NameMatch::Exact)));
        let found = about("IT1_a.xml.p7m").find_file(["IT1_a.xml"]);
        assert_eq!(found, Some(("IT1_a.xml", NameMatch::Unwrapped)));
    }

    #[test]
    fn two_letter_cases_match_neither() {
        assert_eq!(about("IT1_AB.xml").find_file(["IT1_ab.xml", "IT1_Ab.xml"]), None);
        let found = about("IT1_AB.xml").find_file(["IT1_ab.xml"]);
        assert_eq!(found, Some(("IT1_ab.xml", NameMatch::LetterCase)));
    }
}
