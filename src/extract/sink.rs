//! Says what a place that keeps raw documents must be able to do.
//!
//! This room knows no store. The worker implements [`Sink`] over it, tests in memory.

use super::checkpoint::Checkpoint;
use super::row_keys::RowKeys;
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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// How the last reading ended; `None` when pages were stored and nothing was settled after.
    pub state: Option<WindowState>,
    /// How many rows the list had when it settled last.
    pub rows_total: u64,
    /// The rows of that list, where its last settling gave them.
    pub keys: Option<RowKeys>,
    /// What the last page of a sweep was stored with.
    pub checkpoint: Option<Checkpoint>,
    /// Whether the list is to be read whole, whatever a probe would say.
    pub must_sweep: bool,
}

/// Tells how the reading of a window ended, and what is to be remembered of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowEnd {
    /// How it ended.
    pub state: WindowState,
    /// Whether nothing came or went since it settled last; then what is known stays.
    pub unchanged: bool,
    /// How many rows the list has, or how many were seen where it did not settle.
    pub rows_total: u64,
    /// The rows of the settled list, where all of them are known in their order.
    pub keys: Option<RowKeys>,
    /// Whether every row of the list was read, from the first to the last.
    pub is_swept: bool,
}

impl WindowEnd {
    /// Returns the end of a window that did not settle.
    pub(super) fn open(state: WindowState, rows_total: u64) -> Self {
        Self { state, unchanged: false, rows_total, keys: None, is_swept: false }
    }
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
    /// Where the window's reading goes on; none where the page moves nothing, because the
    /// window is caught up with and its last reading still holds until it is.
    pub checkpoint: Option<Checkpoint>,
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
    /// Returns a tally for each, in their order. The window of a page with a checkpoint counts
    /// as being read from here on: its state is none until it is settled, and what its last
    /// settling gave stays. The same documents may come again, in any order, and one window
    /// may have several pages here, of which the last is the latest.
    fn store_pages(
        &mut self,
        pages: &[HandedPage<'_>],
    ) -> impl Future<Output = Result<Vec<PageTally>, SinkError>> + Send;

    /// Keeps how the reading of a window ended; the last checkpoint stays.
    ///
    /// Rows and keys are replaced where the window settled and is not unchanged.
    fn settle(
        &mut self,
        window: &Window,
        end: &WindowEnd,
    ) -> impl Future<Output = Result<(), SinkError>> + Send;
}
