//! The sandbox over HTTP: what it serves, how it refuses, how it misbehaves on command.
#![expect(clippy::unwrap_used, reason = "a helper of a test may fail like the test")]

mod answers;
mod callbacks;
mod companies;
mod contract;
mod control;
mod demo;
mod invoices;
mod lists;
mod misbehaviour;
mod receipts;
mod tokens;
mod unclear;

pub(crate) use invoices::{BUYER, file as invoice_file};

use std::collections::BTreeSet;

use chrono::{DateTime, TimeZone as _, Utc};
use quadra::clock::Clock;
use quadra::sandbox::{Faults, Options, Running};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

fn well_behaved() -> Options {
    Options { receipts: 400, invoices: 150, faults: Faults::none(), ..Options::default() }
}

/// A sandbox without documents, at ten in the morning in Rome, whose clock stands still.
fn quiet() -> Options {
    Options { receipts: 0, invoices: 0, clock: Clock::Fixed(at(10, 0)), ..well_behaved() }
}

/// A time in Rome on 3 March 2026.
fn at(hour: u32, minute: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 3, hour, minute, 0).unwrap() - chrono::Duration::hours(1)
}

/// A sale of two things for 14 euros in cash.
fn sale(fiscal_id: &str, tag: &str) -> Value {
    json!({
        "fiscal_id": fiscal_id,
        "items": [
            { "quantity": 2, "description": "Pane", "unit_price": 1.5, "vat_rate_code": "4" },
            { "quantity": 1, "description": "Vino", "unit_price": 11, "vat_rate_code": "22" },
        ],
        "cash_payment_amount": 14,
        "tags": [tag],
    })
}

/// A client that asks as `api` would, but without any of its code.
struct Client {
    http: reqwest::Client,
    base: String,
}

impl Client {
    fn of(sandbox: &Running) -> Self {
        Self { http: reqwest::Client::builder().build().unwrap(), base: sandbox.base_url() }
    }

    async fn answer(&self, path: &str) -> reqwest::Response {
        self.request(path).send().await.unwrap()
    }

    fn request(&self, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}{path}", self.base);
        self.http.get(url).bearer_auth("any")
    }

    async fn send(&self, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
        let url = format!("{}{path}", self.base);
        let request = self.http.request(method, url).bearer_auth("any").json(body);
        let response = request.send().await.unwrap();
        (response.status(), response.json().await.unwrap())
    }

    /// Sends what must be taken, and returns its data.
    async fn take(&self, method: Method, path: &str, body: &Value) -> Value {
        let (status, mut answer) = self.send(method, path, body).await;
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        answer["data"].take()
    }

    async fn send_xml(&self, xml: &str) -> (StatusCode, Value) {
        let request = self.http.post(format!("{}/IT-invoices", self.base)).bearer_auth("any");
        let request = request.header("content-type", "application/xml").body(xml.to_owned());
        let response = request.send().await.unwrap();
        (response.status(), response.json().await.unwrap())
    }

    /// The first company of the sandbox.
    async fn company(&self) -> String {
        self.rows("/IT-configurations").await[0]["fiscal_id"].as_str().unwrap().to_owned()
    }

    async fn json(&self, path: &str) -> Value {
        let response = self.answer(path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.json().await.unwrap()
    }

    async fn rows(&self, path: &str) -> Vec<Value> {
        self.json(path).await["data"].as_array().unwrap().clone()
    }

    /// Reads a list page by page until a short page.
    async fn list(&self, path: &str) -> Vec<Value> {
        let joint = if path.contains('?') { '&' } else { '?' };
        let mut all = Vec::new();
        loop {
            let page = self.rows(&format!("{path}{joint}limit=100&skip={}", all.len())).await;
            let short = page.len() < 100;
            all.extend(page);
            if short {
                return all;
            }
        }
    }
}

fn ids(rows: &[Value]) -> BTreeSet<&str> {
    rows.iter().map(|row| row["id"].as_str().unwrap()).collect()
}
