//! A workbook before a format has dressed it: sheets of typed cells, and the parts that the
//! writers of the old and the binary form share.

use std::collections::HashMap;

use chrono::NaiveDate;

/// Holds one cell before a locale or a format has dressed it.
#[derive(Clone)]
pub(super) enum Cell {
    Text(String),
    Day(NaiveDate),
    Money(i64),
}

/// Holds one sheet; its first cell stands in column `left`, as exports often do.
pub(super) struct Sheet {
    pub name: &'static str,
    pub is_hidden: bool,
    pub left: u16,
    pub rows: Vec<Vec<Cell>>,
}

/// Holds the sheets of a workbook, and from which day it counts.
pub(super) struct Book {
    pub sheets: Vec<Sheet>,
    pub counts_from_1904: bool,
}

impl Book {
    /// Returns a workbook of one sheet that holds a ledger.
    pub(super) fn of(headings: &[String], rows: &[Vec<Cell>]) -> Self {
        Self { sheets: vec![table("Registro", headings, rows)], counts_from_1904: false }
    }

    /// Returns a workbook whose second sheet of four is meant, counted from 1904.
    pub(super) fn of_many(headings: &[String], rows: &[Vec<Cell>]) -> Self {
        let text = |text: &str| vec![Cell::Text(text.to_owned())];
        let cover = vec![text("Esportazione – è stampata ogni mese"), vec![], text("Anno 2026")];
        let last = rows.last().map_or(&[][..], std::slice::from_ref);
        Self {
            sheets: vec![
                Sheet { name: "Leggimi", is_hidden: false, left: 0, rows: cover },
                table("Registro però", headings, rows),
                Sheet { name: "Vuoto", is_hidden: false, left: 0, rows: vec![] },
                Sheet { is_hidden: true, ..table("Vecchio", headings, last) },
            ],
            counts_from_1904: true,
        }
    }

    /// Returns a day as this workbook numbers it.
    pub(super) fn serial(&self, day: NaiveDate) -> u32 {
        let (year, month, of_month) =
            if self.counts_from_1904 { (1904, 1, 1) } else { (1899, 12, 30) };
        let first = NaiveDate::from_ymd_opt(year, month, of_month).unwrap();
        u32::try_from((day - first).num_days()).unwrap()
    }
}

/// Returns a sheet with a title, an empty line and a table that begins in column B.
fn table(name: &'static str, headings: &[String], rows: &[Vec<Cell>]) -> Sheet {
    let mut all = vec![vec![Cell::Text("Ditta di prova".to_owned())], vec![]];
    all.push(headings.iter().cloned().map(Cell::Text).collect());
    all.extend(rows.iter().cloned());
    Sheet { name, is_hidden: false, left: 1, rows: all }
}

/// Holds each text of a workbook once, in the order of its first use.
#[derive(Default)]
pub(super) struct SharedStrings {
    places: HashMap<String, u32>,
    pub texts: Vec<String>,
    pub uses: u32,
}

impl SharedStrings {
    /// Returns the place of a text, which is new or known.
    pub(super) fn place(&mut self, text: &str) -> u32 {
        self.uses += 1;
        let next = u32::try_from(self.texts.len()).unwrap();
        let place = *self.places.entry(text.to_owned()).or_insert(next);
        if place == next {
            self.texts.push(text.to_owned());
        }
        place
    }
}

/// Returns an amount in the short form of both formats: hundredths, thirty bits, two flags.
pub(super) fn short_number(cents: i64) -> Option<u32> {
    let cents = i32::try_from(cents).ok().filter(|cents| cents.abs() < 1 << 29)?;
    Some((cents << 2 | 3).cast_unsigned())
}

/// Tells whether a formula may hold this text as a constant.
pub(super) fn fits_a_formula(text: &str) -> bool {
    text.encode_utf16().count() <= 255
}

/// Names the ways in which a number is written, which follow each other in a sheet.
pub(super) enum Way {
    Plain,
    Short,
    Formula,
}

impl Way {
    /// Returns the way of the cell at this place.
    pub(super) fn at(row: usize, column: usize) -> Self {
        match (row + column / 2) % 3 {
            0 => Self::Plain,
            1 => Self::Short,
            _ => Self::Formula,
        }
    }
}
