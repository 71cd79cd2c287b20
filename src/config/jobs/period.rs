//! Says which days a job compares, as a rule that is resolved against today.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike as _, Days, Months, NaiveDate};

/// Names the days to compare; both ends are included.
///
/// In text: `month_to_date`, `previous_month`, `yesterday`, a month `2026-02`, or two dates
/// `2026-02-01..2026-02-15`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeriodSpec {
    /// The month of yesterday, from its first day through yesterday.
    ///
    /// A day is compared once it is over: at 05:00 today's takings do not exist yet. So on
    /// the 1st this is the whole month before, and no month's last day is ever left out.
    MonthToDate,
    /// The whole calendar month before today's.
    ///
    /// For the closing: what is booked late shows on every night of the month after.
    PreviousMonth,
    /// The day before today.
    Yesterday,
    /// One calendar month, given by its first day.
    Month(NaiveDate),
    /// From the first date through the second.
    Range(NaiveDate, NaiveDate),
}

impl PeriodSpec {
    /// Returns the first and the last day, both included.
    ///
    /// `today` is the calendar day in the job's time zone.
    #[must_use]
    pub fn resolve(&self, today: NaiveDate) -> (NaiveDate, NaiveDate) {
        let yesterday = today - Days::new(1);
        match *self {
            Self::MonthToDate => (first_of_month(yesterday), yesterday),
            Self::PreviousMonth => whole_month(first_of_month(today) - Months::new(1)),
            Self::Yesterday => (yesterday, yesterday),
            Self::Month(first) => whole_month(first),
            Self::Range(from, to) => (from, to),
        }
    }
}

impl FromStr for PeriodSpec {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "month_to_date" => return Ok(Self::MonthToDate),
            "previous_month" => return Ok(Self::PreviousMonth),
            "yesterday" => return Ok(Self::Yesterday),
            _ => {}
        }
        if let Some((from, to)) = text.split_once("..") {
            let (from, to) = (date(from)?, date(to)?);
            return if from <= to {
                Ok(Self::Range(from, to))
            } else {
                Err(format!("ends ({to}) before it begins ({from})"))
            };
        }
        if text.len() == "2026-02".len() {
            return date(&format!("{text}-01")).map(Self::Month);
        }
        Err(ALLOWED.to_owned())
    }
}

impl fmt::Display for PeriodSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MonthToDate => f.write_str("month_to_date"),
            Self::PreviousMonth => f.write_str("previous_month"),
            Self::Yesterday => f.write_str("yesterday"),
            Self::Month(first) => write!(f, "{}", first.format("%Y-%m")),
            Self::Range(from, to) => write!(f, "{from}..{to}"),
        }
    }
}

const ALLOWED: &str = "is not allowed: `month_to_date`, `previous_month`, `yesterday`, a month \
                       like `2026-02`, or two dates like `2026-02-01..2026-02-15`";

/// Takes the one form `2026-02-01`; chrono alone would also take `2026-2-1`.
fn date(text: &str) -> Result<NaiveDate, String> {
    let parsed = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    parsed
        .filter(|date| date.to_string() == text && (2000..2100).contains(&date.year()))
        .ok_or_else(|| ALLOWED.to_owned())
}

fn whole_month(first: NaiveDate) -> (NaiveDate, NaiveDate) {
    (first, first + Months::new(1) - Days::new(1))
}

fn first_of_month(date: NaiveDate) -> NaiveDate {
    date.with_day(1).expect("every month has a first day")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn resolved(spec: &str, today: &str) -> String {
        let spec: PeriodSpec = spec.parse().unwrap();
        let (from, to) = spec.resolve(date(today).unwrap());
        format!("{from}..{to}")
    }

    #[test]
    fn month_to_date_ends_with_yesterday() {
        assert_eq!(resolved("month_to_date", "2026-02-17"), "2026-02-01..2026-02-16");
        assert_eq!(resolved("month_to_date", "2026-02-02"), "2026-02-01..2026-02-01");
    }

    #[test]
    fn month_to_date_on_first_is_whole_month_before() {
        assert_eq!(resolved("month_to_date", "2026-03-01"), "2026-02-01..2026-02-28");
        assert_eq!(resolved("month_to_date", "2026-01-01"), "2025-12-01..2025-12-31");
    }

    #[test]
    fn other_periods_resolve_to_whole_days() {
        assert_eq!(resolved("previous_month", "2024-03-31"), "2024-02-01..2024-02-29");
        assert_eq!(resolved("previous_month", "2026-01-02"), "2025-12-01..2025-12-31");
        assert_eq!(resolved("yesterday", "2026-03-01"), "2026-02-28..2026-02-28");
        assert_eq!(resolved("2026-02", "2030-01-01"), "2026-02-01..2026-02-28");
        assert_eq!(resolved("2026-02-03..2026-02-03", "2030-01-01"), "2026-02-03..2026-02-03");
    }

    #[test]
    fn other_words_and_dates_are_refused() {
        for wrong in [
            "",
            "today",
            "2026",
            "2026-13",
            "2026-2",
            "2026-02-30..2026-03-01",
            "2026-02-01..",
            "2026-03-01..2026-02-01",
            "0026-02",
            "month-to-date",
            "2026-02-01",
        ] {
            assert!(wrong.parse::<PeriodSpec>().is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn nights_in_a_row_leave_no_day_out(day in 0..20_000_u64) {
            let today = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap() + Days::new(day);
            let (from, to) = PeriodSpec::MonthToDate.resolve(today);
            prop_assert_eq!(to + Days::new(1), today);
            prop_assert_eq!(from, first_of_month(to));
        }

        #[test]
        fn written_period_reads_back(day in 0..20_000_u64, length in 0..400_u64) {
            let from = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap() + Days::new(day);
            let spec = PeriodSpec::Range(from, from + Days::new(length));
            prop_assert_eq!(spec.to_string().parse(), Ok(spec));
            let month = PeriodSpec::Month(first_of_month(from));
            prop_assert_eq!(month.to_string().parse(), Ok(month));
        }
    }
}
