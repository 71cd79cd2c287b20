//! What card transactions add up to: a day's sales, and a payout to the bank.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::findings::RecordRef;

/// Holds a day's electronic takings and the card transactions that answer them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DaySettled {
    /// The day of the sales.
    pub day: NaiveDate,
    /// Whether the takings are lines of the books instead of receipts.
    pub is_of_books: bool,
    /// Receipts, or lines of the books, that were paid electronically.
    pub receipts: u64,
    /// What they took electronically, in cents.
    pub taken_cents: i64,
    /// Card transactions, refunds among them.
    pub transactions: u64,
    /// Their gross, in cents.
    pub settled_cents: i64,
    /// What the payment service took, in cents; unknown when a row does not say it.
    pub fee_cents: Option<i64>,
    /// What it paid, in cents; unknown when a row does not say it.
    pub net_cents: Option<i64>,
    /// Gross by terminal, where the file names them; only in findings.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub terminals: BTreeMap<String, i64>,
    /// The only day near by that differs by exactly the opposite.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_day: Option<NaiveDate>,
    /// The only row of the day that is exactly the difference; only in findings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alike: Option<RecordRef>,
}

impl DaySettled {
    /// Returns what was taken less what was settled, in cents.
    #[must_use]
    pub fn difference_cents(&self) -> i64 {
        self.taken_cents.saturating_sub(self.settled_cents)
    }
}

/// Holds a payout, or one transaction, whose net is not what its parts make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutSettled {
    /// The payout's name, or the transaction's number; empty when the file gives none.
    pub name: String,
    /// The day on which it was paid, or the transaction's.
    pub day: NaiveDate,
    /// The transactions of which it consists.
    pub transactions: u64,
    /// Their sales, in cents.
    pub sales_cents: i64,
    /// Their refunds, in cents, negative.
    pub refunds_cents: i64,
    /// What the payment service took, in cents.
    pub fee_cents: i64,
    /// What should have been paid, in cents: sales and refunds less fees.
    pub net_cents: i64,
    /// What was paid, or stands as net, in cents.
    pub paid_cents: i64,
}
