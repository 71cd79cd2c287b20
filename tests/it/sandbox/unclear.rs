//! Faults before and after the effect, changes between pages, and the bill.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use quadra::sandbox::{Collection, EffectKind, Fault, Faults, Options, Prices, start};
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::{Client, ids, quiet, sale, well_behaved};

#[tokio::test]
async fn every_fault_says_whether_it_took_effect() {
    let sandbox = start(quiet()).await.unwrap();
    let (client, handle) = (Client::of(&sandbox), sandbox.handle());
    let company = client.company().await;
    for (name, fault) in Fault::every(handle.now()) {
        let is_refusal = matches!(
            fault,
            Fault::Status { .. } | Fault::Html200 | Fault::Xml401 | Fault::Empty200 | Fault::Reset
        );
        handle.fail_next_on("POST /IT-receipts", 1, fault);
        let url = format!("{}/IT-receipts", client.base);
        let request = client.http.post(url).bearer_auth("any").json(&sale(&company, name));
        let answer = match request.send().await {
            Ok(answer) => answer.bytes().await.is_ok(),
            Err(_) => false,
        };
        let expected = usize::from(!is_refusal);
        assert_eq!(handle.effect_count(EffectKind::ReceiptCreated, name), expected, "{name}");
        let is_broken = ["reset", "reset-after", "cut", "wrong-length"].contains(&name);
        assert_eq!(answer, !is_broken, "{name}");
        assert!(handle.waiting_faults().is_empty(), "{name}");
    }
}

#[tokio::test]
async fn slow_answer_comes_after_its_effect() {
    let sandbox = start(quiet()).await.unwrap();
    let (client, handle) = (Client::of(&sandbox), sandbox.handle());
    let company = client.company().await;
    handle.fail_next_on("POST", 1, Fault::Slow(Duration::from_secs(30)));
    let url = format!("{}/IT-receipts", client.base);
    let request = client.http.post(url).bearer_auth("any").json(&sale(&company, "slow"));
    let answer = request.timeout(Duration::from_millis(300)).send().await;
    assert!(answer.unwrap_err().is_timeout());
    assert_eq!(handle.effect_count(EffectKind::ReceiptCreated, "slow"), 1);
}

#[tokio::test]
async fn unclear_writes_come_by_the_dice() {
    let faults = Faults { unclear_per_mille: 1_000, ..Faults::none() };
    let sandbox = start(Options { faults, ..quiet() }).await.unwrap();
    let client = Client::of(&sandbox);
    let company = client.company().await;
    let url = format!("{}/IT-receipts", client.base);
    let request = client.http.post(url).bearer_auth("any").json(&sale(&company, "x"));
    assert_eq!(request.send().await.unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(sandbox.handle().effect_count(EffectKind::ReceiptCreated, "x"), 1);
}

#[tokio::test]
async fn list_changes_before_chosen_page() {
    let sandbox = start(well_behaved()).await.unwrap();
    let (client, handle) = (Client::of(&sandbox), sandbox.handle());
    let before = client.list("/IT-receipts").await;
    let last = before[100]["id"].as_str().unwrap().to_owned();
    handle.before("GET /IT-receipts?", 2, move |handle| {
        assert!(handle.remove(Collection::Receipts, &last));
    });
    let first = client.rows("/IT-receipts?limit=100").await;
    assert_eq!(first, before[..100]);
    let second = client.rows("/IT-receipts?limit=100&skip=100").await;
    assert_eq!(second[0], before[101]);
    assert_eq!(client.list("/IT-receipts").await.len(), before.len() - 1);
}

#[tokio::test]
async fn watcher_sees_every_request() {
    let sandbox = start(quiet()).await.unwrap();
    let (client, handle) = (Client::of(&sandbox), sandbox.handle());
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let list = Arc::clone(&seen);
    handle.before_every(move |handle, request| {
        list.lock().unwrap().push(request.to_owned());
        let id = format!("{:024x}", list.lock().unwrap().len());
        let raw = json!({"id": id, "created_at": "2026-03-03T00:00:00.000Z"}).to_string();
        handle.put(Collection::Receipts, &raw).unwrap();
    });
    for expected in 1..=3 {
        assert_eq!(client.rows("/IT-receipts?limit=100").await.len(), expected);
    }
    assert_eq!(seen.lock().unwrap()[0], "GET /IT-receipts?limit=100");
}

#[tokio::test]
async fn pages_come_again_and_shifted() {
    let sandbox = start(well_behaved()).await.unwrap();
    let (client, handle) = (Client::of(&sandbox), sandbox.handle());
    let whole = client.list("/IT-receipts").await;
    handle.fail_next(1, Fault::PageAgain);
    assert_eq!(client.rows("/IT-receipts?limit=50&skip=50").await, whole[..50]);
    handle.fail_next(1, Fault::PageShifted(3));
    assert_eq!(client.rows("/IT-receipts?limit=50&skip=50").await, whole[53..103]);
    handle.fail_next(1, Fault::PageShifted(-3));
    assert_eq!(client.rows("/IT-receipts?limit=50&skip=50").await, whole[47..97]);
    assert_eq!(ids(&whole).len(), whole.len());
}

#[tokio::test]
async fn bill_counts_what_was_let_in() {
    let prices = Prices { free_gets_a_day: 3, ..Prices::default() };
    let options = Options { prices, token: Some("any".into()), ..quiet() };
    let sandbox = start(options).await.unwrap();
    let (client, handle) = (Client::of(&sandbox), sandbox.handle());
    let company = client.company().await;
    let refused = client.http.get(format!("{}/IT-receipts", client.base));
    assert_eq!(refused.send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    for _ in 0..4 {
        client.rows("/IT-receipts").await;
    }
    client.take(Method::POST, "/IT-receipts", &sale(&company, "a")).await;
    let bill = handle.bill();
    assert_eq!((bill.lines["get"].count, bill.lines["get"].paid), (5, 2));
    assert_eq!((bill.lines["receipt"].mills, bill.total_mills), (19, 21));
    let counts = handle.request_counts();
    assert_eq!((counts["GET /IT-receipts"], counts["POST /IT-receipts"]), (5, 1));
    handle.set_wallet(Some(0));
    assert_eq!(client.answer("/IT-receipts").await.status(), StatusCode::PAYMENT_REQUIRED);
    handle.forget().unwrap();
    assert_eq!(handle.bill().total_mills, 0);
    assert!(client.rows("/IT-receipts").await.is_empty());
}
