//! The bridge from one side's total to the other's, with nothing left over.
//!
//! A statement is never a bare difference: two breaks of +1,000 and −1,000 also net to
//! zero. Each class has its rows and its cents on both sides, the classes add up to the
//! sides, and what they do not explain, the residual, must be zero.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize, Serializer};

use crate::findings::{Reason, RecordRef, Side};
use crate::fiscal::{Currency, Direction, DocumentKind, Period, TaxId, words};

words! {
    /// Names the class in which a row of either side ends.
    Class {
        /// Paired, and everything agrees.
        Matched = "matched",
        /// Paired, and what differs is within a stated tolerance.
        MatchedWithinTolerance = "matched_within_tolerance",
        /// Paired, but a field differs.
        Differing = "differing",
        /// Only on the left: the books lack it.
        MissingRight = "missing_right",
        /// Only on the right: the provider lacks it.
        MissingLeft = "missing_left",
        /// Repeats another row of its side.
        Duplicate = "duplicate",
        /// Several partners are equally good.
        Ambiguous = "ambiguous",
        /// Inside its grace.
        Pending = "pending",
        /// The other side does not cover its date.
        OutOfWindow = "out_of_window",
        /// Left out by a rule, with the reason.
        Excluded = "excluded",
    }
}

words! {
    /// Sums up a comparison, worst first.
    Verdict {
        /// Something could not be looked at.
        Incomplete = "incomplete",
        /// Everything was looked at, and something is wrong.
        Breaks = "breaks",
        /// Nothing is wrong, and something is still inside its grace.
        Pending = "pending",
        /// The books agree.
        Reconciled = "reconciled",
    }
}

words! {
    /// Tells by what the two sides of a statement are compared.
    Basis {
        /// Document by document.
        Documents = "documents",
        /// A day's receipts by VAT rate.
        TakingsByRate = "takings_by_rate",
        /// A day's receipts by tender.
        TakingsByTender = "takings_by_tender",
        /// Receipts by the shop's order.
        Orders = "orders",
        /// What was paid electronically, by day, against card transactions.
        Settlements = "settlements",
    }
}

/// Holds the proof that one comparison looked at every row and cent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// The company.
    pub company: TaxId,
    /// The company's name, for people.
    pub company_name: String,
    /// Receipts or invoices.
    pub document_kind: DocumentKind,
    /// Issued or received.
    pub direction: Direction,
    /// By what the sides are compared.
    pub basis: Basis,
    /// The period that the statement is about.
    pub period: Period,
    /// The worst thing that holds.
    pub verdict: Verdict,
    /// The provider's documents by class.
    pub left: SideRows,
    /// The books by class.
    pub right: SideRows,
    /// The money, currency by currency.
    pub currencies: BTreeMap<Currency, Bridge>,
    /// Both sides day by day, in order; days without rows are left out.
    pub days: Vec<DayLine>,
    /// What the books' uploads cover; none when there is no upload.
    pub books_cover: Option<Period>,
    /// What payment services took and paid, where the statement is about that.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settled: BTreeMap<Currency, Settled>,
}

/// Adds up what payment services say of a period's card transactions, in cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Settled {
    /// Transactions that count.
    pub transactions: u64,
    /// What was sold.
    pub sales_cents: i64,
    /// What went back, negative.
    pub refunds_cents: i64,
    /// What the services took, fees in rows of their own among it.
    pub fee_cents: i64,
    /// Transactions of which no fee is given.
    pub without_fee: u64,
    /// Sales and refunds less fees.
    pub net_cents: i64,
    /// Payouts to the bank.
    pub payouts: u64,
    /// What they brought.
    pub paid_cents: i64,
    /// Payouts whose transactions the files do not name, or not all.
    pub unproved_payouts: u64,
}

impl Statement {
    /// Returns what does not add up, or nothing when all does.
    ///
    /// Rows of the classes against the side's rows, cents of the classes against the side's
    /// total, and the residual, per side and currency; sums run in 128 bits.
    #[must_use]
    pub fn imbalance(&self) -> Option<String> {
        for (side, rows) in [("left", &self.left), ("right", &self.right)] {
            let classed: u64 = rows.classes.values().sum();
            if classed != rows.rows {
                return Some(format!("{side}: {classed} rows in classes, {} in all", rows.rows));
            }
        }
        self.currencies.iter().find_map(|(currency, bridge)| {
            let sides = [("left", &bridge.left), ("right", &bridge.right)];
            let wrong = sides.into_iter().find_map(|(side, money)| {
                let classed: i128 = money.classes.values().map(|cents| i128::from(*cents)).sum();
                let total = i128::from(money.amount_cents);
                (classed != total).then(|| {
                    format!("{side}, {currency}: {classed} cents in classes, {total} in all")
                })
            });
            wrong.or_else(|| {
                let residual = bridge.residual_cents;
                (residual != 0).then(|| format!("{currency}: {residual} cents are unexplained"))
            })
        })
    }
}

/// Counts one side's rows by class.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SideRows {
    /// All rows of the side.
    pub rows: u64,
    /// Rows by class; a class without rows is left out.
    pub classes: BTreeMap<Class, u64>,
}

/// Holds the money of one currency on both sides, class by class.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Bridge {
    /// The provider's documents.
    pub left: SideMoney,
    /// The books.
    pub right: SideMoney,
    /// Left total + (right − left of each class) − right total: zero, or the run fails.
    pub residual_cents: i64,
}

/// Holds one side's total and its parts by class, in signed cents.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SideMoney {
    /// The side's total, summed from its rows and not from the classes.
    pub amount_cents: i64,
    /// Cents by class; a class without rows is left out.
    pub classes: BTreeMap<Class, i64>,
    /// Rows whose amount the source does not give; they count zero.
    pub rows_without_amount: u64,
}

/// Holds one day's total on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayLine {
    /// The business day.
    pub day: NaiveDate,
    /// The provider's documents, in euro cents.
    pub left_cents: i64,
    /// The books, in euro cents.
    pub right_cents: i64,
}

/// Holds one row of either side, its class and the reason for it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassedRow {
    /// The side that the row stands on.
    pub side: Side,
    /// The row; a million of them are held once, here and where they are compared.
    #[serde(serialize_with = "inner")]
    pub record: Arc<RecordRef>,
    /// Its currency.
    pub currency: Currency,
    /// The cents with which it counts in the statement.
    pub amount_cents: Option<i64>,
    /// Its class.
    pub class: Class,
    /// Why; what is said of many rows is held once.
    #[serde(serialize_with = "inner")]
    pub reason: Arc<Reason>,
    /// The partner, when it has exactly one.
    #[serde(rename = "partner_id", serialize_with = "id_alone")]
    pub partner: Option<Arc<RecordRef>>,
}

impl ClassedRow {
    /// Returns the partner's id, when the row has exactly one.
    #[must_use]
    pub fn partner_id(&self) -> Option<&str> {
        self.partner.as_ref().map(|partner| partner.id.as_str())
    }
}

/// Writes what is shared as if it stood here alone.
fn inner<T: Serialize, S: Serializer>(shared: &Arc<T>, serializer: S) -> Result<S::Ok, S::Error> {
    shared.as_ref().serialize(serializer)
}

#[expect(clippy::ref_option, reason = "the form in which serde hands it over")]
fn id_alone<S: Serializer>(
    partner: &Option<Arc<RecordRef>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    partner.as_ref().map(|partner| partner.id.as_str()).serialize(serializer)
}

/// Holds a statement with the rows that it counts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StatementWithRows {
    /// The proof.
    pub statement: Statement,
    /// Every row of either side, in a stable order: side, date, number, id.
    pub rows: Vec<ClassedRow>,
}
