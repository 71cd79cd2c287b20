//! Gives the time, as a value that is passed in.
//!
//! Nothing else in the crate reads the system clock: a run in a test, in the demo or in a
//! replay sets the hand, and everything downstream follows. Business days are Rome's.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Europe::Rome;

/// Tells the time, either the system's or a fixed one.
#[derive(Debug, Clone, Copy, Default)]
pub enum Clock {
    /// The system's clock.
    #[default]
    System,
    /// A hand that does not move: demo, tests, replays.
    Fixed(DateTime<Utc>),
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
}
