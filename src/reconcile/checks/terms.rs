//! Terms: when an invoice has to be transmitted, and when it has to be registered.
//!
//! An immediate invoice goes to the SdI within twelve days of its date, a deferred one
//! (TD24) by the 15th of the next month (DPR 633/1972, art. 21). Sales are registered by the
//! 15th of the month after (art. 23), purchases by the return of the year after, 30 April
//! (art. 25). Only days that the books state are judged: when the provider took a document
//! in says nothing about an invoice that another channel transmitted.

use chrono::{Datelike as _, Days, Months, NaiveDate};

use crate::findings::{Evidence, Field, Kind, Side};
use crate::fiscal::Direction;
use crate::reconcile::compare::text_difference;
use crate::reconcile::invoice_sides::InvoiceSide;
use crate::reconcile::record::Record;
use crate::reconcile::verdict::FindingMaker;

const DAYS_IMMEDIATE: u64 = 12;

/// Adds a finding for each entry of the period that was transmitted or registered late.
pub(super) fn check(direction: Direction, right: &InvoiceSide, make: &mut FindingMaker) {
    for (index, record) in right.rows.iter().enumerate() {
        if !record.is_in_period || right.left_out.contains_key(&index) {
            continue;
        }
        let Some(day) = record.issue_date else {
            continue;
        };
        let late = [
            (
                Kind::TransmittedLate,
                Field::TransmissionDate,
                record.transmission_date,
                transmit_by(direction, record, day),
            ),
            (
                Kind::RegisteredLate,
                Field::RegistrationDate,
                record.registration_date,
                register_by(direction, day),
            ),
        ];
        for (kind, field, done, by) in late {
            if let (Some(done), Some(by)) = (done, by)
                && done > by
            {
                let (by, done) = (by.to_string(), done.to_string());
                let difference = text_difference(field, Some(&by), Some(&done));
                let record_ref = record.told();
                let evidence =
                    Evidence::Check { side: Side::Right, record: record_ref, difference };
                make.push(kind, evidence, 0, record.currency);
            }
        }
    }
}

/// Returns the last day on which a sent invoice is transmitted in time.
fn transmit_by(direction: Direction, record: &Record, day: NaiveDate) -> Option<NaiveDate> {
    if direction == Direction::Incoming {
        return None;
    }
    match record.reference.document_type.as_deref().unwrap_or("TD01") {
        "TD01" | "TD02" | "TD03" | "TD06" | "TD07" | "TD09" => {
            Some(day + Days::new(DAYS_IMMEDIATE))
        }
        "TD24" => fifteenth_after(day),
        // Credit notes and self-invoices have terms that their date alone does not tell.
        _ => None,
    }
}

fn register_by(direction: Direction, day: NaiveDate) -> Option<NaiveDate> {
    match direction {
        Direction::Outgoing => fifteenth_after(day),
        Direction::Incoming => NaiveDate::from_ymd_opt(day.year() + 1, 4, 30),
    }
}

/// Returns the 15th of the month after a day's.
fn fifteenth_after(day: NaiveDate) -> Option<NaiveDate> {
    day.with_day(1)?.checked_add_months(Months::new(1))?.with_day(15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifteenth_is_of_the_next_month() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(fifteenth_after(day("2026-01-31")), Some(day("2026-02-15")));
        assert_eq!(fifteenth_after(day("2026-12-01")), Some(day("2027-01-15")));
    }
}
