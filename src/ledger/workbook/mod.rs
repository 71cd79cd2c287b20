//! Workbooks: the sheets of XLSX, XLSM, XLSB and XLS, cell by cell.
//!
//! calamine opens them, and three of its habits are fenced in. On some damaged files it
//! panics: that becomes an error. It believes what a zip unpacks to: `members` counts it
//! first. And it lays an old `.xls` out while it opens it, by sizes that the file states:
//! `old` walks such a file before, and hands on what is left when nothing lies in it.
//! Formulas are not read, macros never run: the value that the program saved counts.

mod members;
mod old;

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{
    Cell, Data, DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Sheets, Xls, XlsError,
    Xlsb, XlsbError, Xlsx, XlsxError,
};
use chrono::{NaiveDate, NaiveDateTime};

use crate::ledger::grid::{Builder, Full, Grid, Value};
use crate::ledger::layout::Layout;
use crate::ledger::pick::{Sheet, chosen, pick};
use crate::ledger::table::Found;
use crate::ledger::{Error, Format, Upload};

/// Finds the one table of a workbook, or says why there is none.
pub(super) fn find_table<'a>(
    upload: &Upload<'a>,
    format: Format,
    wanted: Option<&'a Layout>,
) -> Result<Found<'a>, Error> {
    let (mut found, has_formula_alone) =
        with_sheets(upload, format, |sheets| pick(upload, format, wanted, sheets))?;
    if has_formula_alone {
        found.notes.push(
            "some cells hold a formula without the value that it came to, and count as empty: open \
             the workbook in a spreadsheet program, save it, and upload it again"
                .to_owned(),
        );
    }
    Ok(found)
}

/// Opens a workbook and gives the sheets that may be meant to `take`, one at a time.
///
/// Tells beside what `take` returns whether some formula has no value.
pub(super) fn with_sheets<T>(
    upload: &Upload,
    format: Format,
    take: impl FnOnce(&mut dyn Iterator<Item = Result<Sheet, Error>>) -> Result<T, Error>,
) -> Result<(T, bool), Error> {
    let unreadable =
        |reason: String| Error::Unreadable { file: upload.file_name.to_owned(), reason };
    let mut has_formula_alone = false;
    let checked = if format == Format::Xls {
        Some(old::checked(upload.bytes).map_err(|bad| unreadable(bad.to_string()))?)
    } else {
        has_formula_alone =
            members::check(upload.bytes).map_err(|bad| unreadable(bad.to_string()))?;
        None
    };
    let bytes = checked.as_deref().unwrap_or(upload.bytes);
    let mut workbook = fenced(upload.file_name, format, || Ok(open(bytes, format)?))?;
    // Chart and macro sheets hold no cells.
    let sheets: Vec<calamine::Sheet> = workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .cloned()
        .collect();
    let names = chosen(upload, sheets.iter().map(|sheet| sheet.name.clone()).collect())?;
    let mut read = names.into_iter().map(|name| {
        let grid = fenced(upload.file_name, format, || read_sheet(&mut workbook, &name))?;
        let is_hidden =
            sheets.iter().any(|one| one.name == name && one.visible != SheetVisible::Visible);
        Ok(Sheet { name, is_hidden, grid })
    });
    Ok((take(&mut read)?, has_formula_alone))
}

fn open(bytes: &[u8], format: Format) -> Result<Sheets<Cursor<&[u8]>>, calamine::Error> {
    let reader = Cursor::new(bytes);
    Ok(match format {
        Format::Xls => Sheets::Xls(Xls::new(reader)?),
        Format::Xlsb => Sheets::Xlsb(Xlsb::new(reader)?),
        _ => Sheets::Xlsx(Xlsx::new(reader)?),
    })
}

/// Runs calamine and turns whatever goes wrong into an error of this room.
fn fenced<T>(
    file_name: &str,
    format: Format,
    work: impl FnOnce() -> Result<T, Trouble>,
) -> Result<T, Error> {
    let unreadable = |reason: String| Error::Unreadable { file: file_name.to_owned(), reason };
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(Trouble::Reader(source))) => Err(refusal(file_name, format, source)),
        Ok(Err(Trouble::Full(full))) => Err(unreadable(full.to_string())),
        Err(_) => Err(unreadable(format!("the {format} workbook is damaged"))),
    }
}

/// Says why a sheet was not read.
enum Trouble {
    Reader(calamine::Error),
    Full(Full),
}

impl<E: Into<calamine::Error>> From<E> for Trouble {
    fn from(error: E) -> Self {
        Self::Reader(error.into())
    }
}

/// Reads the cells of one sheet; the zipped forms give them one at a time.
fn read_sheet(workbook: &mut Sheets<Cursor<&[u8]>>, name: &str) -> Result<Grid, Trouble> {
    let mut grid = Builder::default();
    match workbook {
        Sheets::Xlsx(xlsx) => {
            let mut reader = xlsx.worksheet_cells_reader(name)?;
            while let Some(cell) = reader.next_cell()? {
                keep(&mut grid, &cell).map_err(Trouble::Full)?;
            }
        }
        Sheets::Xlsb(xlsb) => {
            let mut reader = xlsb.worksheet_cells_reader(name)?;
            while let Some(cell) = reader.next_cell()? {
                keep(&mut grid, &cell).map_err(Trouble::Full)?;
            }
        }
        other => {
            let range = other.worksheet_range(name)?;
            let (top, left) = range.start().unwrap_or_default();
            for (row, column, data) in range.used_cells() {
                let place =
                    |at: usize, first: u32| u32::try_from(at).map_or(u32::MAX, |at| at + first);
                keep_data(&mut grid, (place(row, top), place(column, left)), data)
                    .map_err(Trouble::Full)?;
            }
        }
    }
    Ok(grid.finish())
}

fn keep(grid: &mut Builder, cell: &Cell<DataRef>) -> Result<(), Full> {
    let (line, column) = cell.get_position();
    let value = match cell.get_value() {
        DataRef::SharedString(text) => return grid.put_shared(line, column, text),
        DataRef::Empty => Value::Empty,
        DataRef::String(text) | DataRef::DurationIso(text) => Value::Text(text),
        #[expect(clippy::cast_precision_loss, reason = "a workbook's numbers are floats")]
        DataRef::Int(number) => Value::Number(*number as f64),
        DataRef::Float(number) => Value::Number(*number),
        DataRef::Bool(value) => Value::Text(if *value { "true" } else { "false" }),
        DataRef::DateTime(moment) => of_moment(*moment),
        DataRef::DateTimeIso(text) => iso_moment(text).map_or(Value::Text(text), Value::Moment),
        DataRef::Error(error) => return grid.put(line, column, Value::Fault(&error.to_string())),
    };
    grid.put(line, column, value)
}

fn keep_data(grid: &mut Builder, (line, column): (u32, u32), data: &Data) -> Result<(), Full> {
    let value = match data {
        Data::Empty => Value::Empty,
        Data::String(text) | Data::DurationIso(text) => Value::Text(text),
        #[expect(clippy::cast_precision_loss, reason = "a workbook's numbers are floats")]
        Data::Int(number) => Value::Number(*number as f64),
        Data::Float(number) => Value::Number(*number),
        Data::Bool(value) => Value::Text(if *value { "true" } else { "false" }),
        Data::DateTime(moment) => of_moment(*moment),
        Data::DateTimeIso(text) => iso_moment(text).map_or(Value::Text(text), Value::Moment),
        Data::Error(error) => return grid.put(line, column, Value::Fault(&error.to_string())),
    };
    grid.put(line, column, value)
}

fn of_moment(moment: ExcelDateTime) -> Value<'static> {
    let day = if moment.is_datetime() { moment.as_datetime() } else { None };
    day.map_or(Value::Number(moment.as_f64()), Value::Moment)
}

/// Reads a moment as XML writes it: `2026-02-03` or `2026-02-03T10:11:12`.
pub(super) fn iso_moment(text: &str) -> Option<NaiveDateTime> {
    text.parse::<NaiveDateTime>()
        .ok()
        .or_else(|| text.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0))
}

fn refusal(file_name: &str, format: Format, source: calamine::Error) -> Error {
    use calamine::Error as Cause;
    let file = file_name.to_owned();
    match source {
        Cause::Xls(XlsError::Password)
        | Cause::Xlsx(XlsxError::Password)
        | Cause::Xlsb(XlsbError::Password) => Error::PasswordProtected { file },
        source => Error::Workbook { file, format, source: Box::new(source) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::read;
    use rust_xlsxwriter::Workbook;

    fn refusal_of(bytes: &[u8]) -> String {
        let error = read(&Upload::new("x", bytes)).unwrap_err();
        let cause = std::error::Error::source(&error).map_or_else(String::new, ToString::to_string);
        format!("{error}: {cause}")
    }

    #[test]
    fn stray_far_cell_costs_its_row_only() {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.write_row(0, 0, ["Data", "Contanti", "POS"]).unwrap();
        sheet.write_row(1, 0, ["01/02/2026", "1,00", "2,00"]).unwrap();
        sheet.write(1_048_575, 16_383, "x").unwrap();
        let bytes = book.save_to_buffer().unwrap();
        let file = read(&Upload::new("x", &bytes)).unwrap();
        assert_eq!((file.entries.len(), file.rejected.len()), (1, 1));
        assert_eq!(file.rejected[0].line, 1_048_576);
    }

    #[test]
    fn many_far_cells_are_refused() {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        for line in 0..2000 {
            sheet.write(line, 16_383, "x").unwrap();
        }
        let bytes = book.save_to_buffer().unwrap();
        assert!(refusal_of(&bytes).contains("far outside the table"), "{}", refusal_of(&bytes));
    }

    #[test]
    fn panic_of_the_reader_is_an_error() {
        let outcome = fenced::<()>("x", Format::Xls, || panic!("index out of bounds"));
        assert_eq!(
            outcome.unwrap_err().to_string(),
            "cannot read `x`: the xls workbook is damaged"
        );
    }

    #[test]
    fn damaged_old_workbook_is_an_error() {
        let mut bytes = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
        bytes.resize(1024, 0xFE);
        assert!(refusal_of(&bytes).starts_with("cannot "));
    }
}
