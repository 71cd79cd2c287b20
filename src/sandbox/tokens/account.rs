//! What the token services tell about an account: scopes, wallet, delivered callbacks.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde_json::json;
use serde_json::value::RawValue;

use super::routes::{Answer, Api, account, enveloped, refuse, rfc3339};
use crate::sandbox::callbacks::Callback;
use crate::sandbox::json::Object;
use crate::sandbox::money::Number;
use crate::sandbox::state::Shared;

/// Shows the scopes of all living tokens, in the form of v2.
pub(super) async fn scopes(State(shared): Api, headers: HeaderMap) -> Answer {
    account(&shared, &headers)?;
    let now = shared.now();
    let books = shared.books();
    let mut all: Vec<&String> = books.ring.living(now).flat_map(|token| &token.scopes).collect();
    all.sort();
    all.dedup();
    let scope = |(scope, number): (&String, u32)| {
        let (method, rest) = scope.split_once(':').unwrap_or_default();
        let (domain, endpoint) = rest.split_once('/').unwrap_or_default();
        json!({"id": format!("{number:024x}"), "scope": scope, "method": method,
               "endpoint": endpoint, "domain": domain, "enabled": true})
    };
    let all: Vec<_> = all.into_iter().zip(1..).map(scope).collect();
    Ok(enveloped(&json!(all)))
}

pub(super) async fn credit(State(shared): Api, headers: HeaderMap) -> Answer {
    account(&shared, &headers)?;
    let left = shared.books().till.wallet();
    let left = left.ok_or_else(|| refuse(404, "non-existent Openapi credit", 320))?;
    let mut data = Object::default();
    data.set("credit", Number::cents(left).share(Number::cents(1), Number::cents(10)));
    Ok(enveloped(&data))
}

pub(super) async fn wallet(State(shared): Api, headers: HeaderMap) -> Answer {
    account(&shared, &headers)?;
    let left = shared.books().till.wallet().unwrap_or_default();
    let mut data = Object::default();
    data.set("credit", Number::cents(left).share(Number::cents(1), Number::cents(10)));
    data.set("createdAt", rfc3339(shared.books().started()));
    data.set("updatedAt", rfc3339(shared.now()));
    Ok(enveloped(&data))
}

pub(super) async fn callbacks(State(shared): Api, headers: HeaderMap) -> Answer {
    account(&shared, &headers)?;
    let books = shared.books();
    let one = |callback: &Callback| {
        let (scope, started, completed, code) = delivery(&shared, callback);
        let code = code.map_or(String::new(), |code| code.to_string());
        json!({"id": callback.id, "scope": scope, "url": callback.url,
               "httpResponseCode": code, "startedAt": started, "completedAt": completed})
    };
    let all: Vec<_> = books.outgoing.list().iter().rev().take(100).map(one).collect();
    Ok(enveloped(&json!(all)))
}

pub(super) async fn callback(
    State(shared): Api,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Answer {
    account(&shared, &headers)?;
    let books = shared.books();
    let callback = books.outgoing.get(&id);
    let callback = callback.ok_or_else(|| refuse(404, "Callback not found", 200))?;
    let (scope, started, completed, code) = delivery(&shared, callback);
    let elapsed_ms: u64 = callback.attempts.iter().map(|attempt| attempt.elapsed_ms).sum();
    let headers: Object =
        callback.headers.iter().fold(Object::default(), |mut all, (name, text)| {
            all.set(name, text);
            all
        });
    let sent = Object::read(&callback.payload).unwrap_or_default();
    let mut data = Object::default();
    data.set("id", &callback.id);
    data.set("scope", scope);
    data.set("domain", &shared.options().host);
    data.set("active", callback.due_at.is_some());
    data.set("startedAt", started);
    data.set("createdAt", rfc3339(callback.created_at));
    data.set("completedAt", completed);
    data.set("httpResponseCode", code.unwrap_or_default());
    data.set("data", sent.object("data"));
    data.set("custom", sent.get::<Box<RawValue>>("custom"));
    data.set("headers", headers);
    data.set("elapsedTime", elapsed_ms);
    data.set("attempt", callback.attempts.len());
    data.set("retry", callback.retry);
    data.set("field", &callback.field);
    data.set("method", &callback.method);
    data.set("url", &callback.url);
    Ok(enveloped(&data))
}

/// Returns scope, begin, end and last status of a callback.
fn delivery(shared: &Shared, callback: &Callback) -> (String, String, Option<String>, Option<u16>) {
    let what = if callback.event.ends_with("-invoice") { "IT-invoices" } else { "IT-receipts" };
    let begin = callback.attempts.first().map_or(callback.created_at, |attempt| attempt.at);
    let last = callback.attempts.last();
    let end = last.filter(|_| callback.due_at.is_none()).map(|attempt| rfc3339(attempt.at));
    let scope = format!("POST:{}/{what}", shared.options().host);
    (scope, rfc3339(begin), end, last.and_then(|attempt| attempt.status))
}
