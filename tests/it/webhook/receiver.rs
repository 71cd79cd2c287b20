//! What a callback must carry, and what is kept of it.

use quadra::server::Limits;
use reqwest::{Method, StatusCode};

use super::{Receiver, SECRET};

const EVENTS: [(&str, &str); 7] = [
    ("receipt", "receipts"),
    ("receipt-error", "receipts"),
    ("receipt-retry", "receipts"),
    ("receipt-credentials", "configurations"),
    ("appointee", "configurations"),
    ("customer-invoice", "invoices"),
    ("supplier-invoice", "invoices"),
];

#[tokio::test]
async fn every_event_is_kept_in_either_spelling() {
    let receiver = Receiver::start(Limits::default()).await;
    let mut expected = Vec::new();
    for (event, resource) in EVENTS {
        for spelling in [event.to_owned(), event.replace('-', "_")] {
            let id = format!("{:024x}", expected.len());
            // A company is named by its tax id, and read whole whatever it is.
            let body = format!(r#"{{"data":{{"data":{{"id":"{id}","fiscal_id":"{id}"}}}}}}"#);
            let status = receiver.tell(&format!("/hook/{spelling}"), &body).await;
            assert_eq!(status, StatusCode::OK, "{spelling}");
            let state = "waiting".to_owned();
            expected.push([event.to_owned(), resource.to_owned(), id, state, body]);
        }
    }
    assert_eq!(receiver.kept().await, expected);
}

#[tokio::test]
async fn forms_are_kept_as_they_came() {
    let receiver = Receiver::start(Limits::default()).await;
    let body =
        "custom=&data=%7B%22data%22%3A%7B%22id%22%3A%22a1%22%2C%22n%22%3A%22%C3%A8+x%22%7D%7D";
    let kind = ("content-type", "application/x-www-form-urlencoded");
    for path in ["/receipt", "/"] {
        let headers = [("x-quadra-secret", SECRET), kind];
        let status = receiver.send(Method::POST, path, &headers, body).await;
        assert_eq!(status, StatusCode::OK);
    }
    let kept = receiver.kept().await;
    assert_eq!(kept[0][..4], ["receipt", "receipts", "a1", "waiting"]);
    assert_eq!(kept[0][4], body);
    // Nothing says what it is about: kept for people, and never read.
    assert_eq!(kept[1][..4], ["", "", "a1", "ignored"]);
}

#[tokio::test]
async fn wrong_secret_is_refused_and_kept_nowhere() {
    let receiver = Receiver::start(Limits::default()).await;
    let longer = format!("{SECRET}0");
    let wrong_headers: [&[(&str, &str)]; 5] = [
        &[],
        &[("x-quadra-secret", "")],
        &[("x-quadra-secret", &SECRET[1..])],
        &[("x-quadra-secret", &longer)],
        &[("authorization", SECRET)],
    ];
    let body = r#"{"data":{"id":"a1"}}"#;
    for headers in wrong_headers {
        for path in ["/receipt", "/", "/receipt?secret=w3bh00k-s3cret-0123456789", "/W3BH00K"] {
            for method in [Method::POST, Method::GET] {
                let status = receiver.send(method, path, headers, body).await;
                assert_eq!(status, StatusCode::UNAUTHORIZED, "{headers:?} {path}");
            }
        }
    }
    assert!(receiver.kept().await.is_empty());
}

#[tokio::test]
async fn secret_is_known_in_header_or_path() {
    let receiver = Receiver::start(Limits::default()).await;
    let body = r#"{"data":{"id":"a1"}}"#;
    let in_path = [format!("/x/{SECRET}/receipt"), format!("/receipt/{SECRET}")];
    for path in in_path {
        let status = receiver.send(Method::POST, &path, &[], body).await;
        assert_eq!(status, StatusCode::OK, "{path}");
    }
    // A wrong word in one place does not hide the right one in the other.
    assert_eq!(receiver.tell("/not-the-secret/receipt", body).await, StatusCode::OK);
    let events: Vec<String> = receiver.kept().await.into_iter().map(|[event, ..]| event).collect();
    assert_eq!(events, ["receipt", "receipt", "receipt"]);
    let headers = [("x-quadra-secret", SECRET)];
    let asked = receiver.send(Method::GET, "/receipt", &headers, "").await;
    assert_eq!(asked, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(receiver.kept().await.len(), 3);
}

#[tokio::test]
async fn what_cannot_be_kept_is_not_answered_200() {
    let receiver = Receiver::start(Limits::default()).await;
    let forbid = "create trigger full before insert on callbacks \
                  begin select raise(abort, 'no room'); end";
    sqlx::query(forbid).execute(&receiver.eyes).await.unwrap();
    let body = r#"{"data":{"id":"a1"}}"#;
    assert_eq!(receiver.tell("/receipt", body).await, StatusCode::SERVICE_UNAVAILABLE);
    sqlx::query("drop trigger full").execute(&receiver.eyes).await.unwrap();
    assert_eq!(receiver.tell("/receipt", body).await, StatusCode::OK);
    assert_eq!(receiver.kept().await.len(), 1);
}

#[tokio::test]
async fn what_says_nothing_is_kept_for_people() {
    let receiver = Receiver::start(Limits::default()).await;
    for body in ["", "<xml/>", "[]", r#"{"data":{"id":"../../x"}}"#, r#"{"id":null}"#] {
        assert_eq!(receiver.tell("/receipt", body).await, StatusCode::OK, "{body}");
    }
    let kept = receiver.kept().await;
    assert!(kept.iter().all(|[.., state, _]| state == "ignored") && kept.len() == 5, "{kept:?}");
}
