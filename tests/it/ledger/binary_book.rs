//! Writes a workbook in Excel's binary form ([MS-XLSB]): what `upload` reads back.
//!
//! A zip of binary records, written by the specification and without the reader's code: texts
//! in a table and within cells, numbers in all records, results of formulas, days as numbers
//! with a format.

use std::fmt::Write as _;

use quadra::fiscal::cents_to_decimal;

use super::book::{Book, Cell, SharedStrings, Sheet, Way, fits_a_formula, short_number};
use super::dress::zipped;

const OWN_DAY: u16 = 164;
/// The cell formats: plain, a day of our own form, a day of the program's, an amount.
const FORMATS: [u16; 4] = [0, OWN_DAY, 14, 4];

/// Returns a record; its type and its length take as many bytes as they need.
fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    for mut number in [usize::from(kind), data.len()] {
        while number > 0x7F {
            all.push(u8::try_from(number & 0x7F).unwrap() | 0x80);
            number >>= 7;
        }
        all.push(u8::try_from(number).unwrap());
    }
    all.extend(data);
    all
}

fn numbers(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

fn text(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut all = numbers(&[u32::try_from(units.len()).unwrap()]);
    all.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
    all
}

fn workbook(book: &Book) -> Vec<u8> {
    let mut all = record(131, &[]);
    let flags = u32::from(book.counts_from_1904);
    all.extend(record(153, &[numbers(&[flags, 0]), text("")].concat()));
    all.extend(record(143, &[]));
    for (number, sheet) in (1..).zip(&book.sheets) {
        let state = numbers(&[u32::from(sheet.is_hidden), number]);
        let id = text(&format!("rId{number}"));
        all.extend(record(156, &[state, id, text(sheet.name)].concat()));
    }
    all.extend(record(144, &[]));
    all.extend(record(132, &[]));
    all
}

fn styles() -> Vec<u8> {
    // A group is a record that counts, its members, and a record that ends it.
    let group = |begin: u16, kind: u16, members: &[Vec<u8>]| {
        let count = numbers(&[u32::try_from(members.len()).unwrap()]);
        let members: Vec<u8> = members.iter().flat_map(|one| record(kind, one)).collect();
        [record(begin, &count), members, record(begin + 1, &[])].concat()
    };
    let format = [&OWN_DAY.to_le_bytes()[..], &text("dd/mm/yyyy")].concat();
    let font =
        [&[220, 0, 0, 0, 0x90, 1, 0, 0, 0, 2, 0, 0, 7, 1, 0, 0, 0, 0, 0, 0xFF, 2][..]].concat();
    let font = [font, text("Calibri")].concat();
    let fill = [numbers(&[0]), vec![0; 64]].concat();
    let look = |parent: u16, format: u16| {
        [&parent.to_le_bytes()[..], &format.to_le_bytes(), &[0; 6], &[0, 0, 0x10, 0x10, 0, 0]]
            .concat()
    };
    let style = [numbers(&[0]), vec![1, 0, 0, 0xFF], text("Normal")].concat();
    let cells: Vec<Vec<u8>> = FORMATS.iter().map(|format| look(0, *format)).collect();
    let parts = [
        group(615, 44, &[format]),
        group(611, 43, &[font]),
        group(603, 45, &[fill]),
        group(613, 46, &[vec![0; 51]]),
        group(626, 47, &[look(0xFFFF, 0)]),
        group(617, 47, &cells),
        group(619, 48, &[style]),
    ];
    [record(278, &[]), parts.concat(), record(279, &[])].concat()
}

fn sheet(book: &Book, sheet: &Sheet, strings: &mut SharedStrings) -> Vec<u8> {
    let last = u32::try_from(sheet.rows.len().max(1) - 1).unwrap();
    let mut all = record(129, &[]);
    all.extend(record(148, &numbers(&[0, last, 0, 63])));
    all.extend(record(145, &[]));
    for (line, row) in sheet.rows.iter().enumerate() {
        let head = [numbers(&[u32::try_from(line).unwrap(), 0]), words(300), vec![0; 7]].concat();
        all.extend(record(0, &head));
        for (at, cell) in row.iter().enumerate() {
            all.extend(one_cell(book, sheet, cell, (line, at), strings));
        }
    }
    all.extend(record(146, &[]));
    all.extend(record(130, &[]));
    all
}

fn words(word: u16) -> Vec<u8> {
    word.to_le_bytes().to_vec()
}

fn one_cell(
    book: &Book,
    sheet: &Sheet,
    cell: &Cell,
    (line, at): (usize, usize),
    strings: &mut SharedStrings,
) -> Vec<u8> {
    let format = match cell {
        Cell::Text(_) => 0,
        Cell::Day(_) => 1 + u32::from(line % 2 == 1),
        Cell::Money(_) => 3,
    };
    let column = u32::from(sheet.left) + u32::try_from(at).unwrap();
    let place = numbers(&[column, format]);
    let way = Way::at(line, at);
    // Flags, the formula's length and bytes, and the length of what is behind it.
    let constant = |value: &[u8]| {
        [words(0), numbers(&[u32::try_from(value.len()).unwrap()]), value.to_vec(), numbers(&[0])]
            .concat()
    };
    let (number, short) = match cell {
        Cell::Text(content) if content.is_empty() => return record(1, &place),
        Cell::Text(content) => {
            return match way {
                Way::Short => record(6, &[place, text(content)].concat()),
                Way::Formula if fits_a_formula(content) => {
                    let units: Vec<u8> =
                        content.encode_utf16().flat_map(u16::to_le_bytes).collect();
                    let count = u16::try_from(units.len() / 2).unwrap().to_le_bytes();
                    let value = [&[0x17][..], &count, &units].concat();
                    record(8, &[place, text(content), constant(&value)].concat())
                }
                _ => record(7, &[place, numbers(&[strings.place(content)])].concat()),
            };
        }
        Cell::Day(day) => (f64::from(book.serial(*day)), Some(book.serial(*day) << 2 | 2)),
        Cell::Money(cents) => (cents_to_decimal(*cents).parse().unwrap(), short_number(*cents)),
    };
    let value = number.to_le_bytes().to_vec();
    match (way, short) {
        (Way::Short, Some(short)) => record(2, &[place, numbers(&[short])].concat()),
        (Way::Formula, _) => {
            let formula = constant(&[&[0x1F][..], &value].concat());
            record(9, &[place, value, formula].concat())
        }
        _ => record(5, &[place, value].concat()),
    }
}

fn shared(strings: &SharedStrings) -> Vec<u8> {
    let count = u32::try_from(strings.texts.len()).unwrap();
    let mut all = record(159, &numbers(&[strings.uses, count]));
    for one in &strings.texts {
        all.extend(record(19, &[vec![0], text(one)].concat()));
    }
    all.extend(record(160, &[]));
    all
}

/// Returns a workbook as the binary form has it.
pub(super) fn xlsb(book: &Book) -> Vec<u8> {
    const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#;
    const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
    let mut strings = SharedStrings::default();
    let sheets: Vec<Vec<u8>> =
        book.sheets.iter().map(|one| sheet(book, one, &mut strings)).collect();
    let mut types = format!(
        r#"{HEAD}<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/>"#
    );
    let mut links = format!(r#"{HEAD}<Relationships xmlns="{PACKAGE}/relationships">"#);
    let mut paths = Vec::new();
    let part = |path: String, kind: &str, id: usize, types: &mut String, links: &mut String| {
        let word = match kind {
            "worksheet" => "vnd.ms-excel.worksheet",
            "styles" => "vnd.ms-excel.styles",
            _ => "vnd.ms-excel.sharedStrings",
        };
        write!(types, r#"<Override PartName="/xl/{path}" ContentType="application/{word}"/>"#)
            .unwrap();
        write!(links, r#"<Relationship Id="rId{id}" Type="{RELATIONS}/{kind}" Target="{path}"/>"#)
            .unwrap();
        format!("xl/{path}")
    };
    for number in 1..=sheets.len() {
        let path = format!("worksheets/sheet{number}.bin");
        paths.push(part(path, "worksheet", number, &mut types, &mut links));
    }
    let id = sheets.len();
    part("styles.bin".to_owned(), "styles", id + 1, &mut types, &mut links);
    part("sharedStrings.bin".to_owned(), "sharedStrings", id + 2, &mut types, &mut links);
    let root = format!(
        r#"{HEAD}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.bin"/></Relationships>"#
    );
    let (types, links) = (types + "</Types>", links + "</Relationships>");
    let (workbook, styles, shared) = (workbook(book), styles(), shared(&strings));
    let mut members: Vec<(&str, &[u8])> = vec![
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", root.as_bytes()),
        ("xl/workbook.bin", &workbook),
        ("xl/_rels/workbook.bin.rels", links.as_bytes()),
        ("xl/styles.bin", &styles),
        ("xl/sharedStrings.bin", &shared),
    ];
    members.extend(paths.iter().zip(&sheets).map(|(path, sheet)| (path.as_str(), &sheet[..])));
    zipped(&members)
}
