//! The forms of an answer: the vendor's envelope and its refusals.

use axum::body::Bytes;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::value::to_raw_value;

use super::habits::AlreadyExists;

const TAIL: &[u8] = br#","success":true,"message":"","error":null}"#;

/// Wraps documents that are JSON already into the envelope of a list.
pub(super) fn list(documents: &[Bytes]) -> Response {
    let size = documents.iter().map(|one| one.len() + 1).sum::<usize>();
    let mut body = Vec::with_capacity(size + 64);
    body.extend_from_slice(br#"{"data":["#);
    for (order, document) in documents.iter().enumerate() {
        if order > 0 {
            body.push(b',');
        }
        body.extend_from_slice(document);
    }
    body.push(b']');
    body.extend_from_slice(TAIL);
    json(StatusCode::OK, body)
}

/// Wraps one document that is JSON already into the envelope.
pub(super) fn single(document: &[u8]) -> Response {
    let body = [br#"{"data":"#, document, TAIL].concat();
    json(StatusCode::OK, body)
}

/// Answers a write with a document that is JSON already, and a message.
///
/// The vendor puts the data first, but in the answer to a void last.
pub(super) fn written(document: &str, message: &str) -> Response {
    let message = quoted(message);
    let body = format!(r#"{{"data":{document},"success":true,"message":{message},"error":null}}"#);
    json(StatusCode::OK, body.into_bytes())
}

/// Answers a void: message, success and error stand before the data here.
pub(super) fn voided(document: &str, message: &str) -> Response {
    let message = quoted(message);
    let body = format!(r#"{{"message":{message},"success":true,"error":null,"data":{document}}}"#);
    json(StatusCode::OK, body.into_bytes())
}

/// Is a request that the vendor turns down, with its number and its words.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    /// Most refusals of the vendor that say "not found" call themselves a success.
    success: bool,
    message: String,
    error: Option<u16>,
    /// What stands in place of data: the API writes a text, the token services nothing.
    data: &'static str,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, message: &str, error: u16) -> Self {
        Self {
            status,
            success: false,
            message: message.into(),
            error: Some(error),
            data: r#""null""#,
        }
    }

    /// Refuses as the token services do: without any data.
    pub(super) fn without_data(status: StatusCode, message: &str, error: u16) -> Self {
        Self { data: "null", ..Self::new(status, message, error) }
    }

    /// Refuses what cannot be meant: 400, and 400 again as the vendor's number.
    pub(super) fn bad(message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message, 400)
    }

    pub(super) fn not_found(message: &str, error: u16) -> Self {
        Self { success: true, ..Self::new(StatusCode::NOT_FOUND, message, error) }
    }

    /// Refuses a company that is not registered.
    pub(super) fn unknown_company() -> Self {
        Self::not_found("Fiscal ID not found or not registered", 111)
    }

    /// Refuses a change that the vendor documents with `success: true`.
    pub(super) fn not_editable(field: &str) -> Self {
        let message =
            format!("Invalid field: {field}. Fields fiscal_id, name, email are not editable.");
        Self { success: true, ..Self::new(StatusCode::BAD_REQUEST, &message, 670) }
    }

    pub(super) fn already_exists(form: AlreadyExists) -> Self {
        let message = "This fiscal_id already exists";
        let (status, error) = match form {
            AlreadyExists::Unprocessable112 => (StatusCode::UNPROCESSABLE_ENTITY, Some(112)),
            AlreadyExists::NotFound111 => (StatusCode::NOT_FOUND, Some(111)),
            AlreadyExists::Conflict409 => (StatusCode::CONFLICT, None),
            AlreadyExists::Gone410 => (StatusCode::GONE, None),
        };
        Self { error, ..Self::new(status, message, 0) }
    }

    /// Refuses what the wallet cannot pay.
    pub(super) fn no_credit(wallet_mills: i64) -> Self {
        let message = format!(
            "Billing error message: Insufficient Credit in Wallet: {wallet_mills} thousandths \
             are left, code 810"
        );
        Self::new(StatusCode::PAYMENT_REQUIRED, &message, 610)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self { status, success, message, error, data } = self;
        let message = quoted(&message);
        let error = error.map_or("null".to_owned(), |error| error.to_string());
        let body =
            format!(r#"{{"data":{data},"success":{success},"message":{message},"error":{error}}}"#);
        json(status, body.into_bytes())
    }
}

/// Answers like the vendor for a token that is missing, wrong, or without this scope.
pub(super) fn wrong_token() -> Response {
    let body = br#"{"data":null,"success":false,"message":"Wrong Token","error":125.22}"#;
    json(StatusCode::UNAUTHORIZED, body.to_vec())
}

fn quoted(text: &str) -> Box<serde_json::value::RawValue> {
    to_raw_value(text).expect("a string is JSON")
}

pub(super) fn json(status: StatusCode, body: Vec<u8>) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
