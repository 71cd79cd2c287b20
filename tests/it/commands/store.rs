//! `quadra store`: what verify sees, and a backup of a store in use.

use crate::world::{World, with_filters};

fn night() -> World {
    let world = World::demo();
    world.quadra("run nightly-receipts --period 2026-02 --quiet").expect(0);
    world
}

#[test]
fn whole_store_verifies_and_copies() {
    let world = night();
    with_filters(|| insta::assert_snapshot!(world.shown("store verify")));
    // Another process is writing meanwhile.
    let held = world.hold_store();
    world.quadra("store backup copy.db").expect(0);
    drop(held);
    let books = world.books();
    world.quadra("store verify --set store.url=sqlite://copy.db").expect(0);
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &std::fs::metadata(world.path("copy.db")).unwrap().permissions(),
    );
    assert_eq!(mode & 0o777, 0o600);
    std::fs::rename(world.path("copy.db"), world.path("quadra.db")).unwrap();
    assert_eq!(world.books(), books);
}

#[test]
fn backup_never_writes_over_a_file() {
    let world = World::demo();
    world.quadra("store migrate").expect(0);
    world.write("copy.db", "precious");
    with_filters(|| insta::assert_snapshot!(world.shown("store backup copy.db")));
    assert_eq!(world.read("copy.db"), "precious");
    world.quadra("store backup nowhere/copy.db").expect(2);
    assert!(!world.path("copy.db.partial").exists());
}

#[test]
fn schema_says_what_became_of_it() {
    let world = World::new();
    for what in ["verify", "prune", "backup copy.db"] {
        let ran = world.quadra(&format!("store {what}")).expect(2);
        assert!(ran.stderr.contains("there is no store `quadra.db`"), "{ran}");
        assert!(ran.stderr.contains("hint: ") && !world.path("quadra.db").exists(), "{ran}");
    }
    let migrate = || world.quadra("store migrate").expect(0).stdout;
    assert_eq!(migrate(), "quadra.db was made, with the schema of this version.\n");
    assert_eq!(migrate(), "The schema of quadra.db was up to date: nothing was changed.\n");
    // As a version of some days ago left it.
    world.execute("alter table companies drop column listed");
    world.execute("delete from _sqlx_migrations where version = 21");
    assert_eq!(migrate(), "1 change brought the schema of quadra.db up to date.\n");
    let json = world.quadra("store migrate --json").expect(0).json();
    assert_eq!((&json["is_new"], &json["changes"]), (&false.into(), &0.into()));
}

#[test]
fn each_kind_of_damage_is_named() {
    let world = night();
    world.execute("update raw_documents set body = replace(body, '1', '2') where id = 7");
    world.execute("update ledger_files set rows_stored = rows_stored + 1 where id = 1");
    world.execute(
        "update statements set body = replace(body, '\"residual_cents\":0', '\"residual_cents\":5') \
         where run_id = 1 and position = 0",
    );
    let ran = world.quadra("store verify").expect(3);
    let wrong: Vec<&str> = ran.stdout.lines().filter(|line| line.starts_with("FAIL")).collect();
    assert_eq!(wrong.len(), 3, "{ran}");
    for said in ["the body is not what was received", "rows where", "5 cents are unexplained"] {
        assert!(ran.stdout.contains(said), "{said}: {ran}");
    }
    let json = world.quadra("store verify --json").expect(3).json();
    assert_eq!(json["checks"].as_array().unwrap().len(), 6);
}
