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
        let limiter = requests_per_second.map(|rate| {
            let cell = Duration::from_secs(1) / rate.get() / CELLS_PER_REQUEST.get();
            // Rounded up: a cell that is a hair too short would pass the rate in the long run.
            let quota = Quota::with_period(cell + Duration::from_nanos(1))
                .expect("the period is at least a nanosecond")
                .allow_burst(CELLS_MAX);
            RateLimiter::direct(quota)
        });
        Self { limiter }
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[tokio::test]
    async fn rate_is_never_passed() {
        let throttle = Throttle::new(NonZeroU32::new(100));
        let started = Instant::now();
        let mut admitted_at = Vec::new();
        for _ in 0..100 {
            throttle.admit().await;
            admitted_at.push(started.elapsed());
        }
        // Any hundred admissions span 99 intervals, less the one cell that is forgiven.
        let span = admitted_at[99].saturating_sub(admitted_at[0]);
        assert!(span >= Duration::from_millis(989), "too fast: {span:?}");
    }

    #[tokio::test]
    async fn no_limit_never_waits() {
        let throttle = Throttle::new(None);
        let started = Instant::now();
        for _ in 0..10_000 {
            throttle.admit().await;
        }
        assert!(started.elapsed() < Duration::from_secs(1));
    }
}
