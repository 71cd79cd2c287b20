//! Which days the books cover, and what follows for rows outside.

use chrono::{Days, NaiveDate};

use crate::findings::{Evidence, Finding, Kind, Reason, Side};
use crate::fiscal::{Currency, Direction, Period};
use crate::reconcile::Input;
use crate::reconcile::record::Record;
use crate::reconcile::statement::{Class, ClassedRow};

/// A month's invoices may begin or end this many days inside the month and still be all.
pub(super) const EDGE_DAYS_INVOICES: u64 = 7;
/// Shops close for some days, but daily takings that stop earlier are a partial export.
pub(super) const EDGE_DAYS_TAKINGS: u64 = 4;
/// Rows just after the period show that an export goes past it.
const DAYS_AFTER: u64 = 31;

/// Holds the days of the period that the books' uploads cover.
#[derive(Debug, Clone, Copy)]
pub(super) struct Coverage {
    period: Period,
    covered: Option<Period>,
}

impl Coverage {
    /// Returns the cover of books whose rows have these days.
    ///
    /// The first and last row inside the period count, stretched to its edges when they
    /// lie close: a month without an invoice on its last day is still a whole month. A
    /// single date written wrong, months away, does not stretch anything.
    pub(super) fn of_days(
        period: Period,
        days: impl Iterator<Item = NaiveDate>,
        edge_days: u64,
    ) -> Self {
        let edge = Days::new(edge_days);
        let near = Period {
            from: period.from - Days::new(DAYS_AFTER),
            to: period.to + Days::new(DAYS_AFTER),
        };
        let mut covered: Option<Period> = None;
        for day in days.filter(|day| near.contains(*day)) {
            let span = covered.get_or_insert(Period { from: day, to: day });
            span.from = span.from.min(day);
            span.to = span.to.max(day);
        }
        let covered = covered.and_then(|span| {
            let from = if span.from <= period.from + edge { period.from } else { span.from };
            let to = if span.to + edge >= period.to { period.to } else { span.to };
            Period::new(from, to).ok()
        });
        Self { period, covered }
    }

    /// Returns the covered days, `None` when there is no upload at all.
    pub(super) fn covered(&self) -> Option<Period> {
        self.covered
    }

    /// Returns class and reason of a row without partner that is no break, if it is none.
    pub(super) fn excuse(
        &self,
        input: &Input,
        side: Side,
        record: &Record,
    ) -> Option<(Class, Reason)> {
        let day = record.issue_date?;
        if side == Side::Right {
            let is_unread = input.unsettled.iter().any(|span| span.contains(day));
            return is_unread
                .then_some((Class::OutOfWindow, Reason::OutOfWindow { covered: None }));
        }
        self.excuse_day(input, day)
    }

    /// Returns class and reason of a day that the books need not hold yet, if so.
    pub(super) fn excuse_day(&self, input: &Input, day: NaiveDate) -> Option<(Class, Reason)> {
        let break_on = day + Days::new(input.tolerance.grace_days + 1);
        if self.covered.is_none_or(|covered| !covered.contains(day)) {
            if self.covered.is_some() && input.today < break_on {
                return Some((Class::Pending, Reason::Pending { break_on }));
            }
            return Some((Class::OutOfWindow, Reason::OutOfWindow { covered: self.covered }));
        }
        (input.today < break_on).then_some((Class::Pending, Reason::Pending { break_on }))
    }

    /// Returns the finding that says which days were not looked at.
    ///
    /// No upload at all is `ledger_missing`; days of it with documents outside the cover
    /// are `coverage_missing`.
    pub(super) fn findings(
        &self,
        input: &Input,
        direction: Direction,
        rows: &[ClassedRow],
    ) -> Vec<Finding> {
        let outside: Vec<&ClassedRow> = rows
            .iter()
            .filter(|row| row.side == Side::Left && row.class == Class::OutOfWindow)
            .collect();
        let kind = match self.covered {
            None => Kind::LedgerMissing,
            Some(_) if outside.is_empty() => return Vec::new(),
            Some(_) => Kind::CoverageMissing,
        };
        let at_risk_cents = outside
            .iter()
            .filter(|row| row.currency == Currency::EUR)
            .filter_map(|row| row.amount_cents)
            .map(i64::abs)
            .sum();
        let days = match self.covered {
            None => self.period,
            Some(_) => span_of(&outside).unwrap_or(self.period),
        };
        vec![Finding {
            kind,
            company: input.company.tax_id.clone(),
            document_kind: input.document_kind,
            direction,
            period: input.accounting_period,
            evidence: Evidence::Uncovered { days },
            at_risk_cents,
            currency: Currency::EUR,
        }]
    }
}

/// Returns a finding for each span whose pull did not settle.
pub(super) fn unsettled_findings(input: &Input, direction: Direction) -> Vec<Finding> {
    input
        .unsettled
        .iter()
        .map(|days| Finding {
            kind: Kind::CoverageMissing,
            company: input.company.tax_id.clone(),
            document_kind: input.document_kind,
            direction,
            period: input.accounting_period,
            evidence: Evidence::Uncovered { days: *days },
            at_risk_cents: 0,
            currency: Currency::EUR,
        })
        .collect()
}

fn span_of(rows: &[&ClassedRow]) -> Option<Period> {
    let days = || rows.iter().filter_map(|row| row.record.issue_date);
    Some(Period { from: days().min()?, to: days().max()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covered(days: &[&str], edge: u64) -> Option<String> {
        let period = Period::month(2026, 2).unwrap();
        let days = days.iter().map(|day| day.parse().unwrap());
        Coverage::of_days(period, days, edge).covered().map(|span| span.to_string())
    }

    #[test]
    fn a_quiet_month_end_is_still_covered() {
        assert_eq!(covered(&["2026-02-03", "2026-02-24"], 7).unwrap(), "2026-02");
    }

    #[test]
    fn an_export_that_stops_covers_less() {
        assert_eq!(covered(&["2026-02-01", "2026-02-14"], 7).unwrap(), "2026-02-01..2026-02-14");
        assert_eq!(
            covered(&["2026-02-01", "2026-02-14", "2026-12-02"], 7).unwrap(),
            "2026-02-01..2026-02-14"
        );
        assert_eq!(covered(&[], 7), None);
    }
}
