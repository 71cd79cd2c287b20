//! Writing to stdout, where the reader may have gone away.

use std::io::{ErrorKind, Write as _};

use crate::cli::failure::Failure;

/// Writes a text and a line end to stdout.
///
/// A reader that closed the pipe (`| head`) has what it wanted: that is no failure.
pub(super) fn line(text: &str) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    let written = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.write_all(b"\n"))
        .and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::Output(error)),
        _ => Ok(()),
    }
}

/// Writes one JSON object to stdout.
pub(super) fn json(value: &serde_json::Value) -> Result<(), Failure> {
    line(&format!("{value:#}"))
}

/// Writes a count with its noun.
pub(super) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Writes cents as plain decimal text, a blank when unknown.
pub(super) fn money(cents: Option<i64>) -> String {
    cents.map_or_else(String::new, crate::fiscal::cents_to_decimal)
}
