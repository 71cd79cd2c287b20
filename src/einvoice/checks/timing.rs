//! Whether an invoice reached the SdI in time.

use chrono::{Datelike as _, Days, Months, NaiveDate};

use super::Check;
use crate::fiscal::DocumentType;

/// Days within which an immediate invoice has to be sent (art. 21 c. 4 DPR 633/72).
const IMMEDIATE_DAYS: u64 = 12;
/// Day of the next month by which a deferred one has to be.
const DEFERRED_DAY: u32 = 15;

/// Returns what is wrong with the day on which the SdI received a document.
///
/// The day is that of a notification; `body` is the document's position in its file, and
/// `delivered_on` the first day of the deliveries that it names.
#[must_use]
pub fn check_received(
    kind: &DocumentType,
    date: NaiveDate,
    delivered_on: Option<NaiveDate>,
    body: usize,
    received_on: NaiveDate,
) -> Vec<Check> {
    let path = format!("FatturaElettronicaBody[{body}]/DatiGenerali/DatiGeneraliDocumento/Data");
    if date > received_on {
        let message = format!("the document is dated {date}, after the SdI received it");
        return vec![Check::new("00403", path, message)];
    }
    match deadline(kind, date, delivered_on) {
        Some(last) if received_on > last => {
            let message = format!("the SdI received it on {received_on}; it was due by {last}");
            vec![Check::new("late", path, message)]
        }
        _ => Vec::new(),
    }
}

/// Returns the last day on which a document of a date may be sent.
///
/// - Immediate documents (TD01 to TD03, TD05 to TD07, TD09, and TD26 and TD27, which stand
///   for an operation of that day): twelve days.
/// - TD24: the 15th of the month after the first delivery that it names, or after its date.
/// - TD25: the end of that month (art. 21 c. 4 b).
/// - TD17 to TD19: the 15th of the month after the receipt or the operation, which their
///   date tells (art. 1 c. 3-bis D.Lgs. 127/2015).
///
/// `None` for types whose term runs from something that the file does not say: credit notes,
/// the other self-invoices, notices.
#[must_use]
pub fn deadline(
    kind: &DocumentType,
    date: NaiveDate,
    delivered_on: Option<NaiveDate>,
) -> Option<NaiveDate> {
    let next_month = |day: NaiveDate| day.with_day(1)?.checked_add_months(Months::new(1));
    // A delivery after the document is a mistake that must not lengthen the term.
    let operation = delivered_on.map_or(date, |day| day.min(date));
    match kind.as_str() {
        "TD01" | "TD02" | "TD03" | "TD05" | "TD06" | "TD07" | "TD09" | "TD26" | "TD27" => {
            date.checked_add_days(Days::new(IMMEDIATE_DAYS))
        }
        "TD24" => next_month(operation)?.with_day(DEFERRED_DAY),
        "TD25" => next_month(next_month(operation)?)?.pred_opt(),
        "TD17" | "TD18" | "TD19" => next_month(date)?.with_day(DEFERRED_DAY),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn of(kind: &str, date: &str, delivered_on: Option<&str>) -> Option<String> {
        deadline(&DocumentType::new(kind), day(date), delivered_on.map(day))
            .map(|last| last.to_string())
    }

    #[test]
    fn immediate_invoices_have_twelve_days() {
        for kind in ["TD01", "TD02", "TD03", "TD05", "TD06", "TD07", "TD09", "TD26", "TD27"] {
            assert_eq!(of(kind, "2026-02-20", None).as_deref(), Some("2026-03-04"), "{kind}");
        }
        for kind in ["TD04", "TD08", "TD16", "TD20", "TD21", "TD22", "TD28", "TD29"] {
            assert_eq!(of(kind, "2026-02-20", None), None, "{kind}");
        }
    }

    #[test]
    fn deferred_invoices_wait_for_their_day() {
        assert_eq!(of("TD24", "2026-01-31", None).as_deref(), Some("2026-02-15"));
        assert_eq!(of("TD24", "2026-12-05", None).as_deref(), Some("2027-01-15"));
        assert_eq!(of("TD25", "2026-01-31", None).as_deref(), Some("2026-02-28"));
        assert_eq!(of("TD25", "2026-12-05", None).as_deref(), Some("2027-01-31"));
        assert_eq!(of("TD17", "2026-01-31", None).as_deref(), Some("2026-02-15"));
    }

    #[test]
    fn deliveries_set_the_month() {
        let of = |kind, delivered_on| of(kind, "2026-03-10", Some(delivered_on));
        assert_eq!(of("TD24", "2026-02-27").as_deref(), Some("2026-03-15"));
        assert_eq!(of("TD25", "2026-02-27").as_deref(), Some("2026-03-31"));
        assert_eq!(of("TD24", "2026-04-01").as_deref(), Some("2026-04-15"));
        assert_eq!(of("TD01", "2026-02-27").as_deref(), Some("2026-03-22"));
    }
}
