//! The control over HTTP, as a person with curl uses it.

use quadra::sandbox::{Options, start};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::invoices::{BUYER, file};
use super::{Client, quiet, sale, well_behaved};

/// A client of the control port.
struct Control(reqwest::Client, String);

impl Control {
    async fn of(options: Options) -> (quadra::sandbox::Running, Client, Self) {
        let options = Options { control_port: Some(0), ..options };
        let sandbox = start(options).await.unwrap();
        let client = Client::of(&sandbox);
        let control =
            Self(reqwest::Client::builder().build().unwrap(), sandbox.control_url().unwrap());
        (sandbox, client, control)
    }

    async fn ask(&self, method: Method, path: &str, body: &str) -> (StatusCode, Value) {
        let request = self.0.request(method, format!("{}{path}", self.1)).body(body.to_owned());
        let response = request.send().await.unwrap();
        let status = response.status();
        (status, response.json().await.unwrap())
    }

    async fn post(&self, path: &str, body: &str) -> Value {
        let (status, answer) = self.ask(Method::POST, path, body).await;
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        answer
    }

    async fn get(&self, path: &str) -> Value {
        self.ask(Method::GET, path, "").await.1
    }
}

#[tokio::test]
async fn clock_moves_and_documents_follow() {
    let (_sandbox, client, control) = Control::of(quiet()).await;
    let company = client.company().await;
    let taken = client.take(Method::POST, "/IT-receipts", &sale(&company, "a")).await;
    assert_eq!(control.get("/clock").await["now"], "2026-03-03T09:00:00Z");
    let moved = control.post("/clock", r#"{"advance": "1m"}"#).await;
    assert_eq!(moved["now"], "2026-03-03T09:01:00Z");
    let path = format!("/documents/receipts/{}", taken["id"].as_str().unwrap());
    assert_eq!(control.get(&path).await["status"], "ready");
    control.post("/clock", r#"{"now": "2026-06-01T00:00:00Z"}"#).await;
    control.post("/portal", r#"{"down_for": "2h"}"#).await;
    control
        .post("/fates", r#"{"receipts": ["failed", {"retried": 2}], "invoices": ["stuck"]}"#)
        .await;
    client.take(Method::POST, "/IT-receipts", &sale(&company, "b")).await;
    control.post("/clock", r#"{"advance": "5s"}"#).await;
    let rows = client.rows("/IT-receipts?status=failed").await;
    assert_eq!(rows[0]["error_code"], "AE-410");
}

#[tokio::test]
async fn documents_change_between_pages() {
    let (_sandbox, client, control) = Control::of(well_behaved()).await;
    let rows = control.get("/documents/receipts").await;
    let first = rows[0]["id"].as_str().unwrap();
    let plan =
        json!({"on": "GET /IT-receipts?", "nth": 2, "collection": "receipts", "remove": first});
    control.post("/before", &plan.to_string()).await;
    let page = client.rows("/IT-receipts?limit=50").await;
    let next = client.rows("/IT-receipts?limit=50&skip=50").await;
    assert_eq!((&page[0], &next[0]), (&rows[0], &rows[51]));
    let put = r#"{"id": "x1", "created_at": "2030-01-01T00:00:00.000Z", "amount": 1.10}"#;
    let (status, _) = control.ask(Method::PUT, "/documents/receipts", put).await;
    assert_eq!(status, StatusCode::OK);
    let newest = client.answer("/IT-receipts?limit=1").await.text().await.unwrap();
    assert!(newest.contains("1.10"), "{newest}");
    let (status, _) = control.ask(Method::DELETE, "/documents/receipts/x1", "").await;
    assert_eq!(status, StatusCode::OK);
    let (status, _) = control.ask(Method::DELETE, "/documents/receipts/x1", "").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn faults_are_ordered_by_name() {
    let (_sandbox, client, control) = Control::of(quiet()).await;
    let company = client.company().await;
    control.post("/faults", r#"{"fault": "503-after", "on": "POST /IT-receipts"}"#).await;
    let (status, _) = control.ask(Method::POST, "/faults", r#"{"fault": "unheard"}"#).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let waiting = control.get("/faults").await;
    assert_eq!(waiting["waiting"].as_array().unwrap().len(), 1);
    let url = format!("{}/IT-receipts", client.base);
    let request = client.http.post(url).bearer_auth("any").json(&sale(&company, "a"));
    assert_eq!(request.send().await.unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
    let effects = control.get("/effects").await;
    assert_eq!((&effects[0]["kind"], &effects[0]["key"]), (&json!("receipt_created"), &json!("a")));
    assert_eq!(control.get("/requests").await["counts"]["POST /IT-receipts"], 1);
    assert_eq!(control.get("/bill").await["total_mills"], 19);
    let (status, _) = control.ask(Method::PUT, "/dice", r#"{"html_per_mille": 1000}"#).await;
    assert_eq!(status, StatusCode::OK);
    let page = client.answer("/IT-receipts").await.text().await.unwrap();
    assert!(page.starts_with("<!doctype"), "{page}");
    control.ask(Method::PUT, "/dice", "{}").await;
    control.post("/wallet", r#"{"mills": 0}"#).await;
    let (status, _) = client.send(Method::POST, "/IT-receipts", &sale(&company, "b")).await;
    assert_eq!(status, StatusCode::PAYMENT_REQUIRED);
    control.post("/forget", "").await;
    assert_eq!(control.get("/bill").await["total_mills"], 0);
}

#[tokio::test]
async fn ghosts_suppliers_and_callbacks_are_ordered() {
    let (_sandbox, client, control) = Control::of(quiet()).await;
    let company = client.company().await;
    control.post("/ghosts", r#"{"fiscal_id": "12345678903"}"#).await;
    let xml = file(BUYER, &company, "9", "FPR12", "PIC7CPS");
    let id = control.post("/receive", &xml).await["id"].clone();
    assert_eq!(client.rows("/IT-invoices").await[0]["id"], id);
    control.post("/callbacks", r#"{"twice": 1}"#).await;
    control.post("/clock", r#"{"advance": "1m"}"#).await;
    assert_eq!(control.get("/callbacks").await[0]["event"], "supplier-invoice");
    let (status, _) = control.ask(Method::POST, "/receive", "<x/>").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn mistakes_are_named() {
    let (_sandbox, _client, control) = Control::of(quiet()).await;
    for (method, path, body) in [
        (Method::POST, "/clock", "{}"),
        (Method::POST, "/clock", r#"{"advance": "soon"}"#),
        (Method::POST, "/clock", r#"{"advance": "€"}"#),
        (Method::POST, "/fates", r#"{"receipts": ["lost"]}"#),
        (Method::PUT, "/documents/receipts", r#"{"no": "id"}"#),
        (Method::PUT, "/documents/orders", r#"{"id": "1"}"#),
        (Method::POST, "/before", r#"{"on": "", "collection": "receipts"}"#),
        (Method::PUT, "/dice", r#"{"html": 1}"#),
    ] {
        let (status, answer) = control.ask(method, path, body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{path} {body}");
        assert!(answer["error"].as_str().is_some_and(|text| !text.is_empty()));
    }
    assert_eq!(control.ask(Method::GET, "/nowhere", "").await.0, StatusCode::NOT_FOUND);
}
