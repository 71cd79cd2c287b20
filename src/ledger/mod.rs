//! Reads a spreadsheet or register file into ledger entries.
//!
//! In comes a file as an accountant's program gave it: a name for people, its bytes, and
//! what the uploader chose to say. Out comes a [`LedgerFile`]: entries, control totals,
//! and every row that is no entry with the reason why. Nothing is dropped in silence:
//! rows read = rows of entries + rejected + skipped, and `convert` asserts it.
//!
//! The walk: `unwrap` takes gzip and zip off; `sniff` looks at the bytes, never at the
//! name; `text` finds encoding and delimiter, `workbook` opens sheets, `markup` reads what
//! stands between tags; each gives `table`s of cells, none of which has been interpreted,
//! and `pick` takes the one that is meant. `recognise` compares headings with the
//! `layout`s, which are data (`layouts/*.toml`, and a folder of the accountant's own). `evidence` looks down whole
//! columns once, because one cell cannot tell `1.234` from `1,234`; `convert` then turns
//! rows into entries with strict parsers, a cell at a time.
//!
//! A bad row never stops a file: it is put aside with its column, value and reason. A
//! file whose form, sheet or headings are unclear is an [`Error`], because guessing which
//! column is the money is worse than asking. When every row is rejected the file is still
//! returned, so that the caller can show why.
//!
//! `plain` goes the same way as far as the cells: any table as text, for `compare`.
//!
//! Absent on purpose: a clock, the store, anything that awaits; and inference of types:
//! every cell is read as text or as what the workbook declares, then by the layout.

mod unwrap;

mod sniff;

mod encoding;
mod text;

mod markup;
mod workbook;

mod grid;
mod pick;
mod table;

mod layout;
mod recognise;

mod evidence;

mod convert;

mod plain;

mod error;
mod file;

pub use error::{Error, MissingHeading, SheetGlance};
pub use file::{
    ColumnMeaning, Duplicate, Format, LedgerFile, RejectedRow, RowWarning, SkipReason, SkippedRow,
    Totals,
};
pub use layout::{ColumnChoice, Field, Layouts, Mistake};
pub use plain::{PlainTable, read_plain};

use std::ops::ControlFlow;

use crate::fiscal::{Direction, LedgerEntry, TaxId};

/// Holds one file to read and what its uploader said.
#[derive(Debug, Clone)]
pub struct Upload<'a> {
    /// The file's name, used in messages only.
    pub file_name: &'a str,
    /// The whole content.
    pub bytes: &'a [u8],
    /// The layouts against which headings are held.
    pub layouts: &'a Layouts,
    /// A layout's name, when the uploader chose one.
    pub layout: Option<&'a str>,
    /// A sheet's name, when the uploader chose one.
    pub sheet: Option<&'a str>,
    /// What columns hold, where the layout is wrong about it.
    pub columns: &'a [ColumnChoice],
    /// The company of rows that name none.
    pub company: Option<TaxId>,
    /// The direction of rows whose layout does not say it.
    pub direction: Option<Direction>,
}

impl<'a> Upload<'a> {
    /// Returns an upload about which nothing else is known.
    #[must_use]
    pub fn new(file_name: &'a str, bytes: &'a [u8]) -> Self {
        Self {
            file_name,
            bytes,
            layouts: Layouts::built_in(),
            layout: None,
            sheet: None,
            columns: &[],
            company: None,
            direction: None,
        }
    }
}

/// Reads a whole file into entries, rejected rows and skipped rows.
///
/// An error means that nothing of the file could be understood; a row that could not is
/// in [`LedgerFile::rejected`].
pub fn read(upload: &Upload) -> Result<LedgerFile, Error> {
    let mut entries = Vec::new();
    let mut file = read_in_parts(upload, |part| {
        entries.extend(part);
        ControlFlow::Continue(())
    })?;
    file.entries = entries;
    Ok(file)
}

/// Reads a whole file and gives its entries away in parts, in file order.
///
/// So a register of a million rows needs no room for a million entries. What `take` breaks
/// off is not read: the returned facts are then those of the rows before.
pub fn read_in_parts(
    upload: &Upload,
    mut take: impl FnMut(Vec<LedgerEntry>) -> ControlFlow<()>,
) -> Result<LedgerFile, Error> {
    let wanted = upload.layout.map(|name| upload.layouts.named(name)).transpose()?;
    let bytes = unwrap::unwrap(upload.file_name, upload.bytes)?;
    let upload = &Upload { bytes: &bytes, ..upload.clone() };
    let found = match sniff::sniff(upload.file_name, upload.bytes)? {
        sniff::Dress::Text => text::find_table(upload, wanted)?,
        sniff::Dress::Workbook(Format::Ods) => markup::find_table(upload, Format::Ods, wanted)?,
        sniff::Dress::Workbook(format) => workbook::find_table(upload, format, wanted)?,
        sniff::Dress::Markup(format) => markup::find_table(upload, format, wanted)?,
    };
    recognise::check_choices(upload, &found.recognised)?;
    let columns = evidence::weigh(upload, &found)?;
    convert::convert(upload, &found, &columns, &mut take)
}
