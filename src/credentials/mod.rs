//! The 90-day watch: how old each person's credentials of the tax portal are, and what to say.
//!
//! In come facts: which company uses whose credentials, when a password was changed, what the
//! provider's callbacks and failed receipts tell. Out come one [`Credential`] a person, however
//! many companies it serves, and [`Alert`]s: each says one thing once, also when the night on
//! which it was due was missed. The API token's end and the account's credit are alerts too.
//!
//! An age that nobody knows is a state of its own and never passes for a good one; the vendor
//! tells no age, so it is known only from a rotation, a declaration or a callback.
//! Absent on purpose: passwords, any clock (today is passed in), storing and sending.

mod alert;
mod credential;
mod facts;

pub use alert::{Alert, Given, Level, Subject, WARNING_DAYS, is_due, level_of_days};
pub use credential::{Credential, State, watch};
pub use facts::{CompanyUse, Declared, Evidence, Signal, Source, is_about_login};

/// How many days the tax portal takes a password: the provider's own page says so.
pub const LIFE_DAYS: i64 = 90;
