//! Adds an invoice up and explains the total that its issuer declared.
//!
//! The summaries by rate or nature are what the law and the buyer's books rest on, so they
//! come first; a simplified invoice has none and is worked out line by line. The declared
//! total may be anything: the SdI never looks at it. `explain` therefore tries what issuers
//! are known to add or leave out before a difference is called one.
//!
//! Amounts are signed as the books count them: a credit note is negative whatever sign the
//! issuer wrote. What the file does not say stays unknown.

mod explain;
mod payable;

use std::collections::HashMap;

use rust_decimal::{Decimal, RoundingStrategy};

use crate::einvoice::{Chargeability, Invoice, SimplifiedLine, Vat};
use crate::fiscal::VatRate;
pub use explain::{Cause, Explanation, Step};

/// Holds what an invoice adds up to, in signed cents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Totals {
    /// The totals of each rate or nature, as summed up by the issuer.
    pub by_vat: Vec<VatTotal>,
    /// The taxable amount of all; unknown when one part is.
    pub taxable_cents: Option<i64>,
    /// The VAT of all; unknown when one part is.
    pub vat_cents: Option<i64>,
    /// Taxable amount and VAT together.
    pub computed_total_cents: Option<i64>,
    /// What the buyer has to pay: with general discounts and rounding, without what is
    /// withheld and without VAT that the buyer pays to the State; stamp duty counts when the
    /// declared total includes it.
    pub payable_cents: Option<i64>,
    /// The total as the issuer declares it.
    pub declared_total_cents: Option<i64>,
    /// Why the declared total is what it is.
    pub explanation: Explanation,
}

/// Holds the totals of one rate or nature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VatTotal {
    /// The rate or nature; unknown when the file has neither.
    pub vat: Option<VatRate>,
    /// Signed cents without VAT.
    pub taxable_cents: Option<i64>,
    /// Signed cents of VAT.
    pub vat_cents: Option<i64>,
    /// Who pays the VAT, and when.
    pub chargeability: Option<Chargeability>,
}

/// Returns what an invoice adds up to.
#[must_use]
pub fn totals(invoice: &Invoice) -> Totals {
    let raw = by_vat(invoice);
    // Nothing stated adds up to nothing: the reader has warned of it.
    let all = |pick: fn(&VatTotal) -> Option<i64>| -> Option<i64> {
        raw.iter().try_fold(0i64, |sum, one| sum.checked_add(pick(one)?))
    };
    let taxable = all(|one| one.taxable_cents);
    let vat = all(|one| one.vat_cents);
    let gross = taxable.zip(vat).and_then(|(taxable, vat)| taxable.checked_add(vat));
    let declared = invoice.declared_total_cents;
    let explanation = explain::explain(invoice, gross, &raw);
    let payable = gross
        .and_then(|gross| payable::payable(invoice, gross, &raw))
        // Stamp duty is due from the buyer when the declared total is seen to charge it.
        .and_then(|cents| cents.checked_add(explanation.cents_of(Cause::StampDuty)));
    let sign = sign(invoice, gross.or(declared));
    let signed = |cents: Option<i64>| cents.and_then(|cents| cents.checked_mul(sign));
    Totals {
        taxable_cents: signed(taxable),
        vat_cents: signed(vat),
        computed_total_cents: signed(gross),
        payable_cents: signed(payable),
        declared_total_cents: signed(declared),
        explanation: explanation.turned(sign),
        by_vat: raw
            .into_iter()
            .map(|one| VatTotal {
                taxable_cents: signed(one.taxable_cents),
                vat_cents: signed(one.vat_cents),
                ..one
            })
            .collect(),
    }
}

/// Returns -1 when the amounts of a credit note have to be turned, else 1.
///
/// One sign for the whole document: a line that is negative within a positive credit note
/// takes from it and has to become positive.
fn sign(invoice: &Invoice, total: Option<i64>) -> i64 {
    let is_credit = invoice.type_or_unknown().is_negative();
    if is_credit && total.is_some_and(|cents| cents > 0) { -1 } else { 1 }
}

/// Returns the totals by rate or nature, as the file has their signs.
fn by_vat(invoice: &Invoice) -> Vec<VatTotal> {
    if !invoice.simplified_lines.is_empty() {
        return simplified(&invoice.simplified_lines);
    }
    invoice
        .vat_summaries
        .iter()
        .map(|one| VatTotal {
            vat: one.vat.key(),
            taxable_cents: one.taxable_cents,
            vat_cents: one.vat_cents,
            chargeability: one.chargeability,
        })
        .collect()
}

fn simplified(lines: &[SimplifiedLine]) -> Vec<VatTotal> {
    let mut totals: Vec<VatTotal> = Vec::new();
    let mut places: HashMap<Option<VatRate>, usize> = HashMap::new();
    for line in lines {
        let (taxable, vat) = split(line);
        let key = line.vat.key();
        let place = *places.entry(key.clone()).or_insert(totals.len());
        match totals.get_mut(place) {
            Some(one) => {
                one.taxable_cents =
                    one.taxable_cents.zip(taxable).and_then(|(sum, more)| sum.checked_add(more));
                one.vat_cents =
                    one.vat_cents.zip(vat).and_then(|(sum, more)| sum.checked_add(more));
            }
            None => totals.push(VatTotal {
                vat: key,
                taxable_cents: taxable,
                vat_cents: vat,
                chargeability: None,
            }),
        }
    }
    totals
}

/// Parts a price that includes VAT: stated VAT wins over the rate.
fn split(line: &SimplifiedLine) -> (Option<i64>, Option<i64>) {
    let Some(gross) = line.gross_cents else {
        return (None, line.vat_cents);
    };
    let vat = match (line.vat_cents, &line.vat) {
        (Some(stated), _) => Some(stated),
        (None, Vat { rate: Some(rate), .. }) => vat_within(gross, *rate),
        (None, Vat { nature: Some(_), .. }) => Some(0),
        (None, _) => None,
    };
    (vat.and_then(|vat| gross.checked_sub(vat)), vat)
}

/// Returns the VAT within a price, half away from zero.
fn vat_within(gross_cents: i64, rate: u32) -> Option<i64> {
    let rate = Decimal::from(rate);
    let vat = Decimal::from(gross_cents) * rate / (Decimal::from(10_000) + rate);
    whole_cents(vat)
}

/// Rounds cents half away from zero.
fn whole_cents(cents: Decimal) -> Option<i64> {
    i64::try_from(cents.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn line(gross_cents: i64, vat_cents: Option<i64>, rate: Option<u32>) -> SimplifiedLine {
        SimplifiedLine {
            description: None,
            gross_cents: Some(gross_cents),
            vat_cents,
            vat: Vat { rate, nature: None },
        }
    }

    #[test]
    fn simplified_prices_include_vat() {
        assert_eq!(split(&line(12_000, None, Some(2200))), (Some(9836), Some(2164)));
        assert_eq!(split(&line(178, Some(32), Some(2200))), (Some(146), Some(32)));
        assert_eq!(split(&line(6390, Some(6390), None)), (Some(0), Some(6390)));
        assert_eq!(split(&line(6390, None, None)), (None, None));
    }

    proptest! {
        #[test]
        fn splitting_loses_no_cent(gross in -1_000_000_000i64..1_000_000_000, rate in 0u32..=10_000) {
            let (taxable, vat) = split(&line(gross, None, Some(rate)));
            prop_assert_eq!(taxable.unwrap() + vat.unwrap(), gross);
        }
    }
}
