//! Invoices that are sent to the SdI, and invoices that are imported.

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};

use super::answer::{self, Refusal};
use super::body::{self, optional};
use super::books::Books;
use super::effects::{Effect, EffectKind, Purchase};
use super::fattura::{Fattura, Unreadable};
use super::habits::DuplicateImport;
use super::invoice_text::{Ways, invoice};
use super::json::Object;
use super::life::{self};
use super::receipts::company;
use super::state::{Collection, Shared};

/// The statuses with which an invoice can be imported: the final ones.
const FINAL: [&str; 5] = ["DELIVERED", "ACCEPTED", "REJECTED", "TERMS_EXPIRED", "NOT_DELIVERED"];

/// Takes an invoice and hands it to the SdI in its time.
pub(super) fn send(
    shared: &Shared,
    headers: &HeaderMap,
    content: &[u8],
) -> Result<Response, Refusal> {
    let signs_itself = signature(headers)?;
    let fattura = Fattura::read(content).map_err(|unreadable| match unreadable {
        Unreadable::Structure => Refusal::bad("Invalid XML structure"),
        Unreadable::Field(name) => unprocessable(&format!("Missing required field: {name}")),
    })?;
    let now = shared.now();
    let mut books = shared.books();
    let fiscal_id = fattura.sender.id().to_owned();
    let seller = company(shared, &mut books, &fiscal_id, now);
    if seller.and_then(|seller| seller.flag("customer_invoice")) != Some(true) {
        let message = "Permission denied for this fiscal_id";
        return Err(Refusal::new(StatusCode::FORBIDDEN, message, 403));
    }
    // What goes to a public body must be signed; the vendor does it where nobody else does.
    if fattura.is_for_public_body() && !signs_itself {
        books.pay_all(&[Purchase::Invoice, Purchase::Signature], now)?;
    } else {
        books.pay(Purchase::Invoice, now)?;
    }
    let id = books.new_id(now);
    let document = invoice(&fattura, Ways::out(&fiscal_id), &id, now);
    let fate = life::fate_of(shared, &mut books, &fattura, &id);
    shared.put_back(Collection::Invoices, &document);
    let kind = EffectKind::InvoiceSent;
    let key = fattura.number.clone();
    books.effects.push(Effect { kind, fiscal_id, key, id: id.clone(), at: now });
    life::begin_invoice(shared, &mut books, &id, now, fate, fattura);
    Ok(answer::written(&document.text(), ""))
}

/// Takes an invoice that went another way; it is final at once.
pub(super) fn import(shared: &Shared, content: &[u8]) -> Result<Response, Refusal> {
    let bad = || Refusal::bad("Invalid input data");
    let body = body::object(content)?;
    let given: String = body::required(&body, "invoice").map_err(|_| bad())?;
    let fattura = Fattura::read(&plain(&given).ok_or_else(bad)?).map_err(|_| bad())?;
    let details = Details::read(&body)?;
    let now = shared.now();
    let mut books = shared.books();
    let ways = ways(shared, &mut books, &fattura, now).ok_or_else(Refusal::unknown_company)?;
    let mut document = invoice(&fattura, ways, "", now);
    details.write_into(&mut document, ways.is_outgoing, now);
    if let Some(known) = known(shared, &document) {
        let message = "This invoice already exists";
        return match shared.habits().duplicate_import {
            DuplicateImport::Refused => Err(Refusal::bad(message)),
            DuplicateImport::Conflict => Err(Refusal::new(StatusCode::CONFLICT, message, 409)),
            DuplicateImport::SameAgain => Ok(answer::written(&known.text(), message)),
        };
    }
    books.pay(Purchase::Import, now)?;
    let id = books.new_id(now);
    document.set("id", &id);
    shared.put_back(Collection::Invoices, &document);
    let (fiscal_id, key) = (ways.fiscal_id.to_owned(), fattura.number.clone());
    let kind = EffectKind::InvoiceImported;
    books.effects.push(Effect { kind, fiscal_id, key, id, at: now });
    Ok(answer::written(&document.text(), "Invoice imported"))
}

/// Reads whether the sender signs by a service of its own.
fn signature(headers: &HeaderMap) -> Result<bool, Refusal> {
    let given = |name| headers.get(name).is_some_and(|value| !value.is_empty());
    match (given("x-signature-user"), given("x-signature-password")) {
        (true, true) => Ok(true),
        (false, false) => Ok(false),
        _ => Err(unprocessable("X-Signature-User and X-Signature-Password belong together")),
    }
}

fn unprocessable(message: &str) -> Refusal {
    let message = format!("Validation Error: {message}");
    Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, &message, 422)
}

/// Returns the XML of a text that is XML or base64 of it.
fn plain(given: &str) -> Option<Vec<u8>> {
    let given = given.trim().trim_start_matches('\u{feff}');
    if given.starts_with('<') {
        return Some(given.as_bytes().to_vec());
    }
    let packed: String = given.chars().filter(|one| !one.is_whitespace()).collect();
    STANDARD.decode(packed).ok()
}

/// Finds whose invoice it is: the seller's if registered, else the buyer's.
fn ways<'a>(
    shared: &Shared,
    books: &mut Books,
    fattura: &'a Fattura,
    now: DateTime<Utc>,
) -> Option<Ways<'a>> {
    let mut registered = |id: &str| company(shared, books, id, now).is_some();
    if registered(fattura.sender.id()) {
        return Some(Ways::out(fattura.sender.id()));
    }
    registered(fattura.recipient.id()).then(|| Ways::into(fattura.recipient.id()))
}

/// Finds an invoice with this SdI id, or with this owner, number, date and direction.
fn known(shared: &Shared, document: &Object) -> Option<Object> {
    let text = |name| document.string(name).unwrap_or_default();
    let sdi_id = document.object("details").and_then(|details| details.string("sdi_id"));
    let needle = sdi_id.map(|id| format!(r#""sdi_id":"{id}""#));
    let date = text("issue_date").parse().ok();
    let (fiscal_id, number, direction) =
        (text("fiscal_id"), text("document_number"), text("direction"));
    let shelf = shared.read(Collection::Invoices);
    let found = shelf.iter().find(|one| {
        let has_id = needle.as_ref().is_some_and(|needle| {
            std::str::from_utf8(&one.raw).is_ok_and(|raw| raw.contains(needle))
        });
        has_id
            || one.fiscal_id == fiscal_id
                && one.document_number == number
                && one.direction == direction
                && one.dated_day == date
    });
    found?.object()
}

/// Is what an import says about the invoice's way through the SdI.
#[derive(Debug, Default)]
struct Details {
    sdi_id: Option<String>,
    filename: Option<String>,
    status: Option<String>,
    message: Option<String>,
    update_date: Option<String>,
    invoice_date: Option<String>,
}

impl Details {
    fn read(body: &Object) -> Result<Self, Refusal> {
        let given: Object = optional(body, "details")?.unwrap_or_default();
        let status: Option<String> = optional(&given, "sdi_status")?;
        if status.as_ref().is_some_and(|status| !FINAL.contains(&status.as_str())) {
            return Err(body::invalid("sdi_status"));
        }
        let update_date: Option<String> = optional(&given, "sdi_update_date")?;
        if update_date.as_ref().is_some_and(|at| DateTime::parse_from_rfc3339(at).is_err()) {
            return Err(body::invalid("sdi_update_date"));
        }
        let invoice_date: Option<String> = optional(&given, "invoice_date")?;
        let is_day = |day: &String| day.len() == 10 && day.parse::<chrono::NaiveDate>().is_ok();
        if invoice_date.as_ref().is_some_and(|day| !is_day(day)) {
            return Err(body::invalid("invoice_date"));
        }
        Ok(Self {
            sdi_id: optional(&given, "sdi_id")?,
            filename: optional(&given, "sdi_filename")?,
            status,
            message: optional(&given, "sdi_message")?,
            update_date,
            invoice_date,
        })
    }

    fn write_into(self, document: &mut Object, is_outgoing: bool, now: DateTime<Utc>) {
        let usual = if is_outgoing { "DELIVERED" } else { "RECEIVED" };
        let status = self.status.unwrap_or_else(|| usual.into());
        let state = match status.as_str() {
            _ if !is_outgoing => "RECEIVED",
            "REJECTED" => "ERROR",
            _ => "DONE",
        };
        document.set("state", state);
        let mut details = document.object("details").unwrap_or_default();
        details.set("sdi_id", self.sdi_id);
        details.set("sdi_filename", self.filename);
        details.set("sdi_status", status);
        details.set("sdi_message", self.message.unwrap_or_default());
        let at = self.update_date.unwrap_or_else(|| super::invoice_text::spaced(now));
        details.set("sdi_update_date", at);
        if let Some(day) = self.invoice_date {
            details.set("invoice_date", day);
        }
        document.set("details", details);
    }
}
