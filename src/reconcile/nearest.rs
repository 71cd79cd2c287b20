//! The row of the other side that came nearest to being the partner.

use crate::findings::{Field, Nearest};
use crate::reconcile::Tolerance;
use crate::reconcile::compare::{differences, text_difference};
use crate::reconcile::record::Record;

/// Days within which an equal amount of another party is worth naming.
const DAYS_NEAR: u64 = 10;

/// Returns the nearest row and the first thing in which it fails, if any comes near.
///
/// Near means: the same party with a similar number or amount, the same number, or the
/// same amount within a few days. The order is total, so ties go to the stable order.
pub(super) fn nearest(record: &Record, others: &[Record], tolerance: Tolerance) -> Option<Nearest> {
    let (_, other) = others
        .iter()
        .filter(|other| other.currency == record.currency)
        .filter_map(|other| Some((closeness(record, other)?, other)))
        .min_by(|(a, left), (b, right)| a.cmp(b).then_with(|| left.order().cmp(&right.order())))?;
    let failed = differences(record, other, tolerance).into_iter().next().unwrap_or_else(|| {
        // Everything agrees: the row has another partner already.
        text_difference(Field::Number, record.number.as_deref(), other.number.as_deref())
    });
    Some(Nearest { record: other.reference.clone(), failed })
}

/// Ranks nearness, least first; `None` when the rows have too little in common.
fn closeness(record: &Record, other: &Record) -> Option<(u8, u64, u64)> {
    let days = match (record.issue_date, other.issue_date) {
        (Some(a), Some(b)) => (a - b).num_days().unsigned_abs(),
        _ => u64::MAX,
    };
    let cents = match (record.amount_cents, other.amount_cents) {
        (Some(a), Some(b)) => a.abs_diff(b),
        _ => u64::MAX,
    };
    let has_same_number = record.number_tier(other).is_some();
    let has_same_party = record.shares_party(other);
    let step = match (has_same_number, has_same_party, cents == 0) {
        (true, true, _) => 0,
        (true, false, true) | (false, true, true) => 1,
        (true, false, false) => 2,
        (false, false, true) if days <= DAYS_NEAR => 3,
        _ => return None,
    };
    Some((step, cents, days))
}
