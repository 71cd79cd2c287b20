//! Looks down whole columns once, for what a single cell cannot tell.
//!
//! Four questions: which decimal mark the amounts of a column use (`decimals`), whether
//! its days come before its months (`dates`), whether it is what its heading says
//! (`content`: an "IVA" column of eleven-digit values holds VAT numbers), and what its
//! first value is, for the preview. What a whole column cannot tell either is assumed and
//! said, or its doubtful cells are rejected; no cell is read for itself alone.

mod content;
mod dates;
mod decimals;
mod twins;
mod unused;

use std::ops::ControlFlow;

use crate::ledger::convert::amount;
use crate::ledger::convert::date;
use crate::ledger::layout::{DateForm, Field};
use crate::ledger::recognise::Column;
use crate::ledger::table::{Cell, Found, Row};
use crate::ledger::{ColumnMeaning, Error, Upload};

use content::CHECKED_ROWS_MAX;
pub(super) use dates::Dates;
pub(super) use decimals::Decimals;
use twins::Twins;

/// Holds the columns of a file as they will be read.
pub(super) struct Columns {
    pub meanings: Vec<ColumnMeaning>,
    /// How amounts are read, a column each.
    pub decimals: Vec<Decimals>,
    /// How days in text are read, a column each.
    pub dates: Vec<Dates>,
    /// What was assumed or is doubtful, for the file as a whole.
    pub notes: Vec<String>,
    /// The columns of each field, in file order.
    indexes: Vec<(Field, usize)>,
    /// The first column of each field: every row asks for it many times.
    first: [Option<usize>; Field::ALL.len()],
}

/// Counts what the cells of one column look like.
#[derive(Debug, Clone, Default)]
struct Tally {
    filled: u64,
    tax_ids: u64,
    rates: u64,
    decimals: decimals::Tally,
    dates: dates::Tally,
}

impl Columns {
    /// Returns the one column of a field.
    pub(super) fn index(&self, field: Field) -> Option<usize> {
        self.first[field as usize]
    }

    /// Returns every column of a field.
    pub(super) fn all(&self, field: Field) -> impl Iterator<Item = usize> + '_ {
        self.indexes.iter().filter(move |(found, _)| *found == field).map(|(_, index)| *index)
    }
}

/// Looks through the rows below the heading and settles how each column is read.
pub(super) fn weigh(upload: &Upload, found: &Found) -> Result<Columns, Error> {
    let recognised = &found.recognised;
    let mut columns = recognised.columns.clone();
    let mut look = Look {
        columns: &columns,
        tallies: vec![Tally::default(); columns.len()],
        samples: vec![String::new(); columns.len()],
    };
    let mut twins = Twins::among(&columns);
    let mut checked: Vec<Vec<String>> = Vec::new();
    let is_checked = !found.layout.content.is_empty();
    let mut position = 0;
    let read = found.table.each_row(|row| {
        position += 1;
        if position > recognised.heading_row + 1 {
            look.at(&row);
            twins.at(&row);
            if is_checked && checked.len() < CHECKED_ROWS_MAX && is_dated(&row, &columns) {
                checked.push(row.cells().map(|cell| cell.shown().into_owned()).collect());
            }
        }
        ControlFlow::Continue(())
    });
    read.map_err(|error| Error::Unreadable {
        file: upload.file_name.to_owned(),
        reason: error.to_string(),
    })?;
    let Look { tallies, samples, .. } = look;
    let decimals = decimals::settle(&mut columns, &tallies, found.layout.decimal);
    let (dates, mut notes) = dates::settle(&mut columns, &tallies, found.layout);
    notes.extend(twins.notes(&columns));
    notes.extend(unused::notes(&columns, found.layout));
    notes.extend(found.notes.iter().cloned());
    let doubts = content::settle(&mut columns, &tallies, &decimals, found.layout, &checked);
    notes.extend(doubts);
    let indexes: Vec<(Field, usize)> = columns
        .iter()
        .enumerate()
        .filter_map(|(index, column)| Some((column.field?, index)))
        .collect();
    let first = Field::ALL
        .map(|field| indexes.iter().find(|(found, _)| *found == field).map(|(_, index)| *index));
    let meanings = columns
        .into_iter()
        .zip(samples)
        .enumerate()
        .map(|(index, (column, sample))| ColumnMeaning {
            heading: column.heading,
            index,
            meaning: column.field,
            sample,
            note: column.note,
        })
        .collect();
    Ok(Columns { meanings, decimals, dates, notes, indexes, first })
}

/// Counts while the rows pass by.
struct Look<'c> {
    columns: &'c [Column],
    tallies: Vec<Tally>,
    samples: Vec<String>,
}

impl Look<'_> {
    fn at(&mut self, row: &Row) {
        let mut is_dated_row = None;
        for (index, column) in self.columns.iter().enumerate() {
            let is_amount = column.field.is_some_and(Field::is_amount);
            let is_date = column.field.is_some_and(Field::is_date);
            if !is_amount && !is_date && !self.samples[index].is_empty() {
                continue;
            }
            let cell = row.cell(index);
            if cell.is_empty() {
                continue;
            }
            if self.samples[index].is_empty() {
                self.samples[index] = cell.shown().into_owned();
            }
            let tally = &mut self.tallies[index];
            if is_date {
                tally.dates.add(&cell);
            }
            // Totals and titles between the rows must not decide what a column is.
            if !is_amount || !*is_dated_row.get_or_insert_with(|| is_dated(row, self.columns)) {
                continue;
            }
            tally.filled += 1;
            match &cell {
                Cell::Text(text) => {
                    tally.tax_ids += u64::from(content::is_eleven_digits(text));
                    tally.rates += u64::from(content::is_rate(text));
                    tally.decimals.add(amount::hint(text.trim_matches('\'')));
                }
                Cell::Number(number) => {
                    let whole = number.whole();
                    let is_eleven_digits =
                        |whole| (10_i64.pow(10)..10_i64.pow(11)).contains(&whole);
                    tally.tax_ids += u64::from(whole.is_some_and(is_eleven_digits));
                    tally.rates += u64::from(matches!(whole, Some(4 | 5 | 10 | 22)));
                }
                _ => {}
            }
        }
    }
}

/// Tells whether a date column of the row begins as dates do.
fn is_dated(row: &Row, columns: &[Column]) -> bool {
    let dates = [Some(Field::IssueDate), Some(Field::RegistrationDate)];
    columns.iter().enumerate().filter(|(_, column)| dates.contains(&column.field)).any(
        |(index, _)| match row.cell(index) {
            Cell::Text(text) if text.starts_with(|c: char| c.is_ascii_digit()) => true,
            Cell::Text(text) => date::parse(text, &[DateForm::DayFirst]).is_ok(),
            Cell::Number(_) | Cell::Moment(_) => true,
            Cell::Empty | Cell::Fault(_) => false,
        },
    )
}
