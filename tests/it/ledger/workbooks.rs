//! Workbooks large enough that their texts and rows run over: each form reads back the same.
//!
//! `QUADRA_BOOKS=folder cargo test --test it ledger::workbooks` leaves the files there, to be
//! opened by another program.

use std::fs;
use std::path::Path;

use chrono::{NaiveDate, TimeDelta};
use quadra::ledger::{Format, Upload, read};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::binary_book::xlsb;
use super::book::{Book, Cell};
use super::dress::xlsx;
use super::old_book::xls;

/// Returns a register with a name of its own in each row, some of them in wide letters.
fn register(rows: usize, random: &mut ChaCha8Rng) -> Vec<Vec<Cell>> {
    let first = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
    let piece = |at: usize| ["Caffè Róż ", "Čeština ", "Società ", "Alfa & C. "][at % 4];
    (1..=rows)
        .map(|row| {
            let name = format!("{row} {}", piece(row).repeat(random.random_range(1..60)));
            let day = first + TimeDelta::days(random.random_range(0..365));
            let taxable: i64 = random.random_range(-9_999_999_999..9_999_999_999);
            vec![
                Cell::Text(format!("{row}/A")),
                Cell::Day(day),
                Cell::Text(name.trim().to_owned()),
                Cell::Money(taxable),
                Cell::Money(random.random_range(-99_999..99_999)),
            ]
        })
        .collect()
}

#[test]
fn texts_that_run_over_records_read_back() {
    let mut random = ChaCha8Rng::seed_from_u64(20_031_904);
    let headings =
        ["Numero fattura", "Data fattura", "Fornitore", "Imponibile", "Imposta"].map(str::to_owned);
    let rows = register(1500, &mut random);
    for (is_many, book) in
        [(false, Book::of(&headings, &rows)), (true, Book::of_many(&headings, &rows))]
    {
        let files = [
            ("xls", Format::Xls, xls(&book)),
            ("xlsb", Format::Xlsb, xlsb(&book)),
            ("xlsx", Format::Xlsx, xlsx(&book)),
        ];
        for (ending, format, bytes) in files {
            leave(&format!("libro{}.{ending}", if is_many { "-1904" } else { "" }), &bytes);
            let file = read(&Upload::new("x", &bytes)).unwrap();
            assert_eq!((file.format, file.rejected.len()), (format, 0), "{ending}");
            assert_eq!(
                file.sheet.as_deref(),
                Some(if is_many { "Registro però" } else { "Registro" })
            );
            assert_eq!(file.entries.len(), rows.len());
            for (entry, row) in file.entries.iter().zip(&rows) {
                let [
                    Cell::Text(number),
                    Cell::Day(day),
                    Cell::Text(name),
                    Cell::Money(taxable),
                    Cell::Money(vat),
                ] = &row[..]
                else {
                    unreachable!("rows are written above");
                };
                assert_eq!(entry.number.as_ref(), Some(number), "{ending}");
                assert_eq!(entry.issue_date, Some(*day), "{ending}, {number}");
                assert_eq!(entry.counterparty_name.as_ref(), Some(name), "{ending}");
                assert_eq!((entry.taxable_cents, entry.vat_cents), (Some(*taxable), Some(*vat)));
            }
        }
    }
}

fn leave(name: &str, bytes: &[u8]) {
    #[expect(clippy::disallowed_methods, reason = "where a person wants to have the files")]
    if let Ok(folder) = std::env::var("QUADRA_BOOKS") {
        fs::write(Path::new(&folder).join(name), bytes).unwrap();
    }
}
