//! Counts what a pull did, and says what became of each window.

use super::sink::{PageTally, WindowState};
use super::window::Window;
use crate::api;
use chrono::{DateTime, Utc};

/// Hears how a pull goes on while it goes on.
///
/// A bar or log lines are made elsewhere. The calls come between two requests, so they must be quick.
pub trait Progress: Sync {
    /// A window's reading begins.
    fn window_started(&self, window: &Window);
    /// A page was read and kept; `rows_seen` counts this window's different rows so far.
    fn page_read(&self, window: &Window, page: PageTally, rows_seen: u64);
    /// A window's reading ended.
    fn window_done(&self, window: &WindowTally);
}

/// Tells what became of one window in a pull.
#[derive(Debug)]
pub struct WindowTally {
    /// The window.
    pub window: Window,
    /// How its reading ended.
    pub state: WindowState,
    /// Whether one probe proved that nothing came or went since it settled.
    pub unchanged: bool,
    /// How many rows the list has, or how many were seen where it did not settle.
    pub rows: u64,
    /// What stopped its reading; none where the list moved or the pull ended first.
    pub error: Option<api::Error>,
}

/// Counts what a pull did, window by window.
#[derive(Debug, Default)]
pub struct PullTally {
    /// Requests sent, retries included.
    pub requests: u64,
    /// Retries among them.
    pub retries: u64,
    /// Documents handed to the sink, each once a window and content: the sum of the next three.
    ///
    /// Windows overlap by their padding, so a document at an edge may count in two of them.
    pub documents_seen: u64,
    /// Documents not kept before.
    pub documents_new: u64,
    /// Documents kept before with another content.
    pub documents_changed: u64,
    /// Documents kept before with the same content.
    pub documents_known: u64,
    /// Elements of lists that have no usable id.
    pub put_aside: u64,
    /// All windows in the order they were given.
    pub windows: Vec<WindowTally>,
    /// The instant before which the server wants no more requests.
    pub deferred_until: Option<DateTime<Utc>>,
    /// Whether the pull was told to stop.
    pub interrupted: bool,
}

impl PullTally {
    /// Tells whether every window settled and every row has an id.
    pub fn is_complete(&self) -> bool {
        let settled = |window: &WindowTally| window.state == WindowState::Settled;
        self.put_aside == 0 && self.windows.iter().all(settled)
    }

    pub(super) fn count(&mut self, page: PageTally) {
        self.documents_new += page.documents_new;
        self.documents_changed += page.documents_changed;
        self.documents_known += page.documents_known;
        self.documents_seen = self.documents_new + self.documents_changed + self.documents_known;
    }
}
