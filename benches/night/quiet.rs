//! Nights on which nothing, or little, is new: what they ask of the provider.
//!
//! In-process and by a clock that is set, since the nights go over the days on which the
//! calendar begins new windows. The sandbox counts the requests.

use chrono::{Days, NaiveDate};
use quadra::sandbox::Collection;

use super::nights::{BUSY_MAX, COMPANIES, Night, Nights, QUIET_MAX, RECEIPTS_A_DAY};
use super::table::{Table, Target};

/// How many days of receipts are known before the first night.
const RECEIPT_DAYS: u64 = 30;
/// How many days of invoices are, and how many a day: together forty thousand documents.
const INVOICE_DAYS: u64 = 50;
const INVOICES_A_DAY: u32 = 200;

/// Measures eleven nights in a row and prints the worst of them.
pub(crate) fn measure(table: &mut Table) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("the system can start the threads of one runtime");
    let (known, nights) = runtime.block_on(nights());
    for night in &nights {
        table.note(&format!(
            "night of {}: {} requests with nothing new, {} with {RECEIPTS_A_DAY} receipts",
            night.day, night.quiet, night.busy
        ));
    }
    let what = format!("{COMPANIES} companies, {known} documents known, worst of {}", nights.len());
    let worst = |count: fn(&Night) -> u64| nights.iter().map(count).max().unwrap_or_default();
    let rows = [
        ("quiet night: requests", worst(|night| night.quiet), QUIET_MAX),
        ("night with 1,000 receipts: requests", worst(|night| night.busy), BUSY_MAX),
    ];
    for (name, count, most) in rows {
        let [count, most] =
            [count, most + 1].map(|count| f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
        table.row(name, "", count, Target::Under(most), &what);
    }
}

async fn nights() -> (i64, Vec<Night>) {
    let nights = Nights::new().await;
    let first = NaiveDate::from_ymd_opt(2026, 2, 20).expect("the 20th of February exists");
    for back in 2..RECEIPT_DAYS + 2 {
        nights.add(Collection::Receipts, first - Days::new(back), RECEIPTS_A_DAY);
    }
    for back in 1..=INVOICE_DAYS {
        nights.add(Collection::Invoices, first - Days::new(back), INVOICES_A_DAY);
    }
    nights.pull(first - Days::new(INVOICE_DAYS), first).await;
    let known = nights.documents().await;
    let mut counts = Vec::new();
    for day in first.iter_days().take(11) {
        counts.push(nights.night(day).await);
    }
    (known, counts)
}
