//! Splits delimited text into records without copying it.
//!
//! The rules are those of RFC 4180 and, where it is silent, of the `csv` crate, against
//! which a property test holds it: a quote counts only where a cell begins, doubled quotes
//! inside stand for one, what follows a closing quote belongs to the cell, and lines with
//! nothing on them are no records. It is our own because a comparison looks at every byte
//! of two files and keeps none: cells are places, and text is made only where it is shown.

use std::borrow::Cow;

/// Points at one cell of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Cell {
    start: usize,
    end: usize,
    /// Whether quotes inside must be undone; the place then begins at the opening quote.
    is_dressed: bool,
}

/// Returns where the next record begins, past lines with nothing on them.
pub(super) fn skip_empty_lines(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b'\n' | b'\r') = bytes.get(at) {
        at += 1;
    }
    at
}

/// Splits the record that begins at a place and returns where the next one begins.
#[inline]
pub(super) fn split(bytes: &[u8], at: usize, delimiter: u8, cells: &mut Vec<Cell>) -> usize {
    split_first(bytes, at, delimiter, usize::MAX, cells)
}

/// Splits so many cells off the record that begins at a place.
///
/// Returns where the next record begins, or where splitting stopped.
#[inline]
pub(super) fn split_first(
    bytes: &[u8],
    mut at: usize,
    delimiter: u8,
    most: usize,
    cells: &mut Vec<Cell>,
) -> usize {
    cells.clear();
    loop {
        if cells.len() == most {
            return at;
        }
        let rest = &bytes[at..];
        if rest.first() == Some(&b'"') {
            let (cell, stop) = quoted(bytes, at, delimiter);
            cells.push(cell);
            at = stop;
        } else {
            let stop = at + length_of_cell(rest, delimiter);
            let is_line_end = bytes.get(stop) != Some(&delimiter);
            let end = if is_line_end { without_return(bytes, at, stop) } else { stop };
            cells.push(Cell { start: at, end, is_dressed: false });
            at = stop;
        }
        match bytes.get(at) {
            Some(byte) if *byte == delimiter => at += 1,
            Some(_) => return at + 1,
            None => return at,
        }
    }
}

/// Returns the text of a cell.
pub(super) fn text(bytes: &[u8], cell: Cell) -> Cow<'_, [u8]> {
    let raw = &bytes[cell.start..cell.end];
    if !cell.is_dressed {
        return Cow::Borrowed(raw);
    }
    let mut text = Vec::with_capacity(raw.len());
    let mut at = 1;
    while at < raw.len() {
        match (raw[at], raw.get(at + 1)) {
            (b'"', Some(b'"')) => {
                text.push(b'"');
                at += 2;
            }
            (b'"', _) => {
                text.extend_from_slice(&raw[at + 1..]);
                break;
            }
            (byte, _) => {
                text.push(byte);
                at += 1;
            }
        }
    }
    Cow::Owned(text)
}

/// Reads a cell that begins with a quote; returns it and where its delimiter stands.
fn quoted(bytes: &[u8], at: usize, delimiter: u8) -> (Cell, usize) {
    let mut is_dressed = false;
    let mut from = at + 1;
    let close = loop {
        match bytes[from..].iter().position(|byte| *byte == b'"') {
            None => {
                // The quote is never closed: the cell takes what there is.
                let end = bytes.len();
                return (Cell { start: at, end, is_dressed: true }, end);
            }
            Some(length) if bytes.get(from + length + 1) == Some(&b'"') => {
                is_dressed = true;
                from += length + 2;
            }
            Some(length) => break from + length,
        }
    };
    let after = &bytes[close + 1..];
    let stop = close + 1 + length_of_cell(after, delimiter);
    let is_line_end = bytes.get(stop) != Some(&delimiter);
    let end = if is_line_end { without_return(bytes, close + 1, stop) } else { stop };
    let cell = if is_dressed || end > close + 1 {
        Cell { start: at, end, is_dressed: true }
    } else {
        Cell { start: at + 1, end: close, is_dressed: false }
    };
    (cell, stop)
}

/// Returns how many bytes come before the next delimiter or line end, eight at a look.
#[inline]
fn length_of_cell(bytes: &[u8], delimiter: u8) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    for (place, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        // Of the bytes so marked the lowest is right; those above it may be no matches.
        let found = zero_bytes(word ^ EACH.wrapping_mul(u64::from(delimiter)))
            | zero_bytes(word ^ EACH.wrapping_mul(u64::from(b'\n')));
        if found != 0 {
            return place * 8 + (found.trailing_zeros() / 8) as usize;
        }
    }
    let ends = |byte: &u8| *byte == delimiter || *byte == b'\n';
    words.len() * 8 + rest.iter().position(ends).unwrap_or(rest.len())
}

/// A one in each byte of a word.
const EACH: u64 = 0x0101_0101_0101_0101;

/// Marks the uppermost bit of the lowest byte that is zero.
#[inline]
fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(EACH) & !word & (EACH << 7)
}

/// A carriage return before the line's end belongs to the line's end.
fn without_return(bytes: &[u8], start: usize, stop: usize) -> usize {
    if stop > start && bytes[stop - 1] == b'\r' { stop - 1 } else { stop }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ours(bytes: &[u8]) -> Vec<Vec<Vec<u8>>> {
        let (mut at, mut cells, mut records) = (0, Vec::new(), Vec::new());
        loop {
            at = skip_empty_lines(bytes, at);
            if at >= bytes.len() {
                return records;
            }
            at = split(bytes, at, b',', &mut cells);
            records.push(cells.iter().map(|cell| text(bytes, *cell).into_owned()).collect());
        }
    }

    fn theirs(bytes: &[u8]) -> Vec<Vec<Vec<u8>>> {
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
        let cells = |record: csv::ByteRecord| record.iter().map(<[u8]>::to_vec).collect();
        reader.byte_records().map(|record| cells(record.unwrap())).collect()
    }

    #[test]
    fn quotes_are_undone_where_they_count() {
        let text = b"a,\"b \"\"c\"\"\",\"x\ny\"\r\n\r\n,\"\",d\"e\n\"f\"g,";
        assert_eq!(ours(text), theirs(text));
        assert_eq!(ours(text)[0][1], b"b \"c\"");
    }

    proptest! {
        #[test]
        fn agrees_with_the_csv_crate(text in "[ab,\"\n]{0,24}") {
            prop_assert_eq!(ours(text.as_bytes()), theirs(text.as_bytes()));
        }

        #[test]
        fn line_ends_of_windows_agree_too(lines in proptest::collection::vec("[ab,\"]{0,6}", 0..5)) {
            let text = lines.join("\r\n");
            prop_assert_eq!(ours(text.as_bytes()), theirs(text.as_bytes()));
        }
    }
}
