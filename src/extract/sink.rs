//! Says what a place that keeps raw documents must be able to do.
//!
//! This room knows no store. The worker implements [`Sink`] over it, tests in memory.

use super::checkpoint::Checkpoint;
use super::window::Window;
use crate::api::{PutAside, RawItem};
use std::future::Future;

/// Carries whatever went wrong in the sink.
pub type SinkError = Box<dyn std::error::Error + Send + Sync>;

/// Names how the reading of a window ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WindowState {
    /// Every document that was there throughout the reading is kept.
    Settled,
    /// Something may be missing: the list kept moving, or the reading failed.
    Unsettled,
    /// The server asked to come back later.
    Deferred,
}

impl WindowState {
    /// Returns the word used for it in the store and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Settled => "settled",
            Self::Unsettled => "unsettled",
            Self::Deferred => "deferred",
        }
    }
}

/// Tells what is known of a window from its last reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// How many rows the list had, as given to [`Sink::settle`].
    pub rows_total: u64,
    /// Its documents that may still change their status.
    pub open: Vec<OpenRow>,
    /// How the reading ended; `None` when pages were stored and nothing was settled after.
    pub state: Option<WindowState>,
    /// What the last page was stored with.
    pub checkpoint: Option<Checkpoint>,
}

/// Names a document that is not final.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenRow {
    /// Its id.
    pub id: String,
    /// Whether its day lies in the window itself, not only in the filter's padding.
    ///
    /// The bounds of the filter are not documented, so a list need not show what is outside.
    pub is_inside: bool,
}

/// Counts what became of one page's documents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PageTally {
    /// Documents not kept before.
    pub documents_new: u64,
    /// Documents kept before with another content: a new revision was kept.
    pub documents_changed: u64,
    /// Documents kept before with the same content.
    pub documents_known: u64,
}

/// Holds one page of a window and the checkpoint behind it.
#[derive(Debug)]
pub struct HandedPage<'a> {
    /// The window that the page belongs to.
    pub window: &'a Window,
    /// The documents that this pull did not hand on before with the same content.
    pub items: Vec<RawItem>,
    /// The elements without a usable id.
    pub put_aside: Vec<PutAside>,
    /// Where the window's reading goes on.
    pub checkpoint: Checkpoint,
}

/// Keeps what a pull reads, and remembers how far it came.
pub trait Sink: Send {
    /// Returns what is known of exactly this window, or nothing.
    fn known(
        &mut self,
        window: &Window,
    ) -> impl Future<Output = Result<Option<Known>, SinkError>> + Send;

    /// Keeps pages with the checkpoints behind them, all in one transaction or none.
    ///
    /// Returns a tally for each, in their order. Their windows count as being read from here
    /// on: a state is none until it is settled. The same documents may come again, in any
    /// order, and one window may have several pages here, of which the last is the latest.
    fn store_pages(
        &mut self,
        pages: &[HandedPage<'_>],
    ) -> impl Future<Output = Result<Vec<PageTally>, SinkError>> + Send;

    /// Keeps how the reading of a window ended; the last checkpoint stays.
    fn settle(
        &mut self,
        window: &Window,
        state: WindowState,
        rows_total: u64,
    ) -> impl Future<Output = Result<(), SinkError>> + Send;
}
