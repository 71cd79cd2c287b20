//! Chooses the one table of a file that may hold several.
//!
//! A workbook has sheets, a page has tables. The one whose headings a layout knows is
//! meant. When several are, those that are hidden or have no row below the heading step
//! back; what remains is a question, because months on sheets of their own are common and
//! nobody wants to find out later that eleven of them were not read.

use crate::ledger::error::SheetGlance;
use crate::ledger::grid::{Grid, Value};
use crate::ledger::layout::Layout;
use crate::ledger::recognise::{self, Recognised, Search};
use crate::ledger::table::{Found, Table};
use crate::ledger::{Error, Format, Upload};

/// How many cells of a sheet an error shows.
const GLANCE_CELLS: usize = 4;

/// Holds one sheet of a workbook or one table of a page.
pub(super) struct Sheet {
    pub name: String,
    pub is_hidden: bool,
    pub grid: Grid,
}

struct Candidate<'a> {
    sheet: Sheet,
    recognised: Recognised<'a>,
}

/// Refuses a sheet's name that the file does not have; the names that are left to look at.
pub(super) fn chosen(upload: &Upload, names: Vec<String>) -> Result<Vec<String>, Error> {
    match upload.sheet {
        None => Ok(names),
        Some(sheet) if names.iter().any(|name| name == sheet) => Ok(vec![sheet.to_owned()]),
        Some(sheet) => Err(Error::NoSuchSheet {
            file: upload.file_name.to_owned(),
            sheet: sheet.to_owned(),
            sheets: names,
        }),
    }
}

/// Finds the one table among sheets, or says why there is none.
pub(super) fn pick<'a>(
    upload: &Upload<'a>,
    format: Format,
    wanted: Option<&'a Layout>,
    sheets: impl IntoIterator<Item = Result<Sheet, Error>>,
) -> Result<Found<'a>, Error> {
    let file = || upload.file_name.to_owned();
    let mut candidates: Vec<Candidate> = Vec::new();
    let mut others: Vec<(SheetGlance, Vec<String>)> = Vec::new();
    for sheet in sheets {
        let Sheet { name, is_hidden, grid } = sheet?;
        let first_cells = first_cells(&grid);
        let table = Table::Sheet(grid);
        let found = recognise::search(&table, upload, wanted);
        let (Table::Sheet(grid), Ok(found)) = (table, found) else {
            continue;
        };
        match found {
            Search::Found(recognised) => {
                candidates.push(Candidate { sheet: Sheet { name, is_hidden, grid }, recognised });
            }
            Search::Tie(layouts) => return Err(Error::AmbiguousLayout { file: file(), layouts }),
            Search::Nothing(headings) => {
                others.push((SheetGlance { name, first_cells }, headings));
            }
        }
    }
    keep_if_any(&mut candidates, |one| !one.sheet.is_hidden);
    keep_if_any(&mut candidates, |one| one.sheet.grid.len() > one.recognised.heading_row + 1);
    if candidates.len() > 1 {
        let sheets = candidates.into_iter().map(|one| one.sheet.name).collect();
        return Err(Error::SeveralSheets { file: file(), sheets });
    }
    let Some(Candidate { sheet, recognised }) = candidates.pop() else {
        return Err(no_table(upload, wanted, others));
    };
    Ok(Found {
        table: Table::Sheet(sheet.grid),
        format,
        sheet: Some(sheet.name),
        encoding: None,
        delimiter: None,
        layout: recognised.layout,
        recognised,
        notes: Vec::new(),
    })
}

/// Drops the candidates that are not so, unless none is.
fn keep_if_any(candidates: &mut Vec<Candidate>, is_so: impl Fn(&Candidate) -> bool) {
    if candidates.iter().any(&is_so) {
        candidates.retain(is_so);
    }
}

/// Says of one sheet which headings it lacks, of several what each begins with.
fn no_table(
    upload: &Upload,
    wanted: Option<&Layout>,
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

fn first_cells(grid: &Grid) -> Vec<String> {
    let cells = grid.rows().flat_map(|(_, row)| (0..row.len()).map(move |at| row.value(at)));
    cells
        .filter_map(|value| match value {
            Value::Empty => None,
            Value::Text(text) | Value::Fault(text) => Some(text.to_owned()),
            Value::Number(number) => Some(number.to_string()),
            Value::Moment(moment) => Some(moment.to_string()),
        })
        .take(GLANCE_CELLS)
        .collect()
}
