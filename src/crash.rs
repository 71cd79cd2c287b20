//! Places at which a test lets the process die, to see that nothing is lost and nothing doubled.
//!
//! `crashpoint!` stands beside every commit, rename and send; the cursor of a pull moves with a
//! commit. A release build has none of them: the macro is nothing there, and neither is this
//! room. In a debug build a test may order the death at the nth passing of a named place, or a
//! list of all places passed (`config` reads the orders); without orders a passing costs one look.

/// Names a place: a word, or a word and what it is done to.
macro_rules! crashpoint {
    ($place:literal) => {
        #[cfg(debug_assertions)]
        $crate::crash::pass(|| $place.to_owned());
    };
    ($place:literal, $of:expr) => {
        #[cfg(debug_assertions)]
        $crate::crash::pass(|| format!(concat!($place, " {}"), $of));
    };
}

#[cfg(debug_assertions)]
use std::collections::BTreeMap;
#[cfg(debug_assertions)]
use std::io::Write as _;
#[cfg(debug_assertions)]
use std::path::PathBuf;
#[cfg(debug_assertions)]
use std::sync::{Mutex, OnceLock, PoisonError};

/// Says where the process is to die, and where the places passed are written down.
#[cfg(debug_assertions)]
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Orders {
    /// The place and which passing of it, from 1.
    pub at: Option<(String, u64)>,
    /// The file that gets a line for each passing.
    pub log: Option<PathBuf>,
}

#[cfg(debug_assertions)]
static ORDERS: OnceLock<Orders> = OnceLock::new();
#[cfg(debug_assertions)]
static PASSED: Mutex<BTreeMap<String, u64>> = Mutex::new(BTreeMap::new());

/// Takes the orders of a test; the first ones hold for the process.
#[cfg(debug_assertions)]
pub fn obey(orders: Orders) {
    if orders != Orders::default() {
        let _ = ORDERS.set(orders);
    }
}

/// Passes a place: writes it down, or dies there, if that was ordered.
#[cfg(debug_assertions)]
pub fn pass(place: impl FnOnce() -> String) {
    let Some(orders) = ORDERS.get() else { return };
    let place = place();
    let mut passed = PASSED.lock().unwrap_or_else(PoisonError::into_inner);
    let times = passed.entry(place.clone()).or_insert(0);
    *times += 1;
    if let Some(log) = &orders.log {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(log);
        let written = file.and_then(|mut file| writeln!(file, "{place}:{times}"));
        written.expect("the list of places can be written");
    }
    if orders.at.as_ref().is_some_and(|(at, nth)| *at == place && nth == times) {
        // No destructor runs and nothing is flushed, as when the power goes.
        std::process::abort();
    }
}
