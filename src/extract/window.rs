//! Cuts a period into windows small enough to be read while the list moves.

use crate::api::{Filter, Resource};
use chrono::{Datelike, Days, NaiveDate};
use std::fmt;

/// How many bytes the ids of the companies in one address may have, commas included.
///
/// Servers commonly take an address of 8,000 bytes; 300 VAT numbers have 3,600.
pub const FISCAL_ID_BYTES_MAX: usize = 4_000;
/// How many days the filter's bounds are moved out: they may be exclusive.
const BOUND_PAD_DAYS: u64 = 1;
/// How many more at the lower end for receipts: where the filter's days are counted in UTC, the
/// first hours of a day in Rome belong to the day before.
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
        let zone_pad = match self.resource {
            Resource::Invoices => 0,
            Resource::Receipts | Resource::Configurations => ZONE_PAD_DAYS,
        };
        Filter {
            fiscal_ids: self.fiscal_ids.clone(),
            // At the calendar's end the bound is left out, which only reads more.
            after: self.from.checked_sub_days(Days::new(BOUND_PAD_DAYS + zone_pad)),
            before: self.to.checked_add_days(Days::new(BOUND_PAD_DAYS)),
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
/// Each window is a whole cell of [`cells`], so that a later plan over other days finds what
/// is known of the list. An empty list of companies means the whole account; a period that
/// ends before it begins has no windows.
pub fn plan(
    resource: Resource,
    fiscal_ids: &[String],
    from: NaiveDate,
    to: NaiveDate,
    days_per_window: u32,
) -> Vec<Window> {
    let cells = cells(from, to, days_per_window);
    let window = |fiscal_ids: &Vec<String>, (from, to): (NaiveDate, NaiveDate)| Window {
        resource,
        fiscal_ids: fiscal_ids.clone(),
        from,
        to,
    };
    groups(fiscal_ids).iter().flat_map(|ids| cells.iter().map(|cell| window(ids, *cell))).collect()
}

/// Returns the companies in groups whose ids fit into one address, sorted.
///
/// No companies at all are one group: the whole account.
pub fn groups(fiscal_ids: &[String]) -> Vec<Vec<String>> {
    let mut sorted = fiscal_ids.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let mut groups: Vec<Vec<String>> = vec![Vec::new()];
    let mut bytes = 0;
    for id in sorted {
        let length = id.len() + 1;
        if bytes + length > FISCAL_ID_BYTES_MAX {
            groups.push(Vec::new());
            bytes = 0;
        }
        bytes += length;
        groups.last_mut().expect("there is always one").push(id);
    }
    groups
}

/// Returns the cells of the calendar that cover a period, first and last day each.
///
/// A cell never crosses the end of a month. Inside a month cells begin at the 1st and every
/// `days` days after it, and what is left at the month's end belongs to the last one: with 10
/// days they are the 1st to 10th, the 11th to 20th, and the rest.
pub fn cells(from: NaiveDate, to: NaiveDate, days: u32) -> Vec<(NaiveDate, NaiveDate)> {
    let days = days.clamp(1, 31);
    let last_begin = (31 / days - 1) * days;
    let begins = |day: NaiveDate| day.day0().is_multiple_of(days) && day.day0() <= last_begin;
    let mut cells: Vec<(NaiveDate, NaiveDate)> = Vec::new();
    let mut day = from;
    while day <= to {
        let first = day.iter_days().rev().find(|day| begins(*day)).unwrap_or(day);
        let next = day.iter_days().skip(1).find(|day| begins(*day));
        let last = next.and_then(|day| day.pred_opt()).unwrap_or(NaiveDate::MAX);
        cells.push((first, last));
        match next {
            Some(next) => day = next,
            None => break,
        }
    }
    cells
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
    fn windows_are_whole_cells_of_months() {
        assert_eq!(
            spans("2026-01-25", "2026-02-09", 10),
            ["2026-01-21..2026-01-31", "2026-02-01..2026-02-10"]
        );
        assert_eq!(spans("2026-02-03", "2026-02-03", 31), ["2026-02-01..2026-02-28"]);
        assert_eq!(spans("2026-02-02", "2026-02-01", 1), Vec::<String>::new());
        assert_eq!(spans("2026-02-01", "2026-02-02", 0).len(), 2);
    }

    #[test]
    fn companies_are_grouped_by_length_of_address() {
        let ids: Vec<String> = (0..700).rev().map(|n| format!("{n:011}")).collect();
        let windows = plan(Resource::Invoices, &ids, date("2026-02-01"), date("2026-02-02"), 1);
        let sizes: Vec<usize> = windows.iter().map(|window| window.fiscal_ids.len()).collect();
        assert_eq!(sizes, [333, 333, 333, 333, 34, 34]);
        assert_eq!(windows[0].fiscal_ids[0], "00000000000");
        assert_eq!(groups(&[]), [Vec::<String>::new()]);
    }

    #[test]
    fn filter_reaches_past_the_days() {
        let mut window = plan(Resource::Receipts, &[], date("2026-02-03"), date("2026-02-03"), 1);
        let filter = window[0].filter();
        assert_eq!(filter.after, Some(date("2026-02-01")));
        assert_eq!(filter.before, Some(date("2026-02-04")));
        window[0].resource = Resource::Invoices;
        assert_eq!(window[0].filter().after, Some(date("2026-02-02")));
    }

    proptest! {
        #[test]
        fn every_day_is_in_one_cell(start in 0_u64..800, length in 0_u64..100, days in 0_u32..40) {
            let from = date("2025-01-01") + Days::new(start);
            let to = from + Days::new(length);
            let cells = cells(from, to, days);
            let covered: Vec<NaiveDate> = cells
                .iter()
                .flat_map(|(from, to)| from.iter_days().take_while(|day| *day <= *to))
                .collect();
            prop_assert!(covered.windows(2).all(|pair| pair[0].succ_opt() == Some(pair[1])));
            prop_assert!(covered[0] <= from && *covered.last().unwrap() >= to);
            for (first, last) in &cells {
                // The same cells whatever the period is.
                prop_assert_eq!(super::cells(*first, *first, days), vec![(*first, *last)]);
                prop_assert_eq!(super::cells(*last, *last, days), vec![(*first, *last)]);
                prop_assert_eq!(first.month(), last.month());
            }
        }
    }
}
