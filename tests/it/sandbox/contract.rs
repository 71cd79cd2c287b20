//! Every operation of the vendor's specification, its answers held against their schemas.
//!
//! Where this machine has no specification the tests say that they were skipped. What the
//! sandbox answers beyond it stands in `tests/contract/allowed.json` with its reasons.

mod schema;

use std::collections::BTreeSet;

use chrono::Duration;
use quadra::sandbox::{Options, start};
use reqwest::Method;
use serde_json::{Value, json};

use self::schema::{specification, violations, with_departures};
use super::invoices::{BUYER, file};
use super::{Client, quiet, sale};

/// The schemas of the older token service want a number where its own examples have null.
const FORGIVEN: &str = "answer.error: null is no \"integer\"";

/// Holds answers against one specification and remembers which operations were asked.
struct Contract {
    specification: Value,
    asked: BTreeSet<String>,
}

impl Contract {
    fn of(name: &str) -> Option<Self> {
        let specification = specification(name);
        if specification.is_none() {
            eprintln!("skipped: ../shared/oas/{name} is not on this machine");
        }
        Some(Self { specification: specification?, asked: BTreeSet::new() })
    }

    /// Sends a request and returns its answer, which must be as specified.
    async fn ask(&mut self, operation: &str, request: reqwest::RequestBuilder) -> Value {
        let response = request.send().await.unwrap();
        let status = response.status().as_u16().to_string();
        let kind = response.headers().get("content-type").cloned();
        let text = response.text().await.unwrap();
        self.asked.insert(operation.to_owned());
        let (method, path) = operation.split_once(' ').unwrap();
        let responses = &self.specification["paths"][path][method.to_lowercase()]["responses"];
        let response = responses.get(&status);
        let response =
            response.unwrap_or_else(|| panic!("{operation}: {status} is not listed: {text}"));
        if kind.as_ref().is_none_or(|kind| kind != "application/json") {
            assert!(response["content"].get(kind.unwrap().to_str().unwrap()).is_some());
            return Value::Null;
        }
        let answer: Value = serde_json::from_str(&text).unwrap();
        let schema = &response["content"]["application/json"]["schema"];
        let mut found = violations(&self.specification, schema, &answer, "answer");
        found.retain(|one| one != FORGIVEN);
        assert!(found.is_empty(), "{operation} {status}: {found:#?}");
        answer
    }

    /// Returns the operations of the specification that nobody asked.
    fn unasked(&self) -> Vec<String> {
        let paths = self.specification["paths"].as_object().unwrap();
        let all = paths.iter().flat_map(|(path, operations)| {
            let methods = operations.as_object().unwrap().keys();
            methods.map(move |method| format!("{} {path}", method.to_uppercase()))
        });
        all.filter(|operation| !self.asked.contains(operation)).collect()
    }
}

fn request(client: &Client, method: Method, path: &str) -> reqwest::RequestBuilder {
    client.http.request(method, format!("{}{path}", client.base)).bearer_auth("any")
}

#[tokio::test]
async fn every_operation_answers_as_specified() {
    let Some(mut contract) = Contract::of("invoice.openapi.json") else { return };
    contract.specification = with_departures(contract.specification);
    let options = Options { receipts: 300, invoices: 150, ..quiet() };
    let sandbox = start(options).await.unwrap();
    let (client, handle) = (Client::of(&sandbox), sandbox.handle());
    let company = client.company().await;
    let get = |path: &str| request(&client, Method::GET, path);
    contract.ask("GET /IT-configurations", get("/IT-configurations")).await;
    for id in [company.as_str(), "unknown"] {
        let path = format!("/IT-configurations/{id}");
        contract.ask("GET /IT-configurations/{fiscal_id}", get(&path)).await;
        let patch = request(&client, Method::PATCH, &path);
        for body in [json!({"receipts": true}), json!({"name": "x"})] {
            let patch = patch.try_clone().unwrap().json(&body);
            contract.ask("PATCH /IT-configurations/{fiscal_id}", patch).await;
        }
    }
    for body in [
        json!({"fiscal_id": "N1", "name": "N", "email": "n@quadra.example", "supplier_invoice": true,
               "receipts_authentication": {"taxCode": "X"},
               "api_configurations": [{"event": "receipt", "callback":
                   {"url": "http://127.0.0.1:9/", "custom": {"a": 1}, "headers": {"x": "y"}}}]}),
        json!({"fiscal_id": "N1", "name": "N", "email": "n@quadra.example"}),
        json!({}),
    ] {
        let post = request(&client, Method::POST, "/IT-configurations").json(&body);
        contract.ask("POST /IT-configurations", post).await;
    }
    for id in ["N1", "N1", company.as_str()] {
        let path = format!("/IT-configurations/{id}");
        let delete = request(&client, Method::DELETE, &path);
        contract.ask("DELETE /IT-configurations/{fiscal_id}", delete).await;
    }
    receipts(&mut contract, &client, &company, &handle).await;
    invoices(&mut contract, &client, &company, &handle).await;
    assert_eq!(contract.unasked(), Vec::<String>::new());
}

async fn receipts(
    contract: &mut Contract,
    client: &Client,
    company: &str,
    handle: &quadra::sandbox::Handle,
) {
    let post = |body: &Value| request(client, Method::POST, "/IT-receipts").json(body);
    let taken = contract.ask("POST /IT-receipts", post(&sale(company, "a"))).await;
    contract.ask("POST /IT-receipts", post(&sale("unknown", "a"))).await;
    contract.ask("POST /IT-receipts", post(&json!({}))).await;
    let path = format!("/IT-receipts/{}", taken["data"]["id"].as_str().unwrap());
    for _ in 0..3 {
        for list in
            ["/IT-receipts?limit=100", "/IT-receipts?skip=100&limit=100", "/IT-receipts?limit=0"]
        {
            contract.ask("GET /IT-receipts", request(client, Method::GET, list)).await;
        }
        let single =
            contract.ask("GET /IT-receipts/{id}", request(client, Method::GET, &path)).await;
        let paper = request(client, Method::GET, &path).header("content-type", "application/pdf");
        contract.ask("GET /IT-receipts/{id}", paper).await;
        let item = single["data"]["items"][0]["id"].clone();
        let back = request(client, Method::PATCH, &path)
            .json(&json!({"items": [{"id": item, "quantity": 1}]}));
        contract.ask("PATCH /IT-receipts/{id}", back).await;
        handle.advance(Duration::minutes(1));
    }
    let other = contract.ask("POST /IT-receipts", post(&sale(company, "b"))).await;
    handle.advance(Duration::minutes(1));
    let other = format!("/IT-receipts/{}", other["data"]["id"].as_str().unwrap());
    for path in [other.as_str(), other.as_str(), "/IT-receipts/unknown"] {
        contract.ask("DELETE /IT-receipts/{id}", request(client, Method::DELETE, path)).await;
        contract.ask("GET /IT-receipts/{id}", request(client, Method::GET, path)).await;
    }
}

async fn invoices(
    contract: &mut Contract,
    client: &Client,
    company: &str,
    handle: &quadra::sandbox::Handle,
) {
    let xml = |number: &str| file(company, BUYER, number, "FPR12", "ABC1234");
    let mut id = String::new();
    for body in [
        xml("1"),
        xml("1").replace("<Numero>1", "<Nummer>"),
        "x".into(),
        file("1", BUYER, "1", "FPR12", "X"),
    ] {
        let post = request(client, Method::POST, "/IT-invoices").body(body);
        let answer = contract.ask("POST /IT-invoices", post).await;
        id.push_str(answer["data"]["id"].as_str().unwrap_or_default());
    }
    for body in [
        json!({"invoice": xml("2")}),
        json!({"invoice": xml("2")}),
        json!({"invoice": file(BUYER, BUYER, "2", "FPR12", "X")}),
    ] {
        let post = request(client, Method::POST, "/IT-invoices_import").json(&body);
        contract.ask("POST /IT-invoices_import", post).await;
    }
    for _ in 0..3 {
        for list in
            ["/IT-invoices?limit=100", "/IT-invoices?skip=100&limit=100", "/IT-invoices?state=x"]
        {
            contract.ask("GET /IT-invoices", request(client, Method::GET, list)).await;
        }
        let single = request(client, Method::GET, &format!("/IT-invoices/{id}"));
        contract.ask("GET /IT-invoices/{id}", single).await;
        handle.advance(Duration::minutes(1));
    }
}

#[tokio::test]
async fn token_services_answer_as_specified() {
    let sandbox = start(quiet()).await.unwrap();
    let client = Client::of(&sandbox);
    let ask = |method: Method, path: &str, body: Value| {
        let request = client.http.request(method, format!("{}{path}", client.base)).json(&body);
        request.basic_auth("me@quadra.example", Some("key"))
    };
    let good = json!({"scopes": ["*:*/*"], "ttl": 600});
    if let Some(mut older) = Contract::of("oauth.openapi.json") {
        let minted = older.ask("POST /token", ask(Method::POST, "/token", good.clone())).await;
        older.ask("POST /token", ask(Method::POST, "/token", json!({}))).await;
        older.ask("GET /token", ask(Method::GET, "/token", json!({}))).await;
        let path = format!("/token/{}", minted["token"].as_str().unwrap());
        for path in [path.as_str(), "/token/unknown"] {
            older.ask("GET /token/{token}", ask(Method::GET, path, json!({}))).await;
            older.ask("PUT /token/{token}", ask(Method::PUT, path, good.clone())).await;
            older.ask("PATCH /token/{token}", ask(Method::PATCH, path, good.clone())).await;
            older.ask("PATCH /token/{token}", ask(Method::PATCH, path, json!({}))).await;
            older.ask("DELETE /token/{token}", ask(Method::DELETE, path, json!({}))).await;
        }
        older.ask("GET /credit", ask(Method::GET, "/credit", json!({}))).await;
    }
    if let Some(mut newer) = Contract::of("oauthv2.openapi.json") {
        let minted = newer.ask("POST /tokens", ask(Method::POST, "/tokens", good.clone())).await;
        newer.ask("POST /tokens", ask(Method::POST, "/tokens", json!({}))).await;
        newer.ask("GET /tokens", ask(Method::GET, "/tokens", json!({}))).await;
        newer.ask("GET /scopes", ask(Method::GET, "/scopes", json!({}))).await;
        let path = format!("/tokens/{}", minted["token"].as_str().unwrap());
        for path in [path.as_str(), "/tokens/unknown"] {
            newer.ask("GET /tokens/{token}", ask(Method::GET, path, json!({}))).await;
            newer.ask("PATCH /tokens/{token}", ask(Method::PATCH, path, good.clone())).await;
            newer.ask("DELETE /tokens/{token}", ask(Method::DELETE, path, json!({}))).await;
        }
        newer.ask("GET /wallet", ask(Method::GET, "/wallet", json!({}))).await;
        newer.ask("GET /callbacks", ask(Method::GET, "/callbacks", json!({}))).await;
    }
}
