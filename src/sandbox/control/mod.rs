//! The control of a running sandbox over HTTP, for people and for tests in other languages.
//!
//! It listens on a port of its own, on loopback as well, and does what a
//! [`Handle`](super::Handle) does in-process: it moves the clock, changes documents, orders
//! faults, and tells what happened. `GET /` lists the paths. It asks for no token, and what
//! is asked here is neither counted nor billed.

mod changes;
mod documents;
mod reports;

use std::sync::Arc;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use chrono::Duration;
use serde::Serialize;
use serde_json::json;

use super::data::wire;
use super::handle::Handle;
use super::state::Shared;

/// What `GET /` says.
const HELP: &str = include_str!("help.txt");

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/", get(async || HELP))
        .route("/clock", get(changes::clock).post(changes::move_clock))
        .route("/documents/{collection}", get(documents::list).put(documents::put))
        .route("/documents/{collection}/{id}", get(documents::get).delete(documents::remove))
        .route("/before", post(documents::before))
        .route(
            "/faults",
            get(changes::faults).post(changes::order_fault).delete(changes::forget_faults),
        )
        .route("/dice", put(changes::dice))
        .route("/fates", post(changes::fates))
        .route("/portal", post(changes::portal))
        .route("/ghosts", post(changes::haunt))
        .route("/wallet", post(changes::wallet))
        .route("/receive", post(changes::receive))
        .route("/callbacks", get(reports::callbacks).post(changes::callbacks))
        .route("/requests", get(reports::requests))
        .route("/effects", get(reports::effects))
        .route("/bill", get(reports::bill))
        .route("/forget", post(changes::forget))
        .fallback(async || Refused(StatusCode::NOT_FOUND, "no such path; GET / lists them".into()))
        .with_state(Handle::new(shared))
}

type Answer = Result<Response, Refused>;

fn told(answer: &impl Serialize) -> Response {
    let body = wire::text(answer);
    (StatusCode::OK, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

fn done() -> Response {
    told(&json!({"done": true}))
}

/// Is an order that cannot be carried out, with the reason in one line.
struct Refused(StatusCode, String);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let body = json!({"error": self.1}).to_string();
        (self.0, [(header::CONTENT_TYPE, "application/json")], body).into_response()
    }
}

fn bad(message: &str) -> Refused {
    Refused(StatusCode::BAD_REQUEST, message.to_owned())
}

/// Reads a body, or says in one line what is wrong with it.
fn read<'a, T: serde::Deserialize<'a>>(body: &'a [u8]) -> Result<T, Refused> {
    serde_json::from_slice(body).map_err(|error| bad(&error.to_string()))
}

/// Reads a duration such as `90d`, `2h`, `5m`, `30s` or `-1d`.
fn duration(text: &str) -> Result<Duration, Refused> {
    let wrong = || bad(&format!("`{text}` is no duration such as 90d, 2h, 5m or 30s"));
    let unit = text.chars().next_back().ok_or_else(wrong)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    let number: i32 = text[..text.len() - unit.len_utf8()].parse().map_err(|_| wrong())?;
    Ok(Duration::seconds(i64::from(number) * seconds))
}
