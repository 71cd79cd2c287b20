//! Reads several windows at once and gathers how each ended.

use super::page_length::PageLength;
use super::pipe::{PageSender, Stop};
use super::sink::{Known, WindowEnd, WindowState};
use super::source::Source;
use super::sweep::WindowReader;
use super::tally::{Progress, WindowTally};
use super::window::Window;
use crate::api;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;

/// How many windows are read at once: enough to hide the server's latency behind the rate.
const WINDOWS_AT_ONCE: usize = 4;

/// How many windows may fail one after the other before the rest is left for a later pull.
///
/// When the server is down, each window would spend all its attempts, and a night has hundreds.
const FAILURES_IN_A_ROW_MAX: usize = 8;

/// What became of the windows.
#[derive(Default)]
pub(super) struct Reading {
    done: BTreeMap<usize, WindowTally>,
    /// The failure that ended the reading of all windows.
    pub(super) ended_by: Option<api::Error>,
    /// Whether the pull was told to stop.
    pub(super) interrupted: bool,
}

impl Reading {
    /// Returns every window's tally, and what ended them all.
    ///
    /// Windows not read to an end are in the given state.
    pub(super) fn in_order(
        mut self,
        windows: &[Window],
        state: WindowState,
        rows_seen: &BTreeMap<usize, u64>,
    ) -> (Vec<WindowTally>, Option<api::Error>) {
        let tally = |(index, window): (usize, &Window)| {
            self.done.remove(&index).unwrap_or_else(|| WindowTally {
                window: window.clone(),
                state,
                unchanged: false,
                rows: rows_seen.get(&index).copied().unwrap_or(0),
                error: None,
            })
        };
        (windows.iter().enumerate().map(tally).collect(), self.ended_by)
    }
}

/// Reads the windows until all are done, one ends them all, or `cancel` resolves.
pub(super) async fn read_windows<F: Source>(
    source: &F,
    windows: &[Window],
    known: Vec<Option<Known>>,
    sender: PageSender,
    progress: &dyn Progress,
    cancel: impl Future<Output = ()> + Send,
) -> Reading {
    let mut reading = Reading::default();
    let mut failures_in_a_row = 0;
    let page_length = &PageLength::default();
    let mut waiting = windows.iter().zip(known).enumerate();
    let mut readers = FuturesUnordered::new();
    let mut cancel = pin!(cancel);
    loop {
        while readers.len() < WINDOWS_AT_ONCE
            && let Some((index, (window, known))) = waiting.next()
        {
            let sender = sender.for_window(index);
            let reader = WindowReader::new(source, page_length, window, sender.clone());
            let reading = read_window(reader, window, known, sender, progress);
            readers.push(reading.map(move |tally| (index, tally)));
        }
        let next = tokio::select! {
            biased;
            () = &mut cancel => {
                reading.interrupted = true;
                break;
            }
            next = readers.next() => next,
        };
        match next {
            Some((index, Ok(tally))) => {
                progress.window_done(&tally);
                let is_down = tally.error.as_ref().is_some_and(api::Error::is_transient);
                failures_in_a_row = if is_down { failures_in_a_row + 1 } else { 0 };
                reading.done.insert(index, tally);
                if failures_in_a_row >= FAILURES_IN_A_ROW_MAX {
                    tracing::error!("the API fails every window; the others are left unsettled");
                    break;
                }
            }
            Some((_, Err(Stop::Api(error)))) => {
                reading.ended_by = Some(*error);
                break;
            }
            None | Some((_, Err(Stop::NobodyStores))) => break,
        }
    }
    reading
}

/// Reads one window; only a failure that concerns all windows is an error here.
async fn read_window<F: Source>(
    mut reader: WindowReader<'_, F>,
    window: &Window,
    known: Option<Known>,
    mut sender: PageSender,
    progress: &dyn Progress,
) -> Result<WindowTally, Stop> {
    progress.window_started(window);
    let (end, error) = match reader.read(known).await {
        Ok(end) => (end, None),
        Err(Stop::Api(error)) if !ends_all(&error) => {
            tracing::warn!(%window, "left unsettled: {error}");
            (WindowEnd::open(WindowState::Unsettled, reader.rows_seen()), Some(*error))
        }
        Err(stop) => return Err(stop),
    };
    let (state, unchanged, rows) = (end.state, end.unchanged, end.rows_total);
    sender.settle(end).await?;
    Ok(WindowTally { window: window.clone(), state, unchanged, rows, error })
}

/// Tells whether a failure would meet every other window too.
fn ends_all(error: &api::Error) -> bool {
    error.is_terminal() || matches!(error, api::Error::Deferred { .. })
}
