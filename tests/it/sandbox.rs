//! The sandbox over HTTP: what it serves, how it refuses, how it misbehaves on command.
#![expect(clippy::unwrap_used, reason = "a helper of a test may fail like the test")]

mod answers;
mod demo;
mod lists;
mod misbehaviour;

use std::collections::BTreeSet;

use quadra::sandbox::{Faults, Options, Running};
use reqwest::StatusCode;
use serde_json::Value;

fn well_behaved() -> Options {
    Options { receipts: 400, invoices: 150, faults: Faults::none(), ..Options::default() }
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
