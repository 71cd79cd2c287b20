//! Any table as delimited text, no column of it interpreted: what `compare` reads.
//!
//! Text stays the bytes that it is, made UTF-8 where it was not; a workbook's first sheet
//! with more than a heading is written out cell by cell, numbers as their shortest text.

use std::borrow::Cow;
use std::ops::ControlFlow;

use crate::ledger::{Error, Upload, sniff, text, workbook};

/// Holds a table as delimited text in UTF-8.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid {
    /// The whole text, with its heading.
    pub text: Vec<u8>,
    /// The delimiter, where it is known and need not be found out.
    pub delimiter: Option<u8>,
}

/// Reads a file of any supported form as a table of text.
///
/// # Errors
/// What is no table, or a workbook that cannot be opened.
pub fn read_grid(file_name: &str, bytes: Vec<u8>) -> Result<Grid, Error> {
    match sniff::sniff(file_name, &bytes)? {
        sniff::Dress::Text => {
            let decoded = match text::decode(file_name, &bytes)? {
                (Cow::Borrowed(text), _) if text.len() == bytes.len() => None,
                (text, _) => Some(text.into_owned().into_bytes()),
            };
            Ok(Grid { text: with_line_feeds(decoded.unwrap_or(bytes)), delimiter: None })
        }
        sniff::Dress::Workbook(format) => {
            let upload = Upload::new(file_name, &bytes);
            let table = workbook::first_table(&upload, format)?;
            let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            let mut failed = None;
            let walked = table.each_row(|row| {
                let cells: Vec<String> =
                    row.cells().map(|cell| cell.shown().into_owned()).collect();
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
            let refuse = |error: csv::Error| Error::Unreadable {
                file: file_name.to_owned(),
                reason: error.to_string(),
            };
            walked.map_err(refuse)?;
            failed.map_or(Ok(()), Err).map_err(refuse)?;
            let text = writer.into_inner().map_err(|error| refuse(error.into_error().into()))?;
            Ok(Grid { text, delimiter: Some(b',') })
        }
    }
}

/// Makes old line ends of a lone carriage return into line feeds.
fn with_line_feeds(mut text: Vec<u8>) -> Vec<u8> {
    if text.contains(&b'\r') && !text.contains(&b'\n') {
        text.iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_xlsxwriter::Workbook;

    #[test]
    fn text_of_any_encoding_becomes_utf8() {
        let grid = read_grid("x", b"citt\xE0;n\r1;2\r".to_vec()).unwrap();
        assert_eq!(grid.text, "città;n\n1;2\n".as_bytes());
        let grid = read_grid("x", b"\xEF\xBB\xBFa,b\n1,2\n".to_vec()).unwrap();
        assert_eq!(grid.text, b"a,b\n1,2\n");
    }

    #[test]
    fn a_workbook_is_written_out() {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.write_row(0, 0, ["id", "amount"]).unwrap();
        sheet.write(1, 0, "0012").unwrap();
        sheet.write(1, 1, 0.1 + 0.2).unwrap();
        let grid = read_grid("x", book.save_to_buffer().unwrap()).unwrap();
        assert_eq!(grid.text, b"id,amount\n0012,0.3\n");
    }
}
