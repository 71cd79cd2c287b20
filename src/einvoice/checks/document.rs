//! The general data of a document: type, number, date, version, linked invoices.

use chrono::NaiveDate;

use super::Checks;
use crate::einvoice::{Format, Invoice, LinkKind};
use crate::fiscal::cents_to_decimal;

const GENERAL: &str = "DatiGenerali/DatiGeneraliDocumento";
/// What a simplified invoice may come to (art. 21-bis DPR 633/72, D.M. 10/05/2019).
const SIMPLIFIED_CENTS_MAX: i64 = 40_000;
/// Regimes without that limit: *forfettari* and the cross-border exemption.
const UNLIMITED_REGIMES: [&str; 2] = ["RF19", "RF20"];

pub(super) fn check(invoice: &Invoice, today: NaiveDate, checks: &mut Checks) {
    version(invoice, checks);
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

/// Checks what a simplified invoice comes to; one that corrects another has no limit.
pub(super) fn simplified_limit(invoice: &Invoice, checks: &mut Checks) {
    let regime = invoice.seller.regime.as_deref().unwrap_or_default();
    let is_correction = invoice.linked_documents.iter().any(|one| one.kind == LinkKind::Invoice);
    if UNLIMITED_REGIMES.contains(&regime) || is_correction {
        return;
    }
    let total = invoice
        .simplified_lines
        .iter()
        .try_fold(0i64, |sum, line| sum.checked_add(line.gross_cents.unwrap_or(0)));
    if let Some(total) = total.filter(|cents| *cents > SIMPLIFIED_CENTS_MAX) {
        let message = format!(
            "a simplified invoice of {}; they go up to {}",
            cents_to_decimal(total),
            cents_to_decimal(SIMPLIFIED_CENTS_MAX)
        );
        checks.body("00460", "DatiBeniServizi/Importo", message);
    }
}

fn date(invoice: &Invoice, today: NaiveDate, checks: &mut Checks) {
    let path = format!("{GENERAL}/Data");
    let Some(date) = invoice.issue_date else {
        return;
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
        return;
    };
    if !number.chars().any(|c| c.is_ascii_digit()) {
        checks.body("00425", &path, format!("the number `{number}` has no digit"));
    }
}
