//! `quadra findings`: a person's word, from one night to the next.

use serde_json::{Value, json};

use crate::world::{World, with_filters};

/// A world whose books lack some receipts of February.
fn compared() -> World {
    let world = World::demo();
    world.quadra("run nightly-receipts --period 2026-02 --quiet").expect(0);
    world
}

const RECONCILE: &str = "reconcile --period 2026-02 --kind receipts --json";

/// Returns the findings of a state, as the command lists them.
fn listed(world: &World, state: &str) -> Vec<Value> {
    let listed = world.quadra(&format!("findings list --state {state} --json")).expect(0).json();
    listed["findings"].as_array().unwrap().clone()
}

fn fingerprint(finding: &Value) -> String {
    finding["fingerprint"].as_str().unwrap().to_owned()
}

#[test]
fn accepted_finding_is_remembered_by_the_next_run() {
    let world = compared();
    let open = listed(&world, "open");
    let one = fingerprint(&open[0]);
    let accept = format!("findings accept {} --owner Anna --reason known", &one[..8]);
    world.quadra(&accept).expect(0);
    assert_eq!(world.quadra(RECONCILE).json()["findings"]["open"], json!(open.len() - 1));
    let accepted: Vec<String> = listed(&world, "accepted").iter().map(fingerprint).collect();
    assert_eq!(accepted.join(" "), one);
    let shown = world.quadra(&format!("findings show {one} --json")).expect(0).json();
    let history = shown["findings"][0]["history"].as_array().unwrap().clone();
    let events: Vec<&str> = history.iter().map(|one| one["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["opened", "accepted"]);
    assert_eq!(history[1]["note"], "Anna: known");
    // Reopened by hand, it is open in the next run too.
    world.quadra(&format!("findings reopen {one} --owner Anna --reason wrong")).expect(0);
    assert_eq!(world.quadra(RECONCILE).json()["findings"]["open"], json!(open.len()));
}

#[test]
fn resolved_by_hand_opens_again_when_seen() {
    let world = compared();
    let one = fingerprint(&listed(&world, "open")[0]);
    world.quadra(&format!("findings resolve {one} --owner Anna --reason booked")).expect(0);
    assert_eq!(listed(&world, "resolved").len(), 1);
    world.quadra(RECONCILE);
    assert!(listed(&world, "open").iter().any(|again| fingerprint(again) == one));
}

#[test]
fn suggestions_name_what_stands_between() {
    let world = World::demo();
    let register = world.read("inbox/invoices/19044175016/registro-iva-vendite-2026-02.csv");
    let mut shifted = String::new();
    for (index, line) in register.lines().enumerate() {
        // Every number of the books gets letters that no rule drops.
        let cells: Vec<&str> = line.split(';').collect();
        let is_row = index > 0 && cells.len() > 3;
        let place = cells.iter().position(|cell| cell.contains('/') && cell.len() < 9);
        match place.filter(|_| is_row) {
            Some(place) => {
                let mut cells: Vec<String> = cells.iter().map(|cell| (*cell).to_owned()).collect();
                cells[place].push_str("-XQ");
                shifted.push_str(&cells.join(";"));
            }
            None => shifted.push_str(line),
        }
        shifted.push('\n');
    }
    world.write("inbox/invoices/19044175016/registro-iva-vendite-2026-02.csv", &shifted);
    world.quadra("run nightly-invoices --period 2026-02 --quiet");
    let told = world.quadra("findings suggest --json").expect(0).json();
    let rules = told["suggestions"].as_array().unwrap();
    assert!(
        rules.iter().any(|one| one["affix"] == json!({ "books_suffix": "-XQ" })),
        "{told}\n{}",
        shifted.lines().take(3).collect::<Vec<_>>().join("\n")
    );
    let before = world.sql("select count(*) from findings where state = 'open'");
    world.quadra("findings suggest").expect(0);
    assert_eq!(world.sql("select count(*) from findings where state = 'open'"), before);
}

#[test]
fn decisions_go_out_and_come_back() {
    let world = compared();
    let open = listed(&world, "open");
    for finding in &open[..2] {
        let one = fingerprint(finding);
        world.quadra(&format!("findings accept {one} --owner Anna --reason known")).expect(0);
    }
    world.quadra("findings export-decisions --out decisions.toml").expect(0);
    let file = world.read("decisions.toml");
    assert_eq!(file.matches("[[decision]]").count(), 2);
    assert_eq!(world.quadra("findings export-decisions").expect(0).stdout, file);
    // Another store, whose runs read the file by themselves.
    let other = compared();
    other.write("decisions.toml", &file);
    other.configure("[findings]\ndecisions_file = \"decisions.toml\"");
    assert_eq!(other.quadra(RECONCILE).json()["findings"]["open"], json!(open.len() - 2));
    let applied = other.quadra("findings import-decisions decisions.toml --json").expect(0).json();
    assert_eq!(applied, json!({ "new": 0, "known": 2, "accepted": 0 }));
    // What is taken out of the file is withdrawn by the next run, and says why.
    let (first, _) = file.rsplit_once("[[decision]]").unwrap();
    assert_eq!(other.quadra(RECONCILE).json()["findings"]["open"], json!(open.len() - 2));
    other.write("decisions.toml", first);
    assert_eq!(other.quadra(RECONCILE).json()["findings"]["open"], json!(open.len() - 1));
    let gone = open[..2].iter().map(fingerprint).find(|one| !first.contains(&**one)).unwrap();
    let shown = other.quadra(&format!("findings show {gone}")).expect(0).stdout;
    assert!(shown.contains("was taken out of"), "{shown}");
    assert_eq!(other.quadra("findings export-decisions").expect(0).stdout.trim(), first.trim());
    other.write("decisions.toml", &file);
    assert_eq!(other.quadra(RECONCILE).json()["findings"]["open"], json!(open.len() - 2));
    // A file that cannot be read makes the night incomplete, and decisions hold on.
    other.write("decisions.toml", file.replace("owner", "onwer"));
    let told = other.quadra(RECONCILE).expect(3).json();
    assert_eq!(told["verdict"], "incomplete");
    assert_eq!(listed(&other, "accepted").len(), 2);
}

#[test]
fn wrong_words_are_refused() {
    let world = compared();
    let one = fingerprint(&listed(&world, "open")[0]);
    world.quadra(&format!("findings resolve {one} --owner A --reason x")).expect(0);
    world.write("wrong.toml", "[[decision]]\nfingerprint = \"12\"\n");
    let shown: Vec<String> = [
        "findings accept 0000000 --owner Anna --reason x".to_owned(),
        "findings accept 12 --owner Anna --reason x".to_owned(),
        format!("findings accept {one} --owner Anna --reason x"),
        format!("findings accept {one} --owner Anna --reason x --until 2020-01-01"),
        format!("findings accept {one} --owner Anna"),
        "findings list --kind missing_in_leger".to_owned(),
        "findings apply-decisions wrong.toml".to_owned(),
        "findings apply-decisions nowhere.toml".to_owned(),
    ]
    .iter()
    .map(|arguments| world.shown(arguments).replace(&one, "FINGERPRINT"))
    .collect();
    with_filters(|| insta::assert_snapshot!(shown.join("\n\n")));
    // That a company which nobody knows has no findings would be a false comfort.
    for what in ["list", "suggest"] {
        let ran = world.quadra(&format!("findings {what} --company 12345678901")).expect(2);
        assert!(ran.stderr.contains("known: "), "{ran}");
    }
}

/// The till writes the names of orders otherwise than the shop: no receipt is held against them.
#[test]
fn a_pass_for_orders_is_tried_and_suggested() {
    let world = World::demo();
    let name = "inbox/receipts/19044175016/ordini-shop-2026-02.csv";
    let renamed: Vec<String> = world
        .read(name)
        .lines()
        .map(|line| line.strip_prefix('#').map_or(line.to_owned(), |rest| format!("WEB-{rest}")))
        .collect();
    world.write(name, renamed.join("\n") + "\n");
    world.quadra("pull receipts --period 2026-02 --quiet").expect(0);
    world.quadra(&format!("upload {name} --company 19044175016")).expect(0);
    let compare = "reconcile --period 2026-02 --kind receipts --company 19044175016 --quiet";
    world.quadra(compare);
    let missing =
        "select count(*) from findings where state = 'open' and kind = 'missing_at_provider'";
    let before: u64 = world.sql(missing)[0].parse().unwrap();
    let runs = world.sql("select count(*) from runs");
    let told = world.quadra("findings suggest --json").expect(0).json();
    let passes = told["passes"].as_array().unwrap();
    assert_eq!(passes.len(), 1, "{told:#}");
    assert_eq!((&passes[0]["pass"], &passes[0]["changed"]), (&json!("order_digits"), &json!(0)));
    let pairs = passes[0]["pairs"].as_u64().unwrap();
    assert!(pairs > 10, "{told:#}");
    let said = world.quadra("findings suggest").expect(0).stdout;
    assert!(said.contains("pass `order_digits` (#10") && said.contains("and WEB-10"), "{said}");
    assert!(said.contains(&format!("{pairs} pairs")), "{said}");
    // Nothing was applied, and numbers are another file.
    assert_eq!(world.sql(missing)[0], before.to_string());
    assert_eq!(world.sql("select count(*) from runs"), runs);
    assert_eq!(world.quadra("findings suggest --toml").expect(0).stdout, "");
    assert!(
        world.quadra("findings suggest --company 21177305022").expect(0).stdout.contains("Nothing")
    );

    let rules = world.quadra("rules show receipts --company 19044175016").expect(0).stdout;
    let more = world.quadra("findings suggest --toml receipts").expect(0).stdout;
    world.write("rules/19044175016/receipts.toml", rules + &more);
    world.quadra("rules check").expect(0);
    world.quadra(compare);
    let after: u64 = world.sql(missing)[0].parse().unwrap();
    assert_eq!(after, before - pairs);
    let again = world.quadra("findings suggest --json").expect(0).json();
    assert!(again["passes"].as_array().unwrap().iter().all(|one| one["pass"] != "order_digits"));
}
