//! `quadra pull`: what it prints, what it stores, what a second one costs.

use quadra::sandbox::Collection;
use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{World, with_filters};

const FEBRUARY: &str = "--period 2026-02";

#[test]
fn second_pull_asks_one_request_a_window() {
    let world = World::small();
    let mut shown = vec![world.shown(&format!("pull all {FEBRUARY} --quiet"))];
    let (rows, asked) = (world.books(), world.requests());
    shown.push(world.shown(&format!("pull all {FEBRUARY} --quiet")));
    with_filters(|| insta::assert_snapshot!(shown.join("\n\n")));
    assert_eq!(world.books(), rows);
    // The configurations, and one probe for each of three windows of either kind.
    assert_eq!(world.requests() - asked, 7);
    let total = world.requests().to_string();
    assert_eq!(world.sql("select requests from request_days"), [total]);
}

#[test]
fn json_is_the_documented_object() {
    let world = World::small();
    let told = world.shown(&format!("pull receipts {FEBRUARY} --json --quiet"));
    with_filters(|| insta::assert_snapshot!(told));
}

#[test]
fn configurations_alone_bring_companies_only() {
    let world = World::small();
    with_filters(|| insta::assert_snapshot!(world.shown("pull configurations")));
    assert_eq!(world.requests(), 1);
    assert_eq!(world.sql("select count(*) from companies"), ["1"]);
    assert_eq!(world.sql("select count(*) from documents"), ["0"]);
}

#[test]
fn unknown_company_is_refused_with_the_known() {
    let world = World::small();
    let shown = world.shown(&format!("pull all {FEBRUARY} --company 01234567897"));
    with_filters(|| insta::assert_snapshot!(shown));
    assert_eq!(world.sql("select count(*) from documents"), ["0"]);
}

#[test]
fn missing_token_is_told_before_anything() {
    let mut world = World::small();
    world.unset("QUADRA__API__TOKEN");
    with_filters(|| insta::assert_snapshot!(world.shown("pull all")));
    assert_eq!(world.requests(), 0);
}

#[test]
fn daily_requests_end_a_pull_in_time() {
    let world = World::small();
    let budget = "--set api.daily_requests=4 --set api.requests_per_second=40";
    let first = world.quadra(&format!("pull all {FEBRUARY} {budget}")).expect(3);
    assert!(first.stdout.contains("the day's 4 requests are spent"), "{first}");
    assert_eq!(world.requests(), 4, "{first}");
    let second = world.quadra(&format!("pull all {FEBRUARY} {budget}")).expect(3);
    assert!(second.stderr.contains("api.daily_requests"), "{second}");
    assert_eq!(world.requests(), 4, "{second}");
    // What was read is kept, and the next pull ends like one that was never stopped.
    world.quadra(&format!("pull all {FEBRUARY}")).expect(0);
    assert_eq!(world.sql("select count(*) from documents"), ["72"]);
}

/// A list that grew shows the void alone: its sale is read again by its identifier.
#[test]
fn sale_of_a_new_void_is_read_again() {
    let world = World::small();
    let all = world.handle().all(Collection::Configurations);
    let company = serde_json::from_str::<Value>(&all[0]).unwrap()["fiscal_id"].clone();
    let body = json!({
        "fiscal_id": company, "cash_payment_amount": 3,
        "items": [{"quantity": 2, "description": "Pane", "unit_price": 1.5, "vat_rate_code": "4"}],
    });
    let later = || world.handle().advance(chrono::Duration::minutes(15));
    let sale = world.ask(Method::POST, "IT-receipts", &body)["data"]["id"].clone();
    let sale = sale.as_str().unwrap();
    later();
    // More than a page of others came between the sale and its void.
    let raw = world.handle().get(Collection::Receipts, sale).unwrap();
    let created = serde_json::from_str::<Value>(&raw).unwrap()["created_at"].clone();
    let created: chrono::DateTime<chrono::Utc> = created.as_str().unwrap().parse().unwrap();
    for number in 0..140 {
        let mut other: Value = serde_json::from_str(&raw).unwrap();
        // Some older than the sale: the list's end is looked at as well.
        let at = created + chrono::TimeDelta::seconds(number - 20);
        other["id"] = json!(format!("{number:024}"));
        other["created_at"] = json!(at.format("%Y-%m-%dT%H:%M:%S.000Z").to_string());
        world.handle().put(Collection::Receipts, &other.to_string()).unwrap();
    }
    let pull = "pull receipts";
    world.quadra(pull).expect(0);
    let status = format!("select status from documents where source_id = '{sale}'");
    assert_eq!(world.sql(&status), ["ready"]);
    world.ask(Method::DELETE, &format!("IT-receipts/{sale}"), &json!({}));
    later();
    let single = |from: usize| -> Vec<String> {
        let asked = world.handle().asked().split_off(from);
        asked.into_iter().filter(|path| path.starts_with("/IT-receipts/")).collect()
    };
    let before = world.handle().asked().len();
    world.quadra(pull).expect(0);
    assert_eq!(single(before), [format!("/IT-receipts/{sale}")]);
    assert_eq!(world.sql(&status), ["voided"]);
    let before = world.handle().asked().len();
    world.quadra(pull).expect(0);
    assert!(single(before).is_empty());
}
