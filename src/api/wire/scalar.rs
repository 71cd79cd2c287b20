//! Reads the API's scalars, which come in more types than the documents admit.
//!
//! A number is kept as its decimal text, digit for digit: nothing here goes through a float.
//! A text may be a number, may be quoted twice, and is nothing when it is empty. The readers
//! borrow from the body, so they work on `serde_json::from_str` and its like only, and never
//! under `#[serde(flatten)]`, which would hand them buffered copies.

use serde::de::{Deserialize, Deserializer, Error};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// Keeps a number as the decimal text that stood in the JSON.
///
/// Equality is of the text: `10` and `10.0` differ here.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DecimalText(String);

impl DecimalText {
    /// Returns a plain decimal number as text, if it is one.
    pub fn parse(text: &str) -> Option<Self> {
        is_decimal(text.trim()).then(|| Self(text.trim().to_owned()))
    }

    /// Returns the text exactly as it arrived, quotes and outer blanks removed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the number in plain digits, an exponent written out.
    ///
    /// Only the point moves, so nothing is rounded. Writers of JSON use exponents for very
    /// small residues such as `1e-8`. Exponents past a hundred are left as they are: no
    /// amount has them, and their digits would fill the memory.
    pub fn plain(&self) -> Cow<'_, str> {
        match self.0.split_once(['e', 'E']) {
            None => Cow::Borrowed(&self.0),
            Some((mantissa, exponent)) => match exponent.parse::<i32>() {
                Ok(shift) if shift.abs() <= 100 => Cow::Owned(shifted(mantissa, shift)),
                _ => Cow::Borrowed(&self.0),
            },
        }
    }
}

impl serde::Serialize for DecimalText {
    /// Writes a JSON number, digit for digit.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number = RawValue::from_string(self.plain().into_owned());
        number.map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

impl fmt::Display for DecimalText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Moves the decimal point of a plain decimal by so many places to the right.
fn shifted(mantissa: &str, shift: i32) -> String {
    let (sign, digits) = match mantissa.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", mantissa.trim_start_matches('+')),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let places = usize::try_from(shift.unsigned_abs()).unwrap_or(0);
    let zeros = "0".repeat(places);
    let (all, point) = if shift < 0 {
        (format!("{zeros}{whole}{fraction}"), whole.len())
    } else {
        (format!("{whole}{fraction}{zeros}"), whole.len() + places)
    };
    let (whole, fraction) = all.split_at(point);
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        trimmed => trimmed,
    };
    match fraction.trim_end_matches('0') {
        "" => format!("{sign}{whole}"),
        fraction => format!("{sign}{whole}.{fraction}"),
    }
}

/// Tells whether the text is a decimal number: sign, digits, point, digits, exponent.
fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let mantissa_fits = match mantissa.split_once('.') {
        Some((whole, fraction)) => are_digits(whole) && are_digits(fraction),
        None => are_digits(mantissa),
    };
    mantissa_fits
        && exponent.is_none_or(|part| are_digits(part.strip_prefix(['-', '+']).unwrap_or(part)))
}

/// Returns the scalar as text, or nothing for null and for a blank text.
///
/// Objects and arrays are an error, since their text would be taken for a value.
fn scalar_text<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Cow<'de, str>>, D::Error> {
    let raw = <&RawValue>::deserialize(deserializer)?.get();
    let text = match raw.as_bytes()[0] {
        b'"' if !raw.contains('\\') => Cow::Borrowed(&raw[1..raw.len() - 1]),
        b'"' => Cow::Owned(serde_json::from_str::<String>(raw).map_err(D::Error::custom)?),
        b'{' | b'[' => return Err(D::Error::custom("a structure where a single value is due")),
        b'n' => return Ok(None),
        _ => Cow::Borrowed(raw),
    };
    if text.trim().is_empty() {
        return Ok(None);
    }
    Ok(Some(match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }))
}

/// Reads a number given as a number or as a text; null and `""` are nothing.
pub(super) fn decimal<'de, D>(deserializer: D) -> Result<Option<DecimalText>, D::Error>
where
    D: Deserializer<'de>,
{
    let Some(text) = scalar_text(deserializer)? else {
        return Ok(None);
    };
    let text = unquoted(&text);
    if is_decimal(text) {
        Ok(Some(DecimalText(text.to_owned())))
    } else {
        Err(D::Error::custom(format!("`{text}` is no decimal number")))
    }
}

/// Reads a text that may come as a number or a truth value; null and `""` are nothing.
pub(super) fn text<'de, D>(deserializer: D) -> Result<Option<String>, D::Error>
where
    D: Deserializer<'de>,
{
    Ok(scalar_text(deserializer)?.map(Cow::into_owned))
}

/// Reads a text like [`text`] and takes off quotes written inside it, as in `"'22'"`.
pub(super) fn unquoted_text<'de, D>(deserializer: D) -> Result<Option<String>, D::Error>
where
    D: Deserializer<'de>,
{
    let text = scalar_text(deserializer)?;
    Ok(text.map(|text| unquoted(&text).to_owned()).filter(|text| !text.is_empty()))
}

/// Reads a text that must be there and not be empty.
pub(super) fn required_text<'de, D>(deserializer: D) -> Result<String, D::Error>
where
    D: Deserializer<'de>,
{
    text(deserializer)?.ok_or_else(|| D::Error::custom("a required value is null or empty"))
}

/// Reads a truth value, also as `"true"`, `1` and the like; null and `""` are nothing.
pub(super) fn truth<'de, D>(deserializer: D) -> Result<Option<bool>, D::Error>
where
    D: Deserializer<'de>,
{
    match scalar_text(deserializer)?.as_deref() {
        None => Ok(None),
        Some("true" | "1") => Ok(Some(true)),
        Some("false" | "0") => Ok(Some(false)),
        Some(other) => Err(D::Error::custom(format!("`{other}` is neither true nor false"))),
    }
}

fn unquoted(text: &str) -> &str {
    text.trim_matches(|char: char| matches!(char, '\'' | '"') || char.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(serde::Deserialize)]
    struct Numbers {
        #[serde(default, deserialize_with = "decimal")]
        amount: Option<DecimalText>,
        #[serde(default, deserialize_with = "unquoted_text")]
        rate: Option<String>,
        #[serde(default, deserialize_with = "truth")]
        flag: Option<bool>,
    }

    fn amount(written: &str) -> Result<Option<String>, String> {
        serde_json::from_str::<Numbers>(&format!(r#"{{"amount":{written}}}"#))
            .map(|numbers| numbers.amount.map(|amount| amount.as_str().to_owned()))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn numbers_keep_every_digit() {
        for (written, read) in [
            ("90.16393442", Some("90.16393442")),
            ("10", Some("10")),
            ("\"12.50\"", Some("12.50")),
            ("\" '22' \"", Some("22")),
            ("12345678901234567890.123456789", Some("12345678901234567890.123456789")),
            ("-0.00", Some("-0.00")),
            ("1e-8", Some("1e-8")),
            ("null", None),
            ("\"\"", None),
        ] {
            assert_eq!(amount(written), Ok(read.map(str::to_owned)), "{written}");
        }
    }

    #[test]
    fn what_is_no_number_is_named() {
        for (written, named) in
            [("\"12,50\"", "`12,50`"), ("true", "`true`"), ("\"1.\"", "`1.`"), ("[1]", "structure")]
        {
            let error = amount(written).unwrap_err();
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn exponents_are_written_out() {
        for (written, plain) in [
            ("1e-8", "0.00000001"),
            ("-1.25E+2", "-125"),
            ("12.5e1", "125"),
            ("8.19672131e0", "8.19672131"),
            ("9.99999e-1", "0.999999"),
            ("7", "7"),
        ] {
            assert_eq!(DecimalText(written.to_owned()).plain(), plain, "{written}");
        }
        assert_eq!(DecimalText("1e999999999".to_owned()).plain(), "1e999999999");
    }

    #[test]
    fn rates_and_flags_shed_their_dress() {
        let numbers: Numbers = serde_json::from_str(r#"{"rate":"'22'","flag":"1"}"#).unwrap();
        assert_eq!((numbers.rate.as_deref(), numbers.flag), (Some("22"), Some(true)));
        let numbers: Numbers = serde_json::from_str(r#"{"rate":7.3,"flag":null}"#).unwrap();
        assert_eq!((numbers.rate.as_deref(), numbers.flag), (Some("7.3"), None));
    }

    proptest! {
        #[test]
        fn plain_form_keeps_the_value(digits in 0_u64..1_000_000_000, shift in -12_i32..12) {
            let text = DecimalText(format!("{digits}e{shift}"));
            let plain: rust_decimal::Decimal = text.plain().parse().unwrap();
            let scientific = rust_decimal::Decimal::from_scientific(text.as_str()).unwrap();
            prop_assert_eq!(plain, scientific);
        }
    }
}
