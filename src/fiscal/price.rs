//! What one call of the provider costs: small fractions of a euro, counted exactly.

use std::fmt;

/// Digits after the point of a price: a receipt costs 1.9 cents.
const DECIMALS: usize = 4;
/// How many units of a price make a cent.
const UNITS_PER_CENT: i64 = 100;

/// Holds a price in ten-thousandths of a euro, never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Price(i64);

impl Price {
    /// Returns the price of a decimal text such as `0.019`, of up to four decimals.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
        let are_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || fraction.len() > DECIMALS || text.trim().ends_with('.') {
            return None;
        }
        if !are_digits(whole) || !are_digits(fraction) {
            return None;
        }
        format!("{whole}{fraction:0<DECIMALS$}").parse().ok().map(Self)
    }

    /// Returns the price of so many calls, at most what an `i64` holds.
    #[must_use]
    pub fn times(self, count: u64) -> Self {
        Self(self.0.saturating_mul(i64::try_from(count).unwrap_or(i64::MAX)))
    }

    /// Returns the price in cents, a begun cent counted whole.
    #[must_use]
    pub fn cents_up(self) -> i64 {
        self.0 / UNITS_PER_CENT + i64::from(self.0 % UNITS_PER_CENT > 0)
    }
}

impl fmt::Display for Price {
    /// Writes euros with at least two decimals: `0.019`, `1.00`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{:0>5}", self.0);
        let (whole, fraction) = digits.split_at(digits.len() - DECIMALS);
        let kept = fraction.trim_end_matches('0').len().max(2);
        write!(formatter, "{whole}.{}", &fraction[..kept])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_read_and_write_alike() {
        for (text, shown, cents) in [
            ("0.019", "0.019", 2),
            ("0.05", "0.05", 5),
            ("1", "1.00", 100),
            ("0", "0.00", 0),
            ("0.0001", "0.0001", 1),
            ("12.3456", "12.3456", 1235),
        ] {
            let price = Price::parse(text).unwrap();
            assert_eq!((price.to_string().as_str(), price.cents_up()), (shown, cents), "{text}");
        }
        for text in ["", ".5", "1.", "-1", "0.00001", "1,5", "1e3"] {
            assert_eq!(Price::parse(text), None, "{text}");
        }
    }

    #[test]
    fn many_calls_cost_their_sum() {
        assert_eq!(Price::parse("0.019").unwrap().times(3).to_string(), "0.057");
        assert_eq!(Price::parse("1").unwrap().times(u64::MAX).cents_up(), i64::MAX / 100 + 1);
    }
}
