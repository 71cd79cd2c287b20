//! Pulls raw documents out of a list that moves while it is read.
//!
//! In come windows (a kind, some companies, some days) and a [`Sink`] that says what is known
//! of each; out go raw documents, page by page, each page with the checkpoint behind it, and
//! a [`PullTally`] that says of every window whether it settled. The API gives pages by `skip`
//! and `limit`, no total and no promised order, so completeness has to be proved:
//!
//! 1. Windows are closed ranges of days, their filter padded, since its bounds are not known.
//! 2. Pages overlap; where the overlap is not what was read, the window is begun anew.
//!    A page is taken for the last one only where longer ones have been seen.
//! 3. A sweep that saw no movement settles its window, and so do two sweeps that agree.
//! 4. A list that never stands still is read in both directions, the union is kept, and the
//!    window stays unsettled: a pull is complete or says so.
//! 5. Rows, checkpoint and counters go to the sink in one call, so a crash costs what was read
//!    during one write: a page, or a few where pages come faster than the disk confirms them.
//! 6. A settled window is proved unchanged by one request. Where it grew, the rows known of it
//!    say where to look, and only what came is read, until count and places agree again.
//!
//! A failure ends its own window; a refused token or an empty wallet ends the pull; a wait
//! longer than allowed defers it. Absent on purpose: any judgement of what a document says,
//! any store, any deletion.

mod catch_up;
mod checkpoint;
mod error;
mod page_length;
mod pipe;
mod reading;
mod row_keys;
mod seen;
mod sink;
mod source;
mod span;
mod sweep;
mod tally;
mod window;

pub use checkpoint::{Checkpoint, OVERLAP_ROWS_MAX};
pub use error::Error;
pub use row_keys::RowKeys;
pub use sink::{HandedPage, Known, PageTally, Sink, SinkError, WindowEnd, WindowState};
pub use source::Source;
pub use sweep::{RESTARTS_MAX, ROWS_PER_WINDOW_MAX};
pub use tally::{Progress, PullTally, WindowTally};
pub use window::{FISCAL_ID_BYTES_MAX, Window, cells, groups, plan};

use crate::api;
use std::future::Future;

/// Reads the windows into the sink and returns what became of each.
///
/// When `cancel` resolves, the requests in flight are dropped (a GET has no effect), the pages
/// handed on are stored, and the pull ends with [`PullTally::interrupted`]. A window that this
/// pull wrote to is settled in some state whenever the pull ends by itself; one that it never
/// reached keeps what the sink knows of it.
///
/// # Errors
/// [`Error::Refused`] when the API refuses us altogether, [`Error::Sink`] when a page cannot
/// be kept. A window that failed, was deferred or never stood still is no error: it is in the
/// tally, not settled.
pub async fn pull<F: Source, S: Sink>(
    source: &F,
    windows: &[Window],
    sink: &mut S,
    progress: &dyn Progress,
    cancel: impl Future<Output = ()> + Send,
) -> Result<PullTally, Error> {
    let sent_before = source.tally();
    let mut known = Vec::with_capacity(windows.len());
    for window in windows {
        known.push(sink.known(window).await.map_err(|cause| Error::sink(window, cause))?);
    }
    let mut tally = PullTally::default();
    let (sender, receiver) = pipe::pipe();
    let read =
        async { Ok(reading::read_windows(source, windows, known, sender, progress, cancel).await) };
    let store = receiver.store_all(windows, sink, progress, &mut tally);
    let (reading, unfinished) = tokio::try_join!(read, store)?;
    let mut state = WindowState::Unsettled;
    if let Some(api::Error::Deferred { until, .. }) = &reading.ended_by {
        tally.deferred_until = Some(*until);
        state = WindowState::Deferred;
    }
    for (index, rows_seen) in &unfinished {
        let window = &windows[*index];
        let settling = sink.settle(window, &WindowEnd::open(state, *rows_seen)).await;
        settling.map_err(|cause| Error::sink(window, cause))?;
    }
    let sent = source.tally();
    tally.requests = sent.requests - sent_before.requests;
    tally.retries = sent.retries - sent_before.retries;
    tally.interrupted = reading.interrupted;
    let (windows, ended_by) = reading.in_order(windows, state, &unfinished);
    tally.windows = windows;
    match ended_by {
        Some(cause) if cause.is_terminal() => {
            Err(Error::Refused { cause: Box::new(cause), tally: Box::new(tally) })
        }
        _ => Ok(tally),
    }
}
