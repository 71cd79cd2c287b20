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

/// The tenth invoice was sent in January, the twelfth in June: nobody has the eleventh.
#[test]
fn a_gap_of_months_is_found_and_the_books_may_fill_it() {
    let world = World::small();
    world.quadra("pull configurations --quiet").expect(0);
    world.quadra("pull invoices --period 2026-02 --quiet").expect(0);
    let sent = "kind = 'invoice' and direction = 'outgoing'";
    let ids = world.sql(&format!("select source_id from documents where {sent} order by 1"));
    world.execute(&format!("update documents set number = null where {sent}"));
    let series = [("8", "2026-01-10"), ("9", "2026-01-11"), ("10", "2026-01-12")];
    for (id, (number, day)) in ids.iter().zip(series.into_iter().chain([("12", "2026-06-10")])) {
        world.execute(&format!(
            "update documents set number = '{number}', issue_date = '{day}' where source_id = '{id}'"
        ));
    }
    let gaps = |world: &World| {
        world.quadra("reconcile --period 2026-06 --kind invoices --quiet");
        world.sql(
            "select (body ->> '$.evidence.before') || ' … ' || (body ->> '$.evidence.after') \
             from findings where kind = 'number_gap' and state = 'open'",
        )
    };
    assert_eq!(gaps(&world), ["10 … 12"]);
    let register = "Numero fattura;Data fattura;Cliente;Partita IVA;Imponibile;IVA;Totale fattura\n\
                    11/2026;20/01/2026;Alfa;09876543217;100,00;22,00;122,00\n";
    world.write("vendite-gennaio.csv", register);
    world.quadra("upload vendite-gennaio.csv").expect(0);
    assert!(gaps(&world).is_empty(), "the books hold the eleventh");
}
