//! What a cell says: an exact decimal, a calendar day, or text.
//!
//! A decimal is digits and a scale, never a float, and two ways of writing one number
//! (`10`, `10.00`) are the same value. What cannot be read stays text, so that it is
//! compared as it was written and shown, and never dropped.

use std::borrow::Cow;
use std::fmt;

use chrono::{Datelike as _, NaiveDate};

use crate::reconcile::tables::hash::Hasher;

/// Holds what one cell says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::reconcile) enum Value<'a> {
    Blank,
    Number(Decimal),
    /// Days of the common era.
    Day(i32),
    Text(Cow<'a, [u8]>),
}

/// Holds an exact decimal: units of ten to the power of minus the scale.
///
/// Trailing zeros are dropped, so equal numbers are equal values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::reconcile) struct Decimal {
    units: i128,
    scale: u8,
}

/// Names the mark before the decimals of a column's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::reconcile) enum Mark {
    Dot,
    Comma,
}

/// Names what stands first in dates that do not begin with the year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum First {
    Day,
    Month,
}

/// The most digits that a number may have.
const DIGITS_MAX: u32 = 28;

impl Decimal {
    pub(in crate::reconcile) fn new(units: i128, scale: u8) -> Self {
        let (mut units, mut scale) = (units, scale);
        while scale > 0 && units % 10 == 0 {
            units /= 10;
            scale -= 1;
        }
        Self { units, scale }
    }

    /// Returns the number of units at a scale, `None` when it does not fit.
    pub(super) fn at_scale(self, scale: u8) -> Option<i128> {
        self.units.checked_mul(10i128.checked_pow(u32::from(scale.checked_sub(self.scale)?))?)
    }

    /// Returns how many decimals the number has.
    pub(super) fn scale(self) -> u8 {
        self.scale
    }

    /// Returns this less another, `None` when that does not fit.
    pub(super) fn minus(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let units = self.at_scale(scale)?.checked_sub(other.at_scale(scale)?)?;
        Some(Self::new(units, scale))
    }

    /// Returns this and another, `None` when that does not fit.
    pub(super) fn plus(self, other: Self) -> Option<Self> {
        self.minus(other.negated())
    }

    pub(in crate::reconcile) fn abs(self) -> Self {
        Self { units: self.units.abs(), scale: self.scale }
    }

    pub(super) fn negated(self) -> Self {
        Self { units: -self.units, scale: self.scale }
    }

    pub(super) fn is_negative(self) -> bool {
        self.units < 0
    }

    /// Tells whether this is at most another; what does not fit is not.
    pub(super) fn is_at_most(self, other: Self) -> bool {
        other.minus(self).is_some_and(|rest| !rest.is_negative())
    }

    /// Tells whether this is at most so many per cent of another.
    pub(super) fn is_at_most_percent(self, percent: Self, of: Self) -> bool {
        let product = percent.units.checked_mul(of.units);
        let scale = percent.scale.checked_add(of.scale).and_then(|scale| scale.checked_add(2));
        match (product, scale) {
            (Some(units), Some(scale)) => self.is_at_most(Self::new(units, scale)),
            _ => false,
        }
    }

    /// Returns the cents, rounded half away from zero, `None` when they do not fit.
    pub(in crate::reconcile) fn cents(self) -> Option<i64> {
        if let Some(cents) = self.at_scale(2) {
            return i64::try_from(cents).ok();
        }
        let divisor = 10i128.checked_pow(u32::from(self.scale - 2))?;
        let (whole, rest) = (self.units / divisor, self.units % divisor);
        let up = if rest.abs() >= divisor - rest.abs() { self.units.signum() } else { 0 };
        i64::try_from(whole + up).ok()
    }

    /// Returns the size in millionths, for weighing distances only.
    pub(super) fn weight(self) -> u64 {
        let millionths = self.abs().at_scale(6).unwrap_or_else(|| {
            let excess = u32::from(self.scale.saturating_sub(6));
            10i128.checked_pow(excess).map_or(i128::MAX, |divisor| self.units.abs() / divisor)
        });
        u64::try_from(millionths).unwrap_or(u64::MAX)
    }

    /// Reads a number; `None` when the text has any other form.
    pub(in crate::reconcile) fn parse(text: &[u8], mark: Mark) -> Option<Self> {
        let text = text.trim_ascii();
        let (is_negative, digits) = match text.first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        match plain(digits, mark) {
            Some(number) if is_negative => Some(number.negated()),
            Some(number) => Some(number),
            None => dressed(text, mark),
        }
    }
}

/// Reads digits with at most one mark.
#[inline]
fn plain(digits: &[u8], mark: Mark) -> Option<Decimal> {
    let mark = if mark == Mark::Dot { b'.' } else { b',' };
    let (mut units, mut count, mut scale, mut is_past) = (0u64, 0u32, 0u8, false);
    for byte in digits {
        match byte {
            b'0'..=b'9' if count < 18 => {
                units = units * 10 + u64::from(byte - b'0');
                count += 1;
                scale += u8::from(is_past);
            }
            b'0'..=b'9' => return long(digits, mark),
            byte if *byte == mark && !is_past && count > 0 => is_past = true,
            _ => return None,
        }
    }
    if count == 0 || (is_past && scale == 0) {
        return None;
    }
    while scale > 0 && units.is_multiple_of(10) {
        units /= 10;
        scale -= 1;
    }
    Some(Decimal { units: i128::from(units), scale })
}

/// Reads a number of more than eighteen digits.
fn long(digits: &[u8], mark: u8) -> Option<Decimal> {
    let (mut units, mut count, mut scale, mut is_past) = (0i128, 0, 0, false);
    for byte in digits {
        match byte {
            b'0'..=b'9' => {
                units = units * 10 + i128::from(byte - b'0');
                count += u32::from(units != 0);
                scale += u8::from(is_past);
            }
            byte if *byte == mark && !is_past => is_past = true,
            _ => return None,
        }
        if count > DIGITS_MAX || u32::from(scale) > DIGITS_MAX {
            return None;
        }
    }
    (!is_past || scale > 0).then(|| Decimal::new(units, scale))
}

/// Reads a number with thousands marks, a currency, parentheses or a sign behind.
fn dressed(text: &[u8], mark: Mark) -> Option<Decimal> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let (mut is_negative, mut signs, mut body) = (false, 0, text);
    if let Some(inner) = body.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        (is_negative, signs, body) = (true, 1, inner.trim());
    }
    let minus = |c: char| matches!(c, '-' | '\u{2212}');
    for _ in 0..2 {
        for word in ["€", "EUR", "Euro", "$", "£"] {
            let bare = body.strip_prefix(word).or_else(|| body.strip_suffix(word));
            body = bare.map_or(body, str::trim);
        }
        if let Some(rest) = body.strip_prefix(minus).or_else(|| body.strip_suffix(minus)) {
            (is_negative, signs, body) = (true, signs + 1, rest.trim());
        }
    }
    let (decimal, group) = if mark == Mark::Dot { ('.', ',') } else { (',', '.') };
    let (whole, decimals) = body.split_once(decimal).map_or((body, None), |(a, b)| (a, Some(b)));
    let is_group = |c: char| c == group || c.is_whitespace() || matches!(c, '\'' | '’');
    let parts: Vec<&str> = whole.split(is_group).collect();
    let are_groups = parts.len() == 1
        || ((1..=3).contains(&parts[0].len()) && parts[1..].iter().all(|part| part.len() == 3));
    if !are_groups || signs > 1 {
        return None;
    }
    let mut digits = parts.concat();
    if let Some(decimals) = decimals {
        digits.push('.');
        digits.push_str(decimals);
    }
    let number = plain(digits.as_bytes(), Mark::Dot)?;
    Some(if is_negative { number.negated() } else { number })
}

impl fmt::Display for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = usize::from(self.scale.max(2));
        let Some(units) = self.at_scale(self.scale.max(2)) else {
            return write!(formatter, "{}e-{}", self.units, self.scale);
        };
        let digits = format!("{:0width$}", units.unsigned_abs(), width = scale + 1);
        let (whole, decimals) = digits.split_at(digits.len() - scale);
        let sign = if units < 0 { "-" } else { "" };
        write!(formatter, "{sign}{whole}.{decimals}")
    }
}

/// Returns the day of a date, its time of day left out; `None` in any other form.
pub(super) fn parse_day(text: &[u8], first: First) -> Option<i32> {
    // Most days are written like this, and a large file has millions of them.
    if let [y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1] = *text {
        let year = i32::try_from(number(&[y0, y1, y2, y3])?).ok()?;
        let date = NaiveDate::from_ymd_opt(year, number(&[m0, m1])?, number(&[d0, d1])?)?;
        return Some(date.num_days_from_ce());
    }
    let text = text.trim_ascii();
    let end = text.iter().position(|byte| matches!(byte, b' ' | b'T')).unwrap_or(text.len());
    let day = &text[..end];
    let is_mark = |at: usize| matches!(day[at], b'-' | b'/' | b'.');
    let (year, month, day) = if day.len() == 10 && is_mark(4) && is_mark(7) {
        (number(&day[..4])?, number(&day[5..7])?, number(&day[8..])?)
    } else if day.len() == 8 && day.iter().all(u8::is_ascii_digit) {
        (number(&day[..4])?, number(&day[4..6])?, number(&day[6..])?)
    } else {
        let mut parts = day.split(|byte| matches!(byte, b'-' | b'/' | b'.'));
        let (head, middle, tail) = (parts.next()?, parts.next()?, parts.next()?);
        let is_short = head.len() <= 2 && middle.len() <= 2;
        if parts.next().is_some() || !matches!(tail.len(), 2 | 4) || !is_short {
            return None;
        }
        let (head, middle) = (number(head)?, number(middle)?);
        let year = number(tail)? + if tail.len() == 2 { 2000 } else { 0 };
        if first == First::Day { (year, middle, head) } else { (year, head, middle) }
    };
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    Some(date.num_days_from_ce())
}

/// Writes a day as `2026-02-28`.
pub(super) fn day_text(day: i32) -> String {
    NaiveDate::from_num_days_from_ce_opt(day).map_or_else(String::new, |date| date.to_string())
}

fn number(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(digits.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0')))
}

impl Value<'_> {
    /// Adds the value to a hash, a number as its value and not as its text.
    #[inline]
    pub(super) fn hash_into(&self, hasher: &mut Hasher) {
        match self {
            Value::Blank => hasher.word(1),
            Value::Number(number) => {
                hasher.word(2);
                let bytes = number.units.to_le_bytes();
                let (halves, _) = bytes.as_chunks::<8>();
                hasher.word(u64::from_le_bytes(halves[0]));
                // Twenty-eight digits leave the uppermost byte to the scale.
                hasher.word(u64::from_le_bytes(halves[1]) ^ (u64::from(number.scale) << 56));
            }
            Value::Day(day) => {
                hasher.word(3);
                hasher.word(u64::from(day.cast_unsigned()));
            }
            Value::Text(text) => {
                hasher.word(4);
                hasher.text(text);
            }
        }
    }
}
