//! The sheet of what was read: a row a source, then a row a refusal.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::cells::Cells;
use super::classes::finish;
use crate::report::digest;
use crate::report::html::{View, source_kind};
use crate::report::model::Source;
use crate::report::words::source_state;

/// Writes the sources, each followed by its refused rows.
pub(super) fn write(
    sheet: &mut Worksheet,
    view: &View<'_>,
    cells: &Cells,
) -> Result<(), XlsxError> {
    let captions = view.captions;
    let columns = [
        (captions.source, 30),
        (captions.kind, 14),
        (captions.company, 24),
        (captions.detail, 28),
        (captions.state, 16),
        (captions.rows_read, 10),
        (captions.rows_rejected, 10),
        (captions.row, 8),
        (captions.column, 20),
        (captions.value, 24),
        (captions.reason, 60),
    ];
    sheet.set_name(captions.sources)?;
    let last = cells.heading(sheet, 0, &columns)? - 1;
    let mut line = 0;
    for source in &view.model.sources {
        line += 1;
        write_source(sheet, view, cells, line, source)?;
        for refused in &source.refused {
            line += 1;
            cells.text(sheet, line, 0, &source.name)?;
            cells.text(sheet, line, 4, captions.refused_rows)?;
            if refused.row == 0 {
                cells.text(sheet, line, 7, captions.whole_file)?;
            } else {
                cells.number(sheet, line, 7, refused.row)?;
            }
            cells.text(sheet, line, 8, &refused.column)?;
            cells.text(sheet, line, 9, &refused.value)?;
            Cells::styled(sheet, line, 10, &refused.reason, &cells.wrapped)?;
        }
    }
    finish(sheet, line, last)
}

fn write_source(
    sheet: &mut Worksheet,
    view: &View<'_>,
    cells: &Cells,
    line: u32,
    source: &Source,
) -> Result<(), XlsxError> {
    let company = source.company.as_ref();
    Cells::styled(sheet, line, 0, &source.name, &cells.bold)?;
    cells.text(sheet, line, 1, source_kind(view, source.kind))?;
    cells.optional(sheet, line, 2, company.map(|id| digest::company_name(view.model, id)))?;
    cells.text(sheet, line, 3, &source.detail)?;
    cells.text(sheet, line, 4, source_state(&source.state, view.language))?;
    cells.number(sheet, line, 5, source.rows_read)?;
    cells.number(sheet, line, 6, source.rows_rejected)
}
