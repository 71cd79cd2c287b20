//! What `store prune` removes, and what it keeps whatever its age.

use std::collections::BTreeMap;

use serde_json::json;

use crate::world::World;

const RETENTION: &str = "[retention]\ncallbacks_days = 30\ndeliveries_days = 60\n\
                         statements_days = 30\nrequests_days = 50\n";

fn reconcile(world: &mut World, clock: &str, arguments: &str) {
    world.set("QUADRA_CLOCK", clock);
    let ran = world.quadra(&format!("{arguments} --quiet"));
    assert!(matches!(ran.code, Some(0 | 3)), "{ran}");
}

/// Three nights of the same month, one of half of it, and callbacks of all ages and states.
fn old_store() -> World {
    let mut world = World::demo();
    world.configure(RETENTION);
    for clock in ["2026-03-10T05:00:00Z", "2026-03-11T05:00:00Z", "2026-05-20T05:00:00Z"] {
        reconcile(&mut world, clock, "run nightly-receipts --period 2026-02");
    }
    reconcile(&mut world, "2026-03-12T05:00:00Z", "run nightly-invoices --period 2026-02");
    let half = "reconcile --kind receipts --period 2026-02-01..2026-02-10";
    reconcile(&mut world, "2026-05-21T05:00:00Z", half);
    for (id, event, state, received, settled) in [
        ("read-old", "receipt", "read", "2026-03-01", "'2026-03-02T05:00:00.000Z'"),
        ("ignored-old", "", "ignored", "2026-03-01", "'2026-03-01T05:00:00.000Z'"),
        ("read-late", "receipt", "read", "2026-03-01", "'2026-05-29T05:00:00.000Z'"),
        ("waiting-old", "receipt", "waiting", "2025-03-01", "null"),
        (
            "credentials-100",
            "receipt-credentials",
            "read",
            "2026-02-21",
            "'2026-02-22T05:00:00.000Z'",
        ),
        (
            "credentials-200",
            "receipt-credentials",
            "read",
            "2025-11-13",
            "'2025-11-14T05:00:00.000Z'",
        ),
    ] {
        world.execute(&format!(
            "insert into callbacks (received_at, event, resource, source_id, content_type, body, \
             state, settled_at) values ('{received}T05:00:00.000Z', '{event}', 'receipts', '{id}', \
             'application/json', '{{}}', '{state}', {settled})"
        ));
    }
    // An old one that never went out: its bytes are still to be sent.
    world.execute(
        "insert into deliveries (delivery_key, run_id, channel, address, subject, state, attempts, \
         created_at, updated_at, said) values ('waiting', 1, 'mail', 'a@rossi.example', 's', \
         'queued', 3, '2026-01-01T05:00:00.000Z', '2026-01-01T05:00:00.000Z', '')",
    );
    world.execute(
        "insert into delivery_parts (delivery_id, position, role, file_name, media_type, bytes) \
         select id, 0, 'text', '', 'text/plain', x'61' from deliveries where delivery_key = 'waiting'",
    );
    world.set("QUADRA_CLOCK", "2026-06-01T05:00:00Z");
    world
}

/// Returns the tables whose number of rows differs, with the difference.
fn changes(before: &BTreeMap<String, i64>, after: &BTreeMap<String, i64>) -> Vec<(String, i64)> {
    let difference = |(table, count): (&String, &i64)| (table.clone(), after[table] - count);
    before.iter().map(difference).filter(|(_, change)| *change != 0).collect()
}

#[test]
fn old_records_go_and_books_stay() {
    let world = old_store();
    let statements = |of: &str| {
        let query = format!("select count(*) from statements where run_id in ({of})");
        world.sql(&query)[0].parse::<i64>().unwrap()
    };
    let replaced = statements("1, 2");
    assert!(replaced > 5, "{replaced}");
    let parts = "select count(*) from delivery_parts as p join deliveries as d on d.id = p.delivery_id \
                 where d.updated_at < '2026-04-02' and d.state = 'sent'";
    let parts: i64 = world.sql(parts)[0].parse().unwrap();
    assert!(parts > 2, "{parts}");
    let days: i64 = world.sql("select count(*) from request_days where day_on < '2026-04-12'")[0]
        .parse()
        .unwrap();
    assert_eq!(days, 3);
    let before = world.rows();

    let dry = world.quadra("store prune --dry-run --json").expect(0).json();
    let expected = json!({
        "dry_run": true, "callbacks": 3, "delivery_parts": parts, "statements": replaced,
        "request_days": days,
    });
    assert_eq!(dry, expected);
    assert_eq!(world.rows(), before, "a dry run removes nothing");
    let shown = world.quadra("store prune --dry-run").expect(0).stdout;
    assert!(shown.starts_with("3 callbacks, ") && shown.ends_with(" would go\n"), "{shown}");

    let pruned = world.quadra("store prune").expect(0).stdout;
    let told = format!(
        "3 callbacks, {parts} parts of deliveries, {replaced} statements, {days} days' counts of \
         requests removed\n"
    );
    assert_eq!(pruned, told);
    let gone = [
        ("callbacks", -3),
        ("delivery_parts", -parts),
        ("request_days", -days),
        ("statements", -replaced),
    ];
    let gone: Vec<(String, i64)> =
        gone.into_iter().map(|(table, change)| (table.to_owned(), change)).collect();
    assert_eq!(changes(&before, &world.rows()), gone);
    // What is left is the right half of each.
    let left = world.sql("select source_id from callbacks order by 1");
    assert_eq!(left, ["credentials-100", "read-late", "waiting-old"]);
    assert_eq!(statements("1, 2"), 0);
    assert!(statements("3") > 0, "the last of the month");
    assert!(statements("4") > 0, "the only one of the invoices, though old");
    assert!(statements("5") > 0, "half a month replaces no whole one, and is young");
    let waiting = "select count(*) from delivery_parts as p join deliveries as d \
                   on d.id = p.delivery_id where d.delivery_key = 'waiting'";
    assert_eq!(world.sql(waiting), ["1"]);
    let keys = world.sql("select count(*) from deliveries where state = 'sent'");
    assert_eq!(keys, ["4"], "that a delivery was made is never forgotten");
    let verified = world.quadra("store verify").expect(0).stdout;
    assert!(!verified.contains("FAIL"), "{verified}");
    let again = world.quadra("store prune --json").expect(0).json();
    assert_eq!((&again["callbacks"], &again["statements"]), (&0.into(), &0.into()));
}

#[test]
fn month_after_a_prune_is_told_as_before() {
    let world = old_store();
    let story = |world: &World| {
        let mut json = world.quadra("reconcile --kind receipts --period 2026-02 --json").json();
        json["run"] = serde_json::Value::Null;
        json
    };
    let before = story(&world);
    world.quadra("store prune").expect(0);
    assert_eq!(story(&world), before);
}

#[test]
fn step_prune_does_the_same() {
    let world = old_store();
    let job = "kind = \"receipts\"\nsteps = [\"prune\"]\nperiod = \"2026-02\"\n";
    world.write("jobs/tidy.toml", job);
    let expected = world.quadra("store prune --dry-run --json").expect(0).json();
    world.quadra("run tidy --quiet").expect(0);
    let tally = world.sql("select tally from run_steps where name = 'prune'").remove(0);
    let tally: serde_json::Value = serde_json::from_str(&tally).unwrap();
    for key in ["callbacks", "delivery_parts", "statements", "request_days"] {
        assert_eq!(tally[key], expected[key], "{key}");
    }
    let wrong = world.quadra("store prune --set retention.callbacks_days=0").expect(2);
    assert!(wrong.stderr.contains("retention.callbacks_days"), "{wrong}");
}
