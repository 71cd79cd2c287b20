//! What one more pass would change between receipts and a shop's orders, found by trying it.
//!
//! A till may write the name of an order otherwise than the shop does (`1042` for `#1042`),
//! and no finding shows that, because a receipt without a known order is simply left out. So
//! the month is compared once by the rules in force and once with each of a few passes after
//! them, and what the statements say of each row is held against each other. Nothing of a
//! trial is kept.

use std::collections::HashMap;

use serde::Serialize;

use crate::findings::{Reason, Side};
use crate::reconcile::Outcome;
use crate::reconcile::statement::{Basis, Class, ClassedRow};

/// Passes worth a try between receipts and orders, as `receipts.toml` has them.
///
/// The more precise come first. An amount and a day alone prove nothing: the last one names
/// a likely partner and pairs nobody.
pub const ORDER_PASSES: [(&str, &str); 4] = [
    (
        "order_folded",
        "on = [\"reference as folded\"]\nwithin = { gross = \"0.05\", issue_date = \"31d\" }",
    ),
    (
        "order_letters",
        "on = [\"reference as letters\"]\nwithin = { gross = \"0.05\", issue_date = \"31d\" }",
    ),
    (
        "order_digits",
        "on = [\"reference as digits\"]\nwithin = { gross = \"0.05\", issue_date = \"31d\" }",
    ),
    ("amount_and_day", "on = [\"gross\", \"issue_date\"]\nunique = true\nstatus = \"suggest\""),
];

/// Returns one of those passes as TOML that can stand at the end of a file of rules.
#[must_use]
pub fn pass_as_toml((name, says): (&str, &str)) -> String {
    format!("[[passes]]\nname = \"{name}\"\n{says}\n")
}

/// Counts what a trial changes among receipts and orders.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Gain {
    /// Pairs that it makes.
    pub pairs: u64,
    /// Orders for which it names a likely receipt without pairing them.
    pub named: u64,
    /// Cents of the rows in them, signs aside.
    pub cents: i64,
    /// Rows that become ambiguous.
    pub ambiguous: u64,
    /// Rows that have another partner than before.
    pub changed: u64,
    /// The first receipt and its order, by their ids.
    pub example: Option<(String, String)>,
}

impl Gain {
    /// Returns what was gained in both of two months.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            pairs: self.pairs + other.pairs,
            named: self.named + other.named,
            cents: self.cents.saturating_add(other.cents),
            ambiguous: self.ambiguous + other.ambiguous,
            changed: self.changed + other.changed,
            example: self.example.or(other.example),
        }
    }
}

/// Holds two outcomes of the same rows against each other.
#[must_use]
pub fn gained(before: &Outcome, tried: &Outcome) -> Gain {
    let known: HashMap<(Side, &str), &ClassedRow> =
        rows(before).map(|row| ((row.side, row.record.id.as_str()), row)).collect();
    let mut gain = Gain::default();
    for row in rows(tried) {
        let was = known.get(&(row.side, row.record.id.as_str()));
        let (partner, had) = (row.partner_id(), was.and_then(|row| row.partner_id()));
        let is_new = |class: Class| row.class == class && was.is_none_or(|was| was.class != class);
        gain.ambiguous += u64::from(is_new(Class::Ambiguous));
        gain.changed += u64::from(had.is_some() && partner != had);
        let suggested = |row: &ClassedRow| matches!(*row.reason, Reason::Suggested { .. });
        let example = match (&*row.reason, row.side) {
            (_, Side::Left) if partner.is_some() && had.is_none() => {
                gain.pairs += 1;
                partner.map(|partner| (row.record.id.clone(), partner.to_owned()))
            }
            (Reason::Suggested { record, .. }, Side::Right)
                if !was.is_some_and(|was| suggested(was)) =>
            {
                gain.named += 1;
                Some((record.id.clone(), row.record.id.clone()))
            }
            _ => continue,
        };
        let cents = row.amount_cents.unwrap_or(0).saturating_abs();
        gain.cents = gain.cents.saturating_add(cents);
        gain.example = gain.example.or(example);
    }
    gain
}

fn rows(outcome: &Outcome) -> impl Iterator<Item = &ClassedRow> {
    let of_orders = outcome.statements.iter().filter(|one| one.statement.basis == Basis::Orders);
    of_orders.flat_map(|one| &one.rows)
}
