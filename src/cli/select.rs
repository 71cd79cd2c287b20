//! Options that several commands share: days and companies.

use chrono::NaiveDate;
use clap::Args;

use crate::cli::failure::Failure;
use crate::fiscal::{CheckDigits, Period, TaxId};

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

/// Reads a company's tax id: what a mistyped one names would be nobody's.
pub(super) fn company_id(text: &str) -> Result<TaxId, Failure> {
    let id = TaxId::parse(text);
    let why = match id.as_ref().map(TaxId::check_digits) {
        Some(CheckDigits::Valid) => None,
        Some(CheckDigits::Wrong) => Some("is no tax id: its check digit is wrong"),
        Some(CheckDigits::Opaque) | None => Some("is no tax id of an Italian company"),
    };
    match (id, why) {
        (Some(id), None) => Ok(id),
        (_, why) => Err(Failure::Usage {
            message: format!("`{text}` {}", why.unwrap_or("is no tax id")),
            hint: Some("give the company's VAT number, such as `01234567897`".to_owned()),
        }),
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
