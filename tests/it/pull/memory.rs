//! Keeps what is pulled in memory, and fails on request.

use super::server::first_day;
use quadra::api::{Client, PutAside, Resource};
use quadra::extract::{
    Checkpoint, Error, HandedPage, Known, PageTally, Progress, PullTally, RowKeys, Sink, SinkError,
    Window, WindowEnd, WindowState, WindowTally, plan, pull,
};
use std::collections::{HashMap, HashSet};
use std::future::pending;

/// A sink in memory.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) documents: HashMap<String, String>,
    pub(crate) put_aside: Vec<PutAside>,
    pub(crate) windows: HashMap<Window, Known>,
    /// How many pages and states were written.
    pub(crate) writes: usize,
    /// Counts down with every page and fails at zero.
    pub(crate) pages_left: Option<usize>,
    /// Whether every window is read whole.
    pub(crate) must_sweep: bool,
    /// Forgets the rows of settled lists, as a resumed reading does.
    pub(crate) forgets_keys: bool,
    /// How often each window was read whole.
    pub(crate) sweeps: HashMap<Window, usize>,
}

impl Sink for Memory {
    async fn known(&mut self, window: &Window) -> Result<Option<Known>, SinkError> {
        let mut known = self.windows.get(window).cloned();
        if let Some(known) = &mut known {
            known.must_sweep = self.must_sweep;
            // What is kept is text and bytes, so what comes back went through them.
            known.checkpoint = match &known.checkpoint {
                Some(checkpoint) => Some(Checkpoint::from_json(&checkpoint.to_json())?),
                None => None,
            };
            known.keys = known.keys.as_ref().and_then(|keys| RowKeys::from_bytes(&keys.to_bytes()));
        }
        Ok(known)
    }

    async fn store_pages(&mut self, pages: &[HandedPage<'_>]) -> Result<Vec<PageTally>, SinkError> {
        // Let go, as a store does while it waits for its disk.
        tokio::task::yield_now().await;
        if let Some(left) = &mut self.pages_left {
            *left = left.checked_sub(pages.len()).ok_or("the disk is full")?;
        }
        Ok(pages.iter().map(|page| self.keep(page)).collect())
    }

    async fn settle(&mut self, window: &Window, end: &WindowEnd) -> Result<(), SinkError> {
        let known = self.windows.entry(window.clone()).or_default();
        known.state = Some(end.state);
        if end.unchanged {
            return Ok(());
        }
        self.writes += 1;
        if end.state == WindowState::Settled {
            known.rows_total = end.rows_total;
            known.keys = end.keys.clone().filter(|_| !self.forgets_keys);
            *self.sweeps.entry(window.clone()).or_default() += usize::from(end.is_swept);
        }
        Ok(())
    }
}

impl Memory {
    fn keep(&mut self, page: &HandedPage<'_>) -> PageTally {
        let mut tally = PageTally::default();
        for item in &page.items {
            match self.documents.insert(item.id.clone(), item.body.clone()) {
                None => tally.documents_new += 1,
                Some(body) if body == item.body => tally.documents_known += 1,
                Some(_) => tally.documents_changed += 1,
            }
        }
        self.put_aside.extend_from_slice(&page.put_aside);
        self.writes += 1;
        if let Some(checkpoint) = &page.checkpoint {
            let known = self.windows.entry(page.window.clone()).or_default();
            known.state = None;
            known.checkpoint = Some(checkpoint.clone());
        }
        tally
    }

    /// Returns how many windows were read whole.
    pub(crate) fn sweeps(&self) -> usize {
        self.sweeps.values().sum()
    }

    /// Returns the ids that were kept.
    pub(crate) fn ids(&self) -> HashSet<&str> {
        self.documents.keys().map(String::as_str).collect()
    }
}

/// Watches nothing.
pub(crate) struct Unwatched;

impl Progress for Unwatched {
    fn window_started(&self, _: &Window) {}
    fn page_read(&self, _: &Window, _: PageTally, _: u64) {}
    fn window_done(&self, _: &WindowTally) {}
}

/// Returns one window that covers every row of [`super::server::rows`].
pub(crate) fn one_window() -> Vec<Window> {
    plan(Resource::Receipts, &[], first_day(), first_day(), 31)
}

impl Memory {
    /// Pulls the windows to their end.
    pub(crate) async fn pull(
        &mut self,
        client: &Client,
        windows: &[Window],
    ) -> Result<PullTally, Error> {
        pull(client, windows, self, &Unwatched, pending()).await
    }
}
