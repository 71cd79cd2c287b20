//! Which receipt has the order that another one names: that one is a second receipt.
//!
//! Receipts name orders by the rules' own passes, so a name that a till writes otherwise is
//! looked up as the pass that paired it would.

use std::collections::BTreeMap;

use crate::findings::Side;
use crate::reconcile::pairing::{Pair, Pairing};
use crate::reconcile::record::Record;
use crate::reconcile::rules::{PassRule, RuleSet};

/// Holds the orders that have their receipt, by the names under which passes find them.
pub(super) struct Takers<'a> {
    rules: &'a RuleSet,
    right: &'a [Record],
    pairs: BTreeMap<(usize, String), Vec<&'a Pair>>,
}

impl<'a> Takers<'a> {
    /// Returns the takers of a pairing's orders.
    pub(super) fn of(rules: &'a RuleSet, right: &'a [Record], pairing: &'a Pairing) -> Self {
        let mut pairs: BTreeMap<(usize, String), Vec<&Pair>> = BTreeMap::new();
        for (place, pass) in identifying(rules) {
            for pair in &pairing.pairs {
                for key in pass.keys(Side::Right as usize, &right[pair.right]) {
                    pairs.entry((place, key)).or_default().push(pair);
                }
            }
        }
        Self { rules, right, pairs }
    }

    /// Returns the place of the receipt that has the order which a receipt names.
    pub(super) fn taker(&self, record: &Record) -> Option<usize> {
        identifying(self.rules).find_map(|(place, pass)| {
            let keys = pass.keys(Side::Left as usize, record).into_iter();
            let mut pairs = keys.filter_map(|key| self.pairs.get(&(place, key))).flatten();
            let taken = pairs.find(|pair| pass.permits(record, &self.right[pair.right]));
            taken.map(|pair| pair.left)
        })
    }
}

/// Returns the passes in which a receipt names its order.
fn identifying(rules: &RuleSet) -> impl Iterator<Item = (usize, &PassRule)> {
    let passes = rules.passes.iter().enumerate();
    passes.filter(|(_, pass)| pass.is_by_identifier() && !pass.is_suggestion)
}
