//! What the buyer has to pay, and the parts of an invoice that change it.

use rust_decimal::Decimal;

use super::{VatTotal, whole_cents};
use crate::einvoice::{Adjustment, Chargeability, Invoice};

/// Returns what the buyer has to pay, as the file has its signs.
pub(super) fn payable(invoice: &Invoice, gross: i64, by_vat: &[VatTotal]) -> Option<i64> {
    let withheld = invoice
        .withholdings
        .iter()
        .try_fold(0i64, |sum, one| sum.checked_add(one.amount_cents?))?;
    gross
        .checked_add(general_adjustment(invoice, gross)?)?
        .checked_add(invoice.rounding_cents.unwrap_or(0))?
        .checked_sub(withheld)?
        .checked_sub(split_vat(by_vat)?)
}

/// Returns what general discounts and surcharges add to the total, one after the other.
pub(super) fn general_adjustment(invoice: &Invoice, gross: i64) -> Option<i64> {
    let mut total = Decimal::from(gross);
    for one in &invoice.adjustments {
        total = adjust(total, one)?;
    }
    whole_cents(total)?.checked_sub(gross)
}

/// Applies one adjustment to cents; an amount wins over a percentage.
fn adjust(cents: Decimal, adjustment: &Adjustment) -> Option<Decimal> {
    let by = match (adjustment.amount, adjustment.percentage) {
        (Some(amount), _) => amount.checked_mul(Decimal::ONE_HUNDRED)?,
        (None, Some(percentage)) => {
            cents.checked_mul(percentage)?.checked_div(Decimal::ONE_HUNDRED)?
        }
        (None, None) => Decimal::ZERO,
    };
    if adjustment.is_surcharge { cents.checked_add(by) } else { cents.checked_sub(by) }
}

/// Returns the VAT that the buyer pays to the State.
pub(super) fn split_vat(by_vat: &[VatTotal]) -> Option<i64> {
    by_vat
        .iter()
        .filter(|one| one.chargeability == Some(Chargeability::Split))
        .try_fold(0i64, |sum, one| sum.checked_add(one.vat_cents?))
}
