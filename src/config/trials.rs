//! What tests order of a debug build: a death at a place, a hand of the clock.
//!
//! A release build does not know these variables.

#![cfg(debug_assertions)]

use chrono::{DateTime, Utc};

use crate::crash::Orders;

/// Returns where a test lets the process die: `QUADRA_CRASH_AT`, `QUADRA_CRASH_LOG`.
#[must_use]
pub fn crash_orders() -> Orders {
    let at = variable("QUADRA_CRASH_AT").and_then(|text| {
        let (place, nth) = text.rsplit_once(':')?;
        Some((place.to_owned(), nth.parse().ok()?))
    });
    Orders { at, log: variable("QUADRA_CRASH_LOG").map(Into::into) }
}

/// Returns the instant at which a test lets the clock stand: `QUADRA_CLOCK`.
#[must_use]
pub fn clock_hand() -> Option<DateTime<Utc>> {
    variable("QUADRA_CLOCK")?.parse().ok()
}

fn variable(name: &str) -> Option<String> {
    std::env::var_os(name)?.into_string().ok()
}
