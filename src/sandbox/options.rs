//! What the sandbox holds and how it behaves, as chosen by its starter.

use std::net::{IpAddr, Ipv4Addr};

use chrono::NaiveDate;

use super::faults::Faults;

/// Chooses the data, the manners and the port of a sandbox.
///
/// [`Options::default`] is the mildly misbehaving one on any free port.
#[derive(Clone)]
pub struct Options {
    /// The address to bind; anything but loopback is refused.
    pub address: IpAddr,
    /// The port to bind, 0 for any free one.
    pub port: u16,
    /// Decides every document of [`Dataset::Generated`] and every throw of the faults.
    pub seed: u64,
    /// How many receipts, voids and returns included.
    pub receipts: usize,
    /// How many invoices, both ways together.
    pub invoices: usize,
    /// How many companies own them.
    pub companies: usize,
    /// Year and month (1 to 12) in which the documents fall.
    pub month: (i32, u32),
    /// The sandbox's today: nothing is later, and what is recent is not yet final.
    pub today: NaiveDate,
    /// The only bearer token that is good; with `None` any is.
    pub token: Option<String>,
    /// How it misbehaves.
    pub faults: Faults,
    /// What it does where the vendor's documents are silent.
    pub habits: Habits,
    /// Which documents it holds.
    pub dataset: Dataset,
}

impl Options {
    /// Returns the well-behaved demo: the documents that `samples/ledgers/demo` belong to.
    ///
    /// Seed, counts, month and today of the demo are fixed; they are set here for the record.
    pub fn demo() -> Self {
        Self { faults: Faults::none(), dataset: Dataset::Demo, companies: 3, ..Self::default() }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 0,
            seed: 1,
            receipts: 1_000,
            invoices: 200,
            companies: 3,
            month: (2026, 2),
            today: NaiveDate::from_ymd_opt(2026, 3, 2).expect("the second of March exists"),
            token: None,
            faults: Faults::default(),
            habits: Habits::default(),
            dataset: Dataset::Generated,
        }
    }
}

/// Names the two sets of documents the sandbox can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dataset {
    /// Documents made from the seed, as many as asked for.
    Generated,
    /// The three companies of `samples/`: always the same, whatever the seed.
    Demo,
}

/// Decides what the vendor's documents leave open, so that no client relies on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Habits {
    /// Lists run from the newest document to the oldest, or the other way round.
    pub newest_first: bool,
    /// `[before]` and `[after]` include the day they name.
    pub bounds_inclusive: bool,
    /// The zone in which a moment belongs to a day of a filter.
    pub day_zone: DayZone,
    /// How many rows a page has when `limit` is not given.
    pub default_limit: usize,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            newest_first: true,
            bounds_inclusive: true,
            day_zone: DayZone::Utc,
            default_limit: 20,
        }
    }
}

/// Names the zone in which the days of filters are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayZone {
    /// Days begin at midnight UTC.
    Utc,
    /// Days begin at midnight in Italy.
    Rome,
}
