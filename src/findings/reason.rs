//! The reason that every row carries, matched or not.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::findings::{DaySettled, Difference, Lacking, NumberRule, Pass, RecordRef};
use crate::fiscal::{NumberTier, Period, words};

/// Says why a row is in its class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Reason {
    /// A pass found its partner.
    Paired {
        /// The pass.
        pass: Pass,
        /// How closely the numbers agree, when numbers were compared.
        tier: Option<NumberTier>,
        /// What differs; empty when all agrees.
        differences: Vec<Difference>,
        /// What helped beside the pass.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        aids: Vec<Aid>,
    },
    /// Its day's takings were compared as a whole.
    Grouped {
        /// The business day.
        day: NaiveDate,
        /// Receipts in the day's group.
        receipts: u64,
        /// What differs; empty when all agrees.
        differences: Vec<Difference>,
    },
    /// Its day's electronic takings were held against the day's card transactions.
    Settled {
        /// Both sides of the day.
        of: Box<DaySettled>,
    },
    /// It answers a row of the other side together with others, or is answered by several.
    Together {
        /// The rule.
        pass: Pass,
        /// The rows of the other side: one, or all that answer this one.
        with: Vec<RecordRef>,
        /// Rows of its own side that answer the same row beside it.
        beside: u64,
        /// Open rows among which these are the only ones with that sum, where it was sought.
        among: Option<u64>,
        /// By how much the sum is off; none when it agrees.
        difference: Option<Box<Difference>>,
    },
    /// No pass found a partner, and too many rows are open to look for a sum among them.
    TooMany {
        /// Rows among which a sum would have to be sought.
        rows: u64,
        /// The nearest row of the other side, when one came near.
        nearest: Option<Box<Nearest>>,
    },
    /// No pass found a partner.
    NoPartner {
        /// The nearest row of the other side, when one came near.
        nearest: Option<Box<Nearest>>,
    },
    /// A pass that only suggests names a partner, which nothing confirms.
    Suggested {
        /// The pass.
        pass: Pass,
        /// The row of the other side.
        record: Box<RecordRef>,
        /// What differs; empty when all agrees.
        differences: Vec<Difference>,
    },
    /// It repeats another row.
    Duplicate {
        /// The row that it repeats.
        of: Box<RecordRef>,
    },
    /// Several choices are equally good.
    Ambiguous {
        /// How many rows it might as well be paired with; where that is one, how many
        /// compete for that one. Two or more.
        alternatives: u64,
        /// The first of those rows, at most [`Reason::RIVALS_NAMED`]; none where sets of rows
        /// compete.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        among: Vec<RecordRef>,
    },
    /// It is left out by a rule.
    Excluded {
        /// The rule.
        because: Excluded,
    },
    /// A rule of somebody's own leaves it out.
    LeftOut {
        /// Why, in the words of whoever wrote the rule.
        because: String,
    },
    /// It is inside its grace.
    Pending {
        /// The day on which it becomes a break.
        break_on: NaiveDate,
    },
    /// The other side does not cover its date.
    OutOfWindow {
        /// What the other side covers, if anything.
        covered: Option<Period>,
    },
    /// Something that card settlements are held against, or beside, is not there.
    NotCompared {
        /// What.
        lacking: Lacking,
        /// What the payment files cover, if anything.
        covered: Option<Period>,
    },
}

impl Reason {
    /// How many of the equally good partners are named.
    pub const RIVALS_NAMED: usize = 3;
}

/// Says what helped a pass to a pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aid {
    /// A rule about the party's numbers, which somebody switched on.
    Number(NumberRule),
    /// Of equally good partners this one's name is the only one that resembles the row's.
    Name,
}

/// Holds the row that came nearest to being the partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nearest {
    /// The nearest row of the other side.
    pub record: RecordRef,
    /// The first thing in which it fails, and by how much.
    pub failed: Difference,
}

words! {
    /// Says why a row is left out of the comparison.
    Excluded {
        /// A notice without VAT effect (TD29).
        Notice = "notice",
        /// The document was never issued.
        NeverIssued = "never_issued",
        /// A receipt that is still not final after its grace.
        NotIssuedYet = "not_issued_yet",
        /// A self-invoice that is counted among the received ones.
        SelfInvoiceSeenTwice = "self_invoice_seen_twice",
        /// A receipt that carries no order, against a shop's order export.
        WithoutOrder = "without_order",
        /// A till's daily closing, which API receipts never match.
        TillClosing = "till_closing",
        /// An order that was cancelled before it was paid.
        Cancelled = "cancelled",
        /// A payout or a fee: a movement of the payment service's account, and no sale.
        AccountMovement = "account_movement",
        /// A card transaction that failed, or that is not done yet.
        NotSettled = "not_settled",
        /// A rule of somebody's own, which says why.
        OwnRule = "own_rule",
    }
}
