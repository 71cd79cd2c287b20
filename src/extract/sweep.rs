//! Reads one window of a list that moves, and says whether it stood still.
//!
//! A sweep goes through the list page by page, each overlapping the one before. Rows keep
//! their order among themselves while others come and go, so as long as the overlap stands
//! where it stood, everything before it has been read, and a short page ends a sweep that
//! missed nothing. A sweep that finds the overlap elsewhere is begun anew, a few times. A list
//! that never stands still is read once forward and once backward; when both saw the same
//! ids it settles all the same, else the union is kept and the window stays unsettled.

use super::catch_up::CaughtUp;
use super::checkpoint::{Checkpoint, overlap_rows, rows};
use super::page_length::PageLength;
use super::pipe::{PageSender, Stop};
use super::row_keys::{RowKeys, fingerprint};
use super::seen::Seen;
use super::sink::{Known, WindowEnd, WindowState};
use super::source::Source;
use super::window::Window;
use crate::api::{Filter, PAGE_ROWS_MAX, Page};
use std::collections::HashSet;

/// How often a sweep is begun anew because the list moved.
pub const RESTARTS_MAX: u32 = 3;
/// How many rows of one window are read at most.
///
/// A longer list stays unsettled: cut its period into smaller windows.
pub const ROWS_PER_WINDOW_MAX: u64 = 2_000_000;

/// Reads one window and hands its pages on.
pub(super) struct WindowReader<'a, F> {
    source: &'a F,
    page_length: &'a PageLength,
    window: &'a Window,
    filter: Filter,
    pages: PageSender,
    seen: Seen,
    sweep: u32,
    handed_on: (u64, Vec<String>),
}

/// How one sweep ended.
struct SweepEnd {
    rows_total: u64,
    drifted: bool,
    /// The rows in their order; none where the sweep did not begin at the first.
    keys: Option<Vec<u64>>,
    /// The different rows of a sweep that does not stop at drift.
    different: HashSet<u64>,
}

impl SweepEnd {
    /// Returns the end of a sweep without drift.
    fn settled(self) -> WindowEnd {
        WindowEnd {
            state: WindowState::Settled,
            unchanged: false,
            rows_total: self.rows_total,
            is_swept: self.keys.is_some(),
            keys: self.keys.map(RowKeys),
        }
    }
}

impl<'a, F: Source> WindowReader<'a, F> {
    pub(super) fn new(
        source: &'a F,
        page_length: &'a PageLength,
        window: &'a Window,
        pages: PageSender,
    ) -> Self {
        let filter = window.filter();
        let (seen, handed_on) = (Seen::default(), (0, Vec::new()));
        Self { source, page_length, window, filter, pages, seen, sweep: 0, handed_on }
    }

    /// Returns how many different rows were seen so far.
    pub(super) fn rows_seen(&self) -> u64 {
        self.seen.rows()
    }

    /// Reads the window: what came since it settled, or all of it.
    pub(super) async fn read(&mut self, known: Option<Known>) -> Result<WindowEnd, Stop> {
        let mut resume = None;
        if let Some(known) = known {
            // What is to be read whole is read from its beginning.
            if !known.must_sweep {
                if let CaughtUp::Settled(end) = self.catch_up(&known).await? {
                    return Ok(end);
                }
                if known.state != Some(WindowState::Settled) {
                    resume = known.checkpoint.filter(|checkpoint| checkpoint.resumable);
                }
            }
        }
        for restart in 0..=RESTARTS_MAX {
            self.sweep = restart;
            let begin = resume.take().unwrap_or_default();
            self.seen.begin_at(&begin);
            let end = self.sweep_forward(begin, true).await?;
            if end.rows_total >= ROWS_PER_WINDOW_MAX {
                tracing::warn!(window = %self.window, "the list is too long for one window");
                return Ok(self.unsettled());
            }
            if !end.drifted {
                return Ok(end.settled());
            }
            tracing::debug!(window = %self.window, restart, "the list moved");
        }
        self.read_both_ways().await
    }

    /// Reads the list from a checkpoint to its end, or to where it moved.
    async fn sweep_forward(
        &mut self,
        mut at: Checkpoint,
        stop_at_drift: bool,
    ) -> Result<SweepEnd, Stop> {
        let keys = (at.skip == 0 && at.tail.is_empty()).then(Vec::new);
        at.resumable = stop_at_drift;
        at.sweep = self.sweep;
        let different = HashSet::new();
        let mut end = SweepEnd { rows_total: 0, drifted: false, keys, different };
        loop {
            let page = self.fetch(at.skip, PAGE_ROWS_MAX).await?;
            let keys = page.keys();
            end.rows_total = at.end(keys.len());
            if !at.continues_with(&keys) {
                end.drifted = true;
                if stop_at_drift {
                    return Ok(end);
                }
            }
            let known_before = end.different.len();
            if !stop_at_drift {
                end.different.extend(keys.iter().map(|key| fingerprint(key)));
            }
            if let Some(all) = &mut end.keys {
                all.extend(keys.iter().skip(at.tail.len()).map(|key| fingerprint(key)));
            }
            // A server that shows one page for ever never gives a short one.
            let is_stuck = !stop_at_drift && end.different.len() == known_before;
            let brings_more = keys.len() > at.tail.len();
            let is_last = self.page_length.is_short(keys.len()) || !brings_more;
            if brings_more {
                at.advance(&keys);
            }
            self.hand_on(page, &at).await?;
            if is_last {
                return Ok(end);
            }
            if is_stuck || end.rows_total >= ROWS_PER_WINDOW_MAX {
                end.drifted = true;
                return Ok(end);
            }
        }
    }

    /// Reads the list once forward and once backward without restarting.
    async fn read_both_ways(&mut self) -> Result<WindowEnd, Stop> {
        self.sweep += 1;
        let forward = self.sweep_forward(Checkpoint::default(), false).await?;
        if !forward.drifted {
            return Ok(forward.settled());
        }
        self.sweep += 1;
        let (backward, is_stuck) = self.sweep_backward(forward.rows_total).await?;
        if !is_stuck && forward.different == backward {
            // Which rows there are is known, their order is not.
            let rows_total = rows(backward.len());
            let end = SweepEnd { rows_total, keys: None, ..forward };
            return Ok(end.settled());
        }
        tracing::warn!(window = %self.window, "the list never stood still; the union is kept");
        Ok(self.unsettled())
    }

    fn unsettled(&self) -> WindowEnd {
        WindowEnd::open(WindowState::Unsettled, self.rows_seen())
    }

    /// Reads the list from its end to its beginning; tells its rows, and whether it got stuck.
    ///
    /// The list may have grown meanwhile, so the sweep first climbs to a short page.
    async fn sweep_backward(&mut self, rows_total: u64) -> Result<(HashSet<u64>, bool), Stop> {
        let page_rows = self.page_length.longest().max(1);
        let stride = rows(page_rows - overlap_rows(page_rows)).max(1);
        let start = rows_total.saturating_sub(stride);
        let mut keys = HashSet::new();
        let mut skip = start;
        loop {
            let (is_full, is_stuck) = self.read_into(skip, &mut keys).await?;
            if is_stuck || skip >= ROWS_PER_WINDOW_MAX {
                return Ok((keys, true));
            }
            if !is_full {
                break;
            }
            skip += stride;
        }
        skip = start;
        while skip > 0 {
            skip = skip.saturating_sub(stride);
            self.read_into(skip, &mut keys).await?;
        }
        Ok((keys, false))
    }

    /// Reads one page for its union with others; tells whether it was full, and nothing new.
    async fn read_into(
        &mut self,
        skip: u64,
        keys: &mut HashSet<u64>,
    ) -> Result<(bool, bool), Stop> {
        let page = self.fetch(skip, PAGE_ROWS_MAX).await?;
        let known_before = keys.len();
        keys.extend(page.keys().iter().map(|key| fingerprint(key)));
        let is_full = page.rows > 0 && !self.page_length.is_short(page.rows);
        let is_stuck = is_full && keys.len() == known_before;
        self.hand_on(page, &Checkpoint { sweep: self.sweep, ..Checkpoint::default() }).await?;
        Ok((is_full, is_stuck))
    }

    pub(super) fn is_short(&self, page_rows: usize) -> bool {
        self.page_length.is_short(page_rows)
    }

    pub(super) async fn fetch(&self, skip: u64, limit: u16) -> Result<Page, Stop> {
        let page = self.source.list(self.window.resource, &self.filter, skip, limit).await;
        page.map_err(|error| Stop::Api(Box::new(error)))
    }

    /// Hands on the rows of a page of a sweep, with the place behind it.
    async fn hand_on(&mut self, page: Page, at: &Checkpoint) -> Result<(), Stop> {
        let page = self.fresh(page);
        let place = (at.skip, at.tail.clone());
        if page.items.is_empty() && page.put_aside.is_empty() && place == self.handed_on {
            return Ok(());
        }
        self.handed_on = place;
        let checkpoint = Checkpoint { rows_seen: self.rows_seen(), ..at.clone() };
        self.pages.page(page.items, page.put_aside, Some(checkpoint)).await
    }

    /// Hands on the rows of a page that says nothing of how far a sweep came.
    pub(super) async fn hand_on_rows(&mut self, page: Page) -> Result<(), Stop> {
        let page = self.fresh(page);
        if page.items.is_empty() && page.put_aside.is_empty() {
            return Ok(());
        }
        self.pages.page(page.items, page.put_aside, None).await
    }

    /// Leaves the rows that were not handed on before with the same content.
    fn fresh(&mut self, mut page: Page) -> Page {
        page.items.retain(|item| self.seen.is_fresh(&item.id, &item.body));
        page.put_aside.retain(|aside| self.seen.is_fresh(&aside.body_hash, &aside.body));
        page
    }
}
