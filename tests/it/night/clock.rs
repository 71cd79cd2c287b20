//! A clock that jumps: no night is lost for it, and none is done twice.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use quadra::clock::Clock;
use quadra::config::jobs::{self, Job};
use quadra::credentials::Level;
use quadra::worker::{self, Context};
use rand::{Rng as _, SeedableRng as _};

use super::due::at;
use super::watch;
use crate::smtp::Sink;
use crate::world::World;

const JOB: &str = "kind = 'receipts'\nsteps = ['reconcile']\n[schedule]\ncron = '15 5 * * *'\n";

/// A store and a job, looked at by a clock that the test sets as it likes.
struct Looker<'a> {
    world: &'a World,
    ctx: Context,
    job: Job,
    /// How often each due time was begun.
    begun: BTreeMap<DateTime<Utc>, usize>,
}

impl<'a> Looker<'a> {
    fn new(world: &'a World, job: &str) -> Self {
        world.write("jobs/daily.toml", job);
        let ctx = at(world, "2026-03-01T11:00:00Z".parse().unwrap());
        let job = jobs::find(&ctx.config.jobs.dir, "daily").unwrap();
        Self { world, ctx, job, begun: BTreeMap::new() }
    }

    /// Looks at a moment, and does what is due then; returns it as day and hour.
    fn look(&mut self, now: DateTime<Utc>) -> Vec<String> {
        self.ctx.clock = Clock::Fixed(now);
        let mut done = Vec::new();
        let runtime = self.world.runtime();
        while let Some(claim) =
            runtime.block_on(worker::claim_next(&self.ctx, &self.job, "a")).unwrap()
        {
            *self.begun.entry(claim.due.due_at).or_default() += 1;
            done.push(claim.due.due_at.format("%m-%d %H:%M").to_string());
            runtime.block_on(async {
                let mut tx = self.ctx.store.begin("end_due").await.unwrap();
                tx.end_due(&claim, quadra::store::DueState::Done, None).await.unwrap();
                tx.commit().await.unwrap();
            });
        }
        done
    }

    fn at(&mut self, now: &str) -> Vec<String> {
        self.look(now.parse().unwrap())
    }
}

#[test]
fn clock_set_back_by_an_hour_repeats_nothing() {
    let world = World::new();
    let mut hourly = Looker::new(&world, &JOB.replace("15 5", "15 *"));
    hourly.at("2026-03-10T04:00:00Z");
    assert_eq!(hourly.at("2026-03-10T04:16:00Z"), ["03-10 04:15"]);
    assert_eq!(hourly.at("2026-03-10T05:16:00Z"), ["03-10 05:15"]);
    for again in ["2026-03-10T04:17:00Z", "2026-03-10T05:14:00Z", "2026-03-10T05:18:00Z"] {
        assert_eq!(hourly.at(again), [""; 0], "{again}");
    }
    assert_eq!(hourly.at("2026-03-10T06:15:00Z"), ["03-10 06:15"]);
    // Back to before the job was seen at all, and on again.
    assert_eq!(hourly.at("2026-03-10T01:19:00Z"), ["03-10 01:15"]);
    assert_eq!(hourly.at("2026-03-10T04:18:00Z"), [""; 0]);
    assert_eq!(hourly.at("2026-03-10T06:30:00Z"), [""; 0]);
    // A clock without a battery begins in 1970, and is put right over the network.
    assert_eq!(hourly.at("1970-01-01T00:16:00Z"), ["01-01 00:15"]);
    assert_eq!(hourly.at("1970-01-01T00:21:00Z"), [""; 0]);
    assert_eq!(hourly.at("2026-03-10T06:40:00Z"), [""; 0]);
    assert_eq!(hourly.at("2026-03-10T07:15:00Z"), ["03-10 07:15"]);
    assert!(hourly.begun.values().all(|times| *times == 1), "{:?}", hourly.begun);
}

#[test]
fn clock_a_month_ahead_costs_no_night() {
    let world = World::new();
    let mut daily = Looker::new(&world, JOB);
    daily.at("2026-03-09T12:00:00Z");
    assert_eq!(daily.at("2026-03-10T04:15:10Z"), ["03-10 04:15"]);
    // Somebody sets the year's wrong month for some hours.
    assert_eq!(daily.at("2026-04-12T12:00:00Z"), ["04-12 03:15"]);
    assert_eq!(daily.at("2026-03-10T20:00:00Z"), [""; 0]);
    let mut now: DateTime<Utc> = "2026-03-11T04:15:20Z".parse().unwrap();
    let mut done = Vec::new();
    while now < "2026-04-15T00:00:00Z".parse::<DateTime<Utc>>().unwrap() {
        done.extend(daily.look(now));
        now += TimeDelta::hours(6);
    }
    // Every night of them, that of 12 April too, which was begun a month too early.
    assert_eq!(done.len(), 35, "{done:?}");
    let april: DateTime<Utc> = "2026-04-12T03:15:00Z".parse().unwrap();
    assert!(daily.begun.iter().all(|(due, times)| *times == 1 + usize::from(*due == april)));
}

#[test]
fn lease_of_a_clock_ahead_is_not_waited_for() {
    let world = World::new();
    let looker = Looker::new(&world, JOB);
    let claim = |now: &str| {
        let ctx = Context { clock: Clock::Fixed(now.parse().unwrap()), ..looker.ctx.clone() };
        world.runtime().block_on(worker::claim_next(&ctx, &looker.job, "a")).unwrap()
    };
    assert_eq!(claim("2026-03-09T12:00:00Z"), None);
    assert_eq!(claim("2026-03-10T04:15:10Z").unwrap().fence, 1);
    // The clock ran away, the process said that it lives, and died.
    world.execute("update due_runs set lease_until = '2026-04-10T04:20:00.000Z' where fence = 1");
    let next = claim("2026-03-10T04:20:00Z").unwrap();
    assert_eq!((next.fence, next.due.due_at.to_rfc3339()), (2, "2026-03-10T04:15:00+00:00".into()));
    // A lease that may well be right is waited for.
    assert_eq!(claim("2026-03-10T04:20:00Z"), None);
}

#[test]
fn what_always_kills_its_process_is_given_up() {
    let world = World::new();
    let mut looker = Looker::new(&world, JOB);
    looker.at("2026-03-09T12:00:00Z");
    let mut now: DateTime<Utc> = "2026-03-10T04:15:10Z".parse().unwrap();
    let mut begun = 0;
    for _ in 0..20 {
        looker.ctx.clock = Clock::Fixed(now);
        let claim = world.runtime().block_on(worker::claim_next(&looker.ctx, &looker.job, "a"));
        begun += usize::from(claim.unwrap().is_some());
        now += TimeDelta::minutes(5);
    }
    assert_eq!(begun, 8);
    let told = world.quadra("jobs history daily").expect(0).stdout;
    assert!(told.contains("failed, its process died, 8 times"), "{told}");
    assert_eq!(looker.at("2026-03-11T04:15:10Z"), ["03-11 04:15"], "the next night is another one");
}

/// A clock that is right, wrong for a while, and right again, at random.
///
/// A night before which the clock was right for a day and three hours is begun in its time, or by
/// less than a day too early; and none is begun twice, unless it was begun too early by more, or a
/// clock that had gone back came near it once more.
#[test]
fn right_nights_are_done_once_whatever_the_clock_did() {
    let seeds: u64 =
        std::env::var_os("QUADRA_CLOCKS").map_or(4, |text| text.to_string_lossy().parse().unwrap());
    let mut held = 0;
    for seed in 0..seeds {
        let world = World::new();
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        let mut looker = Looker::new(&world, &format!("{JOB}catch_up = 'all(max 3)'\n"));
        let start: DateTime<Utc> = "2026-03-01T00:00:00Z".parse().unwrap();
        let (mut off, mut right_since) = (TimeDelta::zero(), start);
        let mut excused = Vec::new();
        let mut in_time = BTreeSet::new();
        for step in 0..(30 * 12) {
            let now = start + TimeDelta::minutes(120 * step + 20);
            if random.random_ratio(1, 12) {
                let hours = match random.random_range(0..4) {
                    0 => random.random_range(-3..=3),
                    1 => random.random_range(-400..=400),
                    _ => 0,
                };
                if hours != 0 || off != TimeDelta::zero() {
                    right_since = now;
                }
                off = TimeDelta::hours(hours);
            }
            for due in looker.look(now + off) {
                let due_at = format!("2026-{due}:00Z").replacen(' ', "T", 1);
                let due_at: DateTime<Utc> = due_at.parse().unwrap();
                if due_at > now + TimeDelta::hours(24) {
                    excused.push(due_at);
                } else {
                    in_time.insert(due_at);
                }
            }
            let next = [due_on(now + off), due_on(now + off + TimeDelta::days(1))];
            let is_near = |due: &&DateTime<Utc>| {
                off != TimeDelta::zero()
                    && **due > now + off
                    && **due - now - off <= TimeDelta::hours(6)
            };
            excused.extend(next.iter().find(is_near));
            let due = due_on(now);
            let is_right = off == TimeDelta::zero() && right_since < due - TimeDelta::hours(27);
            if is_right && (1..=3).contains(&(now - due).num_hours()) {
                assert!(in_time.contains(&due), "seed {seed}: {due} is lost at {now}");
                held += 1;
            }
        }
        for (due, times) in &looker.begun {
            let more = excused.iter().filter(|one| *one == due).count();
            assert!(*times <= 1 + more, "seed {seed}: {due} was begun {times} times");
        }
    }
    eprintln!("clocks: {seeds} histories, {held} nights whose clock was right were begun in time");
}

/// Returns when the job is due on the day of an instant: a quarter past five in Rome.
fn due_on(now: DateTime<Utc>) -> DateTime<Utc> {
    let local = now.with_timezone(&chrono_tz::Europe::Rome).date_naive();
    let wall = local.and_hms_opt(5, 15, 0).unwrap();
    wall.and_local_timezone(chrono_tz::Europe::Rome).unwrap().to_utc()
}

#[test]
fn warnings_of_a_clock_ahead_are_given_again_in_time() {
    let world = watch::world();
    watch::night(&world, watch::day("2026-03-01"));
    let changed_on = "2026-03-01".parse().unwrap();
    let ctx = at(&world, watch::day("2026-03-02"));
    world.runtime().block_on(worker::declare(&ctx, watch::CODE, &[], changed_on)).unwrap();
    let name = format!("portal {}", watch::CODE);
    let said = |day: &str| {
        let mut said = watch::night(&world, watch::day(day));
        said.retain(|(subject, _)| *subject == name);
        said.into_iter().map(|(_, level)| level).collect::<Vec<_>>()
    };
    // For one night the clock is three months ahead: all seems over.
    assert_eq!(said("2026-06-10"), [Level::Expired]);
    assert_eq!(said("2026-03-03"), []);
    assert_eq!(said("2026-04-30"), [Level::Days30]);
    assert_eq!(said("2026-05-01"), []);
    assert_eq!(said("2026-05-29"), [Level::Day1]);
    assert_eq!(said("2026-05-30"), [Level::Expired]);
    assert_eq!(said("2026-05-31"), []);
    assert_eq!(said("2026-06-11"), []);
}

#[test]
fn mail_and_ages_survive_a_clock_ahead() {
    let mut world = World::demo();
    let job = world.read("jobs/nightly-receipts.toml");
    world.write(
        "jobs/nightly-receipts.toml",
        job.replace("[schedule]", "recipients = ['a@rossi.example']\n[schedule]"),
    );
    let sink = world.runtime().block_on(Sink::open());
    world.set("QUADRA__MAIL__HOST", "127.0.0.1");
    world.set("QUADRA__MAIL__SECURITY", "none");
    world.set("QUADRA__MAIL__FROM", "quadra@rossi.example");
    world.set("QUADRA__MAIL__PORT", &sink.port.to_string());
    let mut night = |now: &str| {
        world.set("QUADRA_CLOCK", now);
        world.quadra("run nightly-receipts --period 2026-02 --quiet").expect(0);
        let heard = sink.heard_so_far().messages.len();
        sink.forget();
        heard
    };
    assert_eq!(night("2026-04-12T05:00:00Z"), 1, "a month ahead, the first mail");
    // Right again: each morning has its short mail, as on any other day, and one of it.
    assert_eq!(night("2026-03-11T05:00:00Z"), 1);
    assert_eq!(night("2026-03-11T05:10:00Z"), 0);
    assert_eq!(night("2026-03-11T04:10:00Z"), 0, "an hour back");
    assert_eq!(night("2026-03-12T05:00:00Z"), 1);
    // What was first seen in a day to come was first seen when the clock was right again.
    assert_eq!(world.sql("select distinct first_seen_on from findings"), ["2026-03-11"]);
    world.quadra("store verify").expect(0);
    world.runtime().block_on(sink.stop());
}
