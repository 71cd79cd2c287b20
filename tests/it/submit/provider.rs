//! A provider of a few lines that counts effects and misbehaves as it is told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use quadra::clock::Clock;
use quadra::config::Config;
use quadra::worker::{Context, Pace};
use serde_json::{Value, json};
use tempfile::TempDir;

/// How the provider treats one request that would have an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Answers this status without doing anything.
    Refuse(u16),
    /// Does it, then answers this status.
    DoThenFail(u16),
    /// Does it, then answers with a page.
    DoThenPage,
}

#[derive(Default)]
pub(crate) struct Script {
    pub(crate) receipts: Vec<Value>,
    pub(crate) faults: VecDeque<Fault>,
    /// Method and path of every request.
    pub(crate) requests: Vec<String>,
    pub(crate) bodies: Vec<String>,
    /// The tokens that are good; none means any.
    pub(crate) good_tokens: Vec<String>,
    /// How many tokens were minted.
    pub(crate) minted: usize,
}

pub(crate) struct Provider {
    pub(crate) url: String,
    script: Arc<Mutex<Script>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Provider {
    pub(crate) async fn start() -> Self {
        let script = Arc::new(Mutex::new(Script::default()));
        let router = Router::new().fallback(answer).with_state(Arc::clone(&script));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        #[expect(clippy::disallowed_methods, reason = "a server of this test")]
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, script, task }
    }

    pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }

    /// Opens a store in a new folder, at this instant.
    pub(crate) async fn context(&self, now: &str) -> (TempDir, Context) {
        let folder = tempfile::tempdir().unwrap();
        let ctx = self.context_in(&folder, now).await;
        (folder, ctx)
    }

    pub(crate) async fn context_in(&self, folder: &TempDir, now: &str) -> Context {
        let store = format!("sqlite://{}", folder.path().join("quadra.db").display());
        let setting = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let token = folder.path().join("token");
        write_private(&token, "t0");
        let overrides = [
            setting("api.base_url", &self.url),
            setting("api.requests_per_second", "1000"),
            setting("store.url", &store),
            setting("api.token_file", &token.display().to_string()),
        ];
        let config = Config::without_file(&overrides).unwrap();
        Context::open(config, Clock::Fixed(now.parse().unwrap())).await.unwrap()
    }
}

/// Writes a file that only its owner can read.
pub(crate) fn write_private(path: &std::path::Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// No waits, and absence is believed at once.
pub(crate) fn hasty() -> Pace {
    Pace { waits: vec![std::time::Duration::ZERO], settle_seconds: 0 }
}

async fn answer(
    State(script): State<Arc<Mutex<Script>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut script = script.lock().unwrap();
    script.requests.push(format!("{method} {}", uri.path()));
    script.bodies.push(String::from_utf8_lossy(&body).into_owned());
    if uri.path().starts_with("/token") {
        return mint(&mut script, uri.path(), &headers);
    }
    let bearer = headers.get("authorization").and_then(|value| value.to_str().ok());
    let token = bearer.and_then(|text| text.strip_prefix("Bearer ")).unwrap_or_default().to_owned();
    if !script.good_tokens.is_empty() && !script.good_tokens.contains(&token) {
        let said = json!({"data": null, "success": false, "message": format!("Wrong Token {token}"), "error": 125.22});
        return (StatusCode::UNAUTHORIZED, axum::Json(said)).into_response();
    }
    if method == Method::GET {
        return done(&Value::Array(script.receipts.clone()));
    }
    let fault = script.faults.pop_front();
    if let Some(Fault::Refuse(status)) = fault {
        return failed(status);
    }
    let mut receipt: Value = serde_json::from_slice(&body).unwrap_or(json!({}));
    receipt["id"] = format!("r{}", script.receipts.len()).into();
    receipt["type"] = "sale".into();
    script.receipts.push(receipt.clone());
    match fault {
        Some(Fault::DoThenFail(status)) => failed(status),
        Some(Fault::DoThenPage) => axum::response::Html("<p>soon</p>").into_response(),
        _ => done(&receipt),
    }
}

fn mint(script: &mut Script, path: &str, headers: &HeaderMap) -> Response {
    let login = headers.get("authorization").unwrap().to_str().unwrap();
    // `mario@rossi.example:ap1-k3y`
    if login != "Basic bWFyaW9Acm9zc2kuZXhhbXBsZTphcDEtazN5" {
        return failed(401);
    }
    script.minted += 1;
    let token = format!("minted{}", script.minted);
    script.good_tokens = vec![token.clone()];
    let body = if path == "/token" {
        json!({"scopes": [], "expire": 4_102_444_800_i64, "token": token, "success": true})
    } else {
        json!({"token": token, "expireAt": "2100-01-01T00:00:00Z", "refreshToken": "refr3sh"})
    };
    axum::Json(body).into_response()
}

fn done(data: &Value) -> Response {
    let body = json!({"data": data, "success": true, "message": "", "error": null});
    axum::Json(body).into_response()
}

fn failed(status: u16) -> Response {
    let body = json!({"data": "null", "success": false, "message": "no", "error": status});
    (StatusCode::from_u16(status).unwrap(), axum::Json(body)).into_response()
}
