//! Workbooks: the one sheet whose headings a layout knows.
//!
//! calamine opens them. Two of its habits are fenced in here: on some damaged files it
//! panics, and it lays a sheet out densely, so that one stray cell in the last column
//! would cost gigabytes. The old `.xls` form is laid out while it is opened, before
//! anything can be counted, so there the second fence does not stand.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{
    Cell, Data, DataRef, Ods, OdsError, Range, Reader, SheetType, Sheets, Xls, XlsError, Xlsb,
    XlsbError, Xlsx, XlsxError,
};

use crate::ledger::error::SheetGlance;
use crate::ledger::layout::Layout;
use crate::ledger::recognise::{self, Recognised, Search};
use crate::ledger::table::{Found, Table};
use crate::ledger::{Error, Format, Upload};

/// How many cells a sheet may span, empty ones counted: every row of a workbook, 28 columns.
const CELLS_MAX: u64 = 30_000_000;

/// How many cells of a sheet an error shows.
const GLANCE_CELLS: usize = 4;

/// Finds the one table of a workbook, or says why there is none.
pub(super) fn find_table<'a>(
    upload: &Upload<'a>,
    format: Format,
    wanted: Option<&'static Layout>,
) -> Result<Found<'a>, Error> {
    let file = || upload.file_name.to_owned();
    let mut workbook = fenced(upload.file_name, format, || open(upload.bytes, format))?;
    // Chart and macro sheets hold no cells.
    let names: Vec<String> = workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| sheet.name.clone())
        .collect();
    let chosen: Vec<&String> = match upload.sheet {
        None => names.iter().collect(),
        Some(sheet) => names.iter().filter(|name| *name == sheet).collect(),
    };
    if let (Some(sheet), true) = (upload.sheet, chosen.is_empty()) {
        return Err(Error::NoSuchSheet { file: file(), sheet: sheet.to_owned(), sheets: names });
    }
    let mut tables: Vec<(String, Range<Data>, Recognised)> = Vec::new();
    let mut others: Vec<(SheetGlance, Vec<String>)> = Vec::new();
    for name in chosen {
        let range = fenced(upload.file_name, format, || read_sheet(&mut workbook, name))?;
        let first_cells = first_cells(&range);
        let table = Table::Sheet(range);
        let found = recognise::search(&table, wanted, upload.direction);
        let (Table::Sheet(range), Ok(found)) = (table, found) else {
            continue;
        };
        match found {
            Search::Found(recognised) => tables.push((name.clone(), range, recognised)),
            Search::Tie(layouts) => {
                return Err(Error::AmbiguousLayout { file: file(), layouts });
            }
            Search::Nothing(headings) => {
                let name = name.clone();
                others.push((SheetGlance { name, first_cells }, headings));
            }
        }
    }
    if tables.len() > 1 {
        return Err(Error::SeveralSheets {
            file: file(),
            sheets: tables.into_iter().map(|(name, ..)| name).collect(),
        });
    }
    let Some((sheet, range, recognised)) = tables.pop() else {
        return Err(no_table(upload, wanted, others));
    };
    Ok(Found {
        table: Table::Sheet(range),
        format,
        sheet: Some(sheet),
        encoding: None,
        delimiter: None,
        layout: recognised.layout,
        recognised,
    })
}

/// Says of one sheet which headings it lacks, of several what each begins with.
fn no_table(
    upload: &Upload,
    wanted: Option<&'static Layout>,
    mut others: Vec<(SheetGlance, Vec<String>)>,
) -> Error {
    let mut filled: Vec<_> = others
        .iter()
        .filter(|(_, headings)| !headings.is_empty())
        .map(|(_, headings)| headings.clone())
        .collect();
    match (filled.pop(), filled.is_empty()) {
        (None, _) => Error::Empty { file: upload.file_name.to_owned() },
        (Some(headings), true) => recognise::unknown(upload, wanted, headings),
        (Some(_), false) => Error::NoTable {
            file: upload.file_name.to_owned(),
            sheets: others.drain(..).map(|(glance, _)| glance).collect(),
        },
    }
}

fn first_cells(range: &Range<Data>) -> Vec<String> {
    range
        .used_cells()
        .map(|(_, _, cell)| cell.to_string())
        .filter(|text| !text.trim().is_empty())
        .take(GLANCE_CELLS)
        .collect()
}

fn open(bytes: &[u8], format: Format) -> Result<Sheets<Cursor<&[u8]>>, calamine::Error> {
    let reader = Cursor::new(bytes);
    Ok(match format {
        Format::Xls => Sheets::Xls(Xls::new(reader)?),
        Format::Xlsb => Sheets::Xlsb(Xlsb::new(reader)?),
        Format::Ods => Sheets::Ods(Ods::new(reader)?),
        Format::Xlsx | Format::Xlsm | Format::Csv => Sheets::Xlsx(Xlsx::new(reader)?),
    })
}

/// Runs calamine and turns whatever goes wrong into an error of this room.
fn fenced<T>(
    file_name: &str,
    format: Format,
    work: impl FnOnce() -> Result<T, calamine::Error>,
) -> Result<T, Error> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result.map_err(|source| refusal(file_name, format, source)),
        Err(_) => Err(Error::Unreadable {
            file: file_name.to_owned(),
            reason: format!("the {format} workbook is damaged"),
        }),
    }
}

/// Reads the cells of one sheet; the zipped forms are counted before they are laid out.
fn read_sheet(
    workbook: &mut Sheets<Cursor<&[u8]>>,
    name: &str,
) -> Result<Range<Data>, calamine::Error> {
    let mut cells = Vec::new();
    let mut keep = |cell: &Cell<DataRef>| {
        let value = Data::from(cell.get_value().clone());
        if value != Data::Empty {
            cells.push(Cell::new(cell.get_position(), value));
        }
    };
    match workbook {
        Sheets::Xlsx(xlsx) => {
            let mut reader = xlsx.worksheet_cells_reader(name)?;
            while let Some(cell) = reader.next_cell()? {
                keep(&cell);
            }
        }
        Sheets::Xlsb(xlsb) => {
            let mut reader = xlsb.worksheet_cells_reader(name)?;
            while let Some(cell) = reader.next_cell()? {
                keep(&cell);
            }
        }
        Sheets::Xls(_) | Sheets::Ods(_) => return workbook.worksheet_range(name),
    }
    let span = |positions: &dyn Fn(&Cell<Data>) -> u32| {
        let first = cells.iter().map(positions).min().unwrap_or_default();
        let last = cells.iter().map(positions).max().unwrap_or_default();
        u64::from(last - first) + 1
    };
    let area = span(&|cell| cell.get_position().0) * span(&|cell| cell.get_position().1);
    if area > CELLS_MAX {
        return Err(calamine::Error::Msg(
            "a cell lies so far outside the table that the sheet spans more than 30 million cells",
        ));
    }
    Ok(Range::from_sparse(cells))
}

fn refusal(file_name: &str, format: Format, source: calamine::Error) -> Error {
    use calamine::Error as Cause;
    let file = file_name.to_owned();
    match source {
        Cause::Xls(XlsError::Password)
        | Cause::Xlsx(XlsxError::Password)
        | Cause::Xlsb(XlsbError::Password)
        | Cause::Ods(OdsError::Password) => Error::PasswordProtected { file },
        source => Error::Workbook { file, format, source: Box::new(source) },
    }
}

/// Returns the first sheet that holds more than a heading, whatever its headings say.
pub(super) fn first_table(upload: &Upload<'_>, format: Format) -> Result<Table<'static>, Error> {
    let mut workbook = fenced(upload.file_name, format, || open(upload.bytes, format))?;
    let names: Vec<String> = workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| sheet.name.clone())
        .collect();
    for name in names {
        let range = fenced(upload.file_name, format, || read_sheet(&mut workbook, &name))?;
        if range.height() > 1 {
            return Ok(Table::Sheet(range));
        }
    }
    Err(Error::Empty { file: upload.file_name.to_owned() })
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
    fn stray_far_cell_is_refused() {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.write_row(0, 0, ["Data", "Contanti", "POS"]).unwrap();
        sheet.write(1_048_575, 16_383, "x").unwrap();
        let bytes = book.save_to_buffer().unwrap();
        assert!(refusal_of(&bytes).contains("far outside the table"));
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
