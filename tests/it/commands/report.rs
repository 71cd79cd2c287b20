//! `quadra reconcile` and `quadra report`: from what is stored to files.

use crate::world::{World, with_filters};

/// A world that has pulled and uploaded the demo's receipts.
fn stored() -> World {
    let world = World::demo();
    world.quadra("pull receipts --period 2026-02 --quiet").expect(0);
    let files = ["corrispettivi", "incassi", "ordini-shop"]
        .map(|name| format!("inbox/receipts/19044175016/{name}-2026-02.csv"));
    world.quadra(&format!("upload {} --company 19044175016", files.join(" "))).expect(0);
    world
}

#[test]
fn reconcile_prints_the_report_as_text() {
    let world = stored();
    let shown = world.shown("reconcile --period 2026-02 --kind receipts --company 19044175016");
    with_filters(|| insta::assert_snapshot!(shown));
    // The findings are in the store, each with the event that opened it.
    assert_eq!(
        world.sql("select count(*) from findings"),
        world.sql("select count(*) from finding_events where event = 'opened'")
    );
}

#[test]
fn reconcile_json_counts_new_and_open() {
    let world = stored();
    let arguments = "reconcile --period 2026-02 --kind receipts --company 19044175016 --json";
    let first = world.quadra(arguments).expect(0).json();
    let second = world.quadra(arguments).expect(0).json();
    assert_eq!(first["verdict"], "breaks");
    assert_eq!(first["findings"]["new"], first["findings"]["open"]);
    assert!(first["findings"]["open"].as_u64().unwrap() > 5, "{first}");
    assert_eq!(second["findings"]["new"], 0);
    assert_eq!(second["findings"]["open"], first["findings"]["open"]);
    assert_eq!(second["statements"], first["statements"]);
}

#[test]
fn part_of_a_month_keeps_the_findings_of_the_rest() {
    let world = stored();
    let reconcile = |days: &str| {
        let arguments = format!("reconcile {days} --kind receipts --company 19044175016 --json");
        world.quadra(&arguments).json()["findings"].clone()
    };
    let month = reconcile("--period 2026-02");
    let part = reconcile("--from 2026-02-01 --to 2026-02-03");
    assert_eq!(part["cleared"], 0, "{part}");
    let again = reconcile("--period 2026-02");
    assert_eq!((&again["new"], &again["open"]), (&serde_json::json!(0), &month["open"]));
}

#[test]
fn nothing_stored_is_incomplete_not_good() {
    let world = World::new();
    let told = world.quadra("reconcile --period 2026-02 --json").expect(3).json();
    assert_eq!(told["verdict"], "incomplete");
    assert_eq!(world.sql("select verdict from runs"), ["incomplete"]);
}

#[test]
fn each_format_in_both_languages_is_written() {
    let world = stored();
    let mut shown = Vec::new();
    for language in ["it", "en"] {
        shown.push(world.shown(&format!(
            "report --period 2026-02 --kind receipts --company 19044175016 \
             --format html,xlsx,csv,json,text --language {language} --out {language}"
        )));
    }
    with_filters(|| insta::assert_snapshot!(shown.join("\n\n")));
    assert_eq!(world.files("it"), world.files("en"));
    for file in world.files("it").iter().filter(|file| file.contains(".html")) {
        assert!(world.read(&format!("it/{file}")).contains("lang=\"it\""));
        assert!(world.read(&format!("en/{file}")).contains("lang=\"en\""));
    }
}

#[test]
fn books_of_a_company_nobody_knows_are_incomplete() {
    let world = stored();
    world.copy("samples/ledgers/incassi-giornalieri/febbraio.csv", "febbraio.csv");
    world.quadra("upload febbraio.csv --company 12345678903").expect(0);
    let months = world.sql(
        "select substr(min(issue_date), 1, 7) from ledger_entries where company = '12345678903'",
    );
    let told = world.quadra(&format!("reconcile --period {} --kind receipts --json", months[0]));
    assert_eq!(told.code, Some(3), "{told}");
    assert_eq!(
        world.sql("select kind from findings where company = '12345678903'"),
        ["coverage_missing"]
    );
}
