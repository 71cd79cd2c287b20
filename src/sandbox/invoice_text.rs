//! An invoice as the vendor shows it, written from the file that was sent.

use chrono::{DateTime, Utc};

use super::data::wire::{self, Details};
use super::fattura::{Fattura, Party};
use super::json::Object;

/// Says whose invoice it is, and whether its owner sent it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ways<'a> {
    pub(super) fiscal_id: &'a str,
    pub(super) is_outgoing: bool,
}

impl<'a> Ways<'a> {
    pub(super) fn out(fiscal_id: &'a str) -> Self {
        Self { fiscal_id, is_outgoing: true }
    }

    pub(super) fn into(fiscal_id: &'a str) -> Self {
        Self { fiscal_id, is_outgoing: false }
    }
}

/// Writes an invoice down: a sent one new and booked, a received one received.
pub(super) fn invoice(fattura: &Fattura, ways: Ways<'_>, id: &str, now: DateTime<Utc>) -> Object {
    let (state, direction, sdi_status) = if ways.is_outgoing {
        ("NEW", "outgoing", "BOOKED")
    } else {
        ("RECEIVED", "incoming", "RECEIVED")
    };
    let text = wire::text(&wire::Invoice {
        id: id.to_owned(),
        state,
        direction,
        fiscal_id: ways.fiscal_id,
        kind: &fattura.kind,
        document_number: &fattura.number,
        issue_date: fattura.date.clone(),
        total_gross_amount: fattura.total(),
        sender: party(&fattura.sender),
        recipient: party(&fattura.recipient),
        details: Details {
            sdi_id: None,
            sdi_filename: None,
            sdi_status,
            sdi_message: "",
            sdi_update_date: None,
            invoice_date: fattura.date.clone(),
        },
        create_at: Some(spaced(now)),
        created_at: None,
        updated_at: spaced(now),
    });
    Object::read(&text).expect("a struct is an object")
}

/// Gives an invoice its state and what the SdI says about it.
pub(super) fn mark(
    document: &mut Object,
    state: &str,
    sdi_status: &str,
    sdi_message: &str,
    at: DateTime<Utc>,
) {
    document.set("state", state);
    let mut details = document.object("details").unwrap_or_default();
    details.set("sdi_status", sdi_status);
    details.set("sdi_message", sdi_message);
    details.set("sdi_update_date", spaced(at));
    document.set("details", details);
    document.set("updated_at", spaced(at));
}

/// Gives an invoice the id and the name under which the SdI knows it.
pub(super) fn hand_over(document: &mut Object, sdi_id: &str, filename: &str) {
    let mut details = document.object("details").unwrap_or_default();
    details.set("sdi_id", sdi_id);
    details.set("sdi_filename", filename);
    document.set("details", details);
}

/// Writes a moment as invoices show it.
pub(super) fn spaced(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S +00:00").to_string()
}

fn party(party: &Party) -> wire::Party<'_> {
    wire::Party {
        name: &party.name,
        vat_id: party.vat_id.clone(),
        tax_code: &party.tax_code,
        street: &party.street,
        city: &party.city,
        zip: &party.zip,
        province: &party.province,
        country_code: &party.country,
        phone: None,
        email: None,
    }
}
