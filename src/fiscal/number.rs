//! Document numbers as different systems write the same one.
//!
//! Numbers are compared through tiers: exact, normalised, digits only. The tier on which
//! two numbers agreed is part of the reason that a match carries.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Tells on which tier two document numbers agree, most precise first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberTier {
    /// The same text, apart from outer blanks and apostrophes.
    Exact,
    /// The same after case, blanks, leading zeros, prefixes and year suffix are dropped.
    Normalised,
    /// The same sequence of digits.
    DigitsOnly,
}

/// Words that systems put before a number without changing which one it is.
const PREFIXES: [&str; 10] = ["FATTURA", "FATT", "FPR", "FPA", "FT", "FV", "INV", "NR", "N", "DOC"];

/// Returns the normalised form of a document number.
///
/// `FPR 12/26`, `0012/2026` and `12` of an invoice issued in 2026 all become `12`; a
/// series stays part of the number (`000123/A` becomes `123/A`, `FPR/7/B` becomes `7/B`).
/// The year of issue says which suffix is a year; without it none is dropped.
#[must_use]
pub fn normalise_number(number: &str, year: Option<i32>) -> String {
    let upper = number.trim_matches(|c: char| c == '\'' || c.is_whitespace()).to_uppercase();
    let mut parts: Vec<String> = upper
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty())
        .filter_map(split_prefix)
        .map(|part| strip_zeros(&part))
        .collect();
    if let Some(year) = year
        && parts.len() > 1
    {
        let (long, short) = (year.to_string(), format!("{}", year.rem_euclid(100)));
        if parts.last().is_some_and(|last| *last == long || *last == short) {
            parts.pop();
        } else if parts.first().is_some_and(|first| *first == long) {
            parts.remove(0);
        }
    }
    parts.join("/")
}

/// Returns only the digits of a number, without leading zeros.
#[must_use]
pub fn digits_only(number: &str) -> String {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    strip_zeros(&digits)
}

/// Parts a known prefix from the digits that follow it, and drops it.
fn split_prefix(part: &str) -> Option<String> {
    for prefix in PREFIXES {
        if part == prefix {
            return None;
        }
        if let Some(rest) = part.strip_prefix(prefix)
            && rest.starts_with(|first: char| first.is_ascii_digit())
        {
            return Some(rest.to_owned());
        }
    }
    Some(part.to_owned())
}

fn strip_zeros(part: &str) -> String {
    match part.trim_start_matches('0') {
        "" if part.is_empty() => String::new(),
        "" => "0".to_owned(),
        rest if rest.starts_with(|c: char| c.is_ascii_digit()) => rest.to_owned(),
        _ => part.to_owned(),
    }
}

/// Holds the number of one sent invoice, as the provider or the books have it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SentNumber {
    /// The number as written.
    pub number: String,
    /// Its day of issue.
    pub day: NaiveDate,
    /// Whether the books say it, and not the provider.
    pub is_booked: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn variants_of_one_number_agree() {
        for variant in
            ["12", "0012", "FPR 12/26", "12/2026", "fpr12", "'12'", "2026/12", "FT-0012/2026"]
        {
            assert_eq!(normalise_number(variant, Some(2026)), "12", "{variant}");
        }
    }

    #[test]
    fn a_series_stays_part_of_the_number() {
        assert_eq!(normalise_number("000123/A", Some(2026)), "123/A");
        assert_eq!(normalise_number("FPR/7/B", Some(2026)), "7/B");
        assert_ne!(normalise_number("1/48", Some(2026)), normalise_number("48", Some(2026)));
        assert_eq!(normalise_number("73/2025", Some(2026)), "73/2025");
        assert_eq!(normalise_number("26", Some(2026)), "26");
        assert_eq!(normalise_number("V1-7309", None), "V1/7309");
    }

    #[test]
    fn zeros_alone_stay_a_number() {
        assert_eq!(normalise_number("000", None), "0");
        assert_eq!(digits_only("FPR 0012/26"), "1226");
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(number in "[A-Z0-9/ .-]{0,12}") {
            let once = normalise_number(&number, None);
            prop_assert_eq!(normalise_number(&once, None), once);
        }
    }
}
