//! Reads the API's four ways of writing an instant, and its dates.
//!
//! Receipts write `2025-01-31T16:29:52.000Z` and unix seconds, invoices
//! `2026-01-26 14:06:43 +00:00`; clients have met milliseconds. All are true UTC. A calendar
//! date stays a date: it is never given a time of day.

use super::scalar::{DecimalText, text};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Europe::Rome;
use serde::de::{Deserializer, Error};

/// Unix times from here on count milliseconds; as seconds they would lie in the year 5138.
const UNIX_MS_MIN: i64 = 100_000_000_000;

/// Holds an instant, or a day where no more is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Moment {
    /// An instant, in UTC.
    Instant(DateTime<Utc>),
    /// A calendar day, in the zone of whoever wrote it.
    Day(NaiveDate),
}

impl Moment {
    /// Returns the day in Rome, the business time zone.
    pub fn day_in_rome(self) -> NaiveDate {
        match self {
            Self::Instant(instant) => instant.with_timezone(&Rome).date_naive(),
            Self::Day(day) => day,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            return Some(Self::Day(day));
        }
        instant(text).map(Self::Instant)
    }
}

/// Returns the instant written as RFC 3339, with a blank and an offset, or as unix time.
pub(super) fn instant(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(instant.to_utc());
    }
    for format in ["%Y-%m-%d %H:%M:%S%.f %:z", "%Y-%m-%d %H:%M:%S%.f%:z", "%Y-%m-%dT%H:%M:%S%.f%z"]
    {
        if let Ok(instant) = DateTime::parse_from_str(text, format) {
            return Some(instant.to_utc());
        }
    }
    for format in ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"] {
        if let Ok(naive) = NaiveDateTime::parse_from_str(text, format) {
            return Some(naive.and_utc());
        }
    }
    unix(text)
}

/// Returns the instant of a unix time in seconds or milliseconds, fractions cut off.
fn unix(text: &str) -> Option<DateTime<Utc>> {
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    let number: i64 = whole.parse().ok()?;
    if number.abs() >= UNIX_MS_MIN {
        DateTime::from_timestamp_millis(number)
    } else {
        DateTime::from_timestamp(number, 0)
    }
}

/// Returns the instant that a number of seconds or milliseconds stands for.
pub(super) fn unix_instant(number: Option<&DecimalText>) -> Option<DateTime<Utc>> {
    number.and_then(|number| unix(&number.plain()))
}

/// Reads an instant given as text or number; null and `""` are nothing.
pub(super) fn optional_instant<'de, D>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error>
where
    D: Deserializer<'de>,
{
    read(deserializer, "instant", instant)
}

/// Reads an instant or a date; null and `""` are nothing.
pub(super) fn optional_moment<'de, D>(deserializer: D) -> Result<Option<Moment>, D::Error>
where
    D: Deserializer<'de>,
{
    read(deserializer, "instant or date", Moment::parse)
}

/// Reads a date; an instant in its place gives its day in Rome; null and `""` are nothing.
pub(super) fn optional_date<'de, D>(deserializer: D) -> Result<Option<NaiveDate>, D::Error>
where
    D: Deserializer<'de>,
{
    read(deserializer, "date", |text| Moment::parse(text).map(Moment::day_in_rome))
}

fn read<'de, D, T>(
    deserializer: D,
    wanted: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
{
    let Some(text) = text(deserializer)? else {
        return Ok(None);
    };
    let value = parse(&text);
    value.map(Some).ok_or_else(|| D::Error::custom(format!("`{text}` is no {wanted}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    #[test]
    fn every_form_gives_one_instant() {
        let expected = Utc.with_ymd_and_hms(2026, 1, 26, 14, 6, 43).unwrap();
        for text in [
            "2026-01-26T14:06:43.000Z",
            "2026-01-26T14:06:43Z",
            "2026-01-26 14:06:43 +00:00",
            "2026-01-26 15:06:43 +01:00",
            "2026-01-26T15:06:43+0100",
            "2026-01-26 14:06:43",
            "1769436403",
            "1769436403.25",
            "1769436403000",
        ] {
            assert_eq!(instant(text), Some(expected), "{text}");
        }
        for text in ["2026-02-30T00:00:00Z", "yesterday", "", "2026-01-26"] {
            assert_eq!(instant(text), None, "{text}");
        }
    }

    #[test]
    fn late_instant_is_next_day_in_rome() {
        let moment = Moment::parse("2026-01-31T23:30:00.000Z").unwrap();
        assert_eq!(moment.day_in_rome().to_string(), "2026-02-01");
        let day = Moment::parse("2026-01-31").unwrap();
        assert_eq!(day.day_in_rome().to_string(), "2026-01-31");
    }
}
