//! What came out of one file: entries, totals, and every row that is no entry.

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::fiscal::{Currency, LedgerEntry, Period};
use crate::ledger::Field;

/// Holds everything that was understood of one file.
#[derive(Debug, Clone, PartialEq)]
pub struct LedgerFile {
    /// The name of the layout that the headings matched.
    pub layout: String,
    /// The form of the file, by its content.
    pub format: Format,
    /// The sheet that holds the table, workbooks only.
    pub sheet: Option<String>,
    /// The character encoding, text files only.
    pub encoding: Option<String>,
    /// The delimiter, text files only.
    pub delimiter: Option<char>,
    /// Every column of the heading row with what it was taken for.
    pub columns: Vec<ColumnMeaning>,
    /// The entries in file order; empty where they were given away in parts.
    pub entries: Vec<LedgerEntry>,
    /// How many rows became entries.
    pub rows_accepted: u64,
    /// Rows that could not be read, with the reason.
    pub rejected: Vec<RejectedRow>,
    /// Rows that are no entries by their nature, with the reason.
    pub skipped: Vec<SkippedRow>,
    /// Rows below the heading; a line with nothing on it is no row.
    pub rows_read: u64,
    /// Sums over the entries, a currency each.
    pub totals: BTreeMap<Currency, Totals>,
    /// First and last day of the entries (issue, else registration).
    pub coverage: Option<(NaiveDate, NaiveDate)>,
    /// Spans of days between the first and the last that have no entry.
    pub gaps: Vec<Period>,
    /// How many rows say the same as an earlier row; they are entries too.
    pub duplicate_rows: u64,
    /// Those rows, the first thousand of them.
    pub duplicates: Vec<Duplicate>,
    /// What a person should know about rows that were kept.
    pub warnings: Vec<RowWarning>,
    /// What a person should know about the file as a whole.
    pub notes: Vec<String>,
}

#[cfg(test)]
impl LedgerFile {
    /// Returns a file of which only the columns are known: the first heading of each field.
    pub(super) fn of_headings(layout: &crate::ledger::layout::Layout) -> Self {
        let columns =
            layout.fields.iter().zip(0..).map(|((field, headings), index)| ColumnMeaning {
                heading: headings[0].clone(),
                index,
                meaning: Some(*field),
                sample: String::new(),
                note: None,
            });
        Self {
            layout: layout.name.clone(),
            format: Format::Csv,
            sheet: None,
            encoding: None,
            delimiter: None,
            columns: columns.collect(),
            entries: Vec::new(),
            rows_accepted: 0,
            rejected: Vec::new(),
            skipped: Vec::new(),
            rows_read: 0,
            totals: BTreeMap::new(),
            coverage: None,
            gaps: Vec::new(),
            duplicate_rows: 0,
            duplicates: Vec::new(),
            warnings: Vec::new(),
            notes: Vec::new(),
        }
    }
}

/// Names the form of a file, told by content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Delimited text, whatever the delimiter.
    Csv,
    /// Office Open XML.
    Xlsx,
    /// Office Open XML with macros, which are never run.
    Xlsm,
    /// Office binary in a zip.
    Xlsb,
    /// The binary form before 2007.
    Xls,
    /// `OpenDocument`.
    Ods,
    /// The XML form of Excel 2003.
    SpreadsheetMl,
    /// A table of a web page.
    Html,
    /// Danea Easyfatt's own XML.
    Easyfatt,
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(formatter)
    }
}

/// Says what one column of the file was taken for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnMeaning {
    /// The heading as written.
    pub heading: String,
    /// The position in the row, from 0.
    pub index: usize,
    /// The field it fills, `None` when the column is not used.
    pub meaning: Option<Field>,
    /// The first value that is not empty, as written.
    pub sample: String,
    /// Why the meaning is not what the heading says, or how numbers are read.
    pub note: Option<String>,
}

/// Holds one row that could not become an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedRow {
    /// The data row, from 1, the heading not counted.
    pub row: u64,
    /// The line of the text file or the row of the sheet, from 1.
    pub line: u64,
    /// The heading of the column at fault, empty when it is the row as a whole.
    pub column: String,
    /// The value at fault as written.
    pub value: String,
    /// What is wrong and what was expected.
    pub reason: String,
    /// What a person can do.
    pub hint: Option<String>,
}

/// Holds one row that is no entry by its nature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SkippedRow {
    /// The data row, from 1.
    pub row: u64,
    /// The line of the text file or the row of the sheet, from 1.
    pub line: u64,
    /// Why it is none.
    pub reason: SkipReason,
}

/// Names two rows that say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Duplicate {
    /// The data row, from 1.
    pub row: u64,
    /// The earlier row that it repeats.
    pub first: u64,
}

/// Says why a row is not an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// Every cell is empty.
    Blank,
    /// A sum over other rows (`TOTALI`).
    Total,
    /// The heading again, as printed registers repeat it on every page.
    RepeatedHeading,
    /// A movement that is no document: a payout, a fee.
    OtherMovement,
    /// A further line of the document above: an order's item, an invoice's VAT rate.
    Continuation,
}

impl fmt::Display for SkipReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(formatter)
    }
}

/// Holds something a person should know about a row that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowWarning {
    /// The data row, from 1.
    pub row: u64,
    /// The line of the text file or the row of the sheet, from 1.
    pub line: u64,
    /// The heading of the column.
    pub column: String,
    /// The value as written.
    pub value: String,
    /// What is odd and what was done about it.
    pub message: String,
}

/// Holds control totals of one currency, signed cents.
///
/// A total is `None` when no row gave that amount; rows that did not are left out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Totals {
    /// Sum of taxable amounts.
    pub taxable_cents: Option<i64>,
    /// Sum of VAT amounts.
    pub vat_cents: Option<i64>,
    /// Sum of gross amounts.
    pub gross_cents: Option<i64>,
}

impl Totals {
    /// Returns these totals with an entry added, `None` when a sum overflows.
    pub(super) fn with(self, entry: &LedgerEntry) -> Option<Self> {
        let add = |sum: Option<i64>, cents: Option<i64>| match (sum, cents) {
            (sum, None) => Some(sum),
            (None, Some(cents)) => Some(Some(cents)),
            (Some(sum), Some(cents)) => sum.checked_add(cents).map(Some),
        };
        Some(Self {
            taxable_cents: add(self.taxable_cents, entry.taxable_cents)?,
            vat_cents: add(self.vat_cents, entry.vat_cents)?,
            gross_cents: add(self.gross_cents, entry.gross_cents)?,
        })
    }
}
