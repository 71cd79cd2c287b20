//! What the schedule asks for: each due time once, by one process, and on after a crash.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use chrono::{DateTime, TimeDelta, Utc};
use quadra::clock::Clock;
use quadra::config::{Config, jobs};
use quadra::store::{Claim, DueState};
use quadra::worker::{self, Context, Error, RunOutcome};

use crate::pull::memory::Unwatched;
use crate::world::World;

const JOB: &str = "nightly-receipts";
/// The job is due at 05:15 in Rome, which is 04:15 in UTC in winter.
const DUE: &str = "2026-03-01T04:15:00Z";

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Opens the world's store as a process that looks at the clock just then.
pub(super) fn at(world: &World, now: DateTime<Utc>) -> Context {
    let file = world.path("quadra.toml");
    let token = [("QUADRA__API__TOKEN".to_owned(), crate::world::TOKEN.to_owned())];
    let config = Config::load(Some(&file), token, &[]).unwrap();
    world.runtime().block_on(Context::open(config, Clock::Fixed(now))).unwrap()
}

fn claim(world: &World, now: DateTime<Utc>, owner: &str) -> Option<Claim> {
    let ctx = at(world, now);
    let job = jobs::find(&ctx.config.jobs.dir, JOB).unwrap();
    world.runtime().block_on(worker::claim_next(&ctx, &job, owner)).unwrap()
}

fn run(world: &World, now: DateTime<Utc>, claim: &Claim, stops: bool) -> Result<RunOutcome, Error> {
    let ctx = at(world, now);
    let job = jobs::find(&ctx.config.jobs.dir, JOB).unwrap();
    let stop = || async move {
        if !stops {
            std::future::pending::<()>().await;
        }
    };
    world.runtime().block_on(worker::run_claimed(&ctx, &job, claim, &Unwatched, stop))
}

fn state(world: &World, claim: &Claim) -> (DueState, Option<String>) {
    let ctx = at(world, instant(DUE));
    world.runtime().block_on(ctx.store.due_state(&claim.due)).unwrap().unwrap()
}

fn due(world: &World, now: &str) -> Vec<String> {
    let mut found = Vec::new();
    while let Some(claim) = claim(world, instant(now), "a") {
        found.push(claim.due.due_at.format("%d %H:%M").to_string());
        world.execute("update due_runs set state = 'done' where state = 'begun'");
    }
    found
}

#[test]
fn due_time_is_done_once_by_one() {
    let world = World::demo();
    let now = instant(DUE) + TimeDelta::seconds(3);
    let first = claim(&world, now, "first").unwrap();
    assert_eq!([first.due.due_at, now - TimeDelta::seconds(3)], [instant(DUE); 2]);
    assert_eq!(claim(&world, now, "second"), None);
    let outcome = run(&world, now, &first, false).unwrap();
    // On the 1st the month to date is the whole month before.
    assert_eq!(outcome.model.unwrap().period.to_string(), "2026-02");
    assert_eq!(state(&world, &first), (DueState::Done, None));
    assert_eq!(claim(&world, now + TimeDelta::hours(2), "second"), None);
    let next = claim(&world, now + TimeDelta::days(1), "second").unwrap();
    assert_eq!(next.due.due_at, instant(DUE) + TimeDelta::days(1));
}

#[test]
fn dead_process_is_followed_by_another() {
    let world = World::demo();
    let now = instant(DUE);
    let dead = claim(&world, now, "dead").unwrap();
    let later = now + TimeDelta::minutes(2);
    assert_eq!(claim(&world, later, "next"), None, "its lease still runs");
    let later = now + TimeDelta::minutes(4);
    let next = claim(&world, later, "next").unwrap();
    assert_eq!([dead.fence, next.fence], [1, 2]);
    // The dead one was only slow, and wakes up: it may record nothing.
    let lost = run(&world, later, &dead, false).unwrap_err();
    assert!(matches!(lost, Error::ClaimLost { .. }), "{lost}");
    assert_eq!(world.sql("select count(*) from run_steps"), ["0"]);
    run(&world, later, &next, false).unwrap();
    assert_eq!(state(&world, &next).0, DueState::Done);
}

#[test]
fn run_that_was_stopped_goes_on() {
    let world = World::demo();
    let now = instant(DUE);
    let first = claim(&world, now, "first").unwrap();
    assert!(run(&world, now, &first, true).unwrap().is_interrupted);
    assert_eq!(world.sql("select finished_at from runs"), ["-"]);
    // It gave its claim back: nobody has to wait for the lease.
    let second = claim(&world, now, "second").unwrap();
    assert_eq!((second.fence, second.run_id), (2, Some(1)));
    run(&world, now, &second, false).unwrap();
    assert_eq!(world.sql("select count(*) from runs"), ["1"]);
    assert_eq!(state(&world, &second).0, DueState::Done);
}

#[test]
fn what_was_pulled_is_not_pulled_again() {
    let world = World::demo();
    let now = instant(DUE);
    let first = claim(&world, now, "first").unwrap();
    run(&world, now, &first, false).unwrap();
    // As if the process had died while it wrote the report.
    world.execute("update due_runs set state = 'begun', lease_until = due_at where fence = 1");
    world.execute("delete from run_steps where position > 2");
    world.execute("update runs set finished_at = null, verdict = null");
    let asked = world.requests();
    let findings = world.sql("select count(*) from finding_events");
    let second = claim(&world, now + TimeDelta::minutes(5), "second").unwrap();
    run(&world, now + TimeDelta::minutes(5), &second, false).unwrap();
    assert_eq!(world.requests(), asked);
    assert_eq!(world.sql("select count(*) from finding_events"), findings);
    assert_eq!(
        world.sql("select group_concat(outcome) from run_steps"),
        ["done,done,done,done,done"]
    );
    assert_eq!(world.sql("select verdict from runs"), ["breaks"]);
}

#[test]
fn provider_away_is_tried_again_and_given_up() {
    let mut world = World::demo();
    world.stop_sandbox();
    let mut now = instant(DUE);
    for _ in 0..4 {
        let claim = claim(&world, now, "a").unwrap();
        assert!(run(&world, now, &claim, false).unwrap().pull_error.is_some());
        assert_eq!(due(&world, &(now + TimeDelta::minutes(14)).to_rfc3339()), [""; 0]);
        now += TimeDelta::minutes(16);
    }
    assert_eq!(due(&world, &now.to_rfc3339()), [""; 0]);
    let rows =
        world.sql("select state || ' ' || fence || ' ' || reason from due_runs where fence > 0");
    assert_eq!(rows, ["done 4 incomplete after 4 tries"]);
    assert_eq!(world.sql("select count(*) from runs"), ["1"]);
}

#[test]
fn nights_off_are_made_good_by_the_rule() {
    for (rule, expected) in [
        ("none", vec![]),
        ("latest", vec!["05 04:15"]),
        ("all(max 2)", vec!["04 04:15", "05 04:15"]),
    ] {
        let world = World::demo();
        let job = world.read("jobs/nightly-receipts.toml");
        world.write("jobs/nightly-receipts.toml", format!("{job}catch_up = \"{rule}\"\n"));
        // Seen for the first time at noon: what was due before is nobody's.
        assert_eq!(due(&world, "2026-03-01T11:00:00Z"), [""; 0], "{rule}");
        assert_eq!(due(&world, "2026-03-05T11:00:00Z"), expected, "{rule}");
        assert_eq!(due(&world, "2026-03-06T04:15:01Z"), ["06 04:15"], "{rule}");
    }
}

#[test]
fn command_does_what_is_due_and_no_more() {
    let world = World::demo();
    let ran = world.quadra("run --due").expect(0);
    assert_eq!(ran.stdout.trim(), "Nothing is due.");
    let job = world.read("jobs/nightly-receipts.toml").replace("15 5 * * *", "* * * * *");
    world.write("jobs/every-minute.toml", job);
    let ran = world.quadra("run every-minute --due --quiet");
    assert!(ran.stdout.contains("run 1:"), "{ran}");
    assert_eq!(world.sql("select count(*) from due_runs where state = 'done'"), ["1"]);
    world.quadra("run --due --period 2026-02").expect(2);
    world.quadra("run").expect(2);
}
