//! A VAT rate in hundredths of a per cent, or the nature that replaces one.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::fiscal::{Amount, AmountError};

/// Holds a VAT rate, or the nature code of an operation without VAT.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum VatRate {
    /// Hundredths of a per cent: 2200 is 22 %.
    Rate(u32),
    /// A nature code such as `N4` (exempt) or `N2.2`; the words of the law.
    Nature(String),
}

impl FromStr for VatRate {
    type Err = AmountError;

    /// Reads `22`, `22.00`, `6.4`, `22%` or a nature such as `N2.1`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let trimmed = text.trim().trim_end_matches('%').trim_end();
        if let Some(code) = trimmed.strip_prefix(['N', 'n']) {
            let is_code = code.starts_with(|first: char| first.is_ascii_digit())
                && code.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
            return if is_code {
                Ok(Self::Nature(format!("N{code}")))
            } else {
                Err(AmountError::NotDecimal(text.to_owned()))
            };
        }
        let hundredths = Amount::cents_from_decimal(&trimmed.replace(',', "."))?;
        u32::try_from(hundredths)
            .ok()
            .filter(|rate| *rate <= 10_000)
            .map(Self::Rate)
            .ok_or_else(|| AmountError::NotDecimal(text.to_owned()))
    }
}

impl From<VatRate> for String {
    fn from(rate: VatRate) -> Self {
        rate.to_string()
    }
}

impl TryFrom<String> for VatRate {
    type Error = AmountError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl fmt::Display for VatRate {
    /// Writes `22`, `6.4` or `N4`, the shortest form.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nature(code) => formatter.write_str(code),
            Self::Rate(rate) => {
                let (whole, hundredths) = (rate / 100, rate % 100);
                if hundredths == 0 {
                    write!(formatter, "{whole}")
                } else if hundredths % 10 == 0 {
                    write!(formatter, "{whole}.{}", hundredths / 10)
                } else {
                    write!(formatter, "{whole}.{hundredths:02}")
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_rates_and_natures_alike() {
        for (text, shown) in [
            ("22", "22"),
            ("22.00", "22"),
            ("6,4", "6.4"),
            ("7.65", "7.65"),
            ("10 %", "10"),
            ("n2.1", "N2.1"),
        ] {
            assert_eq!(text.parse::<VatRate>().unwrap().to_string(), shown);
        }
        for text in ["", "N", "Nx", "-4", "1000", "22a"] {
            assert!(text.parse::<VatRate>().is_err(), "{text}");
        }
    }
}
