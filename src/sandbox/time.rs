//! The sandbox's own time: the clock it was given, moved as far as somebody wished.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, TimeDelta, Timelike as _, Utc};
use chrono_tz::Europe::Rome;

use crate::clock::Clock;

/// Tells the sandbox's time, which can be moved while it runs.
#[derive(Debug)]
pub(super) struct Time {
    clock: Clock,
    offset_ms: AtomicI64,
}

impl Time {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, offset_ms: AtomicI64::new(0) }
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.clock.now() + TimeDelta::milliseconds(self.offset_ms.load(Ordering::SeqCst))
    }

    /// Moves the time on; a negative duration moves it back.
    pub(super) fn advance(&self, by: Duration) {
        self.offset_ms.fetch_add(by.num_milliseconds(), Ordering::SeqCst);
    }

    /// Moves the time to this moment, from where it goes on.
    pub(super) fn set(&self, to: DateTime<Utc>) {
        let offset = to - self.clock.now();
        self.offset_ms.store(offset.num_milliseconds(), Ordering::SeqCst);
    }
}

/// Returns the day of a moment in Italy.
pub(super) fn rome_day(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&Rome).date_naive()
}

/// Returns the moment at which a day ends in Italy.
pub(super) fn end_of_rome_day(day: NaiveDate) -> DateTime<Utc> {
    let midnight = (day + chrono::Days::new(1)).and_time(NaiveTime::MIN);
    let midnight = midnight.and_local_timezone(Rome).earliest();
    midnight.expect("the clocks in Italy never skip midnight").to_utc()
}

/// Returns when the tax portal takes documents again, if it takes none at this moment.
///
/// It takes none from 23:55 to midnight in Italy; what waits is sent in the first minute.
pub(super) fn closed_until(at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let local = at.with_timezone(&Rome);
    let is_closed = local.hour() == 23 && local.minute() >= 55;
    is_closed.then(|| end_of_rome_day(local.date_naive()) + Duration::seconds(30))
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone as _;

    use super::*;

    fn at(day: u32, hour: u32, minute: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 3, day, hour, minute, 0).unwrap()
    }

    #[test]
    fn last_five_minutes_of_rome_wait() {
        assert_eq!(closed_until(at(2, 22, 54)), None);
        let reopened = closed_until(at(2, 22, 55)).unwrap();
        assert_eq!(reopened, at(2, 23, 0) + Duration::seconds(30));
        // In summer Rome is two hours ahead.
        assert!(closed_until(at(30, 21, 59)).is_some());
        assert_eq!(closed_until(at(30, 22, 0)), None);
    }

    #[test]
    fn moved_clock_stays_moved() {
        let time = Time::new(Clock::Fixed(at(2, 10, 0)));
        time.advance(Duration::days(90));
        assert_eq!(time.now(), at(2, 10, 0) + Duration::days(90));
        time.set(at(1, 0, 0));
        assert_eq!(time.now(), at(1, 0, 0));
    }
}
