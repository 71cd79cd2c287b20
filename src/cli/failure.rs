//! Errors at the edge: one rendering, one table of exit codes.

use std::io::Write as _;
use std::process::ExitCode;

use thiserror::Error;

use crate::{config, sandbox, server, worker};

/// Only with `--exit-code`: findings reach the materiality threshold.
pub(super) const FINDINGS: u8 = 1;
/// Wrong use or an unreadable input: nothing was changed.
pub(super) const WRONG_USE: u8 = 2;
/// Part was done and kept: safe to run again.
pub(super) const PARTLY_DONE: u8 = 3;
/// A signal ended it after the step in hand: safe to run again.
pub(super) const INTERRUPTED: u8 = 130;

/// Says why a command ended, for the edge only.
#[derive(Debug, Error)]
pub(super) enum Failure {
    #[error(transparent)]
    Config(#[from] config::Error),
    #[error(transparent)]
    Worker(Box<worker::Error>),
    #[error(transparent)]
    Sandbox(#[from] sandbox::Error),
    #[error(transparent)]
    Server(#[from] server::Error),
    /// A task of `serve` ended by itself.
    #[error("{0}")]
    Serve(String),
    #[error("{message}")]
    Usage { message: String, hint: Option<String> },
    #[error("failed to write to stdout")]
    Output(#[source] std::io::Error),
    #[error("{0}")]
    Demo(String),
}

impl From<worker::Error> for Failure {
    fn from(error: worker::Error) -> Self {
        Self::Worker(Box::new(error))
    }
}

impl From<crate::store::Error> for Failure {
    fn from(error: crate::store::Error) -> Self {
        worker::Error::from(error).into()
    }
}

impl Failure {
    /// Prints the error with its causes and its hint, and returns the exit code.
    pub(super) fn report(&self) -> ExitCode {
        print_error(self, self.hint().as_deref());
        ExitCode::from(self.exit_code())
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Config(error) => error.hint(),
            Self::Worker(error) => error.hint(),
            Self::Sandbox(error) => error.hint(),
            Self::Usage { hint, .. } => hint.clone(),
            Self::Server(server::Error::Bind { .. }) => {
                Some("give a free address of this machine: `webhook.listen`".to_owned())
            }
            Self::Output(_) | Self::Demo(_) | Self::Serve(_) => None,
        }
    }

    fn exit_code(&self) -> u8 {
        match self {
            Self::Worker(error) if error.is_transient() => PARTLY_DONE,
            Self::Output(_) | Self::Demo(_) | Self::Serve(_) => PARTLY_DONE,
            Self::Config(_)
            | Self::Worker(_)
            | Self::Sandbox(_)
            | Self::Server(_)
            | Self::Usage { .. } => WRONG_USE,
        }
    }
}

/// Prints `error:`, the causes in order, then `hint:`, on stderr.
pub(super) fn print_error(error: &dyn std::error::Error, hint: Option<&str>) {
    let mut lines = vec![format!("error: {error}")];
    let mut next = error.source();
    let mut said = error.to_string();
    while let Some(cause) = next {
        let text = cause.to_string();
        // A wrapper may show its cause's text already.
        if !said.ends_with(&text) {
            lines.push(format!("  caused by: {text}"));
        }
        said = text;
        next = cause.source();
    }
    lines.extend(hint.into_iter().flat_map(str::lines).map(|line| format!("hint: {line}")));
    lines.push(String::new());
    // Where nobody can be told, the exit code still says it.
    let _ = std::io::stderr().write_all(lines.join("\n").as_bytes());
}
