//! `quadra demo`: the whole night, the same twice.

use std::time::{Duration, Instant};

use crate::world::{World, with_filters};

#[test]
fn demo_twice_gives_the_same_bytes() {
    let world = World::new();
    let started = Instant::now();
    let first = world.quadra("demo --out one");
    let took = started.elapsed();
    with_filters(|| insta::assert_snapshot!(world.mask(&first.to_string())));
    assert!(took < Duration::from_secs(20), "{took:?}");
    world.quadra("demo --out two").expect(0);
    let names = world.files("one");
    assert_eq!(names, world.files("two"));
    assert_eq!(names.len(), 12);
    for name in names {
        let bytes = |folder: &str| std::fs::read(world.path(folder).join(&name)).unwrap();
        assert!(bytes("one") == bytes("two"), "{name} differs");
    }
    // Nothing but the reports stays behind.
    assert!(!world.path("quadra.db").exists());
}

#[test]
fn demo_is_one_json_object() {
    let world = World::new();
    let told = world.quadra("demo --json --language en --out out").expect(0).json();
    assert_eq!(told["missed"], serde_json::json!([]));
    assert_eq!(told["unplanned"], serde_json::json!([]));
    assert_eq!(told["runs"].as_array().unwrap().len(), 2);
    let text = world.read("out/quadra-nightly-receipts-2026-02.txt");
    assert!(text.starts_with("Outcome") || text.starts_with("Verdict"), "{text}");
}

#[test]
fn reports_that_cannot_be_written_fail_the_demo() {
    let world = World::new();
    world.write("taken", "a file");
    let ran = world.quadra("demo --out taken/reports").expect(3);
    assert!(ran.stderr.contains("taken/reports"), "{ran}");
}
