//! `quadra rules`: rules of one's own are shown, checked, and used by the next comparison.

use crate::world::World;

#[test]
fn shipped_rules_can_be_a_file_of_ones_own() {
    let world = World::new();
    let shown = world.quadra("rules show issued").expect(0).stdout;
    assert!(shown.starts_with("# issued: shipped with the program\n"), "{shown}");
    assert!(world.quadra("rules check").expect(0).stdout.contains("the shipped ones apply"));
    world.write("rules/issued.toml", &shown);
    world.write("rules/01234567897/issued.toml", &shown);
    let checked = world.quadra("rules check").expect(0).stdout;
    assert_eq!(checked.matches("ok ").count(), 2, "{checked}");
    let again = world.quadra("rules show issued --company 01234567897").expect(0).stdout;
    assert!(again.contains("rules/01234567897/issued.toml"), "{again}");
    let others = world.quadra("rules show --json --company 09876543217").expect(0).stdout;
    let others: serde_json::Value = serde_json::from_str(&others).unwrap();
    assert!(others["rules"][0]["file"].as_str().unwrap().ends_with("rules/issued.toml"));
    assert!(others["rules"][1]["file"].is_null());
}

#[test]
fn a_column_nobody_has_names_the_nearest() {
    let world = World::new();
    let text = world.quadra("rules show received").expect(0).stdout;
    world.write("rules/received.toml", text.replace("\"plain_number\"", "\"plain_nmber\""));
    let checked = world.quadra("rules check").expect(2);
    assert!(checked.stdout.contains("did you mean `plain_number`?"), "{checked}");
    let checked = world.quadra("check --offline --json");
    assert!(checked.stdout.contains("did you mean `plain_number`?"), "{checked}");
    let ran = world.quadra("reconcile --period 2026-02").expect(2);
    assert!(ran.stderr.contains("did you mean `plain_number`?"), "{ran}");
    assert!(ran.stderr.contains("received.toml"), "{ran}");
}

#[test]
fn a_file_of_no_sort_is_named() {
    let world = World::new();
    world.write("rules/recieved.toml", "");
    let checked = world.quadra("rules check").expect(2);
    assert!(checked.stdout.contains("did you mean `received.toml`?"), "{checked}");
    let ran = world.quadra("rules show isued").expect(2);
    assert!(ran.stderr.contains("did you mean `issued`?"), "{ran}");
}
