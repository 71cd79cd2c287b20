//! Nights that send mail, and what they must never say.

mod due;
mod mail;
mod secrets;
mod soak;
mod watch;
mod watchers;
