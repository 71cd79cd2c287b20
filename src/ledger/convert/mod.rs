//! Turns the rows below the heading into entries, a row at a time.
//!
//! A row becomes an entry, or is rejected at its first bad cell, or is skipped because it
//! is no entry by nature. The three are counted against the rows read, and the count is
//! asserted: a row that fell between would be money that nobody looks for.

mod row;

mod lines;
mod settlement;
mod skip;
mod tally;

mod cells;

pub(super) mod amount;
pub(super) mod date;
mod identifier;
mod phrases;

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use crate::fiscal::{DocumentType, LedgerEntry};
use crate::ledger::convert::lines::Open;
use crate::ledger::convert::row::{Outcome, Reject};
use crate::ledger::convert::tally::Tally;
use crate::ledger::error::clipped;
use crate::ledger::evidence::Columns;
use crate::ledger::layout::{Field, Layout};
use crate::ledger::table::{Found, Row};
use crate::ledger::{Error, LedgerFile, RejectedRow, RowWarning, SkipReason, SkippedRow, Upload};

/// How many entries are given away together.
const PART_ROWS: usize = 4_096;

/// Holds what was read so far and what later rows need to know of earlier ones.
struct Reading<'c> {
    upload: &'c Upload<'c>,
    layout: &'c Layout,
    columns: &'c Columns,
    direction: Option<crate::fiscal::Direction>,
    /// Columns up to the last heading that is not blank.
    width: usize,
    /// Entries that were not given away yet.
    part: Vec<LedgerEntry>,
    /// The document of the row above, whose further rows may come.
    open: Option<Open>,
    /// Whether rows may be lines of the document above.
    has_lines: bool,
    /// Document types by the phrases met so far.
    types: HashMap<String, (DocumentType, bool)>,
    tally: Tally,
    /// Entries of another company than the one given.
    others: u64,
    rejected: Vec<RejectedRow>,
    skipped: Vec<SkippedRow>,
    warnings: Vec<RowWarning>,
    rows_read: u64,
    /// The key of the row above, for continuation rows.
    previous_key: Option<String>,
    /// The document of the row above, for rows that repeat it.
    previous_document: Option<Vec<Option<String>>>,
    /// Warnings about a value are said once: column and value.
    said: HashSet<(usize, String)>,
    sales: SalesReading,
    disagreeing_totals: usize,
    notes: Vec<String>,
}

/// Holds the amounts of one row before its type has given them a sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Amounts {
    taxable: Option<i64>,
    vat: Option<i64>,
    gross: Option<i64>,
}

impl Amounts {
    /// Returns the amounts with their signs turned when they were written so.
    fn turned(self, is_turned: bool) -> Self {
        let turn =
            |cents: Option<i64>| if is_turned { cents.map(i64::saturating_neg) } else { cents };
        Self { taxable: turn(self.taxable), vat: turn(self.vat), gross: turn(self.gross) }
    }

    /// Returns the entry with these amounts, each with the sign of the entry's type.
    fn signed_into(self, mut entry: LedgerEntry) -> LedgerEntry {
        let kind = entry.document_type.as_ref();
        let sign = |cents: i64| kind.map_or(cents, |kind| kind.signed(cents));
        let [taxable, vat, gross] = [self.taxable, self.vat, self.gross].map(|one| one.map(sign));
        (entry.taxable_cents, entry.vat_cents, entry.gross_cents) = (taxable, vat, gross);
        settlement::sign(&mut entry, self.gross);
        entry
    }
}

/// Counts which reading of the portal's "Ammontare delle vendite" holds.
#[derive(Debug, Clone, Copy, Default)]
struct SalesReading {
    taxable: u64,
    gross: u64,
    neither: u64,
    both: u64,
}

/// Converts every row of a table whose columns are settled, and gives the entries away.
pub(super) fn convert<'c>(
    upload: &'c Upload<'c>,
    found: &Found<'c>,
    columns: &'c Columns,
    take: &mut dyn FnMut(Vec<LedgerEntry>) -> ControlFlow<()>,
) -> Result<LedgerFile, Error> {
    let headings = &found.recognised.columns;
    let mut reading = Reading {
        upload,
        layout: found.layout,
        columns,
        direction: found.recognised.direction,
        width: headings
            .iter()
            .rposition(|column| !column.heading.trim().is_empty())
            .map_or(0, |last| last + 1),
        part: Vec::new(),
        open: None,
        has_lines: !found.layout.per_rate.is_empty() && columns.index(Field::VatRate).is_some(),
        types: HashMap::new(),
        tally: Tally::default(),
        others: 0,
        rejected: Vec::new(),
        skipped: Vec::new(),
        warnings: Vec::new(),
        rows_read: 0,
        previous_key: None,
        previous_document: None,
        said: HashSet::new(),
        sales: SalesReading::default(),
        disagreeing_totals: 0,
        notes: columns.notes.clone(),
    };
    let mut position = 0;
    found
        .table
        .each_row(|row| {
            position += 1;
            if position > found.recognised.heading_row + 1 {
                reading.take(&row);
            }
            if reading.part.len() < PART_ROWS {
                return ControlFlow::Continue(());
            }
            take(std::mem::replace(&mut reading.part, Vec::with_capacity(PART_ROWS)))
        })
        .map_err(|error| Error::Unreadable {
            file: upload.file_name.to_owned(),
            reason: error.to_string(),
        })?;
    reading.close_document();
    let last = std::mem::take(&mut reading.part);
    if !last.is_empty() {
        // There is nothing left to break off.
        let _ = take(last);
    }
    Ok(reading.finish(found))
}

impl Reading<'_> {
    /// Puts one row where it belongs.
    fn take(&mut self, row: &Row) {
        self.rows_read += 1;
        let warned_before = self.warnings.len();
        match self.read_row(row) {
            Ok(Outcome::Entry(entry, amounts)) => {
                self.close_document();
                if self.has_lines {
                    self.open = Some(Open::new(*entry, row.line, amounts));
                    self.remember_key(row);
                } else {
                    self.accept(amounts.signed_into(*entry), row.line);
                }
            }
            Ok(Outcome::Skip(reason)) => self.skip(row, reason),
            Err(reject) => {
                self.close_document();
                // The rejection says what matters; warnings are about rows that were kept.
                self.warnings.truncate(warned_before);
                self.reject((self.rows_read, row.line), reject);
            }
        }
    }

    /// Accepts the document above: no further row of it can come.
    pub(super) fn close_document(&mut self) {
        let Some(open) = self.open.take() else {
            return;
        };
        let line = open.line;
        self.accept(open.close(), line);
    }

    fn accept(&mut self, entry: LedgerEntry, line: u64) {
        if !self.tally.add(&entry) {
            let reason = "with this row the control totals are too large".to_owned();
            self.reject((entry.row, line), Reject::row(reason));
            return;
        }
        let is_other = |company| entry.company.as_ref() != Some(company);
        self.others += u64::from(self.upload.company.as_ref().is_some_and(is_other));
        self.part.push(entry);
    }

    fn skip(&mut self, row: &Row, reason: SkipReason) {
        if reason != SkipReason::Continuation {
            self.close_document();
        }
        if reason == SkipReason::Total {
            self.check_total(row);
        }
        self.skipped.push(SkippedRow { row: self.rows_read, line: row.line, reason });
    }

    fn reject(&mut self, (row, line): (u64, u64), reject: Reject) {
        self.rejected.push(RejectedRow {
            row,
            line,
            column: reject.column.map_or_else(String::new, |index| self.heading(index)),
            value: reject.value,
            reason: reject.reason,
            hint: reject.hint,
        });
    }

    fn warn(&mut self, row: &Row, index: usize, message: String) {
        self.warnings.push(RowWarning {
            row: self.rows_read,
            line: row.line,
            column: self.heading(index),
            value: clipped(&row.cell(index).shown()),
            message,
        });
    }

    /// Warns about a value the first time that it appears in its column.
    fn warn_once(&mut self, row: &Row, index: usize, message: impl FnOnce() -> String) {
        let value = row.cell(index).shown().into_owned();
        if self.said.insert((index, value)) {
            self.warn(row, index, message());
        }
    }

    /// Returns a column's heading, which extra cells lack.
    fn heading(&self, index: usize) -> String {
        self.columns
            .meanings
            .get(index)
            .map_or_else(String::new, |column| column.heading.trim().to_owned())
    }

    fn finish(mut self, found: &Found) -> LedgerFile {
        let put_aside = (self.rejected.len() + self.skipped.len()) as u64;
        assert!(
            self.tally.rows + put_aside == self.rows_read,
            "every row read is an entry, rejected or skipped"
        );
        let (duplicate_rows, duplicates) = self.tally.duplicates();
        let mut notes = std::mem::take(&mut self.notes);
        notes.extend(self.file_notes());
        notes.extend(duplicates.first().map(|one| {
            let (rows, kept) = match duplicate_rows {
                1 => ("row says", "it is kept"),
                _ => ("rows say", "they are kept"),
            };
            format!(
                "{duplicate_rows} {rows} the same as an earlier row of the file, such as row {} and row {}; {kept}",
                one.first, one.row
            )
        }));
        LedgerFile {
            layout: self.layout.name.clone(),
            format: found.format,
            sheet: found.sheet.clone(),
            encoding: found.encoding.clone(),
            delimiter: found.delimiter,
            columns: self.columns.meanings.clone(),
            entries: Vec::new(),
            rows_accepted: self.tally.rows,
            rejected: self.rejected,
            skipped: self.skipped,
            rows_read: self.rows_read,
            coverage: self.tally.coverage(),
            gaps: self.tally.gaps(),
            duplicate_rows,
            duplicates,
            totals: self.tally.totals,
            warnings: self.warnings,
            notes,
        }
    }

    /// Says what concerns the file as a whole.
    fn file_notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let SalesReading { taxable, gross, neither, both } = self.sales;
        let checked = taxable + gross + neither + both;
        if checked > 0 {
            let column = self
                .columns
                .index(Field::Sales)
                .map_or_else(String::new, |index| self.heading(index));
            notes.push(format!(
                "`{column}` equals the taxable amount in {} of {checked} rows and taxable + VAT in {}; the gross is taxable + VAT",
                taxable + both,
                gross + both,
            ));
        }
        if self.tally.undirected > 0 {
            notes.push("neither the layout nor the headings say whether these documents were issued or received".to_owned());
        }
        if self.others > 0 {
            notes
                .push(format!("{} rows belong to another company than the one given", self.others));
        }
        notes
    }
}
