//! Doing what the schedule asks for: each due time once, by one process at a time.
//!
//! `claim_next` finds the next due time of a job that nobody does, and `run_claimed` does it.
//! A process that dies leaves a lease that runs out; the next one that asks goes on with the
//! dead one's run. A run that could not reach the provider or the mail server is tried again
//! a little later, a few times, and then left to the next night. `quadra run --due` and
//! `quadra serve` both work this way, and may work beside each other.
//!
//! A clock that jumps costs no night and gives none twice. What was done stays done when the clock
//! goes back; only what a clock that had run away by more than a day began too early is due again,
//! when its time comes.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::{self, Either};
use tokio::sync::watch;

use crate::config::jobs::Job;
use crate::extract::Progress;
use crate::fiscal::Period;
use crate::schedule::ON_TIME;
use crate::store::{Claim, DueState, DueTime, FIRST_SIGHT, LeaseTerms};
use crate::worker::error::causes;
use crate::worker::run::{Plan, run_steps};
use crate::worker::{Context, Error, RunOutcome, tell_watchers};

/// How long a process is believed alive after it last said so.
pub(super) const LEASE: TimeDelta = TimeDelta::minutes(3);
/// How often a running process says that it is alive: five times a lease.
const HEARTBEAT: Duration = Duration::from_secs(36);
/// When a run that lacked the provider or the mail server is tried again.
const RETRY_AFTER: TimeDelta = TimeDelta::minutes(15);
/// How often one due time is tried, crashes included.
const TRIES_MAX: i64 = 4;
/// How often one due time is begun when its process dies each time.
const BEGUN_MAX: i64 = 8;
/// A lease further ahead was written by a clock that went wrong: none is asked for so long.
const LEASE_MAX: TimeDelta = TimeDelta::hours(2);
/// What was begun by less too early stays done, as when a clock was set to another zone.
const AHEAD_MAX: TimeDelta = TimeDelta::hours(25);
/// How long before a due time somebody must have looked for its time to have come slowly.
const LOOK_MAX: TimeDelta = TimeDelta::hours(6);

/// Claims the next due time of a job, if there is one that nobody does.
///
/// `owner` names this process. A due time that a dead process left comes first. What the
/// job's catch-up rule gives up is put on record as passed. A job without a schedule is
/// never due. The first time a job is seen, only what is due just now counts.
pub async fn claim_next(ctx: &Context, job: &Job, owner: &str) -> Result<Option<Claim>, Error> {
    let Some(schedule) = &job.schedule else {
        return Ok(None);
    };
    let now = ctx.clock.now();
    let terms = LeaseTerms { now, until: now + LEASE, latest: now + LEASE_MAX };
    tidy(ctx, job, terms).await?;
    let mut candidates = ctx.store.abandoned_due(&job.name, terms).await?;
    let due_time = |due_at| DueTime { job: job.name.clone(), due_at };
    let last = match ctx.store.last_due(&job.name, now).await? {
        Some(last) => last,
        None => first_sight(ctx, &due_time(now - ON_TIME)).await?,
    };
    let wanted = job.catch_up.due(schedule, last, now);
    let given_up = schedule
        .due_after(last)
        .take_while(|due| *due <= now && !wanted.contains(due))
        .fold((0_u64, None), |(count, _), due| (count + 1, Some(due)));
    if let (count, Some(passed)) = given_up {
        let rule = job.catch_up;
        let reason = match count {
            1 => format!("missed, and the rule is to catch up {rule}"),
            _ => format!("missed, as {} before it; the rule is to catch up {rule}", count - 1),
        };
        let mut tx = ctx.store.begin("pass_due").await?;
        tx.pass_due(&due_time(passed), &reason).await?;
        tx.commit().await?;
        tracing::warn!(job = job.name, %passed, reason, "due times passed without a run");
    }
    candidates.extend(wanted.into_iter().map(due_time));
    for due in candidates {
        let mut tx = ctx.store.begin("claim_due").await?;
        let claim = tx.claim_due(&due, owner, terms).await?;
        tx.commit().await?;
        if claim.is_some() {
            return Ok(claim);
        }
    }
    Ok(None)
}

/// Puts right what a clock that was wrong or a process that always dies left behind.
async fn tidy(ctx: &Context, job: &Job, terms: LeaseTerms) -> Result<(), Error> {
    let ahead = ctx.store.due_ahead(&job.name, terms.now).await?;
    let abandoned = ctx.store.abandoned_due(&job.name, terms).await?;
    if ahead == 0 && abandoned.is_empty() {
        return Ok(());
    }
    let reason = format!("its process died, {BEGUN_MAX} times");
    let mut tx = ctx.store.begin("tidy_due").await?;
    let early = tx.forget_due_begun_early(&job.name, terms.now, (AHEAD_MAX, LOOK_MAX)).await?;
    let given_up = tx.give_up_due(&job.name, (BEGUN_MAX, &reason), terms).await?;
    tx.commit().await?;
    if early > 0 {
        tracing::warn!(job = job.name, early, "begun by a clock that was ahead: due again");
    }
    if given_up > 0 {
        tracing::error!(job = job.name, reason, "a due time was given up");
    }
    Ok(())
}

/// Returns a name for this process that no other has, for claims and logs.
#[must_use]
pub fn process_name() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    format!("{}:{}:{:08x}", host.trim(), std::process::id(), rand::random::<u32>())
}

/// Does a claimed due time: the job's steps for the period as of that day.
///
/// Tells those who watch how it ended. Ends the due time, or leaves it claimable: at once when `cancel` stopped the run, a
/// little later when trying again may bring what is missing.
///
/// # Errors
/// What [`run`](super::run) gives, and [`Error::ClaimLost`] when another process took over.
pub async fn run_claimed<C>(
    ctx: &Context,
    job: &Job,
    claim: &Claim,
    progress: &dyn Progress,
    cancel: impl Fn() -> C + Sync,
) -> Result<RunOutcome, Error>
where
    C: Future<Output = ()> + Send,
{
    let plan = Plan { job, period: period_of(job, claim.due.due_at), claim: Some(claim) };
    let (tell_ended, ended) = watch::channel(false);
    let (tell_lost, lost) = watch::channel(false);
    let stop = || {
        let (asked, mut lost) = (cancel(), lost.clone());
        async move {
            // A closed channel only says that the heart has stopped with the run.
            let lost = async move { lost.wait_for(|lost| *lost).await.is_ok() };
            if let Either::Right((false, asked)) = future::select(pin!(asked), pin!(lost)).await {
                asked.await;
            }
        }
    };
    let running = async {
        let result = run_steps(ctx, &plan, progress, stop).await;
        let _ = tell_ended.send(true);
        result
    };
    let (result, ()) = future::join(running, keep_alive(ctx, claim, ended, tell_lost)).await;
    if *lost.borrow() {
        return Err(Error::claim_lost(claim));
    }
    // Before the due time is ended: who dies between the two tells them twice, and never not.
    tell_watchers(ctx, result.as_ref().is_ok_and(RunOutcome::is_whole)).await;
    settle(ctx, claim, &result).await?;
    result
}

/// Says that the process lives until the run ends, or tells the run that its claim is lost.
async fn keep_alive(
    ctx: &Context,
    claim: &Claim,
    mut ended: watch::Receiver<bool>,
    tell_lost: watch::Sender<bool>,
) {
    loop {
        let beat = ctx.clock.wait(HEARTBEAT);
        if tokio::time::timeout(beat, ended.wait_for(|ended| *ended)).await.is_ok() {
            return;
        }
        match extend(ctx, claim, LEASE).await {
            Ok(true) => {}
            Ok(false) => {
                let _ = tell_lost.send(true);
                return;
            }
            // The next beat tries again; the lease outlives several.
            Err(error) => tracing::warn!(error = causes(&error), "the lease was not extended"),
        }
    }
}

/// Ends the due time, or says from when it may be claimed again.
async fn settle(
    ctx: &Context,
    claim: &Claim,
    result: &Result<RunOutcome, Error>,
) -> Result<(), Error> {
    let has_tries = claim.fence < TRIES_MAX;
    let (state, reason) = match result {
        Ok(outcome) if outcome.is_interrupted => {
            return extend(ctx, claim, TimeDelta::zero()).await.map(drop);
        }
        Ok(outcome) if outcome.is_worth_repeating() && has_tries => {
            tracing::warn!(job = claim.due.job, minutes = RETRY_AFTER.num_minutes(), "tried again");
            return extend(ctx, claim, RETRY_AFTER).await.map(drop);
        }
        Ok(outcome) if outcome.is_worth_repeating() => {
            (DueState::Done, Some(format!("incomplete after {TRIES_MAX} tries")))
        }
        Ok(_) => (DueState::Done, None),
        Err(Error::ClaimLost { .. }) => return Ok(()),
        Err(error) if error.is_transient() && has_tries => {
            return extend(ctx, claim, RETRY_AFTER).await.map(drop);
        }
        Err(error) => (DueState::Failed, Some(causes(error))),
    };
    let mut tx = ctx.store.begin("end_due").await?;
    tx.end_due(claim, state, reason.as_deref()).await?;
    tx.commit().await?;
    Ok(())
}

async fn extend(ctx: &Context, claim: &Claim, by: TimeDelta) -> Result<bool, Error> {
    let mut tx = ctx.store.begin("extend_lease").await?;
    let holds = tx.extend_lease(claim, ctx.clock.now() + by).await?;
    tx.commit().await?;
    Ok(holds)
}

/// Remembers when a job was first seen: what was due before is nobody's.
async fn first_sight(ctx: &Context, seen: &DueTime) -> Result<DateTime<Utc>, Error> {
    let mut tx = ctx.store.begin("pass_due").await?;
    tx.pass_due(seen, FIRST_SIGHT).await?;
    tx.commit().await?;
    Ok(seen.due_at)
}

/// The days of a due time: as of its own day, also when it is made good later.
fn period_of(job: &Job, due_at: DateTime<Utc>) -> Period {
    let zone = job.schedule.as_ref().map_or(chrono_tz::Europe::Rome, |schedule| schedule.time_zone);
    let (from, to) = job.period.resolve(due_at.with_timezone(&zone).date_naive());
    Period { from, to }
}
