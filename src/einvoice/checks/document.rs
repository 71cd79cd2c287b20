//! The general data of a document: type, number, date, version, linked invoices.

use chrono::NaiveDate;

use super::Checks;
use crate::einvoice::{Format, Invoice, LinkKind};

const GENERAL: &str = "DatiGenerali/DatiGeneraliDocumento";
/// Types that exist.
const TYPES: [&str; 23] = [
    "TD01", "TD02", "TD03", "TD04", "TD05", "TD06", "TD07", "TD08", "TD09", "TD16", "TD17", "TD18",
    "TD19", "TD20", "TD21", "TD22", "TD23", "TD24", "TD25", "TD26", "TD27", "TD28", "TD29",
];
/// Characters that a number has at most.
const NUMBER_LENGTH_MAX: usize = 20;

pub(super) fn check(invoice: &Invoice, today: NaiveDate, checks: &mut Checks) {
    version(invoice, checks);
    kind(invoice, checks);
    date(invoice, today, checks);
    number(invoice, checks);
    for (index, one) in invoice.adjustments.iter().enumerate() {
        if one.percentage.is_none() && one.amount.is_none() {
            let path = format!("{GENERAL}/ScontoMaggiorazione[{}]", index + 1);
            let message = "a discount needs a percentage or an amount".to_owned();
            checks.body("00437", &path, message);
        }
    }
    if invoice.funds.iter().any(|fund| fund.is_withheld) && invoice.withholdings.is_empty() {
        let message = "a fund is subject to withholding, but no withholding is stated".to_owned();
        checks.body("00415", &format!("{GENERAL}/DatiRitenuta"), message);
    }
}

fn version(invoice: &Invoice, checks: &mut Checks) {
    let path = "DatiTrasmissione/FormatoTrasmissione";
    if invoice.format == Format::Unknown {
        let message = "the format is none of FPA12, FPR12, FSM10".to_owned();
        return checks.header("00428", path, message);
    }
    if let Some(stated) = &invoice.stated_version
        && stated != invoice.format.as_str()
    {
        let message = format!("the format is {}, the file says version {stated}", invoice.format);
        checks.header("00428", path, message);
    }
}

fn kind(invoice: &Invoice, checks: &mut Checks) {
    let path = format!("{GENERAL}/TipoDocumento");
    let Some(kind) = &invoice.document_type else {
        return checks.body("00200", &path, "the document's type is missing".to_owned());
    };
    let is_simplified_kind = matches!(kind.as_str(), "TD07" | "TD08" | "TD09");
    if !TYPES.contains(&kind.as_str()) || is_simplified_kind != invoice.is_simplified() {
        let message = format!("`{kind}` is no type of a document in {}", invoice.format);
        checks.body("00200", &path, message);
    }
}

fn date(invoice: &Invoice, today: NaiveDate, checks: &mut Checks) {
    let path = format!("{GENERAL}/Data");
    let Some(date) = invoice.issue_date else {
        return checks.body("00200", &path, "the document's date is missing".to_owned());
    };
    if date > today {
        let message = format!("the document is dated {date}, in the future");
        checks.body("00403", &path, message);
    }
    if !invoice.type_or_unknown().is_negative() {
        return;
    }
    let linked = invoice.linked_documents.iter().filter(|one| one.kind == LinkKind::Invoice);
    for one in linked {
        if let Some(before) = one.date.filter(|before| *before > date) {
            let number = one.number.as_deref().unwrap_or("without number");
            let message =
                format!("the credit note of {date} is older than invoice {number} of {before}");
            checks.body("00418", &path, message);
        }
    }
}

fn number(invoice: &Invoice, checks: &mut Checks) {
    let path = format!("{GENERAL}/Numero");
    let Some(number) = &invoice.number else {
        return checks.body("00200", &path, "the document's number is missing".to_owned());
    };
    if !number.chars().any(|c| c.is_ascii_digit()) {
        checks.body("00425", &path, format!("the number `{number}` has no digit"));
    }
    if number.chars().count() > NUMBER_LENGTH_MAX {
        let message = format!("the number `{number}` has more than {NUMBER_LENGTH_MAX} characters");
        checks.body("00200", &path, message);
    }
}
