//! Hands finished bytes to an address: a mailbox or a folder.
//!
//! What comes in is bytes that somebody else rendered, and where they go. What goes out is
//! an honest account of what became of them. `mail` speaks SMTP phase by phase, because the
//! only question that matters after a failure is whether the server may already hold the
//! message: before the final dot nothing was handed over and sending again is safe, after
//! it nobody can know, and the end is `unknown`. `folder` puts files down so that a reader
//! or a power cut never meets half of one.
//!
//! Deliberately absent: any word of Quadra's own (no statement, no finding, no store), a
//! retry (the outbox decides when), a long-lived connection, and a clock.

mod error;
pub mod folder;
pub mod mail;

pub use error::{Error, Kept};
