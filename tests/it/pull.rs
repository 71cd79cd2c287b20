//! Pulls from a small scripted server: faults, lists that move, crashes, rates.
//!
//! The server knows nothing of the crate's sandbox, so that the two cannot share a mistake.

#![expect(clippy::unwrap_used, reason = "a helper that panics fails its test, as it should")]

mod faults;
pub(crate) mod memory;
mod model;
mod model_store;
mod movement;
mod nights;
mod pace;
mod provider;
mod quiet;
mod server;
mod windows;
