//! Turns the rows below the heading into entries, a row at a time.
//!
//! A row becomes an entry, or is rejected at its first bad cell, or is skipped because it
//! is no entry by nature. The three are counted against the rows read, and the count is
//! asserted: a row that fell between would be money that nobody looks for.

mod row;

mod skip;

mod cells;

pub(super) mod amount;
mod date;
mod identifier;
mod phrases;

use std::collections::{BTreeMap, HashSet};
use std::ops::ControlFlow;

use chrono::NaiveDate;

use crate::fiscal::{Currency, DocumentType, LedgerEntry};
use crate::ledger::convert::row::{Outcome, Reject};
use crate::ledger::error::clipped;
use crate::ledger::evidence::Columns;
use crate::ledger::layout::Layout;
use crate::ledger::table::{Found, Row};
use crate::ledger::{
    Error, LedgerFile, RejectedRow, RowWarning, SkipReason, SkippedRow, Totals, Upload,
};

/// How many entries are given away together.
const PART_ROWS: usize = 4_096;

/// Holds what was read so far and what later rows need to know of earlier ones.
struct Reading<'c> {
    upload: &'c Upload<'c>,
    layout: &'static Layout,
    columns: &'c Columns,
    direction: Option<crate::fiscal::Direction>,
    /// Columns up to the last heading that is not blank.
    width: usize,
    /// Entries that were not given away yet.
    part: Vec<LedgerEntry>,
    rows_accepted: u64,
    /// First and last day of the entries.
    coverage: Option<(NaiveDate, NaiveDate)>,
    /// Entries of another company than the one given.
    others: u64,
    rejected: Vec<RejectedRow>,
    skipped: Vec<SkippedRow>,
    warnings: Vec<RowWarning>,
    totals: BTreeMap<Currency, Totals>,
    rows_read: u64,
    /// The key of the row above, for continuation rows.
    previous_key: Option<String>,
    /// Warnings about a value are said once: column and value.
    said: HashSet<(usize, String)>,
    sales: SalesReading,
    /// Sums since the last total row.
    since_total: Totals,
    /// Sums over credit notes alone: some registers add them up unsigned.
    credits: Totals,
    disagreeing_totals: usize,
    notes: Vec<String>,
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
pub(super) fn convert(
    upload: &Upload,
    found: &Found,
    columns: &Columns,
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
        rows_accepted: 0,
        coverage: None,
        others: 0,
        rejected: Vec::new(),
        skipped: Vec::new(),
        warnings: Vec::new(),
        totals: BTreeMap::new(),
        rows_read: 0,
        previous_key: None,
        said: HashSet::new(),
        sales: SalesReading::default(),
        since_total: Totals::default(),
        credits: Totals::default(),
        disagreeing_totals: 0,
        notes: Vec::new(),
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
        let outcome = self.read_row(row).and_then(|outcome| {
            if let Outcome::Entry(entry) = &outcome {
                self.add_to_totals(entry)?;
            }
            Ok(outcome)
        });
        match outcome {
            Ok(Outcome::Entry(entry)) => self.accept(*entry),
            Ok(Outcome::Skip(reason)) => self.skip(row, reason),
            Err(reject) => {
                // The rejection says what matters; warnings are about rows that were kept.
                self.warnings.truncate(warned_before);
                self.reject(row, reject);
            }
        }
    }

    fn accept(&mut self, entry: LedgerEntry) {
        self.rows_accepted += 1;
        if let Some(day) = entry.issue_date.or(entry.registration_date) {
            let (first, last) = self.coverage.unwrap_or((day, day));
            self.coverage = Some((first.min(day), last.max(day)));
        }
        let is_other = |company| entry.company.as_ref() != Some(company);
        self.others += u64::from(self.upload.company.as_ref().is_some_and(is_other));
        self.part.push(entry);
    }

    fn add_to_totals(&mut self, entry: &LedgerEntry) -> Result<(), Reject> {
        self.since_total = self.since_total.with(entry).unwrap_or_default();
        if entry.document_type.as_ref().is_some_and(DocumentType::is_negative) {
            self.credits = self.credits.with(entry).unwrap_or_default();
        }
        let sum = self.totals.entry(entry.currency).or_default();
        *sum = sum.with(entry).ok_or_else(|| {
            Reject::row("with this row the control totals are too large".to_owned())
        })?;
        Ok(())
    }

    fn skip(&mut self, row: &Row, reason: SkipReason) {
        if reason == SkipReason::Total {
            self.check_total(row);
        }
        self.skipped.push(SkippedRow { row: self.rows_read, line: row.line, reason });
    }

    fn reject(&mut self, row: &Row, reject: Reject) {
        self.rejected.push(RejectedRow {
            row: self.rows_read,
            line: row.line,
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
            self.rows_accepted + put_aside == self.rows_read,
            "every row read is an entry, rejected or skipped"
        );
        let mut notes = std::mem::take(&mut self.notes);
        notes.extend(self.file_notes());
        LedgerFile {
            layout: self.layout.name.clone(),
            format: found.format,
            sheet: found.sheet.clone(),
            encoding: found.encoding.clone(),
            delimiter: found.delimiter,
            columns: self.columns.meanings.clone(),
            entries: Vec::new(),
            rows_accepted: self.rows_accepted,
            rejected: self.rejected,
            skipped: self.skipped,
            rows_read: self.rows_read,
            totals: self.totals,
            coverage: self.coverage,
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
                .index(crate::ledger::Field::Sales)
                .map_or_else(String::new, |index| self.heading(index));
            notes.push(format!(
                "`{column}` equals the taxable amount in {} of {checked} rows and taxable + VAT in {}; the gross is taxable + VAT",
                taxable + both,
                gross + both,
            ));
        }
        if self.direction.is_none() && self.rows_accepted > 0 {
            notes.push("neither the layout nor the headings say whether these documents were issued or received".to_owned());
        }
        if self.others > 0 {
            notes
                .push(format!("{} rows belong to another company than the one given", self.others));
        }
        notes
    }
}
