//! Gives the time, as a value that is passed in.
//!
//! Nothing else in the crate reads the system clock: a run in a test, in the demo or in a
//! replay sets the hand, and everything downstream follows. Business days are Rome's.

use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Europe::Rome;

/// Tells the time: the system's, a fixed one, or one that flies.
#[derive(Debug, Clone, Copy, Default)]
pub enum Clock {
    /// The system's clock.
    #[default]
    System,
    /// A hand that does not move: demo, tests, replays.
    Fixed(DateTime<Utc>),
    /// A hand that goes faster than the system's: a schedule watched by a test.
    Fast {
        /// Where the hand stood at first.
        hand: DateTime<Utc>,
        /// When that was.
        since: Instant,
        /// How many of its seconds pass in one of the system's.
        speed: u32,
    },
}

impl Clock {
    /// Returns the present instant in UTC.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            #[expect(
                clippy::disallowed_methods,
                reason = "the one place that reads the system clock"
            )]
            Self::System => Utc::now(),
            Self::Fixed(instant) => *instant,
            Self::Fast { hand, since, speed } => {
                let passed = since.elapsed().saturating_mul(*speed);
                *hand + TimeDelta::from_std(passed).unwrap_or(TimeDelta::MAX)
            }
        }
    }

    /// Returns how long to wait until so much time has passed by this clock.
    ///
    /// A fixed hand would wait for ever: it waits as the system's clock does.
    #[must_use]
    pub fn wait(&self, by_this_clock: Duration) -> Duration {
        match self {
            Self::System | Self::Fixed(_) => by_this_clock,
            Self::Fast { speed, .. } => by_this_clock / (*speed).max(1),
        }
    }

    /// Returns the present calendar day in Rome, the business time zone.
    #[must_use]
    pub fn today_in_rome(&self) -> NaiveDate {
        self.now().with_timezone(&Rome).date_naive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    #[test]
    fn late_utc_evening_is_next_day_in_rome() {
        let clock = Clock::Fixed(Utc.with_ymd_and_hms(2026, 2, 28, 23, 30, 0).unwrap());
        assert_eq!(clock.today_in_rome().to_string(), "2026-03-01");
    }

    #[test]
    fn fast_hand_waits_less_and_moves_more() {
        let hand = Utc.with_ymd_and_hms(2026, 2, 28, 23, 30, 0).unwrap();
        let since = Instant::now().checked_sub(Duration::from_secs(2)).unwrap();
        let clock = Clock::Fast { hand, since, speed: 600 };
        let passed = clock.now() - hand;
        let longest = chrono::TimeDelta::from_std(since.elapsed() * 600).unwrap();
        assert!(passed.num_minutes() >= 20 && passed <= longest, "{passed}");
        assert_eq!(clock.wait(Duration::from_mins(1)), Duration::from_millis(100));
    }
}
