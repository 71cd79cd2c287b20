//! Keeps what is pulled in memory, and fails on request.

use super::server::first_day;
use quadra::api::{Client, PutAside, Resource};
use quadra::extract::{
    Checkpoint, Error, HandedPage, Known, OpenRow, PageTally, Progress, PullTally, Sink, SinkError,
    Window, WindowState, WindowTally, plan, pull,
};
use std::collections::HashMap;
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
}

impl Sink for Memory {
    async fn known(&mut self, window: &Window) -> Result<Option<Known>, SinkError> {
        let mut known = self.windows.get(window).cloned();
        if let Some(known) = &mut known {
            let is_open = |body: &str| body.contains(r#""status":"new""#);
            let open = self.documents.iter().filter(|(_, body)| is_open(body));
            known.open = open.map(|(id, _)| OpenRow { id: id.clone(), is_inside: true }).collect();
            // What is kept is JSON text, so what comes back went through it.
            known.checkpoint = match &known.checkpoint {
                Some(checkpoint) => Some(Checkpoint::from_json(&checkpoint.to_json())?),
                None => None,
            };
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

    async fn settle(
        &mut self,
        window: &Window,
        state: WindowState,
        rows_total: u64,
    ) -> Result<(), SinkError> {
        self.writes += 1;
        let known = self.windows.entry(window.clone()).or_insert(Known {
            rows_total: 0,
            open: Vec::new(),
            state: None,
            checkpoint: None,
        });
        known.state = Some(state);
        known.rows_total = rows_total;
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
        let known = self.windows.entry(page.window.clone()).or_insert(Known {
            rows_total: 0,
            open: Vec::new(),
            state: None,
            checkpoint: None,
        });
        known.state = None;
        known.checkpoint = Some(page.checkpoint.clone());
        tally
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
