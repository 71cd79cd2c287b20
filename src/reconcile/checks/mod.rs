//! What is wrong in rows and series by themselves, without a second side.
//!
//! Comes in: what a comparison of invoices was given. Goes out: findings of four kinds.
//! Numbers of sent invoices run without gaps and are used once a year (`series`); terms of
//! transmission and registration are kept (`terms`); taxable amount and VAT make the total,
//! or something known explains why not (`totals`). None of these moves a row into another
//! class, and only a total that nobody can explain puts money at risk: everything else that
//! a missing or repeated document costs is told by the comparison.

mod series;
mod terms;
mod totals;

pub(super) use series::find_gaps;

use crate::fiscal::Direction;
use crate::reconcile::Input;
use crate::reconcile::invoice_sides::InvoiceSide;
use crate::reconcile::verdict::FindingMaker;

/// Adds what the checks find in the period's rows of a direction.
///
/// Tells whether numbers of earlier in the year are wanted (see `find_gaps`).
pub(super) fn check_invoices(
    input: &Input,
    direction: Direction,
    (left, right): (&InvoiceSide, &InvoiceSide),
    make: &mut FindingMaker,
) -> bool {
    let wants_older = direction == Direction::Outgoing && series::find_gaps(input, None, make);
    series::find_repeats(direction, left, make);
    totals::check([left, right], make);
    terms::check(direction, right, make);
    wants_older
}
