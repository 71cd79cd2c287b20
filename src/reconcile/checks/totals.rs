//! Totals: taxable amount and VAT make the gross total, or something known explains it.
//!
//! Rows that state all three are added up. What the law adds or takes away behind the VAT
//! is recognised by its size: stamp duty, split payment, withholding, the pension fund's
//! surcharge. Stamp duty is not told; another known cause is information; a total that
//! nothing explains is at risk.

use crate::findings::{Evidence, Explanation, Field, Kind, RecordRef, Side};
use crate::reconcile::compare::{ROUNDING_CENTS, amount_difference};
use crate::reconcile::invoice_sides::InvoiceSide;
use crate::reconcile::verdict::FindingMaker;

const STAMP_DUTY_CENTS: i64 = 200;

/// Tenths of a per cent of the taxable amount that are withheld: 20, 23 of a half, 23 of a
/// fifth, 4 by condominiums, 30 from abroad.
const WITHHELD: [i64; 5] = [200, 115, 46, 40, 300];

/// Tenths of a per cent that pension funds add: 2, 4, 5.
const FUNDS: [i64; 3] = [20, 40, 50];

/// Adds a finding for each row of the period whose parts do not make its total.
pub(super) fn check(sides: [&InvoiceSide; 2], make: &mut FindingMaker) {
    for (side, own) in [Side::Left, Side::Right].into_iter().zip(sides) {
        for (index, record) in own.rows.iter().enumerate() {
            if !record.is_in_period || own.left_out.contains_key(&index) {
                continue;
            }
            let reference = &record.reference;
            let (Some(taxable), Some(vat), Some(gross)) =
                (reference.taxable_cents, reference.vat_cents, reference.gross_cents)
            else {
                continue;
            };
            let parts = taxable.saturating_add(vat);
            let off = gross.saturating_sub(parts);
            if off.saturating_abs() <= ROUNDING_CENTS {
                continue;
            }
            let explanation = explain(taxable, vat, gross);
            // As between two sides, stamp duty is known well enough to say nothing.
            if explanation == Some(Explanation::StampDuty) {
                continue;
            }
            let at_risk = if explanation.is_some() { 0 } else { off.saturating_abs() };
            let difference = amount_difference(Field::Gross, parts, gross, explanation);
            let evidence =
                Evidence::Check { side, record: RecordRef::clone(reference), difference };
            make.push(Kind::TotalDoesNotAddUp, evidence, at_risk, record.currency);
        }
    }
}

/// Returns the known cause of a total that is not taxable amount and VAT, if one fits.
fn explain(taxable: i64, vat: i64, gross: i64) -> Option<Explanation> {
    // Credit notes are the same with every sign turned.
    let sign = if gross < 0 || (gross == 0 && taxable < 0) { -1 } else { 1 };
    let (taxable, vat, gross) =
        (i128::from(taxable * sign), i128::from(vat * sign), i128::from(gross * sign));
    let off = gross - taxable - vat;
    let part = |tenths: i64| (taxable * i128::from(tenths) + 500).div_euclid(1000);
    let is_part = |cents: i128, tenths: &i64| (cents - part(*tenths)).abs() <= 1;
    let stamp = i128::from(STAMP_DUTY_CENTS);
    if off.abs() == stamp {
        Some(Explanation::StampDuty)
    } else if vat != 0 && (gross == taxable || gross == taxable + stamp) {
        Some(Explanation::SplitPayment)
    } else if off < 0 && WITHHELD.iter().any(|tenths| is_part(-off, tenths)) {
        Some(Explanation::Withholding)
    } else if off > 0 && FUNDS.iter().any(|tenths| is_part(off, tenths)) {
        Some(Explanation::PensionFund)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_law_adds_or_takes_is_known() {
        for (gross, cause) in [
            (12_400, Some(Explanation::StampDuty)),
            (10_000, Some(Explanation::SplitPayment)),
            (10_200, Some(Explanation::SplitPayment)),
            (10_350, None),
            (12_200 - 1_998, None),
            (12_200 - 400, Some(Explanation::Withholding)),
            (12_200 + 400, Some(Explanation::PensionFund)),
            (12_200 + 700, None),
            (12_200 - 700, None),
        ] {
            assert_eq!(explain(10_000, 2_200, gross), cause, "{gross}");
            assert_eq!(explain(-10_000, -2_200, -gross), cause, "-{gross}");
        }
        assert_eq!(explain(10_000, 0, 8_000), Some(Explanation::Withholding));
        assert_eq!(explain(100_000, 22_000, 102_000), Some(Explanation::Withholding));
    }
}
