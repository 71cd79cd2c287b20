//! Lets requests leave at the allowed rate, and no faster.
//!
//! One throttle stands before every attempt of a client, first tries and retries alike. It
//! keeps real time, also where the [`crate::clock::Clock`] stands still: the server's limit
//! is about the server's seconds.
//!
//! A limiter that admits one request per interval loses the lateness of every waking (a tenth
//! of a millisecond idle, several under load), and the loss adds up. So an interval is cut
//! into [`CELLS_PER_REQUEST`] cells, a request takes that many, and one spare cell forgives a
//! waking that is late by less than a tenth of the interval: the grid of admissions stands
//! still, no two of them are closer than nine tenths of an interval, and in the long run the
//! rate is met and never passed.

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use std::num::NonZeroU32;
use std::time::Duration;

/// How many cells of the limiter one request takes.
const CELLS_PER_REQUEST: NonZeroU32 = NonZeroU32::new(10).expect("ten is not zero");
/// How many cells may gather: those of one request and one to forgive lateness.
const CELLS_MAX: NonZeroU32 = NonZeroU32::new(11).expect("eleven is not zero");

/// Admits requests one at a time, evenly spaced.
#[derive(Debug)]
pub(super) struct Throttle {
    limiter: Option<DefaultDirectRateLimiter>,
}

impl Throttle {
    /// Returns a throttle for so many requests a second, or one that never waits.
    pub(super) fn new(requests_per_second: Option<NonZeroU32>) -> Self {
        Self { limiter: requests_per_second.map(|rate| RateLimiter::direct(quota(rate))) }
    }

    /// Waits until the next request may leave.
    pub(super) async fn admit(&self) {
        if let Some(limiter) = &self.limiter {
            limiter
                .until_n_ready(CELLS_PER_REQUEST)
                .await
                .expect("the limiter holds more cells than a request takes");
        }
    }
}

/// Returns what the limiter allows at so many requests a second.
fn quota(rate: NonZeroU32) -> Quota {
    let cell = Duration::from_secs(1) / rate.get() / CELLS_PER_REQUEST.get();
    // Rounded up: a cell that is a hair too short would pass the rate in the long run.
    Quota::with_period(cell + Duration::from_nanos(1))
        .expect("the period is at least a nanosecond")
        .allow_burst(CELLS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use governor::clock::{Clock, FakeRelativeClock, Reference};
    use std::time::Instant;

    /// Admits requests on a clock that only this moves; returns when, in nanoseconds.
    ///
    /// Each waking is late by the next of `late`, in microseconds.
    fn admitted_at(rate: u32, late: &[u64]) -> Vec<u64> {
        let clock = FakeRelativeClock::default();
        let start = clock.now();
        let quota = quota(NonZeroU32::new(rate).unwrap());
        let limiter = RateLimiter::direct_with_clock(quota, clock.clone());
        let admit = |late_us: &u64| {
            while let Err(too_early) = limiter.check_n(CELLS_PER_REQUEST).unwrap() {
                let wait = too_early.wait_time_from(clock.now());
                clock.advance(wait + Duration::from_micros(*late_us));
            }
            clock.now().duration_since(start).as_u64()
        };
        late.iter().map(admit).collect()
    }

    #[test]
    fn rate_is_never_passed_however_late() {
        // Wakings in time, a little late, and whole seconds late, in turns that never repeat.
        let late: Vec<u64> = (0..2_000_u64)
            .map(|n| match n * n % 23 {
                0 => n * 977 % 3_000_000,
                1..=9 => n * 31 % 1_500,
                _ => 0,
            })
            .collect();
        for rate in [1, 3, 100, 999] {
            let at = admitted_at(rate, &late);
            let interval = 1_000_000_000 / u64::from(rate);
            for requests in [2, 3, 10, 100, 1_000] {
                // So many admissions span that many intervals less one, less the cell forgiven.
                let least = (requests as u64 - 1) * interval - interval / 10;
                let span = at.windows(requests).map(|few| few[requests - 1] - few[0]).min();
                assert!(span.unwrap() >= least, "{requests} at {rate} a second: {span:?}");
            }
        }
    }

    #[test]
    fn small_lateness_costs_no_rate() {
        // Up to nine tenths of a cell late, each time: the grid of admissions stands still.
        let late: Vec<u64> = (0..1_000).map(|n| n * 37 % 900).collect();
        let at = admitted_at(100, &late);
        assert!(at[999] < 9_992_000_000, "{}", at[999]);
    }

    #[tokio::test]
    async fn admissions_wait_in_real_time() {
        let started = Instant::now();
        let throttle = Throttle::new(NonZeroU32::new(100));
        for _ in 0..50 {
            throttle.admit().await;
        }
        // Counted from before the first, so that a late waking can only add to it.
        assert!(started.elapsed() >= Duration::from_millis(489), "{:?}", started.elapsed());
    }

    #[tokio::test]
    async fn no_limit_never_waits() {
        let throttle = Throttle::new(None);
        // A future that would wait loses to one that is ready now.
        for _ in 0..10_000 {
            tokio::select! {
                biased;
                () = throttle.admit() => {}
                () = std::future::ready(()) => panic!("it waits"),
            }
        }
    }
}
