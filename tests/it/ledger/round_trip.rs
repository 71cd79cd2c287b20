//! What is written as a register, in either locale or as a workbook, reads back the same.

use std::fs;

use proptest::prelude::*;
use quadra::fiscal::{LedgerEntry, TaxId, cents_to_decimal};
use quadra::ledger::{Format, Upload, read};
use rust_xlsxwriter::{ExcelDateTime, Workbook};

use super::samples;

/// Writes cents as a locale does, with marks between thousands.
fn money(cents: i64, thousands: char, decimal: char) -> String {
    let plain = cents_to_decimal(cents);
    let (whole, decimals) = plain.split_once('.').unwrap();
    let digits = whole.trim_start_matches('-');
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            grouped.push(thousands);
        }
        grouped.push(digit);
    }
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{grouped}{decimal}{decimals}")
}

/// Names one way of writing a register.
struct Locale {
    delimiter: u8,
    headings: [&'static str; 9],
    day: &'static str,
    thousands: char,
    decimal: char,
}

const LOCALES: [Locale; 2] = [
    Locale {
        delimiter: b';',
        headings: [
            "Numero fattura",
            "Data fattura",
            "Data registrazione",
            "Tipo documento",
            "Fornitore",
            "Partita IVA",
            "Imponibile",
            "Imposta",
            "Totale fattura",
        ],
        day: "%d/%m/%Y",
        thousands: '.',
        decimal: ',',
    },
    Locale {
        delimiter: b',',
        headings: [
            "Invoice number",
            "Invoice date",
            "Registration date",
            "Document type",
            "Fornitore",
            "VAT number",
            "Net amount",
            "VAT amount",
            "Gross amount",
        ],
        day: "%Y-%m-%d",
        thousands: ',',
        decimal: '.',
    },
];

fn write_register(entries: &[LedgerEntry], locale: &Locale) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().delimiter(locale.delimiter).from_writer(Vec::new());
    writer.write_record(locale.headings).unwrap();
    for entry in entries {
        let day = |date: Option<chrono::NaiveDate>| date.unwrap().format(locale.day).to_string();
        let cents = |cents: Option<i64>| {
            cents.map_or_else(String::new, |cents| money(cents, locale.thousands, locale.decimal))
        };
        let record = [
            entry.number.clone().unwrap(),
            day(entry.issue_date),
            day(entry.registration_date),
            entry.document_type.as_ref().unwrap().to_string(),
            entry.counterparty_name.clone().unwrap_or_default(),
            entry.counterparty_tax_id.as_ref().map(|id| id.as_str().to_owned()).unwrap_or_default(),
            cents(entry.taxable_cents),
            cents(entry.vat_cents),
            cents(entry.gross_cents),
        ];
        writer.write_record(record).unwrap();
    }
    writer.into_inner().unwrap()
}

/// Returns a day as a workbook numbers it.
fn serial(date: chrono::NaiveDate) -> ExcelDateTime {
    use chrono::Datelike as _;
    let part = |number: u32| u8::try_from(number).unwrap();
    let year = u16::try_from(date.year()).unwrap();
    ExcelDateTime::from_ymd(year, part(date.month()), part(date.day())).unwrap()
}

/// Writes amounts as numbers and days as days, as a spreadsheet program does.
fn write_workbook(entries: &[LedgerEntry]) -> Vec<u8> {
    let mut book = Workbook::new();
    let day = rust_xlsxwriter::Format::new().set_num_format("dd/mm/yyyy");
    let sheet = book.add_worksheet();
    sheet.write(0, 0, "Registro IVA").unwrap();
    sheet.write_row(2, 0, LOCALES[0].headings).unwrap();
    for (line, entry) in (3..).zip(entries) {
        sheet.write(line, 0, entry.number.as_deref().unwrap()).unwrap();
        for (column, date) in [(1, entry.issue_date), (2, entry.registration_date)] {
            sheet.write_with_format(line, column, serial(date.unwrap()), &day).unwrap();
        }
        sheet.write(line, 3, entry.document_type.as_ref().unwrap().as_str()).unwrap();
        sheet.write(line, 4, entry.counterparty_name.as_deref().unwrap_or_default()).unwrap();
        let tax_id = entry.counterparty_tax_id.as_ref().map_or("", TaxId::as_str);
        sheet.write(line, 5, tax_id).unwrap();
        for (column, cents) in
            [(6, entry.taxable_cents), (7, entry.vat_cents), (8, entry.gross_cents)]
        {
            if let Some(cents) = cents {
                let number: f64 = cents_to_decimal(cents).parse().unwrap();
                sheet.write(line, column, number).unwrap();
            }
        }
    }
    book.save_to_buffer().unwrap()
}

prop_compose! {
    fn any_entry()(
        number in "[A-Z]{0,3}[1-9][0-9]{0,5}(/[A-Z0-9]{1,2})?",
        issued in 0i64..3000,
        registered in 0i64..3000,
        kind in prop::sample::select(vec!["TD01", "TD04", "TD24", "TD08"]),
        name in prop::option::of("[A-Za-zÀ-ÿ][A-Za-zà-ÿ ;,\"'.&]{0,20}[a-z']"),
        tax_id in prop::option::of("[0-9]{11}"),
        taxable in -99_999_999_999i64..99_999_999_999,
        vat in prop::option::of(-99_999_999i64..99_999_999),
        gross in prop::option::of(-99_999_999_999i64..99_999_999_999),
    ) -> LedgerEntry {
        let first = chrono::NaiveDate::from_ymd_opt(2020, 1, 1).unwrap();
        let document_type = quadra::fiscal::DocumentType::new(kind);
        let sign = |cents: i64| document_type.signed(cents);
        LedgerEntry {
            kind: quadra::fiscal::EntryKind::Invoice,
            row: 0,
            company: None,
            direction: Some(quadra::fiscal::Direction::Incoming),
            number: Some(number),
            issue_date: Some(first + chrono::TimeDelta::days(issued)),
            registration_date: Some(first + chrono::TimeDelta::days(registered)),
            reception_date: None,
            transmission_date: None,
            counterparty_tax_id: tax_id.as_deref().and_then(TaxId::parse),
            counterparty_tax_code: None,
            counterparty_name: name,
            currency: quadra::fiscal::Currency::EUR,
            taxable_cents: Some(sign(taxable)),
            vat_cents: vat.map(sign),
            gross_cents: gross.map(sign),
            vat_rate: None,
            tenders: None,
            has_stamp_duty: false,
            status: None,
            references: vec![],
            document_type: Some(document_type),
            settlement: None,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn written_registers_read_back_the_same(mut entries in prop::collection::vec(any_entry(), 1..12)) {
        for (row, entry) in (1..).zip(&mut entries) {
            entry.row = row;
        }
        for locale in &LOCALES {
            let bytes = write_register(&entries, locale);
            let file = read(&Upload::new("register.csv", &bytes)).unwrap();
            prop_assert_eq!(&file.rejected, &vec![]);
            prop_assert_eq!(&file.skipped, &vec![]);
            prop_assert_eq!(&file.entries, &entries);
        }
    }

    #[test]
    fn written_workbooks_read_back_the_same(mut entries in prop::collection::vec(any_entry(), 1..6)) {
        for (row, entry) in (1..).zip(&mut entries) {
            entry.row = row;
        }
        let bytes = write_workbook(&entries);
        let file = read(&Upload::new("register.csv", &bytes)).unwrap();
        prop_assert_eq!(file.format, Format::Xlsx);
        prop_assert_eq!(&file.rejected, &vec![]);
        prop_assert_eq!(&file.entries, &entries);
    }

    #[test]
    fn damaged_bytes_never_panic(at in 0usize..2000, byte in any::<u8>(), cut in 0usize..2000) {
        for name in ["portale-ricevute/ricevute.csv", "registro-iva/acquisti.csv", "ordini-shop/ordini.csv"] {
            let mut bytes = fs::read(samples().join(name)).unwrap();
            let length = bytes.len();
            bytes[at % length] = byte;
            bytes.truncate(length - cut % length);
            if let Ok(file) = read(&Upload::new(name, &bytes)) {
                let accounted = file.entries.len() + file.rejected.len() + file.skipped.len();
                prop_assert_eq!(accounted as u64, file.rows_read);
            }
        }
    }
}
