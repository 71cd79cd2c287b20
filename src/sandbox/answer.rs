//! The forms of an answer: the vendor's envelope, its refusals, a receipt on paper.

use std::fmt::Write as _;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::stream::{self, StreamExt as _};
use serde_json::value::to_raw_value;

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
pub(super) fn single(document: &Bytes) -> Response {
    let body = [br#"{"data":"#, document.as_ref(), TAIL].concat();
    json(StatusCode::OK, body)
}

/// Refuses a query, as the vendor refuses a request it cannot read.
pub(super) fn bad_request(message: &str) -> Response {
    let message = to_raw_value(message).expect("a string is JSON");
    let body = format!(r#"{{"data":null,"success":false,"message":{message},"error":400}}"#);
    json(StatusCode::BAD_REQUEST, body.into_bytes())
}

/// Answers like the vendor for something that is not there: a 404 that calls itself a success.
pub(super) fn not_found(message: &str, error: u16) -> Response {
    let body = format!(r#"{{"data":"null","success":true,"message":"{message}","error":{error}}}"#);
    json(StatusCode::NOT_FOUND, body.into_bytes())
}

/// Answers like the vendor for a token that is missing, wrong, or without this scope.
pub(super) fn wrong_token() -> Response {
    let body = br#"{"data":null,"success":false,"message":"Wrong Token","error":125.22}"#;
    json(StatusCode::UNAUTHORIZED, body.to_vec())
}

/// Answers like the gateway in front of the vendor's servers: in XML.
pub(super) fn gateway_refusal() -> Response {
    let body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><error><code>401</code>\
                <message>Unauthorized</message></error>";
    let kind = [(header::CONTENT_TYPE, "application/xml")];
    (StatusCode::UNAUTHORIZED, kind, body).into_response()
}

/// Answers 200 with a web page where JSON was asked for.
pub(super) fn web_page() -> Response {
    let body = "<!doctype html><html><head><title>Manutenzione</title></head>\
                <body><h1>Torniamo subito</h1></body></html>";
    let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    (StatusCode::OK, kind, body).into_response()
}

/// Announces the whole answer, sends half of it and breaks off.
pub(super) async fn cut(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    // The sandbox's own answers are complete in memory, so reading them back cannot fail.
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts.headers.insert(header::CONTENT_LENGTH, body.len().into());
    let half = body.slice(..body.len() / 2);
    let halves = stream::iter([Ok(half)]).chain(stream::once(async {
        // An error at once would take the first half with it, before it has left.
        tokio::time::sleep(Duration::from_millis(20)).await;
        Err(broken())
    }));
    Response::from_parts(parts, Body::from_stream(halves))
}

/// Breaks the connection off before anything of an answer is sent.
pub(super) fn reset() -> Response {
    Response::new(Body::from_stream(stream::iter([Err::<Bytes, _>(broken())])))
}

fn broken() -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::ConnectionReset, "cut by the sandbox")
}

/// Draws a receipt as a PDF of one page with one line of text.
pub(super) fn pdf(line: &str) -> Response {
    let text: String = line
        .chars()
        .filter(|one| one.is_ascii_graphic() && !"()\\".contains(*one) || *one == ' ')
        .collect();
    let content = format!("BT /F1 12 Tf 20 100 Td ({text}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut body = String::from("%PDF-1.4\n");
    let mut offsets = String::new();
    for (number, object) in (1..).zip(&objects) {
        // The cross-reference table wants twenty bytes an entry, the line end included.
        let _ = writeln!(offsets, "{:010} 00000 n ", body.len());
        let _ = write!(body, "{number} 0 obj\n{object}\nendobj\n");
    }
    let start = body.len();
    let _ = write!(
        body,
        "xref\n0 6\n0000000000 65535 f \n{offsets}trailer\n<< /Size 6 /Root 1 0 R >>\n\
         startxref\n{start}\n%%EOF\n"
    );
    ([(header::CONTENT_TYPE, "application/pdf")], body).into_response()
}

fn json(status: StatusCode, body: Vec<u8>) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
