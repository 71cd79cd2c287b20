//! Remembers which rows of a window were handed on, in a few bytes each.

use super::checkpoint::{Checkpoint, rows};
use super::row_keys::fingerprint;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Holds a fingerprint of each row's key and content, never the row.
#[derive(Debug, Default)]
pub(super) struct Seen {
    contents: HashMap<u64, u64>,
    rows_before: u64,
}

impl Seen {
    /// Counts on from where an earlier pull stopped, the overlap left out.
    pub(super) fn begin_at(&mut self, checkpoint: &Checkpoint) {
        self.rows_before = checkpoint.rows_seen.saturating_sub(rows(checkpoint.tail.len()));
    }

    /// Tells whether this row is new here, or has another content than before.
    pub(super) fn is_fresh(&mut self, key: &str, body: &str) -> bool {
        let mut hasher = DefaultHasher::new();
        body.hash(&mut hasher);
        let content = hasher.finish();
        self.contents.insert(fingerprint(key), content) != Some(content)
    }

    /// Returns how many different rows there were.
    pub(super) fn rows(&self) -> u64 {
        self.rows_before + rows(self.contents.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_rows_count_once() {
        let mut seen = Seen::default();
        assert!(seen.is_fresh("a", "1"));
        assert!(!seen.is_fresh("a", "1"));
        assert!(seen.is_fresh("a", "2"));
        assert!(seen.is_fresh("b", "1"));
        assert_eq!(seen.rows(), 2);
    }

    #[test]
    fn resumed_reading_counts_on() {
        let mut seen = Seen::default();
        let tail = vec!["d".to_owned(), "e".to_owned()];
        seen.begin_at(&Checkpoint { rows_seen: 5, tail, ..Checkpoint::default() });
        for key in ["d", "e", "f"] {
            seen.is_fresh(key, "");
        }
        assert_eq!(seen.rows(), 6);
    }
}
