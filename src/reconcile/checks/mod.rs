//! What is wrong in rows and series by themselves, without a second side.
//!
//! Comes in: what a comparison of invoices was given. Goes out: findings of four kinds.
//! Numbers of sent invoices run without gaps (`numbers`, `series`) and are used once a year
//! (`repeats`); terms of transmission and registration are kept (`terms`); taxable amount and
//! VAT make the total, or something known explains why not (`totals`). None of these moves a
//! row into another class, and only a total that nobody can explain puts money at risk:
//! everything else that a missing or repeated document costs is told by the comparison.

mod numbers;
mod repeats;
mod series;
mod terms;
mod totals;

pub(super) use series::find_gaps_of_year;

use crate::findings::Finding;
use crate::fiscal::{Direction, SentNumber};
use crate::reconcile::Input;
use crate::reconcile::invoice_sides::InvoiceSide;
use crate::reconcile::verdict::FindingMaker;

/// Returns what the checks find in the period's rows of a direction.
///
/// The numbers that were read come too, where those of earlier in the year are wanted.
pub(super) fn check_invoices(
    input: &Input,
    direction: Direction,
    sides: &[[InvoiceSide; 2]; 2],
) -> (Vec<Finding>, Option<Vec<SentNumber>>) {
    let mut make = FindingMaker::new(input, direction);
    let [left, right] = &sides[direction as usize];
    let is_outgoing = direction == Direction::Outgoing;
    let numbers = is_outgoing.then(|| series::find_gaps(input, sides, &mut make)).flatten();
    repeats::find_repeats(direction, left, &mut make);
    totals::check([left, right], &mut make);
    terms::check(direction, right, &mut make);
    (make.into_findings(), numbers)
}
