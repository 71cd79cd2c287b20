//! What may differ between two paired rows without being a break.
//!
//! Only what `[compare]` names is compared. Amounts and dates have bounds, which are
//! inclusive and exact; the party must be the same; a number agrees on one of its tiers.

use crate::findings::{Difference, Explanation, Field};
use crate::fiscal::NumberTier;
use crate::reconcile::rules::column::RowPair;
use crate::reconcile::tables::tolerance::{Apart, Tolerance as Bound};
use crate::reconcile::tables::value::{Decimal, Mark, Value};

/// Holds what is compared in a pair, and by how much it may differ.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::reconcile) struct Tolerance {
    pub(in crate::reconcile) gross: Option<Bound>,
    pub(in crate::reconcile) taxable: Option<Bound>,
    pub(in crate::reconcile) vat: Option<Bound>,
    /// The dates that are compared, each with the field that it is told under.
    pub(in crate::reconcile) dates: Vec<(RowPair, Bound, Field)>,
    pub(in crate::reconcile) has_party: bool,
    /// The last tier on which two numbers still agree.
    pub(in crate::reconcile) number: Option<NumberTier>,
    /// Whether taxable and VAT may drift by their bound once for each row of a sum.
    pub(in crate::reconcile) is_each_row: bool,
}

impl Tolerance {
    /// Tells whether two amounts are as near as their bound allows.
    pub(in crate::reconcile) fn is_gross_near(&self, left_cents: i64, right_cents: i64) -> bool {
        left_cents == right_cents
            || self.gross.as_ref().is_some_and(|bound| are_near(bound, left_cents, right_cents))
    }

    /// Returns the most days that two dates may be apart; none when dates are not compared.
    pub(in crate::reconcile) fn days_apart(&self) -> u64 {
        let days = self.dates.iter().map(|(_, bound, _)| match bound {
            Bound::Days { before, after } => u64::from(*before.max(after)),
            _ => 0,
        });
        days.max().unwrap_or(0)
    }

    /// Tells whether a difference is small or explained enough to need no finding.
    pub(in crate::reconcile) fn allows(&self, difference: &Difference) -> bool {
        let bound = match (difference.field, difference.explanation) {
            (Field::Gross, Some(Explanation::StampDuty)) => return true,
            (Field::Gross, _) => self.gross.as_ref(),
            (Field::Taxable, _) => self.taxable.as_ref(),
            (Field::Vat, _) => self.vat.as_ref(),
            (Field::IssueDate | Field::RegistrationDate | Field::TransmissionDate, _) => {
                let of_field =
                    |(_, _, field): &&(RowPair, Bound, Field)| *field == difference.field;
                return self.dates.iter().find(of_field).is_some_and(|(_, bound, _)| {
                    is_within(bound, difference, |text| {
                        let day = text.parse::<chrono::NaiveDate>().ok()?;
                        Some(Value::Day(chrono::Datelike::num_days_from_ce(&day)))
                    })
                });
            }
            _ => return false,
        };
        bound.is_some_and(|bound| {
            is_within(bound, difference, |text| {
                Decimal::parse(text.as_bytes(), Mark::Dot).map(Value::Number)
            })
        })
    }
}

/// Tells whether two sums are as near as a bound allows once for each of so many rows.
pub(in crate::reconcile) fn are_near_each(
    bound: &Bound,
    left_cents: i64,
    right_cents: i64,
    rows: u64,
) -> bool {
    let rows = i64::try_from(rows.max(1)).unwrap_or(i64::MAX);
    if rows == 1 {
        return are_near(bound, left_cents, right_cents);
    }
    // Rounded up, a share is within the bound exactly when the whole is within all of them.
    let off = left_cents.saturating_sub(right_cents);
    let rest = if off % rows == 0 { 0 } else { off.signum() };
    are_near(bound, off / rows + rest, 0)
}

/// Tells whether two amounts are as near as a bound allows.
pub(in crate::reconcile) fn are_near(bound: &Bound, left_cents: i64, right_cents: i64) -> bool {
    let value = |cents: i64| Value::Number(Decimal::new(cents.into(), 2));
    !matches!(bound.judge(&value(left_cents), &value(right_cents)), Apart::Beyond(_))
}

fn is_within(
    bound: &Bound,
    difference: &Difference,
    read: impl Fn(&str) -> Option<Value<'static>>,
) -> bool {
    let value = |text: &Option<String>| text.as_deref().and_then(&read);
    match (value(&difference.left), value(&difference.right)) {
        (Some(left), Some(right)) => !matches!(bound.judge(&left, &right), Apart::Beyond(_)),
        _ => false,
    }
}
