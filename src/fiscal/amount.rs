//! Money as whole cents of one currency.
//!
//! Text becomes cents through `rust_decimal`, never through a float, and is rounded in
//! one place only: half away from zero at the second decimal.

use std::fmt;
use std::str::FromStr;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Holds a signed number of minor units and their currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Amount {
    /// Signed minor units: cents for the euro.
    pub cents: i64,
    /// The currency; amounts of different currencies never meet.
    pub currency: Currency,
}

/// Names a currency by its three-letter ISO 4217 code.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Currency([u8; 3]);

/// Says why a text is not an amount.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AmountError {
    /// The text is not a plain decimal number.
    #[error("`{0}` is not a decimal number")]
    NotDecimal(String),
    /// The number does not fit 64-bit cents.
    #[error("`{0}` is too large for an amount")]
    TooLarge(String),
    /// The currency is not three capital letters.
    #[error("`{0}` is not a currency code of three letters")]
    Currency(String),
}

impl Currency {
    /// The euro, the currency of every Italian fiscal document.
    pub const EUR: Self = Self(*b"EUR");

    /// Returns the three-letter code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("only ASCII letters are ever stored")
    }
}

impl FromStr for Currency {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let upper = text.trim().to_ascii_uppercase();
        match <[u8; 3]>::try_from(upper.as_bytes()) {
            Ok(code) if code.iter().all(u8::is_ascii_uppercase) => Ok(Self(code)),
            _ => Err(AmountError::Currency(text.to_owned())),
        }
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.as_str().to_owned()
    }
}

impl TryFrom<String> for Currency {
    type Error = AmountError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl Amount {
    /// Returns an amount of euro cents.
    #[must_use]
    pub fn euro(cents: i64) -> Self {
        Self { cents, currency: Currency::EUR }
    }

    /// Returns the cents of a decimal text such as `90.16393442`.
    ///
    /// The text has an optional sign, digits, and at most one dot; an exponent is
    /// refused. Digits past the second decimal are rounded half away from zero: this is
    /// the one rounding place of the crate.
    pub fn cents_from_decimal(text: &str) -> Result<i64, AmountError> {
        let trimmed = text.trim();
        let plain = trimmed.strip_prefix(['-', '+']).unwrap_or(trimmed);
        let is_plain = plain.starts_with(|first: char| first.is_ascii_digit())
            && plain.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        if !is_plain {
            return Err(AmountError::NotDecimal(text.to_owned()));
        }
        let decimal = Decimal::from_str(trimmed).map_err(|error| match error {
            rust_decimal::Error::ExceedsMaximumPossibleValue
            | rust_decimal::Error::LessThanMinimumPossibleValue
            | rust_decimal::Error::Underflow => AmountError::TooLarge(text.to_owned()),
            _ => AmountError::NotDecimal(text.to_owned()),
        })?;
        decimal
            .round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
            .checked_mul(Decimal::ONE_HUNDRED)
            .and_then(|cents| i64::try_from(cents.trunc()).ok())
            .ok_or_else(|| AmountError::TooLarge(text.to_owned()))
    }
}

/// Writes cents as plain decimal text with a dot, for files and machines.
#[must_use]
pub fn cents_to_decimal(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let positive = cents.unsigned_abs();
    format!("{sign}{}.{:02}", positive / 100, positive % 100)
}

impl fmt::Display for Amount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", cents_to_decimal(self.cents), self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn eight_decimals_round_away_from_zero() {
        assert_eq!(Amount::cents_from_decimal("90.16393442"), Ok(9016));
        assert_eq!(Amount::cents_from_decimal("0.005"), Ok(1));
        assert_eq!(Amount::cents_from_decimal("-0.005"), Ok(-1));
        assert_eq!(Amount::cents_from_decimal("1.804999999"), Ok(180));
        assert_eq!(Amount::cents_from_decimal("10"), Ok(1000));
    }

    #[test]
    fn refuses_what_is_no_decimal() {
        for text in ["", "-", ".5", "1e3", "1,5", "1_000", "0x1", "1.2.3", "NaN", "--1"] {
            assert!(Amount::cents_from_decimal(text).is_err(), "{text}");
        }
        assert!(matches!(
            Amount::cents_from_decimal("92233720368547758.08"),
            Err(AmountError::TooLarge(_))
        ));
    }

    #[test]
    fn tells_apart_amounts_that_floats_confuse() {
        let left = Amount::cents_from_decimal("90071992547409.93");
        assert_ne!(left, Amount::cents_from_decimal("90071992547409.92"));
    }

    proptest! {
        #[test]
        fn cents_survive_writing_and_reading(cents in any::<i64>()) {
            prop_assert_eq!(Amount::cents_from_decimal(&cents_to_decimal(cents)), Ok(cents));
        }
    }
}
