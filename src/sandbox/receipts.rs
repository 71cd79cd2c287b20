//! Receipts that are sent: a sale, a return of items, a void.
//!
//! What is not documented is refused by 400 with a text that says why; the list of these
//! choices is in `ASSUMPTIONS.md`.

use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Duration, Utc};

use super::answer::{self, Refusal};
use super::body;
use super::books::Books;
use super::data::iso;
use super::document::moment;
use super::effects::{Effect, EffectKind, Purchase};
use super::json::Object;
use super::life::{self, Life};
use super::money::Number;
use super::sale;
use super::state::{Collection, Shared};

/// How long after it was taken a sale can be voided.
const VOID_WITHIN: Duration = Duration::hours(24);

/// Takes a sale.
pub(super) fn create(shared: &Shared, content: &[u8]) -> Result<Response, Refusal> {
    let body = body::object(content)?;
    let fiscal_id = body
        .string("fiscal_id")
        .filter(|id| !id.is_empty())
        .ok_or_else(|| Refusal::new(StatusCode::BAD_REQUEST, "Missing fiscal_id", 423))?;
    let now = shared.now();
    let mut books = shared.books();
    let company = company(shared, &mut books, &fiscal_id, now).ok_or_else(|| {
        let message = "Fiscal ID not found or not registered, use endpoint \
                       /IT_configurations to register it";
        Refusal::not_found(message, 424)
    })?;
    if company.flag("receipts") != Some(true) {
        let message = "receipts service is not enabled for the user, set receipts to true \
                       in configuration";
        return Err(Refusal::new(StatusCode::BAD_REQUEST, message, 174));
    }
    let sale = sale::Sale::read(&body, shared.habits())?;
    books.pay(Purchase::Receipt, now)?;
    let id = books.new_id(now);
    let mut receipt = sale.receipt(&fiscal_id, &id, now);
    let kind = EffectKind::ReceiptCreated;
    let key = sale.tags.join(",");
    books.effects.push(Effect { kind, fiscal_id, key, id: id.clone(), at: now });
    shared.put_back(Collection::Receipts, &receipt);
    life::begin_receipt(shared, &mut books, &id, now, Vec::new());
    // The first answer nests what lists show flat.
    if !sale.tags.is_empty() {
        receipt.set("tags", [&sale.tags]);
    }
    Ok(answer::written(&receipt.text(), ""))
}

/// Takes items back: the answer is a new receipt.
pub(super) fn give_back(shared: &Shared, id: &str, content: &[u8]) -> Result<Response, Refusal> {
    let body = body::object(content)?;
    let wanted: Vec<Object> = body::required(&body, "items")?;
    let now = shared.now();
    let mut books = shared.books();
    let sale = issued_sale(shared, id)?;
    let mut back: Vec<(String, Number)> = Vec::new();
    for item in &wanted {
        let item_id: String = body::required(item, "id")?;
        // A single read shows ids within quotes, and some clients send them back so.
        let item_id = item_id.trim_matches('\'').to_owned();
        let quantity = body::required_amount(item, "quantity")?;
        if quantity == Number::ZERO {
            return Err(body::invalid("quantity"));
        }
        back.push((item_id, quantity));
    }
    if back.is_empty() {
        return Err(body::invalid("items"));
    }
    check_left(&books, shared, id, &sale, &back)?;
    books.pay(Purchase::Return, now)?;
    let mut child = child(&mut books, &sale, id, "return", now);
    child.set("items", [Object::default()]);
    let child_id = keep_child(shared, &mut books, &child, EffectKind::ReturnCreated, now);
    life::begin_receipt(shared, &mut books, &child_id, now, back);
    Ok(answer::written(&child.text(), ""))
}

/// Voids a sale: the answer is a new receipt.
pub(super) fn void(shared: &Shared, id: &str) -> Result<Response, Refusal> {
    let now = shared.now();
    let mut books = shared.books();
    let mut sale = issued_sale(shared, id)?;
    let created = sale.string("created_at").and_then(|text| moment(&text));
    if created.is_some_and(|created| now - created > VOID_WITHIN) {
        return Err(Refusal::bad("A receipt can be voided within 24 hours only"));
    }
    if children(shared, id).iter().any(|one| one.string("status").as_deref() != Some("failed")) {
        return Err(Refusal::bad("The receipt is voided or returned already"));
    }
    books.pay(Purchase::Void, now)?;
    let mut child = child(&mut books, &sale, id, "void", now);
    let items = sale.objects("items").unwrap_or_default();
    child.set("items", &items);
    let child_id = keep_child(shared, &mut books, &child, EffectKind::VoidCreated, now);
    life::begin_receipt(shared, &mut books, &child_id, now, Vec::new());
    if shared.habits().voided_at_once {
        sale.set("status", "voided");
        shared.put_back(Collection::Receipts, &sale);
    }
    // Of the items the vendor shows the first one only, and that as an object.
    child.set("items", items.first());
    Ok(answer::voided(&child.text(), &format!("voided receipt: {id}")))
}

/// Returns a company that can be seen by now.
pub(super) fn company(
    shared: &Shared,
    books: &mut Books,
    fiscal_id: &str,
    now: DateTime<Utc>,
) -> Option<Object> {
    if books.ghosts.contains(fiscal_id) || books.standing(fiscal_id).visible_from > now {
        return None;
    }
    shared.read(Collection::Configurations).by_fiscal_id(fiscal_id)?.object()
}

/// Returns a sale that is ready, or says why there is none.
fn issued_sale(shared: &Shared, id: &str) -> Result<Object, Refusal> {
    let sale = shared
        .object(Collection::Receipts, id)
        .ok_or_else(|| Refusal::not_found("Receipt not found", 404))?;
    if sale.string("type").as_deref() != Some("sale") {
        return Err(Refusal::bad("Only a sale can be voided or returned"));
    }
    match sale.string("status").as_deref() {
        Some("ready") => Ok(sale),
        Some("voided") => Err(Refusal::bad("The receipt is voided already")),
        _ => Err(Refusal::bad("The receipt is not ready")),
    }
}

/// Refuses to take more back than was sold and not yet taken back.
fn check_left(
    books: &Books,
    shared: &Shared,
    id: &str,
    sale: &Object,
    back: &[(String, Number)],
) -> Result<(), Refusal> {
    let items = sale.objects("items").unwrap_or_default();
    let under_way: Vec<(String, Number)> = children(shared, id)
        .iter()
        .filter_map(|child| match books.lives.get(&child.string("id")?) {
            Some(Life::Receipt(life)) => Some(life.returned.clone()),
            _ => None,
        })
        .flatten()
        .collect();
    for (item_id, _) in back {
        let item = items.iter().find(|item| item.string("id").as_ref() == Some(item_id));
        let item = item.ok_or_else(|| Refusal::bad(&format!("Unknown item: {item_id}")))?;
        let sold = item.number("quantity").unwrap_or_default();
        let gone = back
            .iter()
            .chain(&under_way)
            .filter(|(other, _)| other == item_id)
            .fold(item.number("return").unwrap_or_default(), |sum, (_, one)| sum.plus(*one));
        if gone > sold {
            return Err(Refusal::bad(&format!("Too many returned of item: {item_id}")));
        }
    }
    Ok(())
}

/// Returns the returns and voids of a sale.
fn children(shared: &Shared, id: &str) -> Vec<Object> {
    let shelf = shared.read(Collection::Receipts);
    shelf.iter().filter(|one| one.parent_receipt_id == id).filter_map(|one| one.object()).collect()
}

/// Makes the receipt of a return or a void: linked, new, and without totals.
fn child(books: &mut Books, sale: &Object, parent: &str, kind: &str, now: DateTime<Utc>) -> Object {
    let mut child = sale.clone();
    let zero = [
        "cash_payment_amount",
        "services_uncollected_amount",
        "goods_uncollected_amount",
        "electronic_payment_amount",
        "ticket_restaurant_payment_amount",
        "ticket_restaurant_quantity",
        "discount",
        "deductible_amount",
        "total_discount",
        "total_gross_discount",
        "total_taxable_amount",
        "total_uncollected_amount",
        "total_vat_amount",
    ];
    for name in zero {
        child.set(name, 0);
    }
    let nulls = ["lottery_code", "error_message", "error_code", "total_amount", "document_date"];
    for name in nulls.into_iter().chain(["transaction_id"]) {
        child.set(name, ());
    }
    child.remove("tags");
    child.set("document_number", "");
    child.set("created_at", iso(now));
    child.set("create_timestamp", now.timestamp());
    child.set("update_timestamp", now.timestamp());
    child.set("parent_receipt_id", parent);
    child.set("status", "new");
    child.set("type", kind);
    child.set("id", books.new_id(now));
    child
}

fn keep_child(
    shared: &Shared,
    books: &mut Books,
    child: &Object,
    kind: EffectKind,
    now: DateTime<Utc>,
) -> String {
    let text = |name| child.string(name).unwrap_or_default();
    let id = text("id");
    let (fiscal_id, key) = (text("fiscal_id"), text("parent_receipt_id"));
    books.effects.push(Effect { kind, fiscal_id, key, id: id.clone(), at: now });
    shared.put_back(Collection::Receipts, child);
    id
}
