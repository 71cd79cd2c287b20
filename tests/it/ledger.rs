//! Ledger files as people have them: every sample against its expected reading.
//!
//! `QUADRA_ACCEPT=1 cargo test --test it ledger` writes the `.expected.json` files anew.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod binary_book;
mod book;
mod dress;
mod generated;
mod hostile;
mod old_book;
mod round_trip;
mod workbooks;

use std::fs;
use std::path::{Path, PathBuf};

use quadra::fiscal::{LedgerEntry, Settlement, TaxId};
use quadra::ledger::{Error, Layouts, LedgerFile, Upload, read};
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
        "reception_date": entry.reception_date,
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
        "settlement": entry.settlement.as_deref().map(settlement_json),
        "references": (!entry.references.is_empty()).then_some(&entry.references),
    });
    // Unknown values are left out, so that a reader sees what the row says.
    let Value::Object(all) = all else { unreachable!() };
    Value::Object(all.into_iter().filter(|(_, value)| !value.is_null()).collect())
}

fn settlement_json(settlement: &Settlement) -> Value {
    let all = json!({
        "fee_cents": settlement.fee_cents,
        "net_cents": settlement.net_cents,
        "settled_on": settlement.settled_on,
        "payout": settlement.payout,
        "terminal": settlement.terminal,
    });
    let Value::Object(all) = all else { unreachable!() };
    Value::Object(all.into_iter().filter(|(_, value)| !value.is_null()).collect())
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
    #[expect(clippy::disallowed_methods, reason = "the switch that rewrites golden files")]
    if std::env::var("QUADRA_ACCEPT").is_ok() {
        fs::write(&expected_path, &text).unwrap();
    }
    let expected = fs::read_to_string(&expected_path).unwrap_or_else(|_| {
        panic!("{} is missing: run with QUADRA_ACCEPT=1", expected_path.display())
    });
    assert_eq!(text, expected, "{}", path.display());
}

#[test]
fn every_sample_reads_as_expected() {
    for (layout, _) in Layouts::built_in().names() {
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

/// Ledgers that are wrong in one way each: refused by name, or a row of them put aside.
#[test]
fn bad_files_are_named_errors() {
    let files = files_of(&samples().join("../errors"));
    assert!(files.len() >= 15);
    for path in files {
        check_against_expected(&path);
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = fs::read(&path).unwrap();
        let is_read = ["bad-amount.csv", "impossible-date.csv", "heading-only.csv"];
        match read(&Upload::new("registro.dat", &bytes)) {
            Ok(file) => {
                assert!(is_read.contains(&name.as_str()), "{name}");
                assert_eq!(file.rejected.len(), usize::from(name != "heading-only.csv"));
            }
            Err(error) => {
                assert!(!is_read.contains(&name.as_str()), "{name}: {error}");
                assert!(error.to_string().contains("registro.dat"), "{error}");
                assert!(error.hint().is_some(), "{name}");
            }
        }
    }
}

#[test]
fn every_row_of_a_sample_is_accounted_for() {
    for (layout, _) in Layouts::built_in().names() {
        for path in files_of(&samples().join(layout)) {
            let bytes = fs::read(&path).unwrap();
            let file = read(&Upload::new("x", &bytes)).unwrap();
            let mut rows: Vec<u64> = file.entries.iter().map(|entry| entry.row).collect();
            rows.extend(file.rejected.iter().map(|row| row.row));
            rows.extend(file.skipped.iter().map(|row| row.row));
            rows.sort_unstable();
            assert!(rows.into_iter().eq(1..=file.rows_read), "{}", path.display());
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
    let bytes = fs::read(samples().join("../errors/two-tables.xlsx")).unwrap();
    let mut upload = Upload::new("two-tables.xlsx", &bytes);
    assert!(matches!(read(&upload), Err(Error::SeveralSheets { .. })));
    upload.sheet = Some("Febbraio");
    assert_eq!(read(&upload).unwrap().sheet.as_deref(), Some("Febbraio"));
    upload.sheet = Some("Marzo");
    assert!(matches!(read(&upload), Err(Error::NoSuchSheet { .. })));
}

#[test]
fn uploader_fills_what_the_file_leaves_open() {
    let text = "Numero;Data;Ragione sociale;Totale\n1;13/02/2026;Alfa;1,00\n";
    let mut upload = Upload::new("x.csv", text.as_bytes());
    let open = read(&upload).unwrap();
    assert_eq!((open.entries[0].direction, &open.entries[0].company), (None, &None));
    assert_eq!(open.notes.len(), 1);
    upload.company = TaxId::parse("01234567897");
    upload.direction = Some(quadra::fiscal::Direction::Incoming);
    let told = read(&upload).unwrap();
    assert_eq!(told.entries[0].direction, upload.direction);
    assert_eq!(told.entries[0].company, upload.company);
    assert!(told.notes.is_empty());
}

#[test]
fn customers_and_suppliers_say_the_direction() {
    use quadra::fiscal::Direction;
    for (heading, direction) in [
        ("Customer", Direction::Outgoing),
        ("Supplier name", Direction::Incoming),
        ("Vendor", Direction::Incoming),
    ] {
        let text = format!(
            "Invoice number,Invoice date,{heading},Gross amount\n1,01/15/2026,Alfa,\"1,000.50\"\n"
        );
        let file = read(&Upload::new("x.csv", text.as_bytes())).unwrap();
        let entry = &file.entries[0];
        assert_eq!(
            (entry.direction, entry.gross_cents),
            (Some(direction), Some(100_050)),
            "{heading}"
        );
        assert_eq!(entry.counterparty_name.as_deref(), Some("Alfa"));
    }
}

#[test]
fn forced_layout_says_what_it_lacks() {
    let mut upload = Upload::new("x.csv", b"Data;Contanti;Carte\n01/02/2026;1,00;2,00\n");
    upload.layout = Some("registro-iva");
    let error = read(&upload).unwrap_err();
    assert!(error.to_string().contains("layout `registro-iva` lacks `Numero fattura`"), "{error}");
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
        assert_eq!((first.to_string().as_str(), last.to_string().as_str()), (from, to));
        assert_eq!((file.warnings, file.notes), (vec![], vec![]));
    }
}
