//! Whether an invoice reached the SdI in time (art. 21 c. 4 DPR 633/72).

use chrono::{Datelike as _, Days, Months, NaiveDate};

use super::Check;
use crate::fiscal::DocumentType;

/// Days within which an immediate invoice has to be sent.
const IMMEDIATE_DAYS: u64 = 12;
/// Day of the next month by which a deferred one has to be.
const DEFERRED_DAY: u32 = 15;

/// Returns what is wrong with the day on which the SdI received a document.
///
/// The day is that of a notification; `body` is the document's position in its file.
#[must_use]
pub fn check_received(
    kind: &DocumentType,
    date: NaiveDate,
    body: usize,
    received_on: NaiveDate,
) -> Vec<Check> {
    let path = format!("FatturaElettronicaBody[{body}]/DatiGenerali/DatiGeneraliDocumento/Data");
    if date > received_on {
        let message = format!("the document is dated {date}, after the SdI received it");
        return vec![Check { code: "00403", path, message }];
    }
    match deadline(kind, date) {
        Some(last) if received_on > last => {
            let message = format!("the SdI received it on {received_on}; it was due by {last}");
            vec![Check { code: "late", path, message }]
        }
        _ => Vec::new(),
    }
}

/// Returns the last day on which a document of a date may be sent.
///
/// Twelve days for immediate documents; the 15th of the next month for TD24. `None` for
/// types whose term runs from something else: self-invoices, TD25 (the end of the month
/// after the operation, which the document does not say), credit notes, notices.
#[must_use]
pub fn deadline(kind: &DocumentType, date: NaiveDate) -> Option<NaiveDate> {
    match kind.as_str() {
        "TD01" | "TD02" | "TD03" | "TD05" | "TD06" | "TD07" | "TD09" => {
            date.checked_add_days(Days::new(IMMEDIATE_DAYS))
        }
        "TD24" => date.with_day(1)?.checked_add_months(Months::new(1))?.with_day(DEFERRED_DAY),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn deferred_invoices_wait_for_the_fifteenth() {
        let of = |kind: &str, date: &str| {
            deadline(&DocumentType::new(kind), day(date)).map(|last| last.to_string())
        };
        assert_eq!(of("TD01", "2026-02-20").as_deref(), Some("2026-03-04"));
        assert_eq!(of("TD24", "2026-01-31").as_deref(), Some("2026-02-15"));
        assert_eq!(of("TD24", "2026-12-05").as_deref(), Some("2027-01-15"));
        assert_eq!(of("TD17", "2026-01-31"), None);
    }
}
