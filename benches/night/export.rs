//! The books of the sandbox's company: what an accountant's program would export.
//!
//! They agree with the invoices, apart from one in a hundred that is missing and one in a
//! hundred whose amount is a euro more, so that the comparison has something to find.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::sandbox::data;

const PAGE_ROWS: usize = 100;

/// Returns the tax id of the sandbox's one company.
pub(crate) fn company(base_url: &str) -> String {
    let companies = data(base_url, "/IT-configurations");
    companies[0]["fiscal_id"].as_str().expect("a company has a tax id").to_owned()
}

/// Reads all invoices of the sandbox and writes the registers of sales and of purchases.
pub(crate) fn write_registers(base_url: &str, folder: &Path) -> (PathBuf, PathBuf) {
    let heading = |party: &str| {
        format!("Numero fattura;Data fattura;Tipo documento;{party};Partita IVA;Totale documento\n")
    };
    let (mut sales, mut purchases) = (heading("Cliente"), heading("Fornitore"));
    for page in 0.. {
        let target = format!("/IT-invoices?skip={}&limit={PAGE_ROWS}", page * PAGE_ROWS);
        let invoices = data(base_url, &target);
        for (order, invoice) in invoices.iter().enumerate() {
            let line = (page * PAGE_ROWS + order) % 100;
            if line == 0 {
                continue;
            }
            if invoice["direction"] == "outgoing" {
                add(&mut sales, invoice, &invoice["recipient"], line == 1);
            } else {
                add(&mut purchases, invoice, &invoice["sender"], line == 1);
            }
        }
        if invoices.len() < PAGE_ROWS {
            break;
        }
    }
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).expect("the benchmark's own folder can be written to");
        path
    };
    (write("vendite.csv", &sales), write("acquisti.csv", &purchases))
}

fn add(register: &mut String, invoice: &Value, party: &Value, is_dearer: bool) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let gross = invoice["total_gross_amount"].to_string();
    let (whole, fraction) = gross.split_once('.').unwrap_or((&gross, "00"));
    let whole: u64 = whole.parse().expect("the sandbox's amounts are positive numbers");
    writeln!(
        register,
        "{};{};{};\"{}\";{};{},{fraction:0<2}",
        text(&invoice["document_number"]),
        text(&invoice["issue_date"]),
        text(&invoice["type"]),
        text(&party["name"]).replace('"', "\"\""),
        text(&party["vat_id"]),
        whole + u64::from(is_dearer),
    )
    .expect("a string takes any text");
}
