//! A table of cells that nobody has interpreted yet, from text or from a sheet.

use std::borrow::Cow;
use std::ops::ControlFlow;

use chrono::NaiveDateTime;
use csv_core::ReadRecordResult;
use thiserror::Error;

use crate::ledger::Format;
use crate::ledger::grid::{Grid, GridRow, Value};
use crate::ledger::layout::Layout;
use crate::ledger::recognise::Recognised;

/// How many cells a line of text may have: as many as the widest workbook.
const COLUMNS_MAX: usize = crate::ledger::grid::COLUMNS_MAX as usize;

/// Holds a table whose heading row and layout are known.
pub(super) struct Found<'a> {
    pub table: Table<'a>,
    pub format: Format,
    pub sheet: Option<String>,
    pub encoding: Option<String>,
    pub delimiter: Option<char>,
    pub layout: &'a Layout,
    pub recognised: Recognised<'a>,
    /// What is doubtful about the file that holds the table.
    pub notes: Vec<String>,
}

/// Holds the rows of a file, read again at will.
pub(super) enum Table<'a> {
    /// Decoded text with its delimiter.
    Text { text: Cow<'a, str>, delimiter: u8 },
    /// The cells of a sheet.
    Sheet(Grid),
}

/// Says that a line has more cells than any table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("line {line} has more than {COLUMNS_MAX} cells")]
pub(super) struct TooWide {
    line: u64,
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
    Record { text: &'r str, ends: &'r [usize] },
    Sheet(GridRow<'r>),
}

/// Holds what one cell says, in the form in which the file says it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell<'r> {
    Empty,
    /// Text without outer blanks, never empty.
    Text(&'r str),
    /// A workbook's number.
    Number(Number),
    /// A workbook's date, with its time of day.
    Moment(NaiveDateTime),
    /// An error value such as `#REF!`.
    Fault(&'r str),
}

/// Holds a workbook's number: a float, which is no money until it became text or cents.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Number(pub f64);

impl Table<'_> {
    /// Gives every row to `look` until it breaks.
    pub(super) fn each_row(
        &self,
        mut look: impl FnMut(Row<'_>) -> ControlFlow<()>,
    ) -> Result<(), TooWide> {
        match self {
            Self::Text { text, delimiter } => each_record(text, *delimiter, look),
            Self::Sheet(grid) => {
                for (line, row) in grid.rows() {
                    if look(Row { line, lines: 1, cells: Cells::Sheet(row) }).is_break() {
                        break;
                    }
                }
                Ok(())
            }
        }
    }
}

/// Splits text into records and counts lines as an editor does.
///
/// The splitter is given room for the widest table and no more: a line of ten million
/// cells is an error before it is memory.
fn each_record(
    text: &str,
    delimiter: u8,
    mut look: impl FnMut(Row<'_>) -> ControlFlow<()>,
) -> Result<(), TooWide> {
    let mut splitter = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
    let newline = if memchr::memchr(b'\n', text.as_bytes()).is_some() { b'\n' } else { b'\r' };
    let lines_in = |bytes: &[u8]| memchr::memchr_iter(newline, bytes).count() as u64;
    let mut input = text.as_bytes();
    let mut line = 1;
    let mut output = vec![0; 4096];
    let mut ends = vec![0; COLUMNS_MAX];
    loop {
        let blank = input.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        line += lines_in(&input[..blank]);
        input = &input[blank..];
        let begin = input;
        let (mut written, mut cells) = (0, 0);
        loop {
            let (result, read, wrote, ended) =
                splitter.read_record(input, &mut output[written..], &mut ends[cells..]);
            input = &input[read..];
            written += wrote;
            cells += ended;
            match result {
                // An empty input, given next, tells the splitter that the text is over.
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => output.resize(output.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => return Err(TooWide { line }),
                ReadRecordResult::Record => break,
                ReadRecordResult::End => return Ok(()),
            }
        }
        let consumed = &begin[..begin.len() - input.len()];
        let line_ends = lines_in(consumed);
        // A line end that is not the record's own stands within a value.
        let has_own_only = line_ends == u64::from(consumed.last() == Some(&newline));
        let inner = if has_own_only { 0 } else { lines_in(consumed.trim_ascii_end()) };
        let record = std::str::from_utf8(&output[..written])
            .expect("text stays text when ASCII marks are taken out of it");
        let row = Row {
            line,
            lines: 1 + inner,
            cells: Cells::Record { text: record, ends: &ends[..cells] },
        };
        line += line_ends;
        if look(row).is_break() {
            return Ok(());
        }
    }
}

impl<'r> Row<'r> {
    /// Returns how many cells the row has, empty ones counted.
    pub(super) fn len(&self) -> usize {
        match &self.cells {
            Cells::Record { ends, .. } => ends.len(),
            Cells::Sheet(row) => row.len(),
        }
    }

    /// Returns a cell, `Empty` past the end.
    pub(super) fn cell(&self, index: usize) -> Cell<'r> {
        match &self.cells {
            Cells::Record { text, ends } => {
                piece(text, ends, index).map_or(Cell::Empty, Cell::from_text)
            }
            Cells::Sheet(row) => match row.value(index) {
                Value::Empty => Cell::Empty,
                Value::Text(text) => Cell::Text(text),
                Value::Number(number) => Cell::Number(Number(number)),
                Value::Moment(moment) => Cell::Moment(moment),
                Value::Fault(text) => Cell::Fault(text),
            },
        }
    }

    /// Tells whether a cell is missing or blank, without reading what it says.
    pub(super) fn is_blank(&self, index: usize) -> bool {
        match &self.cells {
            Cells::Record { text, ends } => {
                piece(text, ends, index).is_none_or(|text| text.trim().is_empty())
            }
            Cells::Sheet(row) => row.value(index) == Value::Empty,
        }
    }

    /// Returns every cell in order.
    pub(super) fn cells(&self) -> impl Iterator<Item = Cell<'r>> + '_ {
        (0..self.len()).map(|index| self.cell(index))
    }

    /// Tells whether a cell is missing, not only empty.
    pub(super) fn is_cut_before(&self, columns: usize) -> bool {
        matches!(self.cells, Cells::Record { .. }) && self.len() < columns
    }
}

fn piece<'r>(text: &'r str, ends: &[usize], index: usize) -> Option<&'r str> {
    let end = *ends.get(index)?;
    let start = index.checked_sub(1).map_or(0, |before| ends[before]);
    Some(&text[start..end])
}

impl<'r> Cell<'r> {
    pub(super) fn from_text(text: &'r str) -> Self {
        // Most cells have no blanks around them, and a large file has millions of cells.
        let is_bare = |end: Option<&u8>| end.is_some_and(u8::is_ascii_graphic);
        if is_bare(text.as_bytes().first()) && is_bare(text.as_bytes().last()) {
            return Self::Text(text);
        }
        match text.trim() {
            "" => Self::Empty,
            trimmed => Self::Text(trimmed),
        }
    }

    /// Returns the cell as a person would write it.
    pub(super) fn shown(&self) -> Cow<'r, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Text(text) | Self::Fault(text) => Cow::Borrowed(text),
            Self::Number(number) => Cow::Owned(number.text()),
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

/// Up to here a hundredth is one of 15 digits, which name one float and no other.
const HUNDREDTHS_MAX: f64 = 1e15;

impl Number {
    /// Returns the number as its shortest text at 15 significant digits.
    pub(super) fn text(self) -> String {
        number_text(self.0)
    }

    /// Returns the cents of a number that has two decimals at most, as its text has them.
    pub(super) fn cents(self) -> Option<i64> {
        let hundredths = (self.0 * 100.0).round();
        #[expect(clippy::float_cmp, reason = "the same float, or another number")]
        let is_exact = hundredths.abs() < HUNDREDTHS_MAX && hundredths / 100.0 == self.0;
        #[expect(clippy::cast_possible_truncation, reason = "it is whole and small enough")]
        is_exact.then_some(hundredths as i64)
    }

    /// Returns a number that has no decimals.
    pub(super) fn whole(self) -> Option<i64> {
        self.cents().filter(|cents| cents % 100 == 0).map(|cents| cents / 100)
    }
}

/// Writes a workbook's number as its shortest text at 15 significant digits.
///
/// A workbook keeps every number as a float, and shows 15 digits of it: `0.1 + 0.2` is
/// shown, and meant, as `0.3`. The text has no exponent.
fn number_text(number: f64) -> String {
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

    #[test]
    fn ten_million_columns_are_an_error() {
        let text = format!("a;b\n{}\n", ";".repeat(10_000_000));
        let table = Table::Text { text: text.into(), delimiter: b';' };
        let mut rows = 0;
        let error = table.each_row(|_| {
            rows += 1;
            ControlFlow::Continue(())
        });
        assert_eq!((rows, error), (1, Err(TooWide { line: 2 })));
    }

    proptest! {
        #[test]
        fn cents_survive_a_workbook(cents in -99_999_999_999_999i64..=99_999_999_999_999) {
            let float: f64 = cents_to_decimal(cents).parse().unwrap();
            prop_assert_eq!(Amount::cents_from_decimal(&number_text(float)), Ok(cents));
            if cents.abs() < 1_000_000_000_000_000 {
                prop_assert_eq!(Number(float).cents(), Some(cents));
            }
        }

        #[test]
        fn cents_of_a_number_are_those_of_its_text(float in proptest::num::f64::NORMAL) {
            for float in [float, float % 1e12, (float % 1e6 * 100.0).round() / 100.0] {
                if let Some(cents) = Number(float).cents() {
                    prop_assert_eq!(Amount::cents_from_decimal(&number_text(float)), Ok(cents));
                }
            }
        }
    }
}
