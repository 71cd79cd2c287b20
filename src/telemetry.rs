//! Sets up the log: on stderr, as lines for people or as JSON.
//!
//! Data goes to stdout and logs to stderr, always. The level comes from `--quiet` and
//! `--verbose`; no variable of the environment is read here. Only our own crate speaks below
//! a warning: the libraries' debug lines carry headers and bodies, and with them secrets.
//!
//! Fields are spelled the same everywhere: `run_id`, `job`, `company`, `rows_read`,
//! `rows_stored`, `rows_rejected`, `duration_ms`. Every event of a run stands inside
//! `run_span`, so that one `run_id` finds all of them. No document, address, tax code or
//! token is ever a field.

use tracing::Span;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::{MakeWriter, Subscriber};

/// Tells how much is to be logged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Verbosity {
    /// Warnings and errors (`--quiet`).
    Quiet,
    /// A run's start, end and tally besides.
    #[default]
    Normal,
    /// Every page and file besides (`--verbose`).
    Verbose,
}

/// Tells which form the log lines take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object a line, for collectors.
    Json,
}

/// Starts the log and tells whether this call did it.
///
/// A second call changes nothing and returns false: the first one holds for the process.
pub fn start(verbosity: Verbosity, format: Format) -> bool {
    let subscriber = subscriber(verbosity, format, std::io::stderr);
    tracing::subscriber::set_global_default(subscriber).is_ok()
}

fn subscriber<W>(
    verbosity: Verbosity,
    format: Format,
    writer: W,
) -> Box<dyn tracing::Subscriber + Send + Sync>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let builder = Subscriber::builder()
        .with_env_filter(EnvFilter::new(directives(verbosity)))
        .with_writer(writer)
        .with_ansi(false)
        // Where the log cannot be written, saying so there would only panic.
        .log_internal_errors(false);
    match format {
        Format::Text => Box::new(builder.with_target(false).finish()),
        Format::Json => {
            let builder = builder.json().flatten_event(true);
            Box::new(builder.with_current_span(false).with_span_list(true).finish())
        }
    }
}

/// Returns the span that carries the job for everything in it, and the run once it has a number.
///
/// Whoever opens the run in the store calls [`is_run`] inside it.
#[must_use]
pub fn run_span(job: &str) -> Span {
    tracing::info_span!("run", job, run_id = tracing::field::Empty)
}

/// Gives the span that is entered the run's number in the store.
pub fn is_run(run_id: i64) {
    Span::current().record("run_id", run_id);
}

fn directives(verbosity: Verbosity) -> &'static str {
    match verbosity {
        Verbosity::Quiet => "error,quadra=warn",
        Verbosity::Normal => "warn,quadra=info",
        Verbosity::Verbose => "warn,quadra=debug",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read as _, Seek as _, SeekFrom};

    /// Returns what one event inside a run's span prints.
    fn printed(verbosity: Verbosity, format: Format) -> String {
        let (mut file, writer) = {
            let file = tempfile::tempfile().unwrap();
            (file.try_clone().unwrap(), std::sync::Mutex::new(file))
        };
        let subscriber = subscriber(verbosity, format, writer);
        tracing::subscriber::with_default(subscriber, || {
            let _inside = run_span("nightly-receipts").entered();
            is_run(7);
            tracing::info!(rows_read = 3, "upload ended");
            tracing::info!(target: "hyper", "a library's word");
        });
        let mut text = String::new();
        file.seek(SeekFrom::Start(0)).unwrap();
        file.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn json_line_carries_the_run_id() {
        let printed = printed(Verbosity::Normal, Format::Json);
        let line: serde_json::Value = serde_json::from_str(&printed).unwrap();
        assert_eq!(line["message"], "upload ended");
        assert_eq!(line["rows_read"], 3);
        let run = serde_json::json!({"name": "run", "job": "nightly-receipts", "run_id": 7});
        assert_eq!(line["spans"], serde_json::json!([run]));
    }

    #[test]
    fn text_line_carries_the_run_id() {
        let printed = printed(Verbosity::Verbose, Format::Text);
        assert!(printed.contains("run_id=7") && printed.contains("rows_read=3"), "{printed}");
        assert_eq!(printed.lines().count(), 1, "{printed}");
    }

    #[test]
    fn quiet_log_keeps_silent_about_progress() {
        assert_eq!(printed(Verbosity::Quiet, Format::Json), "");
    }

    #[test]
    fn second_start_changes_nothing() {
        start(Verbosity::Quiet, Format::Text);
        assert!(!start(Verbosity::Verbose, Format::Json));
    }
}
