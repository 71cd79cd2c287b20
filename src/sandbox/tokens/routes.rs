//! The paths of both token services, and what they have in common.
//!
//! Both ask for email and API key by HTTP Basic. What both call `/scopes` has the form of
//! the newer one; counters, statistics and subscriptions are not imitated.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use super::{Token, account as of_account, is_scope, v1, v2};
use crate::sandbox::answer::{self, Refusal};
use crate::sandbox::body;
use crate::sandbox::books::Books;
use crate::sandbox::data::wire;
use crate::sandbox::effects::{Effect, EffectKind};
use crate::sandbox::json::Object;
use crate::sandbox::state::Shared;

pub(super) type Api = State<Arc<Shared>>;
pub(super) type Answer = Result<Response, Refusal>;

/// Returns the paths of both services.
pub(in crate::sandbox) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/token", post(v1::mint).get(v1::list))
        .route("/token/{token}", get(v1::read).put(v1::change).patch(v1::change).delete(v1::delete))
        .route("/tokens", post(v2::mint).get(v2::list))
        .route("/tokens/{token}", get(v2::read).patch(v2::change).delete(v2::delete))
        .route("/scopes", get(of_account::scopes))
        .route("/credit", get(of_account::credit))
        .route("/wallet", get(of_account::wallet))
        .route("/callbacks", get(of_account::callbacks))
        .route("/callbacks/{id}", get(of_account::callback))
}

/// Tells whether a path belongs to the token services, which ask for no bearer token.
pub(in crate::sandbox) fn is_token_service(path: &str) -> bool {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    ["token", "tokens", "scopes", "credit", "wallet", "callbacks"].contains(&first)
}

/// Asks for email and API key.
pub(super) fn account(shared: &Shared, headers: &HeaderMap) -> Result<(), Refusal> {
    let given = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Basic "))
        .and_then(|packed| String::from_utf8(STANDARD.decode(packed.trim()).ok()?).ok());
    let is_good =
        given.as_deref().and_then(|given| given.split_once(':')).is_some_and(|(email, key)| {
            match &shared.options().account {
                Some((good_email, good_key)) => email == good_email && key == good_key,
                None => !email.is_empty() && !key.is_empty(),
            }
        });
    if is_good { Ok(()) } else { Err(refuse(401, "Unauthorized", 140)) }
}

pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ").map(str::trim)
}

pub(super) fn object(content: &[u8]) -> Result<Object, Refusal> {
    body::object(content)
}

/// Returns a field if it is there, or refuses it by name.
pub(super) fn field<'a, T: Deserialize<'a>>(
    body: &'a Object,
    name: &str,
) -> Result<Option<T>, Refusal> {
    body::optional(body, name)
}

/// Says what is wrong with the scopes of a request.
pub(super) enum Missing {
    List,
    Form,
}

pub(super) fn scopes_of(body: &Object) -> Result<Vec<String>, Missing> {
    let raw = body.raw("scopes").ok_or(Missing::List)?;
    let scopes: Vec<String> = serde_json::from_str(raw).map_err(|_| Missing::Form)?;
    if scopes.is_empty() {
        return Err(Missing::List);
    }
    if scopes.iter().all(|scope| is_scope(scope)) { Ok(scopes) } else { Err(Missing::Form) }
}

/// Reads the lifetime; `expire` is the older way, as seconds since 1970.
pub(super) fn ttl_of(body: &Object, now: DateTime<Utc>) -> Option<i64> {
    let expire: Option<i64> = body.get("expire");
    body.get("ttl").or_else(|| expire.map(|at| at - now.timestamp()))
}

pub(super) fn limits(body: &Object) -> Result<Option<Box<RawValue>>, Refusal> {
    let given: Option<Object> = field(body, "limits")?;
    Ok(given.map(|given| to_raw_value(&given).expect("raw values are JSON already")))
}

pub(super) fn count(books: &mut Books, kind: EffectKind, token: &Token, now: DateTime<Utc>) {
    // The first digits only: an effect is shown to everybody.
    let id = token.token.chars().take(8).collect();
    let key = token.scopes.join(",");
    books.effects.push(Effect { kind, fiscal_id: String::new(), key, id, at: now });
}

pub(super) fn enveloped(data: &impl Serialize) -> Response {
    answer::written(&wire::text(data), "")
}

pub(super) fn refuse(status: u16, message: &str, error: u16) -> Refusal {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    Refusal::without_data(status, message, error)
}

pub(super) fn rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
