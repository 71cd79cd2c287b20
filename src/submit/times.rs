//! Knows the hours of receipts: when they may be sent, voided, and looked for.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Europe::Rome;

/// From here to midnight in Rome no receipt reaches the tax agency.
const QUIET_FROM: NaiveTime = NaiveTime::from_hms_opt(23, 55, 0).expect("five to midnight exists");
/// How long a receipt can be voided.
const VOID_HOURS: i64 = 24;

/// Returns when receipts may be sent again, if this instant lies in the quiet minutes.
///
/// From 23:55 to midnight in Rome the tax agency takes none.
#[must_use]
pub fn quiet_minutes_end(now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let local = now.with_timezone(&Rome);
    if local.time() < QUIET_FROM {
        return None;
    }
    // No clock change of Rome falls on midnight; were it so, the first instant would count.
    let midnight = (local.date_naive() + Days::new(1)).and_time(NaiveTime::MIN);
    midnight.and_local_timezone(Rome).earliest().map(|local| local.to_utc())
}

/// Tells whether a receipt is too old to be voided, so that the API will refuse.
#[must_use]
pub fn void_is_late(created_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - created_at > TimeDelta::hours(VOID_HOURS)
}

/// Returns the days, both exclusive, between which a receipt sent in this span was created.
///
/// The API's days may be Rome's or UTC's, and its bounds inclusive or not: both days around
/// midnight are inside in every case.
#[must_use]
pub fn days_to_search(first: DateTime<Utc>, last: DateTime<Utc>) -> (NaiveDate, NaiveDate) {
    let days = |at: DateTime<Utc>| [at.date_naive(), at.with_timezone(&Rome).date_naive()];
    let [utc, rome] = days(first);
    let from = utc.min(rome);
    let [utc, rome] = days(last.max(first));
    let to = utc.max(rome);
    (from.pred_opt().unwrap_or(from), to.succ_opt().unwrap_or(to))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone as _;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn quiet_minutes_follow_the_clock_of_rome() {
        // Winter: 23:55 in Rome is 22:55 UTC. Summer: 21:55 UTC.
        for (now, end) in [
            ("2026-02-03T22:54:59Z", None),
            ("2026-02-03T22:55:00Z", Some("2026-02-03T23:00:00Z")),
            ("2026-02-03T22:59:59Z", Some("2026-02-03T23:00:00Z")),
            ("2026-02-03T23:00:00Z", None),
            ("2026-07-03T21:55:00Z", Some("2026-07-03T22:00:00Z")),
            ("2026-07-03T22:55:00Z", None),
            // The evenings before both changes of the clock.
            ("2026-03-28T22:56:00Z", Some("2026-03-28T23:00:00Z")),
            ("2026-10-24T21:56:00Z", Some("2026-10-24T22:00:00Z")),
            ("2026-10-25T22:56:00Z", Some("2026-10-25T23:00:00Z")),
        ] {
            assert_eq!(quiet_minutes_end(at(now)), end.map(at), "{now}");
        }
    }

    #[test]
    fn void_is_late_past_a_day() {
        let created_at = at("2026-02-03T10:00:00Z");
        assert!(!void_is_late(created_at, at("2026-02-04T10:00:00Z")));
        assert!(void_is_late(created_at, at("2026-02-04T10:00:01Z")));
    }

    #[test]
    fn both_days_around_midnight_are_searched() {
        let (after, before) =
            days_to_search(at("2026-02-03T22:50:00Z"), at("2026-02-03T23:01:00Z"));
        assert_eq!(
            (after.to_string(), before.to_string()),
            ("2026-02-02".into(), "2026-02-05".into())
        );
        let noon = Utc.with_ymd_and_hms(2026, 2, 3, 11, 0, 0).unwrap();
        let (after, before) = days_to_search(noon, noon);
        assert_eq!(
            (after.to_string(), before.to_string()),
            ("2026-02-02".into(), "2026-02-04".into())
        );
    }
}
