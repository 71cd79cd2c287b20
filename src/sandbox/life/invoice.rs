//! The life of an invoice: booked, sent, and what the SdI and a public body say to it.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::super::books::{Books, InvoiceFate};
use super::super::data::partita_iva_holds;
use super::super::fattura::Fattura;
use super::super::invoice_text::{Ways, hand_over, invoice, mark};
use super::super::json::Object;
use super::super::receipts::company;
use super::super::state::{Collection, Shared};
use super::{Life, seconds, sweep};

/// Credit notes are counted apart from the other kinds.
const CREDIT_NOTES: [&str; 2] = ["TD04", "TD08"];

/// Is what an invoice has still to live.
#[derive(Debug)]
pub(in crate::sandbox) struct InvoiceLife {
    step: Step,
    fate: Fate,
    fattura: Arc<Fattura>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    HandOver,
    Answer,
    PublicBody,
}

/// Says what the SdI does, and in which words if it discards.
pub(in crate::sandbox) type Fate = (InvoiceFate, &'static str);

/// Decides what becomes of an invoice: as ordered, else by what stands in it.
pub(in crate::sandbox) fn fate_of(
    shared: &Shared,
    books: &mut Books,
    fattura: &Fattura,
    id: &str,
) -> Fate {
    if let Some(fate) = books.invoice_fates.pop_front() {
        return (fate, "00200 - File non conforme al formato");
    }
    if shared.habits().sdi_discards_repeats && is_repeated(shared, fattura, id) {
        return (InvoiceFate::Discarded, "00404 - Fattura duplicata");
    }
    let buyer = &fattura.recipient;
    if buyer.country == "IT" && !buyer.vat_id.is_empty() && !partita_iva_holds(&buyer.vat_id) {
        let message = "00305 - IdFiscaleIVA del cessionario/committente non valido";
        return (InvoiceFate::Discarded, message);
    }
    if fattura.is_for_public_body() {
        return (InvoiceFate::Accepted, "");
    }
    let has_address = fattura.recipient_code != "0000000" || fattura.has_certified_mail;
    (if has_address { InvoiceFate::Delivered } else { InvoiceFate::NotDelivered }, "")
}

/// Lets an invoice that was just taken begin to live.
pub(in crate::sandbox) fn begin(
    shared: &Shared,
    books: &mut Books,
    id: &str,
    now: DateTime<Utc>,
    fate: Fate,
    fattura: Fattura,
) {
    let at = now + seconds(shared.habits().pace.invoice_sent_after_s);
    let fattura = Arc::new(fattura);
    books.fatture.insert(id.to_owned(), Arc::clone(&fattura));
    sweep::changed(shared, books, id, now);
    books.plan(at, id, Life::Invoice(InvoiceLife { step: Step::HandOver, fate, fattura }));
}

pub(super) fn step(
    shared: &Shared,
    books: &mut Books,
    id: &str,
    mut life: InvoiceLife,
    at: DateTime<Utc>,
) {
    let Some(mut document) = shared.object(Collection::Invoices, id) else { return };
    let pace = shared.habits().pace;
    match (life.step, life.fate.0) {
        (Step::HandOver, fate) => {
            let number = books.new_number();
            let (country, sender) = (&life.fattura.sender.country, life.fattura.sender.id());
            let filename = format!("{country}{sender}_{:05}.xml", number % 100_000);
            hand_over(&mut document, &(15_000_000_000 + u64::from(number)).to_string(), &filename);
            mark(&mut document, "SENT", "SENT", "", at);
            if fate != InvoiceFate::Stuck {
                life.step = Step::Answer;
                let next = at + seconds(pace.invoice_delivered_after_s);
                books.plan(next, id, Life::Invoice(life));
            }
        }
        (Step::Answer, InvoiceFate::Discarded) => {
            mark(&mut document, "ERROR", "ERROR", life.fate.1, at);
        }
        (Step::Answer, InvoiceFate::NotDelivered) => {
            let message =
                "Recapito non disponibile: fattura messa a disposizione nell'area riservata";
            mark(&mut document, "DONE", "NOT_DELIVERED", message, at);
        }
        (Step::Answer, fate) => {
            deliver(shared, books, &document, &life.fattura, at);
            let waits_s = match fate {
                InvoiceFate::TermsExpired => Some(pace.terms_expire_after_s),
                InvoiceFate::Accepted | InvoiceFate::Rejected => {
                    Some(pace.public_body_answers_after_s)
                }
                _ if life.fattura.is_for_public_body() => Some(pace.terms_expire_after_s),
                _ => None,
            };
            // Delivery is not the end where a public body has still to answer.
            let state = if waits_s.is_some() { "SENT" } else { "DONE" };
            mark(&mut document, state, "DELIVERED", "", at);
            if let Some(waits_s) = waits_s {
                life.step = Step::PublicBody;
                books.plan(at + seconds(waits_s), id, Life::Invoice(life));
            }
        }
        (Step::PublicBody, InvoiceFate::Rejected) => {
            mark(&mut document, "ERROR", "REJECTED", "EC02 - Ordine non riconosciuto", at);
        }
        (Step::PublicBody, InvoiceFate::Accepted) => {
            mark(&mut document, "DONE", "ACCEPTED", "", at);
        }
        (Step::PublicBody, _) => mark(&mut document, "DONE", "TERMS_EXPIRED", "", at),
    }
    shared.put_back(Collection::Invoices, &document);
    sweep::changed(shared, books, id, at);
}

/// Hands the invoice to its buyer, if the buyer is a company of this account.
fn deliver(
    shared: &Shared,
    books: &mut Books,
    document: &Object,
    fattura: &Arc<Fattura>,
    at: DateTime<Utc>,
) {
    let details = document.object("details").unwrap_or_default();
    let text = |name| details.string(name).unwrap_or_default();
    let from_sdi = (text("sdi_id"), text("sdi_filename"));
    arrive(shared, books, Arc::clone(fattura), from_sdi, at);
}

/// Takes in a supplier's invoice, as the SdI would; returns its id if somebody wants it.
pub(in crate::sandbox) fn receive(
    shared: &Shared,
    books: &mut Books,
    fattura: Fattura,
    at: DateTime<Utc>,
) -> Option<String> {
    let number = books.new_number();
    let sender = &fattura.sender;
    let filename = format!("{}{}_{:05}.xml.p7m", sender.country, sender.id(), number % 100_000);
    let from_sdi = ((15_000_000_000 + u64::from(number)).to_string(), filename);
    arrive(shared, books, Arc::new(fattura), from_sdi, at)
}

fn arrive(
    shared: &Shared,
    books: &mut Books,
    fattura: Arc<Fattura>,
    (sdi_id, filename): (String, String),
    at: DateTime<Utc>,
) -> Option<String> {
    let buyer = fattura.recipient.id().to_owned();
    let company = company(shared, books, &buyer, at)?;
    company.flag("supplier_invoice").filter(|wants| *wants)?;
    let id = books.new_id(at);
    let mut received = invoice(&fattura, Ways::into(&buyer), &id, at);
    hand_over(&mut received, &sdi_id, &filename);
    mark(&mut received, "RECEIVED", "RECEIVED", "", at);
    shared.put_back(Collection::Invoices, &received);
    books.fatture.insert(id.clone(), fattura);
    sweep::changed(shared, books, &id, at);
    Some(id)
}

/// Tells whether the SdI knows another invoice of this sender, year, kind and number.
fn is_repeated(shared: &Shared, fattura: &Fattura, id: &str) -> bool {
    let is_credit = |kind: &str| CREDIT_NOTES.contains(&kind);
    let year = fattura.date.get(..4);
    let shelf = shared.read(Collection::Invoices);
    shelf.iter().any(|other| {
        other.id != id
            && other.fiscal_id == fattura.sender.id()
            && other.direction == "outgoing"
            && other.status != "ERROR"
            && other.document_number == fattura.number
            && is_credit(&other.kind) == is_credit(&fattura.kind)
            && other.dated_day.map(|day| day.format("%Y").to_string()).as_deref() == year
    })
}
