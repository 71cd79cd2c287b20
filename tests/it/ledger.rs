//! Ledger files as people have them: every sample against its expected reading.
//!
//! `QUADRA_ACCEPT=1 cargo test --test it ledger` writes the `.expected.json` files anew.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use quadra::fiscal::{LedgerEntry, TaxId, cents_to_decimal};
use quadra::ledger::{Error, LedgerFile, Upload, layout_names, read};
use serde_json::{Value, json};

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/ledgers")
}

/// Returns the sample files of a folder, expectations left out, in order.
fn files_of(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file() && !path.to_string_lossy().ends_with(".expected.json"))
        .collect();
    files.sort();
    files
}

fn entry_json(entry: &LedgerEntry) -> Value {
    let text = |id: &Option<TaxId>| id.as_ref().map(|id| id.as_str().to_owned());
    let all = json!({
        "row": entry.row,
        "kind": entry.kind.as_str(),
        "company": text(&entry.company),
        "direction": entry.direction.map(quadra::fiscal::Direction::as_str),
        "document_type": entry.document_type.as_ref().map(ToString::to_string),
        "number": entry.number,
        "issue_date": entry.issue_date,
        "registration_date": entry.registration_date,
        "transmission_date": entry.transmission_date,
        "counterparty_tax_id": text(&entry.counterparty_tax_id),
        "counterparty_tax_code": text(&entry.counterparty_tax_code),
        "counterparty_name": entry.counterparty_name,
        "currency": entry.currency.as_str(),
        "taxable_cents": entry.taxable_cents,
        "vat_cents": entry.vat_cents,
        "gross_cents": entry.gross_cents,
        "vat_rate": entry.vat_rate.as_ref().map(ToString::to_string),
        "tenders": entry.tenders,
        "has_stamp_duty": entry.has_stamp_duty.then_some(true),
        "status": entry.status,
        "references": (!entry.references.is_empty()).then_some(&entry.references),
    });
    // Unknown values are left out, so that a reader sees what the row says.
    let Value::Object(all) = all else {
        unreachable!()
    };
    Value::Object(
        all.into_iter()
            .filter(|(_, value)| !value.is_null())
            .collect(),
    )
}

fn file_json(file: &LedgerFile) -> Value {
    json!({
        "layout": file.layout,
        "format": file.format.to_string(),
        "sheet": file.sheet,
        "encoding": file.encoding,
        "delimiter": file.delimiter,
        "columns": file.columns.iter().map(|column| {
            let meaning = column.meaning.map_or_else(String::new, |field| format!(" = {field}"));
            let note = column.note.as_ref().map_or_else(String::new, |note| format!(" ({note})"));
            format!("{}{meaning}{note}", column.heading)
        }).collect::<Vec<String>>(),
        "rows_read": file.rows_read,
        "totals": file.totals.iter().map(|(currency, totals)| (currency.to_string(), json!(totals))).collect::<serde_json::Map<String, Value>>(),
        "coverage": file.coverage,
        "entries": file.entries.iter().map(entry_json).collect::<Vec<Value>>(),
        "rejected": file.rejected.iter().map(|row| json!({
            "row": row.row, "line": row.line, "column": row.column, "value": row.value, "reason": row.reason, "hint": row.hint,
        })).collect::<Vec<Value>>(),
        "skipped": file.skipped.iter().map(|row| json!({
            "row": row.row, "line": row.line, "reason": row.reason,
        })).collect::<Vec<Value>>(),
        "warnings": file.warnings.iter().map(|warning| {
            format!("row {} (line {}), {}: `{}`: {}", warning.row, warning.line, warning.column, warning.value, warning.message)
        }).collect::<Vec<String>>(),
        "notes": file.notes,
    })
}

fn error_json(error: &Error) -> Value {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    json!({ "error": error.to_string(), "cause": cause, "hint": error.hint() })
}

/// Compares what a sample gives with the file beside it, or writes that file.
fn check_against_expected(path: &Path) {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let bytes = fs::read(path).unwrap();
    let actual = match read(&Upload::new(&name, &bytes)) {
        Ok(file) => file_json(&file),
        Err(error) => error_json(&error),
    };
    let expected_path = path.with_file_name(format!("{name}.expected.json"));
    let text = format!("{}\n", serde_json::to_string_pretty(&actual).unwrap());
    #[expect(
        clippy::disallowed_methods,
        reason = "the switch that rewrites golden files"
    )]
    if std::env::var("QUADRA_ACCEPT").is_ok() {
        fs::write(&expected_path, &text).unwrap();
    }
    let expected = fs::read_to_string(&expected_path).unwrap_or_else(|_| {
        panic!(
            "{} is missing: run with QUADRA_ACCEPT=1",
            expected_path.display()
        )
    });
    assert_eq!(text, expected, "{}", path.display());
}

#[test]
fn every_sample_reads_as_expected() {
    for (layout, _) in layout_names() {
        let files = files_of(&samples().join(layout));
        assert!(!files.is_empty(), "{layout} has no sample");
        for path in files {
            check_against_expected(&path);
            let bytes = fs::read(&path).unwrap();
            assert_eq!(
                read(&Upload::new("x", &bytes)).unwrap().layout,
                layout,
                "{}",
                path.display()
            );
        }
    }
}

#[test]
fn bad_files_are_named_errors() {
    let files = files_of(&samples().join("errors"));
    assert!(files.len() >= 8);
    for path in files {
        check_against_expected(&path);
        let bytes = fs::read(&path).unwrap();
        let error = read(&Upload::new("registro.dat", &bytes)).unwrap_err();
        assert!(error.to_string().contains("registro.dat"), "{error}");
        assert!(error.hint().is_some());
    }
}

#[test]
fn every_row_of_a_sample_is_accounted_for() {
    for (layout, _) in layout_names() {
        for path in files_of(&samples().join(layout)) {
            let bytes = fs::read(&path).unwrap();
            let file = read(&Upload::new("x", &bytes)).unwrap();
            let mut rows: Vec<u64> = file.entries.iter().map(|entry| entry.row).collect();
            rows.extend(file.rejected.iter().map(|row| row.row));
            rows.extend(file.skipped.iter().map(|row| row.row));
            rows.sort_unstable();
            assert!(
                rows.into_iter().eq(1..=file.rows_read),
                "{}",
                path.display()
            );
        }
    }
}

#[test]
fn same_register_reads_alike_in_every_workbook() {
    let entries = |name: &str| {
        let bytes = fs::read(samples().join("registro-iva").join(name)).unwrap();
        read(&Upload::new(name, &bytes)).unwrap().entries
    };
    let xlsx = entries("acquisti.xlsx");
    assert_eq!(xlsx, entries("acquisti.xls"));
    assert_eq!(xlsx, entries("acquisti.ods"));
}

#[test]
fn choosing_a_sheet_answers_the_question() {
    let bytes = fs::read(samples().join("errors/due-fogli.xlsx")).unwrap();
    let mut upload = Upload::new("due-fogli.xlsx", &bytes);
    assert!(matches!(read(&upload), Err(Error::SeveralSheets { .. })));
    upload.sheet = Some("Acquisti");
    assert_eq!(read(&upload).unwrap().sheet.as_deref(), Some("Acquisti"));
    upload.sheet = Some("Marzo");
    assert!(matches!(read(&upload), Err(Error::NoSuchSheet { .. })));
}

#[test]
fn uploader_fills_what_the_file_leaves_open() {
    let text = "Numero;Data;Ragione sociale;Totale\n1;01/02/2026;Alfa;1,00\n";
    let mut upload = Upload::new("x.csv", text.as_bytes());
    let open = read(&upload).unwrap();
    assert_eq!(
        (open.entries[0].direction, &open.entries[0].company),
        (None, &None)
    );
    assert_eq!(open.notes.len(), 1);
    upload.company = TaxId::parse("01234567897");
    upload.direction = Some(quadra::fiscal::Direction::Incoming);
    let told = read(&upload).unwrap();
    assert_eq!(told.entries[0].direction, upload.direction);
    assert_eq!(told.entries[0].company, upload.company);
    assert!(told.notes.is_empty());
}

#[test]
fn forced_layout_says_what_it_lacks() {
    let mut upload = Upload::new("x.csv", b"Data;Contanti;Carte\n01/02/2026;1,00;2,00\n");
    upload.layout = Some("registro-iva");
    let error = read(&upload).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("layout `registro-iva` lacks `Numero fattura`"),
        "{error}"
    );
    upload.layout = Some("incasi-giornalieri");
    let error = read(&upload).unwrap_err();
    assert!(error.hint().unwrap().contains("`incassi-giornalieri`"));
}

/// The figures were worked out in Python from the same files, independently.
#[test]
fn real_portal_exports_keep_every_row() {
    #[expect(
        clippy::disallowed_methods,
        reason = "where the shared samples are, outside the product"
    )]
    let shared = std::env::var("QUADRA_SHARED").unwrap_or_else(|_| "../shared".to_owned());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(shared)
        .join("corpus/FeC-Plus-AdE-portal-csv/tests/fixtures");
    if !folder.is_dir() {
        println!("skipped: {} is not there", folder.display());
        return;
    }
    for (name, layout, rows, taxable, vat, from, to) in [
        (
            "elenco_ricevute_25_atteso.csv",
            "portale-ricevute",
            25,
            379_188,
            68_958,
            "2025-09-15",
            "2026-08-07",
        ),
        (
            "elenco_md_atteso.csv",
            "portale-messe-a-disposizione",
            6,
            21_904,
            2_191,
            "2026-04-23",
            "2026-06-10",
        ),
    ] {
        let bytes = fs::read(folder.join(name)).unwrap();
        let file = read(&Upload::new(name, &bytes)).unwrap();
        assert_eq!(
            (file.layout.as_str(), file.rows_read, file.entries.len()),
            (layout, rows as u64, rows)
        );
        let totals = file.totals[&quadra::fiscal::Currency::EUR];
        assert_eq!(
            (totals.taxable_cents, totals.vat_cents, totals.gross_cents),
            (Some(taxable), Some(vat), None)
        );
        let (first, last) = file.coverage.unwrap();
        assert_eq!(
            (first.to_string().as_str(), last.to_string().as_str()),
            (from, to)
        );
        assert_eq!((file.warnings, file.notes), (vec![], vec![]));
    }
}

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
    let mut writer = csv::WriterBuilder::new()
        .delimiter(locale.delimiter)
        .from_writer(Vec::new());
    writer.write_record(locale.headings).unwrap();
    for entry in entries {
        let day = |date: Option<chrono::NaiveDate>| date.unwrap().format(locale.day).to_string();
        let cents = |cents: Option<i64>| {
            cents.map_or_else(String::new, |cents| {
                money(cents, locale.thousands, locale.decimal)
            })
        };
        let record = [
            entry.number.clone().unwrap(),
            day(entry.issue_date),
            day(entry.registration_date),
            entry.document_type.as_ref().unwrap().to_string(),
            entry.counterparty_name.clone().unwrap_or_default(),
            entry
                .counterparty_tax_id
                .as_ref()
                .map(|id| id.as_str().to_owned())
                .unwrap_or_default(),
            cents(entry.taxable_cents),
            cents(entry.vat_cents),
            cents(entry.gross_cents),
        ];
        writer.write_record(record).unwrap();
    }
    writer.into_inner().unwrap()
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
