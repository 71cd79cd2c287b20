//! One callback on its way: the secret, the body, the store, and only then 200.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::event::Event;
use super::message;
use crate::api::CALLBACK_SECRET_HEADER;
use crate::clock::Clock;
use crate::server::Limits;
use crate::store::{Error, NewCallback, Store};

/// How much of a content type is kept.
const CONTENT_TYPE_CHARS_MAX: usize = 200;
/// What the sender hears once the callback is kept.
const KEPT: &str = r#"{"success":true}"#;

/// Holds what every request needs.
struct Shared {
    secret_hash: [u8; 32],
    limits: Limits,
    store: Store,
    clock: Clock,
}

impl Shared {
    /// Compares in constant time; hashes are compared, so that no length is told either.
    fn is_secret(&self, text: &[u8]) -> bool {
        let hash: [u8; 32] = Sha256::digest(text).into();
        hash.ct_eq(&self.secret_hash).into()
    }

    /// Tells whether the header or a part of the path is the secret.
    fn is_ours(&self, headers: &HeaderMap, uri: &Uri) -> bool {
        let header = headers.get(CALLBACK_SECRET_HEADER);
        let in_header = header.is_some_and(|value| self.is_secret(value.as_bytes()));
        let parts = uri.path().split('/').filter(|part| !part.is_empty());
        // All parts are compared, so that the time does not tell which one it was.
        let in_path = parts.fold(false, |found, part| self.is_secret(part.as_bytes()) | found);
        in_header | in_path
    }
}

/// Returns what answers callbacks, at any path, as long as they carry the secret.
///
/// A proxy may add a prefix to the path or take one off: only its last part that names an event
/// says something.
pub fn router(secret: &SecretString, limits: Limits, store: Store, clock: Clock) -> Router {
    let secret_hash = Sha256::digest(secret.expose_secret()).into();
    let shared = Arc::new(Shared { secret_hash, limits, store, clock });
    Router::new().fallback(receive).with_state(shared)
}

async fn receive(
    State(shared): State<Arc<Shared>>,
    request: Request,
) -> (StatusCode, &'static str) {
    let (parts, body) = request.into_parts();
    if !shared.is_ours(&parts.headers, &parts.uri) {
        tracing::warn!("a callback without our secret was refused");
        return (StatusCode::UNAUTHORIZED, "");
    }
    if parts.method != Method::POST {
        return (StatusCode::METHOD_NOT_ALLOWED, "");
    }
    let content_type = parts.headers.get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let content_type: String = content_type.chars().take(CONTENT_TYPE_CHARS_MAX).collect();
    let body = match read_body(body, shared.limits).await {
        Ok(body) => body,
        Err(status) => return (status, ""),
    };
    let named = parts.uri.path().rsplit('/').find_map(Event::parse);
    match keep(&shared, named, &content_type, &body).await {
        Ok(()) => (StatusCode::OK, KEPT),
        Err(error) => {
            tracing::error!("a callback could not be kept: {error}");
            (StatusCode::SERVICE_UNAVAILABLE, "")
        }
    }
}

async fn read_body(body: Body, limits: Limits) -> Result<Vec<u8>, StatusCode> {
    match tokio::time::timeout(limits.body_timeout, to_bytes(body, limits.body_bytes_max)).await {
        Ok(Ok(bytes)) => Ok(bytes.into()),
        Ok(Err(error)) => {
            // Whoever breaks off in the middle of a body does not wait for its answer.
            tracing::warn!("a callback's body was refused: {error}");
            Err(StatusCode::PAYLOAD_TOO_LARGE)
        }
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
    }
}

/// Commits a callback as it came.
async fn keep(
    shared: &Shared,
    named: Option<Event>,
    content_type: &str,
    body: &[u8],
) -> Result<(), Error> {
    let message = message::read(named, content_type, body);
    let event = message.event.as_str();
    if let Some(reason) = message.ignored_because {
        tracing::warn!(event, reason, "a callback is kept and ignored");
    } else {
        tracing::info!(event, "a callback is kept");
    }
    let callback = NewCallback {
        event,
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
