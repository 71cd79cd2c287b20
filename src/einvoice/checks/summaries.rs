//! The summaries: complete, and equal to what the lines add up to.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::{Decimal, RoundingStrategy};

use super::{Checks, lines};
use crate::einvoice::{Chargeability, Invoice, Vat};

const SUMMARY: &str = "DatiBeniServizi/DatiRiepilogo";

pub(super) fn check(invoice: &Invoice, checks: &mut Checks) {
    for (index, one) in invoice.vat_summaries.iter().enumerate() {
        let path = format!("{SUMMARY}[{}]", index + 1);
        lines::vat(&one.vat, invoice, &path, "AliquotaIVA", ("00429", "00430"), checks);
        let is_reverse = one.vat.nature.as_deref().is_some_and(|code| code.starts_with("N6"));
        if one.chargeability == Some(Chargeability::Split) && is_reverse {
            let message = "split payment and reverse charge (N6) exclude each other".to_owned();
            checks.body("00420", &format!("{path}/EsigibilitaIVA"), message);
        }
        if let (Some(rate), Some(taxable), Some(vat)) =
            (one.vat.rate, one.taxable_cents, one.vat_cents)
        {
            let expected = vat_of(taxable, rate);
            if Decimal::from(vat) != expected {
                let message = format!(
                    "VAT is {}, the rate gives {}",
                    crate::fiscal::cents_to_decimal(vat),
                    (expected / Decimal::ONE_HUNDRED).round_dp(2)
                );
                checks.body("00421", &format!("{path}/Imposta"), message);
            }
        }
    }
    rates(invoice, checks);
    natures(invoice, checks);
    taxable(invoice, checks);
}

/// Returns the VAT of a taxable amount in whole cents, half away from zero.
fn vat_of(taxable_cents: i64, rate: u32) -> Decimal {
    (Decimal::from(taxable_cents) * Decimal::from(rate) / Decimal::from(10_000))
        .round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero)
}

/// Returns what is charged VAT on: lines and pension funds.
fn charged(invoice: &Invoice) -> impl Iterator<Item = &Vat> {
    invoice.lines.iter().map(|line| &line.vat).chain(invoice.funds.iter().map(|fund| &fund.vat))
}

fn rates(invoice: &Invoice, checks: &mut Checks) {
    let of_lines: BTreeSet<u32> = charged(invoice).filter_map(|vat| vat.rate).collect();
    let of_summaries: BTreeSet<u32> =
        invoice.vat_summaries.iter().filter_map(|one| one.vat.rate).collect();
    let show = |rate: &u32| Decimal::new(i64::from(*rate), 2);
    for rate in of_lines.difference(&of_summaries) {
        checks.body("00419", SUMMARY, format!("no summary for the rate {} %", show(rate)));
    }
    // The SdI compares the other way round only when nothing is missing this way.
    if of_lines.is_subset(&of_summaries) && !invoice.lines.is_empty() {
        for rate in of_summaries.difference(&of_lines) {
            let message = format!("a summary for the rate {} %, which no line has", show(rate));
            checks.body("00443", &format!("{SUMMARY}/AliquotaIVA"), message);
        }
    }
}

fn natures(invoice: &Invoice, checks: &mut Checks) {
    let of_lines: BTreeSet<&str> =
        charged(invoice).filter_map(|vat| vat.nature.as_deref()).collect();
    let of_summaries: BTreeSet<&str> =
        invoice.vat_summaries.iter().filter_map(|one| one.vat.nature.as_deref()).collect();
    for nature in of_lines.symmetric_difference(&of_summaries) {
        let where_it_is = if of_lines.contains(nature) { "lines" } else { "summaries" };
        let message = format!("the nature {nature} stands in the {where_it_is} only");
        checks.body("00444", &format!("{SUMMARY}/Natura"), message);
    }
}

/// Compares the taxable amounts of each rate with lines, funds and rounding.
fn taxable(invoice: &Invoice, checks: &mut Checks) {
    let mut stated: BTreeMap<u32, Decimal> = BTreeMap::new();
    let mut expected: BTreeMap<u32, Decimal> = BTreeMap::new();
    for one in &invoice.vat_summaries {
        // A value that could not be read is a warning of its own; nothing is compared then.
        let (Some(rate), Some(cents)) = (one.vat.rate, one.taxable_cents) else {
            return;
        };
        add(&mut stated, rate, Decimal::new(cents, 2));
        add(&mut expected, rate, one.rounding.unwrap_or_default());
    }
    for line in &invoice.lines {
        let (Some(rate), Some(total)) = (line.vat.rate, line.total) else {
            return;
        };
        add(&mut expected, rate, total);
    }
    for fund in &invoice.funds {
        if let (Some(rate), Some(cents)) = (fund.vat.rate, fund.amount_cents) {
            add(&mut expected, rate, Decimal::new(cents, 2));
        }
    }
    for (rate, stated) in stated {
        let expected = expected.get(&rate).copied().unwrap_or_default();
        if stated.checked_sub(expected).is_none_or(|rest| rest.abs() >= Decimal::ONE) {
            let message = format!(
                "the taxable amount at {} % is {stated}, lines and funds give {}",
                Decimal::new(i64::from(rate), 2),
                expected.normalize()
            );
            checks.body("00422", &format!("{SUMMARY}/ImponibileImporto"), message);
        }
    }
}

fn add(sums: &mut BTreeMap<u32, Decimal>, rate: u32, amount: Decimal) {
    let sum = sums.entry(rate).or_default();
    *sum = sum.checked_add(amount).unwrap_or(*sum);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_cents_go_up() {
        assert_eq!(vat_of(12_635, 1000), Decimal::from(1264));
        assert_eq!(vat_of(-12_635, 1000), Decimal::from(-1264));
        assert_eq!(vat_of(143, 2200), Decimal::from(31));
    }
}
