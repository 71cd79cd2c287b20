//! A workbook for finance: summary, one sheet a class, findings, sources.
//!
//! The summary's totals are formulas over the class sheets, so that whoever changes or
//! filters a row sees the tie-out move; each formula carries the result it had, or previews
//! would show zeros. Amounts are numbers, days are dates, everything from outside is text
//! that stays text. A class of more rows than a sheet holds goes on in a second sheet.
//! The creation time in the file's properties is the run's, so that the bytes repeat.

mod cells;
mod classes;
mod findings;
mod sources;
mod summary;
mod tie_out;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

use super::html::View;
use super::model::Model;
use crate::fiscal::Language;
use cells::{Cells, SHEET_ROWS_MAX};

/// Builds a model's workbook and returns its bytes.
pub(super) fn book(model: &Model, language: Language) -> Result<Vec<u8>, XlsxError> {
    book_with(model, language, SHEET_ROWS_MAX)
}

/// Builds the workbook with sheets of at most so many data rows.
fn book_with(model: &Model, language: Language, rows_max: usize) -> Result<Vec<u8>, XlsxError> {
    let view = View::of(model, language);
    let cells = Cells::new(language);
    let mut book = Workbook::new();
    let title = format!("{} – {}", view.captions.reconciliation, view.period());
    book.set_properties(
        &DocProperties::new()
            .set_title(title)
            .set_author("Quadra")
            .set_comment(format!("{} {}, {}", model.job, model.run_id, model.version))
            .set_creation_datetime(&ExcelDateTime::from_timestamp(model.started_at.timestamp())?),
    );
    let sheets = classes::plan(model, language, rows_max);
    summary::write(book.add_worksheet(), &view, &cells, &sheets)?;
    findings::write(&mut book, &view, &cells)?;
    for sheet in &sheets {
        classes::write(book.add_worksheet(), &view, &cells, sheet)?;
    }
    sources::write(book.add_worksheet(), &view, &cells)?;
    book.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use calamine::{Reader as _, Xlsx};

    use super::*;
    use crate::report::model::tests::small;

    #[test]
    fn long_classes_go_on_in_a_second_sheet() {
        let model = small();
        let bytes = book_with(&model, Language::En, 2).unwrap();
        let mut book = Xlsx::new(Cursor::new(bytes)).unwrap();
        let names = book.sheet_names();
        assert_eq!(names, ["Summary", "Findings", "Matched", "Matched 2", "Sources"]);
        let rows = names[2..4].iter().map(|name| book.worksheet_range(name).unwrap().height());
        assert_eq!(rows.collect::<Vec<_>>(), [3, 2]);
        let formulas = book.worksheet_formula("Summary").unwrap();
        let spans = formulas.used_cells().any(|(_, _, formula)| {
            formula.contains("'Matched'!") && formula.contains("'Matched 2'!")
        });
        assert!(spans, "the total leaves the second sheet out");
    }
}
