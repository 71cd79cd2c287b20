//! The life of a finding between runs, and the roll-forward that accounts for it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::findings::{Finding, Fingerprint};
use crate::fiscal::words;

words! {
    /// Tells where a finding stands in its life.
    FindingState {
        /// Seen and nobody has dealt with it.
        Open = "open",
        /// Somebody accepted it, with a reason.
        Accepted = "accepted",
        /// Closed by data or by hand.
        Resolved = "resolved",
    }
}

/// Holds a finding together with its history as of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// The finding as this run saw it.
    pub finding: Finding,
    /// Its identity within the period.
    pub fingerprint: Fingerprint,
    /// Where it stands after this run.
    pub state: FindingState,
    /// The business day on which it was first seen.
    pub first_seen_on: NaiveDate,
    /// Days since then, zero when it is new today.
    pub age_days: i64,
    /// Whether this run saw it for the first time, or again after it was closed.
    pub is_new: bool,
}

/// Counts findings and the euros at risk in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Number of findings.
    pub rows: u64,
    /// Sum of the cents at risk.
    pub at_risk_cents: i64,
}

/// Accounts for open findings: opening + new − cleared = closing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RollForward {
    /// Open before the run.
    pub opening: Tally,
    /// Opened or reopened by the run.
    pub new: Tally,
    /// Closed because the run no longer saw them.
    pub cleared: Tally,
    /// Open after the run.
    pub closing: Tally,
}

impl RollForward {
    /// Tells whether the four tallies tie out, rows and cents.
    ///
    /// A finding that stayed open while its amount changed moves the cents: the change is
    /// booked under `new` or `cleared` by whoever fills the tallies.
    #[must_use]
    pub fn ties_out(&self) -> bool {
        self.opening.rows + self.new.rows == self.cleared.rows + self.closing.rows
            && self.opening.at_risk_cents + self.new.at_risk_cents
                == self.cleared.at_risk_cents + self.closing.at_risk_cents
    }
}
