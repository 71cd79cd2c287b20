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
use tracing_subscriber::fmt::Subscriber;

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
    let builder = Subscriber::builder()
        .with_env_filter(EnvFilter::new(directives(verbosity)))
        .with_writer(std::io::stderr);
    match format {
        Format::Text => builder
            .with_target(false)
            .with_ansi(false)
            .try_init()
            .is_ok(),
        Format::Json => builder
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(true)
            .try_init()
            .is_ok(),
    }
}

/// Returns the span that carries `run_id` for everything in it.
#[must_use]
pub fn run_span(job: &str, run_id: impl std::fmt::Display) -> Span {
    tracing::info_span!("run", job, run_id = %run_id)
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

    #[test]
    fn second_start_changes_nothing() {
        start(Verbosity::Quiet, Format::Text);
        assert!(!start(Verbosity::Verbose, Format::Json));
    }

    #[test]
    fn libraries_stay_silent_below_warning() {
        for verbosity in [Verbosity::Quiet, Verbosity::Normal, Verbosity::Verbose] {
            let filter = EnvFilter::try_new(directives(verbosity))
                .unwrap()
                .to_string();
            assert!(
                filter.split(',').any(|one| one == "warn" || one == "error"),
                "{filter}"
            );
        }
    }
}
