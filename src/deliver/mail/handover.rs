//! Knows how far a message went into the socket.
//!
//! The SMTP library takes the message as an iterator of pieces and writes the final dot
//! when there are no more. So the question for a next piece is the last moment at which
//! the dot has certainly not left, and that is where the mark is set.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Bytes handed to the socket at a time; each is a sign of life for the limit.
const CHUNK_BYTES: usize = 16 * 1024;

/// Watches how far a message went into the socket.
#[derive(Default)]
pub(super) struct Handover {
    chunks_taken: AtomicUsize,
    dot_may_have_left: AtomicBool,
}

impl Handover {
    /// Yields the message in chunks; asking past the last is what precedes the dot.
    pub(super) fn watch<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        let mut chunks = bytes.chunks(CHUNK_BYTES);
        std::iter::from_fn(move || {
            let chunk = chunks.next();
            if chunk.is_some() {
                self.chunks_taken.fetch_add(1, Ordering::SeqCst);
            } else {
                self.dot_may_have_left.store(true, Ordering::SeqCst);
                crashpoint!("before send", "final dot");
            }
            chunk
        })
    }

    pub(super) fn chunks_taken(&self) -> usize {
        self.chunks_taken.load(Ordering::SeqCst)
    }

    pub(super) fn dot_may_have_left(&self) -> bool {
        self.dot_may_have_left.load(Ordering::SeqCst)
    }
}
