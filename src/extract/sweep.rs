//! Reads one window of a list that moves, and says whether it stood still.
//!
//! A sweep goes through the list page by page, each overlapping the one before. Rows keep
//! their order among themselves while others come and go, so as long as the overlap stands
//! where it stood, everything before it has been read, and a short page ends a sweep that
//! missed nothing. A sweep that finds the overlap elsewhere is begun anew, a few times. A list
//! that never stands still is read once forward and once backward; when both saw the same
//! ids it settles all the same, else the union is kept and the window stays unsettled.

use super::checkpoint::{Checkpoint, overlap_rows, rows};
use super::page_length::PageLength;
use super::pipe::{PageSender, Stop};
use super::probe::Probe;
use super::seen::{Seen, fingerprint};
use super::sink::{Known, WindowState};
use super::window::Window;
use crate::api::{self, Client, Filter, PAGE_ROWS_MAX, Page, PutAside, RawItem, Resource};
use std::collections::HashSet;

/// How often a sweep is begun anew because the list moved.
pub const RESTARTS_MAX: u32 = 3;
/// How many rows of one window are read at most.
///
/// A longer list stays unsettled: cut its period into smaller windows.
pub const ROWS_PER_WINDOW_MAX: u64 = 2_000_000;

/// How the reading of a window ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WindowEnd {
    pub(super) state: WindowState,
    pub(super) unchanged: bool,
    pub(super) rows_total: u64,
}

/// Reads one window and hands its pages on.
pub(super) struct WindowReader<'a> {
    client: &'a Client,
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
    keys: HashSet<u128>,
}

impl<'a> WindowReader<'a> {
    pub(super) fn new(
        client: &'a Client,
        page_length: &'a PageLength,
        window: &'a Window,
        pages: PageSender,
    ) -> Self {
        let filter = window.filter();
        let (seen, handed_on) = (Seen::default(), (0, Vec::new()));
        Self { client, page_length, window, filter, pages, seen, sweep: 0, handed_on }
    }

    /// Returns how many different rows were seen so far.
    pub(super) fn rows_seen(&self) -> u64 {
        self.seen.rows()
    }

    /// Reads the window, by a request or two where nothing changed since it settled.
    pub(super) async fn read(&mut self, known: Option<Known>) -> Result<WindowEnd, Stop> {
        let mut resume = None;
        if let Some(known) = known {
            if known.state == Some(WindowState::Settled) {
                let rows_total = known.rows_total;
                match self.probe(&known).await? {
                    Probe::Unchanged => {
                        return Ok(WindowEnd { unchanged: true, ..settled(rows_total) });
                    }
                    Probe::OpenRead => return Ok(settled(rows_total)),
                    Probe::Moved => {}
                }
            } else {
                resume = known.checkpoint.filter(|checkpoint| checkpoint.resumable);
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
                return Ok(settled(end.rows_total));
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
        at.resumable = stop_at_drift;
        at.sweep = self.sweep;
        let mut end = SweepEnd { rows_total: 0, drifted: false, keys: HashSet::new() };
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
            let known_before = end.keys.len();
            if !stop_at_drift {
                end.keys.extend(keys.iter().map(|key| fingerprint(key)));
            }
            // A server that shows one page for ever never gives a short one.
            let is_stuck = !stop_at_drift && end.keys.len() == known_before;
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
            return Ok(settled(forward.rows_total));
        }
        self.sweep += 1;
        let backward = self.sweep_backward(forward.rows_total).await?;
        if !backward.drifted && forward.keys == backward.keys {
            return Ok(settled(backward.rows_total));
        }
        tracing::warn!(window = %self.window, "the list never stood still; the union is kept");
        Ok(self.unsettled())
    }

    fn unsettled(&self) -> WindowEnd {
        let rows_total = self.rows_seen();
        WindowEnd { state: WindowState::Unsettled, unchanged: false, rows_total }
    }

    /// Reads the list from its end to its beginning.
    ///
    /// The list may have grown meanwhile, so the sweep first climbs to a short page.
    async fn sweep_backward(&mut self, rows_total: u64) -> Result<SweepEnd, Stop> {
        let page_rows = self.page_length.longest().max(1);
        let stride = rows(page_rows - overlap_rows(page_rows)).max(1);
        let start = rows_total.saturating_sub(stride);
        let mut end = SweepEnd { rows_total, drifted: false, keys: HashSet::new() };
        let mut skip = start;
        loop {
            let (is_full, is_stuck) = self.read_into(skip, &mut end.keys).await?;
            if is_stuck || skip >= ROWS_PER_WINDOW_MAX {
                end.drifted = true;
                return Ok(end);
            }
            if !is_full {
                break;
            }
            skip += stride;
        }
        skip = start;
        while skip > 0 {
            skip = skip.saturating_sub(stride);
            self.read_into(skip, &mut end.keys).await?;
        }
        end.rows_total = rows(end.keys.len());
        Ok(end)
    }

    /// Reads one page for its union with others; tells whether it was full, and nothing new.
    async fn read_into(
        &mut self,
        skip: u64,
        keys: &mut HashSet<u128>,
    ) -> Result<(bool, bool), Stop> {
        let page = self.fetch(skip, PAGE_ROWS_MAX).await?;
        let known_before = keys.len();
        keys.extend(page.keys().iter().map(|key| fingerprint(key)));
        let is_full = page.rows > 0 && !self.page_length.is_short(page.rows);
        let is_stuck = is_full && keys.len() == known_before;
        self.hand_on(page, &Checkpoint { sweep: self.sweep, ..Checkpoint::default() }).await?;
        Ok((is_full, is_stuck))
    }

    pub(super) fn resource(&self) -> Resource {
        self.window.resource
    }

    pub(super) fn filter(&self) -> &Filter {
        &self.filter
    }

    pub(super) async fn fetch(&self, skip: u64, limit: u16) -> Result<Page, Stop> {
        self.fetch_filtered(&self.filter, skip, limit).await
    }

    pub(super) async fn fetch_filtered(
        &self,
        filter: &Filter,
        skip: u64,
        limit: u16,
    ) -> Result<Page, Stop> {
        let page = self.client.list(self.window.resource, filter, skip, limit).await;
        page.map_err(|error: api::Error| Stop::Api(Box::new(error)))
    }

    /// Hands on rows outside a sweep, behind a checkpoint that they do not move.
    pub(super) async fn hand_on_as_is(
        &mut self,
        items: Vec<RawItem>,
        put_aside: Vec<PutAside>,
        checkpoint: Checkpoint,
    ) -> Result<(), Stop> {
        self.pages.page(items, put_aside, checkpoint).await
    }

    /// Hands on the rows of a page that were not handed on before with the same content.
    async fn hand_on(&mut self, page: Page, at: &Checkpoint) -> Result<(), Stop> {
        let Page { mut items, mut put_aside, .. } = page;
        items.retain(|item| self.seen.is_fresh(&item.id, &item.body));
        put_aside.retain(|aside| self.seen.is_fresh(&aside.body_hash, &aside.body));
        let place = (at.skip, at.tail.clone());
        if items.is_empty() && put_aside.is_empty() && place == self.handed_on {
            return Ok(());
        }
        self.handed_on = place;
        let checkpoint = Checkpoint { rows_seen: self.rows_seen(), ..at.clone() };
        self.pages.page(items, put_aside, checkpoint).await
    }
}

fn settled(rows_total: u64) -> WindowEnd {
    WindowEnd { state: WindowState::Settled, unchanged: false, rows_total }
}
