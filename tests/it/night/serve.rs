//! The schedule as `quadra serve` keeps it: by itself, after nights off, stopped, killed, in two.
//!
//! The clock flies (`QUADRA_CLOCK=instant*speed`), or stands where a test put it; the process,
//! its signals and its leases are real.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::cell::Cell;
use std::time::Duration;

use quadra::sandbox::{Fault, Faults, Options};

use super::serving::{Serving, until};
use crate::world::World;

/// A job that compares what is there, every five minutes.
const OFTEN: &str = "kind = 'receipts'\nperiod = '2026-02'\nformats = ['text']\n\
                     steps = ['reconcile', 'report', 'deliver']\n\
                     [schedule]\ncron = '*/5 * * * *'\n";
/// A night that pulls, due at six in Rome.
const NIGHT: &str = "kind = 'receipts'\nperiod = '2026-02'\nformats = ['text']\n\
                     steps = ['pull', 'reconcile', 'report', 'deliver']\n\
                     [schedule]\ncron = '0 6 * * *'\n";
/// So many receipts take a while to be read.
const MANY: usize = 1_500;
const DUE: &str = "2026-03-10T05:00:30Z";

fn slow(job: &str) -> World {
    let world = World::with(Options {
        receipts: MANY,
        invoices: 0,
        companies: 1,
        faults: Faults { delay_ms_max: 80, ..Faults::none() },
        ..Options::default()
    });
    world.write("jobs/night.toml", job);
    world
}

fn due(world: &World) -> Vec<String> {
    world.sql(
        "select job || ' ' || substr(due_at, 12, 5) || ' ' || state || ' ' || fence from due_runs \
         where fence > 0 order by due_at, job",
    )
}

fn count(world: &World, query: &str) -> usize {
    // The store may not be made yet, or its tables.
    if !world.path("quadra.db").exists() {
        return 0;
    }
    world.sql(&format!("select count(*) from {query}"))[0].parse().unwrap()
}

fn is_done(world: &World) -> bool {
    count(world, "due_runs where state = 'done'") > 0
}

/// What a finished night leaves, however often it was begun.
fn assert_whole(world: &World) {
    assert_eq!(count(world, "runs where finished_at is not null"), 1);
    assert_eq!(count(world, "runs"), 1);
    assert_eq!(count(world, "documents"), MANY);
    assert_eq!(world.sql("select max(revision) from raw_documents"), ["1"]);
    assert_eq!(
        world.sql("select name || ' ' || outcome from run_steps order by position").len(),
        4
    );
    assert_eq!(world.sql("select channel || ' ' || state from deliveries"), ["folder sent"]);
}

#[test]
fn due_times_are_kept_by_themselves() {
    let world = World::small();
    world.quadra("pull all --period 2026-02 --quiet").expect(0);
    world.write("jobs/often.toml", OFTEN);
    let serving = Serving::start(&world, "2026-03-10T05:00:30Z*300");
    assert_eq!(serving.said, ["schedule of often"]);
    until("two due times are done", || count(&world, "due_runs where state = 'done'") >= 2);
    // A job that is laid down meanwhile holds from the next minute on.
    world.write("jobs/second.toml", OFTEN);
    until("the second job ran", || {
        count(&world, "due_runs where state = 'done' and job = 'second'") >= 1
    });
    let ended = serving.stop();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stdout.contains("run 1:\n  reconcile: "), "{}", ended.stdout);
    let kept = due(&world);
    let first: Vec<&String> =
        kept.iter().filter(|line| line.starts_with("often")).take(2).collect();
    assert_eq!(first, ["often 05:00 done 1", "often 05:05 done 1"]);
    // None is left out and none is done twice.
    let minutes = world.sql(
        "select count(*) || ' ' || ((max(unixepoch(due_at)) - min(unixepoch(due_at))) / 300) \
         from due_runs where job = 'often' and state = 'done'",
    );
    let (times, steps) = minutes[0].split_once(' ').unwrap();
    assert_eq!(times.parse::<u32>().unwrap(), steps.parse::<u32>().unwrap() + 1);
    assert_eq!(count(&world, "runs"), count(&world, "due_runs where fence > 0"));
}

#[test]
fn two_processes_keep_one_schedule() {
    let world = World::small();
    world.quadra("pull all --period 2026-02 --quiet").expect(0);
    world.write("jobs/often.toml", OFTEN);
    let clock = "2026-03-10T05:00:30Z*300";
    let (one, other) = (Serving::start(&world, clock), Serving::start(&world, clock));
    until("five due times are done", || count(&world, "due_runs where state = 'done'") >= 5);
    assert_eq!([one.stop().code, other.stop().code], [Some(0), Some(0)]);
    let kept = due(&world);
    let twice = kept.iter().filter(|line| !line.ends_with(" 1")).count();
    // A stop may have come between a claim and its run: that one is begun, and its next.
    assert_eq!(twice, 0, "{kept:?}");
    assert_eq!(count(&world, "runs where finished_at is not null"), kept.len());
}

#[test]
fn nights_off_are_made_good_at_the_start() {
    let world = World::small();
    world.write("jobs/night.toml", format!("{NIGHT}catch_up = 'all(max 2)'\n"));
    // Seen on the 1st at noon; then the machine was off until the 5th.
    let first = Serving::start(&world, "2026-03-01T11:00:00Z");
    until("the job is seen", || count(&world, "due_runs") == 1);
    assert_eq!(first.stop().code, Some(0));
    let serving = Serving::start(&world, "2026-03-05T11:00:00Z");
    until("both nights are done", || count(&world, "due_runs where state = 'done'") == 2);
    assert_eq!(serving.stop().code, Some(0));
    let days = world.sql("select substr(due_at, 9, 2) from due_runs where state = 'done'");
    assert_eq!(days, ["04", "05"]);
    let told = world.quadra("jobs history night").expect(0).stdout;
    let passed = "night was due 2026-03-03 06:00:00 CET: passed, missed, as 1 before it; the rule \
                  is to catch up all(max 2)";
    assert!(told.contains(passed), "{told}");
}

#[test]
fn stopped_run_is_finished_by_the_next_start() {
    let world = slow(NIGHT);
    let serving = Serving::start(&world, DUE);
    until("some pages are read", || world.requests() > 6);
    let ended = serving.stop();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stdout.contains("stopped as asked"), "{}", ended.stdout);
    let kept = count(&world, "documents");
    assert!(0 < kept && kept < MANY, "{kept}");
    assert_eq!(count(&world, "raw_documents where resource = 'receipts'"), kept);
    assert_eq!(world.sql("select finished_at from runs"), ["-"]);
    assert_eq!(due(&world), ["night 05:00 begun 1"]);
    let asked = world.requests();
    let serving = Serving::start(&world, DUE);
    until("the night is done", || is_done(&world));
    assert_eq!(serving.stop().code, Some(0));
    assert_whole(&world);
    assert_eq!(due(&world), ["night 05:00 done 2"]);
    // A page is a hundred rows: what was read before is not read again.
    let pages = usize::try_from(world.requests() - asked).unwrap();
    assert!(pages < (MANY - kept) / 100 + 20, "{pages} requests for what {kept} of {MANY} left");
}

#[test]
fn dead_process_is_followed_when_its_lease_is_over() {
    let world = slow(NIGHT);
    let clock = format!("{DUE}*60");
    let dead = Serving::start(&world, &clock);
    until("some pages are read", || world.requests() > 6);
    let next = Serving::start(&world, &clock);
    dead.kill();
    // The lease of three minutes runs on, three seconds by this clock.
    assert_eq!(due(&world), ["night 05:00 begun 1"]);
    until("the night is done", || is_done(&world));
    assert_eq!(next.stop().code, Some(0));
    assert_whole(&world);
    assert_eq!(due(&world), ["night 05:00 done 2"]);
}

#[test]
fn long_run_keeps_its_lease() {
    let world = slow(NIGHT);
    // The provider takes five seconds for one answer, and a lease is three by this clock.
    world.handle().fail_next_on("IT-receipts", 1, Fault::Slow(Duration::from_secs(5)));
    let clock = format!("{DUE}*60");
    let (one, other) = (Serving::start(&world, &clock), Serving::start(&world, &clock));
    until("the night is done", || is_done(&world));
    assert_eq!([one.stop().code, other.stop().code], [Some(0), Some(0)]);
    assert_eq!(due(&world)[0], "night 05:00 done 1");
    assert_eq!(count(&world, "documents"), MANY);
}

#[test]
fn process_that_slept_too_long_records_nothing() {
    let world = slow(NIGHT);
    let clock = format!("{DUE}*60");
    let sleeper = Serving::start(&world, &clock);
    until("some pages are read", || world.requests() > 6);
    // It falls asleep while it waits for an answer, not with the store in its hand.
    world.handle().fail_next_on("IT-receipts", 100, Fault::Slow(Duration::from_secs(20)));
    let kept = Cell::new((0, 0));
    until("nothing is written any more", || {
        let (before, times) = kept.get();
        let now = count(&world, "documents");
        kept.set((now, if now == before { times + 1 } else { 0 }));
        kept.get().1 > 15
    });
    sleeper.signal("-STOP");
    world.handle().forget_faults();
    let next = Serving::start(&world, &clock);
    until("the night is done", || is_done(&world));
    let before = (world.rows(), due(&world));
    sleeper.signal("-CONT");
    let ended = sleeper.stop();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(next.stop().code, Some(0));
    assert_eq!((world.rows(), due(&world)), before);
    assert_whole(&world);
    assert!(ended.stderr.contains("another process"), "{}", ended.stderr);
}

#[test]
fn full_disk_is_survived_and_made_good() {
    let world = World::small();
    world.quadra("pull all --period 2026-02 --quiet").expect(0);
    world.write("jobs/often.toml", OFTEN);
    let serving = Serving::start(&world, "2026-03-10T05:00:30Z*300");
    let done = || count(&world, "due_runs where state = 'done'");
    until("a due time is done", || done() >= 1);
    serving.limit_files("4096");
    std::thread::sleep(Duration::from_millis(1_500));
    let before = done();
    std::thread::sleep(Duration::from_millis(1_500));
    assert_eq!(done(), before, "nothing can be written");
    serving.limit_files("unlimited");
    until("it goes on without being started anew", || done() > before + 1);
    let ended = serving.stop();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains("the disk is full"), "{}", ended.stderr);
    world.quadra("store verify").expect(0);
}

#[test]
fn wrong_job_is_told_once_and_stops_nothing_for_ever() {
    let world = World::small();
    world.quadra("pull all --period 2026-02 --quiet").expect(0);
    world.write("jobs/often.toml", OFTEN);
    let serving = Serving::start(&world, "2026-03-10T05:00:30Z*300");
    until("a due time is done", || is_done(&world));
    world.write("jobs/wrong.toml", "kind = 'recipts'\n");
    std::thread::sleep(std::time::Duration::from_millis(900));
    let before = count(&world, "due_runs where state = 'done'");
    std::thread::sleep(std::time::Duration::from_millis(1_200));
    assert_eq!(count(&world, "due_runs where state = 'done'"), before, "nothing is started");
    std::fs::remove_file(world.path("jobs/wrong.toml")).unwrap();
    until("it goes on", || count(&world, "due_runs where state = 'done'") > before);
    let ended = serving.stop();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let told = ended.stderr.matches("the jobs cannot be read").count();
    assert_eq!(told, 1, "{}", ended.stderr);
    assert!(ended.stderr.contains("wrong.toml"), "{}", ended.stderr);
}
