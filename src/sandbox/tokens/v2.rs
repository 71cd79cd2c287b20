//! The newer token service: `/tokens`, with names, limits and rotation by a refresh token.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::json;

use super::routes::{
    Answer, Api, Missing, account, bearer, count, enveloped, field, limits, object, refuse,
    rfc3339, scopes_of,
};
use super::{Token, Wanted, lifetime};
use crate::sandbox::answer::json as as_json;
use crate::sandbox::effects::EffectKind;
use crate::sandbox::json::Object;
use crate::sandbox::state::Shared;

pub(super) async fn mint(State(shared): Api, headers: HeaderMap, body: Bytes) -> Answer {
    account(&shared, &headers)?;
    let body = object(&body)?;
    let scopes = scopes_of(&body).map_err(|missing| match missing {
        Missing::List => refuse(422, "missing scopes array", 70),
        Missing::Form => refuse(422, "invalid scopes format", 80),
    })?;
    let wanted = Wanted {
        scopes,
        name: field(&body, "name")?.unwrap_or_default(),
        ttl: field(&body, "ttl")?,
        limits: limits(&body)?,
    };
    let now = shared.now();
    let mut books = shared.books();
    let token = super::mint(&mut books, wanted, now);
    count(&mut books, EffectKind::TokenMinted, &token, now);
    Ok(detail(&shared, &token))
}

pub(super) async fn list(State(shared): Api, headers: HeaderMap) -> Answer {
    account(&shared, &headers)?;
    let now = shared.now();
    let all: Vec<_> = shared.books().ring.living(now).map(shown).collect();
    Ok(enveloped(&json!(all)))
}

pub(super) async fn read(
    State(shared): Api,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Answer {
    account(&shared, &headers)?;
    let mut books = shared.books();
    let token = books.ring.get(&token).ok_or_else(|| refuse(404, "Not Found", 120))?;
    Ok(detail(&shared, token))
}

pub(super) async fn change(
    State(shared): Api,
    headers: HeaderMap,
    Path(old): Path<String>,
    body: Bytes,
) -> Answer {
    // A rotation may come without any body.
    let body = if body.is_empty() { Object::default() } else { object(&body)? };
    let now = shared.now();
    let mut books = shared.books();
    if let Some(refresh) = bearer(&headers) {
        let known = books.ring.get(&old).ok_or_else(|| refuse(404, "Not Found", 160))?;
        if known.refresh != refresh {
            return Err(refuse(401, "Unauthorized", 130));
        }
        let before = books.ring.remove(&old).ok_or_else(|| refuse(404, "Not Found", 160))?;
        let lifetime = (before.expires - before.updated).num_seconds();
        let ttl = field(&body, "ttl")?;
        let wanted = Wanted {
            scopes: before.scopes,
            name: before.name,
            ttl: ttl.or(Some(lifetime)),
            limits: before.limits,
        };
        let token = super::mint(&mut books, wanted, now);
        count(&mut books, EffectKind::TokenChanged, &token, now);
        return Ok(detail(&shared, &token));
    }
    account(&shared, &headers)?;
    let token = books.ring.get(&old).ok_or_else(|| refuse(404, "Not Found", 160))?;
    if body.has("scopes") {
        let scopes = scopes_of(&body);
        token.scopes = scopes.map_err(|_| refuse(422, "invalid scopes format", 100))?;
    }
    if let Some(name) = field(&body, "name")? {
        token.name = name;
    }
    if let Some(ttl) = field(&body, "ttl")? {
        token.expires = now + lifetime(Some(ttl));
    }
    if body.has("limits") {
        token.limits = limits(&body)?;
    }
    token.updated = now;
    let token = token.clone();
    count(&mut books, EffectKind::TokenChanged, &token, now);
    Ok(detail(&shared, &token))
}

pub(super) async fn delete(
    State(shared): Api,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Answer {
    account(&shared, &headers)?;
    let now = shared.now();
    let mut books = shared.books();
    let token = books.ring.remove(&token).ok_or_else(|| refuse(404, "Not Found", 180))?;
    count(&mut books, EffectKind::TokenDeleted, &token, now);
    let answer = json!({"data": null, "success": true, "message": "Deleted", "error": null});
    Ok(as_json(StatusCode::OK, answer.to_string().into_bytes()))
}

fn shown(token: &Token) -> serde_json::Value {
    json!({
        "token": token.token,
        "name": token.name,
        "createdAt": rfc3339(token.created),
        "expireAt": rfc3339(token.expires),
        "updatedAt": rfc3339(token.updated),
        "scopes": token.scopes,
        "refreshToken": token.refresh,
        "limits": token.limits.as_ref().map_or_else(|| json!({}), |limits| json!(limits)),
        "stats": {
            "totalRequests": token.requests,
            "walletRequests": 0,
            "subscriptionRequests": 0,
            "errorRequests": token.errors,
            "walletAmount": 0,
            "ip": [],
        },
    })
}

/// Shows one token of v2: at the root as specified, or within the envelope by habit.
fn detail(shared: &Shared, token: &Token) -> Response {
    if shared.habits().tokens_in_envelope {
        return enveloped(&shown(token));
    }
    as_json(StatusCode::OK, shown(token).to_string().into_bytes())
}
