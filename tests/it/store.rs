//! The store: what is kept once, what is never changed, and how findings live.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod deliveries;
mod documents;
mod findings;
mod ledgers;

use chrono::{DateTime, TimeZone as _, Utc};
use quadra::store::Store;
use tempfile::TempDir;

/// A new store in a folder that goes with it.
struct Fresh {
    store: Store,
    _folder: TempDir,
}

async fn fresh() -> Fresh {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("quadra.db").display());
    Fresh { store: Store::open(&url).await.unwrap(), _folder: folder }
}

fn at(hour: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 10, hour, 0, 0).unwrap()
}
