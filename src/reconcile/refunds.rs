//! What went back of an order's money, and whether both sides know of it.
//!
//! A shop keeps a refund as a state of the order, the provider as a return or a void of
//! the sale. Exports give the order's gross before the refund, or the net after it; both
//! are right, so the state is compared first and the amounts after.

use std::collections::BTreeMap;

use crate::findings::{Difference, Field, Kind};
use crate::fiscal::Lifecycle;
use crate::reconcile::compare::{self, amount_difference, text_difference};
use crate::reconcile::receipts::Receipt;
use crate::reconcile::record::Record;
use crate::reconcile::rules::Tolerance;

/// Words of shops for an order whose money went back, or never came.
const REFUNDED: [&str; 3] = ["refunded", "voided", "cancelled"];
const PARTLY_REFUNDED: &str = "partially_refunded";

/// Holds what became of one sale at the provider.
#[derive(Debug, Clone, Copy)]
pub(super) struct Undoing {
    /// Cents returned, positive.
    pub(super) returned_cents: i64,
    pub(super) is_voided: bool,
}

impl Undoing {
    /// Returns what became of a sale, by the returns that follow it.
    pub(super) fn of(sale: &Receipt<'_>, returned: &BTreeMap<&str, i64>) -> Self {
        Self {
            returned_cents: returned.get(sale.document.source_id.as_str()).copied().unwrap_or(0),
            is_voided: sale.document.lifecycle == Lifecycle::Voided,
        }
    }

    /// Tells whether nothing of the sale went back.
    pub(super) fn is_nothing(self) -> bool {
        !self.is_voided && self.returned_cents == 0
    }

    /// Tells whether nothing is left of the sale.
    pub(super) fn is_whole(self, sale: &Record) -> bool {
        self.is_voided || sale.amount_cents.is_some_and(|cents| self.returned_cents >= cents.max(1))
    }
}

/// Tells whether an order's money went back, wholly or in part, or never came.
pub(super) fn is_refunded(order: &Record) -> bool {
    let state = order.reference.status.as_deref().unwrap_or_default();
    REFUNDED.contains(&state) || state == PARTLY_REFUNDED
}

/// Sums what was returned of each sale, as positive cents by the sale's id.
pub(super) fn returned_by_sale<'a>(receipts: &[Receipt<'a>]) -> BTreeMap<&'a str, i64> {
    let mut returned: BTreeMap<&str, i64> = BTreeMap::new();
    for receipt in receipts {
        let document = receipt.document;
        if document.document_type.as_str() == "return"
            && receipt.left_out.is_none()
            && let Some(parent) = document.parent_id.as_deref()
        {
            let sum = returned.entry(parent).or_insert(0);
            *sum = sum.saturating_sub(receipt.record.amount_cents.unwrap_or(0));
        }
    }
    returned
}

/// Returns in what a sale and its order disagree, tolerated differences included.
///
/// The order's own date, tax split and buyer are the shop's, not the receipt's.
pub(super) fn order_conflicts(
    left: &Record,
    right: &Record,
    undone: Undoing,
    tolerance: &Tolerance,
) -> (Vec<Difference>, Vec<(Kind, Difference)>) {
    let state = right.reference.status.as_deref().unwrap_or_default();
    let gross = left.amount_cents.unwrap_or(0);
    let (is_refunded, is_partly) = (REFUNDED.contains(&state), state == PARTLY_REFUNDED);
    let mut conflicts = Vec::new();
    let differences = if undone.is_voided && !is_refunded {
        conflicts.push((Kind::VoidedButBooked, state_difference(left, right, Some(gross))));
        amounts(left, right, tolerance)
    } else if !undone.is_voided && undone.returned_cents > 0 && !is_refunded && !is_partly {
        let cents = undone.returned_cents;
        conflicts.push((Kind::ReturnedButBooked, state_difference(left, right, Some(cents))));
        amounts(left, right, tolerance)
    } else if is_refunded || is_partly {
        let kept = if undone.is_voided { 0 } else { gross.saturating_sub(undone.returned_cents) };
        let differences = refunded_amounts(left, right, kept);
        if differences.is_empty() && kept != 0 && (is_refunded || undone.returned_cents == 0) {
            // The shop gave money back that the receipts still show; of a part of the
            // order the export does not say how much.
            let cents = is_refunded.then_some(kept);
            conflicts.push((Kind::AmountDiffers, state_difference(left, right, cents)));
        }
        differences
    } else {
        amounts(left, right, tolerance)
    };
    let untold = differences.iter().filter(|one| !tolerance.allows(one));
    conflicts.extend(untold.map(|one| (compare::kind_of(one.field), one.clone())));
    (differences, conflicts)
}

fn amounts(left: &Record, right: &Record, tolerance: &Tolerance) -> Vec<Difference> {
    compare::differences(left, right, Some(tolerance))
}

/// Compares an order whose money went back with its sale, before or after the return.
fn refunded_amounts(left: &Record, right: &Record, kept: i64) -> Vec<Difference> {
    match (left.amount_cents, right.amount_cents) {
        (Some(gross), Some(order)) if order != gross && order != kept => {
            vec![amount_difference(Field::Gross, kept, order, None)]
        }
        _ => Vec::new(),
    }
}

fn state_difference(left: &Record, right: &Record, cents: Option<i64>) -> Difference {
    let (a, b) = (left.reference.status.as_deref(), right.reference.status.as_deref());
    Difference { difference_cents: cents, ..text_difference(Field::Status, a, b) }
}
