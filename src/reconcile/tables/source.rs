//! One side's bytes: where rows stand, and what their cells say.

use std::borrow::Cow;

use crate::reconcile::tables::error::Error;
use crate::reconcile::tables::plan::{Column, Reading, SIDES};
use crate::reconcile::tables::record::{self, Cell};
use crate::reconcile::tables::value::{Decimal, First, Mark, Value, parse_day};

/// Holds one side of a comparison: delimited text in UTF-8 with a heading row.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// The whole text.
    pub bytes: Vec<u8>,
    /// The delimiter, when it is known.
    pub delimiter: Option<u8>,
    /// The number of each row where it is not its place, from 1.
    pub row_numbers: Option<Vec<u64>>,
    /// Rows that the reader of the file put aside, with the reason.
    pub refused: Vec<(u64, String)>,
}

/// The delimiters that exports use, the commonest in Italy first.
const DELIMITERS: [u8; 4] = [b';', b',', b'\t', b'|'];

/// Holds a side whose heading has been read.
pub(super) struct Source {
    pub(super) table: Table,
    pub(super) hand: usize,
    pub(super) headings: Vec<String>,
    delimiter: u8,
    body: usize,
    marks: Vec<Option<Mark>>,
    firsts: Vec<Option<First>>,
}

impl Source {
    /// Reads the heading, under the delimiter that makes most of the wanted names appear.
    pub(super) fn open(table: Table, hand: usize, wanted: &[String]) -> Result<Self, Error> {
        let mut best: Option<(usize, usize, u8, Vec<String>, usize)> = None;
        let candidates = table.delimiter.map_or(DELIMITERS.to_vec(), |known| vec![known]);
        for delimiter in candidates {
            let mut cells = Vec::new();
            let at = record::skip_empty_lines(&table.bytes, 0);
            let body = record::split(&table.bytes, at, delimiter, &mut cells);
            let headings: Vec<String> = cells
                .iter()
                .map(|cell| {
                    String::from_utf8_lossy(&record::text(&table.bytes, *cell)).into_owned()
                })
                .map(|heading| heading.trim().to_owned())
                .collect();
            let known = headings.iter().filter(|heading| wanted.contains(heading)).count();
            if best.as_ref().is_none_or(|(k, n, ..)| (known, headings.len()) > (*k, *n)) {
                best = Some((known, headings.len(), delimiter, headings, body));
            }
        }
        let Some((_, count, delimiter, headings, body)) = best else {
            return Err(Error::NoHeading { side: SIDES[hand] });
        };
        if headings.iter().all(String::is_empty) {
            return Err(Error::NoHeading { side: SIDES[hand] });
        }
        let (marks, firsts) = (vec![None; count], vec![None; count]);
        Ok(Self { table, hand, headings, delimiter, body, marks, firsts })
    }

    /// Says how the side writes numbers and dates, where the rules do.
    pub(super) fn set_writing(&mut self, mark: Option<Mark>, first: Option<First>) {
        self.marks.fill(mark);
        self.firsts.fill(first);
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.table.bytes
    }

    /// Returns where the first row begins.
    pub(super) fn first_row(&self) -> usize {
        record::skip_empty_lines(&self.table.bytes, self.body)
    }

    /// Splits the row at a place and returns where the next one begins.
    #[inline]
    pub(super) fn split(&self, at: usize, cells: &mut Vec<Cell>) -> usize {
        let next = record::split(&self.table.bytes, at, self.delimiter, cells);
        record::skip_empty_lines(&self.table.bytes, next)
    }

    /// Splits the first cells of the row at a place.
    #[inline]
    pub(super) fn split_first(&self, at: usize, most: usize, cells: &mut Vec<Cell>) {
        record::split_first(&self.table.bytes, at, self.delimiter, most, cells);
    }

    /// Returns a cell as it was written, empty past the row's end.
    #[inline]
    pub(super) fn written(&self, cells: &[Cell], at: usize) -> Cow<'_, [u8]> {
        cells.get(at).map_or(Cow::Borrowed(&[]), |cell| record::text(&self.table.bytes, *cell))
    }

    /// Returns what a row's cell says; the columns' ways of writing must be known.
    #[inline]
    pub(super) fn value(&self, cells: &[Cell], column: &Column) -> Value<'_> {
        let at = column.at[self.hand];
        let text = self.written(cells, at);
        let is_said = text.first().is_some_and(u8::is_ascii_graphic);
        if !is_said && text.trim_ascii().is_empty() {
            return Value::Blank;
        }
        let mark = self.marks[at].unwrap_or(Mark::Dot);
        let first = self.firsts[at].unwrap_or(First::Day);
        let found = match column.reading {
            Reading::Text(form) => return Value::Text(form.of(&text)),
            Reading::Number => Decimal::parse(&text, mark).map(Value::Number),
            Reading::Size => Decimal::parse(&text, mark).map(|n| Value::Number(n.abs())),
            Reading::Day => parse_day(&text, first).map(Value::Day),
            Reading::Month => parse_day(&text, first).map(|day| Value::Day(month_of(day))),
        };
        found.unwrap_or(Value::Text(text))
    }

    /// Finds out how a column is written, as soon as a cell of it makes a difference.
    ///
    /// One cell cannot tell `1.234` from `1,234`: the cells below it are asked, until one
    /// can have a single meaning only.
    #[inline]
    pub(super) fn learn(
        &mut self,
        row: usize,
        cells: &[Cell],
        column: &Column,
    ) -> Result<(), Error> {
        let at = column.at[self.hand];
        let is_number = matches!(column.reading, Reading::Number | Reading::Size);
        let is_day = matches!(column.reading, Reading::Day | Reading::Month);
        if is_number && self.marks[at].is_none() {
            let text = self.written(cells, at);
            if text.iter().any(|byte| matches!(byte, b',' | b'.')) {
                self.marks[at] = Some(self.mark_of(row, at)?);
            }
        } else if is_day && self.firsts[at].is_none() {
            let text = self.written(cells, at);
            let separator = text.iter().position(|byte| matches!(byte, b'-' | b'/' | b'.'));
            if separator.is_some_and(|place| place < 4) {
                self.firsts[at] = Some(self.first_of(row, at));
            }
        }
        Ok(())
    }

    fn mark_of(&self, row: usize, at: usize) -> Result<Mark, Error> {
        let mut doubtful: Option<String> = None;
        let mut cells = Vec::new();
        let mut row = row;
        while row < self.table.bytes.len() {
            row = self.split(row, &mut cells);
            let text = self.written(&cells, at);
            match hint(&text) {
                Hint::Sure(mark) => return Ok(mark),
                Hint::Comma if doubtful.is_none() => {
                    doubtful = Some(String::from_utf8_lossy(&text).into_owned());
                }
                Hint::Comma | Hint::Nothing => {}
            }
        }
        match doubtful {
            None => Ok(Mark::Dot),
            Some(value) => Err(Error::TwoReadings {
                side: SIDES[self.hand],
                column: self.headings[at].clone(),
                value,
            }),
        }
    }

    fn first_of(&self, row: usize, at: usize) -> First {
        let mut cells = Vec::new();
        let mut row = row;
        while row < self.table.bytes.len() {
            row = self.split(row, &mut cells);
            let text = self.written(&cells, at);
            let mut parts = text.split(|byte| !byte.is_ascii_digit());
            let number = |part: Option<&[u8]>| -> Option<u32> {
                std::str::from_utf8(part?).ok()?.parse().ok()
            };
            match (number(parts.next()), number(parts.next())) {
                (Some(13..=31), Some(1..=12)) => return First::Day,
                (Some(1..=12), Some(13..=31)) => return First::Month,
                _ => {}
            }
        }
        First::Day
    }
}

/// Says what one number tells about its column's decimal mark.
enum Hint {
    Sure(Mark),
    /// One comma with three digits behind it.
    Comma,
    Nothing,
}

fn hint(text: &[u8]) -> Hint {
    let count = |mark: u8| text.split(|byte| *byte == mark).count() - 1;
    let place = |mark: u8| text.iter().rposition(|byte| *byte == mark);
    let digits_behind = |at: usize| text[at + 1..].iter().filter(|b| b.is_ascii_digit()).count();
    match (count(b','), count(b'.'), place(b','), place(b'.')) {
        (1, dots, Some(comma), Some(dot)) if dots > 0 && comma > dot => Hint::Sure(Mark::Comma),
        (commas, 1, Some(comma), Some(dot)) if commas > 0 && dot > comma => Hint::Sure(Mark::Dot),
        (1, 0, Some(comma), _) => {
            let is_group = digits_behind(comma) == 3 && (1..=3).contains(&comma) && text[0] != b'0';
            if is_group { Hint::Comma } else { Hint::Sure(Mark::Comma) }
        }
        // `1.234` alone is read with a decimal dot, as programs write it.
        (0, 1, _, Some(dot)) if digits_behind(dot) != 3 => Hint::Sure(Mark::Dot),
        (0, 2.., ..) => Hint::Sure(Mark::Comma),
        (2.., 0, ..) => Hint::Sure(Mark::Dot),
        _ => Hint::Nothing,
    }
}

fn month_of(day: i32) -> i32 {
    use chrono::{Datelike as _, NaiveDate};
    NaiveDate::from_num_days_from_ce_opt(day)
        .and_then(|date| date.with_day(1))
        .map_or(day, |date| date.num_days_from_ce())
}
