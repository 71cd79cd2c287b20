//! The older token service: `/token`, without an envelope where a token is minted.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse as _;
use serde_json::json;

use super::routes::{
    Answer, Api, Missing, account, count, enveloped, object, refuse, scopes_of, ttl_of,
};
use super::{Token, Wanted, lifetime};
use crate::sandbox::answer::json as as_json;
use crate::sandbox::effects::EffectKind;
use crate::sandbox::json::Object;

pub(super) async fn mint(State(shared): Api, headers: HeaderMap, body: Bytes) -> Answer {
    account(&shared, &headers)?;
    let body = object(&body)?;
    let scopes = scopes_of(&body).map_err(|missing| match missing {
        Missing::List => refuse(406, "missing scopes array", 110),
        Missing::Form => refuse(406, "invalid scopes specified", 270),
    })?;
    let now = shared.now();
    let mut books = shared.books();
    let ttl = ttl_of(&body, now);
    let token = super::mint(&mut books, Wanted { scopes, ttl, ..Wanted::default() }, now);
    count(&mut books, EffectKind::TokenMinted, &token, now);
    let mut answer = Object::read(&shown(&token).to_string()).unwrap_or_default();
    answer.set("success", true);
    answer.set("message", "");
    answer.set("error", ());
    Ok(as_json(StatusCode::OK, answer.text().into_bytes()))
}

pub(super) async fn list(State(shared): Api, headers: HeaderMap) -> Answer {
    account(&shared, &headers)?;
    let now = shared.now();
    let all: Vec<_> = shared.books().ring.living(now).map(shown).collect();
    Ok(if all.is_empty() { StatusCode::NO_CONTENT.into_response() } else { enveloped(&json!(all)) })
}

pub(super) async fn read(
    State(shared): Api,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Answer {
    account(&shared, &headers)?;
    let mut books = shared.books();
    let token = books.ring.get(&token).ok_or_else(|| refuse(402, "Wrong Token", 125))?;
    Ok(enveloped(&json!([shown(token)])))
}

pub(super) async fn change(
    State(shared): Api,
    headers: HeaderMap,
    Path(token): Path<String>,
    body: Bytes,
) -> Answer {
    account(&shared, &headers)?;
    let body = object(&body)?;
    let now = shared.now();
    let mut books = shared.books();
    let token = books.ring.get(&token).ok_or_else(|| refuse(404, "Missing Token", 290))?;
    if !body.has("scopes") && !body.has("expire") && !body.has("ttl") {
        return Err(refuse(406, "missing scopes array and expire", 310));
    }
    if body.has("scopes") {
        let scopes = scopes_of(&body);
        token.scopes = scopes.map_err(|_| refuse(406, "invalid scopes specified", 270))?;
    }
    if let Some(ttl) = ttl_of(&body, now) {
        token.expires = now + lifetime(Some(ttl));
    }
    token.updated = now;
    let token = token.clone();
    count(&mut books, EffectKind::TokenChanged, &token, now);
    Ok(enveloped(&json!([shown(&token)])))
}

pub(super) async fn delete(
    State(shared): Api,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Answer {
    account(&shared, &headers)?;
    let now = shared.now();
    let mut books = shared.books();
    let token = books.ring.remove(&token).ok_or_else(|| refuse(404, "Missing Token", 150))?;
    count(&mut books, EffectKind::TokenDeleted, &token, now);
    let answer = json!({"message": "1 deleted token", "success": true, "error": null});
    Ok(as_json(StatusCode::OK, answer.to_string().into_bytes()))
}

fn shown(token: &Token) -> serde_json::Value {
    json!({"scopes": token.scopes, "expire": token.expires.timestamp(), "token": token.token})
}
