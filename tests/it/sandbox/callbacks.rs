//! Callbacks: both shapes, both methods, repetitions, and their order.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use chrono::Duration;
use quadra::sandbox::{Handle, ReceiptFate, Running, start};
use reqwest::Method;
use serde_json::{Value, json};

use super::invoices::{BUYER, file};
use super::{Client, at, quiet, sale};

/// One request that a receiver got.
struct Got {
    headers: HeaderMap,
    body: String,
}

impl Got {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// A receiver that answers what it is told, in turn; then 200.
#[derive(Clone, Default)]
struct Receiver {
    got: Arc<Mutex<Vec<Got>>>,
    answers: Arc<Mutex<Vec<u16>>>,
}

impl Receiver {
    async fn start(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook?secret=x", listener.local_addr().unwrap());
        let router = Router::new().fallback(receive).with_state(self.clone());
        #[expect(clippy::disallowed_methods, reason = "a server of this test")]
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        url
    }

    fn take(&self) -> Vec<Got> {
        std::mem::take(&mut *self.got.lock().unwrap())
    }
}

async fn receive(State(receiver): State<Receiver>, headers: HeaderMap, body: String) -> StatusCode {
    receiver.got.lock().unwrap().push(Got { headers, body });
    let mut answers = receiver.answers.lock().unwrap();
    let status = if answers.is_empty() { 200 } else { answers.remove(0) };
    StatusCode::from_u16(status).unwrap()
}

/// Subscribes the first company to these events, with one callback for all.
async fn subscribed(sandbox: &Running, events: &[&str], callback: &Value) -> String {
    let client = Client::of(sandbox);
    let company = client.company().await;
    let list: Vec<_> =
        events.iter().map(|event| json!({"event": event, "callback": callback})).collect();
    let path = format!("/IT-configurations/{company}");
    client.take(Method::PATCH, &path, &json!({"api_configurations": list})).await;
    company
}

async fn later(handle: &Handle, by: Duration) {
    handle.advance(by);
    handle.callbacks_settled().await;
}

#[tokio::test]
async fn posted_sale_is_told_doubly_wrapped() {
    let sandbox = start(quiet()).await.unwrap();
    let (client, handle) = (Client::of(&sandbox), sandbox.handle());
    let receiver = Receiver::default();
    let callback = json!({"url": receiver.start().await, "custom": {"shop": 7},
                          "headers": {"x-secret": "s3"}});
    let company = subscribed(&sandbox, &["receipt"], &callback).await;
    let taken = client.take(Method::POST, "/IT-receipts", &sale(&company, "a")).await;
    later(&handle, Duration::minutes(1)).await;
    let got = receiver.take();
    assert_eq!(got.len(), 1);
    assert_eq!(got[0].headers["content-type"], "application/json");
    assert_eq!(got[0].headers["x-secret"], "s3");
    let told = got[0].json();
    assert_eq!(told["data"]["data"]["id"], taken["id"]);
    assert_eq!(told["data"]["data"]["status"], "ready");
    assert_eq!(told["data"]["custom"], json!({"shop": 7}));

    let path = format!("/IT-receipts/{}", taken["id"].as_str().unwrap());
    let void = client.take(Method::DELETE, &path, &json!({})).await;
    later(&handle, Duration::minutes(1)).await;
    let got = receiver.take();
    let told: Vec<_> = got.iter().map(|one| one.json()["data"].clone()).collect();
    assert_eq!((&told[0]["id"], &told[0]["status"]), (&taken["id"], &json!("voided")));
    assert_eq!((&told[1]["id"], &told[1]["type"]), (&void["id"], &json!("void")));
}

#[tokio::test]
async fn form_carries_json_in_its_field() {
    let sandbox = start(quiet()).await.unwrap();
    let (client, handle) = (Client::of(&sandbox), sandbox.handle());
    let receiver = Receiver::default();
    let callback = json!({"url": receiver.start().await, "method": "POST", "field": "pay load"});
    let company = subscribed(&sandbox, &["receipt"], &callback).await;
    client.take(Method::POST, "/IT-receipts", &sale(&company, "è & co")).await;
    later(&handle, Duration::minutes(1)).await;
    let got = receiver.take();
    assert_eq!(got[0].headers["content-type"], "application/x-www-form-urlencoded");
    let pairs: Vec<(String, String)> = reqwest::Url::parse(&format!("http://x/?{}", got[0].body))
        .unwrap()
        .query_pairs()
        .into_owned()
        .collect();
    assert_eq!(pairs[0].0, "pay load");
    let told: Value = serde_json::from_str(&pairs[0].1).unwrap();
    assert_eq!(told["data"]["data"]["tags"], json!(["è & co"]));
}

#[tokio::test]
async fn trouble_is_told_by_its_own_events() {
    let sandbox = start(quiet()).await.unwrap();
    let (client, handle) = (Client::of(&sandbox), sandbox.handle());
    let receiver = Receiver::default();
    let callback = json!({"url": receiver.start().await});
    let events = ["receipt-error", "receipt-retry", "receipt-credentials"];
    let company = subscribed(&sandbox, &events, &callback).await;
    handle.next_receipts([ReceiptFate::Failed]);
    client.take(Method::POST, "/IT-receipts", &sale(&company, "a")).await;
    later(&handle, Duration::minutes(1)).await;
    assert_eq!(receiver.take()[0].json()["data"]["data"]["error_code"], "AE-410");
    handle.advance(Duration::days(90));
    client.take(Method::POST, "/IT-receipts", &sale(&company, "b")).await;
    later(&handle, Duration::minutes(1)).await;
    let events: Vec<_> = handle.callbacks().iter().skip(1).map(|one| one.event.clone()).collect();
    assert_eq!(events, ["receipt-credentials", "receipt-retry"]);
}

#[tokio::test]
async fn receiver_in_trouble_is_asked_again() {
    let sandbox = start(quiet()).await.unwrap();
    let (client, handle) = (Client::of(&sandbox), sandbox.handle());
    let receiver = Receiver::default();
    *receiver.answers.lock().unwrap() = vec![503, 502, 200, 404];
    let callback = json!({"url": receiver.start().await, "retry": 3});
    let company = subscribed(&sandbox, &["receipt"], &callback).await;
    client.take(Method::POST, "/IT-receipts", &sale(&company, "a")).await;
    later(&handle, Duration::seconds(8)).await;
    assert_eq!(receiver.take().len(), 1);
    later(&handle, Duration::seconds(10)).await;
    assert_eq!(receiver.take().len(), 1);
    later(&handle, Duration::seconds(19)).await;
    assert_eq!(receiver.take().len(), 0);
    later(&handle, Duration::seconds(1)).await;
    assert_eq!(receiver.take().len(), 1);
    let told = &handle.callbacks()[0];
    assert!(told.is_delivered() && told.due_at.is_none());
    assert_eq!(told.attempts.len(), 3);
    client.take(Method::POST, "/IT-receipts", &sale(&company, "b")).await;
    later(&handle, Duration::hours(1)).await;
    assert_eq!(receiver.take().len(), 1);
    assert!(!handle.callbacks()[1].is_delivered());
}

#[tokio::test]
async fn callbacks_come_twice_and_reversed() {
    let sandbox = start(quiet()).await.unwrap();
    let (client, handle) = (Client::of(&sandbox), sandbox.handle());
    let receiver = Receiver::default();
    let company = subscribed(&sandbox, &["receipt"], &json!({"url": receiver.start().await})).await;
    handle.callbacks_twice(1);
    client.take(Method::POST, "/IT-receipts", &sale(&company, "a")).await;
    later(&handle, Duration::minutes(1)).await;
    let got = receiver.take();
    assert_eq!((got.len(), &got[0].body), (2, &got[1].body));
    handle.callbacks_reversed(2);
    for tag in ["b", "c"] {
        client.take(Method::POST, "/IT-receipts", &sale(&company, tag)).await;
    }
    later(&handle, Duration::minutes(1)).await;
    let tags: Vec<_> =
        receiver.take().iter().map(|one| one.json()["data"]["data"]["tags"][0].clone()).collect();
    assert_eq!(tags, ["c", "b"]);
}

#[tokio::test]
async fn invoices_are_told_each_minute() {
    let sandbox = start(quiet()).await.unwrap();
    let (client, handle) = (Client::of(&sandbox), sandbox.handle());
    let receiver = Receiver::default();
    // Both spellings were seen; the events are the same.
    let events = ["customer_invoice", "supplier-invoice"];
    handle.set_now(at(10, 0) + Duration::seconds(20));
    let company = subscribed(&sandbox, &events, &json!({"url": receiver.start().await})).await;
    client.send_xml(&file(&company, BUYER, "1/A", "FPR12", "ABC1234")).await;
    later(&handle, Duration::seconds(39)).await;
    assert!(receiver.take().is_empty());
    let mut states = Vec::new();
    for _ in 0..4 {
        later(&handle, Duration::minutes(1)).await;
        for got in receiver.take() {
            let told = got.json();
            assert_eq!(told["data"].get("total_gross_amount"), None);
            assert_eq!(told["data"]["total_payable_amount"], 122);
            assert_eq!(told["data"]["invoice_lines"][0]["description"], "Lavoro");
            assert_eq!(told["custom"], Value::Null);
            states.push(told["data"]["state"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(states, ["NEW", "SENT", "DONE"]);
    let id = handle.receive_invoice(file(BUYER, &company, "9", "FPR12", "PIC7CPS").as_bytes());
    later(&handle, Duration::minutes(1)).await;
    let told = receiver.take()[0].json();
    assert_eq!(
        (&told["data"]["id"], &told["data"]["state"]),
        (&json!(id.unwrap()), &json!("RECEIVED"))
    );
    assert!(handle.receive_invoice(b"<x/>").is_err());
    assert!(handle.receive_invoice(file(BUYER, BUYER, "9", "FPR12", "X").as_bytes()).is_err());
}

#[tokio::test]
async fn other_machines_are_never_called() {
    let sandbox = start(quiet()).await.unwrap();
    let (client, handle) = (Client::of(&sandbox), sandbox.handle());
    // The companies of the start name a public address.
    let company = client.company().await;
    client.take(Method::POST, "/IT-receipts", &sale(&company, "a")).await;
    later(&handle, Duration::minutes(1)).await;
    let told = &handle.callbacks()[0];
    assert!(told.attempts[0].error.as_ref().unwrap().contains("this machine only"));
    assert_eq!(told.due_at, None);
}
