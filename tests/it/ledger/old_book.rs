//! Writes a workbook as Excel did until 2003 ([MS-XLS] in [MS-CFB]): what `upload` reads back.
//!
//! The container is the crate `cfb`'s, the records are written here, by the specification and
//! without the reader's code: texts once in a table that runs over into `CONTINUE` records
//! (in the middle of a text as well), wide and narrow letters, rich text, numbers in all four
//! records, results of formulas, days as numbers with a format.

use std::io::{Cursor, Write as _};

use quadra::fiscal::cents_to_decimal;

use super::book::{Book, Cell, SharedStrings, Sheet, Way, fits_a_formula, short_number};

/// Bytes of one record at most.
const RECORD_BYTES_MAX: usize = 8224;
/// The cell formats: plain, a day of our own form, a day of the program's, an amount.
const FORMATS: [u16; 4] = [0, OWN_DAY, 14, 4];
const OWN_DAY: u16 = 164;
/// The formats of styles, which stand before those of cells.
const STYLES: usize = 15;

fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    assert!(data.len() <= RECORD_BYTES_MAX);
    let length = u16::try_from(data.len()).unwrap();
    [&kind.to_le_bytes()[..], &length.to_le_bytes(), data].concat()
}

fn words(words: &[u16]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// Returns the letters of a text, one byte each where all allow it, and whether they are wide.
fn letters(text: &str) -> (Vec<u8>, bool) {
    let units: Vec<u16> = text.encode_utf16().collect();
    if units.iter().all(|unit| *unit < 256) {
        return (units.iter().map(|unit| unit.to_le_bytes()[0]).collect(), false);
    }
    (words(&units), true)
}

/// Returns a text behind its length in letters, which takes one byte or two.
fn text(text: &str, length_bytes: usize) -> Vec<u8> {
    let (bytes, is_wide) = letters(text);
    let length = u16::try_from(text.encode_utf16().count()).unwrap().to_le_bytes();
    [&length[..length_bytes], &[u8::from(is_wide)], &bytes].concat()
}

/// Packs the table of texts into a record and those that carry it on.
fn shared(strings: &SharedStrings) -> Vec<u8> {
    let count = u32::try_from(strings.texts.len()).unwrap();
    let mut kind = 0x00FC;
    let mut data = [strings.uses.to_le_bytes(), count.to_le_bytes()].concat();
    let mut all = Vec::new();
    let mut turn = |data: &mut Vec<u8>| {
        all.extend(record(kind, data));
        (*data, kind) = (Vec::new(), 0x003C);
    };
    for (at, text) in strings.texts.iter().enumerate() {
        let (bytes, is_wide) = letters(text);
        let (width, is_rich) = (if is_wide { 2 } else { 1 }, at % 5 == 4);
        // What stands before the letters is never cut.
        if data.len() + 8 > RECORD_BYTES_MAX {
            turn(&mut data);
        }
        let count = u16::try_from(bytes.len() / width).unwrap();
        data.extend(count.to_le_bytes());
        data.push(u8::from(is_wide) | if is_rich { 8 } else { 0 });
        if is_rich {
            data.extend([1, 0]);
        }
        let mut left = &bytes[..];
        loop {
            let room = (RECORD_BYTES_MAX - data.len()) / width * width;
            let (here, rest) = left.split_at(left.len().min(room));
            data.extend(here);
            left = rest;
            if left.is_empty() {
                break;
            }
            turn(&mut data);
            data.push(u8::from(is_wide));
        }
        if is_rich {
            if data.len() + 4 > RECORD_BYTES_MAX {
                turn(&mut data);
            }
            data.extend([0; 4]);
        }
    }
    turn(&mut data);
    all
}

fn begin(kind: u16) -> Vec<u8> {
    record(0x0809, &words(&[0x0600, kind, 0x0DBB, 0x07CC, 0, 0, 6, 0]))
}

/// Returns what all sheets share; their places come last, when they are known.
fn globals(book: &Book, strings: &SharedStrings, starts: &[u32]) -> Vec<u8> {
    let mut all = begin(5);
    all.extend(record(0x0042, &words(&[1200])));
    all.extend(record(0x0022, &words(&[u16::from(book.counts_from_1904)])));
    let font = [&words(&[200, 0, 0x7FFF, 400, 0])[..], &[0; 4], &text("Arial", 1)].concat();
    all.extend((0..4).flat_map(|_| record(0x0031, &font)));
    let form = [&OWN_DAY.to_le_bytes()[..], &text("dd/mm/yyyy", 2)].concat();
    all.extend(record(0x041E, &form));
    for _ in 0..STYLES {
        all.extend(record(0x00E0, &words(&[0, 0, 0xFFF5, 0x20, 0, 0, 0, 0, 0, 0x20C0])));
    }
    for format in FORMATS {
        all.extend(record(0x00E0, &words(&[0, format, 1, 0x20, 0x0400, 0, 0, 0, 0, 0x20C0])));
    }
    all.extend(record(0x0293, &[0x00, 0x80, 0, 0xFF]));
    for (sheet, start) in book.sheets.iter().zip(starts) {
        let state = [u8::from(sheet.is_hidden), 0];
        all.extend(record(
            0x0085,
            &[&start.to_le_bytes()[..], &state, &text(sheet.name, 1)].concat(),
        ));
    }
    all.extend(shared(strings));
    all.extend(record(0x000A, &[]));
    all
}

/// Returns a cell with the result of a formula that is a constant.
fn formula(place: &[u8], value: [u8; 8], constant: &[u8]) -> Vec<u8> {
    let length = u16::try_from(constant.len()).unwrap().to_le_bytes();
    record(0x0006, &[place, &value, &[0; 6], &length, constant].concat())
}

fn sheet(book: &Book, sheet: &Sheet, strings: &mut SharedStrings) -> Vec<u8> {
    let mut all = begin(0x10);
    let count = u32::try_from(sheet.rows.len()).unwrap();
    all.extend(record(0x0200, &[&[0; 4][..], &count.to_le_bytes(), &words(&[0, 64, 0])].concat()));
    for (line, row) in sheet.rows.iter().enumerate() {
        let mut short: Vec<(u16, u16, u32)> = Vec::new();
        for (at, cell) in row.iter().enumerate() {
            let column = sheet.left + u16::try_from(at).unwrap();
            let format = match cell {
                Cell::Text(_) => 0,
                Cell::Day(_) => 1 + line % 2,
                Cell::Money(_) => 3,
            };
            let format = u16::try_from(STYLES + format).unwrap();
            let place = words(&[u16::try_from(line).unwrap(), column, format]);
            let way = Way::at(line, at);
            match cell {
                Cell::Money(cents)
                    if matches!(way, Way::Short) && short_number(*cents).is_some() =>
                {
                    short.push((column, format, short_number(*cents).unwrap()));
                    continue;
                }
                Cell::Day(day) if matches!(way, Way::Short) => {
                    short.push((column, format, book.serial(*day) << 2 | 2));
                    continue;
                }
                _ => all.extend(short_cells(line, &mut short)),
            }
            all.extend(long_cell(book, cell, &place, &way, strings));
        }
        all.extend(short_cells(line, &mut short));
    }
    all.extend(record(0x023E, &words(&[0x06B6, 0, 0, 64, 0, 0, 0, 0, 0])));
    all.extend(record(0x000A, &[]));
    all
}

fn long_cell(
    book: &Book,
    cell: &Cell,
    place: &[u8],
    way: &Way,
    strings: &mut SharedStrings,
) -> Vec<u8> {
    let number = match cell {
        Cell::Text(content) if content.is_empty() => return record(0x0201, place),
        Cell::Text(content) if matches!(way, Way::Formula) && fits_a_formula(content) => {
            let constant = [&[0x17][..], &text(content, 1)].concat();
            let cell = formula(place, [0, 0, 0, 0, 0, 0, 0xFF, 0xFF], &constant);
            return [cell, record(0x0207, &text(content, 2))].concat();
        }
        Cell::Text(content) => {
            let at = strings.place(content).to_le_bytes();
            return record(0x00FD, &[place, &at].concat());
        }
        Cell::Day(day) => f64::from(book.serial(*day)),
        Cell::Money(cents) => cents_to_decimal(*cents).parse().unwrap(),
    };
    let value = number.to_le_bytes();
    match way {
        Way::Formula => formula(place, value, &[&[0x1F][..], &value].concat()),
        Way::Plain | Way::Short => record(0x0203, &[place, &value].concat()),
    }
}

/// Returns numbers in their short form: one in a record, neighbours together in one.
fn short_cells(line: usize, cells: &mut Vec<(u16, u16, u32)>) -> Vec<u8> {
    let cells = std::mem::take(cells);
    let line = u16::try_from(line).unwrap();
    let one = |(_, format, number): &(u16, u16, u32)| {
        [&format.to_le_bytes()[..], &number.to_le_bytes()].concat()
    };
    match &cells[..] {
        [] => Vec::new(),
        [cell] => record(0x027E, &[words(&[line, cell.0]), one(cell)].concat()),
        [first, .., last] => {
            let numbers: Vec<u8> = cells.iter().flat_map(one).collect();
            let place = words(&[line, first.0]);
            record(0x00BD, &[&place[..], &numbers, &last.0.to_le_bytes()].concat())
        }
    }
}

/// Returns a workbook as the old form has it.
pub(super) fn xls(book: &Book) -> Vec<u8> {
    let mut strings = SharedStrings::default();
    let sheets: Vec<Vec<u8>> =
        book.sheets.iter().map(|one| sheet(book, one, &mut strings)).collect();
    let mut start = globals(book, &strings, &vec![0; sheets.len()]).len();
    let mut starts = Vec::new();
    for sheet in &sheets {
        starts.push(u32::try_from(start).unwrap());
        start += sheet.len();
    }
    let stream = [globals(book, &strings, &starts), sheets.concat()].concat();
    // Sectors of 512 bytes, as Excel writes them; LibreOffice reads no others.
    let empty = Cursor::new(Vec::new());
    let mut file = cfb::CompoundFile::create_with_version(cfb::Version::V3, empty).unwrap();
    file.create_stream("/Workbook").unwrap().write_all(&stream).unwrap();
    file.into_inner().into_inner()
}
