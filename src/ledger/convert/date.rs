//! Dates in text: numbers in the order that the column shows, or a month by its name.
//!
//! Four digits first is a year; whether `03/02/2026` begins with its day is decided for a
//! whole column beforehand (`evidence`). `3 marzo 2026` and `03-mar-26` need no deciding. A
//! time of day is dropped; with an offset the instant's day in Rome counts.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use crate::fiscal::date_in_rome;
use crate::ledger::layout::DateForm;

/// Says why a text is not a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ledger) enum Fault {
    /// The text has none of the known shapes.
    Shape,
    /// The shape is right and the calendar has no such day: `31/02/2026`.
    Impossible,
    /// Day and month cannot be told apart.
    Order,
    /// The year cannot be that of a document in these books.
    Year,
}

/// Documents older or newer than this are mistakes of typing or of a program.
const YEARS: std::ops::RangeInclusive<i32> = 1990..=2100;

/// Returns the calendar day of a text, in Rome when it names an instant.
pub(in crate::ledger) fn parse(text: &str, forms: &[DateForm]) -> Result<NaiveDate, Fault> {
    parse_at(text, forms, false)
}

/// Returns the calendar day of a text; a time without a zone may be known to be UTC.
pub(super) fn parse_at(text: &str, forms: &[DateForm], is_utc: bool) -> Result<NaiveDate, Fault> {
    use chrono::Datelike as _;
    let text = text.trim();
    if let Some((first, second, year)) = plain(text) {
        // The first form that is about an order decides, as below.
        let is_order = |form: &&DateForm| matches!(form, DateForm::DayFirst | DateForm::MonthFirst);
        let (month, day) = match forms.iter().find(is_order) {
            Some(DateForm::MonthFirst) => (first, second),
            Some(_) => (second, first),
            None => return Err(Fault::Shape),
        };
        let year = i32::try_from(year).map_err(|_| Fault::Year)?;
        let date = NaiveDate::from_ymd_opt(year, month, day).ok_or(Fault::Impossible)?;
        return if YEARS.contains(&year) { Ok(date) } else { Err(Fault::Year) };
    }
    let has_words = text.contains(|c: char| c.is_alphabetic() && !matches!(c, 'T' | 'Z'));
    if let Some((year, month, day)) = has_words.then(|| in_words(text)).flatten() {
        let date = NaiveDate::from_ymd_opt(year, month, day).ok_or(Fault::Impossible)?;
        return if YEARS.contains(&date.year()) { Ok(date) } else { Err(Fault::Year) };
    }
    let (day, rest) = match text.find([' ', 'T', '\u{a0}']) {
        Some(at) => (&text[..at], text[at..].trim_start_matches([' ', 'T', '\u{a0}'])),
        None => (text, ""),
    };
    let date = parse_day(day, forms)?;
    if !YEARS.contains(&date.year()) {
        return Err(Fault::Year);
    }
    if rest.is_empty() {
        return Ok(date);
    }
    let (time, offset) = parse_time(rest).ok_or(Fault::Shape)?;
    let Some(offset) = offset.or(is_utc.then(TimeDelta::zero)) else {
        return Ok(date);
    };
    let instant = NaiveDateTime::new(date, time) - offset;
    Ok(date_in_rome(instant.and_utc()))
}

/// Returns the day of a workbook's day number, `None` outside plausible years.
pub(in crate::ledger) fn from_serial(text: &str) -> Option<NaiveDate> {
    use chrono::Datelike as _;
    let whole = text.split('.').next().unwrap_or(text);
    let days: i64 = whole.parse().ok()?;
    let epoch = NaiveDate::from_ymd_opt(1899, 12, 30)?;
    let date = epoch.checked_add_signed(TimeDelta::try_days(days)?)?;
    YEARS.contains(&date.year()).then_some(date)
}

fn parse_day(day: &str, forms: &[DateForm]) -> Result<NaiveDate, Fault> {
    let has = |form| forms.contains(&form);
    let separator = day.chars().find(|c| matches!(c, '/' | '-' | '.'));
    let Some(separator) = separator else {
        let is_digits = day.bytes().all(|byte| byte.is_ascii_digit());
        return match (is_digits, day.len()) {
            (true, 8) if has(DateForm::YearFirst) => calendar(&day[..4], &day[4..6], &day[6..]),
            (true, 5) if has(DateForm::Serial) => from_serial(day).ok_or(Fault::Year),
            _ => Err(Fault::Shape),
        };
    };
    let mut parts = day.split(separator);
    let (Some(first), Some(second), Some(third), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Fault::Shape);
    };
    if first.len() == 4 && has(DateForm::YearFirst) {
        calendar(first, second, third)
    } else if matches!(third.len(), 2 | 4) && has(DateForm::DayFirst) {
        calendar(third, second, first)
    } else if matches!(third.len(), 2 | 4) && has(DateForm::MonthFirst) {
        calendar(third, first, second)
    } else {
        Err(Fault::Shape)
    }
}

/// Reads the numbers of the commonest form, `03/02/2026`, at once.
fn plain(text: &str) -> Option<(u32, u32, u32)> {
    let bytes: &[u8; 10] = text.as_bytes().try_into().ok()?;
    if !matches!(bytes[2], b'/' | b'-' | b'.') || bytes[5] != bytes[2] {
        return None;
    }
    let number = |range: std::ops::Range<usize>| {
        bytes[range].iter().try_fold(0, |sum, byte| {
            byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0'))
        })
    };
    Some((number(0..2)?, number(3..5)?, number(6..10)?))
}

/// Says which of a date's first two numbers can be its day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ledger) enum Order {
    DayFirst,
    MonthFirst,
    Either,
}

/// Returns what a date's form tells of its order, `None` when it has another form.
///
/// The same number twice tells nothing and needs no telling.
pub(in crate::ledger) fn order(text: &str) -> Option<Order> {
    if let Some((first, second, _)) = plain(text) {
        return order_of(first, second);
    }
    let day = text.split([' ', 'T', '\u{a0}']).next().unwrap_or(text);
    let separator = day.chars().find(|c| matches!(c, '/' | '-' | '.'))?;
    let mut parts = day.split(separator);
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
    let is_short = |part: &str| (1..=2).contains(&part.len());
    if !is_short(first) || !is_short(second) || !matches!(third.len(), 2 | 4) {
        return None;
    }
    order_of(first.parse().ok()?, second.parse().ok()?)
}

fn order_of(first: u32, second: u32) -> Option<Order> {
    match (first, second) {
        (13..=31, 1..=12) => Some(Order::DayFirst),
        (1..=12, 13..=31) => Some(Order::MonthFirst),
        (1..=12, 1..=12) if first != second => Some(Order::Either),
        _ => None,
    }
}

/// Reads year, month and day of `3 marzo 2026`, `03-mar-26`, `lun 3 mar. 2026`, `Feb 3, 2026`.
fn in_words(text: &str) -> Option<(i32, u32, u32)> {
    let is_mark = |c: char| c.is_whitespace() || matches!(c, '-' | '/' | '.' | ',');
    let mut parts: Vec<&str> = text.split(is_mark).filter(|part| !part.is_empty()).collect();
    if parts.last().is_some_and(|last| last.contains(':') && parse_time(last).is_some()) {
        parts.pop();
    }
    if parts.len() == 4 && is_weekday(parts[0]) {
        parts.remove(0);
    }
    let &[first, second, year] = &parts[..] else {
        return None;
    };
    let (month, day) = match (month(first), month(second)) {
        (Some(month), None) => (month, second),
        (None, Some(month)) => (month, first),
        _ => return None,
    };
    let day = day.trim_end_matches(['º', '°']);
    if !matches!(year.len(), 2 | 4) || !(1..=2).contains(&day.len()) {
        return None;
    }
    let (year, day): (i32, u32) = (year.parse().ok()?, day.parse().ok()?);
    Some((if year < 100 { year + 2000 } else { year }, month, day))
}

/// Returns the month of a name or its first three letters, Italian or English.
pub(super) fn month(word: &str) -> Option<u32> {
    const MONTHS: [(&str, &str); 12] = [
        ("gennaio", "january"),
        ("febbraio", "february"),
        ("marzo", "march"),
        ("aprile", "april"),
        ("maggio", "may"),
        ("giugno", "june"),
        ("luglio", "july"),
        ("agosto", "august"),
        ("settembre", "september"),
        ("ottobre", "october"),
        ("novembre", "november"),
        ("dicembre", "december"),
    ];
    let word = word.to_lowercase();
    let is = |name: &str| {
        word == name || (word.len() >= 3 && word.len() <= 4 && name.starts_with(&word))
    };
    let at = MONTHS.iter().position(|(italian, english)| is(italian) || is(english))?;
    u32::try_from(at + 1).ok()
}

fn is_weekday(word: &str) -> bool {
    let word = word.to_lowercase();
    let days = [
        "lun", "mar", "mer", "gio", "ven", "sab", "dom", "mon", "tue", "wed", "thu", "fri", "sat",
        "sun",
    ];
    days.iter().any(|day| word.starts_with(day))
}

fn calendar(year: &str, month: &str, day: &str) -> Result<NaiveDate, Fault> {
    let short = |part: &str| (1..=2).contains(&part.len());
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !short(month) || !short(day) || ![year, month, day].into_iter().all(digits) {
        return Err(Fault::Shape);
    }
    let number = |part: &str| part.parse::<u32>().map_err(|_| Fault::Shape);
    let mut full_year = i32::try_from(number(year)?).map_err(|_| Fault::Shape)?;
    if year.len() == 2 {
        full_year += 2000;
    }
    NaiveDate::from_ymd_opt(full_year, number(month)?, number(day)?).ok_or(Fault::Impossible)
}

/// Reads `10:11`, `10:11:12`, `10:11:12.5`, each with `Z`, `UTC`, `+0100` or `+01:00`.
fn parse_time(text: &str) -> Option<(NaiveTime, Option<TimeDelta>)> {
    let end =
        text.find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.'))).unwrap_or(text.len());
    let (clock, zone) = text.split_at(end);
    let mut parts = clock.split(':');
    let hour: u32 = parts.next()?.parse().ok()?;
    let minute: u32 = parts.next()?.parse().ok()?;
    let second: u32 = match parts.next() {
        None => 0,
        Some(second) => second.split('.').next()?.parse().ok()?,
    };
    if parts.next().is_some() {
        return None;
    }
    let time = NaiveTime::from_hms_opt(hour, minute, second)?;
    let zone = zone.trim();
    let offset = match zone {
        "" => None,
        "Z" | "UTC" | "GMT" => Some(TimeDelta::zero()),
        _ => Some(parse_offset(zone)?),
    };
    Some((time, offset))
}

fn parse_offset(zone: &str) -> Option<TimeDelta> {
    let (sign, digits) = match zone.as_bytes().first()? {
        b'+' => (1, &zone[1..]),
        b'-' => (-1, &zone[1..]),
        _ => return None,
    };
    let digits: String = digits.chars().filter(|c| *c != ':').collect();
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let hours: i64 = digits[..2].parse().ok()?;
    let minutes: i64 = digits[2..].parse().ok()?;
    (hours <= 14 && minutes < 60).then(|| TimeDelta::minutes(sign * (hours * 60 + minutes)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: [DateForm; 3] = [DateForm::DayFirst, DateForm::YearFirst, DateForm::Serial];

    #[test]
    fn reads_every_known_shape() {
        for text in [
            "03/02/2026",
            "3/2/2026",
            "03-02-2026",
            "03.02.2026",
            "03/02/26",
            "2026-02-03",
            "2026/02/03",
            "20260203",
            "46056",
            "03/02/2026 23:59:59",
            "2026-02-03T08:00:00",
            "2026-02-02T23:30:00Z",
            "2026-02-03 10:11:12 +0100",
            "2026-02-03T00:30:00.123+01:00",
            "2026-02-02 18:30:00 -0500",
            "3 febbraio 2026",
            "03-feb-26",
            "3-Feb-2026",
            "03 FEB. 2026",
            "martedì 3 febbraio 2026",
            "Feb 3, 2026",
            "3 feb 2026 10:11:12",
        ] {
            assert_eq!(
                parse(text, &ALL),
                Ok(NaiveDate::from_ymd_opt(2026, 2, 3).unwrap()),
                "{text}"
            );
        }
    }

    #[test]
    fn refuses_what_is_no_day() {
        for (text, fault) in [
            ("31/02/2026", Fault::Impossible),
            ("02/13/2026", Fault::Impossible),
            ("29/02/2026", Fault::Impossible),
            ("00/01/2026", Fault::Impossible),
            ("2026-02", Fault::Shape),
            ("feb 2026", Fault::Shape),
            ("31 febbraio 2026", Fault::Impossible),
            ("3 brumaio 2026", Fault::Shape),
            ("03/02/2026 25:00", Fault::Shape),
            ("03/02/2026 noon", Fault::Shape),
            ("03/02/20266", Fault::Shape),
            ("+3/02/2026", Fault::Shape),
            ("03/02/0026", Fault::Year),
            ("99999", Fault::Year),
            ("", Fault::Shape),
        ] {
            assert_eq!(parse(text, &ALL), Err(fault), "{text}");
        }
    }

    #[test]
    fn forms_of_other_layouts_are_refused() {
        assert_eq!(parse("03/02/2026", &[DateForm::YearFirst]), Err(Fault::Shape));
        assert_eq!(parse("46056", &[DateForm::DayFirst]), Err(Fault::Shape));
    }

    #[test]
    fn order_is_what_numbers_allow() {
        for (text, expected) in [
            ("28/02/2026", Some(Order::DayFirst)),
            ("02/28/26 10:00", Some(Order::MonthFirst)),
            ("03.02.2026", Some(Order::Either)),
            ("03/03/2026", None),
            ("2026-02-03", None),
            ("Totale", None),
        ] {
            assert_eq!(order(text), expected, "{text}");
        }
        let american = [DateForm::MonthFirst];
        assert_eq!(
            parse("02/28/2026", &american),
            Ok(NaiveDate::from_ymd_opt(2026, 2, 28).unwrap())
        );
    }

    proptest! {
        #[test]
        fn days_survive_every_form(days in 0i64..40_000, form in 0usize..5) {
            let date = NaiveDate::from_ymd_opt(1990, 1, 1).unwrap() + TimeDelta::days(days);
            let text = match form {
                0 => date.format("%d/%m/%Y").to_string(),
                1 => date.format("%d-%m-%Y 23:59:59").to_string(),
                2 => date.format("%Y-%m-%dT12:00:00Z").to_string(),
                3 => date.format("%Y%m%d").to_string(),
                _ => (date - NaiveDate::from_ymd_opt(1899, 12, 30).unwrap()).num_days().to_string(),
            };
            prop_assert_eq!(parse(&text, &ALL), Ok(date));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[-0-9/.:TZ+ a-mà°]{0,24}") {
            let _ = parse(&text, &ALL).map(|date| assert_eq!(parse(&date.to_string(), &ALL), Ok(date)));
        }
    }
}
