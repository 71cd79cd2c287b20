//! Says how long records are kept that nobody is likely to ask for again.

use super::read::Reader;
use super::value::Value;

/// Says after how many days each kind of record is removed by `store prune`.
///
/// Documents, ledgers, findings with their history, runs and the last statement of each month
/// have no key: they are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Callbacks that were dealt with. Default 90; those about credentials at least 180.
    pub callbacks_days: u32,
    /// The bytes of mails and report files that were delivered. Default 365.
    pub deliveries_days: u32,
    /// Statements that a later run of the same month replaced. Default 90.
    pub statements_days: u32,
    /// Counts of requests a day. Default 400.
    pub requests_days: u32,
}

pub(super) fn build(reader: &mut Reader) -> Option<Retention> {
    let days = |value: &Value| value.number(1, 36_500);
    let callbacks_days = reader.required("retention.callbacks_days", days);
    // A mail is looked for by its key for a day and may wait much longer: its bytes must live.
    let deliveries_days = reader.required("retention.deliveries_days", days);
    let statements_days = reader.required("retention.statements_days", days);
    let requests_days = reader.required("retention.requests_days", days);
    Some(Retention {
        callbacks_days: callbacks_days?,
        deliveries_days: deliveries_days?,
        statements_days: statements_days?,
        requests_days: requests_days?,
    })
}
