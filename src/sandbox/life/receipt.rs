//! The life of a receipt: new, submitted, ready; retry while the portal refuses; failed.

use chrono::{DateTime, Duration, Utc};

use super::super::books::{Books, ReceiptFate};
use super::super::callbacks::{News, announce};
use super::super::data::{iso, year_of};
use super::super::json::Object;
use super::super::money::Number;
use super::super::state::{Collection, Shared};
use super::super::time::{closed_until, end_of_rome_day, rome_day};
use super::{Life, issue, seconds};

/// Is what a receipt has still to live.
#[derive(Debug)]
pub(in crate::sandbox) struct ReceiptLife {
    step: Step,
    fate: ReceiptFate,
    failed_attempts: u32,
    /// When it fails for good; known from the first attempt on.
    deadline: Option<DateTime<Utc>>,
    /// For a return: which items come back, by their ids, and how many.
    pub(in crate::sandbox) returned: Vec<(String, Number)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Submit,
    Issue,
    Fail,
}

impl ReceiptLife {
    pub(in crate::sandbox) fn new(fate: ReceiptFate, returned: Vec<(String, Number)>) -> Self {
        Self { step: Step::Submit, fate, failed_attempts: 0, deadline: None, returned }
    }
}

/// Lets a receipt that was just taken begin to live.
pub(in crate::sandbox) fn begin(
    shared: &Shared,
    books: &mut Books,
    id: &str,
    now: DateTime<Utc>,
    returned: Vec<(String, Number)>,
) {
    let fate = books.receipt_fates.pop_front().unwrap_or_default();
    let at = now + seconds(shared.habits().pace.submitted_after_s);
    books.plan(at, id, Life::Receipt(ReceiptLife::new(fate, returned)));
}

pub(super) fn step(
    shared: &Shared,
    books: &mut Books,
    id: &str,
    life: ReceiptLife,
    at: DateTime<Utc>,
) {
    // A receipt that somebody took away meanwhile has no life any more.
    let Some(receipt) = shared.object(Collection::Receipts, id) else { return };
    match life.step {
        Step::Submit => submit(shared, books, receipt, life, at),
        Step::Issue => issued(shared, books, receipt, &life, at),
        Step::Fail => {
            let error = ("AE-408", "Documento non trasmesso entro la giornata");
            fail(shared, books, receipt, error, at);
        }
    }
}

fn submit(
    shared: &Shared,
    books: &mut Books,
    mut receipt: Object,
    mut life: ReceiptLife,
    at: DateTime<Utc>,
) {
    let id = receipt.string("id").unwrap_or_default();
    if let Some(reopened) = closed_until(at) {
        return books.plan(reopened, &id, Life::Receipt(life));
    }
    if life.fate == ReceiptFate::Failed {
        return fail(shared, books, receipt, ("AE-410", "Documento rifiutato dal portale"), at);
    }
    match obstacle(shared, books, &receipt, &life, at) {
        None => {
            mark(&mut receipt, "submitted", None, at);
            life.step = Step::Issue;
            let at = at + seconds(shared.habits().pace.ready_after_s);
            books.plan(at, &id, Life::Receipt(life));
        }
        Some(error) => {
            mark(&mut receipt, "retry", Some(error), at);
            tell(shared, books, "receipt-retry", &receipt, at);
            let deadline = *life.deadline.get_or_insert_with(|| end_of_rome_day(rome_day(at)));
            life.failed_attempts += 1;
            let gap = seconds(shared.habits().pace.retry_after_s);
            let next = at + gap * i32::try_from(life.failed_attempts).unwrap_or(i32::MAX);
            // From 23:55 on nothing is sent, so that an attempt then would be none.
            if next < deadline - Duration::minutes(5) {
                books.plan(next, &id, Life::Receipt(life));
            } else {
                life.step = Step::Fail;
                books.plan(deadline, &id, Life::Receipt(life));
            }
        }
    }
    shared.put_back(Collection::Receipts, &receipt);
}

/// Says why the tax portal does not take a receipt at this moment, if it does not.
fn obstacle(
    shared: &Shared,
    books: &mut Books,
    receipt: &Object,
    life: &ReceiptLife,
    at: DateTime<Utc>,
) -> Option<(&'static str, &'static str)> {
    let fiscal_id = receipt.string("fiscal_id").unwrap_or_default();
    if books.credentials_expired(&fiscal_id, at) {
        if !std::mem::replace(&mut books.standing(&fiscal_id).credentials_reported, true) {
            tell_credentials(shared, books, &fiscal_id, "expired", at);
        }
        return Some(("AE-401", "Credenziali del portale scadute"));
    }
    let unlucky = matches!(life.fate, ReceiptFate::Retried(times) if life.failed_attempts < times);
    (unlucky || books.portal_is_down(at)).then_some(("AE-503", "Portale non raggiungibile"))
}

fn issued(
    shared: &Shared,
    books: &mut Books,
    mut receipt: Object,
    life: &ReceiptLife,
    at: DateTime<Utc>,
) {
    let number = books.new_number();
    let parent = receipt
        .string("parent_receipt_id")
        .and_then(|parent| shared.object(Collection::Receipts, &parent));
    match (receipt.string("type").as_deref(), parent) {
        (Some("void"), Some(mut parent)) => {
            issue::void(&mut receipt, &parent);
            mark(&mut parent, "voided", None, at);
            shared.put_back(Collection::Receipts, &parent);
            tell_single(shared, books, "receipt", &parent, at);
        }
        (Some("return"), Some(mut parent)) => {
            issue::give_back(&mut receipt, &mut parent, &life.returned);
            parent.set("update_timestamp", at.timestamp());
            shared.put_back(Collection::Receipts, &parent);
            tell_single(shared, books, "receipt", &parent, at);
        }
        _ => issue::sale(&mut receipt, number),
    }
    receipt.set(
        "document_number",
        format!("OPENAPI{}/{:04}-{:04}", year_of(at), number / 10_000, number % 10_000),
    );
    receipt.set("document_date", iso(at));
    receipt.set("transaction_id", number.to_string());
    mark(&mut receipt, "ready", None, at);
    shared.put_back(Collection::Receipts, &receipt);
    tell(shared, books, "receipt", &receipt, at);
}

fn fail(
    shared: &Shared,
    books: &mut Books,
    mut receipt: Object,
    error: (&str, &str),
    at: DateTime<Utc>,
) {
    mark(&mut receipt, "failed", Some(error), at);
    shared.put_back(Collection::Receipts, &receipt);
    tell(shared, books, "receipt-error", &receipt, at);
    // The sale lives on as if nobody had tried to void it.
    let parent = receipt
        .string("parent_receipt_id")
        .filter(|_| receipt.string("type").as_deref() == Some("void"))
        .and_then(|parent| shared.object(Collection::Receipts, &parent));
    if let Some(mut parent) = parent {
        mark(&mut parent, "ready", None, at);
        shared.put_back(Collection::Receipts, &parent);
    }
}

/// Tells what became of a receipt: of a sale with its data doubly wrapped.
fn tell(shared: &Shared, books: &mut Books, event: &str, receipt: &Object, at: DateTime<Utc>) {
    let is_double = receipt.string("type").as_deref() == Some("sale");
    let fiscal_id = receipt.string("fiscal_id").unwrap_or_default();
    let news = News { event, fiscal_id: &fiscal_id, document: receipt, is_double };
    announce(shared, books, news, at);
}

/// Tells what a return or a void made of its sale.
fn tell_single(
    shared: &Shared,
    books: &mut Books,
    event: &str,
    receipt: &Object,
    at: DateTime<Utc>,
) {
    let fiscal_id = receipt.string("fiscal_id").unwrap_or_default();
    let news = News { event, fiscal_id: &fiscal_id, document: receipt, is_double: false };
    announce(shared, books, news, at);
}

/// Tells that a company's credentials are too old, or new again.
pub(in crate::sandbox) fn tell_credentials(
    shared: &Shared,
    books: &mut Books,
    fiscal_id: &str,
    status: &str,
    at: DateTime<Utc>,
) {
    let mut document = Object::default();
    document.set("fiscal_id", fiscal_id);
    document.set("status", status);
    let event = "receipt-credentials";
    let news = News { event, fiscal_id, document: &document, is_double: false };
    announce(shared, books, news, at);
}

/// Gives a receipt its status, with the portal's number and words if it has trouble.
pub(in crate::sandbox) fn mark(
    receipt: &mut Object,
    status: &str,
    error: Option<(&str, &str)>,
    at: DateTime<Utc>,
) {
    receipt.set("status", status);
    receipt.set("error_code", error.map(|(code, _)| code));
    receipt.set("error_message", error.map(|(_, message)| message));
    receipt.set("update_timestamp", at.timestamp());
}
