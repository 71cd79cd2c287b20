//! Says when a job is due: crontab text in a time zone, as instants.
//!
//! What comes in is the five-field text of a job file and a zone; what goes out are instants
//! in UTC, in order, each once. The text means what it means in crontab. The zone decides
//! what a wall-clock time is on the two odd nights of a year: a time that the clock skips is
//! due at the first instant after the gap, and one that the clock shows twice is due at the
//! first of the two. Whoever reads `02:30` in a job file thus gets one run on every night.
//!
//! So the walk goes over naive wall-clock times, and each is then placed in the zone. A walk
//! over instants would skip or repeat runs, which is what the iterators of cron libraries do.
//!
//! Deliberately absent: reading the clock, and remembering what ran. The caller passes both.

mod catch_up;
mod crontab;

use chrono::{DateTime, Duration, LocalResult, NaiveDateTime, TimeZone as _, Utc};
use chrono_tz::Tz;

pub use catch_up::{CatchUp, ON_TIME};
pub use crontab::Crontab;

/// Holds a crontab text together with the zone in which it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Minute, hour, day of month, month, day of week.
    pub crontab: Crontab,
    /// The zone whose clock on the wall the fields speak of.
    pub time_zone: Tz,
}

impl Schedule {
    /// Returns the due times after an instant, in order, without end.
    ///
    /// The instant itself is never among them. Two wall-clock times that a gap puts at the
    /// same instant are due once.
    pub fn due_after(&self, after: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> {
        // A time that a gap moved forward stood up to a gap's length before; a day is ample
        // for every zone, and costs a few steps.
        let wall = after.with_timezone(&self.time_zone).naive_local() - Duration::days(1);
        let mut last = after;
        self.crontab.times_after(wall).filter_map(move |wall| {
            let due = first_instant(wall, self.time_zone);
            let is_new = due > last;
            last = last.max(due);
            is_new.then_some(due)
        })
    }
}

/// Places a wall-clock time in its zone: after a gap, or first in a fold.
fn first_instant(wall: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    match zone.from_local_datetime(&wall) {
        LocalResult::Single(instant) => instant.to_utc(),
        LocalResult::Ambiguous(first, second) => first.min(second).to_utc(),
        LocalResult::None => end_of_gap(wall, zone),
    }
}

/// Walks to the first minute that the clock shows again: gaps begin and end on whole minutes
/// in every zone since 1972, and the longest skipped one day.
fn end_of_gap(wall: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    let mut minutes = (1..=2 * 24 * 60).map(|minute| wall + Duration::minutes(minute));
    minutes
        .find_map(|later| zone.from_local_datetime(&later).earliest())
        .expect("no zone skips two days")
        .to_utc()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Europe::Rome;
    use proptest::prelude::*;

    fn schedule(crontab: &str) -> Schedule {
        Schedule { crontab: crontab.parse().unwrap(), time_zone: Rome }
    }

    fn instant(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn due(crontab: &str, after: &str, count: usize) -> Vec<String> {
        let schedule = schedule(crontab);
        let due = schedule.due_after(instant(after)).take(count);
        due.map(|due| due.format("%m-%dT%H:%MZ").to_string()).collect()
    }

    #[test]
    fn time_in_gap_is_due_once_just_after() {
        // On 28 March 2027 Rome's clock goes from 02:00 to 03:00, which is 01:00 in UTC.
        let nights = due("30 2 * * *", "2027-03-27T00:00:00Z", 3);
        assert_eq!(nights, ["03-27T01:30Z", "03-28T01:00Z", "03-29T00:30Z"]);
        let often = due("*/20 2,3 * * *", "2027-03-28T00:50:00Z", 3);
        assert_eq!(often, ["03-28T01:00Z", "03-28T01:20Z", "03-28T01:40Z"]);
    }

    #[test]
    fn time_in_fold_is_due_once_first() {
        // On 25 October 2026 the hour from 02:00 to 03:00 comes twice, at 00:00 and 01:00 UTC.
        let nights = due("30 2 * * *", "2026-10-24T12:00:00Z", 2);
        assert_eq!(nights, ["10-25T00:30Z", "10-26T01:30Z"]);
        assert_eq!(due("30 2 * * *", "2026-10-25T00:30:00Z", 1), ["10-26T01:30Z"]);
    }

    #[test]
    fn instant_itself_is_not_after() {
        assert_eq!(due("0 5 * * *", "2026-01-10T04:00:00Z", 1), ["01-11T04:00Z"]);
        assert_eq!(due("0 5 * * *", "2026-01-10T03:59:59Z", 1), ["01-10T04:00Z"]);
    }

    #[test]
    fn skipped_whole_day_is_due_at_its_end() {
        // Samoa had no 30 December 2011.
        let samoa = Schedule {
            crontab: "0 12 * * *".parse().unwrap(),
            time_zone: chrono_tz::Pacific::Apia,
        };
        let found: Vec<String> = samoa
            .due_after(instant("2011-12-29T00:00:00Z"))
            .take(3)
            .map(|due| due.to_string())
            .collect();
        let expected =
            ["2011-12-29 22:00:00 UTC", "2011-12-30 10:00:00 UTC", "2011-12-30 22:00:00 UTC"];
        assert_eq!(found, expected);
    }

    proptest! {
        #[test]
        fn each_night_is_due_exactly_once(minute in 0..60_u32, hour in 0..24_u32, day in 0..3650_i64) {
            let schedule = schedule(&format!("{minute} {hour} * * *"));
            let after = instant("2026-01-01T00:00:00Z") + Duration::days(day);
            let due: Vec<_> = schedule.due_after(after).take(30).collect();
            let apart = due.windows(2).map(|pair| (pair[1] - pair[0]).num_minutes());
            for minutes in apart {
                prop_assert!((22 * 60..=26 * 60).contains(&minutes), "{minutes} minutes apart");
            }
        }

        #[test]
        fn asking_later_gives_the_same_times(start in 0..5_000_000_i64, wait in 0..10_000_i64) {
            let schedule = schedule("*/7 1-4 * * *");
            let early = instant("2026-01-01T00:00:00Z") + Duration::minutes(start);
            let late = early + Duration::minutes(wait);
            let from_early = schedule.due_after(early).find(|due| *due > late);
            prop_assert_eq!(from_early, schedule.due_after(late).next());
        }
    }
}
