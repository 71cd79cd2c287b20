//! Lists, their filters and their pages.

use quadra::sandbox::{DayZone, Error, Habits, Options, start};
use reqwest::StatusCode;
use serde_json::Value;

use super::{Client, ids, well_behaved};

/// Says which rows of the whole list a filter must show.
type Rule<'a> = Box<dyn Fn(&Value) -> bool + 'a>;

#[tokio::test]
async fn pages_hold_every_document_once() {
    let sandbox = start(well_behaved()).await.unwrap();
    let client = Client::of(&sandbox);
    for (path, count) in [("/IT-receipts", 400), ("/IT-invoices", 150)] {
        let rows = client.list(path).await;
        assert_eq!(rows.len(), count, "{path}");
        assert_eq!(ids(&rows).len(), count, "{path}");
    }
    assert_eq!(client.rows("/IT-receipts").await.len(), 20);
    sandbox.stop().await;
}

#[tokio::test]
async fn lists_run_from_newest_to_oldest() {
    let sandbox = start(well_behaved()).await.unwrap();
    let rows = Client::of(&sandbox).list("/IT-receipts").await;
    let moments: Vec<_> =
        rows.iter().map(|row| row["create_timestamp"].as_i64().unwrap()).collect();
    assert!(moments.is_sorted_by(|left, right| left >= right));
}

#[tokio::test]
async fn filters_choose_what_they_say() {
    let sandbox = start(well_behaved()).await.unwrap();
    let client = Client::of(&sandbox);
    let all = client.list("/IT-receipts").await;
    let one = all.iter().find(|row| row["status"] == "ready").unwrap();
    let company = one["fiscal_id"].as_str().unwrap();
    let number = one["document_number"].as_str().unwrap();
    let day = &one["created_at"].as_str().unwrap()[..10];
    let cases: Vec<(String, Rule)> = vec![
        (format!("fiscal_id={company},00000000000"), Box::new(|row| row["fiscal_id"] == company)),
        (format!("document_number={number}"), Box::new(|row| row["document_number"] == number)),
        (
            "status=voided,failed".into(),
            Box::new(|row| row["status"] == "voided" || row["status"] == "failed"),
        ),
        ("type=return,void".into(), Box::new(|row| row["type"] != "sale")),
        (
            format!("created_at={day}"),
            Box::new(|row| row["created_at"].as_str().unwrap().starts_with(day)),
        ),
        (
            format!("created_at%5Bbefore%5D={day}&type=sale"),
            Box::new(|row| {
                &row["created_at"].as_str().unwrap()[..10] <= day && row["type"] == "sale"
            }),
        ),
        (
            format!("document_date[after]={day}"),
            Box::new(|row| row["document_date"].as_str().is_some_and(|date| &date[..10] >= day)),
        ),
        ("page=2&per_page=10".into(), Box::new(|_| true)),
    ];
    for (query, rule) in cases {
        let found = client.list(&format!("/IT-receipts?{query}")).await;
        let expected: Vec<_> = all.iter().filter(|row| rule(row)).cloned().collect();
        assert!(!expected.is_empty(), "{query}");
        assert_eq!(found, expected, "{query}");
    }
}

#[tokio::test]
async fn children_are_found_by_parent() {
    let sandbox = start(well_behaved()).await.unwrap();
    let client = Client::of(&sandbox);
    let voided = client.list("/IT-receipts?status=voided").await;
    assert!(!voided.is_empty());
    for parent in voided {
        let id = parent["id"].as_str().unwrap();
        let children = client.rows(&format!("/IT-receipts?parent_receipt_id={id}")).await;
        assert_eq!(children.len(), 1);
        assert_eq!(children[0]["type"], "void");
        assert_eq!(children[0]["total_amount"], parent["total_amount"]);
    }
}

#[tokio::test]
async fn invoice_filters_choose_what_they_say() {
    let sandbox = start(well_behaved()).await.unwrap();
    let client = Client::of(&sandbox);
    let all = client.list("/IT-invoices").await;
    for (query, field, values) in [
        ("state=RECEIVED,ERROR", "state", ["RECEIVED", "ERROR"]),
        ("direction=incoming", "direction", ["incoming", "incoming"]),
        ("type=TD04", "type", ["TD04", "TD04"]),
        ("issue_date=2026-02-10", "issue_date", ["2026-02-10", "2026-02-10"]),
    ] {
        let found = client.list(&format!("/IT-invoices?{query}")).await;
        let expected: Vec<_> = all
            .iter()
            .filter(|row| values.iter().any(|value| row[field] == *value))
            .cloned()
            .collect();
        assert!(!expected.is_empty(), "{query}");
        assert_eq!(found, expected, "{query}");
    }
}

#[tokio::test]
async fn habits_turn_order_and_bounds() {
    let options = Options {
        habits: Habits {
            newest_first: false,
            bounds_inclusive: false,
            day_zone: DayZone::Rome,
            default_limit: 10,
            ..Habits::default()
        },
        ..well_behaved()
    };
    let sandbox = start(options).await.unwrap();
    let client = Client::of(&sandbox);
    assert_eq!(client.rows("/IT-receipts").await.len(), 10);
    let rows = client.list("/IT-receipts").await;
    let moments: Vec<_> = rows.iter().map(|row| row["create_timestamp"].as_i64()).collect();
    assert!(moments.is_sorted());
    let after = client
        .list("/IT-invoices?issue_date[after]=2026-02-10&issue_date[before]=2026-02-12")
        .await;
    assert!(!after.is_empty());
    assert!(after.iter().all(|row| row["issue_date"] == "2026-02-11"));
}

#[tokio::test]
async fn impossible_values_are_refused() {
    let sandbox = start(well_behaved()).await.unwrap();
    let client = Client::of(&sandbox);
    for query in [
        "/IT-receipts?limit=0",
        "/IT-receipts?limit=101",
        "/IT-receipts?limit=abc",
        "/IT-receipts?skip=-1",
        "/IT-receipts?status=done",
        "/IT-receipts?type=TD01",
        "/IT-receipts?created_at=2026-02-30",
        "/IT-invoices?state=DONE,ready",
        "/IT-invoices?direction=outoming",
        "/IT-invoices?issue_date[after]=10/02/2026",
    ] {
        let response = client.answer(query).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{query}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["success"], false, "{query}");
        assert_eq!(body["error"], 400, "{query}");
    }
}

#[tokio::test]
async fn month_in_another_year_works() {
    let options = Options { month: (2024, 12), ..well_behaved() };
    let sandbox = start(options).await.unwrap();
    let rows = Client::of(&sandbox).list("/IT-invoices").await;
    assert!(rows.iter().all(|row| row["issue_date"].as_str().unwrap().starts_with("2024-12-")));
    let impossible = Options { month: (2026, 13), ..well_behaved() };
    assert!(matches!(start(impossible).await, Err(Error::NoSuchMonth { .. })));
}

#[tokio::test]
async fn same_seed_serves_same_bytes() {
    let mut bodies = Vec::new();
    for seed in [9, 9, 10] {
        let options = Options { seed, ..well_behaved() };
        let sandbox = start(options).await.unwrap();
        let client = Client::of(&sandbox);
        let answer = client.answer("/IT-receipts?limit=100").await;
        bodies.push(answer.text().await.unwrap());
    }
    assert_eq!(bodies[0], bodies[1]);
    assert_ne!(bodies[0], bodies[2]);
}
