//! Amounts in text: strict, with the decimal mark known beforehand.
//!
//! `1.234` is one thousand two hundred thirty-four where the comma is the decimal mark
//! and one and a quarter where the point is: the cell cannot say, its column can. So the
//! mark is an argument here and decided in `evidence`.

use crate::fiscal::Amount;
use crate::ledger::layout::DecimalMark;

/// Holds cents read from text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ledger) struct Parsed {
    pub cents: i64,
    /// Whether a third decimal was not zero and rounding changed the value.
    pub is_rounded: bool,
}

/// Holds what a single amount says about the decimal mark of its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ledger) enum Hint {
    Comma,
    Dot,
    /// One mark with three digits behind it: `1.234`.
    Either,
    /// No mark at all, or no amount.
    Nothing,
}

/// The largest amount read: eleven digits and two decimals, as `FatturaPA` allows, and two more.
const WHOLE_DIGITS_MAX: usize = 13;

/// Reads an amount such as `1.234,56`, `€ -43,55`, `(12,00)` or `12,00-`.
///
/// `None` when the text has any other form: letters, two signs, groups that are not of
/// three digits, or the wrong decimal mark.
pub(in crate::ledger) fn parse(text: &str, mark: DecimalMark) -> Option<Parsed> {
    if let Some(cents) = plain(text.as_bytes(), mark) {
        return Some(Parsed { cents, is_rounded: false });
    }
    let (is_negative, body) = strip_dress(text)?;
    let (decimal, thousands) = match mark {
        DecimalMark::Comma => (',', '.'),
        DecimalMark::Dot => ('.', ','),
    };
    let (whole, decimals) = match body.split_once(decimal) {
        Some((_, "")) => return None,
        Some((whole, decimals)) => (whole, decimals),
        None if body.is_empty() => return None,
        None => (body, ""),
    };
    let digits = join_groups(whole, thousands)?;
    let digits = digits.trim_start_matches('0');
    if digits.len() > WHOLE_DIGITS_MAX || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let sign = if is_negative { "-" } else { "" };
    let is_rounded = decimals.bytes().skip(2).any(|digit| digit != b'0');
    let cents = if is_rounded {
        Amount::cents_from_decimal(&format!("{sign}{digits:0>1}.{decimals}")).ok()?
    } else {
        let hundredths = decimals.bytes().take(2).chain(*b"00").take(2);
        let cents = digits
            .bytes()
            .chain(hundredths)
            .fold(0i64, |sum, digit| sum * 10 + i64::from(digit - b'0'));
        if is_negative { -cents } else { cents }
    };
    Some(Parsed { cents, is_rounded })
}

/// Reads the commonest form at once: digits, marks between thousands, two decimals at most.
///
/// `None` leaves the text to the rules above, which say what it is.
fn plain(text: &[u8], mark: DecimalMark) -> Option<i64> {
    let (decimal, thousands) = match mark {
        DecimalMark::Comma => (b',', b'.'),
        DecimalMark::Dot => (b'.', b','),
    };
    let (is_negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    // Fifteen places are less than the digits that a sum may have.
    if digits.is_empty() || digits.len() > 15 || !digits[0].is_ascii_digit() {
        return None;
    }
    let (mut cents, mut since_mark, mut has_mark) = (0_i64, 0, false);
    let mut decimals = None;
    for (place, byte) in digits.iter().enumerate() {
        match (*byte, &mut decimals) {
            (b'0'..=b'9', decimals) => {
                cents = cents * 10 + i64::from(byte - b'0');
                since_mark += 1;
                if let Some(count) = decimals {
                    *count += 1;
                }
            }
            (byte, None)
                if byte == thousands && since_mark <= 3 && (since_mark == 3 || !has_mark) =>
            {
                (has_mark, since_mark) = (true, 0);
            }
            (byte, None)
                if byte == decimal
                    && (!has_mark || since_mark == 3)
                    && place + 1 < digits.len() =>
            {
                decimals = Some(0);
            }
            _ => return None,
        }
    }
    let cents = match decimals {
        None if has_mark && since_mark != 3 => return None,
        None => cents * 100,
        Some(1) => cents * 10,
        Some(2) => cents,
        Some(_) => return None,
    };
    Some(if is_negative { -cents } else { cents })
}

/// Returns the sign and what remains without sign, parentheses and currency.
fn strip_dress(text: &str) -> Option<(bool, &str)> {
    let mut signs = 0;
    let mut is_negative = false;
    let mut currencies = 0;
    let mut body = text.trim();
    if let Some(inner) = body.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        (signs, is_negative) = (1, true);
        body = inner.trim();
    }
    loop {
        let minus = |c: char| matches!(c, '-' | '\u{2212}');
        let bare = if let Some(rest) = body.strip_prefix(minus).or_else(|| body.strip_suffix(minus))
        {
            (signs, is_negative) = (signs + 1, true);
            rest
        } else if let Some(rest) = body.strip_prefix('+') {
            signs += 1;
            rest
        } else if let Some(rest) = ["€", "EUR", "eur", "Euro", "euro"]
            .iter()
            .find_map(|word| body.strip_prefix(word).or_else(|| body.strip_suffix(word)))
        {
            currencies += 1;
            rest
        } else {
            break;
        };
        body = bare.trim();
    }
    (signs <= 1 && currencies <= 1).then_some((is_negative, body))
}

/// Joins groups of three digits; blanks of any kind and apostrophes also part them.
fn join_groups(whole: &str, thousands: char) -> Option<String> {
    let is_mark = |c: char| c == thousands || c.is_whitespace() || matches!(c, '\'' | '’');
    let mut digits = String::with_capacity(whole.len());
    let mut mark: Option<char> = None;
    let mut since_mark = 0;
    for c in whole.chars() {
        if c.is_ascii_digit() {
            digits.push(c);
            since_mark += 1;
            continue;
        }
        let is_first_group_right = mark.is_some() || (1..=3).contains(&since_mark);
        let is_group_right = mark.is_none_or(|known| known == c && since_mark == 3);
        if !is_mark(c) || !is_first_group_right || !is_group_right {
            return None;
        }
        mark = Some(c);
        since_mark = 0;
    }
    (mark.is_none() || since_mark == 3).then_some(digits)
}

/// Says what the form of one amount tells about its column's decimal mark.
pub(in crate::ledger) fn hint(text: &str) -> Hint {
    // Two decimals behind the only mark or the last of two kinds: nothing else is so common.
    if let [head @ .., mark @ (b',' | b'.'), b'0'..=b'9', b'0'..=b'9'] = text.as_bytes() {
        let other = if *mark == b',' { b'.' } else { b',' };
        if head.iter().all(|byte| byte.is_ascii_digit() || *byte == other)
            && head.first().is_some_and(u8::is_ascii_digit)
        {
            return if *mark == b',' { Hint::Comma } else { Hint::Dot };
        }
    }
    let Some((_, body)) = strip_dress(text) else {
        return Hint::Nothing;
    };
    let is_number =
        |c: char| c.is_ascii_digit() || c.is_whitespace() || matches!(c, ',' | '.' | '\'' | '’');
    if !body.chars().all(is_number) {
        return Hint::Nothing;
    }
    let count = |mark: char| body.matches(mark).count();
    let last_is =
        |mark: char| body.rfind([',', '.']).is_some_and(|at| body[at..].starts_with(mark));
    match (count(','), count('.')) {
        (1, dots) if dots > 0 && last_is(',') => Hint::Comma,
        (commas, 1) if commas > 0 && last_is('.') => Hint::Dot,
        (1, 0) => single(body, ',', Hint::Comma),
        (0, 1) => single(body, '.', Hint::Dot),
        // A mark that stands twice parts thousands.
        (0, 2..) => Hint::Comma,
        (2.., 0) => Hint::Dot,
        _ => Hint::Nothing,
    }
}

/// One mark: three digits behind it and one to three before may be a thousand.
fn single(body: &str, mark: char, as_decimal: Hint) -> Hint {
    let (whole, rest) = body.split_once(mark).unwrap_or((body, ""));
    let may_group = rest.len() == 3 && (1..=3).contains(&whole.len()) && !whole.starts_with('0');
    if may_group { Hint::Either } else { as_decimal }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fiscal::cents_to_decimal;
    use proptest::prelude::*;

    fn comma(text: &str) -> Option<i64> {
        parse(text, DecimalMark::Comma).map(|parsed| parsed.cents)
    }

    #[test]
    fn reads_amounts_as_italians_write_them() {
        for (text, cents) in [
            ("1.234,56", 123_456),
            ("000000001689,50", 168_950),
            ("-000000000043,55", -4355),
            ("€ 1.234,56", 123_456),
            ("1.234,56 €", 123_456),
            ("€ -5,00", -500),
            ("-€5", -500),
            ("12,00-", -1200),
            ("(12,00)", -1200),
            ("\u{2212}7,5", -750),
            ("1\u{a0}234,56", 123_456),
            ("1\u{202f}234\u{202f}567,8", 123_456_780),
            ("1\u{2009}234", 123_400),
            ("1'234,50", 123_450),
            ("1.234", 123_400),
            ("1234", 123_400),
            (",5", 50),
            ("EUR 3", 300),
            ("+3,10", 310),
        ] {
            assert_eq!(comma(text), Some(cents), "{text}");
        }
        assert_eq!(parse("1,234.56", DecimalMark::Dot).unwrap().cents, 123_456);
        assert_eq!(
            parse("1.234", DecimalMark::Dot).unwrap(),
            Parsed { cents: 123, is_rounded: true }
        );
    }

    #[test]
    fn refuses_what_is_no_amount() {
        for text in [
            "",
            "-",
            "€",
            "1.234,5x",
            "1,2,3",
            "12.34",
            "1.2345",
            "1234.567,00",
            "1..234",
            "--5",
            "-5-",
            "(-5)",
            "€5€",
            "12 34",
            "1.234 567,00",
            "5,",
            "1e3",
            "N/D",
            "1,5%",
            "12345678901234,00",
            "0x1",
            ".234",
        ] {
            assert_eq!(comma(text), None, "{text}");
        }
    }

    #[test]
    fn short_way_and_rules_agree() {
        for text in [
            "1.234,56",
            "12.34,5",
            "1.2345",
            "1.234",
            "0,5",
            "-7",
            "1234.567,00",
            "1..234",
            "5,",
            "-",
            "000,10",
        ] {
            for mark in [DecimalMark::Comma, DecimalMark::Dot] {
                // A blank in front leads past the short way.
                assert_eq!(parse(text, mark), parse(&format!(" {text}"), mark), "{text}");
                assert_eq!(hint(text), hint(&format!(" {text}")), "{text}");
            }
        }
    }

    #[test]
    fn third_decimal_is_said() {
        let third = parse("12,345", DecimalMark::Comma).unwrap();
        assert_eq!(third, Parsed { cents: 1235, is_rounded: true });
        let zero = parse("-12,340", DecimalMark::Comma).unwrap();
        assert_eq!(zero, Parsed { cents: -1234, is_rounded: false });
    }

    #[test]
    fn form_tells_the_decimal_mark() {
        for (text, expected) in [
            ("1,5", Hint::Comma),
            ("1.50", Hint::Dot),
            ("1.234,5", Hint::Comma),
            ("1,234.5", Hint::Dot),
            ("1.234", Hint::Either),
            ("1,234", Hint::Either),
            ("0,234", Hint::Comma),
            ("1234.567", Hint::Dot),
            ("1.234.567", Hint::Comma),
            ("1234", Hint::Nothing),
            ("12/03.2026", Hint::Nothing),
            ("x1,5", Hint::Nothing),
            ("n.d.", Hint::Nothing),
        ] {
            assert_eq!(hint(text), expected, "{text}");
        }
    }

    /// Writes cents with thousands marks.
    fn grouped(cents: i64, thousands: &str, decimal: &str) -> String {
        let plain = cents_to_decimal(cents.abs());
        let (whole, decimals) = plain.split_once('.').unwrap();
        let mut groups: Vec<&str> = Vec::new();
        let mut rest = whole;
        while rest.len() > 3 {
            let (head, group) = rest.split_at(rest.len() - 3);
            groups.insert(0, group);
            rest = head;
        }
        groups.insert(0, rest);
        let sign = if cents < 0 { "-" } else { "" };
        format!("{sign}{}{decimal}{decimals}", groups.join(thousands))
    }

    proptest! {
        #[test]
        fn cents_survive_every_locale(
            cents in -999_999_999_999_999i64..=999_999_999_999_999,
            style in prop::sample::select(vec![
                (".", ",", DecimalMark::Comma), ("", ",", DecimalMark::Comma), ("\u{a0}", ",", DecimalMark::Comma),
                (",", ".", DecimalMark::Dot), ("", ".", DecimalMark::Dot), ("'", ".", DecimalMark::Dot),
            ]),
        ) {
            let (thousands, decimal, mark) = style;
            let text = grouped(cents, thousands, decimal);
            prop_assert_eq!(parse(&text, mark), Some(Parsed { cents, is_rounded: false }));
            let expected = if mark == DecimalMark::Comma { Hint::Comma } else { Hint::Dot };
            prop_assert_eq!(hint(&text), expected);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[-0-9.,€ ()'x]{0,12}") {
            for mark in [DecimalMark::Comma, DecimalMark::Dot] {
                if let Some(parsed) = parse(&text, mark) {
                    prop_assert!(text.contains(|c: char| c.is_ascii_digit()), "{}", text);
                    let has_minus = text.contains(['-', '(']);
                    prop_assert!(parsed.cents == 0 || (parsed.cents < 0) == has_minus);
                }
            }
        }
    }
}
