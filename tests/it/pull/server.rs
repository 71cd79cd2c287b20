//! Serves lists of receipts on loopback and misbehaves as it is told.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{RawQuery, State};
use axum::http::{Response, Uri};
use chrono::{Days, NaiveDate};
use futures::stream;
use quadra::api::{Client, Settings};
use quadra::clock::Clock;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

/// The token that every test's client sends.
pub(crate) const TOKEN: &str = "5ec2e77074ca11ab1e000001";

/// One document of the list.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) day: NaiveDate,
    pub(crate) status: &'static str,
}

impl Row {
    pub(crate) fn body(&self) -> String {
        let Self { id, day, status } = self;
        format!(
            r#"{{"id":"{id}","fiscal_id":"09876543217","status":"{status}","total_amount":8.19672131,"created_at":"{day}T10:00:00.000Z"}}"#
        )
    }
}

/// Returns so many final receipts of one day, with ids that sort as they stand.
pub(crate) fn rows(count: usize) -> Vec<Row> {
    let day = first_day();
    (0..count).map(|n| Row { id: format!("r{n:06}"), day, status: "ready" }).collect()
}

pub(crate) fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 2, 3).unwrap()
}

/// One way of answering that is not the list asked for.
#[derive(Clone)]
pub(crate) enum Fault {
    /// The list after all.
    None,
    /// This status with these headers and this body.
    Answer(u16, Vec<(&'static str, String)>, String),
    /// A JSON list whose content length is announced so many bytes off.
    WrongLength(i64),
    /// No answer at all.
    Hang,
}

impl Fault {
    pub(crate) fn json(status: u16, body: &str) -> Self {
        Self::answer(status, "application/json", body)
    }

    pub(crate) fn answer(status: u16, content_type: &str, body: &str) -> Self {
        Self::Answer(status, vec![("content-type", content_type.to_owned())], body.to_owned())
    }

    pub(crate) fn busy(status: u16, retry_after: &str) -> Self {
        let body = r#"{"data":"null","success":false,"message":"busy","error":null}"#;
        Self::Answer(status, vec![("retry-after", retry_after.to_owned())], body.to_owned())
    }
}

type Hook = Box<dyn FnMut(usize, &mut Vec<Row>) + Send>;

/// What the server knows and has seen.
#[derive(Default)]
pub(crate) struct Script {
    pub(crate) rows: Vec<Row>,
    /// One for each request to come; then the list is served.
    pub(crate) faults: VecDeque<Fault>,
    /// Answers every request once the queue is empty.
    pub(crate) always: Option<Fault>,
    /// Changes the list before the n-th request, from 0, is answered.
    pub(crate) before: Option<Hook>,
    /// The path and query of every request.
    pub(crate) requests: Vec<String>,
    pub(crate) arrived_at: Vec<Instant>,
    /// More rows than this are never given.
    pub(crate) page_rows_max: Option<usize>,
}

pub(crate) struct Server {
    url: String,
    script: Arc<Mutex<Script>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub(crate) async fn start(rows: Vec<Row>) -> Self {
        let script = Arc::new(Mutex::new(Script { rows, ..Script::default() }));
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

    /// Queues faults for the next requests.
    pub(crate) fn then(&self, faults: impl IntoIterator<Item = Fault>) {
        self.script().faults.extend(faults);
    }

    pub(crate) fn requests(&self) -> usize {
        self.script().requests.len()
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(self.settings(), Clock::System).unwrap()
    }

    /// Returns settings that are quick to give up.
    pub(crate) fn settings(&self) -> Settings {
        Settings {
            base_url: self.url.clone(),
            token: TOKEN.to_owned().into(),
            requests_per_second: None,
            attempts_max: 3,
            backoff_ms: 4,
            backoff_cap_ms: 10,
            timeout_ms: 2_000,
            jitter_seed: Some(1),
            ..Settings::default()
        }
    }
}

async fn answer(
    State(script): State<Arc<Mutex<Script>>>,
    uri: Uri,
    RawQuery(query): RawQuery,
) -> Response<Body> {
    let fault = {
        let mut script = script.lock().unwrap();
        let number = script.requests.len();
        script.requests.push(uri.to_string());
        script.arrived_at.push(Instant::now());
        if let Some(mut before) = script.before.take() {
            before(number, &mut script.rows);
            script.before = Some(before);
        }
        let fault = script.faults.pop_front().or_else(|| script.always.clone());
        fault.unwrap_or(Fault::None)
    };
    let list = || list(&script.lock().unwrap(), &query.unwrap_or_default());
    match fault {
        Fault::None => json().body(Body::from(list())).unwrap(),
        Fault::Answer(status, headers, body) => {
            let builder = Response::builder().status(status);
            let builder = headers
                .into_iter()
                .fold(builder, |builder, (name, value)| builder.header(name, value));
            builder.body(Body::from(body)).unwrap()
        }
        Fault::WrongLength(off) => {
            let body = list();
            let length = i64::try_from(body.len()).unwrap() + off;
            let kept = body.len().min(usize::try_from(length).unwrap());
            let chunk = Bytes::from(body).slice(..kept);
            let chunks = stream::iter([Ok::<_, std::io::Error>(chunk)]);
            json().header("content-length", length).body(Body::from_stream(chunks)).unwrap()
        }
        Fault::Hang => std::future::pending().await,
    }
}

fn json() -> axum::http::response::Builder {
    Response::builder().header("content-type", "application/json; charset=utf-8")
}

fn list(script: &Script, query: &str) -> String {
    let query: HashMap<&str, &str> =
        query.split('&').filter_map(|pair| pair.split_once('=')).collect();
    let number = |name: &str| query.get(name).and_then(|text| text.parse::<usize>().ok());
    let day = |name: &str| query.get(name).and_then(|text| text.parse::<NaiveDate>().ok());
    // The bounds are exclusive and the days are one off: the worst the documents allow.
    let after = day("created_at%5Bafter%5D").map(|day| day + Days::new(1));
    let before = day("created_at%5Bbefore%5D").map(|day| day - Days::new(1));
    let statuses = query.get("status");
    let limit = number("limit").unwrap_or(20).min(script.page_rows_max.unwrap_or(100));
    let bodies: Vec<String> = script
        .rows
        .iter()
        .filter(|row| after.is_none_or(|after| row.day >= after))
        .filter(|row| before.is_none_or(|before| row.day <= before))
        .filter(|row| statuses.is_none_or(|all| all.split(',').any(|one| one == row.status)))
        .skip(number("skip").unwrap_or(0))
        .take(limit)
        .map(Row::body)
        .collect();
    format!(r#"{{"data":[{}],"success":true,"message":"","error":null}}"#, bodies.join(","))
}
