//! Every layout, written in every format and locale by a seeded generator, reads back the same.
//!
//! What is written comes from the layout's own TOML, read here without the reader's code;
//! what is expected is the truth from which it was written.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{Cursor, Write as _};

use chrono::{NaiveDate, TimeDelta};
use quadra::fiscal::{Direction, LedgerEntry, TaxId, cents_to_decimal};
use quadra::ledger::{LedgerFile, Upload, read};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use toml::Table;

use super::round_trip::serial;

/// Holds one row as it is meant.
struct Truth {
    number: String,
    day: NaiveDate,
    is_credit: bool,
    taxable: i64,
    vat: i64,
    cash: i64,
    electronic: i64,
}

/// Holds one cell before a locale or a format has dressed it.
#[derive(Clone)]
enum Cell {
    Text(String),
    Day(NaiveDate),
    Money(i64),
}

/// Names one way of writing days and money in text.
#[derive(Clone, Copy, Debug)]
enum Locale {
    Italian,
    Portal,
    American,
    Iso,
    Words,
}

const LOCALES: [Locale; 5] =
    [Locale::Italian, Locale::Portal, Locale::American, Locale::Iso, Locale::Words];

fn truths(random: &mut ChaCha8Rng) -> Vec<Truth> {
    let first = NaiveDate::from_ymd_opt(2026, 1, 14).unwrap();
    (0..8)
        .map(|row| Truth {
            number: format!("{}{}", 100 + row, ["", "/A", "-B"][random.random_range(0..3)]),
            // The first day is above the twelfth, so that its column shows the order.
            day: first + TimeDelta::days(if row == 0 { 0 } else { random.random_range(0..300) }),
            is_credit: row % 4 == 3,
            taxable: random.random_range(1..99_999_999),
            vat: random.random_range(1..9_999_999),
            cash: random.random_range(0..999_999),
            electronic: random.random_range(0..999_999),
        })
        .collect()
}

fn layouts() -> Vec<Table> {
    let folder = super::samples().join("../../src/ledger/layouts");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|one| one.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read_to_string(path).unwrap().parse().unwrap()).collect()
}

fn texts(table: &Table, key: &str) -> Vec<String> {
    let list = table.get(key).and_then(toml::Value::as_array).into_iter().flatten();
    list.map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// Returns the layout's word for an invoice or a credit note that goes this way.
fn type_word(layout: &Table, is_credit: bool) -> String {
    let words = |key: &str| layout.get(key).and_then(toml::Value::as_table);
    let Some(types) = words("document_types") else {
        return if is_credit { "Nota di credito" } else { "Fattura" }.to_owned();
    };
    let wanted: &[&str] = if is_credit { &["TD04", "return"] } else { &["TD01", "sale"] };
    let goes_out = |word: &String| {
        words("directions")
            .is_none_or(|to| to.get(word).and_then(toml::Value::as_str) != Some("incoming"))
    };
    let mut fitting = types
        .iter()
        .filter(|(word, code)| wanted.contains(&code.as_str().unwrap()) && goes_out(word));
    fitting.next().unwrap().0.clone()
}

/// Returns headings and rows of a ledger in this layout.
fn write_table(layout: &Table, truths: &[Truth]) -> (Vec<String>, Vec<Vec<Cell>>) {
    let fields = layout["fields"].as_table().unwrap();
    let mut headings: Vec<String> =
        fields.values().map(|words| words[0].as_str().unwrap().to_owned()).collect();
    headings.extend(texts(layout, "ignored"));
    let text = |text: &str| Cell::Text(text.to_owned());
    let rows = truths
        .iter()
        .map(|truth| {
            let cell = |field: &str| match field {
                "number" => text(&truth.number),
                "protocol" => text(&truth.number[..3]),
                "document_type" => text(&type_word(layout, truth.is_credit)),
                "issue_date" | "registration_date" | "reception_date" | "transmission_date"
                | "delivery_date" => Cell::Day(truth.day),
                "company_tax_id" => text("01234567897"),
                "counterparty_tax_id" => text("10000000009"),
                "counterparty_name" => text("Caffè \"Delta\"; & C."),
                "currency" => text("EUR"),
                "taxable" | "sales" => Cell::Money(truth.taxable),
                "vat" => Cell::Money(truth.vat),
                "gross" => Cell::Money(truth.taxable + truth.vat),
                "cash" => Cell::Money(truth.cash),
                "electronic" => Cell::Money(truth.electronic),
                "vouchers" | "uncollected" => Cell::Money(0),
                "vat_rate" => text("22"),
                "status" => text("Consegnata"),
                "reference" => text(&format!("R{}", truth.number)),
                _ => text(""),
            };
            let mut row: Vec<Cell> = fields.keys().map(|field| cell(field)).collect();
            row.resize(headings.len(), text(""));
            row
        })
        .collect();
    (headings, rows)
}

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
    const MONTHS: [&str; 12] = [
        "gennaio",
        "febbraio",
        "marzo",
        "aprile",
        "maggio",
        "giugno",
        "luglio",
        "agosto",
        "settembre",
        "ottobre",
        "novembre",
        "dicembre",
    ];
    use chrono::Datelike as _;
    format!("{} {} {}", day.day(), MONTHS[day.month0() as usize], day.year())
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

fn workbook(headings: &[String], rows: &[Vec<Cell>]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let day_format = rust_xlsxwriter::Format::new().set_num_format("dd/mm/yyyy");
    let sheet = book.add_worksheet();
    sheet.write_row(1, 1, headings).unwrap();
    for (line, row) in (2..).zip(rows) {
        for (column, cell) in (1..).zip(row) {
            match cell {
                Cell::Text(text) => sheet.write(line, column, text).unwrap(),
                Cell::Day(day) => {
                    sheet.write_with_format(line, column, serial(*day), &day_format).unwrap()
                }
                Cell::Money(cents) => {
                    let number: f64 = cents_to_decimal(*cents).parse().unwrap();
                    sheet.write(line, column, number).unwrap()
                }
            };
        }
    }
    book.save_to_buffer().unwrap()
}

fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
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
fn dresses(
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
        all.insert("xlsx", workbook(headings, rows));
        all.insert("ods", open_document(headings, rows));
        all.insert("xml 2003", xml_2003(headings, rows).into_bytes());
    }
    all
}

fn check(layout: &Table, file: &LedgerFile, truths: &[Truth], what: &str) {
    let name = layout["name"].as_str().unwrap();
    assert_eq!(file.layout, name, "{what}");
    assert_eq!(file.rejected, [], "{what}");
    assert_eq!((file.entries.len(), file.skipped.len()), (truths.len(), 0), "{what}");
    let has = |field: &str| layout["fields"].as_table().unwrap().contains_key(field);
    let is_sum = layout.contains_key("gross_is_taxable_plus_vat");
    for (entry, truth) in file.entries.iter().zip(truths) {
        let credit = truth.is_credit && has("document_type");
        let sign = |cents: i64| if credit { -cents } else { cents };
        let when = |is_there: bool, cents: i64| is_there.then_some(cents);
        let expected = (
            has("number").then(|| truth.number.clone()),
            Some(truth.day),
            when(has("taxable"), sign(truth.taxable)),
            when(has("vat"), sign(truth.vat)),
            when(has("gross") || is_sum, sign(truth.taxable + truth.vat)),
            has("counterparty_tax_id").then(|| TaxId::parse("10000000009")).flatten(),
            has("cash").then_some((truth.cash, truth.electronic)),
        );
        let LedgerEntry { number, issue_date, taxable_cents, vat_cents, gross_cents, .. } = entry;
        let read = (
            number.clone(),
            *issue_date,
            *taxable_cents,
            *vat_cents,
            *gross_cents,
            entry.counterparty_tax_id.clone(),
            entry.tenders.as_ref().map(|tenders| (tenders.cash_cents, tenders.electronic_cents)),
        );
        assert_eq!(read, expected, "{what}, row {}", entry.row);
        let direction = layout.get("direction").and_then(toml::Value::as_str);
        let direction = direction.unwrap_or("outgoing").parse::<Direction>().ok();
        assert_eq!(entry.direction, direction, "{what}");
    }
}

#[test]
fn every_layout_format_and_locale_reads_back() {
    let mut random = ChaCha8Rng::seed_from_u64(20_260_228);
    let mut read_files = 0;
    for layout in layouts() {
        let forms = texts(&layout, "dates");
        for locale in LOCALES {
            let is_written_so = match locale {
                Locale::Italian | Locale::Portal | Locale::American => {
                    forms.contains(&"day_first".to_owned())
                }
                Locale::Iso => forms.contains(&"year_first".to_owned()),
                Locale::Words => true,
            };
            if !is_written_so {
                continue;
            }
            let truths = truths(&mut random);
            let (headings, rows) = write_table(&layout, &truths);
            for (dress, bytes) in dresses(&headings, &rows, locale) {
                let what = format!("{} as {dress}, {locale:?}", layout["name"]);
                let upload = Upload {
                    direction: Some(Direction::Outgoing),
                    ..Upload::new("generato", &bytes)
                };
                let file = read(&upload).unwrap_or_else(|error| panic!("{what}: {error}"));
                check(&layout, &file, &truths, &what);
                read_files += 1;
            }
        }
    }
    assert!(read_files > 700, "{read_files}");
}
