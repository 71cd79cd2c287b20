//! The night as a whole: when it starts, what it mails, whom it warns, who watches it.

mod clock;
mod due;
mod machines;
mod mail;
mod post;
mod prune;
mod secrets;
mod serve;
mod serving;
mod soak;
mod watch;
mod watchers;
