//! SIGTERM and SIGKILL: the step in hand is finished, and the next run goes on.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use quadra::sandbox::{Fault, Faults, Options};

use crate::world::World;

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// Waits for the end of a command that must not take longer.
fn ended(mut child: Child, within: Duration) -> Option<i32> {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        if started.elapsed() > within {
            child.kill().unwrap();
            panic!("still running after {within:?}");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Waits until something holds.
fn until(what: &str, holds: impl Fn() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < Duration::from_secs(20), "never: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn many() -> World {
    World::with(Options {
        receipts: 3_000,
        invoices: 10,
        companies: 1,
        faults: Faults { delay_ms_max: 40, ..Faults::none() },
        ..Options::default()
    })
}

fn pulling(world: &World) -> Child {
    let mut command = world.command(env!("CARGO_BIN_EXE_quadra"));
    command.args(["pull", "all", "--period", "2026-02", "--quiet"]);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

#[test]
fn stopped_pull_is_130_and_resumes() {
    let world = many();
    let child = pulling(&world);
    until("some pages are read", || world.requests() > 8);
    signal(&child, "-TERM");
    assert_eq!(ended(child, Duration::from_secs(5)), Some(130));
    let kept: u64 = world.sql("select count(*) from documents")[0].parse().unwrap();
    assert!(0 < kept && kept < 3_000, "{kept}");
    let counted = world.sql("select requests from request_days");
    world.quadra("pull all --period 2026-02").expect(0);
    assert_eq!(world.sql("select count(*) from documents"), ["3010"]);
    assert_eq!(world.sql("select max(revision) from raw_documents"), ["1"]);
    assert_ne!(world.sql("select requests from request_days"), counted);
}

#[test]
fn killed_pull_loses_and_doubles_nothing() {
    let world = many();
    for pages in [6, 14, 25] {
        let from = world.requests();
        let mut child = pulling(&world);
        until("some pages are read", || world.requests() > from + pages);
        child.kill().unwrap();
        child.wait().unwrap();
    }
    world.quadra("pull all --period 2026-02").expect(0);
    assert_eq!(world.sql("select count(*) from documents"), ["3010"]);
    assert_eq!(
        world.sql("select count(*) from raw_documents where resource <> 'configurations'"),
        ["3010"]
    );
    // Requests are counted before they are sent, 32 at a time: a crash costs the rest of them.
    let counted: u64 = world.sql("select requests from request_days")[0].parse().unwrap();
    let sent = world.requests();
    assert!((sent..=sent + 3 * 32).contains(&counted), "{counted} of {sent}");
}

#[test]
fn pull_that_waits_for_an_answer_stops_at_once() {
    let world = World::small();
    world.handle().fail_next(1, Fault::Slow(Duration::from_secs(20)));
    let child = pulling(&world);
    until("the first request came", || world.requests() == 1);
    signal(&child, "-INT");
    assert_eq!(ended(child, Duration::from_secs(5)), Some(130));
}

#[test]
fn stopped_run_ends_before_its_next_step() {
    let world = World::demo();
    world.handle().fail_next_on("IT-receipts", 100, Fault::Slow(Duration::from_secs(20)));
    let mut command = world.command(env!("CARGO_BIN_EXE_quadra"));
    command.args(["run", "nightly-receipts", "--period", "2026-02", "--quiet"]);
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    until("the pull began", || world.requests() > 1);
    signal(&child, "-TERM");
    assert_eq!(ended(child, Duration::from_secs(5)), Some(130));
    assert_eq!(
        world.sql("select name || ' ' || outcome from run_steps"),
        ["inbox done", "pull partial"]
    );
    assert_eq!(world.sql("select count(*) from deliveries"), ["0"]);
    world.handle().set_faults(Faults::none());
}

#[test]
fn sandbox_says_where_it_is_and_stops_when_asked() {
    let world = World::new();
    let mut command = world.command(env!("CARGO_BIN_EXE_quadra"));
    command.args(["sandbox", "--port", "0", "--well-behaved", "--receipts", "3", "--quiet"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    let mut said = BufReader::new(child.stdout.take().unwrap());
    said.read_line(&mut first).unwrap();
    let address = first.trim().strip_prefix("sandbox at http://").unwrap().to_owned();
    let pulled = world.quadra(&format!(
        "pull receipts --period 2026-02 --json --set api.base_url=http://{address}"
    ));
    assert_eq!(pulled.expect(0).json()["documents_new"], 3);
    signal(&child, "-TERM");
    let mut errors = child.stderr.take().unwrap();
    assert_eq!(ended(child, Duration::from_secs(5)), Some(0));
    let mut told = String::new();
    errors.read_to_string(&mut told).unwrap();
    assert_eq!(told.lines().count(), 1, "{told}");
    assert!(told.contains("asked to stop"), "{told}");
}

#[test]
fn sandbox_on_a_taken_port_is_refused() {
    let world = World::small();
    let port = world.configured_port();
    let ran = world.quadra(&format!("sandbox --port {port}")).expect(2);
    assert!(ran.stderr.contains(&format!("127.0.0.1:{port}")), "{ran}");
    assert!(ran.stderr.contains("hint: choose another port"), "{ran}");
}
