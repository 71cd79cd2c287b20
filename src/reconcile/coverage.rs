//! Which days the books cover, and what follows for rows outside.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};

use crate::findings::{Evidence, Finding, Kind, Reason, Side};
use crate::fiscal::{Currency, Direction, Period};
use crate::reconcile::Input;
use crate::reconcile::record::Record;
use crate::reconcile::rules::RuleSet;
use crate::reconcile::statement::{Class, ClassedRow};

/// Rows just after the period show that an export goes past it.
const DAYS_AFTER: u64 = 31;

/// Holds the days of the period that the books' uploads cover.
#[derive(Debug, Clone)]
pub(super) struct Coverage {
    period: Period,
    /// Days after its date in which a row may still lack its booking.
    grace_days: u64,
    /// Covered days in order, without overlap.
    spans: Vec<Period>,
}

impl Coverage {
    /// Returns the cover of books with these rows, each file by itself.
    ///
    /// A file covers from its first to its last row, stretched to the period's edges when
    /// they lie close: a month without an invoice on its last day is still a whole month.
    /// A single date written wrong, months away, does not stretch anything, and the files
    /// of other months say nothing about this one.
    pub(super) fn of_rows<'a>(
        input: &Input,
        rows: impl Iterator<Item = &'a Record>,
        rules: &RuleSet,
    ) -> Self {
        let days = rows.filter_map(|record| {
            Some((record.reference.file.as_deref().unwrap_or_default(), record.day()?))
        });
        let grace_days = rules.grace_days;
        Self {
            grace_days,
            ..Self::of_days(input.period, input.accounting_period, days, rules.edge_days)
        }
    }

    fn of_days<'a>(
        period: Period,
        month: Period,
        days: impl Iterator<Item = (&'a str, NaiveDate)>,
        edge_days: u64,
    ) -> Self {
        let edge = Days::new(edge_days);
        let near = Period {
            from: period.from - Days::new(DAYS_AFTER),
            to: period.to + Days::new(DAYS_AFTER),
        };
        let mut files: BTreeMap<&str, Period> = BTreeMap::new();
        for (file, day) in days.filter(|(_, day)| near.contains(*day)) {
            let span = files.entry(file).or_insert(Period { from: day, to: day });
            span.from = span.from.min(day);
            span.to = span.to.max(day);
        }
        let mut stretched: Vec<Period> = files
            .into_values()
            .filter(|span| span.from <= month.to && span.to >= month.from)
            .filter_map(|span| {
                let from = if span.from <= period.from + edge { period.from } else { span.from };
                let to = if span.to + edge >= period.to { period.to } else { span.to };
                Period::new(from, to).ok()
            })
            .collect();
        stretched.sort_unstable();
        let mut spans: Vec<Period> = Vec::new();
        for span in stretched {
            match spans.last_mut() {
                Some(last) if span.from <= last.to + edge => last.to = last.to.max(span.to),
                _ => spans.push(span),
            }
        }
        Self { period, grace_days: 0, spans }
    }

    /// Returns the first to the last covered day, `None` when there is no upload at all.
    pub(super) fn covered(&self) -> Option<Period> {
        Some(Period { from: self.spans.first()?.from, to: self.spans.last()?.to })
    }

    /// Returns class and reason of a row without partner that is no break, if it is none.
    pub(super) fn excuse(
        &self,
        input: &Input,
        side: Side,
        record: &Record,
    ) -> Option<(Class, Reason)> {
        let day = record.day()?;
        if side == Side::Right {
            let is_unread = input.unsettled.iter().any(|span| span.contains(day));
            return is_unread
                .then_some((Class::OutOfWindow, Reason::OutOfWindow { covered: None }));
        }
        self.excuse_day(input, day)
    }

    /// Returns class and reason of a day that the books need not hold yet, if so.
    ///
    /// A day inside its grace is pending even where the cover ends before it: the next
    /// export may hold it. Without any upload nothing is pending.
    pub(super) fn excuse_day(&self, input: &Input, day: NaiveDate) -> Option<(Class, Reason)> {
        let break_on = day + Days::new(self.grace_days + 1);
        if input.today < break_on && !self.spans.is_empty() {
            return Some((Class::Pending, Reason::Pending { break_on }));
        }
        let is_covered = self.spans.iter().any(|span| span.contains(day));
        (!is_covered).then(|| (Class::OutOfWindow, Reason::OutOfWindow { covered: self.covered() }))
    }

    /// Returns the finding that says which days were not looked at.
    ///
    /// No upload at all is `ledger_missing`; days of it with documents outside the cover
    /// are `coverage_missing`. The amount at risk leaves out the days in `told`, which
    /// another statement of the same documents has counted already.
    pub(super) fn findings(
        &self,
        input: &Input,
        direction: Direction,
        rows: &[ClassedRow],
        told: &BTreeSet<NaiveDate>,
    ) -> Vec<Finding> {
        let outside: Vec<&ClassedRow> = rows
            .iter()
            .filter(|row| row.side == Side::Left && row.class == Class::OutOfWindow)
            .collect();
        let kind = match self.covered() {
            None => Kind::LedgerMissing,
            Some(_) if outside.is_empty() => return Vec::new(),
            Some(_) => Kind::CoverageMissing,
        };
        let at_risk_cents = outside
            .iter()
            .filter(|row| row.currency == Currency::EUR)
            .filter(|row| row.record.day().is_none_or(|day| !told.contains(&day)))
            .filter_map(|row| row.amount_cents)
            .fold(0i64, |sum, cents| sum.saturating_add(cents.saturating_abs()));
        let days = match self.covered() {
            None => self.period,
            Some(_) => span_of(&outside).unwrap_or(self.period),
        };
        vec![Finding {
            kind,
            company: input.company.tax_id.clone(),
            document_kind: input.document_kind,
            direction,
            period: input.accounting_period,
            evidence: Evidence::Uncovered { days, lacking: None },
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
            evidence: Evidence::Uncovered { days: *days, lacking: None },
            at_risk_cents: 0,
            currency: Currency::EUR,
        })
        .collect()
}

fn span_of(rows: &[&ClassedRow]) -> Option<Period> {
    let days = || rows.iter().filter_map(|row| row.record.day());
    Some(Period { from: days().min()?, to: days().max()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(days: &[(&str, &str)], edge: u64) -> Vec<String> {
        let period = Period::month(2026, 2).unwrap();
        let days = days.iter().map(|(file, day)| (*file, day.parse().unwrap()));
        let coverage = Coverage::of_days(period, period, days, edge);
        coverage.spans.iter().map(ToString::to_string).collect()
    }

    fn of_one_file(days: &[&str], edge: u64) -> Vec<String> {
        spans(&days.iter().map(|day| ("a.csv", *day)).collect::<Vec<_>>(), edge)
    }

    #[test]
    fn a_quiet_month_end_is_still_covered() {
        assert_eq!(of_one_file(&["2026-02-03", "2026-02-24"], 7), ["2026-02"]);
    }

    #[test]
    fn an_export_that_stops_covers_less() {
        assert_eq!(of_one_file(&["2026-02-01", "2026-02-14"], 7), ["2026-02-01..2026-02-14"]);
        assert_eq!(
            of_one_file(&["2026-02-01", "2026-02-14", "2026-12-02"], 7),
            ["2026-02-01..2026-02-14"]
        );
        assert!(of_one_file(&[], 7).is_empty());
    }

    #[test]
    fn a_single_row_covers_its_own_day() {
        assert_eq!(of_one_file(&["2026-02-14"], 7), ["2026-02-14..2026-02-14"]);
        assert_eq!(of_one_file(&["2026-02-05"], 7), ["2026-02-01..2026-02-05"]);
    }

    #[test]
    fn files_of_other_months_cover_nothing() {
        assert!(spans(&[("jan", "2026-01-02"), ("jan", "2026-01-31")], 7).is_empty());
        let around = [("jan", "2026-01-05"), ("jan", "2026-01-31"), ("mar", "2026-03-02")];
        assert!(spans(&around, 7).is_empty());
        assert_eq!(of_one_file(&["2026-01-31", "2026-03-02"], 7), ["2026-02"]);
    }

    #[test]
    fn a_gap_between_files_stays_uncovered() {
        let days =
            [("a", "2026-02-01"), ("a", "2026-02-06"), ("b", "2026-02-20"), ("b", "2026-02-28")];
        assert_eq!(spans(&days, 7), ["2026-02-01..2026-02-06", "2026-02-20..2026-02-28"]);
        assert_eq!(spans(&days, 14), ["2026-02"]);
    }
}
