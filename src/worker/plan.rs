//! Decides which windows a pull asks for, and which of them it reads whole.
//!
//! Windows are whole cells of the calendar, so that what is known of a list stays of use: ten
//! days of receipts, a month of invoices, of which there are fewer. When the calendar begins a
//! new cell, the window before it grows over it, as long as it stays small enough to be read
//! whole at a time. To the days asked for come
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
/// How many rows a window may have that grows by a further cell: as many as a sweep of it still
/// fits into half a day's free requests.
const ROWS_GROWN_MAX: i64 = 30_000;
/// How many days it may span then.
const DAYS_GROWN_MAX: i64 = 62;
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

/// Is the first and the last day of a window.
type Span = (NaiveDate, NaiveDate);

/// Is a window with what is known of it.
#[derive(Debug, Clone)]
pub(super) struct Planned {
    pub(super) window: Window,
    pub(super) record: Option<WindowRecord>,
    pub(super) must_sweep: bool,
}

impl Planned {
    /// Returns the window and the last day of what is known of it, if that ends before it.
    pub(super) fn grown(&self) -> Option<(Window, NaiveDate)> {
        let known_to = self.record.as_ref()?.to;
        (known_to < self.window.to).then(|| (self.window.clone(), known_to))
    }

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
    let suspects = suspects(ctx, resource, days).await?;
    let all = || cells.iter().chain(&suspects);
    let first = all().map(|cell| cell.0).min().unwrap_or(today).min(sweeps_from(today));
    let last = all().map(|cell| cell.1).max().unwrap_or(today).max(today);
    let known = KnownWindows::read(ctx, resource, (first, last)).await?;
    let mut asked: BTreeSet<Span> = cells.iter().map(|cell| known.widest(*cell)).collect();
    let suspects: BTreeSet<Span> = suspects.iter().map(|cell| known.widest(*cell)).collect();
    let due = |span: &Span| due_since(known.of(*span), *span, ctx);
    let is_swept =
        |span: &Span| sweep == Sweep::Now || suspects.contains(span) || due(span).is_some();
    let grown = known.grow(&mut asked, is_swept);
    let mut spans = asked.clone();
    spans.extend(&suspects);
    if sweep == Sweep::Monthly {
        spans.extend(known.0.keys().filter(|span| due(span).is_some()));
    }
    let mut windows = Vec::new();
    let mut sweepable = requests_left / 2;
    let mut by_age: Vec<_> = spans.into_iter().collect();
    by_age.sort_by_key(|span| due(span).unwrap_or(DateTime::<Utc>::MAX_UTC));
    for span in by_age {
        let shorter = grown.get(&span).copied();
        let records = known.of(shorter.unwrap_or(span));
        let is_due = sweep == Sweep::Monthly && due(&span).is_some();
        let is_asked = asked.contains(&span);
        let must = suspects.contains(&span) || (sweep == Sweep::Now && is_asked);
        let mut planned = windows_of(resource, wanted, span, records, must || is_due);
        if is_due && !must {
            let cost = planned.iter().filter_map(Planned::requests).sum::<u64>();
            match sweepable.checked_sub(cost) {
                Some(left) => sweepable = left,
                // Not today: what the window is asked for it is asked for without a sweep.
                None if is_asked => planned = windows_of(resource, wanted, span, records, false),
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
    (from, to): Span,
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

/// Holds what is known of windows, by their days; those of which nothing is known are not in it.
struct KnownWindows(BTreeMap<Span, Vec<WindowRecord>>);

impl KnownWindows {
    async fn read(ctx: &Context, resource: Resource, (first, last): Span) -> Result<Self, Error> {
        let mut known: BTreeMap<Span, Vec<WindowRecord>> = BTreeMap::new();
        for record in ctx.store.windows_between(resource.as_str(), first, last).await? {
            if record.looked_at.is_some() || record.checkpoint.is_some() {
                known.entry((record.from, record.to)).or_default().push(record);
            }
        }
        Ok(Self(known))
    }

    fn of(&self, span: Span) -> &[WindowRecord] {
        self.0.get(&span).map_or(&[], Vec::as_slice)
    }

    /// Returns the widest known window over a cell, or the cell itself.
    fn widest(&self, (from, to): Span) -> Span {
        let over = self.0.keys().filter(|known| known.0 <= from && known.1 >= to);
        over.max_by_key(|known| known.1 - known.0).copied().unwrap_or((from, to))
    }

    /// Lets known windows grow over the cell behind them, of which nothing is known.
    ///
    /// The list of a window that begins where a known one does is that list and what came
    /// behind it. A window of the new cell alone would begin with rows of the days before it,
    /// since bounds are padded, and read them again; and whatever came at the border would
    /// be read for both. A window that is read whole anyway does not grow: there the new begins.
    ///
    /// Returns the grown windows, each with the known one.
    fn grow(
        &self,
        asked: &mut BTreeSet<Span>,
        is_swept: impl Fn(&Span) -> bool,
    ) -> BTreeMap<Span, Span> {
        let mut grown = BTreeMap::new();
        for cell in asked.clone().into_iter().filter(|cell| self.of(*cell).is_empty()) {
            let Some(before) = asked.iter().find(|one| one.1.succ_opt() == Some(cell.0)).copied()
            else {
                continue;
            };
            let base = grown.get(&before).copied().unwrap_or(before);
            let rows = self.of(base).iter().map(|record| record.rows_total).max();
            let is_settled = self.of(base).iter().all(|record| record.state == "settled");
            let fits = rows.is_some_and(|rows| rows <= ROWS_GROWN_MAX)
                && (cell.1 - base.0).num_days() < DAYS_GROWN_MAX;
            if fits && is_settled && !is_swept(&base) && !is_swept(&cell) {
                asked.remove(&cell);
                asked.remove(&before);
                asked.insert((base.0, cell.1));
                grown.remove(&before);
                grown.insert((base.0, cell.1), base);
            }
        }
        grown
    }
}

/// Returns when a known cell was last read whole, if that is a month ago and it still counts.
fn due_since(records: &[WindowRecord], (from, _): Span, ctx: &Context) -> Option<DateTime<Utc>> {
    let known = records.iter().filter(|record| record.looked_at.is_some());
    let swept_at = known.map(|record| record.swept_at.unwrap_or(DateTime::<Utc>::MIN_UTC)).max()?;
    let is_due = swept_at <= ctx.clock.now() - TimeDelta::days(SWEEP_DAYS);
    (is_due && from >= sweeps_from(ctx.today())).then_some(swept_at)
}

/// Returns the cells that hold a document which the last whole reading did not show.
async fn suspects(ctx: &Context, resource: Resource, days: u32) -> Result<BTreeSet<Span>, Error> {
    let Some(kind) = kind_of(resource) else { return Ok(BTreeSet::new()) };
    let absent = ctx.store.absent_documents(kind).await?;
    Ok(cells_of(&absent, days, sweeps_from(ctx.today())))
}

/// Returns the cells in which documents are filed, none before a day.
fn cells_of(documents: &[FiledDocument], days: u32, since: NaiveDate) -> BTreeSet<Span> {
    documents
        .iter()
        .filter(|document| document.filed_on >= since)
        .flat_map(|document| extract::cells(document.filed_on, document.filed_on, days))
        .collect()
}

/// Returns how many days a window of a resource spans.
fn days_per_window(resource: Resource) -> u32 {
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
