//! Answers that are not the data asked for: gateways, web pages, broken connections.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::stream::{self, StreamExt as _};

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

/// Announces a length that is so many bytes off, and sends no more than it announces.
pub(super) async fn wrong_length(response: Response, off: i64) -> Response {
    let (mut parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let announced = i64::try_from(body.len()).unwrap_or(i64::MAX).saturating_add(off).max(0);
    let sent = usize::try_from(announced).map_or(body.len(), |length| length.min(body.len()));
    parts.headers.insert(header::CONTENT_LENGTH, announced.into());
    // A body whose length the server knows would be checked against the header.
    let chunks = stream::iter([Ok::<_, std::io::Error>(body.slice(..sent))]);
    Response::from_parts(parts, Body::from_stream(chunks))
}

/// Answers as a test said word for word.
pub(super) fn told(status: u16, headers: &[(String, String)], body: String) -> Response {
    let mut response = Response::new(body.into());
    // A status that HTTP does not know would be a mistake in the test, shown as 500.
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in headers {
        let name = name.parse::<HeaderName>();
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
