//! Says why a pull ended before its windows did.

use super::sink::SinkError;
use super::tally::PullTally;
use super::window::Window;
use crate::api;

/// Sorts what ends a pull by its recovery.
///
/// What was stored before stays stored.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The API refuses us altogether: every further request would be refused too.
    #[error("failed to pull: the API refuses every request ({} documents kept)", tally.documents_seen)]
    Refused {
        /// The refusal.
        #[source]
        cause: Box<api::Error>,
        /// What was done before.
        tally: Box<PullTally>,
    },
    /// What was read could not be kept.
    #[error("failed to keep what was pulled for {window}")]
    Sink {
        /// The window whose page or state it was.
        window: String,
        /// The sink's own words.
        #[source]
        cause: SinkError,
    },
}

impl Error {
    pub(super) fn sink(window: &Window, cause: SinkError) -> Self {
        Self::Sink { window: window.to_string(), cause }
    }

    /// Returns what a person can do, where something can be done.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Refused { cause, .. } => cause.hint(),
            Self::Sink { .. } => None,
        }
    }
}
