//! The token services: minting, scopes, time, rotation.

use chrono::Duration;
use quadra::sandbox::{EffectKind, Habits, Options, start};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Client, quiet};

/// Asks a token service with the account's email and API key.
async fn ask(client: &Client, method: Method, path: &str, body: &Value) -> (u16, Value) {
    let request = client.http.request(method, format!("{}{path}", client.base)).json(body);
    let response = request.basic_auth("me@quadra.example", Some("key")).send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or_default())
}

async fn status_with(client: &Client, token: &Value, path: &str) -> StatusCode {
    let request = client.http.get(format!("{}{path}", client.base));
    request.bearer_auth(token.as_str().unwrap()).send().await.unwrap().status()
}

fn strict() -> Options {
    let account = Some(("me@quadra.example".to_owned(), "key".to_owned()));
    Options { account, only_minted_tokens: true, ..quiet() }
}

#[tokio::test]
async fn minted_token_opens_its_scopes_for_its_time() {
    let sandbox = start(strict()).await.unwrap();
    let (client, handle) = (Client::of(&sandbox), sandbox.handle());
    let wanted = json!({"scopes": ["GET:test.invoice.openapi.com/IT-receipts"], "ttl": 600});
    let (status, minted) = ask(&client, Method::POST, "/token", &wanted).await;
    assert_eq!((status, &minted["success"]), (200, &json!(true)));
    assert_eq!(minted["expire"], handle.now().timestamp() + 600);
    assert_eq!(minted.get("data"), None);
    let token = &minted["token"];
    assert_eq!(status_with(&client, token, "/IT-receipts").await, StatusCode::OK);
    assert_eq!(status_with(&client, token, "/IT-invoices").await, StatusCode::UNAUTHORIZED);
    assert_eq!(status_with(&client, &json!("other"), "/IT-receipts").await, 401);
    handle.advance(Duration::seconds(600));
    assert_eq!(status_with(&client, token, "/IT-receipts").await, StatusCode::UNAUTHORIZED);
    assert!(!handle.bill().lines.contains_key("token"));
    assert_eq!(handle.bill().lines["get"].count, 1);
}

#[tokio::test]
async fn own_address_and_stars_are_hosts_too() {
    let sandbox = start(strict()).await.unwrap();
    let client = Client::of(&sandbox);
    let own = format!("*:{}/*", sandbox.address());
    for (scope, status) in [(own.as_str(), 200), ("*:*.openapi.com/*", 200), ("*:other.com/*", 401)]
    {
        let (_, minted) = ask(&client, Method::POST, "/token", &json!({"scopes": [scope]})).await;
        let found = status_with(&client, &minted["token"], "/IT-receipts").await;
        assert_eq!(found.as_u16(), status, "{scope}");
    }
}

#[tokio::test]
async fn older_service_refuses_by_its_numbers() {
    let sandbox = start(strict()).await.unwrap();
    let client = Client::of(&sandbox);
    let unknown = "/token/000000000000000000000000";
    for (method, path, body, status, error) in [
        (Method::POST, "/token", json!({}), 406, 110),
        (Method::POST, "/token", json!({"scopes": ["nonsense"]}), 406, 270),
        (Method::GET, unknown, json!({}), 402, 125),
        (Method::DELETE, unknown, json!({}), 404, 150),
        (Method::PATCH, unknown, json!({"ttl": 5}), 404, 290),
        (Method::GET, "/credit", json!({}), 404, 320),
    ] {
        let (found, answer) = ask(&client, method.clone(), path, &body).await;
        assert_eq!((found, &answer["error"]), (status, &json!(error)), "{method} {path}");
    }
    assert_eq!(ask(&client, Method::GET, "/token", &json!({})).await.0, 204);
    let stranger = client.http.post(format!("{}/token", client.base)).json(&json!({}));
    let stranger = stranger.basic_auth("you", Some("key")).send().await.unwrap();
    assert_eq!(stranger.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn older_service_lists_changes_and_deletes() {
    let sandbox = start(strict()).await.unwrap();
    let (client, handle) = (Client::of(&sandbox), sandbox.handle());
    let wanted = json!({"scopes": ["*:*/*"], "ttl": 600});
    let (_, minted) = ask(&client, Method::POST, "/token", &wanted).await;
    let path = format!("/token/{}", minted["token"].as_str().unwrap());
    let (_, read) = ask(&client, Method::GET, &path, &json!({})).await;
    assert_eq!(read["data"][0]["token"], minted["token"]);
    let (_, changed) = ask(&client, Method::PATCH, &path, &json!({"ttl": 1_200})).await;
    assert_eq!(changed["data"][0]["expire"], handle.now().timestamp() + 1_200);
    assert_eq!(ask(&client, Method::PATCH, &path, &json!({})).await.1["error"], 310);
    let (_, gone) = ask(&client, Method::DELETE, &path, &json!({})).await;
    assert_eq!(gone["message"], "1 deleted token");
    assert_eq!(status_with(&client, &minted["token"], "/IT-receipts").await, 401);
    let kinds: Vec<_> = handle.effects().iter().map(|effect| effect.kind).collect();
    assert_eq!(
        kinds,
        [EffectKind::TokenMinted, EffectKind::TokenChanged, EffectKind::TokenDeleted]
    );
}

#[tokio::test]
async fn refresh_token_rotates_newer_token() {
    let sandbox = start(strict()).await.unwrap();
    let (client, handle) = (Client::of(&sandbox), sandbox.handle());
    let wanted = json!({"scopes": ["*:*/*"], "name": "night", "ttl": 600,
                        "limits": {"totalRequests": 9}});
    let (status, minted) = ask(&client, Method::POST, "/tokens", &wanted).await;
    assert_eq!((status, &minted["name"]), (200, &json!("night")));
    assert_eq!(minted["limits"]["totalRequests"], 9);
    assert_eq!(minted["expireAt"], "2026-03-03T09:10:00Z");
    handle.advance(Duration::minutes(9));
    let path = format!("/tokens/{}", minted["token"].as_str().unwrap());
    let rotate = |refresh: &Value| {
        let request = client.http.patch(format!("{}{path}", client.base)).json(&json!({}));
        request.bearer_auth(refresh.as_str().unwrap().to_owned()).send()
    };
    assert_eq!(rotate(&json!("wrong")).await.unwrap().status(), StatusCode::UNAUTHORIZED);
    let rotated: Value = rotate(&minted["refreshToken"]).await.unwrap().json().await.unwrap();
    assert_ne!(rotated["token"], minted["token"]);
    assert_eq!(rotated["expireAt"], "2026-03-03T09:19:00Z");
    assert_eq!(status_with(&client, &minted["token"], "/IT-receipts").await, 401);
    assert_eq!(status_with(&client, &rotated["token"], "/IT-receipts").await, 200);
    let (_, list) = ask(&client, Method::GET, "/tokens", &json!({})).await;
    assert_eq!(list["data"][0]["stats"]["totalRequests"], 1);
    let (_, scopes) = ask(&client, Method::GET, "/scopes", &json!({})).await;
    assert_eq!(scopes["data"][0]["scope"], "*:*/*");
    for (body, error) in [(json!({}), 70), (json!({"scopes": "x"}), 80)] {
        let (status, answer) = ask(&client, Method::POST, "/tokens", &body).await;
        assert_eq!((status, &answer["error"]), (422, &json!(error)));
    }
    let (_, gone) = ask(&client, Method::DELETE, &path, &json!({})).await;
    assert_eq!(gone["error"], 180);
}

#[tokio::test]
async fn newer_token_can_come_enveloped() {
    let habits = Habits { tokens_in_envelope: true, ..Habits::default() };
    let sandbox = start(Options { habits, wallet_mills: Some(1_234), ..strict() }).await.unwrap();
    let client = Client::of(&sandbox);
    let (_, minted) = ask(&client, Method::POST, "/tokens", &json!({"scopes": ["*:*/*"]})).await;
    assert!(minted["data"]["token"].is_string());
    let (_, wallet) = ask(&client, Method::GET, "/wallet", &json!({})).await;
    assert_eq!(wallet["data"]["credit"], 1.234);
}
