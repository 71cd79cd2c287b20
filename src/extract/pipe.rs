//! Carries pages from the readers of windows to the one place that stores them.
//!
//! Readers ask for the next page while the last is being stored; the pipe's short length keeps
//! them from running ahead, so that memory holds a few pages whatever the windows hold. Pages
//! that came meanwhile are stored together: a confirmed write takes milliseconds however much
//! it holds, and under a rate limit each page finds the disk idle and goes alone.

use super::checkpoint::Checkpoint;
use super::error::Error;
use super::sink::{HandedPage, Sink, WindowEnd};
use super::tally::{Progress, PullTally};
use super::window::Window;
use crate::api::{self, PutAside, RawItem};
use futures::channel::mpsc;
use futures::{SinkExt, StreamExt};
use std::collections::BTreeMap;

/// How many pages wait to be stored, besides one of each reader.
const PAGES_WAITING_MAX: usize = 2;
/// How many pages are stored together at most.
const PAGES_TOGETHER_MAX: usize = 8;

/// Why the reading of a window stops short.
pub(super) enum Stop {
    /// A request failed for good.
    Api(Box<api::Error>),
    /// Nobody stores any more.
    NobodyStores,
}

/// What a reader hands on.
enum Message {
    Page { items: Vec<RawItem>, put_aside: Vec<PutAside>, checkpoint: Option<Checkpoint> },
    Settle(WindowEnd),
}

/// Hands on the pages of one window.
#[derive(Clone)]
pub(super) struct PageSender {
    window: usize,
    sender: mpsc::Sender<(usize, Message)>,
}

/// Receives the pages of all windows.
pub(super) struct PageReceiver(mpsc::Receiver<(usize, Message)>);

/// Returns the two ends of a new pipe; the sender speaks for the first window.
pub(super) fn pipe() -> (PageSender, PageReceiver) {
    let (sender, receiver) = mpsc::channel(PAGES_WAITING_MAX);
    (PageSender { window: 0, sender }, PageReceiver(receiver))
}

impl PageSender {
    /// Returns a sender that speaks for another window.
    pub(super) fn for_window(&self, window: usize) -> Self {
        Self { window, sender: self.sender.clone() }
    }

    pub(super) async fn page(
        &mut self,
        items: Vec<RawItem>,
        put_aside: Vec<PutAside>,
        checkpoint: Option<Checkpoint>,
    ) -> Result<(), Stop> {
        self.send(Message::Page { items, put_aside, checkpoint }).await
    }

    pub(super) async fn settle(&mut self, end: WindowEnd) -> Result<(), Stop> {
        self.send(Message::Settle(end)).await
    }

    async fn send(&mut self, message: Message) -> Result<(), Stop> {
        self.sender.send((self.window, message)).await.map_err(|_| Stop::NobodyStores)
    }
}

/// Remembers the windows with stored pages that were not settled yet, and their rows.
pub(super) type Unfinished = BTreeMap<usize, u64>;

impl PageReceiver {
    /// Stores everything that comes until all readers are done.
    ///
    /// Returns the windows that were begun and not settled.
    pub(super) async fn store_all<S: Sink>(
        mut self,
        windows: &[Window],
        sink: &mut S,
        progress: &dyn Progress,
        tally: &mut PullTally,
    ) -> Result<Unfinished, Error> {
        let mut unfinished = Unfinished::new();
        let mut pages: Vec<(usize, HandedPage<'_>)> = Vec::new();
        while let Some((index, message)) = self.0.next().await {
            let mut next = Some((index, message));
            let mut settling = None;
            while let Some((index, message)) = next.take() {
                match message {
                    Message::Page { items, put_aside, checkpoint } => {
                        let window = &windows[index];
                        pages.push((index, HandedPage { window, items, put_aside, checkpoint }));
                    }
                    Message::Settle(end) => {
                        settling = Some((index, end));
                        break;
                    }
                }
                if pages.len() < PAGES_TOGETHER_MAX {
                    next = self.0.try_recv().ok();
                }
            }
            store_together(sink, &mut pages, progress, tally, &mut unfinished).await?;
            if let Some((index, end)) = settling {
                let window = &windows[index];
                let settled = sink.settle(window, &end).await;
                settled.map_err(|cause| Error::sink(window, cause))?;
                unfinished.remove(&index);
            }
        }
        Ok(unfinished)
    }
}

/// Stores the gathered pages in one write and counts them.
async fn store_together<S: Sink>(
    sink: &mut S,
    pages: &mut Vec<(usize, HandedPage<'_>)>,
    progress: &dyn Progress,
    tally: &mut PullTally,
    unfinished: &mut Unfinished,
) -> Result<(), Error> {
    let Some((_, first)) = pages.first() else { return Ok(()) };
    let window = first.window;
    let (indexes, handed): (Vec<usize>, Vec<HandedPage<'_>>) = pages.drain(..).unzip();
    let stored = sink.store_pages(&handed).await.map_err(|cause| Error::sink(window, cause))?;
    for ((index, page), counts) in indexes.into_iter().zip(&handed).zip(stored) {
        tally.count(counts);
        tally.put_aside += super::checkpoint::rows(page.put_aside.len());
        let rows_seen = match &page.checkpoint {
            Some(checkpoint) => *unfinished.entry(index).insert_entry(checkpoint.rows_seen).get(),
            None => super::checkpoint::rows(page.items.len()),
        };
        progress.page_read(page.window, counts, rows_seen);
    }
    Ok(())
}
