//! Remembers how far the reading of a window came, and what stood there.

use serde::{Deserialize, Serialize};

/// How many rows of a page are read again, at most.
///
/// One would show that the list moved, if every row has its own id. A few also absorb that
/// many removals when a list is read through without restarting.
pub const OVERLAP_ROWS_MAX: usize = 5;

/// Returns how many rows of such a page are read again: no more than half of it.
pub(super) fn overlap_rows(page_rows: usize) -> usize {
    page_rows.div_ceil(2).min(OVERLAP_ROWS_MAX)
}

/// Holds the place in a list behind which nothing has been read.
///
/// It is kept as JSON text beside the rows it speaks of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Where the next page begins: the first row of the overlap.
    pub skip: u64,
    /// The keys of the overlap, in the list's order; they must stand there still.
    pub tail: Vec<String>,
    /// How many different rows this reading has seen, over all its sweeps.
    pub rows_seen: u64,
    /// Which sweep of the window this is, from 0.
    pub sweep: u32,
    /// Whether a later pull may go on from here: not so after the list kept moving.
    pub resumable: bool,
}

impl Checkpoint {
    /// Returns the checkpoint as the JSON text that is kept.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("numbers, texts and truth values always serialise")
    }

    /// Reads a checkpoint from its JSON text.
    ///
    /// # Errors
    /// When the text is none; reading the window from its beginning is always right.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// Tells whether a page that was asked for at `skip` begins with the rows known there.
    pub(super) fn continues_with(&self, keys: &[&str]) -> bool {
        keys.len() >= self.tail.len() && self.tail.iter().zip(keys).all(|(known, key)| known == key)
    }

    /// Moves behind a page that was asked for at `skip`.
    pub(super) fn advance(&mut self, keys: &[&str]) {
        let tail = &keys[keys.len() - overlap_rows(keys.len())..];
        self.skip = self.end(keys.len()) - rows(tail.len());
        self.tail = tail.iter().map(|key| (*key).to_owned()).collect();
    }

    /// Returns the position behind a page of so many rows that was asked for at `skip`.
    pub(super) fn end(&self, page_rows: usize) -> u64 {
        self.skip + rows(page_rows)
    }
}

/// Returns a count of rows as the API counts them.
pub(super) fn rows(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_text_round_trips() {
        let mut checkpoint = Checkpoint { resumable: true, ..Checkpoint::default() };
        checkpoint.advance(&["a", "b", "c", "d", "e", "f"]);
        assert_eq!((checkpoint.skip, checkpoint.tail.len()), (3, 3));
        assert_eq!(Checkpoint::from_json(&checkpoint.to_json()).unwrap(), checkpoint);
        assert!(Checkpoint::from_json("{}").is_err());
    }

    #[test]
    fn moved_or_shortened_tail_is_seen() {
        let mut checkpoint = Checkpoint::default();
        assert!(checkpoint.continues_with(&[]));
        checkpoint.advance(&["a", "b", "c"]);
        assert!(checkpoint.continues_with(&["b", "c", "d"]));
        assert!(!checkpoint.continues_with(&["a", "b", "c"]));
        assert!(!checkpoint.continues_with(&["b"]));
    }
}
