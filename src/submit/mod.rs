//! Decides what may be sent to the provider, and when it may be sent again: nothing twice.
//!
//! Everything that has an effect at the provider (a receipt, a return, a void, an invoice, an
//! import, a company) is first an *intent*: a row that says what is to be done, written
//! before it is done. [`NewIntent`] is such a row; its key names one effect, so that the
//! same document is never two intents. An intent goes
//!
//! ```text
//! prepared ──▶ sending ──▶ done | refused
//!    ▲  ▲         │
//!    │  └─waiting │ (23:55, a 429)        dropped: closed without having taken effect,
//!    │            ▼                                by a person or by a later intent
//!    └───────  unknown ──▶ done
//! ```
//!
//! and the arrows are decided here, purely: [`after`] says what an error of the API means,
//! [`Clue`] how an effect is recognised at the provider (a tag, a number, a parent), and
//! [`Sighting`] what was found. What may have taken effect is looked for before it is sent
//! again; what is not seen is believed absent only after [`SETTLE_SECONDS`], because a
//! provider may still be at work on a request that we gave up; what cannot be decided stays
//! `unknown` and is shown.
//!
//! Absent on purpose: the sending itself and the store (`worker::submit`), a clock, and
//! secrets: passwords, PINs and signature logins are in no intent and are never replayed.

mod checks;
mod clue;
mod decide;
mod import;
mod intent;
pub mod propose;
mod times;

pub use checks::{Complaint, ReceiptSum, check_receipt, check_returned};
pub use clue::{Clue, Sighting, company_settings, invoice_rows, new_children, receipt_with_tag};
pub use decide::{Next, SETTLE_SECONDS, after, is_settled};
pub use import::{Candidate, candidate};
pub use intent::{Intent, IntentState, Kind, NewIntent, receipt_tag};
pub use times::{days_to_search, quiet_minutes_end, void_is_late};
