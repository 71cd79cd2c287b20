//! Paths that show, add, change and remove documents.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Answer, Refused, bad, done, read, told};
use crate::sandbox::handle::Handle;
use crate::sandbox::state::Collection;

pub(super) async fn list(State(handle): State<Handle>, Path(collection): Path<String>) -> Answer {
    let all: Vec<Box<RawValue>> = handle
        .all(named(&collection)?)
        .into_iter()
        .filter_map(|raw| RawValue::from_string(raw).ok())
        .collect();
    Ok(told(&all))
}

pub(super) async fn put(
    State(handle): State<Handle>,
    Path(collection): Path<String>,
    body: Bytes,
) -> Answer {
    let document: Box<RawValue> = read(&body)?;
    let kept = handle.put(named(&collection)?, document.get());
    kept.map_err(|_| bad("a document is an object with an `id`"))?;
    Ok(done())
}

pub(super) async fn get(
    State(handle): State<Handle>,
    Path((collection, id)): Path<(String, String)>,
) -> Answer {
    let raw = handle.get(named(&collection)?, &id).ok_or_else(nothing)?;
    let document = RawValue::from_string(raw).map_err(|error| bad(&error.to_string()))?;
    Ok(told(&document))
}

pub(super) async fn remove(
    State(handle): State<Handle>,
    Path((collection, id)): Path<(String, String)>,
) -> Answer {
    if handle.remove(named(&collection)?, &id) { Ok(done()) } else { Err(nothing()) }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Planned {
    on: String,
    #[serde(default = "first")]
    nth: usize,
    collection: String,
    put: Option<Box<RawValue>>,
    remove: Option<String>,
}

fn first() -> usize {
    1
}

pub(super) async fn before(State(handle): State<Handle>, body: Bytes) -> Answer {
    let planned: Planned = read(&body)?;
    let collection = named(&planned.collection)?;
    match (planned.put, planned.remove) {
        (Some(document), None) => {
            // What cannot be put now could not be put later, and nobody would hear of it.
            handle
                .check(document.get())
                .map_err(|_| bad("a document is an object with an `id`"))?;
            handle.before(&planned.on, planned.nth, move |handle| {
                drop(handle.put(collection, document.get()));
            });
        }
        (None, Some(id)) => handle.before(&planned.on, planned.nth, move |handle| {
            handle.remove(collection, &id);
        }),
        _ => return Err(bad("one of `put` and `remove` is expected")),
    }
    Ok(done())
}

fn named(collection: &str) -> Result<Collection, Refused> {
    match collection {
        "configurations" => Ok(Collection::Configurations),
        "receipts" => Ok(Collection::Receipts),
        "invoices" => Ok(Collection::Invoices),
        _ => Err(bad("a collection is one of configurations, receipts, invoices")),
    }
}

fn nothing() -> Refused {
    Refused(StatusCode::NOT_FOUND, "no such document".into())
}
