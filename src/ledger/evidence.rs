//! Looks down whole columns once, for what a single cell cannot tell.
//!
//! Three questions: which decimal mark the amounts of a column use, whether a column is
//! what its heading says (an "IVA" column of eleven-digit values holds VAT numbers), and
//! what its first value is, for the preview.
//!
//! The decimal mark of a column is the one its cells show. A column that shows none
//! takes the mark that the file's other amounts show, then the layout's. A column that
//! shows both takes the commoner, and its doubtful cells are rejected, never guessed.

use std::ops::ControlFlow;

use crate::ledger::convert::amount::{self, Hint};
use crate::ledger::layout::{Content, DecimalMark, Field};
use crate::ledger::recognise::Column;
use crate::ledger::table::{Cell, Found, Row};
use crate::ledger::{ColumnMeaning, Error, Upload};

/// How many rows are kept to check a column's meaning by arithmetic.
const CHECKED_ROWS_MAX: usize = 200;

/// Holds the columns of a file as they will be read.
pub(super) struct Columns {
    pub meanings: Vec<ColumnMeaning>,
    /// How amounts are read, a column each.
    pub decimals: Vec<Decimals>,
    /// The columns of each field, in file order.
    indexes: Vec<(Field, usize)>,
}

/// Says how the amounts of one column are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decimals {
    pub mark: DecimalMark,
    /// Whether the column shows both marks, so that `1.234` means nothing.
    pub is_mixed: bool,
}

/// Counts what the cells of one column look like.
#[derive(Debug, Clone, Default)]
struct Tally {
    filled: u64,
    tax_ids: u64,
    rates: u64,
    comma: u64,
    dot: u64,
}

impl Columns {
    /// Returns the one column of a field.
    pub(super) fn index(&self, field: Field) -> Option<usize> {
        self.all(field).next()
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
    let mut tallies = vec![Tally::default(); columns.len()];
    let mut samples = vec![String::new(); columns.len()];
    let mut checked: Vec<Vec<String>> = Vec::new();
    let is_checked = !found.layout.content.is_empty();
    let mut position = 0;
    let read = found.table.each_row(|row| {
        position += 1;
        if position > recognised.heading_row + 1 {
            tally(&row, &columns, &mut tallies, &mut samples);
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
    let decimals = settle_decimals(&mut columns, &tallies, found.layout.decimal);
    for check in &found.layout.content {
        let is_free = !columns.iter().any(|column| column.field == Some(check.means));
        let Some(index) = columns.iter().position(|column| column.field == Some(check.field))
        else {
            continue;
        };
        let tally = &tallies[index];
        let holds = match check.holds {
            Content::TaxId => tally.filled > 0 && tally.tax_ids == tally.filled,
            Content::Rate => {
                tally.filled > 0
                    && tally.rates == tally.filled
                    && !could_be_vat(&columns, &decimals, &checked)
            }
        };
        if holds {
            // Where another column is that field already, this one is money in no case.
            columns[index].field = is_free.then_some(check.means);
            columns[index].note =
                Some(format!("its values say {}, not {}", check.means, check.field));
        }
    }
    Ok(finish(columns, samples, decimals))
}

fn finish(columns: Vec<Column>, samples: Vec<String>, decimals: Vec<Decimals>) -> Columns {
    let indexes = columns
        .iter()
        .enumerate()
        .filter_map(|(index, column)| Some((column.field?, index)))
        .collect();
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
    Columns { meanings, decimals, indexes }
}

fn tally(row: &Row, columns: &[Column], tallies: &mut [Tally], samples: &mut [String]) {
    let mut is_dated_row = None;
    for (index, column) in columns.iter().enumerate() {
        let is_amount = column.field.is_some_and(Field::is_amount);
        if !is_amount && !samples[index].is_empty() {
            continue;
        }
        let cell = row.cell(index);
        if cell.is_empty() {
            continue;
        }
        if samples[index].is_empty() {
            samples[index] = cell.shown().into_owned();
        }
        // Totals and titles between the rows must not decide what a column is.
        if !is_amount || !*is_dated_row.get_or_insert_with(|| is_dated(row, columns)) {
            continue;
        }
        let tally = &mut tallies[index];
        tally.filled += 1;
        match &cell {
            Cell::Text(text) => {
                tally.tax_ids += u64::from(is_eleven_digits(text));
                tally.rates += u64::from(is_rate(text));
                match amount::hint(text) {
                    Hint::Comma => tally.comma += 1,
                    Hint::Dot => tally.dot += 1,
                    Hint::Either | Hint::Nothing => {}
                }
            }
            Cell::Number(text) => {
                tally.tax_ids += u64::from(is_eleven_digits(text));
                tally.rates += u64::from(is_rate(text));
            }
            _ => {}
        }
    }
}

/// Tells whether a date column of the row begins as dates do.
fn is_dated(row: &Row, columns: &[Column]) -> bool {
    let dates = [Some(Field::IssueDate), Some(Field::RegistrationDate)];
    columns.iter().enumerate().filter(|(_, column)| dates.contains(&column.field)).any(
        |(index, _)| match row.cell(index) {
            Cell::Text(text) => text.starts_with(|c: char| c.is_ascii_digit()),
            Cell::Number(_) | Cell::Moment(_) => true,
            Cell::Empty | Cell::Fault(_) => false,
        },
    )
}

fn is_eleven_digits(text: &str) -> bool {
    let digits = text.trim_matches('\'').trim_start_matches("IT");
    digits.len() == 11 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_rate(text: &str) -> bool {
    let bare = text.trim_end_matches(['%', ' ']);
    let bare = [",00", ".00", ",0", ".0"]
        .iter()
        .find_map(|zeros| bare.strip_suffix(zeros))
        .unwrap_or(bare);
    matches!(bare, "4" | "5" | "10" | "22")
}

/// Settles the mark of every amount column, with a note where it was not shown alone.
fn settle_decimals(columns: &mut [Column], tallies: &[Tally], usual: DecimalMark) -> Vec<Decimals> {
    let sum = |count: fn(&Tally) -> u64| tallies.iter().map(count).sum::<u64>();
    let of_file = match (sum(|tally| tally.comma), sum(|tally| tally.dot)) {
        (comma, 0) if comma > 0 => DecimalMark::Comma,
        (0, dot) if dot > 0 => DecimalMark::Dot,
        _ => usual,
    };
    columns
        .iter_mut()
        .zip(tallies)
        .map(|(column, tally)| {
            let mark = match (tally.comma, tally.dot) {
                (0, 0) => of_file,
                (comma, dot) if comma == dot => usual,
                (comma, dot) if comma > dot => DecimalMark::Comma,
                _ => DecimalMark::Dot,
            };
            let is_mixed = tally.comma > 0 && tally.dot > 0;
            if is_mixed {
                column.note =
                    Some("its amounts use both the comma and the point as decimal mark".to_owned());
            } else if tally.comma + tally.dot > 0 && mark != usual {
                let name = if mark == DecimalMark::Dot { "point" } else { "comma" };
                column.note = Some(format!("its amounts use the decimal {name}"));
            }
            Decimals { mark, is_mixed }
        })
        .collect()
}

/// Tells whether values that look like rates are VAT amounts after all.
///
/// They are when every row allows it: the taxable amount at some rate gives the value, or
/// taxable and value make the gross.
fn could_be_vat(columns: &[Column], decimals: &[Decimals], rows: &[Vec<String>]) -> bool {
    let cents = |row: &[String], field: Field| {
        let index = columns.iter().position(|column| column.field == Some(field))?;
        amount::parse(row.get(index)?, decimals[index].mark).map(|parsed| parsed.cents)
    };
    rows.iter().all(|row| {
        let (taxable, gross) = (cents(row, Field::Taxable), cents(row, Field::Gross));
        match (taxable, cents(row, Field::Vat), gross) {
            (Some(taxable), Some(vat), Some(gross)) => taxable + vat == gross,
            (Some(taxable), Some(vat), None) => {
                [4, 5, 10, 22].iter().any(|rate| (taxable * rate - vat * 100).abs() <= 100)
            }
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{LedgerFile, read};

    fn read_text(text: &str) -> LedgerFile {
        read(&Upload::new("x.csv", text.as_bytes())).unwrap()
    }

    fn meaning(file: &LedgerFile, heading: &str) -> Option<Field> {
        file.columns.iter().find(|column| column.heading == heading).unwrap().meaning
    }

    #[test]
    fn vat_numbers_under_iva_are_seen() {
        let file = read_text(
            "Numero;Data;IVA;Totale\n1;01/02/2026;01234567897;122,00\n2;02/02/2026;09876543217;1,00\nTOTALI;;;123,00\n",
        );
        assert_eq!(meaning(&file, "IVA"), Some(Field::CounterpartyTaxId));
        assert_eq!(file.entries[0].counterparty_tax_id.as_ref().unwrap().as_str(), "01234567897");
    }

    #[test]
    fn second_column_of_vat_numbers_is_no_money() {
        let file = read_text(
            "Numero;Data;Partita IVA;IVA;Totale\n1;01/02/2026;01234567897;01234567897;122,00\n",
        );
        assert_eq!(meaning(&file, "IVA"), None);
        assert_eq!(file.entries[0].vat_cents, None);
    }

    #[test]
    fn rates_under_iva_are_told_from_amounts() {
        let rates = read_text(
            "Numero;Data;IVA;Imponibile;Totale\n1;01/02/2026;22;100,00;122,00\n2;02/02/2026;10;50,00;55,00\n",
        );
        assert_eq!(meaning(&rates, "IVA"), Some(Field::VatRate));
        let amounts = read_text(
            "Numero;Data;IVA;Imponibile;Totale\n1;01/02/2026;22;100,00;122,00\n2;02/02/2026;10;100,00;110,00\n",
        );
        assert_eq!(meaning(&amounts, "IVA"), Some(Field::Vat));
    }

    #[test]
    fn other_columns_settle_a_doubtful_one() {
        let head = "Numero;Data;Imponibile;IVA\n";
        let dot = read_text(&format!("{head}1;01/02/2026;1.234;271.48\n"));
        assert_eq!(dot.entries[0].taxable_cents, Some(123));
        let comma = read_text(&format!("{head}1;01/02/2026;1.234;271,48\n"));
        assert_eq!(comma.entries[0].taxable_cents, Some(123_400));
        let usual = read_text(&format!("{head}1;01/02/2026;1.234;271\n"));
        assert_eq!(usual.entries[0].taxable_cents, Some(123_400));
    }

    #[test]
    fn mixed_column_rejects_doubtful_cells() {
        let file = read_text(
            "Numero;Data;Totale\n1;01/02/2026;1,50\n2;01/02/2026;2,50\n3;01/02/2026;3.50\n4;01/02/2026;1.234\n",
        );
        assert_eq!(file.entries.len(), 2);
        assert_eq!(file.rejected.len(), 2);
        assert!(file.rejected[1].reason.contains("1234 or 1.234"), "{:?}", file.rejected[1]);
    }
}
