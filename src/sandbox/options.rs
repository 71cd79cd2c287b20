//! What the sandbox holds and how it behaves, as chosen by its starter.

use std::net::{IpAddr, Ipv4Addr};

use chrono::NaiveDate;

use super::faults::Faults;
use super::habits::{Habits, Prices};
use crate::clock::Clock;

/// Chooses the data, the manners and the port of a sandbox.
///
/// [`Options::default`] is the mildly misbehaving one on any free port.
#[derive(Clone)]
pub struct Options {
    /// The address to bind; anything but loopback is refused.
    pub address: IpAddr,
    /// The port to bind, 0 for any free one.
    pub port: u16,
    /// The port of the control, 0 for any free one; with `None` there is none.
    pub control_port: Option<u16>,
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
    ///
    /// A token that the sandbox itself minted is good too, within its scopes and its time.
    pub token: Option<String>,
    /// Only tokens that the sandbox minted are good, beside `token`.
    pub only_minted_tokens: bool,
    /// Email and API key that the token services ask for; with `None` any are good.
    pub account: Option<(String, String)>,
    /// The host that the scopes of tokens name; its own address is good as well.
    pub host: String,
    /// The time it starts from; it can be moved while it runs.
    pub clock: Clock,
    /// What is in the wallet, in thousandths of a euro; with `None` it never ends.
    pub wallet_mills: Option<i64>,
    /// What requests cost.
    pub prices: Prices,
    /// Companies that cannot be registered because they exist, and cannot be found.
    pub ghosts: Vec<String>,
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
            control_port: None,
            seed: 1,
            receipts: 1_000,
            invoices: 200,
            companies: 3,
            month: (2026, 2),
            today: NaiveDate::from_ymd_opt(2026, 3, 2).expect("the second of March exists"),
            token: None,
            only_minted_tokens: false,
            account: None,
            host: "test.invoice.openapi.com".into(),
            clock: Clock::System,
            wallet_mills: None,
            prices: Prices::default(),
            ghosts: Vec::new(),
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
