//! Progress of a pull: a bar on a terminal, log lines elsewhere.

use std::io::IsTerminal as _;
use std::sync::Mutex;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::ProgressChoice;
use crate::extract::{PageTally, Progress, Window, WindowTally};

/// Returns the progress that the user chose.
pub(super) fn choose(choice: ProgressChoice, is_quiet: bool) -> Box<dyn Progress + Send> {
    match choice {
        ProgressChoice::None => Box::new(Silent),
        ProgressChoice::Auto if is_quiet => Box::new(Silent),
        ProgressChoice::Bar => Box::new(Bar::new()),
        ProgressChoice::Auto if std::io::stderr().is_terminal() => Box::new(Bar::new()),
        ProgressChoice::Auto | ProgressChoice::Log => Box::new(Lines::default()),
    }
}

struct Silent;

impl Progress for Silent {
    fn window_started(&self, _window: &Window) {}
    fn page_read(&self, _window: &Window, _page: PageTally, _rows_seen: u64) {}
    fn window_done(&self, _window: &WindowTally) {}
}

/// The list has no total, so the bar counts documents and shows that something moves.
struct Bar {
    bar: ProgressBar,
}

impl Bar {
    fn new() -> Self {
        let bar = ProgressBar::new_spinner();
        let style = ProgressStyle::with_template("{spinner} {pos} documents  {per_sec}  {msg}")
            .expect("the template is a constant that parses");
        bar.set_style(style);
        bar.enable_steady_tick(Duration::from_millis(120));
        Self { bar }
    }
}

impl Progress for Bar {
    fn window_started(&self, window: &Window) {
        self.bar.set_message(window.to_string());
    }

    fn page_read(&self, _window: &Window, page: PageTally, _rows_seen: u64) {
        let rows = page.documents_new + page.documents_changed + page.documents_known;
        self.bar.inc(rows);
    }

    fn window_done(&self, window: &WindowTally) {
        self.bar.println(format!("{}: {}", window.window, state(window)));
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// A line a window, and one for every so many documents within it.
#[derive(Default)]
struct Lines {
    said: Mutex<u64>,
}

/// A window of this many documents is worth a line of its own while it is read.
const ROWS_PER_LINE: u64 = 10_000;

impl Progress for Lines {
    fn window_started(&self, window: &Window) {
        tracing::debug!(window = %window, "reading");
        *self.said.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = 0;
    }

    fn page_read(&self, window: &Window, _page: PageTally, rows_seen: u64) {
        let mut said = self.said.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if rows_seen >= *said + ROWS_PER_LINE {
            *said = rows_seen;
            tracing::info!(window = %window, rows_seen, "reading");
        }
    }

    fn window_done(&self, window: &WindowTally) {
        let (rows, state) = (window.rows, state(window));
        tracing::info!(window = %window.window, rows, state, "window read");
    }
}

fn state(window: &WindowTally) -> &'static str {
    if window.unchanged { "unchanged" } else { window.state.as_str() }
}
