//! Cuts a period into windows small enough to be read while the list moves.

use crate::api::{Filter, Resource};
use chrono::{Datelike, Days, NaiveDate};
use std::fmt;

/// How many companies share a window at most.
///
/// Their ids must fit into one address.
pub const FISCAL_IDS_PER_WINDOW_MAX: usize = 50;
/// How many days the filter's bounds are moved out: they may be exclusive.
const BOUND_PAD_DAYS: u64 = 1;
/// How many more for receipts: the filter's days may be counted in another zone than Rome.
///
/// Invoices are filtered by a calendar date, which has no zone.
const ZONE_PAD_DAYS: u64 = 1;

/// Names the documents of some companies in a range of business days.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Window {
    /// What is read: receipts or invoices, since configurations come in one answer.
    pub resource: Resource,
    /// The companies, sorted, without country prefix; empty means all of the account.
    pub fiscal_ids: Vec<String>,
    /// The first business day.
    pub from: NaiveDate,
    /// The last business day.
    pub to: NaiveDate,
}

impl Window {
    /// Returns the filter that surely covers these days, and some rows beyond them.
    pub(super) fn filter(&self) -> Filter {
        let pad = match self.resource {
            Resource::Invoices => BOUND_PAD_DAYS,
            Resource::Receipts | Resource::Configurations => BOUND_PAD_DAYS + ZONE_PAD_DAYS,
        };
        Filter {
            fiscal_ids: self.fiscal_ids.clone(),
            // At the calendar's end the bound is left out, which only reads more.
            after: self.from.checked_sub_days(Days::new(pad)),
            before: self.to.checked_add_days(Days::new(pad)),
            ..Filter::default()
        }
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}..{}", self.resource.as_str(), self.from, self.to)?;
        match self.fiscal_ids.as_slice() {
            [] => Ok(()),
            [fiscal_id] => write!(f, " of {fiscal_id}"),
            several => write!(f, " of {} companies", several.len()),
        }
    }
}

/// Returns the windows that cover a period, companies first, then days.
///
/// Windows never cross the end of a month, and inside a month they begin at the 1st and every
/// `days_per_window` days after it, so that a later plan over the same days makes the same
/// windows and finds what is known of them; only the period's two edges may cut one short.
/// An empty list of companies means the whole account; a period that ends before it begins
/// has no windows.
pub fn plan(
    resource: Resource,
    fiscal_ids: &[String],
    from: NaiveDate,
    to: NaiveDate,
    days_per_window: u32,
) -> Vec<Window> {
    let mut sorted = fiscal_ids.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let groups: Vec<Vec<String>> = if sorted.is_empty() {
        vec![Vec::new()]
    } else {
        sorted.chunks(FISCAL_IDS_PER_WINDOW_MAX).map(<[String]>::to_vec).collect()
    };
    let ranges = ranges(from, to, days_per_window.max(1));
    groups
        .into_iter()
        .flat_map(|fiscal_ids| {
            ranges.iter().map(move |(from, to)| Window {
                resource,
                fiscal_ids: fiscal_ids.clone(),
                from: *from,
                to: *to,
            })
        })
        .collect()
}

fn ranges(from: NaiveDate, to: NaiveDate, days_per_window: u32) -> Vec<(NaiveDate, NaiveDate)> {
    let mut ranges: Vec<(NaiveDate, NaiveDate)> = Vec::new();
    for day in from.iter_days().take_while(|day| *day <= to) {
        let begins = day.day0().is_multiple_of(days_per_window);
        match ranges.last_mut() {
            Some((_, last)) if !begins => *last = day,
            _ => ranges.push((day, day)),
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn spans(from: &str, to: &str, days: u32) -> Vec<String> {
        plan(Resource::Receipts, &[], date(from), date(to), days)
            .iter()
            .map(|window| format!("{}..{}", window.from, window.to))
            .collect()
    }

    #[test]
    fn windows_stand_on_a_grid_inside_months() {
        assert_eq!(
            spans("2026-01-25", "2026-02-09", 10),
            ["2026-01-25..2026-01-30", "2026-01-31..2026-01-31", "2026-02-01..2026-02-09"]
        );
        assert_eq!(spans("2026-02-01", "2026-02-28", 31), ["2026-02-01..2026-02-28"]);
        assert_eq!(spans("2026-02-02", "2026-02-01", 1), Vec::<String>::new());
        assert_eq!(spans("2026-02-01", "2026-02-02", 0).len(), 2);
    }

    #[test]
    fn companies_are_grouped_in_order() {
        let ids: Vec<String> = (0..120).rev().map(|n| format!("{n:011}")).collect();
        let windows = plan(Resource::Invoices, &ids, date("2026-02-01"), date("2026-02-02"), 1);
        let sizes: Vec<usize> = windows.iter().map(|window| window.fiscal_ids.len()).collect();
        assert_eq!(sizes, [50, 50, 50, 50, 20, 20]);
        assert_eq!(windows[0].fiscal_ids[0], "00000000000");
    }

    #[test]
    fn filter_reaches_past_the_days() {
        let mut window = plan(Resource::Receipts, &[], date("2026-02-03"), date("2026-02-03"), 1);
        let filter = window[0].filter();
        assert_eq!(filter.after, Some(date("2026-02-01")));
        assert_eq!(filter.before, Some(date("2026-02-05")));
        window[0].resource = Resource::Invoices;
        assert_eq!(window[0].filter().after, Some(date("2026-02-02")));
    }

    proptest! {
        #[test]
        fn every_day_is_in_one_window(start in 0_u64..800, length in 0_u64..100, days in 1_u32..40) {
            let from = date("2025-01-01") + Days::new(start);
            let to = from + Days::new(length);
            let windows = plan(Resource::Invoices, &[], from, to, days);
            let covered: Vec<NaiveDate> = windows
                .iter()
                .flat_map(|window| window.from.iter_days().take_while(|day| *day <= window.to))
                .collect();
            let wanted: Vec<NaiveDate> = from.iter_days().take_while(|day| *day <= to).collect();
            prop_assert_eq!(covered, wanted);
        }
    }
}
