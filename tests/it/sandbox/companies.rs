//! Companies that are registered, changed and deleted.

use chrono::Duration;
use quadra::sandbox::{AlreadyExists, EffectKind, Habits, Options, start};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Client, quiet, sale};

fn company(fiscal_id: &str) -> Value {
    json!({
        "fiscal_id": fiscal_id,
        "name": "Prova S.r.l.",
        "email": "prova@quadra.example",
        "receipts": true,
        "receipts_authentication": {"taxCode": "X", "password": "geheim", "pin": "4711"},
        "api_configurations": [
            {"event": "receipt", "callback": {"url": "http://127.0.0.1:9/x", "retry": 3}},
        ],
    })
}

#[tokio::test]
async fn registered_company_is_shown_without_secrets() {
    let sandbox = start(quiet()).await.unwrap();
    let (client, handle) = (Client::of(&sandbox), sandbox.handle());
    let made = client.take(Method::POST, "/IT-configurations", &company("12345678903")).await;
    assert_eq!(made["receipts_authentication"], json!({"taxCode": "X"}));
    let callback = &made["api_configurations"][0]["callback"];
    assert_eq!((&callback["field"], &callback["method"]), (&json!("data"), &json!("JSON")));
    assert_eq!((&made["active"], &made["supplier_invoice"]), (&json!(true), &json!(false)));
    let path = "/IT-configurations/12345678903";
    assert_eq!(client.json(path).await["data"], made);
    assert!(!handle.all(quadra::sandbox::Collection::Configurations).concat().contains("geheim"));
    let (_, gone) = client.send(Method::DELETE, path, &json!({})).await;
    assert_eq!(gone["message"], "Deleted configuration for id: 12345678903");
    assert_eq!(gone["data"], "null");
    assert_eq!(client.answer(path).await.status(), StatusCode::NOT_FOUND);
    let kinds: Vec<_> = handle.effects().iter().map(|effect| effect.kind).collect();
    assert_eq!(kinds, [EffectKind::ConfigurationCreated, EffectKind::ConfigurationDeleted]);
}

#[tokio::test]
async fn existing_company_answers_in_every_form() {
    for (form, status, error) in [
        (AlreadyExists::Unprocessable112, 422, json!(112)),
        (AlreadyExists::NotFound111, 404, json!(111)),
        (AlreadyExists::Conflict409, 409, Value::Null),
        (AlreadyExists::Gone410, 410, Value::Null),
    ] {
        let habits = Habits { already_exists: form, ..Habits::default() };
        let sandbox = start(Options { habits, ..quiet() }).await.unwrap();
        let client = Client::of(&sandbox);
        let body = company(&client.company().await);
        let (found, answer) = client.send(Method::POST, "/IT-configurations", &body).await;
        assert_eq!((found.as_u16(), &answer["error"]), (status, &error));
        assert!(answer["message"].as_str().unwrap().contains("already exists"));
        assert!(sandbox.handle().effects().is_empty());
    }
}

#[tokio::test]
async fn ghost_exists_for_registration_only() {
    let options = Options { ghosts: vec!["12345678903".into()], ..quiet() };
    let sandbox = start(options).await.unwrap();
    let client = Client::of(&sandbox);
    let (_, answer) =
        client.send(Method::POST, "/IT-configurations", &company("12345678903")).await;
    assert_eq!(answer["error"], 112);
    assert_eq!(client.answer("/IT-configurations/12345678903").await.status(), 404);
    let (_, answer) = client.send(Method::POST, "/IT-receipts", &sale("12345678903", "a")).await;
    assert_eq!(answer["error"], 424);
}

#[tokio::test]
async fn new_company_can_be_late_to_show() {
    let habits = Habits { configuration_visible_after_ms: 1_500, ..Habits::default() };
    let sandbox = start(Options { habits, ..quiet() }).await.unwrap();
    let client = Client::of(&sandbox);
    client.take(Method::POST, "/IT-configurations", &company("12345678903")).await;
    let path = "/IT-configurations/12345678903";
    assert_eq!(client.answer(path).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(client.rows("/IT-configurations").await.len(), 3);
    sandbox.handle().advance(Duration::milliseconds(1_500));
    assert_eq!(client.answer(path).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn immutable_and_wrong_fields_are_refused() {
    let sandbox = start(quiet()).await.unwrap();
    let client = Client::of(&sandbox);
    let path = format!("/IT-configurations/{}", client.company().await);
    let (status, answer) =
        client.send(Method::PATCH, &path, &json!({"email": "x@example.com"})).await;
    assert_eq!((status, &answer["error"]), (StatusCode::BAD_REQUEST, &json!(670)));
    assert_eq!(answer["success"], true);
    let with = |name: &str, value: Value| {
        let mut body = company("12345678903");
        body[name] = value;
        body
    };
    let callback = |callback: Value| {
        with("api_configurations", json!([{"event": "receipt", "callback": callback}]))
    };
    for (body, error) in [
        (with("name", json!("")), 334),
        (with("email", json!("nobody")), 400),
        (with("receipts", json!("yes")), 400),
        (with("api_configurations", json!([])), 400),
        (callback(json!({"url": "https://example.com/x"})), 400),
        (callback(json!({"url": "nonsense"})), 400),
        (callback(json!({"url": "http://127.0.0.1/", "retry": 6})), 400),
        (callback(json!({"url": "http://127.0.0.1/", "method": "GET"})), 400),
    ] {
        let (_, answer) = client.send(Method::POST, "/IT-configurations", &body).await;
        assert_eq!(answer["error"], error, "{body}");
    }
    assert!(sandbox.handle().effects().is_empty());
}

#[tokio::test]
async fn company_with_receipts_stays() {
    let sandbox = start(quiet()).await.unwrap();
    let client = Client::of(&sandbox);
    client.take(Method::POST, "/IT-configurations", &company("12345678903")).await;
    client.take(Method::POST, "/IT-receipts", &sale("12345678903", "a")).await;
    let path = "/IT-configurations/12345678903";
    let (status, answer) = client.send(Method::DELETE, path, &json!({})).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{answer}");
    assert_eq!(client.answer(path).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn patch_merges_or_replaces_callbacks() {
    for (patch_replaces_callbacks, events) in [(false, 2), (true, 1)] {
        let habits = Habits { patch_replaces_callbacks, ..Habits::default() };
        let sandbox = start(Options { habits, ..quiet() }).await.unwrap();
        let client = Client::of(&sandbox);
        client.take(Method::POST, "/IT-configurations", &company("12345678903")).await;
        let more = json!({"api_configurations":
            [{"event": "receipt-error", "callback": {"url": "http://127.0.0.1:9/e"}}]});
        let path = "/IT-configurations/12345678903";
        let changed = client.take(Method::PATCH, path, &more).await;
        assert_eq!(changed["api_configurations"].as_array().unwrap().len(), events);
    }
}

#[tokio::test]
async fn eleventh_company_of_the_day_costs() {
    let sandbox = start(quiet()).await.unwrap();
    let (client, handle) = (Client::of(&sandbox), sandbox.handle());
    for number in 0..11 {
        let body = company(&format!("{number:011}"));
        client.take(Method::POST, "/IT-configurations", &body).await;
    }
    let bill = handle.bill();
    assert_eq!((bill.lines["configuration"].count, bill.total_mills), (11, 1_000));
    handle.set_wallet(Some(999));
    let (status, answer) =
        client.send(Method::POST, "/IT-configurations", &company("99999999990")).await;
    assert_eq!((status, &answer["error"]), (StatusCode::PAYMENT_REQUIRED, &json!(610)));
    handle.advance(Duration::days(1));
    client.take(Method::POST, "/IT-configurations", &company("99999999990")).await;
    assert_eq!(handle.bill().total_mills, 1_000);
}
