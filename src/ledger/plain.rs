//! Any table as delimited text, no column of it interpreted: what `compare` reads.
//!
//! The way is that of an upload as far as the cells: wrapping, form, encoding. Text stays
//! the bytes that it is, made UTF-8 where it was not; of a workbook or a page the one table
//! with more than a heading is written out, numbers as their shortest text. Several such
//! tables are a question, as they are for `upload`.

use std::borrow::Cow;
use std::ops::ControlFlow;

use crate::ledger::encoding::decode;
use crate::ledger::pick::Sheet;
use crate::ledger::table::Table;
use crate::ledger::{Error, Format, Upload, markup, sniff, text, unwrap, workbook};

/// Holds a table as delimited text in UTF-8.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlainTable {
    /// The whole text, with its heading.
    pub text: Vec<u8>,
    /// The delimiter, where it is known and need not be found out.
    pub delimiter: Option<u8>,
}

/// Reads a file of any supported form as a table of text.
///
/// # Errors
/// What is no table, a workbook that cannot be opened, several tables and no `sheet`.
pub fn read_plain(
    file_name: &str,
    bytes: Vec<u8>,
    sheet: Option<&str>,
) -> Result<PlainTable, Error> {
    let bytes = match unwrap::unwrap(file_name, &bytes)? {
        Cow::Owned(inside) => inside,
        Cow::Borrowed(_) => bytes,
    };
    let upload = Upload { sheet, ..Upload::new(file_name, &bytes) };
    match sniff::sniff(file_name, &bytes)? {
        sniff::Dress::Text => of_text(file_name, bytes),
        sniff::Dress::Workbook(Format::Ods) => {
            written_out(&upload, &mut markup::sheets(&upload, Format::Ods)?.0.into_iter().map(Ok))
        }
        sniff::Dress::Workbook(format) => {
            workbook::with_sheets(&upload, format, |sheets| written_out(&upload, sheets))
                .map(|(table, _)| table)
        }
        sniff::Dress::Markup(format) => {
            written_out(&upload, &mut markup::sheets(&upload, format)?.0.into_iter().map(Ok))
        }
    }
}

/// Returns text in UTF-8, without a copy where it is so already.
fn of_text(file_name: &str, bytes: Vec<u8>) -> Result<PlainTable, Error> {
    let (text, _) = decode(file_name, &bytes)?;
    let (text, delimiter) = text::without_separator_line(text);
    let other = match text {
        Cow::Borrowed(text) if text.len() == bytes.len() => None,
        text => Some(text.into_owned().into_bytes()),
    };
    Ok(PlainTable { text: with_line_feeds(other.unwrap_or(bytes)), delimiter })
}

/// Makes old line ends of a lone carriage return into line feeds.
fn with_line_feeds(mut text: Vec<u8>) -> Vec<u8> {
    let has = |byte: u8| memchr::memchr(byte, &text).is_some();
    if !has(b'\n') && has(b'\r') {
        text.iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
    }
    text
}

/// Writes the one table out that has more than a heading.
fn written_out(
    upload: &Upload,
    sheets: &mut dyn Iterator<Item = Result<Sheet, Error>>,
) -> Result<PlainTable, Error> {
    let mut filled: Vec<Sheet> = Vec::new();
    for sheet in sheets {
        let sheet = sheet?;
        if sheet.grid.len() > 1 {
            filled.push(sheet);
        }
    }
    if filled.iter().any(|sheet| !sheet.is_hidden) {
        filled.retain(|sheet| !sheet.is_hidden);
    }
    let file = || upload.file_name.to_owned();
    if filled.len() > 1 {
        let sheets = filled.into_iter().map(|sheet| sheet.name).collect();
        return Err(Error::SeveralSheets { file: file(), sheets });
    }
    let Some(sheet) = filled.pop() else {
        return Err(Error::Empty { file: file() });
    };
    let refuse = |reason: String| Error::Unreadable { file: file(), reason };
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    let mut failed = None;
    let walked = Table::Sheet(sheet.grid).each_row(|row| {
        let cells: Vec<String> = row.cells().map(|cell| cell.shown().into_owned()).collect();
        if cells.iter().all(String::is_empty) {
            return ControlFlow::Continue(());
        }
        match writer.write_record(&cells) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    });
    walked.map_err(|error| refuse(error.to_string()))?;
    failed.map_or(Ok(()), Err).map_err(|error| refuse(error.to_string()))?;
    let text = writer.into_inner().map_err(|error| refuse(error.to_string()))?;
    Ok(PlainTable { text, delimiter: Some(b',') })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_xlsxwriter::Workbook;

    fn plain(bytes: &[u8]) -> Result<PlainTable, Error> {
        read_plain("x", bytes.to_vec(), None)
    }

    #[test]
    fn text_of_any_encoding_becomes_utf8() {
        assert_eq!(plain(b"citt\xE0;n\r1;2\r").unwrap().text, "città;n\n1;2\n".as_bytes());
        assert_eq!(plain(b"\xEF\xBB\xBFa,b\n1,2\n").unwrap().text, b"a,b\n1,2\n");
        let said = plain(b"sep=:\na:b\n1:2\n").unwrap();
        assert_eq!((said.text, said.delimiter), (b"\na:b\n1:2\n".to_vec(), Some(b':')));
    }

    #[test]
    fn pages_are_written_out() {
        let page = b"<html><table><tr><td>id<td>n</tr><tr><td>007<td>1,50</tr></table></html>";
        assert_eq!(plain(page).unwrap().text, b"id,n\n007,\"1,50\"\n");
    }

    #[test]
    fn a_workbook_is_written_out() {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.write_row(0, 0, ["id", "amount"]).unwrap();
        sheet.write(1, 0, "0012").unwrap();
        sheet.write(1, 1, 0.1 + 0.2).unwrap();
        assert_eq!(plain(&book.save_to_buffer().unwrap()).unwrap().text, b"id,amount\n0012,0.3\n");
    }

    #[test]
    fn two_filled_sheets_are_a_question() {
        let mut book = Workbook::new();
        for name in ["gennaio", "febbraio"] {
            let sheet = book.add_worksheet();
            sheet.set_name(name).unwrap();
            sheet.write_column(0, 0, ["id", name]).unwrap();
        }
        let bytes = book.save_to_buffer().unwrap();
        assert!(matches!(plain(&bytes), Err(Error::SeveralSheets { .. })));
        let one = read_plain("x", bytes, Some("febbraio")).unwrap();
        assert_eq!(one.text, b"id\nfebbraio\n");
    }
}
