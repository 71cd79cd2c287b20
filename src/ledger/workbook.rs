//! Workbooks: the one sheet whose headings a layout knows.

use std::io::Cursor;

use calamine::{
    Data, Ods, OdsError, Range, Reader, SheetType, Sheets, Xls, XlsError, Xlsb, XlsbError, Xlsx,
    XlsxError,
};

use crate::ledger::error::SheetGlance;
use crate::ledger::layout::Layout;
use crate::ledger::recognise::{self, Recognised, Search};
use crate::ledger::table::{Found, Table};
use crate::ledger::{Error, Format, Upload};

/// How many cells of a sheet an error shows.
const GLANCE_CELLS: usize = 4;

/// Finds the one table of a workbook, or says why there is none.
pub(super) fn find_table<'a>(
    upload: &Upload<'a>,
    format: Format,
    wanted: Option<&'static Layout>,
) -> Result<Found<'a>, Error> {
    let file = || upload.file_name.to_owned();
    let refuse = |source| refusal(upload.file_name, format, source);
    let mut workbook = open(upload.bytes, format).map_err(refuse)?;
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
        return Err(Error::NoSuchSheet {
            file: file(),
            sheet: sheet.to_owned(),
            sheets: names,
        });
    }
    let mut tables: Vec<(String, Range<Data>, Recognised)> = Vec::new();
    let mut others: Vec<(SheetGlance, Vec<String>)> = Vec::new();
    for name in chosen {
        let range = workbook.worksheet_range(name).map_err(refuse)?;
        let first_cells = first_cells(&range);
        let table = Table::Sheet(range);
        let found = recognise::search(&table, wanted, upload.direction);
        let (Table::Sheet(range), Ok(found)) = (table, found) else {
            continue;
        };
        match found {
            Search::Found(recognised) => tables.push((name.clone(), range, recognised)),
            Search::Tie(layouts) => {
                return Err(Error::AmbiguousLayout {
                    file: file(),
                    layouts,
                });
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
        (None, _) => Error::Empty {
            file: upload.file_name.to_owned(),
        },
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

fn refusal(file_name: &str, format: Format, source: calamine::Error) -> Error {
    use calamine::Error as Cause;
    let file = file_name.to_owned();
    match source {
        Cause::Xls(XlsError::Password)
        | Cause::Xlsx(XlsxError::Password)
        | Cause::Xlsb(XlsbError::Password)
        | Cause::Ods(OdsError::Password) => Error::PasswordProtected { file },
        source => Error::Workbook {
            file,
            format,
            source: Box::new(source),
        },
    }
}
