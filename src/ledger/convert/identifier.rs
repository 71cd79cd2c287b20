//! Identifiers and numbers in text: what they say, or that a spreadsheet damaged them.
//!
//! A spreadsheet program drops leading zeros, keeps fifteen digits, shows the rest as
//! `1,00918E+11` and takes `3/24` for a date. Zeros are put back by `TaxId`; the others
//! cannot be undone, so the value becomes unknown and the row says so.

use crate::fiscal::TaxId;
use crate::ledger::layout::DateForm;
use crate::ledger::table::Cell;

/// Holds a value and, when there is something to say about it, the warning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Doubtful<T> {
    pub value: Option<T>,
    pub warning: Option<&'static str>,
}

/// More digits than a workbook's number keeps.
const EXACT_DIGITS_MAX: usize = 15;

const LOST_DIGITS: &str =
    "a spreadsheet rounded this identifier and its last digits are lost: taken as unknown";
const CELL_IS_DATE: &str = "the cell holds a date: a spreadsheet turned a number such as `3/24` into one; taken as unknown";
const LOOKS_LIKE_DATE: &str = "this number looks like a date into which a spreadsheet turned a number such as `3/24`: kept as written";

/// Reads a tax identifier.
pub(super) fn tax_id(cell: &Cell) -> Doubtful<TaxId> {
    match intact(cell) {
        Ok(text) => Doubtful { value: text.as_deref().and_then(TaxId::parse), warning: None },
        Err(warning) => Doubtful { value: None, warning: Some(warning) },
    }
}

/// Reads a document's number: apostrophes around it fall away.
pub(super) fn number(cell: &Cell) -> Doubtful<String> {
    let text = match intact(cell) {
        Ok(text) => text,
        Err(warning) => {
            return Doubtful { value: None, warning: Some(warning) };
        }
    };
    let value = text
        .as_deref()
        .map(|text| text.trim_matches(|c: char| c == '\'' || c.is_whitespace()))
        .filter(|number| !number.is_empty() && !number.eq_ignore_ascii_case("non presente"))
        .map(str::to_owned);
    let is_date = value.as_deref().is_some_and(looks_like_date);
    Doubtful { value, warning: is_date.then_some(LOOKS_LIKE_DATE) }
}

/// Puts a series behind a number as it is printed: `12` and `A` or `/A` are `12/A`.
pub(super) fn with_series(number: &str, series: &str) -> String {
    if number.ends_with(series) {
        number.to_owned()
    } else if series.starts_with(char::is_alphanumeric) {
        format!("{number}/{series}")
    } else {
        format!("{number}{series}")
    }
}

/// Returns text without the pair of apostrophes that the portal puts around it.
///
/// A single one at the end stays: `CAFFE'` is how capitals write an accent.
pub(super) fn unwrap(text: &str) -> &str {
    let trimmed = text.trim();
    trimmed.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).unwrap_or(trimmed).trim()
}

/// Returns the cell's text when no digit of it can have been lost.
fn intact(cell: &Cell) -> Result<Option<String>, &'static str> {
    match cell {
        Cell::Empty => Ok(None),
        Cell::Moment(_) => Err(CELL_IS_DATE),
        Cell::Fault(_) => Err("the cell holds a spreadsheet error: taken as unknown"),
        Cell::Number(text) if text.trim_start_matches('-').len() > EXACT_DIGITS_MAX => {
            Err(LOST_DIGITS)
        }
        Cell::Number(text) => Ok(Some(text.clone())),
        Cell::Text(text) if is_scientific(unwrap(text)) => Err(LOST_DIGITS),
        Cell::Text(text) => Ok(Some((*text).to_owned())),
    }
}

/// Tells `1,00918E+11` from an identifier: a sign after the E is what gives it away.
fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else {
        return false;
    };
    let mut marks = 0;
    let is_mantissa = mantissa.starts_with(|c: char| c.is_ascii_digit())
        && mantissa.chars().all(|c| {
            marks += usize::from(matches!(c, ',' | '.'));
            c.is_ascii_digit() || (matches!(c, ',' | '.') && marks == 1)
        });
    let is_exponent = exponent.strip_prefix('+').is_some_and(|digits| {
        (1..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    is_mantissa && is_exponent
}

/// Tells `mar-24`, `24-mar`, `01/03/2024` and `2024-03-01`.
fn looks_like_date(text: &str) -> bool {
    let forms = [DateForm::DayFirst, DateForm::YearFirst];
    if text.len() >= 8 && super::date::parse(text, &forms).is_ok() {
        return true;
    }
    let Some((first, second)) = text.split_once('-') else {
        return false;
    };
    let is_month = |part: &str| part.len() == 3 && super::date::month(part).is_some();
    let is_number = |part: &str| {
        matches!(part.len(), 1 | 2 | 4) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    (is_month(first) && is_number(second)) || (is_number(first) && is_month(second))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Option<String>, bool) {
        let doubtful = number(&Cell::from_text(text));
        (doubtful.value, doubtful.warning.is_some())
    }

    #[test]
    fn numbers_lose_only_their_wrapping() {
        for (text, value) in [
            ("'385/A'", "385/A"),
            ("'385", "385"),
            (" 00012 ", "00012"),
            ("12E3", "12E3"),
            ("1E", "1E"),
            ("V1-7309", "V1-7309"),
            ("480/00/2025", "480/00/2025"),
            ("3/24", "3/24"),
        ] {
            assert_eq!(read(text), (Some(value.to_owned()), false), "{text}");
        }
        assert_eq!(read("'Non presente'"), (None, false));
        assert_eq!(read(""), (None, false));
    }

    #[test]
    fn series_stands_behind_the_number() {
        for (number, series, printed) in [
            ("12", "A", "12/A"),
            ("12", "/A", "12/A"),
            ("12/A", "/A", "12/A"),
            ("045", "02", "045/02"),
        ] {
            assert_eq!(with_series(number, series), printed);
        }
    }

    #[test]
    fn damage_is_said_and_never_mended() {
        for text in ["1,00918E+11", "1.00918E+11", "1E+05"] {
            assert_eq!(read(text), (None, true), "{text}");
        }
        for text in ["mar-24", "24-mar", "Mar-2024", "01/03/2024", "2024-03-01"] {
            assert_eq!(read(text), (Some(text.to_owned()), true), "{text}");
        }
        let moment =
            chrono::NaiveDate::from_ymd_opt(2024, 3, 1).unwrap().and_hms_opt(0, 0, 0).unwrap();
        let cell = number(&Cell::Moment(moment));
        assert_eq!((cell.value, cell.warning), (None, Some(CELL_IS_DATE)));
        let long = tax_id(&Cell::Number("1234567890123460".to_owned()));
        assert_eq!((long.value, long.warning), (None, Some(LOST_DIGITS)));
    }

    #[test]
    fn lost_zeros_come_back_in_tax_ids() {
        let id = tax_id(&Cell::Number("1234567897".to_owned()));
        assert_eq!(id.value.unwrap().as_str(), "01234567897");
        assert_eq!(tax_id(&Cell::Text("'Non presente'")).value, None);
    }
}
