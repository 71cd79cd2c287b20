//! Every layout, written in every format and locale by a seeded generator, reads back the same.
//!
//! What is written comes from the layout's own TOML, read here without the reader's code;
//! what is expected is the truth from which it was written.

use std::fs;

use chrono::{NaiveDate, TimeDelta};
use quadra::fiscal::{Direction, LedgerEntry, TaxId};
use quadra::ledger::{LedgerFile, Upload, read};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use toml::Table;

use super::book::Cell;
use super::dress::{LOCALES, Locale, dresses};

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
