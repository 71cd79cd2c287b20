//! The vendor's numbers: up to eight decimals, cut and not rounded, whole when whole.

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// One cent, counted in hundred-millionths.
const CENT: i64 = 1_000_000;
/// One whole, counted in hundred-millionths.
const WHOLE: i64 = 100 * CENT;

/// Is a number of at most eight decimals, counted in hundred-millionths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Number(i64);

impl Number {
    pub(super) const ZERO: Self = Self(0);

    pub(super) fn cents(cents: i64) -> Self {
        Self(cents * CENT)
    }

    /// Returns the part of a gross amount that is not VAT, cut at eight decimals.
    pub(super) fn net_of(gross_cents: i64, rate: Rate) -> Self {
        let gross = i128::from(gross_cents) * i128::from(CENT);
        let net = gross * 10_000 / (10_000 + i128::from(rate.basis_points));
        Self(i64::try_from(net).expect("a part is not more than the whole"))
    }

    pub(super) fn minus(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self(self.0 + other.0)
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
}
