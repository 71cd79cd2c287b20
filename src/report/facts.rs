//! The values of a finding, taken out of its evidence for tables and files.

use super::digest::difference;
use crate::findings::{Evidence, Reason, RecordRef, Side, Slice};
use crate::fiscal::cents_to_decimal;

/// Holds the values of a finding that tables show in columns.
#[derive(Default)]
pub(crate) struct Facts<'a> {
    /// The side of a single row.
    pub(crate) side: Option<Side>,
    /// The row that people know the finding by.
    pub(crate) record: Option<&'a RecordRef>,
    /// The row of the books, when there is one.
    pub(crate) entry: Option<&'a RecordRef>,
    /// The provider's document, when there is one.
    pub(crate) document: Option<&'a RecordRef>,
    /// The machine word of what was compared.
    pub(crate) field: String,
    /// Both values as plain text.
    pub(crate) left: Option<String>,
    /// The right value.
    pub(crate) right: Option<String>,
    /// Both values in cents, where they are amounts.
    pub(crate) left_cents: Option<i64>,
    /// The right value in cents.
    pub(crate) right_cents: Option<i64>,
    /// Left minus right in cents, for amounts.
    pub(crate) difference_cents: Option<i64>,
    /// The file concerned when there is no row.
    pub(crate) file: Option<&'a str>,
}

impl<'a> Facts<'a> {
    /// Takes the values out of a finding's evidence.
    pub(crate) fn of(evidence: &'a Evidence) -> Self {
        match evidence {
            Evidence::Row { side, record, reason } => Self::of_row(*side, record, reason),
            Evidence::Pair { left, right, difference, .. } => Self {
                record: Some(left),
                document: Some(left),
                entry: Some(right),
                field: difference.field.as_str().to_owned(),
                left: difference.left.clone(),
                right: difference.right.clone(),
                difference_cents: difference.difference_cents,
                ..Self::default()
            },
            Evidence::Takings { slice, left_cents, right_cents, line, .. } => Self {
                record: line.as_ref(),
                entry: line.as_ref(),
                field: slice_word(slice),
                left: Some(cents_to_decimal(*left_cents)),
                right: Some(cents_to_decimal(*right_cents)),
                left_cents: Some(*left_cents),
                right_cents: Some(*right_cents),
                difference_cents: Some(difference(*left_cents, *right_cents)),
                ..Self::default()
            },
            Evidence::Settled { of } => {
                Self::of_cents("settlement", of.taken_cents, of.settled_cents)
            }
            Evidence::Payout { of } => Self::of_cents("payout", of.net_cents, of.paid_cents),
            Evidence::Uncovered { .. } => Self::default(),
            Evidence::Check { side, record, difference } => Self {
                side: Some(*side),
                record: Some(record),
                document: (*side == Side::Left).then_some(record),
                entry: (*side == Side::Right).then_some(record),
                field: difference.field.as_str().to_owned(),
                left: difference.left.clone(),
                right: difference.right.clone(),
                difference_cents: difference.difference_cents,
                ..Self::default()
            },
            Evidence::Gap { before, after, .. } => Self {
                field: "number".to_owned(),
                left: Some(before.clone()),
                right: Some(after.clone()),
                ..Self::default()
            },
            Evidence::Decision { accepted_cents, now_cents, .. } => Self {
                left: Some(cents_to_decimal(*accepted_cents)),
                right: now_cents.map(cents_to_decimal),
                left_cents: Some(*accepted_cents),
                right_cents: *now_cents,
                ..Self::default()
            },
            Evidence::File { file, .. } => Self { file: Some(file), ..Self::default() },
        }
    }

    fn of_cents(field: &str, left_cents: i64, right_cents: i64) -> Self {
        Self {
            field: field.to_owned(),
            left: Some(cents_to_decimal(left_cents)),
            right: Some(cents_to_decimal(right_cents)),
            left_cents: Some(left_cents),
            right_cents: Some(right_cents),
            difference_cents: Some(difference(left_cents, right_cents)),
            ..Self::default()
        }
    }

    fn of_row(side: Side, record: &'a RecordRef, reason: &'a Reason) -> Self {
        let cents = amount_cents(record);
        let text = cents.map(cents_to_decimal);
        let first = match reason {
            Reason::Paired { differences, .. } | Reason::Grouped { differences, .. } => {
                differences.first()
            }
            _ => None,
        };
        let is_left = side == Side::Left;
        let (left, right) = if is_left { (text, None) } else { (None, text) };
        let (left_cents, right_cents) = if is_left { (cents, None) } else { (None, cents) };
        Self {
            side: Some(side),
            record: Some(record),
            document: is_left.then_some(record),
            entry: (!is_left).then_some(record),
            field: first.map_or_else(String::new, |one| one.field.as_str().to_owned()),
            left,
            right,
            left_cents,
            right_cents,
            difference_cents: first.and_then(|one| one.difference_cents),
            file: None,
        }
    }
}

/// Returns the amount that people know a row by: gross, else taxable plus VAT.
pub(crate) fn amount_cents(record: &RecordRef) -> Option<i64> {
    let parts = || record.taxable_cents?.checked_add(record.vat_cents?);
    record.gross_cents.or_else(parts)
}

/// Returns the machine word of a slice: `rate 22`, `tender cash`.
fn slice_word(slice: &Slice) -> String {
    match slice {
        Slice::Rate(rate) => format!("rate {rate}"),
        Slice::Tender(tender) => {
            // The serde word is the one spelled in the store and in JSON.
            let word = serde_json::to_value(tender).ok();
            let word = word.as_ref().and_then(serde_json::Value::as_str);
            format!("tender {}", word.unwrap_or_default())
        }
    }
}
