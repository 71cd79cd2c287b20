//! The workbook, read back as a spreadsheet program reads it.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Data, Range, Reader as _, Xlsx};
use quadra::fiscal::Language::{self, En, It};
use quadra::report::model::Model;
use quadra::report::{Format, render};

use super::model;

/// Opens a rendered workbook.
fn workbook(model: &Model, language: Language) -> Xlsx<Cursor<Vec<u8>>> {
    let files = render(model, Format::Xlsx, language).expect("the model renders");
    Xlsx::new(Cursor::new(files[0].bytes.clone())).expect("the workbook opens")
}

/// Returns the sheets of a workbook by name.
fn sheets(model: &Model, language: Language) -> BTreeMap<String, Range<Data>> {
    workbook(model, language).worksheets().into_iter().collect()
}

/// Sums the amounts of a class sheet by statement, side and currency, in cents.
fn sums(sheet: &Range<Data>) -> BTreeMap<(String, String, String), i64> {
    let mut sums = BTreeMap::new();
    for row in sheet.rows().skip(1) {
        let key = (row[0].to_string(), row[5].to_string(), row[12].to_string());
        *sums.entry(key).or_default() += cents(&row[11]);
    }
    sums
}

/// Returns the cents of a workbook's number, zero for an empty cell.
fn cents(cell: &Data) -> i64 {
    match cell {
        Data::Float(number) => format!("{number:.2}").replace('.', "").parse().expect("digits"),
        Data::Int(number) => number * 100,
        Data::Empty => 0,
        other => panic!("`{other}` is not an amount"),
    }
}

#[test]
fn summary_recomputes_from_the_class_sheets() {
    let model = model::model(30);
    let sheets = sheets(&model, It);
    let (mut checked, mut statement) = (0, String::new());
    for row in sheets["Riepilogo"].rows() {
        let name = row[0].to_string();
        let numbered = name.split_once(". ").filter(|(number, _)| number.parse::<u8>().is_ok());
        if let Some((number, _)) = numbered {
            number.clone_into(&mut statement);
        }
        if name == "Residuo" {
            let is_zero = row[3..7].iter().all(|cell| cents(cell) == 0);
            assert!(is_zero, "statement {statement}");
        }
        let sheet = match name.as_str() {
            "Quadrate entro tolleranza" => sheets.get("Entro tolleranza"),
            "Abbinate con differenze" => sheets.get("Con differenze"),
            other => sheets.get(other).filter(|_| row[1] != Data::Empty),
        };
        let Some(sheet) = sheet else { continue };
        for (side, column) in [("Documenti", 3), ("Contabilità", 5)] {
            let key = (statement.clone(), side.to_owned(), row[1].to_string());
            let expected = sums(sheet).get(&key).copied().unwrap_or(0);
            assert_eq!(cents(&row[column]), expected, "{name} of statement {statement}");
            checked += 1;
        }
    }
    assert_eq!(checked, 2 * 18, "so many classes stand in the five statements");
}

#[test]
fn only_the_summary_holds_formulas() {
    let model = model::model(3);
    for language in [It, En] {
        let mut book = workbook(&model, language);
        for name in book.sheet_names() {
            let formulas = book.worksheet_formula(&name).unwrap();
            let some = formulas.used_cells().any(|(_, _, formula)| !formula.is_empty());
            let is_summary = ["Riepilogo", "Summary"].contains(&name.as_str());
            assert_eq!(some, is_summary, "{name}");
        }
    }
    let findings = &sheets(&model, It)["Differenze"];
    let mut numbers = findings.rows().map(|row| row[5].to_string());
    assert!(numbers.any(|number| number == model::FORMULA));
}

#[test]
fn workbook_has_a_sheet_a_class() {
    let names = workbook(&model::model(3), It).sheet_names();
    assert_eq!(
        names,
        [
            "Riepilogo",
            "Differenze",
            "Chiuse",
            "Quadrate",
            "Entro tolleranza",
            "Con differenze",
            "Mancanti in contabilità",
            "Mancanti sul provider",
            "Doppie",
            "Incerte",
            "In attesa",
            "Fuori copertura",
            "Escluse",
            "Fonti"
        ]
    );
    let quiet = workbook(&model::quiet(), En).sheet_names();
    assert_eq!(quiet, ["Summary", "Findings", "Matched", "Sources"]);
}

#[test]
fn dates_in_sheets_are_dates() {
    let sheets = sheets(&model::model(3), It);
    let is_date = |cell: &Data| matches!(cell, Data::DateTime(_));
    assert!(sheets["Quadrate"].rows().skip(1).all(|row| is_date(&row[8])));
    assert!(sheets["Differenze"].rows().skip(1).all(|row| is_date(&row[14])));
}
