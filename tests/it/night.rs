//! Nights that send mail, and what they must never say.

mod mail;
mod secrets;
