//! An API that refuses, breaks off or is not there: told, and nothing half-stored.

use std::collections::BTreeMap;

use quadra::sandbox::Fault;

use crate::world::{Ran, TOKEN, World, with_filters};

const PULL: &str = "pull all --period 2026-02 --quiet";

/// Returns a pull's output without what a retry draws by lot.
fn told(world: &World, ran: &Ran) -> String {
    let lines =
        ran.stderr.lines().filter(|line| !line.contains(" WARN ") && !line.contains("ERROR"));
    let stderr: Vec<&str> = lines.collect();
    let code = ran.code;
    let stdout = &ran.stdout;
    world.mask(&format!(
        "exit code: {code:?}\n--- stdout\n{stdout}--- stderr\n{}",
        stderr.join("\n")
    ))
}

fn nothing() -> BTreeMap<String, i64> {
    let world = World::new();
    world.quadra("check --offline");
    world.books()
}

#[test]
fn refused_token_stops_everything() {
    let world = World::small();
    world.handle().set_token(Some("the-good-one".to_owned()));
    let json = world.quadra(PULL).expect(2);
    assert_eq!(world.requests(), 1, "no retry helps");
    world.handle().fail_next(1, Fault::Xml401);
    let xml = world.quadra(PULL).expect(2);
    let shown = format!("{}\n\n{}", told(&world, &json), told(&world, &xml));
    assert!(!shown.contains(TOKEN), "{shown}");
    with_filters(|| insta::assert_snapshot!(shown));
    assert_eq!(world.books(), nothing());
}

#[test]
fn token_refused_half_way_keeps_what_was_read() {
    let world = World::small();
    world.handle().fail_next_on("IT-invoices", 1, Fault::Xml401);
    let ran = world.quadra(PULL).expect(3);
    with_filters(|| insta::assert_snapshot!(told(&world, &ran)));
    // Windows are read at once: one of the invoices' may have been kept before the refusal.
    assert!(world.sql("select distinct kind from documents").contains(&"receipt".to_owned()));
    world.quadra(PULL).expect(0);
    assert_eq!(world.sql("select count(*) from documents"), ["72"]);
}

#[test]
fn empty_wallet_is_exit_3() {
    let world = World::small();
    let body = r#"{"data":null,"success":false,"message":"Insufficient Credit","error":402}"#;
    let fault = Fault::Status {
        status: 402,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: body.to_owned(),
    };
    world.handle().fail_next(1, fault);
    let ran = world.quadra(PULL).expect(3);
    with_filters(|| insta::assert_snapshot!(told(&world, &ran)));
    assert_eq!(world.books(), nothing());
}

#[test]
fn web_page_in_the_apis_place_is_named() {
    let world = World::small();
    world.handle().fail_next(1, Fault::Html200);
    let ran = world.quadra(PULL);
    with_filters(|| insta::assert_snapshot!(told(&world, &ran)));
    assert_eq!(world.books(), nothing());
}

#[test]
fn page_cut_in_half_is_read_again() {
    let world = World::small();
    world.handle().fail_next_on("IT-receipts", 1, Fault::CutBody);
    let told = world.quadra(&format!("{PULL} --json")).expect(0).json();
    assert_eq!(told["retries"], 1);
    assert_eq!(world.sql("select count(*) from documents"), ["72"]);
}

#[test]
fn window_whose_pages_stay_cut_is_unsettled() {
    let world = World::small();
    world.handle().fail_next_on("IT-receipts", 1_000, Fault::CutBody);
    let ran = world.quadra(&format!("{PULL} --json")).expect(3);
    let windows = ran.json()["windows"].clone();
    let states: Vec<(String, String)> = windows
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["kind"].to_string(), one["state"].to_string()))
        .collect();
    assert!(states.contains(&("\"receipts\"".to_owned(), "\"unsettled\"".to_owned())), "{ran}");
    assert!(states.contains(&("\"invoices\"".to_owned(), "\"settled\"".to_owned())), "{ran}");
    // No row of a cut page was kept.
    assert_eq!(world.sql("select distinct kind from documents"), ["invoice"]);
    let reconciled = world.quadra("reconcile --period 2026-02 --json").expect(3).json();
    assert_eq!(reconciled["verdict"], "incomplete");
}

#[test]
fn server_errors_and_silence_are_exit_3() {
    let mut world = World::small();
    let fault = Fault::Status { status: 500, headers: Vec::new(), body: "oops".to_owned() };
    world.handle().fail_next(5, fault);
    let broken = world.quadra(PULL).expect(3);
    assert_eq!(world.requests(), 5);
    world.stop_sandbox();
    let absent = world.quadra(PULL).expect(3);
    let shown = format!("{}\n\n{}", told(&world, &broken), told(&world, &absent));
    with_filters(|| insta::assert_snapshot!(shown));
    assert_eq!(world.books(), nothing());
    // All ten requests count, those of a server that never answered too.
    assert_eq!(world.sql("select requests from request_days"), ["10"]);
}
