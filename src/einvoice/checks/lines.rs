//! The lines and the pension funds: rates against natures, prices against quantities.

use rust_decimal::Decimal;

use super::Checks;
use crate::einvoice::{Adjustment, Invoice, Line, Vat};

/// Differences from this many euros on are an error of a line.
const TOLERANCE: Decimal = Decimal::from_parts(1, 0, 0, false, 2);
/// Since this day the generic natures are refused.
const GENERIC_NATURES_END: (i32, u32, u32) = (2021, 1, 1);

pub(super) fn check(invoice: &Invoice, checks: &mut Checks) {
    for (index, fund) in invoice.funds.iter().enumerate() {
        let path =
            format!("DatiGenerali/DatiGeneraliDocumento/DatiCassaPrevidenziale[{}]", index + 1);
        vat(&fund.vat, invoice, &path, "AliquotaIVA", ("00413", "00414"), checks);
    }
    for (index, line) in invoice.lines.iter().enumerate() {
        let path = format!("DatiBeniServizi/DettaglioLinee[{}]", index + 1);
        vat(&line.vat, invoice, &path, "AliquotaIVA", ("00400", "00401"), checks);
        price(line, &path, checks);
    }
    let withheld = invoice.lines.iter().position(|line| line.is_withheld);
    if let Some(index) = withheld.filter(|_| invoice.withholdings.is_empty()) {
        let message = format!("line {} is subject to withholding, but none is stated", index + 1);
        checks.body("00411", "DatiGenerali/DatiGeneraliDocumento/DatiRitenuta", message);
    }
}

pub(super) fn check_simplified(invoice: &Invoice, checks: &mut Checks) {
    for (index, line) in invoice.simplified_lines.iter().enumerate() {
        let path = format!("DatiBeniServizi[{}]", index + 1);
        vat(&line.vat, invoice, &path, "DatiIVA/Aliquota", ("00400", "00401"), checks);
    }
}

/// Checks a rate against its nature; the codes are for a missing and for a needless one.
pub(super) fn vat(
    vat: &Vat,
    invoice: &Invoice,
    path: &str,
    rate_name: &str,
    (missing, needless): (&'static str, &'static str),
    checks: &mut Checks,
) {
    let nature_path = format!("{path}/Natura");
    match (vat.rate, &vat.nature) {
        (Some(0), None) => {
            checks.body(missing, &nature_path, "a rate of zero needs a nature".to_owned());
        }
        (Some(rate), Some(nature)) if rate > 0 => {
            let message = format!("a nature ({nature}) stands beside a rate above zero");
            checks.body(needless, &nature_path, message);
        }
        _ => {}
    }
    if vat.rate.is_some_and(|rate| (1..100).contains(&rate)) {
        let message = "a rate below 1: rates are per cent, such as 22.00".to_owned();
        checks.body("00424", &format!("{path}/{rate_name}"), message);
    }
    let (year, month, day) = GENERIC_NATURES_END;
    let end = chrono::NaiveDate::from_ymd_opt(year, month, day);
    let is_generic = matches!(vat.nature.as_deref(), Some("N2" | "N3" | "N6"));
    if is_generic && invoice.issue_date >= end {
        let message = "N2, N3 and N6 need a sub-code since 2021, such as N2.2".to_owned();
        checks.body("00445", &nature_path, message);
    }
}

fn price(line: &Line, path: &str, checks: &mut Checks) {
    for (index, one) in line.adjustments.iter().enumerate() {
        if one.percentage.is_none() && one.amount.is_none() {
            let path = format!("{path}/ScontoMaggiorazione[{}]", index + 1);
            checks.body("00438", &path, "a discount needs a percentage or an amount".to_owned());
        }
    }
    let (Some(unit_price), Some(total)) = (line.unit_price, line.total) else {
        return;
    };
    let Some(expected) = line_total(unit_price, line.quantity, &line.adjustments) else {
        return;
    };
    if total.checked_sub(expected).is_none_or(|rest| rest.abs() >= TOLERANCE) {
        let message = format!(
            "the line's total is {total}, price and quantity give {}",
            expected.round_dp(8).normalize()
        );
        checks.body("00423", &format!("{path}/PrezzoTotale"), message);
    }
}

/// Returns price, changed by each discount in turn, times quantity; an amount wins.
fn line_total(
    unit_price: Decimal,
    quantity: Option<Decimal>,
    adjustments: &[Adjustment],
) -> Option<Decimal> {
    let mut price = unit_price;
    for one in adjustments {
        let by = match (one.amount, one.percentage) {
            (Some(amount), _) => amount,
            (None, Some(percentage)) => {
                price.checked_mul(percentage)?.checked_div(Decimal::ONE_HUNDRED)?
            }
            (None, None) => Decimal::ZERO,
        };
        price = if one.is_surcharge { price.checked_add(by)? } else { price.checked_sub(by)? };
    }
    price.checked_mul(quantity.unwrap_or(Decimal::ONE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn discount(percentage: Option<i64>, amount: Option<i64>) -> Adjustment {
        Adjustment {
            is_surcharge: false,
            percentage: percentage.map(Decimal::from),
            amount: amount.map(Decimal::from),
        }
    }

    #[test]
    fn discounts_cascade_and_amounts_win() {
        let price = Decimal::from(100);
        let cascade = [discount(Some(10), None), discount(Some(10), None)];
        assert_eq!(line_total(price, None, &cascade), Some(Decimal::from(81)));
        let both = [discount(Some(50), Some(10))];
        assert_eq!(line_total(price, Some(Decimal::from(2)), &both), Some(Decimal::from(180)));
    }
}
