//! Callbacks of invoices: once a minute, what changed since the last round is told.

use chrono::{DateTime, Duration, Utc};
use serde_json::value::RawValue;

use super::Life;
use crate::sandbox::books::Books;
use crate::sandbox::callbacks::{News, announce};
use crate::sandbox::fattura::{Fattura, Group};
use crate::sandbox::json::Object;
use crate::sandbox::money::Number;
use crate::sandbox::state::{Collection, Shared};

/// The name under which the round stands in the agenda; no document is called so.
const ROUND: &str = "sweep";

/// Notes that an invoice changed, so that the next round tells it.
pub(in crate::sandbox) fn changed(shared: &Shared, books: &mut Books, id: &str, at: DateTime<Utc>) {
    books.changed.insert(id.to_owned());
    if books.lives.contains_key(ROUND) {
        return;
    }
    let every_s = i64::from(shared.habits().pace.callback_sweep_s.max(1));
    let wait_s = every_s - at.timestamp().rem_euclid(every_s);
    books.plan(at + Duration::seconds(wait_s), ROUND, Life::Sweep);
}

/// Tells every invoice that changed, in the state it has by now.
pub(super) fn round(shared: &Shared, books: &mut Books, at: DateTime<Utc>) {
    for id in std::mem::take(&mut books.changed) {
        let Some(invoice) = shared.object(Collection::Invoices, &id) else { continue };
        let fiscal_id = invoice.string("fiscal_id").unwrap_or_default();
        let is_outgoing = invoice.string("direction").as_deref() == Some("outgoing");
        let event = if is_outgoing { "customer-invoice" } else { "supplier-invoice" };
        let document = told(&invoice, books.fatture.get(&id).map(AsRef::as_ref));
        let news = News { event, fiscal_id: &fiscal_id, document: &document, is_double: false };
        announce(shared, books, news, at);
    }
}

/// Returns the invoice as callbacks show it: with its lines, without what lists filter by.
fn told(invoice: &Object, fattura: Option<&Fattura>) -> Object {
    let mut told = Object::default();
    let copy = |told: &mut Object, names: &[&str]| {
        for name in names {
            told.set(name, invoice.get::<Box<RawValue>>(name));
        }
    };
    copy(&mut told, &["id", "state", "direction", "document_number"]);
    if let Some(fattura) = fattura {
        told.set("currency", &fattura.currency);
        told.set("total_amount_excluding_tax", fattura.taxable());
        told.set("total_tax_amount", fattura.vat());
        told.set("total_amount_including_tax", fattura.taxable().plus(fattura.vat()));
        told.set("total_payable_amount", fattura.total());
        copy(&mut told, &["type"]);
        told.set("invoice_lines", fattura.lines.iter().map(line).collect::<Vec<_>>());
        told.set("payment_means", fattura.payments.iter().map(payment).collect::<Vec<_>>());
        told.set("transmission_id", &fattura.transmission);
    } else {
        copy(&mut told, &["type"]);
    }
    copy(&mut told, &["details", "sender", "recipient"]);
    let created = if invoice.has("create_at") { "create_at" } else { "created_at" };
    copy(&mut told, &[created, "updated_at"]);
    told
}

fn line(line: &Group) -> Object {
    let mut told = Object::default();
    told.set("description", text(line, "Descrizione"));
    told.set("quantity", number(line, "Quantita").unwrap_or(Number::cents(100)));
    told.set("unit_price", number(line, "PrezzoUnitario"));
    told.set("total_net_amount", number(line, "PrezzoTotale"));
    told.set("tax_rate", number(line, "AliquotaIVA"));
    told.set("item_code", text(line, "CodiceValore"));
    told
}

fn payment(payment: &Group) -> Object {
    let mut told = Object::default();
    told.set("payment_mode", text(payment, "ModalitaPagamento"));
    told.set("due_date", text(payment, "DataScadenzaPagamento"));
    told.set("amount", number(payment, "ImportoPagamento"));
    told.set("financial_account", text(payment, "IBAN"));
    told
}

fn text<'a>(group: &'a Group, name: &str) -> Option<&'a String> {
    group.get(name)
}

fn number(group: &Group, name: &str) -> Option<Number> {
    group.get(name).and_then(|text| Number::parse(text))
}
