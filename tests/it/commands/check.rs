//! `quadra check`: a line for each thing, and the exit code of the worst.

use crate::world::{TOKEN, World, with_filters};

#[test]
fn everything_good_is_a_line_each() {
    let world = World::demo();
    with_filters(|| insta::assert_snapshot!(world.shown("check")));
    // One question, and it counts.
    assert_eq!(world.requests(), 1);
    assert_eq!(world.sql("select requests from request_days"), ["1"]);
    assert!(world.books().values().all(|rows| *rows == 0));
}

#[test]
fn offline_asks_nobody() {
    let mut world = World::demo();
    world.configure(
        "[mail]\nhost = \"127.0.0.1\"\nsecurity = \"none\"\nport = 9\nfrom = \"a@b.it\"",
    );
    world.stop_sandbox();
    with_filters(|| insta::assert_snapshot!(world.shown("check --offline")));
}

#[test]
fn each_wrong_thing_is_named() {
    let mut world = World::demo();
    world.handle().set_token(Some("another".to_owned()));
    world.write(
        "jobs/nightly-invoices.toml",
        "kind = \"invoice\"\ninbox = \"in\"\nrecipient = []\n",
    );
    world.write("quadra.db", "this is no database, but a text of some length\n".repeat(40));
    with_filters(|| insta::assert_snapshot!(world.shown("check")));
    std::fs::remove_file(world.path("quadra.db")).unwrap();
    let refused = world.shown("check --json");
    with_filters(|| insta::assert_snapshot!(refused));
    assert!(!refused.contains(TOKEN), "{refused}");
    world.unset("QUADRA__API__TOKEN");
    let ran = world.quadra("check").expect(2);
    assert!(ran.stdout.contains("wrong        api            no API token is set"), "{ran}");
}

#[test]
fn nobody_at_home_is_exit_3() {
    let mut world = World::demo();
    world.configure(
        "[mail]\nhost = \"127.0.0.1\"\nsecurity = \"none\"\nport = 9\nfrom = \"a@b.it\"",
    );
    world.stop_sandbox();
    let ran = world.quadra("check").expect(3);
    assert!(ran.stdout.contains("unreachable  api "), "{ran}");
    assert!(ran.stdout.contains("unreachable  mail "), "{ran}");
}

#[test]
fn jobs_folder_without_jobs_is_wrong() {
    let world = World::small();
    std::fs::create_dir(world.path("jobs")).unwrap();
    let ran = world.quadra("check").expect(2);
    assert!(ran.stdout.contains("wrong        jobs           no job in "), "{ran}");
}
