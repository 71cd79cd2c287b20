//! A server that answers from bodies that were written down, and computes nothing but pages.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use quadra::api::Resource;
use serde_json::{Value, json};

use crate::world::repository;

/// The gateway's refusal, as it was seen where the host was wrong.
const REFUSED_XML: &str = r#"<?xml version="1.0" encoding="UTF-8"?><error><code>401</code><message>Unauthorized</message></error>"#;
const REFUSED_JSON: &str =
    r#"{"data":null,"success":false,"message":"Wrong Token","error":125.22}"#;

#[derive(Default)]
struct Bodies {
    token: String,
    lists: BTreeMap<&'static str, Vec<Value>>,
    next: VecDeque<String>,
    refuses_in_xml: bool,
}

pub(super) struct Recorded {
    url: String,
    bodies: Arc<Mutex<Bodies>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Recorded {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Recorded {
    /// Serves the shipped samples.
    pub(super) async fn samples(token: &str) -> Self {
        let read = |name: &str| -> Vec<Value> {
            let path = repository().join(format!("samples/api/demo-{name}.json"));
            serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
        };
        Self::start(token, read("configurations"), read("receipts"), read("invoices")).await
    }

    /// Serves the examples of the vendor's specification, if it is there.
    pub(super) async fn specification(token: &str) -> Option<Self> {
        let path = Path::new("../shared/oas/invoice.openapi.json");
        let text = std::fs::read_to_string(repository().join(path)).ok()?;
        let specification: Value = serde_json::from_str(&text).unwrap();
        let examples = |path: &str| -> Vec<Value> {
            let example = &specification["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
                ["example"]["data"];
            example.as_array().cloned().unwrap_or_default()
        };
        // It has no list of invoices, but tells of one in a callback.
        let invoice = json!({"id": "0123456789abcdef01234567", "fiscal_id": "12345678901",
            "state": "DONE", "issue_date": "2026-01-26", "total_gross_amount": 10.5});
        let (companies, receipts) = (examples("/IT-configurations"), examples("/IT-receipts"));
        Some(Self::start(token, companies, receipts, vec![invoice]).await)
    }

    async fn start(
        token: &str,
        configurations: Vec<Value>,
        receipts: Vec<Value>,
        invoices: Vec<Value>,
    ) -> Self {
        let lists = BTreeMap::from([
            ("/IT-configurations", configurations),
            ("/IT-receipts", receipts),
            ("/IT-invoices", invoices),
        ]);
        let bodies = Bodies { token: token.to_owned(), lists, ..Bodies::default() };
        let bodies = Arc::new(Mutex::new(bodies));
        let router = Router::new().fallback(answer).with_state(Arc::clone(&bodies));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        #[expect(clippy::disallowed_methods, reason = "a server of this test")]
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, bodies, task }
    }

    pub(super) fn base_url(&self) -> String {
        self.url.clone()
    }

    pub(super) fn refuse_in_xml(&self) {
        self.bodies.lock().unwrap().refuses_in_xml = true;
    }

    pub(super) fn next_list(&self, body: &str) {
        self.bodies.lock().unwrap().next.push_back(body.to_owned());
    }

    pub(super) fn put(&self, resource: Resource, body: &Value) {
        let path = if resource == Resource::Receipts { "/IT-receipts" } else { "/IT-invoices" };
        let mut bodies = self.bodies.lock().unwrap();
        let rows = bodies.lists.get_mut(path).unwrap();
        *rows.iter_mut().find(|row| row["id"] == body["id"]).unwrap() = body.clone();
    }
}

async fn answer(
    State(bodies): State<Arc<Mutex<Bodies>>>,
    Query(query): Query<BTreeMap<String, String>>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let mut bodies = bodies.lock().unwrap();
    let wanted = format!("Bearer {}", bodies.token);
    if headers.get(header::AUTHORIZATION).is_none_or(|given| given.as_bytes() != wanted.as_bytes())
    {
        let (kind, body) = if bodies.refuses_in_xml {
            ("application/xml", REFUSED_XML)
        } else {
            ("application/json", REFUSED_JSON)
        };
        return (StatusCode::UNAUTHORIZED, [(header::CONTENT_TYPE, kind)], body).into_response();
    }
    // What is asked for by status is not part of what was written down.
    let is_window = uri.path() == "/IT-receipts" && !query.contains_key("status");
    let is_windowed = query.contains_key("created_at[after]");
    if let Some(body) = bodies.next.pop_front_if(|_| is_window && is_windowed) {
        return ([(header::CONTENT_TYPE, "application/json")], body).into_response();
    }
    let rows = bodies.lists.get(uri.path()).map(Vec::as_slice).unwrap_or_default();
    let number = |name: &str| query.get(name).and_then(|text| text.parse::<usize>().ok());
    let bound =
        |end: &str| query.iter().find(|(name, _)| name.ends_with(end)).map(|(_, day)| day.as_str());
    let is_asked = |row: &&Value| {
        let moments = ["created_at", "issue_date", "create_at"].map(|name| row[name].as_str());
        let day = moments.into_iter().flatten().next().and_then(|text| text.get(..10));
        bound("[after]").is_none_or(|after| day.is_none_or(|day| day >= after))
            && bound("[before]").is_none_or(|before| day.is_none_or(|day| day <= before))
            && query.get("status").is_none_or(|all| {
                row["status"].as_str().is_some_and(|one| all.split(',').any(|word| word == one))
            })
    };
    let skip = number("skip").unwrap_or(0);
    let limit = number("limit").unwrap_or(usize::MAX);
    let data: Vec<&Value> = rows.iter().filter(is_asked).skip(skip).take(limit).collect();
    axum::Json(json!({"data": data, "success": true, "message": "", "error": null})).into_response()
}
