//! Text files: encoding by mark, then strictly, and the delimiter that makes headings.
//!
//! The delimiter is the one under which a known heading row appears. A statistical
//! sniffer (csv-nose) is asked only when none does, so that the error shows headings and
//! not one long line: on short registers with decimal commas statistics can go wrong.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use crate::ledger::layout::Layout;
use crate::ledger::recognise::{self, Search};
use crate::ledger::table::{Found, Table};
use crate::ledger::{Error, Format, Upload};

/// The delimiters that exports use, the commonest in Italy first.
const DELIMITERS: [u8; 4] = [b';', b',', b'\t', b'|'];

/// How much text the statistical sniffer is shown.
const SNIFFED_BYTES_MAX: usize = 64 * 1024;

/// Finds the table in a text file, or says why there is none.
pub(super) fn find_table<'a>(
    upload: &Upload<'a>,
    wanted: Option<&'static Layout>,
) -> Result<Found<'a>, Error> {
    let (text, encoding) = decode(upload.file_name, upload.bytes)?;
    let mut best: Option<(u8, Search)> = None;
    for delimiter in DELIMITERS {
        let table = Table::Text { text: Cow::Borrowed(&text), delimiter };
        let found = recognise::search(&table, wanted, upload.direction)
            .map_err(|error| damaged(upload.file_name, &error))?;
        let known = |search: &Search| match search {
            Search::Found(found) => found.known,
            Search::Tie(_) => 1,
            Search::Nothing(_) => 0,
        };
        if known(&found) > best.as_ref().map_or(0, |(_, search)| known(search)) {
            best = Some((delimiter, found));
        }
    }
    match best {
        Some((delimiter, Search::Found(recognised))) => Ok(Found {
            table: Table::Text { text, delimiter },
            format: Format::Csv,
            sheet: None,
            encoding: Some(encoding.to_owned()),
            delimiter: Some(char::from(delimiter)),
            layout: recognised.layout,
            recognised,
        }),
        Some((_, Search::Tie(layouts))) => {
            Err(Error::AmbiguousLayout { file: upload.file_name.to_owned(), layouts })
        }
        _ => Err(unknown_headings(upload, wanted, &text)),
    }
}

/// Returns the error for text without known headings, split as it most likely is.
fn unknown_headings(upload: &Upload, wanted: Option<&'static Layout>, text: &str) -> Error {
    let table = Table::Text { text: Cow::Borrowed(text), delimiter: likely_delimiter(text) };
    match recognise::search(&table, wanted, upload.direction) {
        Ok(Search::Nothing(headings)) => recognise::unknown(upload, wanted, headings),
        Ok(_) => recognise::unknown(upload, wanted, Vec::new()),
        Err(error) => damaged(upload.file_name, &error),
    }
}

/// Returns the delimiter that statistics favour, a semicolon when they have no opinion.
fn likely_delimiter(text: &str) -> u8 {
    let mut end = text.len().min(SNIFFED_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    csv_nose::Sniffer::new()
        .sniff_bytes(&text.as_bytes()[..end])
        .map_or(b';', |metadata| metadata.dialect.delimiter)
}

/// Decodes text by its mark, else as strict UTF-8, else as windows-1252.
pub(super) fn decode<'a>(
    file_name: &str,
    bytes: &'a [u8],
) -> Result<(Cow<'a, str>, &'static str), Error> {
    if let Some((encoding, mark_length)) = Encoding::for_bom(bytes) {
        let body = &bytes[mark_length..];
        let (text, had_errors) = encoding.decode_without_bom_handling(body);
        if had_errors {
            let place = match std::str::from_utf8(body) {
                Err(error) if encoding == UTF_8 => {
                    let before = &body[..error.valid_up_to()];
                    let line = before.split(|byte| *byte == b'\n').count();
                    format!("line {line}")
                }
                _ => "it".to_owned(),
            };
            return Err(Error::Unreadable {
                file: file_name.to_owned(),
                reason: format!(
                    "it begins with the mark of {} and {place} holds bytes that are none",
                    encoding.name()
                ),
            });
        }
        return Ok((text, encoding.name()));
    }
    if let Some(text) = UTF_8.decode_without_bom_handling_and_without_replacement(bytes) {
        return Ok((text, UTF_8.name()));
    }
    // Every byte has a meaning in windows-1252, so this cannot fail, only be wrong; the
    // preview says which encoding was taken.
    let (text, _) = WINDOWS_1252.decode_without_bom_handling(bytes);
    Ok((text, WINDOWS_1252.name()))
}

fn damaged(file_name: &str, error: &csv::Error) -> Error {
    Error::Unreadable { file: file_name.to_owned(), reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoding_follows_mark_then_validity() {
        for (bytes, text, encoding) in [
            (&b"\xEF\xBB\xBFcitt\xC3\xA0"[..], "città", "UTF-8"),
            (b"citt\xC3\xA0", "città", "UTF-8"),
            (b"citt\xE0 \x80", "città €", "windows-1252"),
            (b"\xFF\xFEc\0\xE0\0", "cà", "UTF-16LE"),
            (b"\xFE\xFF\0c\0\xE0", "cà", "UTF-16BE"),
        ] {
            assert_eq!(decode("x", bytes).unwrap(), (text.into(), encoding));
        }
        assert!(decode("x", b"\xFF\xFEc\0\xE0").is_err());
        let error = decode("x", b"\xEF\xBB\xBFa\nb\xE0\n").unwrap_err();
        assert!(error.to_string().ends_with("UTF-8 and line 2 holds bytes that are none"));
    }

    /// How far statistics alone can be trusted, which is why they come second.
    #[test]
    fn statistics_split_unknown_tables() {
        for (text, delimiter) in [
            ("Codice;Colore;Peso\n1;rosso;3,5\n2;blu;4,5\n", b';'),
            ("Codice,Colore,Peso\n1,rosso,3.5\n2,blu,4.5\n", b','),
            ("Codice\tColore\tPeso\n1\trosso\t3,5\n2\tblu\t4,5\n", b'\t'),
        ] {
            assert_eq!(likely_delimiter(text), delimiter, "{text}");
        }
    }

    #[test]
    fn delimiter_is_what_makes_headings() {
        for (text, delimiter) in [
            ("Data;Contanti;Carte\n", ';'),
            ("Data,Contanti,Carte\n01/02/2026,\"1,50\",\"2,50\"\n", ','),
            ("Data\tContanti\tCarte\n", '\t'),
            ("Incassi; febbraio, 2026\nData|Contanti|Carte\n", '|'),
        ] {
            let upload = Upload::new("x", text.as_bytes());
            assert_eq!(find_table(&upload, None).unwrap().delimiter, Some(delimiter));
        }
    }
}
