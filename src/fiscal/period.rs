//! A span of calendar days that a claim is about: a month, a quarter, or two dates.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Days, Months, NaiveDate, Utc};
use chrono_tz::Europe::Rome;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Holds an inclusive span of business days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Period {
    /// First day, included.
    pub from: NaiveDate,
    /// Last day, included.
    pub to: NaiveDate,
}

/// Says why a text or a pair of days is not a period.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PeriodError {
    /// The text has none of the known forms.
    #[error(
        "`{0}` is not a period such as `2026-02`, `2026-Q1`, `2026` or `2026-02-01..2026-02-15`"
    )]
    Form(String),
    /// The last day lies before the first.
    #[error("the period ends on {to}, before it begins on {from}")]
    Backwards {
        /// First day as given.
        from: NaiveDate,
        /// Last day as given.
        to: NaiveDate,
    },
}

impl Period {
    /// Returns the period between two days, both included.
    pub fn new(from: NaiveDate, to: NaiveDate) -> Result<Self, PeriodError> {
        if to < from {
            return Err(PeriodError::Backwards { from, to });
        }
        Ok(Self { from, to })
    }

    /// Returns the calendar month, `None` when there is no such month.
    #[must_use]
    pub fn month(year: i32, month: u32) -> Option<Self> {
        Self::months(NaiveDate::from_ymd_opt(year, month, 1)?, 1)
    }

    /// Tells whether a day lies within the period.
    #[must_use]
    pub fn contains(&self, day: NaiveDate) -> bool {
        (self.from..=self.to).contains(&day)
    }

    /// Returns the number of days, at least one.
    #[must_use]
    pub fn days(&self) -> i64 {
        (self.to - self.from).num_days() + 1
    }

    /// Returns the days of the period in order.
    pub fn iter_days(&self) -> impl Iterator<Item = NaiveDate> {
        let to = self.to;
        self.from.iter_days().take_while(move |day| *day <= to)
    }

    fn months(first: NaiveDate, count: u32) -> Option<Self> {
        let after = first.checked_add_months(Months::new(count))?;
        Some(Self { from: first, to: after.checked_sub_days(Days::new(1))? })
    }
}

impl FromStr for Period {
    type Err = PeriodError;

    /// Reads a month, a quarter, a year, a day, or two days parted by `..`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = || PeriodError::Form(text.to_owned());
        if let Some((from, to)) = text.split_once("..") {
            let day = |part: &str| part.parse::<NaiveDate>().map_err(|_| refuse());
            return Self::new(day(from)?, day(to)?);
        }
        if let Ok(day) = text.parse::<NaiveDate>() {
            return Ok(Self { from: day, to: day });
        }
        let (year_text, rest) = text.split_once('-').unwrap_or((text, ""));
        let is_year = year_text.len() == 4 && year_text.bytes().all(|byte| byte.is_ascii_digit());
        let year: i32 = year_text.parse().map_err(|_| refuse())?;
        let (month, count) = match (rest, rest.strip_prefix(['Q', 'q'])) {
            _ if !is_year => return Err(refuse()),
            ("", _) => (1, 12),
            (_, Some("1")) => (1, 3),
            (_, Some("2")) => (4, 3),
            (_, Some("3")) => (7, 3),
            (_, Some("4")) => (10, 3),
            (_, None) if rest.len() == 2 => (rest.parse().map_err(|_| refuse())?, 1),
            _ => return Err(refuse()),
        };
        NaiveDate::from_ymd_opt(year, month, 1)
            .and_then(|first| Self::months(first, count))
            .ok_or_else(refuse)
    }
}

impl fmt::Display for Period {
    /// Writes `2026-02` for a whole month, else both days.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        use chrono::Datelike as _;
        if Self::month(self.from.year(), self.from.month()) == Some(*self) {
            write!(formatter, "{}", self.from.format("%Y-%m"))
        } else {
            write!(formatter, "{}..{}", self.from, self.to)
        }
    }
}

/// Returns the calendar day of an instant in Rome, the business time zone.
#[must_use]
pub fn date_in_rome(instant: DateTime<Utc>) -> NaiveDate {
    instant.with_timezone(&Rome).date_naive()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone as _;

    #[test]
    fn reads_every_form_of_period() {
        for (text, from, to) in [
            ("2026-02", "2026-02-01", "2026-02-28"),
            ("2028-02", "2028-02-01", "2028-02-29"),
            ("2026-Q4", "2026-10-01", "2026-12-31"),
            ("2026", "2026-01-01", "2026-12-31"),
            ("2026-02-03", "2026-02-03", "2026-02-03"),
            ("2026-01-30..2026-02-02", "2026-01-30", "2026-02-02"),
        ] {
            let period: Period = text.parse().unwrap();
            assert_eq!((period.from.to_string(), period.to.to_string()), (from.into(), to.into()));
        }
    }

    #[test]
    fn refuses_what_is_no_period() {
        for text in ["", "2026-13", "2026-2", "26-02", "2026-Q5", "feb", "2026-02-01.."] {
            assert!(matches!(text.parse::<Period>(), Err(PeriodError::Form(_))), "{text}");
        }
        assert!(matches!(
            "2026-02-02..2026-02-01".parse::<Period>(),
            Err(PeriodError::Backwards { .. })
        ));
    }

    #[test]
    fn summer_midnight_belongs_to_rome_day() {
        let instant = Utc.with_ymd_and_hms(2026, 7, 31, 22, 5, 0).unwrap();
        assert_eq!(date_in_rome(instant).to_string(), "2026-08-01");
    }
}
