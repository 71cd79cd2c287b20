//! Paths that change the sandbox: its time, its manners, its luck.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;

use super::{Answer, bad, done, duration, read, told};
use crate::sandbox::books::{InvoiceFate, ReceiptFate};
use crate::sandbox::fault::Fault;
use crate::sandbox::faults::Faults;
use crate::sandbox::handle::Handle;

pub(super) async fn clock(State(handle): State<Handle>) -> Response {
    told(&json!({"now": handle.now()}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Move {
    now: Option<DateTime<Utc>>,
    advance: Option<String>,
}

pub(super) async fn move_clock(State(handle): State<Handle>, body: Bytes) -> Answer {
    match read(&body)? {
        Move { now: Some(now), advance: None } => handle.set_now(now),
        Move { now: None, advance: Some(by) } => handle.advance(duration(&by)?),
        _ => return Err(bad("one of `now` and `advance` is expected")),
    }
    Ok(told(&json!({"now": handle.now()})))
}

pub(super) async fn faults(State(handle): State<Handle>) -> Response {
    let waiting: Vec<_> = handle
        .waiting_faults()
        .iter()
        .map(|(on, fault)| json!({"on": on, "fault": format!("{fault:?}")}))
        .collect();
    told(&json!({"waiting": waiting, "names": Fault::names()}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ordered {
    fault: String,
    #[serde(default = "one")]
    count: usize,
    #[serde(default)]
    on: String,
}

fn one() -> usize {
    1
}

pub(super) async fn order_fault(State(handle): State<Handle>, body: Bytes) -> Answer {
    let ordered: Ordered = read(&body)?;
    let fault = Fault::named(&ordered.fault, handle.now()).ok_or_else(|| {
        bad(&format!("no fault is called `{}`; GET /faults lists the names", ordered.fault))
    })?;
    handle.fail_next_on(&ordered.on, ordered.count, fault);
    Ok(done())
}

pub(super) async fn forget_faults(State(handle): State<Handle>) -> Response {
    handle.forget_faults();
    done()
}

pub(super) async fn dice(State(handle): State<Handle>, body: Bytes) -> Answer {
    let faults: Faults = read(&body)?;
    handle.set_faults(faults);
    Ok(done())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fates {
    #[serde(default)]
    receipts: Vec<ReceiptFate>,
    #[serde(default)]
    invoices: Vec<InvoiceFate>,
}

pub(super) async fn fates(State(handle): State<Handle>, body: Bytes) -> Answer {
    let fates: Fates = read(&body)?;
    handle.next_receipts(fates.receipts);
    handle.next_invoices(fates.invoices);
    Ok(done())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Portal {
    down_for: String,
}

pub(super) async fn portal(State(handle): State<Handle>, body: Bytes) -> Answer {
    let portal: Portal = read(&body)?;
    handle.portal_down(duration(&portal.down_for)?);
    Ok(done())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ghost {
    fiscal_id: String,
}

pub(super) async fn haunt(State(handle): State<Handle>, body: Bytes) -> Answer {
    let ghost: Ghost = read(&body)?;
    handle.haunt(&ghost.fiscal_id);
    Ok(done())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wallet {
    mills: Option<i64>,
}

pub(super) async fn wallet(State(handle): State<Handle>, body: Bytes) -> Answer {
    let wallet: Wallet = read(&body)?;
    handle.set_wallet(wallet.mills);
    Ok(done())
}

pub(super) async fn receive(State(handle): State<Handle>, body: Bytes) -> Answer {
    let id = handle.receive_invoice(&body).map_err(|error| bad(&error.to_string()))?;
    Ok(told(&json!({"id": id})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Callbacks {
    #[serde(default)]
    twice: usize,
    #[serde(default)]
    reversed: usize,
}

pub(super) async fn callbacks(State(handle): State<Handle>, body: Bytes) -> Answer {
    let ordered: Callbacks = read(&body)?;
    handle.callbacks_twice(ordered.twice);
    if ordered.reversed > 0 {
        handle.callbacks_reversed(ordered.reversed);
    }
    Ok(done())
}

pub(super) async fn forget(State(handle): State<Handle>) -> Answer {
    handle.forget().map_err(|error| bad(&error.to_string()))?;
    Ok(done())
}
