//! A comparison of two tables as files: statement, matches, findings, page, workbook.
//!
//! What comes in is a [`Comparison`], which gives one line at a time; what goes out is
//! written as it is made, so that a million matched rows need no room. The columns are a
//! contract (README.md). Every finding is listed everywhere; pages and workbooks for people
//! show so many matched rows and say how many more there are. Files for machines keep the
//! machine words; only `reason` is in the reader's language. The same comparison gives the
//! same bytes. Absent on purpose: a clock, judgement, files.

mod book;
mod finding;
mod heading;
mod html;
mod matches;
mod sentence;

pub use book::book;
pub use finding::write_findings;
pub use html::write_page;
pub use matches::write_matches;

use serde_json::{Value, json};

use crate::fiscal::Language;
use crate::reconcile::tables::Comparison;

/// Matched rows that pages and workbooks for people show at most.
const SHOWN_MATCHES: usize = 10_000;

/// Names the two files of a comparison and its reader's language.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// The left file's name.
    pub left: &'a str,
    /// The right file's name.
    pub right: &'a str,
    /// The reader's language.
    pub language: Language,
}

/// Returns the documented object of a comparison: `statement.json`.
pub fn statement(comparison: &Comparison, setting: &Setting<'_>) -> Value {
    let mut object = json!(comparison.statement());
    let mut kinds: std::collections::BTreeMap<String, u64> = std::collections::BTreeMap::new();
    finding::each(comparison, setting.language, |finding| {
        *kinds.entry(finding.kind.to_owned()).or_default() += 1;
        Ok(())
    })
    .expect("counting writes nothing");
    let notes = comparison.notes().iter().map(|note| sentence::note(note, setting.language));
    object["findings"] = json!(kinds);
    object["notes"] = notes.collect();
    object
}
