//! A table of cells that nobody has interpreted yet, from text or from a sheet.

use std::borrow::Cow;
use std::ops::ControlFlow;

use calamine::{Data, Range};
use chrono::{NaiveDate, NaiveDateTime};
use csv::StringRecord;

use crate::ledger::Format;
use crate::ledger::layout::Layout;
use crate::ledger::recognise::Recognised;

/// Holds a table whose heading row and layout are known.
pub(super) struct Found<'a> {
    pub table: Table<'a>,
    pub format: Format,
    pub sheet: Option<String>,
    pub encoding: Option<String>,
    pub delimiter: Option<char>,
    pub layout: &'static Layout,
    pub recognised: Recognised,
}

/// Holds the rows of a file, read again at will.
pub(super) enum Table<'a> {
    /// Decoded text with its delimiter.
    Text { text: Cow<'a, str>, delimiter: u8 },
    /// The used cells of a sheet.
    Sheet(Range<Data>),
}

/// Holds one row while it is looked at.
pub(super) struct Row<'r> {
    /// The line or sheet row on which it begins, from 1.
    pub line: u64,
    /// How many lines of text it spans.
    pub lines: u64,
    cells: Cells<'r>,
}

enum Cells<'r> {
    Record(&'r StringRecord),
    Sheet(&'r [Data]),
}

/// Holds what one cell says, in the form in which the file says it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell<'r> {
    Empty,
    /// Text without outer blanks, never empty.
    Text(&'r str),
    /// A workbook's number as its shortest text at 15 significant digits.
    Number(String),
    /// A workbook's date, with its time of day.
    Moment(NaiveDateTime),
    /// An error value such as `#REF!`.
    Fault(String),
}

impl Table<'_> {
    /// Gives every row to `look` until it breaks.
    pub(super) fn each_row(
        &self,
        mut look: impl FnMut(Row<'_>) -> ControlFlow<()>,
    ) -> Result<(), csv::Error> {
        match self {
            Self::Text { text, delimiter } => each_record(text, *delimiter, look),
            Self::Sheet(range) => {
                let first_line = range.start().map_or(1, |(row, _)| u64::from(row) + 1);
                for (line, cells) in (first_line..).zip(range.rows()) {
                    let cells = Cells::Sheet(cells);
                    if look(Row { line, lines: 1, cells }).is_break() {
                        break;
                    }
                }
                Ok(())
            }
        }
    }
}

fn each_record(
    text: &str,
    delimiter: u8,
    mut look: impl FnMut(Row<'_>) -> ControlFlow<()>,
) -> Result<(), csv::Error> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut record = StringRecord::new();
    while reader.read_record(&mut record)? {
        // The reader's position stands before the empty lines that it skips.
        let (before, offset) = record.position().map_or((1, 0), |position| {
            (position.line(), usize::try_from(position.byte()).unwrap_or(0))
        });
        let skipped = text.as_bytes()[offset..]
            .iter()
            .take_while(|byte| matches!(byte, b'\r' | b'\n'))
            .filter(|byte| **byte == b'\n')
            .count() as u64;
        let line = before + skipped;
        let row = Row {
            line,
            lines: reader.position().line().saturating_sub(line).max(1),
            cells: Cells::Record(&record),
        };
        if look(row).is_break() {
            break;
        }
    }
    Ok(())
}

impl<'r> Row<'r> {
    /// Returns how many cells the row has, empty ones counted.
    pub(super) fn len(&self) -> usize {
        match &self.cells {
            Cells::Record(record) => record.len(),
            Cells::Sheet(cells) => cells.len(),
        }
    }

    /// Returns a cell, `Empty` past the end.
    pub(super) fn cell(&self, index: usize) -> Cell<'r> {
        match &self.cells {
            Cells::Record(record) => record.get(index).map_or(Cell::Empty, Cell::from_text),
            Cells::Sheet(cells) => cells.get(index).map_or(Cell::Empty, Cell::from_data),
        }
    }

    /// Tells whether a cell is missing or blank, without reading what it says.
    pub(super) fn is_blank(&self, index: usize) -> bool {
        match &self.cells {
            Cells::Record(record) => record.get(index).is_none_or(|text| text.trim().is_empty()),
            Cells::Sheet(cells) => match cells.get(index) {
                None | Some(Data::Empty) => true,
                Some(Data::String(text)) => text.trim().is_empty(),
                Some(_) => false,
            },
        }
    }

    /// Returns every cell in order.
    pub(super) fn cells(&self) -> impl Iterator<Item = Cell<'r>> + '_ {
        (0..self.len()).map(|index| self.cell(index))
    }

    /// Tells whether a cell is missing, not only empty.
    pub(super) fn is_cut_before(&self, columns: usize) -> bool {
        matches!(self.cells, Cells::Record(_)) && self.len() < columns
    }
}

impl<'r> Cell<'r> {
    pub(super) fn from_text(text: &'r str) -> Self {
        match text.trim() {
            "" => Self::Empty,
            trimmed => Self::Text(trimmed),
        }
    }

    fn from_data(data: &'r Data) -> Self {
        match data {
            Data::Empty => Self::Empty,
            Data::String(text) | Data::DurationIso(text) => Self::from_text(text),
            Data::Int(number) => Self::Number(number.to_string()),
            Data::Float(number) => Self::Number(number_text(*number)),
            Data::Bool(value) => Self::Text(if *value { "true" } else { "false" }),
            Data::DateTime(moment) if moment.is_datetime() => moment
                .as_datetime()
                .map_or_else(|| Self::Number(number_text(moment.as_f64())), Self::Moment),
            Data::DateTime(duration) => Self::Number(number_text(duration.as_f64())),
            Data::DateTimeIso(text) => iso_moment(text).map_or(Self::from_text(text), Self::Moment),
            Data::Error(error) => Self::Fault(error.to_string()),
        }
    }

    /// Returns the cell as a person would write it.
    pub(super) fn shown(&self) -> Cow<'r, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Text(text) => Cow::Borrowed(text),
            Self::Number(text) | Self::Fault(text) => Cow::Owned(text.clone()),
            Self::Moment(moment) if moment.time() == chrono::NaiveTime::MIN => {
                Cow::Owned(moment.date().to_string())
            }
            Self::Moment(moment) => Cow::Owned(moment.to_string()),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        *self == Self::Empty
    }
}

fn iso_moment(text: &str) -> Option<NaiveDateTime> {
    text.parse::<NaiveDateTime>()
        .ok()
        .or_else(|| text.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0))
}

/// Writes a workbook's number as its shortest text at 15 significant digits.
///
/// A workbook keeps every number as a float, and shows 15 digits of it: `0.1 + 0.2` is
/// shown, and meant, as `0.3`. The text has no exponent.
pub(super) fn number_text(number: f64) -> String {
    if number == 0.0 {
        return "0".to_owned();
    }
    // The shortest text that gives the float back is the same when it is short enough.
    let shortest = number.to_string();
    if !number.is_finite() || shortest.bytes().filter(u8::is_ascii_digit).count() <= 15 {
        return shortest;
    }
    let scientific = format!("{number:.14e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa),
    };
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_end_matches('0');
    let point = exponent + 1;
    let text = match usize::try_from(point) {
        Ok(point) if point >= digits.len() => format!("{digits:0<point$}"),
        Ok(point) if point > 0 => format!("{}.{}", &digits[..point], &digits[point..]),
        _ => format!("0.{}{digits}", "0".repeat(point.unsigned_abs() as usize)),
    };
    format!("{sign}{text}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fiscal::{Amount, cents_to_decimal};
    use proptest::prelude::*;

    #[test]
    fn numbers_become_their_shortest_text() {
        for (number, text) in [
            (0.1 + 0.2, "0.3"),
            (1689.5, "1689.5"),
            (100_918_000_000.0, "100918000000"),
            (-43.55, "-43.55"),
            (0.005, "0.005"),
            (1e21, "1000000000000000000000"),
            (0.0, "0"),
            (-0.0, "0"),
            (1e-7, "0.0000001"),
            (123_456_789_012_345.6, "123456789012346"),
            (1.15 * 100.0, "115"),
            (90.163_934_42, "90.16393442"),
        ] {
            assert_eq!(number_text(number), text);
        }
    }

    #[test]
    fn lines_are_counted_as_a_person_sees_them() {
        let table = Table::Text { text: "a;b\r\n\r\n\n1;\"x\ny\"\n2;z".into(), delimiter: b';' };
        let mut seen = Vec::new();
        table
            .each_row(|row| {
                seen.push((row.line, row.lines, row.cell(0).shown().into_owned()));
                ControlFlow::Continue(())
            })
            .unwrap();
        let expected = [(1, 1, "a"), (4, 2, "1"), (6, 1, "2")];
        assert_eq!(seen, expected.map(|(line, lines, text)| (line, lines, text.to_owned())));
    }

    proptest! {
        #[test]
        fn cents_survive_a_workbook(cents in -99_999_999_999_999i64..=99_999_999_999_999) {
            let float: f64 = cents_to_decimal(cents).parse().unwrap();
            prop_assert_eq!(Amount::cents_from_decimal(&number_text(float)), Ok(cents));
        }
    }
}
