//! Decides which windows a pull asks for, and which of them it reads whole.
//!
//! Windows are whole cells of the calendar, so that what is known of a list stays of use: ten
//! days of receipts, a month of invoices, of which there are fewer. To the days asked for come
//! the days in which something may still arrive late, and, a month after each was last read
//! whole, the other windows of the last eleven months. The provider keeps receipts for twelve:
//! a sweep that went further would report a year-old month as gone, every month.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, Months, NaiveDate, TimeDelta, Utc};

use crate::api::Resource;
use crate::extract::{self, Window};
use crate::fiscal::{DocumentKind, Period, date_in_rome};
use crate::store::{FiledDocument, WindowRecord};
use crate::worker::{Context, Error};

/// How many days of receipts one window spans: about as many as a busy shop fills ten pages
/// with, so that a list that moves costs little when it is read again.
const RECEIPT_DAYS: u32 = 10;
/// How many days of invoices one window spans: each whole month.
const INVOICE_DAYS: u32 = 31;
/// How many days back a receipt may still come or change.
const RECEIPTS_BACK_DAYS: u64 = 10;
/// How many days back an invoice may still come: a received one arrives months after its issue.
const INVOICES_BACK_DAYS: u64 = 60;
/// How many days after it was read whole a window is due again.
const SWEEP_DAYS: i64 = 30;
/// How far back sweeps go.
const SWEEP_MONTHS: u32 = 11;
/// How many rows a page brings, its overlap taken off.
pub(super) const ROWS_A_PAGE: u64 = 95;
/// How many more groups of companies than needed are asked for, to make use of what is known.
const GROUPS_MORE_MAX: usize = 2;

/// Says which windows are read whole, whatever a probe would say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sweep {
    /// None but those that must be, such as one that lost a document.
    Never,
    /// Those that were not read whole for a month.
    Monthly,
    /// All of the days asked for.
    Now,
}

/// Is a window with what is known of it.
#[derive(Debug, Clone)]
pub(super) struct Planned {
    pub(super) window: Window,
    pub(super) record: Option<WindowRecord>,
    pub(super) must_sweep: bool,
}

impl Planned {
    /// Returns about how many requests it takes; nothing is known of a window never read.
    pub(super) fn requests(&self) -> Option<u64> {
        let record = self.record.as_ref().filter(|record| record.looked_at.is_some())?;
        let rows = record.rows_total.unsigned_abs();
        Some(if self.must_sweep { rows / ROWS_A_PAGE + 1 } else { 1 })
    }
}

/// Returns the first day that a sweep reaches.
pub(super) fn sweeps_from(today: NaiveDate) -> NaiveDate {
    today - Months::new(SWEEP_MONTHS)
}

/// Returns the windows of a resource that a pull of these days asks for, oldest last.
///
/// `sweep` beyond the days asked for spends at most half of `requests_left`.
pub(super) async fn plan(
    ctx: &Context,
    resource: Resource,
    wanted: &[String],
    (period, looks_back): (Period, bool),
    (sweep, requests_left): (Sweep, u64),
) -> Result<Vec<Planned>, Error> {
    let today = ctx.today();
    let days = days_per_window(resource);
    let mut cells: BTreeSet<_> = extract::cells(period.from, period.to, days).into_iter().collect();
    if looks_back {
        let since = today - Days::new(days_back(resource));
        cells.extend(extract::cells(since, today, days));
    }
    let asked = cells.clone();
    let suspects = suspects(ctx, resource, days).await?;
    cells.extend(&suspects);
    let first = cells.first().map_or(today, |cell| cell.0).min(sweeps_from(today));
    let last = cells.last().map_or(today, |cell| cell.1).max(today);
    let mut known: BTreeMap<(NaiveDate, NaiveDate), Vec<WindowRecord>> = BTreeMap::new();
    for record in ctx.store.windows_between(resource.as_str(), first, last).await? {
        known.entry((record.from, record.to)).or_default().push(record);
    }
    let due = |cell: &(NaiveDate, NaiveDate)| due_since(known.get(cell), *cell, ctx);
    if sweep == Sweep::Monthly {
        cells.extend(known.keys().filter(|cell| due(cell).is_some()));
    }
    let mut windows = Vec::new();
    let mut sweepable = requests_left / 2;
    let mut by_age: Vec<_> = cells.into_iter().collect();
    by_age.sort_by_key(|cell| due(cell).unwrap_or(DateTime::<Utc>::MAX_UTC));
    for cell in by_age {
        let records = known.get(&cell).map_or(&[][..], Vec::as_slice);
        let is_due = sweep == Sweep::Monthly && due(&cell).is_some();
        let is_asked = asked.contains(&cell);
        let must = suspects.contains(&cell) || (sweep == Sweep::Now && is_asked);
        let mut planned = windows_of(resource, wanted, cell, records, must || is_due);
        if is_due && !must {
            let cost = planned.iter().filter_map(Planned::requests).sum::<u64>();
            match sweepable.checked_sub(cost) {
                Some(left) => sweepable = left,
                // Not today: what the window is asked for it is asked for without a sweep.
                None if is_asked => planned = windows_of(resource, wanted, cell, records, false),
                None => continue,
            }
        }
        windows.extend(planned);
    }
    // What is new is wanted first.
    windows.sort_by(|a, b| (b.window.from, &a.window).cmp(&(a.window.from, &b.window)));
    Ok(windows)
}

/// Returns the windows of one cell: groups of companies as they are known, or as few as can be.
///
/// A company that joins makes a group of its own beside the known one, until the cell is read
/// whole again.
fn windows_of(
    resource: Resource,
    wanted: &[String],
    (from, to): (NaiveDate, NaiveDate),
    records: &[WindowRecord],
    must_sweep: bool,
) -> Vec<Planned> {
    let fresh = extract::groups(wanted);
    let mut rest: BTreeSet<&str> = wanted.iter().map(String::as_str).collect();
    let mut reused = Vec::new();
    let mut by_size: Vec<_> = records.iter().map(|record| (ids(record), record)).collect();
    by_size.sort_by_key(|(ids, _)| std::cmp::Reverse(ids.len()));
    for (ids, record) in by_size {
        let is_of_use = record.looked_at.is_some() || record.checkpoint.is_some();
        if is_of_use && !ids.is_empty() && ids.iter().all(|id| rest.contains(id)) {
            rest.retain(|id| !ids.contains(id));
            reused.push(ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>());
        }
    }
    if !rest.is_empty() {
        let rest: Vec<String> = rest.into_iter().map(str::to_owned).collect();
        reused.extend(extract::groups(&rest));
    }
    let is_cheap = !must_sweep && reused.len() <= fresh.len() + GROUPS_MORE_MAX;
    let groups = if is_cheap { reused } else { fresh };
    let planned = |fiscal_ids: Vec<String>| {
        let joined = fiscal_ids.join(",");
        let record = records.iter().find(|record| record.fiscal_ids == joined).cloned();
        Planned { window: Window { resource, fiscal_ids, from, to }, record, must_sweep }
    };
    groups.into_iter().map(planned).collect()
}

fn ids(record: &WindowRecord) -> Vec<&str> {
    record.fiscal_ids.split(',').filter(|id| !id.is_empty()).collect()
}

/// Returns when a known cell was last read whole, if that is a month ago and it still counts.
fn due_since(
    records: Option<&Vec<WindowRecord>>,
    (from, _): (NaiveDate, NaiveDate),
    ctx: &Context,
) -> Option<DateTime<Utc>> {
    let known = records?.iter().filter(|record| record.looked_at.is_some());
    let swept_at = known.map(|record| record.swept_at.unwrap_or(DateTime::<Utc>::MIN_UTC)).max()?;
    let is_due = swept_at <= ctx.clock.now() - TimeDelta::days(SWEEP_DAYS);
    (is_due && from >= sweeps_from(ctx.today())).then_some(swept_at)
}

/// Returns the cells that hold a document which the last whole reading did not show.
async fn suspects(
    ctx: &Context,
    resource: Resource,
    days: u32,
) -> Result<BTreeSet<(NaiveDate, NaiveDate)>, Error> {
    let Some(kind) = kind_of(resource) else { return Ok(BTreeSet::new()) };
    let absent = ctx.store.absent_documents(kind).await?;
    Ok(cells_of(&absent, days, sweeps_from(ctx.today())))
}

/// Returns the cells in which documents are filed, none before a day.
pub(super) fn cells_of(
    documents: &[FiledDocument],
    days: u32,
    since: NaiveDate,
) -> BTreeSet<(NaiveDate, NaiveDate)> {
    documents
        .iter()
        .filter(|document| document.filed_on >= since)
        .flat_map(|document| extract::cells(document.filed_on, document.filed_on, days))
        .collect()
}

/// Returns how many days a window of a resource spans.
pub(super) fn days_per_window(resource: Resource) -> u32 {
    match resource {
        Resource::Invoices => INVOICE_DAYS,
        Resource::Receipts | Resource::Configurations => RECEIPT_DAYS,
    }
}

fn days_back(resource: Resource) -> u64 {
    match resource {
        Resource::Invoices => INVOICES_BACK_DAYS,
        Resource::Receipts | Resource::Configurations => RECEIPTS_BACK_DAYS,
    }
}

/// Returns the kind of document that a resource holds.
pub(super) fn kind_of(resource: Resource) -> Option<DocumentKind> {
    match resource {
        Resource::Receipts => Some(DocumentKind::Receipt),
        Resource::Invoices => Some(DocumentKind::Invoice),
        Resource::Configurations => None,
    }
}

/// Tells whether a settled window was looked at late enough to speak for a day.
///
/// A window may end in the future: then it speaks for the days that were over when it was
/// last looked at, and for today when that was today.
pub(super) fn speaks_for(record: &WindowRecord, day: NaiveDate, today: NaiveDate) -> bool {
    let looked_on = record.looked_at.map(date_in_rome);
    let is_late_enough = looked_on.is_some_and(|on| on > day || (on == day && day == today));
    record.state == "settled" && (record.from..=record.to).contains(&day) && is_late_enough
}
