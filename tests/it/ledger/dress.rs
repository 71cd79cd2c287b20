//! Dresses a ledger: each format that accountants have, in each way of writing days and money.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use chrono::NaiveDate;
use quadra::fiscal::cents_to_decimal;

use super::binary_book::xlsb;
use super::book::{Book, Cell};
use super::hostile::repacked;
use super::old_book::xls;

/// Names one way of writing days and money in text.
#[derive(Clone, Copy, Debug)]
pub(super) enum Locale {
    Italian,
    Portal,
    American,
    Iso,
    Words,
}

pub(super) const LOCALES: [Locale; 5] =
    [Locale::Italian, Locale::Portal, Locale::American, Locale::Iso, Locale::Words];

fn money(cents: i64, thousands: &str, decimal: char) -> String {
    let plain = cents_to_decimal(cents.abs());
    let (whole, decimals) = plain.split_once('.').unwrap();
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            grouped.push_str(thousands);
        }
        grouped.push(digit);
    }
    format!("{}{grouped}{decimal}{decimals}", if cents < 0 { "-" } else { "" })
}

fn in_words(day: NaiveDate) -> String {
    const MONTHS: &str = "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre \
                          ottobre novembre dicembre";
    use chrono::Datelike as _;
    format!(
        "{} {} {}",
        day.day(),
        MONTHS.split(' ').nth(day.month0() as usize).unwrap(),
        day.year()
    )
}

fn dressed(cell: &Cell, locale: Locale) -> String {
    match (cell, locale) {
        (Cell::Text(text), _) => text.clone(),
        (Cell::Day(day), Locale::Italian | Locale::Portal) => day.format("%d/%m/%Y").to_string(),
        (Cell::Day(day), Locale::American) => day.format("%m/%d/%Y").to_string(),
        (Cell::Day(day), Locale::Iso) => day.to_string(),
        (Cell::Day(day), Locale::Words) => in_words(*day),
        (Cell::Money(cents), Locale::Italian) => format!("€ {}", money(*cents, ".", ',')),
        (Cell::Money(cents), Locale::Portal) => {
            format!("{:0>15}", money(*cents, "", ','))
        }
        (Cell::Money(cents), Locale::American) => money(*cents, ",", '.'),
        (Cell::Money(cents), Locale::Iso) => money(*cents, "", '.'),
        (Cell::Money(cents), Locale::Words) => money(*cents, "\u{a0}", ','),
    }
}

fn delimited(headings: &[String], rows: &[Vec<Cell>], locale: Locale, delimiter: u8) -> String {
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
    writer.write_record(headings).unwrap();
    for row in rows {
        writer.write_record(row.iter().map(|cell| dressed(cell, locale))).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;").replace('è', "&#232;")
}

fn page(headings: &[String], rows: &[Vec<Cell>], locale: Locale) -> String {
    let mut page = "<html><body><table><tr><td colspan=3>Esportazione</tr><tr>".to_owned();
    for heading in headings {
        write!(page, "<th>{}", escaped(heading)).unwrap();
    }
    for row in rows {
        page.push_str("</tr>\n<tr>");
        for cell in row {
            write!(page, "<td>{}</td>", escaped(&dressed(cell, locale))).unwrap();
        }
    }
    page + "</table></html>"
}

fn xml_2003(headings: &[String], rows: &[Vec<Cell>]) -> String {
    let mut text = "<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\" xmlns:ss=\"urn:schemas-microsoft-com:office:spreadsheet\"><Worksheet ss:Name=\"A\"><Table><Row>".to_owned();
    for heading in headings {
        write!(text, "<Cell><Data ss:Type=\"String\">{}</Data></Cell>", escaped(heading)).unwrap();
    }
    for row in rows {
        text.push_str("</Row><Row>");
        for cell in row {
            let (kind, value) = match cell {
                Cell::Text(text) => ("String", escaped(text)),
                Cell::Day(day) => ("DateTime", format!("{day}T00:00:00.000")),
                Cell::Money(cents) => ("Number", cents_to_decimal(*cents)),
            };
            write!(text, "<Cell><Data ss:Type=\"{kind}\">{value}</Data></Cell>").unwrap();
        }
    }
    text + "</Row></Table></Worksheet></Workbook>"
}

fn open_document(headings: &[String], rows: &[Vec<Cell>]) -> Vec<u8> {
    let string = |text: &str| {
        format!(
            "<table:table-cell office:value-type=\"string\"><text:p>{}</text:p></table:table-cell>",
            escaped(text)
        )
    };
    let mut text =
        "<office:document-content><table:table table:name=\"A\"><table:table-row>".to_owned();
    for heading in headings {
        text.push_str(&string(heading));
    }
    for row in rows {
        text.push_str("</table:table-row><table:table-row>");
        for cell in row {
            let cell = match cell {
                Cell::Text(text) if text.is_empty() => "<table:table-cell/>".to_owned(),
                Cell::Text(text) => string(text),
                Cell::Day(day) => format!(
                    "<table:table-cell office:value-type=\"date\" office:date-value=\"{day}\"/>"
                ),
                Cell::Money(cents) => format!(
                    "<table:table-cell office:value-type=\"float\" office:value=\"{}\"/>",
                    cents_to_decimal(*cents)
                ),
            };
            text.push_str(&cell);
        }
    }
    text.push_str("</table:table-row></table:table></office:document-content>");
    let mime: &[u8] = b"application/vnd.oasis.opendocument.spreadsheet";
    zipped(&[("mimetype", mime), ("content.xml", text.as_bytes())])
}

/// Writes a workbook as Excel does now; days before 1904 are told by a word in one part.
pub(super) fn xlsx(book: &Book) -> Vec<u8> {
    let mut file = rust_xlsxwriter::Workbook::new();
    let day_format = rust_xlsxwriter::Format::new().set_num_format("dd/mm/yyyy");
    for sheet in &book.sheets {
        let page = file.add_worksheet();
        page.set_name(sheet.name).unwrap().set_hidden(sheet.is_hidden);
        for (line, row) in (0..).zip(&sheet.rows) {
            for (column, cell) in (sheet.left..).zip(row) {
                match cell {
                    Cell::Text(text) => page.write(line, column, text).unwrap(),
                    Cell::Day(day) => page
                        .write_with_format(line, column, book.serial(*day), &day_format)
                        .unwrap(),
                    Cell::Money(cents) => {
                        let number: f64 = cents_to_decimal(*cents).parse().unwrap();
                        page.write(line, column, number).unwrap()
                    }
                };
            }
        }
    }
    let bytes = file.save_to_buffer().unwrap();
    if !book.counts_from_1904 {
        return bytes;
    }
    repacked(&bytes, "xl/workbook.xml", |content| {
        let text = String::from_utf8(std::mem::take(content)).unwrap();
        assert!(text.contains("<workbookPr "), "{text}");
        *content = text.replace("<workbookPr ", "<workbookPr date1904=\"1\" ").into_bytes();
    })
}

pub(super) fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        let stored = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Stored);
        writer.start_file(*name, stored).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

/// Returns the ledger in every format that the locale is for, by name.
pub(super) fn dresses(
    headings: &[String],
    rows: &[Vec<Cell>],
    locale: Locale,
) -> BTreeMap<&'static str, Vec<u8>> {
    let text = |delimiter| delimited(headings, rows, locale, delimiter);
    let wide = text(b'\t');
    let mut all = BTreeMap::from([
        ("csv", text(b';').into_bytes()),
        ("csv with mark and titles", format!("\u{feff}Ditta\n\n{}", text(b',')).into_bytes()),
        ("piped", format!("sep=|\r\n{}", text(b'|')).into_bytes()),
        ("utf-16", wide.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("windows-1252", encoding_rs::WINDOWS_1252.encode(&text(b';')).0.into_owned()),
        ("html", page(headings, rows, locale).into_bytes()),
        ("gzip in zip", zipped(&[("a/b.csv.gz", &gzipped(text(b';').as_bytes()))])),
    ]);
    // In these days and amounts are no text, so one locale stands for all.
    if matches!(locale, Locale::Italian) {
        let (one, many) = (Book::of(headings, rows), Book::of_many(headings, rows));
        all.insert("xlsx", xlsx(&one));
        all.insert("xlsx from 1904, sheets", xlsx(&many));
        all.insert("xls", xls(&one));
        all.insert("xls from 1904, sheets", xls(&many));
        all.insert("xlsb", xlsb(&one));
        all.insert("xlsb from 1904, sheets", xlsb(&many));
        all.insert("ods", open_document(headings, rows));
        all.insert("xml 2003", xml_2003(headings, rows).into_bytes());
    }
    all
}
