//! The vendor's numbers: up to eight decimals, cut and not rounded, whole when whole.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// One cent, counted in hundred-millionths.
const CENT: i64 = 1_000_000;
/// One whole, counted in hundred-millionths.
const WHOLE: i64 = 100 * CENT;

/// Is a number of at most eight decimals, counted in hundred-millionths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Number(i64);

impl Number {
    pub(super) const ZERO: Self = Self(0);

    pub(super) fn cents(cents: i64) -> Self {
        Self(cents * CENT)
    }

    /// Reads a JSON number; what is beyond eight decimals is cut off.
    ///
    /// None when it is no number, or not smaller than some ninety thousand millions.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let decimal: Decimal = if text.contains(['e', 'E']) {
            Decimal::from_scientific(text).ok()?
        } else {
            text.parse().ok()?
        };
        let counted = decimal.checked_mul(Decimal::from(WHOLE))?;
        Some(Self(counted.trunc().to_i64()?))
    }

    /// Returns the part of a gross amount that is not VAT, cut at eight decimals.
    pub(super) fn net_of(gross_cents: i64, rate: Rate) -> Self {
        Self::cents(gross_cents).net_at(rate.basis_points)
    }

    /// Returns what is left without VAT at a rate in hundredths of a percent.
    pub(super) fn net_at(self, basis_points: u32) -> Self {
        let net = i128::from(self.0) * 10_000 / (10_000 + i128::from(basis_points));
        Self(i64::try_from(net).expect("a part is not more than the whole"))
    }

    /// Multiplies, cut at eight decimals; none when the product has no room.
    pub(super) fn times(self, other: Self) -> Option<Self> {
        let product = i128::from(self.0) * i128::from(other.0) / i128::from(WHOLE);
        i64::try_from(product).ok().map(Self)
    }

    /// Returns the share that a part of a whole has in this, cut at eight decimals.
    pub(super) fn share(self, part: Self, whole: Self) -> Self {
        if whole.0 == 0 {
            return Self::ZERO;
        }
        let share = i128::from(self.0) * i128::from(part.0) / i128::from(whole.0);
        Self(i64::try_from(share).unwrap_or_default())
    }

    pub(super) fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    fn text(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, rest) = (self.0.abs() / WHOLE, self.0.abs() % WHOLE);
        let decimals = format!("{rest:08}");
        match decimals.trim_end_matches('0') {
            "" => format!("{sign}{whole}"),
            decimals => format!("{sign}{whole}.{decimals}"),
        }
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % WHOLE == 0 {
            return serializer.serialize_i64(self.0 / WHOLE);
        }
        // Only text keeps a decimal number what it is: a float would not.
        let text = RawValue::from_string(self.text()).expect("digits and a point are JSON");
        text.serialize(serializer)
    }
}

/// Is a VAT rate with the code the vendor gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rate {
    pub(super) code: &'static str,
    basis_points: u32,
}

impl Rate {
    const fn new(code: &'static str, basis_points: u32) -> Self {
        Self { code, basis_points }
    }
}

/// Bread, milk, books.
pub(super) const MINIMUM: Rate = Rate::new("4", 400);
/// Herbs, some social services.
pub(super) const SUPER_REDUCED: Rate = Rate::new("5", 500);
/// Food, meals, hotels.
pub(super) const REDUCED: Rate = Rate::new("10", 1_000);
/// Everything else.
pub(super) const ORDINARY: Rate = Rate::new("22", 2_200);
/// A compensation rate of farmers, with a decimal in its code.
pub(super) const COMPENSATION: Rate = Rate::new("6.4", 640);
/// Outside VAT: nothing is due.
pub(super) const NOT_SUBJECT: Rate = Rate::new("N2", 0);

/// All codes a receipt's item may carry, as the vendor lists them.
const CODES: [&str; 22] = [
    "4", "5", "10", "22", "2", "6.4", "7", "7.3", "7.5", "7.65", "7.95", "8.3", "8.5", "8.8",
    "9.5", "12.3", "N1", "N2", "N3", "N4", "N5", "N6",
];

/// Returns the rate of a code in hundredths of a percent, if receipts know the code.
pub(super) fn basis_points(code: &str) -> Option<u32> {
    if !CODES.contains(&code) {
        return None;
    }
    // A nature such as N4 is no number: nothing is due.
    let percent = Number::parse(code).unwrap_or_default();
    u32::try_from(percent.0 / CENT).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn net_is_cut_at_eight_decimals() {
        assert_eq!(Number::net_of(11_000, ORDINARY).text(), "90.16393442");
        assert_eq!(Number::net_of(1_000, ORDINARY).text(), "8.19672131");
        let vat = Number::cents(11_000).minus(Number::net_of(11_000, ORDINARY));
        assert_eq!(vat.text(), "19.83606558");
    }

    #[test]
    fn whole_numbers_have_no_point() {
        assert_eq!(Number::cents(1_000).text(), "10");
        assert_eq!(Number::cents(450).text(), "4.5");
        assert_eq!(Number::cents(-5).text(), "-0.05");
        assert_eq!(Number::ZERO.text(), "0");
    }

    #[test]
    fn codes_without_vat_leave_gross() {
        assert_eq!(Number::net_of(770, NOT_SUBJECT), Number::cents(770));
    }

    #[test]
    fn numbers_are_read_as_written() {
        assert_eq!(Number::parse("59.99"), Some(Number::cents(5_999)));
        assert_eq!(Number::parse("-2"), Some(Number::cents(-200)));
        assert_eq!(Number::parse("1.5e2"), Some(Number::cents(15_000)));
        assert_eq!(Number::parse("0.123456789").unwrap().text(), "0.12345678");
        assert_eq!(Number::parse("1e30"), None);
        assert_eq!(Number::parse("true"), None);
    }

    #[test]
    fn codes_name_their_rates() {
        assert_eq!(basis_points("22"), Some(2_200));
        assert_eq!(basis_points("7.65"), Some(765));
        assert_eq!(basis_points("N4"), Some(0));
        assert_eq!(basis_points("0"), None);
        assert_eq!(basis_points("N2.1"), None);
    }
}
