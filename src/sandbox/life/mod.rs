//! How documents that were sent go on living, on the sandbox's clock.
//!
//! Nothing ticks: every step has its moment in an agenda, and whoever looks at a document
//! first lets all steps happen whose moment has come, in their order. What a document looks
//! like therefore depends on the clock and on what was sent, never on who looked when. The
//! documents of the start, and those a test puts there, stand still.

mod invoice;
mod issue;
mod receipt;
mod sweep;

use chrono::Duration;

pub(super) use invoice::{InvoiceLife, begin as begin_invoice, fate_of, receive};
pub(super) use receipt::{ReceiptLife, begin as begin_receipt, tell_credentials};

use super::state::Shared;

/// Is what a document has still to live.
#[derive(Debug)]
pub(super) enum Life {
    Receipt(ReceiptLife),
    Invoice(InvoiceLife),
    /// Not a document: the next round of invoice callbacks.
    Sweep,
}

/// Lets every step happen whose moment has come.
pub(super) fn settle(shared: &Shared) {
    let now = shared.now();
    let mut books = shared.books();
    while let Some((at, id, life)) = books.due(now) {
        match life {
            Life::Receipt(life) => receipt::step(shared, &mut books, &id, life, at),
            Life::Invoice(life) => invoice::step(shared, &mut books, &id, life, at),
            Life::Sweep => sweep::round(shared, &mut books, at),
        }
    }
}

fn seconds(seconds: u32) -> Duration {
    Duration::seconds(seconds.into())
}
