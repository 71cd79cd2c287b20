//! Options that several commands share: days and companies.

use chrono::NaiveDate;
use clap::Args;

use crate::cli::failure::Failure;
use crate::fiscal::Period;

/// Chooses the days that a command looks at.
#[derive(Debug, Clone, Args)]
pub(super) struct Days {
    /// A month, quarter, year, day or two days: 2026-02, 2026-Q1, 2026, 2026-02-01..2026-02-15
    #[arg(long, value_name = "P", conflicts_with_all = ["from", "to"])]
    period: Option<String>,
    /// The first day, 2026-02-01
    #[arg(long, value_name = "D", value_parser = day, requires = "to")]
    from: Option<NaiveDate>,
    /// The last day, 2026-02-28
    #[arg(long, value_name = "D", value_parser = day, requires = "from")]
    to: Option<NaiveDate>,
}

impl Days {
    /// Returns the days asked for, if any were.
    pub(super) fn chosen(&self) -> Result<Option<Period>, Failure> {
        let wrong = |error: crate::fiscal::PeriodError| Failure::Usage {
            message: error.to_string(),
            hint: None,
        };
        if let Some(text) = &self.period {
            return text.parse().map(Some).map_err(wrong);
        }
        match (self.from, self.to) {
            (Some(from), Some(to)) => Period::new(from, to).map(Some).map_err(wrong),
            _ => Ok(None),
        }
    }
}

/// Reads a day from the command line, and says how one is written.
pub(in crate::cli) fn day(text: &str) -> Result<NaiveDate, String> {
    text.parse().map_err(|_| "no day: write it as in `2026-02-28`".to_owned())
}

/// Returns the month of a day, from its first day through the day itself.
pub(super) fn month_to_date(today: NaiveDate) -> Period {
    use chrono::Datelike as _;
    Period { from: today.with_day(1).unwrap_or(today), to: today }
}
