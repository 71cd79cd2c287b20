//! What may differ between two values of a column, and by how much, exactly.
//!
//! Every bound is inclusive: a difference of exactly `0.01` is within `0.01`, and one more
//! unit of the last digit is not. A percentage is of the larger of the two amounts, so that
//! it does not matter which side is left. Bounds with two signs say how far the right value
//! may lie below and above the left one; swapping the sides mirrors them.

use std::borrow::Cow;

use chrono::{Datelike as _, NaiveDate};
use strsim::osa_distance;

use crate::fiscal::{digits_only, normalise_number};
use crate::reconcile::tables::counterparty::names_one_party;
use crate::reconcile::tables::slip::is_slip;
use crate::reconcile::tables::value::{Decimal, Mark, Value};

/// States what may differ between two values of one column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::reconcile) enum Tolerance {
    /// Nothing, once both texts are brought into a form.
    Text(Form),
    /// Nothing either, where both sides say something.
    TextOrEmpty(Form),
    /// So much below and above the left amount.
    Amount { below: Decimal, above: Decimal },
    /// So many per cent of the larger amount, and no more than a cap.
    Percent { percent: Decimal, cap: Option<Decimal> },
    /// So many days before and after the left date.
    Days { before: u32, after: u32 },
    /// So many days either way, or any within one calendar year.
    DaysOrYear(u32),
    /// So many days either way, and within one calendar year.
    DaysInYear(u32),
    /// One slip of whoever typed a document's number; whether none at all is forgiven.
    Slip { or_empty: bool },
    /// Nothing but another way of writing one party, as [`super::counterparty_text`] puts it.
    Party,
    /// So many letters typed wrongly, left out, added or swapped with their neighbour.
    Edits(usize),
}

/// Names the form into which text is brought before it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::reconcile) enum Form {
    /// As written.
    Exact,
    /// Case and blanks do not count.
    Folded,
    /// Only letters and digits count, without case.
    Letters,
    /// Only digits count, without leading zeros.
    Digits,
    /// A document number without its prefix and leading zeros.
    Normalised,
    /// Words in any order, without case.
    Words,
}

/// The word for name and identifier of a party.
const PARTY: &str = "party";

/// The word for a number with a slip.
const SLIP: &str = "slip";

/// The forms by their words in a rules file.
pub(super) const FORMS: [(&str, Form); 6] = [
    ("exact", Form::Exact),
    ("folded", Form::Folded),
    ("letters", Form::Letters),
    ("digits", Form::Digits),
    ("normalised", Form::Normalised),
    ("words", Form::Words),
];

/// Tells how far apart two values are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::reconcile) enum Apart {
    /// Not at all.
    Equal,
    /// As far as the tolerance allows, or less.
    Within(Distance),
    /// Further.
    Beyond(Distance),
}

/// Measures the way from one value to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::reconcile) enum Distance {
    /// Left less right.
    Amount(Decimal),
    /// Right less left, in days.
    Days(i64),
    /// No measure.
    Other,
}

impl Form {
    /// Brings a text into the form.
    pub(in crate::reconcile) fn of<'a>(self, text: &Cow<'a, [u8]>) -> Cow<'a, [u8]> {
        if self == Self::Exact {
            return text.clone();
        }
        let written = String::from_utf8_lossy(text);
        let lower = || written.chars().flat_map(char::to_lowercase);
        Cow::Owned(
            match self {
                Self::Exact => return text.clone(),
                Self::Folded => lower().filter(|c| !c.is_whitespace()).collect(),
                Self::Letters => lower().filter(|c| c.is_alphanumeric()).collect(),
                Self::Digits => digits_only(&written),
                Self::Normalised => normalise_number(&written, None),
                Self::Words => {
                    let lower: String = lower().collect();
                    let mut words: Vec<&str> = lower
                        .split(|c: char| !c.is_alphanumeric())
                        .filter(|word| !word.is_empty())
                        .collect();
                    words.sort_unstable();
                    words.join(" ")
                }
            }
            .into_bytes(),
        )
    }
}

impl Tolerance {
    /// Reads a tolerance of a rules file; `None` when it has no known form.
    pub(in crate::reconcile) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some((_, form)) = FORMS.iter().find(|(word, _)| *word == text) {
            return Some(Self::Text(*form));
        }
        if let Some(form) = text.strip_suffix("or empty") {
            if form.trim() == SLIP {
                return Some(Self::Slip { or_empty: true });
            }
            let known = FORMS.iter().find(|(word, _)| *word == form.trim());
            return known.map(|(_, form)| Self::TextOrEmpty(*form));
        }
        if let Some(count) = text.strip_suffix("edits").or_else(|| text.strip_suffix("edit")) {
            return Some(Self::Edits(count.trim().parse().ok()?));
        }
        if text == PARTY {
            return Some(Self::Party);
        }
        if text == SLIP {
            return Some(Self::Slip { or_empty: false });
        }
        if let Some(days) = text.strip_suffix("in one year") {
            return Some(Self::DaysInYear(days.trim().strip_suffix('d')?.trim().parse().ok()?));
        }
        if let Some(days) = text.strip_suffix("or year") {
            return Some(Self::DaysOrYear(days.trim().strip_suffix('d')?.trim().parse().ok()?));
        }
        if let Some((percent, cap)) = text.split_once('%') {
            let cap = match cap.trim() {
                "" => None,
                cap => Some(amount(cap.strip_prefix("max")?)?),
            };
            return Some(Self::Percent { percent: amount(percent)?, cap });
        }
        let (low, high) = match text.split_once("..").or_else(|| text.split_once(' ')) {
            Some((low, high)) => {
                (low.trim().strip_prefix('-')?, high.trim().strip_prefix('+')?.trim())
            }
            None => (text, text),
        };
        if let Some(after) = high.strip_suffix('d') {
            let before = low.strip_suffix('d')?;
            return Some(Self::Days {
                before: before.trim().parse().ok()?,
                after: after.trim().parse().ok()?,
            });
        }
        Some(Self::Amount { below: amount(low)?, above: amount(high)? })
    }

    /// Returns the tolerance for the two sides in each other's place.
    #[cfg(test)]
    fn mirrored(&self) -> Self {
        match *self {
            Self::Amount { below, above } => Self::Amount { below: above, above: below },
            Self::Days { before, after } => Self::Days { before: after, after: before },
            other => other,
        }
    }

    /// Tells whether this is a tolerance in money.
    pub(super) fn is_money(&self) -> bool {
        matches!(self, Self::Amount { .. } | Self::Percent { .. })
    }

    /// Tells whether a value that one side does not give differs from nothing.
    pub(in crate::reconcile) fn forgives_empty(&self) -> bool {
        matches!(self, Self::TextOrEmpty(_) | Self::Slip { or_empty: true } | Self::Party)
    }

    /// Judges two values of the column.
    pub(in crate::reconcile) fn judge(&self, left: &Value<'_>, right: &Value<'_>) -> Apart {
        let is_empty = || *left == Value::Blank || *right == Value::Blank;
        if left == right || (self.forgives_empty() && is_empty()) {
            return Apart::Equal;
        }
        let (is_within, distance) = match (self, left, right) {
            (Self::Amount { below, above }, Value::Number(a), Value::Number(b)) => {
                let Some(distance) = a.minus(*b) else {
                    return Apart::Beyond(Distance::Other);
                };
                let bound = if distance.is_negative() { above } else { below };
                (distance.abs().is_at_most(*bound), Distance::Amount(distance))
            }
            (Self::Percent { percent, cap }, Value::Number(a), Value::Number(b)) => {
                let Some(distance) = a.minus(*b) else {
                    return Apart::Beyond(Distance::Other);
                };
                let larger = if a.abs().is_at_most(b.abs()) { b.abs() } else { a.abs() };
                let is_within = distance.abs().is_at_most_percent(*percent, larger)
                    && cap.is_none_or(|cap| distance.abs().is_at_most(cap));
                (is_within, Distance::Amount(distance))
            }
            (Self::Days { before, after }, Value::Day(a), Value::Day(b)) => {
                let days = i64::from(*b) - i64::from(*a);
                let is_within = (-i64::from(*before)..=i64::from(*after)).contains(&days);
                (is_within, Distance::Days(days))
            }
            (Self::DaysOrYear(most), Value::Day(a), Value::Day(b)) => {
                let days = i64::from(*b) - i64::from(*a);
                let is_within = days.unsigned_abs() <= u64::from(*most) || year(*a) == year(*b);
                (is_within, Distance::Days(days))
            }
            (Self::DaysInYear(most), Value::Day(a), Value::Day(b)) => {
                let days = i64::from(*b) - i64::from(*a);
                let is_within = days.unsigned_abs() <= u64::from(*most) && year(*a) == year(*b);
                (is_within, Distance::Days(days))
            }
            (Self::Slip { .. }, Value::Text(a), Value::Text(b)) => {
                (is_slip(&String::from_utf8_lossy(a), &String::from_utf8_lossy(b)), Distance::Other)
            }
            (Self::Party, Value::Text(a), Value::Text(b)) => {
                let (a, b) = (String::from_utf8_lossy(a), String::from_utf8_lossy(b));
                match names_one_party(&a, &b) {
                    (_, true) => return Apart::Equal,
                    (is_within, false) => (is_within, Distance::Other),
                }
            }
            (Self::Edits(most), Value::Text(a), Value::Text(b)) => {
                let (a, b) = (String::from_utf8_lossy(a), String::from_utf8_lossy(b));
                let is_close = a.len().abs_diff(b.len()) <= 4 * most;
                (is_close && osa_distance(&a, &b) <= *most, Distance::Other)
            }
            (_, Value::Number(a), Value::Number(b)) => {
                (false, a.minus(*b).map_or(Distance::Other, Distance::Amount))
            }
            _ => (false, Distance::Other),
        };
        if is_within { Apart::Within(distance) } else { Apart::Beyond(distance) }
    }
}

/// Returns the calendar year of a day, counted from the common era.
fn year(day: i32) -> Option<i32> {
    NaiveDate::from_num_days_from_ce_opt(day).map(|date| date.year())
}

/// Reads a bound: digits, with a dot before decimals.
fn amount(text: &str) -> Option<Decimal> {
    let text = text.trim();
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    is_plain.then(|| Decimal::parse(text.as_bytes(), Mark::Dot)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Value<'static> {
        Value::Number(Decimal::parse(text.as_bytes(), Mark::Dot).unwrap())
    }

    fn is_within(tolerance: &str, left: &str, right: &str) -> bool {
        let tolerance = Tolerance::parse(tolerance).unwrap();
        let apart = tolerance.judge(&number(left), &number(right));
        let mirrored = tolerance.mirrored().judge(&number(right), &number(left));
        let is_good = |apart: &Apart| !matches!(apart, Apart::Beyond(_));
        assert_eq!(is_good(&apart), is_good(&mirrored), "{left} {right}");
        is_good(&apart)
    }

    #[test]
    fn a_boundary_is_in_and_a_cent_beyond_is_out() {
        for (tolerance, left, last_in, first_out) in [
            ("0.01", "10.00", "10.01", "10.02"),
            ("0.01", "10.00", "9.99", "9.98"),
            ("0.1", "0.3", "0.4", "0.400001"),
            ("0.30", "0.1", "0.4", "0.41"),
            ("-1 +3", "10", "13", "13.01"),
            ("-1 +3", "10", "9", "8.99"),
            ("1%", "100", "99", "98.99"),
            ("1%", "99", "100", "100.01"),
            ("1% max 5.00", "1000", "1005.00", "1005.01"),
            ("1% max 5.00", "100", "101.01", "101.02"),
            ("0", "90071992547409.93", "90071992547409.930", "90071992547409.92"),
        ] {
            assert!(is_within(tolerance, left, last_in), "{tolerance}: {left} {last_in}");
            assert!(!is_within(tolerance, left, first_out), "{tolerance}: {left} {first_out}");
        }
    }

    #[test]
    fn days_may_be_asymmetric() {
        let tolerance = Tolerance::parse("-1d +3d").unwrap();
        let is_within = |days: i32| {
            let apart = tolerance.judge(&Value::Day(100), &Value::Day(100 + days));
            !matches!(apart, Apart::Beyond(_))
        };
        assert_eq!([-2, -1, 0, 3, 4].map(is_within), [false, true, true, true, false]);
    }

    #[test]
    fn a_year_is_near_enough_where_it_may_be() {
        let tolerance = Tolerance::parse("31d or year").unwrap();
        let is_within = |left: &str, right: &str| {
            let day =
                |text: &str| Value::Day(text.parse::<NaiveDate>().unwrap().num_days_from_ce());
            let apart = tolerance.judge(&day(left), &day(right));
            assert_eq!(apart == Apart::Equal, left == right);
            !matches!(apart, Apart::Beyond(_))
        };
        assert!(is_within("2026-01-02", "2026-12-30"));
        assert!(is_within("2025-12-20", "2026-01-20"));
        assert!(!is_within("2025-12-20", "2026-01-21"));
        let tolerance = Tolerance::parse("10d in one year").unwrap();
        for (days, is_near) in [(10, true), (11, false), (-10, false)] {
            let first = NaiveDate::from_ymd_opt(2026, 1, 5).unwrap().num_days_from_ce();
            let apart = tolerance.judge(&Value::Day(first), &Value::Day(first + days));
            assert_eq!(!matches!(apart, Apart::Beyond(_)), is_near, "{days}");
        }
    }

    #[test]
    fn what_is_not_given_may_be_forgiven() {
        let text = |text: &'static str| Value::Text(Cow::Borrowed(text.as_bytes()));
        for (tolerance, is_forgiven) in [("exact or empty", true), ("exact", false)] {
            let tolerance = Tolerance::parse(tolerance).unwrap();
            for (left, right) in [(Value::Blank, text("a")), (text("a"), Value::Blank)] {
                assert_eq!(tolerance.judge(&left, &right) == Apart::Equal, is_forgiven);
            }
            assert_ne!(tolerance.judge(&text("b"), &text("a")), Apart::Equal);
        }
    }

    #[test]
    fn unknown_forms_are_refused() {
        for text in [
            "",
            "0,01",
            "-1",
            "1 day",
            "exactly",
            "-1d 3d",
            "1% of 5",
            "x%",
            "--1",
            "1e2",
            "or year",
            "or empty",
            "0.01 or empty",
            "5 or year",
        ] {
            assert_eq!(Tolerance::parse(text), None, "{text}");
        }
        assert_eq!(Tolerance::parse("-1d..+3d"), Tolerance::parse("-1d +3d"));
    }
}
