//! What a night costs where nothing, or little, is new: requests, counted by the sandbox.
//!
//! Three hundred companies with a thousand receipts a day. On some of these nights the calendar
//! begins a new cell of windows: what is known of a list has to be of use there too. The
//! benchmark prints the same over forty thousand known documents.

use chrono::{Days, NaiveDate};
use quadra::sandbox::Collection;

use super::nights::{BUSY_MAX, Night, Nights, QUIET_MAX, RECEIPTS_A_DAY};

#[tokio::test]
async fn quiet_nights_take_a_handful_of_requests() {
    let day = |text: &str| -> NaiveDate { text.parse().unwrap() };
    let nights = Nights::new().await;
    let first = day("2026-02-20");
    for back in 2..4 {
        nights.add(Collection::Receipts, first - Days::new(back), RECEIPTS_A_DAY);
        nights.add(Collection::Invoices, first - Days::new(20 * back), 200);
    }
    nights.pull(first, first).await;
    let mut counts: Vec<Night> = Vec::new();
    // A cell begins on the 21st and on the 1st; the nights after these border on it.
    for night in ["2026-02-20", "2026-02-21", "2026-02-22", "2026-03-01", "2026-03-02"] {
        counts.push(nights.night(day(night)).await);
    }
    let line = |one: &Night| format!("{}: {} quiet, {} busy", one.day, one.quiet, one.busy);
    let table: Vec<String> = counts.iter().map(line).collect();
    println!("{}", table.join("\n"));
    assert!(counts.iter().all(|one| one.quiet <= QUIET_MAX), "{table:#?}");
    assert!(counts.iter().all(|one| one.busy <= BUSY_MAX), "{table:#?}");
}
