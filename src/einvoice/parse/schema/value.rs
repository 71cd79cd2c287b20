//! The forms of values: how long, of which characters, with how many decimals.

use chrono::NaiveDate;

/// Tells the form that a value must have.
#[derive(Debug, Clone)]
pub(super) enum Form {
    /// Text of some characters, so many at least and at most.
    Text(Letters, usize, usize),
    /// A decimal number.
    Number(Number),
    /// A whole number between two.
    Whole(u32, u32),
    /// A day, with or without a time zone; the second kind not before 1970.
    Date { is_modern: bool },
    /// A day and an hour.
    Instant,
    /// One of some words.
    OneOf(Vec<&'static str>),
    /// An account number.
    Iban,
    /// A bank's code.
    Bic,
    /// A mail address; the certified one is stricter.
    Mail { is_strict: bool },
}

/// Tells which characters a text may have.
#[derive(Debug, Clone, Copy)]
pub(super) enum Letters {
    /// ASCII.
    Basic,
    /// ASCII and the Latin letters with accents, up to U+00FF.
    Latin,
    /// Capital ASCII letters.
    Upper,
    /// Capital ASCII letters and digits.
    Capital,
    /// Digits.
    Digit,
    /// Any.
    Any,
}

/// Holds how a decimal number is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Number {
    may_be_negative: bool,
    whole_digits_max: usize,
    decimals: (usize, usize),
    is_rate: bool,
}

impl Form {
    /// Returns the form that the grammars name so, such as `latin1-60` or `amount2`.
    pub(super) fn named(name: &str) -> Self {
        let number = |may_be_negative, whole_digits_max, decimals| {
            Self::Number(Number { may_be_negative, whole_digits_max, decimals, is_rate: false })
        };
        match name {
            "amount2" => return number(true, 11, (2, 2)),
            "amount8" => return number(true, 11, (2, 8)),
            "quantity" => return number(false, 12, (2, 8)),
            "weight" => return number(false, 4, (1, 2)),
            "rate" => {
                return Self::Number(Number {
                    may_be_negative: false,
                    whole_digits_max: 3,
                    decimals: (2, 2),
                    is_rate: true,
                });
            }
            "date" => return Self::Date { is_modern: false },
            "day" => return Self::Date { is_modern: true },
            "instant" => return Self::Instant,
            "iban" => return Self::Iban,
            "bic" => return Self::Bic,
            "mail" => return Self::Mail { is_strict: true },
            "contact" => return Self::Mail { is_strict: false },
            _ => {}
        }
        let digits = name.find(|c: char| c.is_ascii_digit()).unwrap_or(name.len());
        let (word, bounds) = name.split_at(digits);
        let bounds = bounds.split_once('-').and_then(|(least, most)| {
            Some((least.parse::<u16>().ok()?, most.parse::<u16>().ok()?))
        });
        let (least, most) = bounds.expect("the grammars are constants whose bounds parse");
        let letters = match word {
            "whole" => return Self::Whole(least.into(), most.into()),
            "basic" => Letters::Basic,
            "latin" => Letters::Latin,
            "upper" => Letters::Upper,
            "capital" => Letters::Capital,
            "digit" => Letters::Digit,
            "any" => Letters::Any,
            other => unreachable!("the grammars name no form `{other}`"),
        };
        Self::Text(letters, least.into(), most.into())
    }

    /// Tells whether a value has the form, or else what it should be.
    pub(super) fn check(&self, text: &str) -> Result<(), String> {
        let is_right = match self {
            Self::Text(letters, least, most) => {
                let count = if text.is_ascii() { text.len() } else { text.chars().count() };
                (*least..=*most).contains(&count) && letters.hold(text)
            }
            Self::Number(number) => number.holds(text),
            Self::Whole(least, most) => {
                text.parse().is_ok_and(|number: u32| (*least..=*most).contains(&number))
            }
            Self::Date { is_modern } => is_date(text, *is_modern),
            Self::Instant => is_instant(text),
            Self::OneOf(words) => words.contains(&text),
            Self::Iban => is_iban(text),
            Self::Bic => is_bic(text),
            Self::Mail { is_strict } => is_mail(text, *is_strict),
        };
        if is_right { Ok(()) } else { Err(self.wanted()) }
    }

    fn wanted(&self) -> String {
        match self {
            Self::Text(letters, least, most) if least == most => {
                format!("{least} {}", letters.name())
            }
            Self::Text(letters, least, most) => format!("{least} to {most} {}", letters.name()),
            Self::Number(Number { is_rate: true, .. }) => {
                "a rate with 2 decimals up to 100.00, such as 22.00".to_owned()
            }
            Self::Number(Number { decimals: (least, most), .. }) if least == most => {
                format!("an amount with a dot and {least} decimals, such as 1250.00")
            }
            Self::Number(Number { decimals: (least, most), .. }) => {
                format!("a number with a dot and {least} to {most} decimals, such as 1250.00")
            }
            Self::Whole(least, most) => format!("a whole number from {least} to {most}"),
            Self::Date { .. } => "a day such as 2026-02-28".to_owned(),
            Self::Instant => "a day and an hour such as 2026-02-28T10:00:00".to_owned(),
            Self::OneOf(words) => match words.as_slice() {
                [word] => format!("`{word}`"),
                [first, .., last] => {
                    format!("one of the {} codes `{first}` to `{last}`", words.len())
                }
                [] => "nothing".to_owned(),
            },
            Self::Iban => "an IBAN without blanks".to_owned(),
            Self::Bic => "a BIC of 8 or 11 characters".to_owned(),
            Self::Mail { .. } => "a mail address".to_owned(),
        }
    }
}

impl Letters {
    fn hold(self, text: &str) -> bool {
        match self {
            Self::Basic => text.is_ascii(),
            Self::Latin => text.chars().all(|c| c <= '\u{ff}'),
            Self::Upper => text.bytes().all(|byte| byte.is_ascii_uppercase()),
            Self::Capital => {
                text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
            }
            Self::Digit => text.bytes().all(|byte| byte.is_ascii_digit()),
            Self::Any => true,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Basic => "characters without accents or signs such as €",
            Self::Latin => "characters of Western languages (no €, no typographic quotes)",
            Self::Upper => "capital letters",
            Self::Capital => "capital letters and digits",
            Self::Digit => "digits",
            Self::Any => "characters",
        }
    }
}

impl Number {
    fn holds(self, text: &str) -> bool {
        let plain =
            if self.may_be_negative { text.strip_prefix('-').unwrap_or(text) } else { text };
        let Some((whole, decimals)) = plain.split_once('.') else {
            return false;
        };
        let (least, most) = self.decimals;
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        (1..=self.whole_digits_max).contains(&whole.len())
            && (least..=most).contains(&decimals.len())
            && all_digits(whole)
            && all_digits(decimals)
            && (!self.is_rate || (whole, decimals) <= ("100", "00") || whole.len() < 3)
    }
}

/// Tells whether a text is a day with or without a zone: `2026-02-28`, `2026-02-28+01:00`.
fn is_date(text: &str, is_modern: bool) -> bool {
    let Some((day, zone)) = text.split_at_checked(10) else {
        return false;
    };
    let parsed = day.parse::<NaiveDate>().ok().filter(|date| date.to_string() == day);
    parsed.is_some_and(|date| !is_modern || date.to_string().as_str() >= "1970-01-01")
        && is_zone(zone)
}

fn is_zone(text: &str) -> bool {
    matches!(text, "" | "Z")
        || matches!(text.as_bytes(), [b'+' | b'-', a, b, b':', c, d]
            if [a, b, c, d].iter().all(|byte| byte.is_ascii_digit()))
}

fn is_instant(text: &str) -> bool {
    let Some((day, rest)) = text.split_once('T') else {
        return false;
    };
    let hour = rest.get(..8).unwrap_or_default();
    let after = rest.get(8..).unwrap_or_default();
    let fraction = after
        .strip_prefix('.')
        .map_or(after, |digits| digits.trim_start_matches(|c: char| c.is_ascii_digit()));
    is_date(day, false) && hour.parse::<chrono::NaiveTime>().is_ok() && is_zone(fraction)
}

fn is_iban(text: &str) -> bool {
    let bytes = text.as_bytes();
    (15..=34).contains(&bytes.len())
        && bytes[..2].iter().all(u8::is_ascii_alphabetic)
        && bytes[2..4].iter().all(u8::is_ascii_digit)
        && bytes[4..].iter().all(u8::is_ascii_alphanumeric)
}

fn is_bic(text: &str) -> bool {
    let bytes = text.as_bytes();
    matches!(bytes.len(), 8 | 11)
        && bytes[..6].iter().all(u8::is_ascii_uppercase)
        && bytes[6..].iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        && !matches!(bytes[6], b'0' | b'1')
        && bytes[7] != b'O'
}

fn is_mail(text: &str, is_strict: bool) -> bool {
    let least = if is_strict { 3 } else { 7 };
    let Some((name, host)) = text.rsplit_once('@') else {
        return false;
    };
    (least..=256).contains(&text.len())
        && !name.is_empty()
        && !host.is_empty()
        && (is_strict || host.contains('.'))
        && (!is_strict || text.bytes().all(|byte| byte.is_ascii_graphic()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(form: &str, text: &str) -> bool {
        Form::named(form).check(text).is_ok()
    }

    #[test]
    fn numbers_have_their_decimals() {
        assert!(holds("amount2", "-12.50"));
        for wrong in ["12.5", "12,50", "12", "+1.00", "1.000", "", ".50", "123456789012.00"] {
            assert!(!holds("amount2", wrong), "{wrong}");
        }
        assert!(holds("amount8", "0.12345678"));
        assert!(holds("rate", "100.00") && holds("rate", "4.00") && holds("rate", "0.00"));
        assert!(!holds("rate", "100.01") && !holds("rate", "999.00") && !holds("rate", "-4.00"));
        assert!(!holds("quantity", "-1.00"));
    }

    #[test]
    fn days_may_have_a_zone() {
        for day in ["2026-02-28", "2026-02-28Z", "2026-02-28+01:00"] {
            assert!(holds("day", day), "{day}");
        }
        for wrong in ["2026-02-30", "28/02/2026", "2026-2-28", "1969-12-31", "2026-02-28T10:00:00"]
        {
            assert!(!holds("day", wrong), "{wrong}");
        }
        assert!(holds("instant", "2026-02-28T10:00:00.000+01:00"));
        assert!(!holds("instant", "2026-02-28"));
    }

    #[test]
    fn texts_have_length_and_letters() {
        assert!(holds("latin1-60", "Città") && !holds("basic1-60", "Città"));
        assert!(!holds("latin1-60", "10 €") && !holds("latin1-3", "four") && !holds("any1-28", ""));
        assert!(holds("capital6-7", "ABC1234") && !holds("capital6-7", "abc1234"));
        assert!(holds("iban", "IT60X0542811101000000123456") && !holds("iban", "IT60 X054"));
        assert!(holds("bic", "UNCRITMM") && !holds("bic", "UNCRITM"));
    }
}
