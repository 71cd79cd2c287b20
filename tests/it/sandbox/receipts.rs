//! Receipts that are sent: their lives, their returns and voids, their refusals.

use chrono::Duration;
use quadra::sandbox::{EffectKind, Habits, Options, ReceiptFate, start};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Client, at, quiet, sale};

async fn statuses(client: &Client, id: &str) -> Value {
    client.json(&format!("/IT-receipts/{id}")).await["data"].clone()
}

fn id(document: &Value) -> String {
    document["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn sale_becomes_ready_in_its_time() {
    let sandbox = start(quiet()).await.unwrap();
    let (client, handle) = (Client::of(&sandbox), sandbox.handle());
    let company = client.company().await;
    let taken = client.take(Method::POST, "/IT-receipts", &sale(&company, "intent-1")).await;
    assert_eq!(taken["status"], "new");
    assert_eq!(taken["total_amount"], 0);
    assert_eq!(taken["document_number"], "");
    assert_eq!(taken["document_date"], Value::Null);
    assert_eq!(taken["transaction_id"], Value::Null);
    assert_eq!(taken["tags"], json!([["intent-1"]]));
    assert_eq!(taken["items"][0].get("id"), None);
    assert_eq!(taken["created_at"], "2026-03-03T09:00:00.000Z");

    handle.advance(Duration::seconds(3));
    assert_eq!(statuses(&client, &id(&taken)).await["status"], "submitted");
    handle.advance(Duration::seconds(5));
    let rows = client.rows("/IT-receipts?status=ready").await;
    let ready = &rows[0];
    assert_eq!(ready["id"], taken["id"]);
    assert_eq!(ready["tags"], json!(["intent-1"]));
    assert_eq!(ready["document_date"], "2026-03-03T09:00:08.000Z");
    assert_eq!(ready["document_number"], "OPENAPI2026/0050-0001");
    assert_eq!(ready["total_amount"], 14);
    assert_eq!(ready["items"][1]["gross_price"], 11);
    assert_eq!(ready["items"][1]["unit_price"].to_string(), "9.01639344");
    assert_eq!(ready["total_taxable_amount"].to_string(), "11.90100882");
    assert_eq!(ready["total_vat_amount"].to_string(), "2.09899118");
    assert_eq!(handle.effect_count(EffectKind::ReceiptCreated, "intent-1"), 1);
}

#[tokio::test]
async fn late_looking_sees_the_same_life() {
    let sandbox = start(quiet()).await.unwrap();
    let (client, handle) = (Client::of(&sandbox), sandbox.handle());
    let company = client.company().await;
    let taken = client.take(Method::POST, "/IT-receipts", &sale(&company, "a")).await;
    handle.advance(Duration::days(3));
    let ready = statuses(&client, &id(&taken)).await;
    assert_eq!(ready["document_date"], "2026-03-03T09:00:08.000Z");
}

#[tokio::test]
async fn last_five_minutes_belong_to_tomorrow() {
    let sandbox = start(quiet()).await.unwrap();
    let (client, handle) = (Client::of(&sandbox), sandbox.handle());
    let company = client.company().await;
    handle.set_now(at(23, 56));
    let taken = client.take(Method::POST, "/IT-receipts", &sale(&company, "late")).await;
    handle.advance(Duration::minutes(3));
    assert_eq!(statuses(&client, &id(&taken)).await["status"], "new");
    handle.advance(Duration::minutes(2));
    let ready = statuses(&client, &id(&taken)).await;
    assert_eq!(ready["status"], "ready");
    assert_eq!(ready["created_at"], "2026-03-03T22:56:00.000Z");
    assert_eq!(ready["document_date"], "2026-03-03T23:00:35.000Z");
}

#[tokio::test]
async fn void_links_and_voids_its_sale() {
    let sandbox = start(quiet()).await.unwrap();
    let (client, handle) = (Client::of(&sandbox), sandbox.handle());
    let company = client.company().await;
    let taken = client.take(Method::POST, "/IT-receipts", &sale(&company, "a")).await;
    let path = format!("/IT-receipts/{}", id(&taken));
    let (status, answer) = client.send(Method::DELETE, &path, &json!({})).await;
    assert_eq!((status, &answer["error"]), (StatusCode::BAD_REQUEST, &json!(400)));
    handle.advance(Duration::minutes(1));
    let (status, answer) = client.send(Method::DELETE, &path, &json!({})).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(answer["message"], format!("voided receipt: {}", id(&taken)));
    let void = &answer["data"];
    assert_eq!((&void["type"], &void["status"]), (&json!("void"), &json!("new")));
    assert_eq!(void["total_amount"], Value::Null);
    assert_eq!(void["parent_receipt_id"], taken["id"]);
    assert!(void["items"].is_object());
    assert_eq!(statuses(&client, &id(&taken)).await["status"], "ready");
    handle.advance(Duration::minutes(1));
    assert_eq!(statuses(&client, &id(&taken)).await["status"], "voided");
    let void = statuses(&client, &id(void)).await;
    assert_eq!((&void["status"], &void["total_amount"]), (&json!("ready"), &json!(14)));
    let (status, _) = client.send(Method::DELETE, &path, &json!({})).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(handle.effect_count(EffectKind::VoidCreated, &id(&taken)), 1);
}

#[tokio::test]
async fn failed_void_leaves_its_sale_ready() {
    let habits = Habits { voided_at_once: true, ..Habits::default() };
    let sandbox = start(Options { habits, ..quiet() }).await.unwrap();
    let (client, handle) = (Client::of(&sandbox), sandbox.handle());
    handle.next_receipts([ReceiptFate::Issued, ReceiptFate::Failed]);
    let company = client.company().await;
    let taken = client.take(Method::POST, "/IT-receipts", &sale(&company, "a")).await;
    handle.advance(Duration::minutes(1));
    let path = format!("/IT-receipts/{}", id(&taken));
    client.take(Method::DELETE, &path, &json!({})).await;
    assert_eq!(statuses(&client, &id(&taken)).await["status"], "voided");
    handle.advance(Duration::minutes(1));
    assert_eq!(statuses(&client, &id(&taken)).await["status"], "ready");
    client.take(Method::DELETE, &path, &json!({})).await;
}

#[tokio::test]
async fn void_after_a_day_is_refused() {
    let sandbox = start(quiet()).await.unwrap();
    let (client, handle) = (Client::of(&sandbox), sandbox.handle());
    let company = client.company().await;
    let taken = client.take(Method::POST, "/IT-receipts", &sale(&company, "a")).await;
    handle.advance(Duration::hours(24) + Duration::seconds(1));
    let path = format!("/IT-receipts/{}", id(&taken));
    let (status, answer) = client.send(Method::DELETE, &path, &json!({})).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{answer}");
    assert_eq!(handle.effects().len(), 1);
}

#[tokio::test]
async fn returns_take_no_more_than_was_sold() {
    let sandbox = start(quiet()).await.unwrap();
    let (client, handle) = (Client::of(&sandbox), sandbox.handle());
    let company = client.company().await;
    let taken = client.take(Method::POST, "/IT-receipts", &sale(&company, "a")).await;
    handle.advance(Duration::minutes(1));
    let ready = statuses(&client, &id(&taken)).await;
    let path = format!("/IT-receipts/{}", id(&taken));
    let quoted = ready["items"][0]["id"].as_str().unwrap();
    let bare = quoted.trim_matches('\'');
    let items = |id: &str, quantity: u32| json!({"items": [{"id": id, "quantity": quantity}]});
    let back = client.take(Method::PATCH, &path, &items(quoted, 1)).await;
    assert_eq!(back["items"], json!([{}]));
    assert_eq!((&back["type"], &back["total_amount"]), (&json!("return"), &Value::Null));
    for (item, quantity) in [(bare, 2), (bare, 0), ("1", 1)] {
        let (status, answer) = client.send(Method::PATCH, &path, &items(item, quantity)).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{answer}");
    }
    handle.advance(Duration::minutes(1));
    let back = statuses(&client, &id(&back)).await;
    assert_eq!((&back["total_amount"], &back["status"]), (&json!(1.5), &json!("ready")));
    assert_eq!(back["items"][0]["quantity"], 2);
    assert_eq!(back["cash_payment_amount"], 1.5);
    assert_eq!(statuses(&client, &id(&taken)).await["items"][0]["return"], 1);
    client.take(Method::PATCH, &path, &items(bare, 1)).await;
    assert_eq!(handle.effect_count(EffectKind::ReturnCreated, &id(&taken)), 2);
}

#[tokio::test]
async fn documents_of_the_start_can_be_voided() {
    let options = Options { receipts: 50, ..quiet() };
    let sandbox = start(options).await.unwrap();
    let (client, handle) = (Client::of(&sandbox), sandbox.handle());
    handle.set_now("2026-02-28T12:00:00Z".parse().unwrap());
    let rows = client.rows("/IT-receipts?status=ready&type=sale&limit=1").await;
    let path = format!("/IT-receipts/{}", id(&rows[0]));
    let void = client.take(Method::DELETE, &path, &json!({})).await;
    handle.advance(Duration::minutes(1));
    assert_eq!(statuses(&client, &id(&rows[0])).await["status"], "voided");
    assert_eq!(statuses(&client, &id(&void)).await["total_amount"], rows[0]["total_amount"]);
}

#[tokio::test]
async fn portal_trouble_is_retried_until_midnight() {
    let sandbox = start(quiet()).await.unwrap();
    let (client, handle) = (Client::of(&sandbox), sandbox.handle());
    let company = client.company().await;
    handle.portal_down(Duration::minutes(12));
    let taken = client.take(Method::POST, "/IT-receipts", &sale(&company, "a")).await;
    handle.advance(Duration::minutes(12));
    let waiting = statuses(&client, &id(&taken)).await;
    assert_eq!((&waiting["status"], &waiting["error_code"]), (&json!("retry"), &json!("AE-503")));
    handle.advance(Duration::minutes(10));
    let ready = statuses(&client, &id(&taken)).await;
    assert_eq!((&ready["status"], &ready["error_code"]), (&json!("ready"), &Value::Null));

    handle.portal_down(Duration::days(2));
    let lost = client.take(Method::POST, "/IT-receipts", &sale(&company, "b")).await;
    handle.set_now(at(23, 59));
    assert_eq!(statuses(&client, &id(&lost)).await["status"], "retry");
    handle.advance(Duration::minutes(1));
    let lost = statuses(&client, &id(&lost)).await;
    assert_eq!((&lost["status"], &lost["total_amount"]), (&json!("failed"), &json!(0)));
}

#[tokio::test]
async fn credentials_expire_after_ninety_days() {
    let sandbox = start(quiet()).await.unwrap();
    let (client, handle) = (Client::of(&sandbox), sandbox.handle());
    let company = client.company().await;
    handle.advance(Duration::days(90));
    let taken = client.take(Method::POST, "/IT-receipts", &sale(&company, "a")).await;
    handle.advance(Duration::minutes(1));
    assert_eq!(statuses(&client, &id(&taken)).await["error_code"], "AE-401");
    let renewal = json!({"receipts_authentication":
        {"taxCode": company, "password": "new", "pin": "1"}});
    client.take(Method::PATCH, &format!("/IT-configurations/{company}"), &renewal).await;
    handle.advance(Duration::minutes(10));
    assert_eq!(statuses(&client, &id(&taken)).await["status"], "ready");
    // What begins anew has new credentials too, whatever the clock says.
    handle.advance(Duration::days(90));
    handle.forget().unwrap();
    let taken = client.take(Method::POST, "/IT-receipts", &sale(&company, "a")).await;
    handle.advance(Duration::minutes(1));
    assert_eq!(statuses(&client, &id(&taken)).await["status"], "ready");
}

#[tokio::test]
async fn refused_sales_have_no_effect() {
    let sandbox = start(quiet()).await.unwrap();
    let (client, handle) = (Client::of(&sandbox), sandbox.handle());
    let company = client.company().await;
    let with = |name: &str, value: Value| {
        let mut body = sale(&company, "a");
        body[name] = value;
        body
    };
    let item = |name: &str, value: Value| {
        let mut body = sale(&company, "a");
        body["items"][0][name] = value;
        body
    };
    let mut nobody = sale(&company, "a");
    nobody.as_object_mut().unwrap().remove("fiscal_id");
    let cases = [
        (nobody, 400, 423),
        (with("fiscal_id", json!("00000000000")), 404, 424),
        (with("items", json!([])), 400, 400),
        (with("items", Value::Null), 400, 400),
        (with("cash_payment_amount", json!(-1)), 400, 400),
        (with("cash_payment_amount", json!("14")), 400, 400),
        (with("ticket_restaurant_payment_amount", json!(5)), 400, 400),
        (with("goods_uncollected_amount", json!(5)), 400, 400),
        (with("lottery_code", json!("1a3v5g7f")), 400, 400),
        (with("linked_receipt", json!("x".repeat(51))), 400, 400),
        (with("tags", json!(vec!["a"; 11])), 400, 400),
        (item("vat_rate_code", json!("0")), 400, 400),
        (item("vat_rate_code", json!("N2.1")), 400, 400),
        (item("unit_price", json!(0)), 400, 400),
        (item("description", json!("x".repeat(1_001))), 400, 400),
        (item("discount", json!(100)), 400, 400),
        (json!([]), 400, 400),
    ];
    for (body, status, error) in cases {
        let (found, answer) = client.send(Method::POST, "/IT-receipts", &body).await;
        assert_eq!((found.as_u16(), &answer["error"]), (status, &json!(error)), "{answer}");
    }
    let renounce = json!({"receipts": false});
    client.take(Method::PATCH, &format!("/IT-configurations/{company}"), &renounce).await;
    let (_, answer) = client.send(Method::POST, "/IT-receipts", &sale(&company, "a")).await;
    assert_eq!(answer["error"], 174);
    assert_eq!(handle.effects().len(), 1);
}

#[tokio::test]
async fn unbalanced_sale_is_refused_by_habit() {
    let unbalanced = |company: &str| {
        let mut body = sale(company, "a");
        body["cash_payment_amount"] = json!(13.99);
        body
    };
    for (payments_must_balance, status) in [(false, 200), (true, 400)] {
        let habits = Habits { payments_must_balance, ..Habits::default() };
        let sandbox = start(Options { habits, ..quiet() }).await.unwrap();
        let client = Client::of(&sandbox);
        let body = unbalanced(&client.company().await);
        let (found, answer) = client.send(Method::POST, "/IT-receipts", &body).await;
        assert_eq!(found.as_u16(), status, "{answer}");
    }
}
