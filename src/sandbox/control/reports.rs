//! Paths that tell what happened.

use axum::extract::State;
use axum::response::Response;
use serde_json::json;

use super::told;
use crate::sandbox::handle::Handle;

/// How many of the last requests are shown word for word.
const SHOWN: usize = 100;

pub(super) async fn requests(State(handle): State<Handle>) -> Response {
    let asked = handle.asked();
    let last = &asked[asked.len().saturating_sub(SHOWN)..];
    told(&json!({"counts": handle.request_counts(), "last": last}))
}

pub(super) async fn effects(State(handle): State<Handle>) -> Response {
    told(&handle.effects())
}

pub(super) async fn bill(State(handle): State<Handle>) -> Response {
    told(&handle.bill())
}

pub(super) async fn callbacks(State(handle): State<Handle>) -> Response {
    told(&handle.callbacks())
}
