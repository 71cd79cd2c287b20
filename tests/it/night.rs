//! Nights that send mail, and what they must never say.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod mail;
mod secrets;
