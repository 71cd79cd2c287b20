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

/// Returns where a test lets the clock stand, or start and how fast it goes: `QUADRA_CLOCK`.
///
/// An instant, at which it stands; or an instant and a speed, `2026-03-10T05:00:00Z*600`.
#[must_use]
pub fn clock_hand() -> Option<(DateTime<Utc>, Option<u32>)> {
    let text = variable("QUADRA_CLOCK")?;
    match text.split_once('*') {
        None => Some((text.parse().ok()?, None)),
        Some((hand, speed)) => Some((hand.parse().ok()?, Some(speed.parse().ok()?))),
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var_os(name)?.into_string().ok()
}
