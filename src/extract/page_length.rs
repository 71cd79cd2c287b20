//! Learns how long the server's pages are, so that a short one can be told.
//!
//! The API gives no total: the end of a list is a page shorter than asked for. A server that
//! gives fewer rows than asked for would so end every list at its first page, and nothing
//! would look wrong. So a page is short only if this pull has seen a longer one; the others
//! cost one more request, which brings nothing but the overlap.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Holds the length of the longest page that a pull has seen.
#[derive(Debug, Default)]
pub(super) struct PageLength(AtomicUsize);

impl PageLength {
    /// Tells whether a page of so many rows is shorter than the server can give.
    pub(super) fn is_short(&self, rows: usize) -> bool {
        rows < self.0.fetch_max(rows, Ordering::Relaxed)
    }

    /// Returns the length of the longest page.
    pub(super) fn longest(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_is_short_beside_longer_ones() {
        let length = PageLength::default();
        assert!(!length.is_short(50), "nothing is known yet");
        assert!(!length.is_short(50), "the server may give no more than these");
        assert!(length.is_short(49));
        assert!(!length.is_short(100));
        assert!(length.is_short(50));
        assert_eq!(length.longest(), 100);
    }
}
