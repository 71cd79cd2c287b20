//! Reads a spreadsheet or register file into ledger entries.
//!
//! In comes a file as an accountant's program gave it: a name for people, its bytes, and
//! what the uploader chose to say. Out comes a [`LedgerFile`]: entries, control totals,
//! and every row that is no entry with the reason why. Nothing is dropped in silence:
//! rows read = rows of entries + rejected + skipped, and `convert` asserts it.
//!
//! The walk: `sniff` looks at the bytes, never at the name, and tells workbooks from
//! text; `text` finds encoding and delimiter, `workbook` opens sheets; both give a
//! `table` of cells, none of which has been interpreted. `recognise` compares headings
//! with the `layout`s, which are data (`layouts/*.toml`). `evidence` looks down whole
//! columns once, because one cell cannot tell `1.234` from `1,234`; `convert` then turns
//! rows into entries with strict parsers, a cell at a time.
//!
//! A bad row never stops a file: it is put aside with its column, value and reason. A
//! file whose form, sheet or headings are unclear is an [`Error`], because guessing which
//! column is the money is worse than asking. When every row is rejected the file is still
//! returned, so that the caller can show why.
//!
//! Absent on purpose: a clock, the store, anything that awaits; and inference of types:
//! every cell is read as text or as what the workbook declares, then by the layout.

mod sniff;

mod text;
mod workbook;

mod table;

mod grid;

mod layout;
mod recognise;

mod evidence;

mod convert;

mod error;
mod file;

pub use error::{Error, MissingHeading, SheetGlance};
pub use file::{
    ColumnMeaning, Format, LedgerFile, RejectedRow, RowWarning, SkipReason, SkippedRow, Totals,
};
pub use grid::{Grid, read_grid};
pub use layout::{Field, layout_names};

use std::ops::ControlFlow;

use crate::fiscal::{Direction, LedgerEntry, TaxId};

/// Holds one file to read and what its uploader said.
#[derive(Debug, Clone)]
pub struct Upload<'a> {
    /// The file's name, used in messages only.
    pub file_name: &'a str,
    /// The whole content.
    pub bytes: &'a [u8],
    /// A layout's name, when the uploader chose one.
    pub layout: Option<&'a str>,
    /// A sheet's name, when the uploader chose one.
    pub sheet: Option<&'a str>,
    /// The company of rows that name none.
    pub company: Option<TaxId>,
    /// The direction of rows whose layout does not say it.
    pub direction: Option<Direction>,
}

impl<'a> Upload<'a> {
    /// Returns an upload about which nothing else is known.
    #[must_use]
    pub fn new(file_name: &'a str, bytes: &'a [u8]) -> Self {
        Self { file_name, bytes, layout: None, sheet: None, company: None, direction: None }
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
    let wanted = upload.layout.map(layout::named).transpose()?;
    let found = match sniff::sniff(upload.file_name, upload.bytes)? {
        sniff::Dress::Text => text::find_table(upload, wanted)?,
        sniff::Dress::Workbook(format) => workbook::find_table(upload, format, wanted)?,
    };
    let columns = evidence::weigh(upload, &found)?;
    convert::convert(upload, &found, &columns, &mut take)
}
