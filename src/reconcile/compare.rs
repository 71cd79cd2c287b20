//! What differs between two paired rows, and the known cause that fits.

use chrono::{Datelike as _, NaiveDate};

use crate::findings::{Difference, Explanation, Field, Kind};
use crate::fiscal::{NumberTier, cents_to_decimal};
use crate::reconcile::knot::Claim;
use crate::reconcile::party::PartyTier;
use crate::reconcile::record::Record;
use crate::reconcile::rules::Tolerance;
use crate::reconcile::tables::value::Value;

/// The stamp duty (imposta di bollo) on invoices without VAT above 77.47 euro.
const STAMP_DUTY_CENTS: i64 = 200;

/// More than this is no rounding, whatever the rules allow.
pub(super) const ROUNDING_CENTS: i64 = 5;

/// Ranks how well two rows agree; the least is the best partner.
///
/// The order is total: sign, party, size class of the amount's difference, number, whether
/// day and cents are the same, days between the dates, cents between the amounts. It is the
/// same from either side. Assignments of equal rank with different content are ambiguous.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Rank {
    opposite_sign: bool,
    party: PartyTier,
    amount: u8,
    number: u8,
    days_apart: u64,
    cents_apart: u64,
}

impl Rank {
    /// Returns the rank as a knot weighs it: what weighs more than distances, and these.
    ///
    /// An equal day weighs more than any sum of days: dates that agree are not torn apart
    /// to bring two others nearer.
    pub(super) fn claim(self) -> Claim {
        let is_other_day = self.days_apart != 0 || self.cents_apart != 0;
        let parts = [
            (u64::from(self.opposite_sign), 2),
            (self.party as u64, 8),
            (u64::from(self.amount), 4),
            (u64::from(self.number), 4),
            (u64::from(is_other_day), 2),
        ];
        let level = parts.iter().fold(0, |level, (part, size)| level * size + part);
        Claim { level, days: self.days_apart, cents: self.cents_apart }
    }
}

/// Returns how well two rows agree.
pub(super) fn rank(left: &Record, right: &Record, tolerance: &Tolerance) -> Rank {
    let (amount, cents_apart) = match (left.amount_cents, right.amount_cents) {
        (Some(a), Some(b)) if a == b => (0, 0),
        (Some(a), Some(b)) if tolerance.is_gross_near(a, b) => (1, a.abs_diff(b)),
        (Some(a), Some(b)) => (2, a.abs_diff(b)),
        _ => (3, u64::MAX),
    };
    let number = match left.number_tier(right) {
        Some(NumberTier::Exact | NumberTier::Normalised) => 0,
        Some(NumberTier::DigitsOnly) => 1,
        None => 2,
    };
    Rank {
        opposite_sign: has_opposite_sign(left, right),
        party: left.party.tier(&right.party),
        amount,
        number,
        days_apart: left.days_apart(right).unwrap_or(u64::MAX),
        cents_apart,
    }
}

/// Returns everything in which two paired rows differ, in a fixed order.
///
/// Only what the rules compare; without rules everything is compared.
pub(super) fn differences(
    left: &Record,
    right: &Record,
    tolerance: Option<&Tolerance>,
) -> Vec<Difference> {
    let is_compared = |has: fn(&Tolerance) -> bool| tolerance.is_none_or(has);
    let mut found = Vec::new();
    if has_opposite_sign(left, right) {
        let (a, b) = (left.amount_cents.unwrap_or(0), right.amount_cents.unwrap_or(0));
        found.push(amount_difference(Field::Sign, a, b, None));
    } else {
        if is_compared(|one| one.gross.is_some()) {
            found.extend(gross_difference(left, right));
        }
        if is_compared(|one| one.taxable.is_some()) {
            found.extend(part_difference(
                Field::Taxable,
                left.reference.taxable_cents,
                right.reference.taxable_cents,
            ));
        }
        if is_compared(|one| one.vat.is_some()) {
            found.extend(part_difference(
                Field::Vat,
                left.reference.vat_cents,
                right.reference.vat_cents,
            ));
        }
    }
    match tolerance {
        None => found.extend(date_difference(Field::IssueDate, left.issue_date, right.issue_date)),
        Some(tolerance) => {
            for (pair, _, field) in &tolerance.dates {
                let day = |value: Value<'_>| match value {
                    Value::Day(day) => NaiveDate::from_num_days_from_ce_opt(day),
                    _ => None,
                };
                let (a, b) = (day(pair.value(0, left)), day(pair.value(1, right)));
                found.extend(date_difference(*field, a, b));
            }
        }
    }
    let name = |record: &Record, tax_id_only: bool| {
        let id = record.reference.counterparty_tax_id.clone();
        if tax_id_only { id } else { record.reference.counterparty_name.clone().or(id) }
    };
    let tier = left.party.tier(&right.party);
    if tier >= PartyTier::OtherName && is_compared(|one| one.has_party) {
        let by_id = tier == PartyTier::OtherId;
        let (a, b) = (name(left, by_id), name(right, by_id));
        found.push(text_difference(Field::Counterparty, a.as_deref(), b.as_deref()));
    }
    let worst = match tolerance {
        None => Some(NumberTier::Normalised),
        Some(tolerance) => tolerance.number,
    };
    if let Some(worst) = worst
        && let (Some(a), Some(b)) = (left.number(), right.number())
        && left.number_tier(right).is_none_or(|tier| tier > worst)
    {
        found.push(text_difference(Field::Number, Some(a), Some(b)));
    }
    found
}

/// Returns the kind of finding that a difference in this field makes.
pub(super) fn kind_of(field: Field) -> Kind {
    match field {
        Field::Gross => Kind::AmountDiffers,
        Field::Taxable => Kind::TaxableDiffers,
        Field::Vat => Kind::VatDiffers,
        Field::IssueDate | Field::RegistrationDate | Field::TransmissionDate => Kind::DateDiffers,
        Field::Counterparty => Kind::CounterpartyDiffers,
        Field::Number => Kind::NumberDiffers,
        Field::Sign => Kind::SignDiffers,
        // A state is compared where its meaning is known, in `documents` and `orders`.
        Field::Status => Kind::DiscardedBySdiButBooked,
    }
}

/// Returns the difference of two amounts, explained where a known cause fits.
pub(super) fn amount_difference(
    field: Field,
    left_cents: i64,
    right_cents: i64,
    explanation: Option<Explanation>,
) -> Difference {
    Difference {
        field,
        left: Some(cents_to_decimal(left_cents)),
        right: Some(cents_to_decimal(right_cents)),
        difference_cents: left_cents.checked_sub(right_cents),
        explanation,
    }
}

/// Returns the difference of two texts.
pub(super) fn text_difference(field: Field, left: Option<&str>, right: Option<&str>) -> Difference {
    Difference {
        field,
        left: left.map(ToOwned::to_owned),
        right: right.map(ToOwned::to_owned),
        difference_cents: None,
        explanation: None,
    }
}

/// Equal amounts with opposite signs: a credit note booked as an invoice, or the reverse.
fn has_opposite_sign(left: &Record, right: &Record) -> bool {
    match (left.amount_cents, right.amount_cents) {
        (Some(a), Some(b)) => a != 0 && a.checked_neg() == Some(b),
        _ => false,
    }
}

fn gross_difference(left: &Record, right: &Record) -> Option<Difference> {
    let (a, b) = (left.amount_cents?, right.amount_cents?);
    if a == b {
        return None;
    }
    let difference = a.saturating_sub(b);
    let is_stamp_duty = difference.saturating_abs() == STAMP_DUTY_CENTS
        && (right.has_stamp_duty || right.reference.vat_cents == Some(0));
    let explanation = if is_stamp_duty {
        Some(Explanation::StampDuty)
    } else if difference.saturating_abs() <= ROUNDING_CENTS {
        Some(Explanation::Rounding)
    } else if [left.reference.vat_cents, right.reference.vat_cents]
        .into_iter()
        .flatten()
        .any(|vat| vat != 0 && vat.saturating_abs() == difference.saturating_abs())
    {
        Some(Explanation::VatOnly)
    } else if digits_are_transposed(a, b) {
        Some(Explanation::DigitsTransposed)
    } else {
        None
    };
    Some(amount_difference(Field::Gross, a, b, explanation))
}

fn part_difference(field: Field, left: Option<i64>, right: Option<i64>) -> Option<Difference> {
    let (a, b) = (left?, right?);
    (a != b).then(|| amount_difference(field, a, b, None))
}

fn date_difference(
    field: Field,
    left: Option<NaiveDate>,
    right: Option<NaiveDate>,
) -> Option<Difference> {
    let (a, b) = (left?, right?);
    if a == b {
        return None;
    }
    let is_swapped = a.year() == b.year() && a.month() == b.day() && a.day() == b.month();
    let mut difference = text_difference(field, Some(&a.to_string()), Some(&b.to_string()));
    difference.explanation = is_swapped.then_some(Explanation::DayMonthSwapped);
    Some(difference)
}

/// Tells whether one swap of neighbouring digits turns one amount into the other.
fn digits_are_transposed(left_cents: i64, right_cents: i64) -> bool {
    let (a, b) = (left_cents.to_string().into_bytes(), right_cents.to_string().into_bytes());
    if a.len() != b.len() {
        return false;
    }
    let differing: Vec<usize> = (0..a.len()).filter(|i| a[*i] != b[*i]).collect();
    matches!(differing[..], [i, j] if j == i + 1 && a[i] == b[j] && a[j] == b[i])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reconcile::rules::Rulebook;

    #[test]
    fn neighbouring_digits_changed_places() {
        assert!(digits_are_transposed(123_400, 124_300));
        assert!(!digits_are_transposed(123_400, 143_200));
        assert!(!digits_are_transposed(123_400, 123_500));
    }

    #[test]
    fn swapped_day_and_month_are_named() {
        let day = |text: &str| text.parse::<NaiveDate>().ok();
        let swapped =
            date_difference(Field::IssueDate, day("2026-02-05"), day("2026-05-02")).unwrap();
        assert_eq!(swapped.explanation, Some(Explanation::DayMonthSwapped));
        assert_eq!(
            date_difference(Field::IssueDate, day("2026-02-05"), day("2026-02-06"))
                .unwrap()
                .explanation,
            None
        );
    }

    #[test]
    fn tolerance_is_inclusive_and_exact() {
        let book = Rulebook::default();
        let tolerance = &book.receipts().tolerance;
        let gross = |cents: i64| amount_difference(Field::Gross, 10_000 + cents, 10_000, None);
        assert!(tolerance.allows(&gross(5)) && tolerance.allows(&gross(-5)));
        assert!(!tolerance.allows(&gross(6)) && !tolerance.allows(&gross(-6)));
    }
}
