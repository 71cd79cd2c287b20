//! Text files: the encoding, then the delimiter that makes headings.
//!
//! The delimiter is the one under which a known heading row appears. A statistical
//! sniffer (csv-nose) is asked only when none does, so that the error shows headings and
//! not one long line: on short registers with decimal commas statistics can go wrong.
//! A first line `sep=;`, which spreadsheet programs write and hide, says it outright.

use std::borrow::Cow;

use crate::ledger::encoding::decode;
use crate::ledger::layout::Layout;
use crate::ledger::recognise::{self, Search};
use crate::ledger::table::{Found, Table, TooWide};
use crate::ledger::{Error, Format, Upload};

/// The delimiters that exports use, the commonest in Italy first.
const DELIMITERS: [u8; 4] = [b';', b',', b'\t', b'|'];

/// How much text the statistical sniffer is shown.
const SNIFFED_BYTES_MAX: usize = 64 * 1024;

/// Finds the table in a text file, or says why there is none.
pub(super) fn find_table<'a>(
    upload: &Upload<'a>,
    wanted: Option<&'a Layout>,
) -> Result<Found<'a>, Error> {
    let (text, encoding) = decode(upload.file_name, upload.bytes)?;
    let (text, said) = without_separator_line(text);
    let mut best: Option<(u8, Search)> = None;
    for delimiter in said.map_or_else(|| DELIMITERS.to_vec(), |said| vec![said]) {
        let table = Table::Text { text: Cow::Borrowed(&text), delimiter };
        let found = recognise::search(&table, upload, wanted)
            .map_err(|error| damaged(upload.file_name, error))?;
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
            notes: Vec::new(),
        }),
        Some((_, Search::Tie(layouts))) => {
            Err(Error::AmbiguousLayout { file: upload.file_name.to_owned(), layouts })
        }
        _ => Err(unknown_headings(upload, wanted, &text, said)),
    }
}

/// Takes a first line `sep=;` off and returns what it says.
pub(super) fn without_separator_line(text: Cow<'_, str>) -> (Cow<'_, str>, Option<u8>) {
    let line = text.split(['\r', '\n']).next().unwrap_or_default();
    let bare = line.trim_matches('"');
    let is_said = bare.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("sep="));
    let [delimiter] = bare.as_bytes().get(4..).unwrap_or_default() else {
        return (text, None);
    };
    if !is_said || !delimiter.is_ascii() || delimiter.is_ascii_alphanumeric() {
        return (text, None);
    }
    let (delimiter, length) = (*delimiter, line.len());
    // The line stays, empty, so that lines are counted as a person counts them.
    let rest = match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[length..]),
        Cow::Owned(mut text) => {
            text.drain(..length);
            Cow::Owned(text)
        }
    };
    (rest, Some(delimiter))
}

/// Returns the error for text without known headings, split as it most likely is.
fn unknown_headings(
    upload: &Upload,
    wanted: Option<&Layout>,
    text: &str,
    said: Option<u8>,
) -> Error {
    let delimiter = said.unwrap_or_else(|| likely_delimiter(text));
    let table = Table::Text { text: Cow::Borrowed(text), delimiter };
    match recognise::search(&table, upload, wanted) {
        Ok(Search::Nothing(headings)) => recognise::unknown(upload, wanted, headings),
        Ok(_) => recognise::unknown(upload, wanted, Vec::new()),
        Err(error) => damaged(upload.file_name, error),
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
        .ok()
        .map(|metadata| metadata.dialect.delimiter)
        .filter(u8::is_ascii)
        .unwrap_or(b';')
}

fn damaged(file_name: &str, error: TooWide) -> Error {
    Error::Unreadable { file: file_name.to_owned(), reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            ("sep=:\r\nData:Contanti:Carte\r\n", ':'),
            ("\"sep=,\"\nData,Contanti,Carte\n", ','),
        ] {
            let upload = Upload::new("x", text.as_bytes());
            let found = find_table(&upload, None).unwrap();
            assert_eq!(found.delimiter, Some(delimiter), "{text}");
        }
    }
}
