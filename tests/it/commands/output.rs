//! Readers that go away, and ears that are full.

use crate::world::World;

fn ready() -> World {
    let world = World::small();
    world.quadra("pull all --period 2026-02 --quiet").expect(0);
    world
}

#[test]
fn closed_stdout_is_no_failure() {
    let world = ready();
    for command in
        ["reconcile --period 2026-02 --kind receipts", "pull all --period 2026-02", "--help"]
    {
        let script = format!(
            "set -o pipefail; \"$QUADRA_BINARY\" {command} | head -c 1; \
                              echo \" ${{PIPESTATUS[0]}}\""
        );
        let ran = world.bash(&script);
        assert!(!ran.stderr.contains("panicked"), "{command}: {ran}");
        assert!(
            matches!(ran.stdout.split(' ').next_back(), Some("0\n" | "3\n")),
            "{command}: {ran}"
        );
    }
}

#[test]
fn full_stdout_is_told_and_keeps_the_work() {
    let world = ready();
    let before = world.sql("select count(*) from runs");
    let ran = world.bash("\"$QUADRA_BINARY\" reconcile --period 2026-02 > /dev/full");
    assert_eq!(ran.code, Some(3), "{ran}");
    assert!(ran.stderr.contains("failed to write to stdout"), "{ran}");
    assert_ne!(world.sql("select count(*) from runs"), before);
}

#[test]
fn full_or_closed_stderr_changes_no_exit_code() {
    let world = ready();
    for to in ["2> /dev/full", "2>&-"] {
        let good = world.bash(&format!("\"$QUADRA_BINARY\" pull all --period 2026-02 -v {to}"));
        assert_eq!(good.code, Some(0), "{to}: {good}");
        let bad = world.bash(&format!("\"$QUADRA_BINARY\" pull all --company 1 {to}"));
        assert_eq!(bad.code, Some(2), "{to}: {bad}");
    }
}
