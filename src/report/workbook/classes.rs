//! One sheet a class: every row with its statement, amount, place and reason.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::cells::Cells;
use crate::fiscal::Language;
use crate::reconcile::statement::{Class, ClassedRow, Statement};
use crate::report::html::View;
use crate::report::model::Model;
use crate::report::sentence;
use crate::report::words::{Word as _, sheet_name, statement_title};

/// The columns that the summary's formulas read.
pub(super) const STATEMENT_COLUMN: &str = "A";
pub(super) const SIDE_COLUMN: &str = "F";
pub(super) const AMOUNT_COLUMN: &str = "L";
pub(super) const CURRENCY_COLUMN: &str = "M";

/// Holds one sheet to write: a class, or a part of one.
pub(super) struct Sheet<'a> {
    /// The sheet's name.
    pub(super) name: String,
    /// The class whose rows it holds.
    pub(super) class: Class,
    /// Its rows, each with the number of its statement, from 1.
    pub(super) rows: Vec<(u64, &'a Statement, &'a ClassedRow)>,
}

/// Shares a model's rows out over sheets of at most `rows_max` rows.
pub(super) fn plan(model: &Model, language: Language, rows_max: usize) -> Vec<Sheet<'_>> {
    let mut sheets = vec![];
    for class in Class::ALL {
        let rows: Vec<_> = (1u64..)
            .zip(&model.statements)
            .flat_map(|(number, one)| one.rows.iter().map(move |row| (number, &one.statement, row)))
            .filter(|(_, _, row)| row.class == *class)
            .collect();
        let name = sheet_name(*class, language);
        for (index, part) in rows.chunks(rows_max).enumerate() {
            sheets.push(Sheet {
                name: match index {
                    0 => name.to_owned(),
                    later => format!("{name} {}", later + 1),
                },
                class: *class,
                rows: part.to_vec(),
            });
        }
    }
    sheets
}

/// Writes one class's sheet.
pub(super) fn write(
    sheet: &mut Worksheet,
    view: &View<'_>,
    cells: &Cells,
    plan: &Sheet<'_>,
) -> Result<(), XlsxError> {
    let captions = view.captions;
    let columns = [
        (captions.statement, 10),
        (captions.company, 24),
        (captions.tax_id, 14),
        (captions.subject_matter, 18),
        (captions.basis, 24),
        (captions.side, 13),
        (captions.number, 16),
        (captions.document_type, 11),
        (captions.issue_date, 12),
        (captions.counterparty_tax_id, 18),
        (captions.counterparty_name, 28),
        (captions.amount, 15),
        (captions.currency, 8),
        (captions.file, 26),
        (captions.row, 8),
        (captions.source_id, 28),
        (captions.partner, 28),
        (captions.reason, 80),
    ];
    sheet.set_name(&plan.name)?;
    let last = cells.heading(sheet, 0, &columns)? - 1;
    let mut line = 0;
    for (number, statement, row) in &plan.rows {
        line += 1;
        write_row(sheet, view, cells, line, (*number, statement, row))?;
    }
    finish(sheet, line, last)
}

/// Freezes and repeats the heading, sets the filter and the paper.
pub(super) fn finish(
    sheet: &mut Worksheet,
    last_row: u32,
    last_column: u16,
) -> Result<(), XlsxError> {
    sheet.set_freeze_panes(1, 0)?;
    sheet.autofilter(0, 0, last_row, last_column)?;
    sheet.set_repeat_rows(0, 0)?;
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    Ok(())
}

fn write_row(
    sheet: &mut Worksheet,
    view: &View<'_>,
    cells: &Cells,
    line: u32,
    (number, statement, row): (u64, &Statement, &ClassedRow),
) -> Result<(), XlsxError> {
    let (language, record) = (view.language, &row.record);
    let title = statement_title(statement.document_kind, statement.direction, language);
    cells.number(sheet, line, 0, number)?;
    cells.text(sheet, line, 1, &statement.company_name)?;
    cells.text(sheet, line, 2, statement.company.as_str())?;
    cells.text(sheet, line, 3, title)?;
    cells.text(sheet, line, 4, statement.basis.word(language))?;
    cells.text(sheet, line, 5, row.side.word(language))?;
    cells.optional(sheet, line, 6, record.number.as_deref())?;
    cells.optional(sheet, line, 7, record.document_type.as_deref())?;
    if let Some(day) = record.issue_date {
        cells.date(sheet, line, 8, day)?;
    }
    cells.optional(sheet, line, 9, record.counterparty_tax_id.as_deref())?;
    cells.optional(sheet, line, 10, record.counterparty_name.as_deref())?;
    if let Some(cents) = row.amount_cents {
        cells.money(sheet, line, 11, cents, row.currency)?;
    }
    cells.text(sheet, line, 12, row.currency.as_str())?;
    cells.optional(sheet, line, 13, record.file.as_deref())?;
    if let Some(row) = record.row {
        cells.number(sheet, line, 14, row)?;
    }
    cells.text(sheet, line, 15, &record.id)?;
    cells.optional(sheet, line, 16, row.partner_id())?;
    let reason = sentence::row_reason(row.side, &row.reason, row.currency, language);
    cells.text(sheet, line, 17, &reason)
}
