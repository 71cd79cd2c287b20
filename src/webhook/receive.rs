//! One callback on its way: the secret, the body, the store, and only then 200.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use secrecy::ExposeSecret as _;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::event::Event;
use super::{BODY_BYTES_MAX, Settings, message};
use crate::clock::Clock;
use crate::store::{NewCallback, Store};

/// The header that carries the secret.
const SECRET_HEADER: &str = "x-quadra-secret";
/// How long a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// How much of a content type is kept.
const CONTENT_TYPE_CHARS_MAX: usize = 200;

/// Is what every request needs.
pub(super) struct Shared {
    secret_hash: [u8; 32],
    store: Store,
    clock: Clock,
}

impl Shared {
    pub(super) fn new(settings: &Settings, store: Store, clock: Clock) -> Self {
        let secret_hash = Sha256::digest(settings.secret.expose_secret()).into();
        Self { secret_hash, store, clock }
    }

    /// Compares in constant time; hashes are compared, so that no length is told either.
    fn is_secret(&self, text: &[u8]) -> bool {
        let hash: [u8; 32] = Sha256::digest(text).into();
        hash.ct_eq(&self.secret_hash).into()
    }

    /// Tells whether the header or a part of the path is the secret.
    fn knows(&self, headers: &HeaderMap, uri: &Uri) -> bool {
        let header = headers.get(SECRET_HEADER).map(|value| self.is_secret(value.as_bytes()));
        let parts = uri.path().split('/').filter(|part| !part.is_empty());
        // All parts are compared, so that the time does not tell which one it was.
        let in_path = parts.fold(false, |found, part| self.is_secret(part.as_bytes()) | found);
        header.unwrap_or(false) | in_path
    }
}

pub(super) fn router(shared: Arc<Shared>) -> Router {
    // Any path: a proxy may add a prefix or take one off, and only the last part says something.
    Router::new().fallback(receive).with_state(shared)
}

async fn receive(State(shared): State<Arc<Shared>>, request: Request) -> (StatusCode, &'static str) {
    let (parts, body) = request.into_parts();
    if !shared.knows(&parts.headers, &parts.uri) {
        tracing::warn!("a callback without the secret was refused");
        return (StatusCode::UNAUTHORIZED, "");
    }
    if parts.method != Method::POST {
        return (StatusCode::METHOD_NOT_ALLOWED, "");
    }
    let content_type = parts.headers.get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let content_type: String = content_type.chars().take(CONTENT_TYPE_CHARS_MAX).collect();
    let body = match read_body(body).await {
        Ok(body) => body,
        Err(status) => return (status, ""),
    };
    let named = parts.uri.path().rsplit('/').find_map(Event::parse);
    match store(&shared, named, &content_type, &body).await {
        Ok(()) => (StatusCode::OK, "{\"success\":true}"),
        Err(error) => {
            tracing::error!("a callback could not be stored: {error}");
            (StatusCode::SERVICE_UNAVAILABLE, "")
        }
    }
}

async fn read_body(body: Body) -> Result<Vec<u8>, StatusCode> {
    match tokio::time::timeout(BODY_TIMEOUT, to_bytes(body, BODY_BYTES_MAX)).await {
        Ok(Ok(bytes)) => Ok(bytes.into()),
        Ok(Err(error)) => {
            // Whoever stops in the middle of a body does not wait for its answer.
            tracing::warn!("a callback's body was refused: {error}");
            Err(StatusCode::PAYLOAD_TOO_LARGE)
        }
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
    }
}

async fn store(
    shared: &Shared,
    named: Option<Event>,
    content_type: &str,
    body: &[u8],
) -> Result<(), crate::store::Error> {
    let message = message::read(named, content_type, body);
    if let Some(reason) = message.ignored_because {
        tracing::warn!(event = message.event, reason, "a callback is kept and ignored");
    }
    let callback = NewCallback {
        event: &message.event,
        resource: message.resource,
        source_id: &message.source_id,
        content_type,
        body,
        ignored_because: message.ignored_because,
    };
    let mut tx = shared.store.begin("store_callback").await?;
    tx.store_callback(&callback, shared.clock.now()).await?;
    tx.commit().await
}
