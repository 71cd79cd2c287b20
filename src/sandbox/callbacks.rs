//! Callbacks: what is told to whom, how often, and what came of it.
//!
//! A callback is queued at the moment of its event; a task of the server delivers what is
//! due. Only this machine is ever called, over plain HTTP: a callback to anywhere else is
//! kept with an error that says so.

use std::collections::{HashMap, VecDeque};

use axum::http::Uri;
use chrono::{DateTime, Duration, Utc};
use serde::Serialize;

use super::books::Books;
use super::data::wire::text;
use super::json::Object;
use super::state::{Collection, Shared};
use super::subscription::is_loopback;

/// Is one callback with everything that came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Callback {
    /// The id under which the token service lists it.
    pub id: String,
    /// The event, with hyphens, such as `receipt` or `customer-invoice`.
    pub event: String,
    /// Whose document it speaks of.
    pub fiscal_id: String,
    /// Where it goes.
    pub url: String,
    /// `JSON`, or `POST` for a form with one field.
    pub method: String,
    /// The name of that field.
    pub field: String,
    /// The headers that the subscriber asked for.
    pub headers: Vec<(String, String)>,
    /// The JSON that is sent, in either form.
    pub payload: String,
    /// How often it is repeated at most.
    pub retry: u32,
    /// When it was queued, on the sandbox's clock.
    pub created_at: DateTime<Utc>,
    /// When it is sent next; none once it is over.
    pub due_at: Option<DateTime<Utc>>,
    /// What each attempt brought.
    pub attempts: Vec<Attempt>,
}

/// Is one attempt to deliver a callback.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// When, on the sandbox's clock.
    pub at: DateTime<Utc>,
    /// What the receiver answered, if it did.
    pub status: Option<u16>,
    /// What went wrong, if nothing was answered.
    pub error: Option<String>,
    /// How long it took, in milliseconds of real time.
    pub elapsed_ms: u64,
}

impl Callback {
    /// Tells whether the receiver said 200.
    pub fn is_delivered(&self) -> bool {
        self.attempts.last().is_some_and(|attempt| attempt.status == Some(200))
    }
}

/// Is what is told: the event, whose it is, the document, and in which shape.
#[derive(Clone, Copy, Debug)]
pub(super) struct News<'a> {
    pub(super) event: &'a str,
    pub(super) fiscal_id: &'a str,
    pub(super) document: &'a Object,
    /// The document stands in `data.data`, as for a receipt that was posted.
    pub(super) is_double: bool,
}

/// Keeps callbacks until they are delivered, and afterwards.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    list: Vec<Callback>,
    by_id: HashMap<String, usize>,
    /// Those whose turn comes, with its moment; one that is sent twice stands here twice.
    queue: VecDeque<(DateTime<Utc>, usize)>,
    /// How many of the next callbacks are sent twice.
    twice: usize,
    /// Callbacks held back until so many have gathered; they leave in reverse.
    held: Vec<(DateTime<Utc>, usize)>,
    held_until: usize,
    under_way: usize,
}

impl Outgoing {
    pub(super) fn order_twice(&mut self, count: usize) {
        self.twice += count;
    }

    pub(super) fn order_reversed(&mut self, count: usize) {
        self.held_until = count;
    }

    pub(super) fn list(&self) -> &[Callback] {
        &self.list
    }

    pub(super) fn get(&self, id: &str) -> Option<&Callback> {
        self.by_id.get(id).map(|&place| &self.list[place])
    }

    /// Takes the next callback whose time has come.
    pub(super) fn next_due(&mut self, now: DateTime<Utc>) -> Option<Callback> {
        let position = self.queue.iter().position(|(due, _)| *due <= now)?;
        let (_, place) = self.queue.remove(position)?;
        self.under_way += 1;
        Some(self.list[place].clone())
    }

    /// Writes down what an attempt brought, and plans the next one if there is to be one.
    pub(super) fn attempted(&mut self, id: &str, attempt: Attempt, gap: Duration) {
        self.under_way = self.under_way.saturating_sub(1);
        let Some(&place) = self.by_id.get(id) else { return };
        let callback = &mut self.list[place];
        // A receiver that says no is not asked again; one that is in trouble is.
        let is_temporary =
            attempt.status.is_none_or(|status| status >= 500 || status == 408 || status == 429);
        let failures = u32::try_from(callback.attempts.len()).unwrap_or(u32::MAX);
        if is_temporary && failures < callback.retry {
            let gap = gap * 2_i32.saturating_pow(failures);
            self.queue.push_back((attempt.at + gap, place));
        }
        let mine = self.queue.iter().filter(|(_, other)| *other == place);
        callback.due_at = mine.map(|(due, _)| *due).min();
        callback.attempts.push(attempt);
    }

    /// Tells whether nothing is due or on its way.
    pub(super) fn is_quiet(&self, now: DateTime<Utc>) -> bool {
        self.under_way == 0 && !self.queue.iter().any(|(due, _)| *due <= now)
    }

    /// Tells whether there is nothing to wait for.
    pub(super) fn is_idle(&self) -> bool {
        self.under_way == 0 && self.queue.is_empty()
    }

    fn push(&mut self, callback: Callback) {
        let due_at = callback.due_at;
        let times = if self.twice > 0 { 2 } else { 1 };
        self.twice = self.twice.saturating_sub(1);
        let place = self.list.len();
        self.by_id.insert(callback.id.clone(), place);
        self.list.push(callback);
        let Some(due) = due_at else { return };
        for _ in 0..times {
            if self.held_until == 0 {
                self.queue.push_back((due, place));
                continue;
            }
            self.held.push((due, place));
            if self.held.len() >= self.held_until {
                self.held_until = 0;
                self.queue.extend(self.held.drain(..).rev());
            }
        }
    }
}

/// Queues a callback for everyone who subscribed to this event of this company.
pub(super) fn announce(shared: &Shared, books: &mut Books, news: News<'_>, at: DateTime<Utc>) {
    let company = shared.read(Collection::Configurations).by_fiscal_id(news.fiscal_id).cloned();
    let subscriptions = company
        .and_then(|company| company.object()?.objects("api_configurations"))
        .unwrap_or_default();
    for subscription in subscriptions {
        let event = subscription.string("event").unwrap_or_default().replace('_', "-");
        let Some(wanted) = subscription.object("callback").filter(|_| event == news.event) else {
            continue;
        };
        let url = wanted.string("url").unwrap_or_default();
        let headers = wanted.object("headers").unwrap_or_default();
        let mut callback = Callback {
            id: books.new_id(at),
            event,
            fiscal_id: news.fiscal_id.to_owned(),
            method: wanted.string("method").unwrap_or_else(|| "JSON".into()),
            field: wanted.string("field").unwrap_or_else(|| "data".into()),
            headers: headers
                .names()
                .filter_map(|name| Some((name.to_owned(), headers.string(name)?)))
                .collect(),
            payload: payload(news, wanted.raw("custom").unwrap_or("null")),
            retry: wanted.get("retry").unwrap_or_default(),
            created_at: at,
            due_at: Some(at),
            attempts: Vec::new(),
            url,
        };
        if !is_loopback(&callback.url) {
            let error = "the sandbox calls back this machine only, over plain HTTP".to_owned();
            callback.due_at = None;
            callback.attempts.push(Attempt { at, status: None, error: Some(error), elapsed_ms: 0 });
        }
        books.outgoing.push(callback);
    }
    shared.wake.notify_one();
}

/// Writes what is sent: `custom` stands beside the document, or beside the inner `data`.
fn payload(news: News<'_>, custom: &str) -> String {
    let document = text(news.document);
    if news.is_double {
        format!(r#"{{"data":{{"data":{document},"custom":{custom}}}}}"#)
    } else {
        format!(r#"{{"data":{document},"custom":{custom}}}"#)
    }
}

/// Returns host and port, and the path with its query.
pub(super) fn address(url: &str) -> Option<(String, String)> {
    let uri: Uri = url.parse().ok()?;
    let host = uri.host()?;
    let port = uri.port_u16().unwrap_or(80);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    Some((format!("{host}:{port}"), path.to_owned()))
}
