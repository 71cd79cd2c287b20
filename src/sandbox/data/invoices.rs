//! One electronic invoice as the vendor shows it: parties, gross total and its fate at the SdI.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::companies::Contact;
use super::wire::{self, Details};
use super::{iso, new_id, rome};
use crate::sandbox::money::Number;

/// Is one invoice before it is written down.
#[derive(Clone, Debug)]
pub(super) struct Invoice {
    pub(super) id: String,
    pub(super) fiscal_id: String,
    pub(super) outgoing: bool,
    pub(super) kind: &'static str,
    pub(super) number: String,
    pub(super) issue_date: NaiveDate,
    pub(super) gross_cents: i64,
    pub(super) sender: Contact,
    pub(super) recipient: Contact,
    pub(super) fate: Fate,
    pub(super) sdi_id: Option<u64>,
    pub(super) created: DateTime<Utc>,
}

/// Says what became of an invoice; each names a state and a status of the vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Taken by the vendor, not yet at the SdI.
    Booked,
    /// At the SdI, no answer yet; also a delivered one that a public body has not answered.
    Sent,
    /// Delivered to a public body, which has fifteen days to answer.
    DeliveredToPublicBody,
    /// Delivered: final.
    Delivered,
    /// Delivered, spelled as on the vendor's product page.
    DeliveredInTitleCase,
    /// Put into the buyer's tax drawer: issued, but the buyer must be told.
    NotDelivered,
    /// Accepted by the public body.
    Accepted,
    /// The public body let its fifteen days pass.
    TermsExpired,
    /// Refused by the public body, though issued.
    Rejected,
    /// Discarded by the SdI: never issued.
    Discarded,
    /// Came in from a supplier.
    Received,
    /// Came in, and the vendor left the status empty as its samples do.
    ReceivedWithoutStatus,
}

impl Fate {
    fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Booked => ("NEW", "BOOKED", ""),
            Self::Sent => ("SENT", "SENT", ""),
            Self::DeliveredToPublicBody => ("SENT", "DELIVERED", ""),
            Self::Delivered => ("DONE", "DELIVERED", ""),
            Self::DeliveredInTitleCase => ("DONE", "Delivered", ""),
            Self::NotDelivered => (
                "DONE",
                "NOT_DELIVERED",
                "Recapito non disponibile: fattura messa a disposizione nell'area riservata",
            ),
            Self::Accepted => ("DONE", "ACCEPTED", ""),
            Self::TermsExpired => ("DONE", "TERMS_EXPIRED", ""),
            Self::Rejected => ("ERROR", "REJECTED", "EC02 - Ordine non riconosciuto"),
            Self::Discarded => {
                ("ERROR", "ERROR", "00305 - IdFiscaleIVA del cessionario/committente non valido")
            }
            Self::Received => ("RECEIVED", "RECEIVED", ""),
            Self::ReceivedWithoutStatus => ("RECEIVED", "", ""),
        }
    }
}

impl Invoice {
    /// Makes an invoice that reached the vendor up to two days after its date.
    pub(super) fn new(
        dice: &mut ChaCha8Rng,
        parties: (&Contact, &Contact),
        outgoing: bool,
        number: String,
        issue_date: NaiveDate,
    ) -> Self {
        let (sender, recipient) = parties;
        let owner = if outgoing { sender } else { recipient };
        let day = issue_date + Duration::days(dice.random_range(0..=2));
        let time = (dice.random_range(8..20), dice.random_range(0..60), dice.random_range(0..60));
        let created = rome(day, time.0, time.1, time.2);
        Self {
            id: new_id(dice, created),
            fiscal_id: owner.vat_id.clone(),
            outgoing,
            kind: "TD01",
            number,
            issue_date,
            gross_cents: amount(dice),
            sender: sender.clone(),
            recipient: recipient.clone(),
            fate: if outgoing { Fate::Delivered } else { Fate::Received },
            sdi_id: Some(14_000_000_000 + dice.random_range(0..900_000_000_u64)),
            created,
        }
    }

    /// Turns it into a self-invoice of its recipient, and returns how it comes back.
    ///
    /// The SdI delivers it to its own sender: one document and one SdI id, but two ids here.
    pub(super) fn become_self_invoice(&mut self, dice: &mut ChaCha8Rng) -> Self {
        self.fiscal_id.clone_from(&self.recipient.vat_id);
        self.kind = "TD17";
        let created = self.created + Duration::minutes(40);
        Self {
            id: new_id(dice, created),
            outgoing: false,
            fate: Fate::Received,
            created,
            ..self.clone()
        }
    }

    /// Writes the invoice as the vendor serves it.
    pub(super) fn text(&self) -> String {
        let (state, sdi_status, sdi_message) = self.fate.words();
        let updated = self.created + Duration::minutes(3);
        let spaced = |at: DateTime<Utc>| at.format("%Y-%m-%d %H:%M:%S +00:00").to_string();
        // One document in five shows the moment as receipts do.
        let as_receipts = self.id.bytes().last().is_some_and(|last| last % 5 == 0);
        let signed = if self.outgoing { "" } else { ".p7m" };
        wire::text(&wire::Invoice {
            id: self.id.clone(),
            state,
            direction: if self.outgoing { "outgoing" } else { "incoming" },
            fiscal_id: &self.fiscal_id,
            kind: self.kind,
            document_number: &self.number,
            issue_date: self.issue_date.to_string(),
            total_gross_amount: Number::cents(self.gross_cents),
            sender: self.sender.wire(),
            recipient: self.recipient.wire(),
            details: Details {
                sdi_id: self.sdi_id.map(|id| id.to_string()),
                sdi_filename: self.sdi_id.map(|id| {
                    let country = self.sender.country;
                    let sender = &self.sender.vat_id;
                    format!("{country}{sender}_{:05}.xml{signed}", id % 100_000)
                }),
                sdi_status,
                sdi_message,
                sdi_update_date: (self.fate != Fate::Booked).then(|| spaced(updated)),
                invoice_date: self.issue_date.to_string(),
            },
            create_at: (!as_receipts).then(|| spaced(self.created)),
            created_at: as_receipts.then(|| iso(self.created)),
            updated_at: spaced(updated),
        })
    }
}

/// Small amounts are more common than large ones.
fn amount(dice: &mut ChaCha8Rng) -> i64 {
    let scale = [10_000, 50_000, 200_000, 1_500_000][dice.random_range(0..4_u32) as usize];
    dice.random_range(1_500..scale)
}
