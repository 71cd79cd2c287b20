//! Gaps in the numbers of sent invoices.
//!
//! A number is missing from its series when neither side has it: what only one side has is
//! told as a missing document or a missing booking already.

use chrono::{Datelike as _, Days, NaiveDate};

use crate::findings::{Evidence, Kind};
use crate::fiscal::{Currency, SentNumber, normalise_number};
use crate::reconcile::Input;
use crate::reconcile::checks::numbers::Numbers;
use crate::reconcile::invoice_sides::InvoiceSide;
use crate::reconcile::record::Record;
use crate::reconcile::verdict::FindingMaker;

/// Fewer numbers than these are no series.
const NUMBERS_MIN: usize = 3;

/// How far before the period documents are read: what lies further back is asked for by number.
const DAYS_BEFORE: u64 = 62;

/// Adds a finding for each gap whose end lies in the period.
///
/// Returns the numbers when a series may go on before the days that were read: with those of
/// earlier in the year, `find_gaps_of_year` tells its gaps.
pub(super) fn find_gaps(
    input: &Input,
    sides: &[[InvoiceSide; 2]; 2],
    make: &mut FindingMaker,
) -> Option<Vec<SentNumber>> {
    let wants_older = note_gaps(input, &numbers(sides), false, make);
    wants_older.then(|| {
        let told = sent(sides).map(|(_, written, day, is_booked)| SentNumber {
            number: written.trim().to_owned(),
            day,
            is_booked,
        });
        let mut told: Vec<SentNumber> = told.collect();
        told.sort_unstable();
        told
    })
}

/// Adds a finding for each gap of the year whose end lies in the period.
pub(in crate::reconcile) fn find_gaps_of_year<'a>(
    input: &Input,
    sent: impl Iterator<Item = &'a SentNumber>,
    make: &mut FindingMaker,
) {
    let mut numbers = Numbers::default();
    for one in sent {
        let normal = normalise_number(&one.number, Some(one.day.year()));
        numbers.push(&normal, &one.number, one.day, one.is_booked);
    }
    note_gaps(input, &numbers, true, make);
}

/// Adds the gaps; tells whether a series may go on before the days that were read.
fn note_gaps(input: &Input, numbers: &Numbers<'_>, is_year: bool, make: &mut FindingMaker) -> bool {
    let mut wants_older = false;
    for counted in numbers.counters() {
        let (Some((first, earliest)), Some((last, _))) = (counted.first(), counted.last()) else {
            continue;
        };
        // The first number that was read is not the first of its series.
        wants_older |= *first > 1 && input.period.contains(earliest.day);
        let present = counted.len() as u64;
        let missing = last - first + 1 - present;
        // A sparse list counts something else, orders or customers, and has no gaps.
        if counted.len() < NUMBERS_MIN || missing > present {
            continue;
        }
        for pair in counted.windows(2).filter(|pair| pair[1].0 > pair[0].0 + 1) {
            let (before, after) = (pair[0].1, pair[1].1);
            if !input.period.contains(after.day) {
                continue;
            }
            let is_near = before.day + Days::new(DAYS_BEFORE) >= input.period.from;
            wants_older |= !is_near;
            if is_near || is_year {
                let evidence = Evidence::Gap {
                    before: before.written.to_owned(),
                    after: after.written.to_owned(),
                    day: after.day,
                    missing: pair[1].0 - pair[0].0 - 1,
                };
                make.push(Kind::NumberGap, evidence, 0, Currency::EUR);
            }
        }
    }
    wants_older
}

/// Returns the rows that the company sent, on either side, with number and day.
///
/// A discarded invoice leaves no gap: it is on record at the provider, number and all.
/// What the company sent to itself stands among what it received, and bears its numbers.
fn sent(sides: &[[InvoiceSide; 2]; 2]) -> impl Iterator<Item = (&Record, &str, NaiveDate, bool)> {
    let rows = sides.iter().flat_map(|direction| direction.iter().enumerate());
    rows.flat_map(|(hand, side)| side.rows.iter().map(move |row| (row, hand == 1)))
        .filter(|(row, _)| row.sort.is_sent && !row.sort.is_notice)
        .filter_map(|(row, is_booked)| {
            Some((row, row.reference.number.as_deref()?, row.issue_date?, is_booked))
        })
}

fn numbers(sides: &[[InvoiceSide; 2]; 2]) -> Numbers<'_> {
    let mut numbers = Numbers::default();
    for (row, written, day, is_booked) in sent(sides) {
        match &row.normalised {
            Some(normal) if row.number_rule.is_none() => {
                numbers.push(normal, written, day, is_booked);
            }
            _ => {
                let normal = normalise_number(written, Some(day.year()));
                numbers.push(&normal, written, day, is_booked);
            }
        }
    }
    numbers
}
