//! Decides whether and when a failed call is tried again.
//!
//! Full jitter over an exponential wait, so that many workers do not come back together; a
//! `Retry-After`, in seconds or as a date, is obeyed up to a cap; one call has a number of
//! attempts and a deadline, one run a number of retries. Of what has an effect only a connection
//! that never came about is tried again here: the rest is looked up first, by `submit`.

use super::failure::{Failure, GaveUp};
use super::settings::Settings;
use crate::clock::Clock;
use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use chrono::{DateTime, TimeDelta, Utc};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use std::hash::{BuildHasher, RandomState};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// How long a run stays away after a 429 that names no time, once its retries are spent.
const BUSY_MINUTES: i64 = 15;

/// What follows a failed attempt.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Wait this long, then try again.
    Wait(Duration),
    /// Come back at the instant that the server named.
    Defer(DateTime<Utc>),
    /// Give up, for this reason.
    GiveUp(GaveUp),
}

/// Holds the patience of one client, shared by all its calls.
#[derive(Debug)]
pub(super) struct Patience {
    clock: Clock,
    delays: ExponentialBuilder,
    retry_after_cap: Duration,
    retries_left: AtomicU32,
    jitter: Mutex<ChaCha8Rng>,
}

impl Patience {
    pub(super) fn new(settings: &Settings, clock: Clock) -> Self {
        let retries = settings.attempts_max.saturating_sub(1);
        let delays = ExponentialBuilder::new()
            .with_min_delay(Duration::from_millis(settings.backoff_ms))
            .with_max_delay(Duration::from_millis(settings.backoff_cap_ms))
            .with_max_times(usize::try_from(retries).unwrap_or(usize::MAX));
        // The keys of a fresh `RandomState` are the standard library's own randomness.
        let seed = settings.jitter_seed.unwrap_or_else(|| RandomState::new().hash_one("jitter"));
        Self {
            clock,
            delays,
            retry_after_cap: Duration::from_millis(settings.retry_after_cap_ms),
            retries_left: AtomicU32::new(settings.retries_per_run_max),
            jitter: Mutex::new(ChaCha8Rng::seed_from_u64(seed)),
        }
    }

    /// Returns the upper ends of the waits of one call, as many as it has retries.
    pub(super) fn delays(&self) -> ExponentialBackoff {
        self.delays.build()
    }

    /// Returns what follows this failure, with `time_left` until the call's deadline.
    ///
    /// `may_repeat` says whether the same call may be made again at all.
    pub(super) fn after(
        &self,
        failure: &Failure,
        may_repeat: bool,
        delays: &mut ExponentialBackoff,
        time_left: Duration,
    ) -> Next {
        if !may_repeat {
            return Next::GiveUp(GaveUp::Useless);
        }
        let asked = failure
            .retry_at
            .map(|retry_at| (retry_at - self.clock.now()).to_std().unwrap_or(Duration::ZERO));
        if let (Some(asked), Some(retry_at)) = (asked, failure.retry_at)
            && (asked > self.retry_after_cap || asked > time_left)
        {
            return Next::Defer(retry_at);
        }
        let Some(longest) = delays.next() else {
            return self.end(failure, GaveUp::AttemptsSpent);
        };
        let wait = self.jittered(longest).max(asked.unwrap_or(Duration::ZERO));
        if wait >= time_left {
            return self.end(failure, GaveUp::DeadlineNear);
        }
        let spend = |left: u32| left.checked_sub(1);
        if self.retries_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend).is_err() {
            return self.end(failure, GaveUp::RetriesSpent);
        }
        Next::Wait(wait)
    }

    /// Gives up, and stays away from a server that has had enough of us.
    fn end(&self, failure: &Failure, gave_up: GaveUp) -> Next {
        if failure.status == Some(429) {
            let until = self.clock.now() + TimeDelta::minutes(BUSY_MINUTES);
            return Next::Defer(failure.retry_at.map_or(until, |asked| asked.max(until)));
        }
        Next::GiveUp(gave_up)
    }

    /// Returns a wait drawn evenly between nothing and `longest` ("full jitter").
    fn jittered(&self, longest: Duration) -> Duration {
        let nanos = u64::try_from(longest.as_nanos()).unwrap_or(u64::MAX);
        let drawn = match self.jitter.lock() {
            Ok(mut generator) => generator.next_u64(),
            Err(poisoned) => poisoned.into_inner().next_u64(),
        };
        // The remainder's slight unevenness does not matter to a wait.
        Duration::from_nanos(drawn % nanos.saturating_add(1).max(1))
    }
}

/// Returns the instant a `Retry-After` header names, in seconds or as an HTTP date.
///
/// A header that is neither is as good as none; a date gone by means at once.
pub(super) fn retry_at(header: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let header = header.trim();
    if !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_digit()) {
        // More seconds than an `i64` has, or than the calendar goes, is still a long wait.
        let seconds = header.parse::<i64>().unwrap_or(i64::MAX);
        let delta = TimeDelta::try_seconds(seconds).unwrap_or(TimeDelta::MAX);
        return Some(now.checked_add_signed(delta).unwrap_or(DateTime::<Utc>::MAX_UTC));
    }
    DateTime::parse_from_rfc2822(header).ok().map(|date| date.to_utc())
}

#[cfg(test)]
mod tests {
    use super::super::failure::Problem;
    use super::*;
    use chrono::TimeZone;

    const LONG: Duration = Duration::from_hours(1);

    fn noon() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 2, 3, 12, 0, 0).unwrap()
    }

    fn patience(retries_per_run_max: u32) -> Patience {
        let settings =
            Settings { jitter_seed: Some(7), retries_per_run_max, ..Settings::default() };
        Patience::new(&settings, Clock::Fixed(noon()))
    }

    fn busy(retry_after: Option<&str>) -> Failure {
        Failure {
            status: Some(503),
            retry_at: retry_after.and_then(|header| retry_at(header, noon())),
            ..Failure::new("/IT-receipts", Problem::Status)
        }
    }

    #[test]
    fn retry_after_reads_seconds_and_dates() {
        let later = noon() + TimeDelta::seconds(30);
        assert_eq!(retry_at("30", noon()), Some(later));
        assert_eq!(retry_at("Tue, 03 Feb 2026 12:00:30 GMT", noon()), Some(later));
        assert_eq!(retry_at("soon", noon()), None);
        assert_eq!(retry_at("-3", noon()), None);
        assert_eq!(retry_at("99999999999999999999", noon()), Some(DateTime::<Utc>::MAX_UTC));
    }

    #[test]
    fn wait_is_jittered_and_doubles() {
        let patience = patience(u32::MAX);
        let mut longest_seen = [Duration::ZERO; 4];
        for _ in 0..200 {
            let mut delays = patience.delays();
            for seen in &mut longest_seen {
                let Next::Wait(wait) = patience.after(&busy(None), true, &mut delays, LONG) else {
                    panic!("four retries are allowed")
                };
                *seen = wait.max(*seen);
            }
            let end = patience.after(&busy(None), true, &mut delays, LONG);
            assert_eq!(end, Next::GiveUp(GaveUp::AttemptsSpent));
        }
        for (seen, cap_ms) in longest_seen.iter().zip([500, 1000, 2000, 4000]) {
            let cap = Duration::from_millis(cap_ms);
            assert!(*seen <= cap && *seen > cap * 9 / 10, "{seen:?} of {cap:?}");
        }
    }

    #[test]
    fn asked_wait_is_obeyed_or_defers() {
        let patience = patience(9);
        let wait = patience.after(&busy(Some("40")), true, &mut patience.delays(), LONG);
        assert_eq!(wait, Next::Wait(Duration::from_secs(40)));
        let beyond_cap = patience.after(&busy(Some("61")), true, &mut patience.delays(), LONG);
        assert_eq!(beyond_cap, Next::Defer(noon() + TimeDelta::seconds(61)));
        let tight = Duration::from_secs(30);
        let beyond_deadline =
            patience.after(&busy(Some("40")), true, &mut patience.delays(), tight);
        assert_eq!(beyond_deadline, Next::Defer(noon() + TimeDelta::seconds(40)));
    }

    #[test]
    fn run_budget_is_shared_by_calls() {
        let patience = patience(2);
        for _ in 0..2 {
            let next = patience.after(&busy(None), true, &mut patience.delays(), LONG);
            assert!(matches!(next, Next::Wait(_)));
        }
        let spent = patience.after(&busy(None), true, &mut patience.delays(), LONG);
        assert_eq!(spent, Next::GiveUp(GaveUp::RetriesSpent));
    }

    #[test]
    fn too_many_requests_defer_in_the_end() {
        let patience = patience(0);
        let too_many = Failure { status: Some(429), ..busy(None) };
        let next = patience.after(&too_many, true, &mut patience.delays(), LONG);
        assert_eq!(next, Next::Defer(noon() + TimeDelta::minutes(15)));
    }

    #[test]
    fn no_time_left_gives_up() {
        let patience = patience(9);
        let next = patience.after(&busy(None), true, &mut patience.delays(), Duration::ZERO);
        assert_eq!(next, Next::GiveUp(GaveUp::DeadlineNear));
    }
}
