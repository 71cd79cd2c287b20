//! A sheet's cells, packed: sixteen bytes a cell and all text in one place.
//!
//! Whatever gives cells (a workbook, an HTML table, SpreadsheetML) gives them to a
//! [`Builder`], which counts what it keeps. So a file that says "repeat this a million
//! times", or puts one cell into the last corner, ends in [`Full`] and not in memory.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use foldhash::fast::FixedState;
use thiserror::Error;

/// How many cells a sheet may have, empty ones before a row's last cell counted.
///
/// That is every row of a workbook with 28 columns.
const CELLS_MAX: usize = 30_000_000;

/// How much text a sheet may hold.
const TEXT_BYTES_MAX: usize = 512 << 20;

/// The last line that a spreadsheet program shows.
const LINES_MAX: u32 = 1 << 20;

/// The last column that a spreadsheet program shows.
pub(super) const COLUMNS_MAX: u32 = 1 << 14;

/// Holds the rows of one sheet, from its first row that is not empty.
#[derive(Debug, Default)]
pub(super) struct Grid {
    cells: Vec<Packed>,
    /// Where each row ends in `cells`.
    ends: Vec<u32>,
    /// The sheet's own number of the first row, from 0.
    first_line: u32,
    text: String,
}

#[derive(Debug, Clone, Copy)]
enum Packed {
    Empty,
    Text { start: u32, length: u32 },
    Number(f64),
    Moment(NaiveDateTime),
    Fault { start: u32, length: u32 },
}

/// Holds what one cell of a sheet says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value<'a> {
    /// Nothing, or blanks only.
    Empty,
    /// Text without outer blanks.
    Text(&'a str),
    /// A number as the program keeps it: never money before it became text again.
    Number(f64),
    /// A day, with its time of day.
    Moment(NaiveDateTime),
    /// An error value such as `#REF!`.
    Fault(&'a str),
}

/// Says why a sheet is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(super) enum Full {
    #[error("its cells span more than 30 million places: one lies far outside the table")]
    Cells,
    #[error("it holds more than 512 MB of text")]
    Text,
    #[error("a cell lies below line 1,048,576 or right of column 16,384")]
    Place,
    #[error("its rows do not stand in order")]
    Order,
}

impl Grid {
    /// Returns the rows in order, each with its line in the sheet, from 1.
    pub(super) fn rows(&self) -> impl Iterator<Item = (u64, GridRow<'_>)> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        (u64::from(self.first_line) + 1..)
            .zip(starts.zip(self.ends.iter().copied()))
            .map(|(line, (start, end))| (line, GridRow { grid: self, start, end }))
    }

    /// Returns how many rows there are, from the first to the last that is not empty.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    fn piece(&self, start: u32, length: u32) -> &str {
        &self.text[start as usize..(start + length) as usize]
    }
}

/// Shows one row of a grid.
#[derive(Clone, Copy)]
pub(super) struct GridRow<'g> {
    grid: &'g Grid,
    start: u32,
    end: u32,
}

impl<'g> GridRow<'g> {
    /// Returns how many cells the row has up to its last that is not empty.
    pub(super) fn len(&self) -> usize {
        (self.end - self.start) as usize
    }

    /// Returns a cell's value, `Empty` past the end.
    pub(super) fn value(&self, index: usize) -> Value<'g> {
        if index >= self.len() {
            return Value::Empty;
        }
        match self.grid.cells[self.start as usize + index] {
            Packed::Empty => Value::Empty,
            Packed::Text { start, length } => Value::Text(self.grid.piece(start, length)),
            Packed::Number(number) => Value::Number(number),
            Packed::Moment(moment) => Value::Moment(moment),
            Packed::Fault { start, length } => Value::Fault(self.grid.piece(start, length)),
        }
    }
}

/// Takes the cells of one sheet, row by row.
#[derive(Debug, Default)]
pub(super) struct Builder {
    grid: Grid,
    has_rows: bool,
    /// Where text stands that a workbook keeps once for many cells, by its address there.
    shared: HashMap<usize, (u32, u32), FixedState>,
}

impl Builder {
    /// Puts a value at a line and column, both from 0; lines come in order.
    pub(super) fn put(&mut self, line: u32, column: u32, value: Value) -> Result<(), Full> {
        let packed = match value {
            Value::Empty => return Ok(()),
            Value::Text(text) => match text.trim() {
                "" => return Ok(()),
                text => self.keep(text)?,
            },
            Value::Fault(text) => match self.keep(text)? {
                Packed::Text { start, length } => Packed::Fault { start, length },
                other => other,
            },
            Value::Number(number) => Packed::Number(number),
            Value::Moment(moment) => Packed::Moment(moment),
        };
        self.place(line, column, packed)
    }

    /// Puts text that many cells share and that stands at one address while they are read.
    pub(super) fn put_shared(&mut self, line: u32, column: u32, text: &str) -> Result<(), Full> {
        let address = text.as_ptr() as usize;
        let packed = if let Some((start, length)) = self.shared.get(&address) {
            Packed::Text { start: *start, length: *length }
        } else {
            let text = text.trim();
            if text.is_empty() {
                return Ok(());
            }
            let packed = self.keep(text)?;
            if let Packed::Text { start, length } = packed {
                self.shared.insert(address, (start, length));
            }
            packed
        };
        self.place(line, column, packed)
    }

    /// Returns the sheet that was built.
    pub(super) fn finish(self) -> Grid {
        self.grid
    }

    fn keep(&mut self, text: &str) -> Result<Packed, Full> {
        if self.grid.text.len() + text.len() > TEXT_BYTES_MAX {
            return Err(Full::Text);
        }
        let position = |length: usize| u32::try_from(length).map_err(|_| Full::Text);
        let start = position(self.grid.text.len())?;
        self.grid.text.push_str(text);
        Ok(Packed::Text { start, length: position(text.len())? })
    }

    fn place(&mut self, line: u32, column: u32, packed: Packed) -> Result<(), Full> {
        if line >= LINES_MAX || column >= COLUMNS_MAX {
            return Err(Full::Place);
        }
        let grid = &mut self.grid;
        if !self.has_rows {
            self.has_rows = true;
            grid.first_line = line;
            grid.ends.push(0);
        }
        let row = line.checked_sub(grid.first_line).ok_or(Full::Order)? as usize;
        let end = u32::try_from(grid.cells.len()).map_err(|_| Full::Cells)?;
        if row + 1 < grid.ends.len() {
            return Err(Full::Order);
        }
        if row >= grid.ends.len() {
            grid.ends.resize(row + 1, end);
        }
        let start = match row {
            0 => 0,
            _ => grid.ends[row - 1] as usize,
        };
        let index = start + column as usize;
        if index >= CELLS_MAX {
            return Err(Full::Cells);
        }
        // Nearly every cell comes right after the one before it.
        if index == grid.cells.len() {
            grid.cells.push(packed);
            grid.ends[row] = end + 1;
            return Ok(());
        }
        if index > grid.cells.len() {
            grid.cells.resize(index + 1, Packed::Empty);
            grid.ends[row] = u32::try_from(grid.cells.len()).map_err(|_| Full::Cells)?;
        }
        grid.cells[index] = packed;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_back_where_they_were_put() {
        let mut builder = Builder::default();
        builder.put(2, 1, Value::Text(" a ")).unwrap();
        builder.put(2, 0, Value::Number(1.5)).unwrap();
        builder.put(3, 4, Value::Text(" ")).unwrap();
        builder.put(4, 2, Value::Fault("#REF!")).unwrap();
        let grid = builder.finish();
        let rows: Vec<(u64, Vec<Value>)> = grid
            .rows()
            .map(|(line, row)| (line, (0..row.len()).map(|index| row.value(index)).collect()))
            .collect();
        let expected = vec![
            (3, vec![Value::Number(1.5), Value::Text("a")]),
            (4, vec![]),
            (5, vec![Value::Empty, Value::Empty, Value::Fault("#REF!")]),
        ];
        assert_eq!(rows, expected);
        assert_eq!(std::mem::size_of::<Packed>(), 16);
    }

    #[test]
    fn far_and_endless_cells_are_refused() {
        let mut builder = Builder::default();
        assert_eq!(builder.put(LINES_MAX, 0, Value::Number(1.0)), Err(Full::Place));
        assert_eq!(builder.put(0, COLUMNS_MAX, Value::Number(1.0)), Err(Full::Place));
        let far =
            (0..2000).try_for_each(|line| builder.put(line, COLUMNS_MAX - 1, Value::Text("x")));
        assert_eq!(far, Err(Full::Cells));
        let mut builder = Builder::default();
        builder.put(5, 0, Value::Number(1.0)).unwrap();
        assert_eq!(builder.put(4, 0, Value::Number(1.0)), Err(Full::Order));
        let long = "x".repeat(1 << 20);
        let endless = (5..).try_for_each(|line| builder.put(line, 0, Value::Text(&long)));
        assert_eq!(endless, Err(Full::Text));
    }
}
