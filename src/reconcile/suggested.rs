//! A partner that a pass names and does not confirm, as the reason of the row that lacks one.

use crate::findings::{Reason, Side};
use crate::reconcile::compare;
use crate::reconcile::groups::across;
use crate::reconcile::pairing::Pairing;
use crate::reconcile::record::Record;
use crate::reconcile::rules::Tolerance;

/// Returns the reason of a row whose partner a pass only suggests.
pub(super) fn suggestion(
    pairing: &Pairing,
    sides: [&[Record]; 2],
    (side, index): (Side, usize),
    tolerance: &Tolerance,
) -> Option<Reason> {
    let (other, pass) = pairing.suggested(side, index)?;
    // Another pass may have given the partner away since.
    if pairing.is_paired(across(side), *other) {
        return None;
    }
    let (left, right) = match side {
        Side::Left => (&sides[0][index], &sides[1][*other]),
        Side::Right => (&sides[0][*other], &sides[1][index]),
    };
    let record = if side == Side::Left { right } else { left };
    Some(Reason::Suggested {
        pass: pass.clone(),
        record: Box::new(record.told()),
        differences: compare::differences(left, right, Some(tolerance)),
    })
}
