//! Long registers of sales, made up by counting.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

/// Whose books they are: an invented number with a right check digit.
pub(crate) const COMPANY: &str = "01234567897";
const CUSTOMERS: [(&str, &str); 3] = [
    ("Alfa Ceramiche S.r.l.", "10000000009"),
    ("Beta Trasporti S.p.A.", "10000000017"),
    ("Gamma \"Legno\" S.n.c.", "10000000025"),
];
const HEADINGS: [&str; 8] = [
    "Numero fattura",
    "Data fattura",
    "Tipo documento",
    "Cliente",
    "Partita IVA cliente",
    "Imponibile",
    "Imposta",
    "Totale documento",
];

/// Holds one row as a program knows it before it writes it.
struct Row {
    number: String,
    day: u8,
    customer: (&'static str, &'static str),
    taxable_cents: u32,
    vat_cents: u32,
}

fn row(index: u32) -> Row {
    let taxable_cents = 1_000 + index.wrapping_mul(7_919) % 900_000 * 50;
    Row {
        number: format!("{}/A", index + 1),
        day: u8::try_from(index % 28 + 1).expect("a month has few days"),
        customer: CUSTOMERS[index as usize % CUSTOMERS.len()],
        taxable_cents,
        vat_cents: taxable_cents / 50 * 11,
    }
}

/// Writes a register as text, in the Italian way; returns its path.
pub(crate) fn write_csv(folder: &Path, rows: u32) -> PathBuf {
    let path = folder.join("vendite.csv");
    let write = || -> std::io::Result<()> {
        let mut file = BufWriter::new(File::create(&path)?);
        writeln!(file, "{}", HEADINGS.join(";"))?;
        for row in (0..rows).map(row) {
            let (name, vat_id) = row.customer;
            let name = name.replace('"', "\"\"");
            let (taxable, vat) = (euros(row.taxable_cents), euros(row.vat_cents));
            let gross = euros(row.taxable_cents + row.vat_cents);
            writeln!(
                file,
                "{};{:02}/02/2026;Fattura;\"{name}\";{vat_id};{taxable};{vat};{gross}",
                row.number, row.day
            )?;
        }
        file.flush()
    };
    write().expect("the benchmark's own folder can be written to");
    path
}

/// Writes a register as a workbook; returns its path.
pub(crate) fn write_xlsx(folder: &Path, rows: u32) -> PathBuf {
    let path = folder.join("vendite.xlsx");
    let write = || -> Result<(), rust_xlsxwriter::XlsxError> {
        let mut workbook = Workbook::new();
        let date = Format::new().set_num_format("dd/mm/yyyy");
        let sheet = workbook.add_worksheet();
        sheet.write_row(0, 0, HEADINGS)?;
        for (line, row) in (1..).zip((0..rows).map(row)) {
            let day = ExcelDateTime::from_ymd(2026, 2, row.day)?;
            sheet.write(line, 0, row.number)?;
            sheet.write_with_format(line, 1, &day, &date)?;
            sheet.write(line, 2, "Fattura")?;
            sheet.write(line, 3, row.customer.0)?;
            sheet.write(line, 4, row.customer.1)?;
            sheet.write(line, 5, f64::from(row.taxable_cents) / 100.0)?;
            sheet.write(line, 6, f64::from(row.vat_cents) / 100.0)?;
            sheet.write(line, 7, f64::from(row.taxable_cents + row.vat_cents) / 100.0)?;
        }
        workbook.save(&path)
    };
    write().expect("the benchmark's own folder can be written to");
    path
}

/// Writes cents with a decimal comma and dots between thousands.
fn euros(cents: u32) -> String {
    let (whole, fraction) = (cents / 100, cents % 100);
    if whole < 1_000 {
        return format!("{whole},{fraction:02}");
    }
    format!("{}.{:03},{fraction:02}", whole / 1_000, whole % 1_000)
}
