//! Faults by the dice and at a word, and data that changes.

use std::time::{Duration, Instant};

use quadra::sandbox::{Collection, Fault, Faults, Options, start};
use reqwest::StatusCode;

use super::{Client, ids, well_behaved};

#[tokio::test]
async fn ordered_faults_come_in_order() {
    let sandbox = start(well_behaved()).await.unwrap();
    let client = Client::of(&sandbox);
    let handle = sandbox.handle();
    handle.fail_next(1, Fault::too_many_requests("7"));
    handle.fail_next(1, Fault::Html200);
    handle.fail_next(1, Fault::Xml401);
    handle.fail_next(1, Fault::Empty200);
    handle.fail_next_on("/IT-invoices", 1, Fault::unavailable());

    let limited = client.answer("/IT-receipts").await;
    assert_eq!(limited.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(limited.headers()["retry-after"], "7");
    let page = client.answer("/IT-receipts").await;
    assert!(page.text().await.unwrap().starts_with("<!doctype html>"));
    let gateway = client.answer("/IT-receipts").await;
    assert_eq!(gateway.status(), StatusCode::UNAUTHORIZED);
    assert!(gateway.text().await.unwrap().starts_with("<?xml"));
    let empty = client.answer("/IT-receipts").await;
    assert_eq!(empty.bytes().await.unwrap().len(), 0);
    assert_eq!(client.rows("/IT-receipts").await.len(), 20);
    let other = client.answer("/IT-invoices").await;
    assert_eq!(other.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(client.rows("/IT-invoices").await.len(), 20);
    assert_eq!(sandbox.requests(), 7);
    assert_eq!(handle.asked()[5], "/IT-invoices");
}

#[tokio::test]
async fn cut_body_ends_in_the_middle() {
    let sandbox = start(well_behaved()).await.unwrap();
    let client = Client::of(&sandbox);
    sandbox.handle().fail_next(1, Fault::CutBody);
    let response = client.answer("/IT-receipts").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.content_length().unwrap() > 1_000);
    assert!(response.bytes().await.is_err());
}

#[tokio::test]
async fn reset_and_slow_are_felt() {
    let sandbox = start(well_behaved()).await.unwrap();
    let client = Client::of(&sandbox);
    sandbox.handle().fail_next(1, Fault::Reset);
    let answer = client.request("/IT-receipts").send().await;
    let broken = match answer {
        Err(_) => true,
        Ok(response) => response.bytes().await.is_err(),
    };
    assert!(broken);
    let delay = Duration::from_millis(60);
    sandbox.handle().fail_next(1, Fault::Slow(delay));
    let begin = Instant::now();
    client.rows("/IT-receipts").await;
    assert!(begin.elapsed() >= delay);
}

#[tokio::test]
async fn data_changes_while_it_runs() {
    let sandbox = start(well_behaved()).await.unwrap();
    let client = Client::of(&sandbox);
    let handle = sandbox.handle();
    let newest = client.rows("/IT-receipts?limit=1").await;
    let id = newest[0]["id"].as_str().unwrap();
    assert!(handle.remove(Collection::Receipts, id));
    assert!(!handle.remove(Collection::Receipts, id));
    assert_eq!(client.list("/IT-receipts").await.len(), 399);
    let raw = r#"{"id":"f00","fiscal_id":"1","created_at":"2026-04-01T00:00:00.000Z","amount":"as text"}"#;
    handle.put(Collection::Receipts, raw).unwrap();
    let first = client.rows("/IT-receipts?limit=1").await;
    assert_eq!(first[0]["amount"], "as text");
    assert_eq!(handle.get(Collection::Receipts, "f00").unwrap(), raw);
    let changed = raw.replace("as text", "changed");
    handle.put(Collection::Receipts, &changed).unwrap();
    assert_eq!(client.list("/IT-receipts").await.len(), 400);
    assert!(handle.put(Collection::Receipts, "{}").is_err());
}

#[tokio::test]
async fn repeated_rows_lose_no_row() {
    let options =
        Options { faults: Faults { duplicate_per_mille: 50, ..Faults::none() }, ..well_behaved() };
    let sandbox = start(options).await.unwrap();
    let rows = Client::of(&sandbox).list("/IT-receipts").await;
    assert!(rows.len() > 400);
    assert_eq!(ids(&rows).len(), 400);
}

#[tokio::test]
async fn shifted_list_shows_a_row_twice() {
    let sandbox = start(well_behaved()).await.unwrap();
    let client = Client::of(&sandbox);
    sandbox.handle().set_faults(Faults { shift_per_mille: 1_000, ..Faults::none() });
    let first = client.rows("/IT-receipts?limit=50").await;
    let second = client.rows("/IT-receipts?limit=50&skip=50").await;
    assert_eq!(first[49], second[0]);
}

#[tokio::test]
async fn mild_misbehaviour_is_the_default() {
    let options = Options { receipts: 300, ..Options::default() };
    let sandbox = start(options).await.unwrap();
    let client = Client::of(&sandbox);
    let mut refused = 0;
    for _ in 0..100 {
        let answer = client.answer("/IT-receipts?limit=1").await;
        refused += u32::from(answer.status() == StatusCode::SERVICE_UNAVAILABLE);
    }
    assert!((1..=15).contains(&refused), "{refused} of 100");
}
