//! Why a declared total differs from taxable amount and VAT.
//!
//! The SdI takes any declared total, so issuers mean different things by it: with or
//! without stamp duty, withholdings, split VAT, rounding, general discounts, the pension
//! fund. Every part of the invoice that could have been added or left out is a step; the
//! fewest steps that make up the difference to the cent explain it. Only when none do is
//! it a difference.

use rust_decimal::Decimal;

use super::payable::{general_adjustment, split_vat};
use super::{VatTotal, whole_cents};
use crate::einvoice::Invoice;
use crate::fiscal::{VatRate, words};

/// Cents by which totals drift when they are worked out from lines.
const DRIFT_CENTS_MAX: i64 = 5;
/// The stamp duty on an invoice without VAT (art. 13 tariff annexed to DPR 642/72).
const STAMP_DUTY_CENTS: i64 = 200;
/// Steps that are combined at most; every combination is tried.
const STEPS_MAX: usize = 12;

words! {
    /// Names what was added to a declared total, or left out of it.
    Cause {
        /// Rounding of the document's total.
        Rounding = "rounding",
        /// Rounding stated in the summaries.
        SummaryRounding = "summary_rounding",
        /// A discount or surcharge on the whole document.
        GeneralAdjustment = "general_adjustment",
        /// Stamp duty charged to the buyer.
        StampDuty = "stamp_duty",
        /// Income tax that the buyer withholds.
        Withholding = "withholding",
        /// A pension contribution that the buyer withholds.
        PensionWithholding = "pension_withholding",
        /// VAT that the buyer pays to the State.
        SplitPayment = "split_payment",
        /// A contribution to a pension fund, left out of the total.
        Fund = "fund",
        /// The VAT on that contribution, left out as well.
        FundVat = "fund_vat",
        /// The VAT that the rates give, where the summaries state another.
        VatByRate = "vat_by_rate",
        /// A few cents, as when VAT is worked out line by line.
        Drift = "drift",
    }
}

/// Holds one part of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// What was added or left out.
    pub cause: Cause,
    /// Signed cents that it adds to the computed total.
    pub cents: i64,
}

/// Tells how the declared total comes from the computed one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Explanation {
    /// No total is declared, which is lawful.
    NotDeclared,
    /// The taxable amount or the VAT is unknown, so nothing can be compared.
    NotComputable,
    /// The declared total is the computed one.
    Agrees,
    /// These steps lead from the computed total to the declared one.
    Explained {
        /// The steps, each once.
        steps: Vec<Step>,
        /// How many other ways of as few steps there are.
        alternatives: usize,
    },
    /// Nothing known explains the difference.
    Unexplained {
        /// Declared total less computed total, in signed cents.
        difference_cents: i64,
    },
}

impl Explanation {
    /// Returns the word for files.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::NotDeclared => "not_declared",
            Self::NotComputable => "not_computable",
            Self::Agrees => "agrees",
            Self::Explained { .. } => "explained",
            Self::Unexplained { .. } => "unexplained",
        }
    }

    /// Returns how many cents of a cause are among the steps.
    pub(super) fn cents_of(&self, cause: Cause) -> i64 {
        let Self::Explained { steps, .. } = self else {
            return 0;
        };
        steps.iter().filter(|step| step.cause == cause).map(|step| step.cents).sum()
    }

    /// Returns the explanation of the same invoice with every sign turned.
    pub(super) fn turned(self, sign: i64) -> Self {
        match self {
            Self::Explained { steps, alternatives } => Self::Explained {
                steps: steps
                    .into_iter()
                    .map(|step| Step { cents: step.cents.saturating_mul(sign), ..step })
                    .collect(),
                alternatives,
            },
            Self::Unexplained { difference_cents } => {
                Self::Unexplained { difference_cents: difference_cents.saturating_mul(sign) }
            }
            other => other,
        }
    }
}

/// Explains an invoice's declared total, as the file has its signs.
pub(super) fn explain(invoice: &Invoice, gross: Option<i64>, by_vat: &[VatTotal]) -> Explanation {
    let Some(declared) = invoice.declared_total_cents else {
        return Explanation::NotDeclared;
    };
    let Some(gross) = gross else {
        return Explanation::NotComputable;
    };
    let Some(difference_cents) = declared.checked_sub(gross) else {
        return Explanation::NotComputable;
    };
    if difference_cents == 0 {
        return Explanation::Agrees;
    }
    let steps = possible_steps(invoice, gross, by_vat);
    if let Some(found) = fewest(&steps, difference_cents) {
        return found;
    }
    if difference_cents.abs() <= DRIFT_CENTS_MAX {
        let steps = vec![Step { cause: Cause::Drift, cents: difference_cents }];
        return Explanation::Explained { steps, alternatives: 0 };
    }
    Explanation::Unexplained { difference_cents }
}

/// Returns everything in the invoice that a declared total may have in or out.
fn possible_steps(invoice: &Invoice, gross: i64, by_vat: &[VatTotal]) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut add = |cause, cents: Option<i64>| {
        if let Some(cents) = cents.filter(|cents| *cents != 0) {
            steps.push(Step { cause, cents });
        }
    };
    add(Cause::Rounding, invoice.rounding_cents);
    add(Cause::GeneralAdjustment, general_adjustment(invoice, gross));
    add(Cause::SplitPayment, split_vat(by_vat).map(i64::wrapping_neg));
    for one in &invoice.withholdings {
        let cause = if one.is_pension() { Cause::PensionWithholding } else { Cause::Withholding };
        add(cause, one.amount_cents.map(i64::wrapping_neg));
    }
    if let Some(duty) = &invoice.stamp_duty {
        add(Cause::StampDuty, Some(duty.amount_cents.unwrap_or(STAMP_DUTY_CENTS)));
    }
    for one in &invoice.funds {
        add(Cause::Fund, one.amount_cents.map(i64::wrapping_neg));
        let vat = one.amount_cents.zip(one.vat.rate).and_then(|(cents, rate)| {
            whole_cents(Decimal::from(cents) * Decimal::from(rate) / Decimal::from(10_000))
        });
        add(Cause::FundVat, vat.map(i64::wrapping_neg));
    }
    add(Cause::VatByRate, vat_by_rate(by_vat));
    // Some issuers have the rounding in the taxable amount already, some add it, and some
    // take it out again.
    let rounding = invoice
        .vat_summaries
        .iter()
        .filter_map(|one| one.rounding)
        .try_fold(Decimal::ZERO, Decimal::checked_add)
        .and_then(|sum| sum.checked_mul(Decimal::ONE_HUNDRED))
        .and_then(whole_cents);
    add(Cause::SummaryRounding, rounding);
    add(Cause::SummaryRounding, rounding.map(i64::wrapping_neg));
    steps.truncate(STEPS_MAX);
    steps
}

/// Returns the VAT that rates and taxable amounts give, less the VAT that is stated.
fn vat_by_rate(by_vat: &[VatTotal]) -> Option<i64> {
    by_vat.iter().try_fold(0i64, |sum, one| {
        let rate = match &one.vat {
            Some(VatRate::Rate(rate)) => Decimal::from(*rate),
            _ => Decimal::ZERO,
        };
        let due = whole_cents(Decimal::from(one.taxable_cents?) * rate / Decimal::from(10_000))?;
        sum.checked_add(due.checked_sub(one.vat_cents?)?)
    })
}

/// Finds the fewest steps that add up to the difference.
fn fewest(steps: &[Step], difference_cents: i64) -> Option<Explanation> {
    let mut found: Vec<Vec<Step>> = Vec::new();
    for choice in 1u32..1 << steps.len() {
        let chosen =
            || steps.iter().enumerate().filter(move |(index, _)| choice & (1 << index) != 0);
        let sum = chosen().try_fold(0i64, |sum, (_, step)| sum.checked_add(step.cents));
        if sum != Some(difference_cents) {
            continue;
        }
        let fewest = found.first().map_or(usize::MAX, Vec::len);
        let count = chosen().count();
        if count < fewest {
            found.clear();
        }
        if count <= fewest {
            found.push(chosen().map(|(_, step)| *step).collect());
        }
    }
    let alternatives = found.len().checked_sub(1)?;
    let steps = found.swap_remove(0);
    Some(Explanation::Explained { steps, alternatives })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(cause: Cause, cents: i64) -> Step {
        Step { cause, cents }
    }

    #[test]
    fn fewest_steps_explain_a_difference() {
        let steps = [
            step(Cause::Withholding, -2000),
            step(Cause::PensionWithholding, -300),
            step(Cause::StampDuty, 200),
            step(Cause::Rounding, -2300),
        ];
        assert_eq!(
            fewest(&steps, -2300),
            Some(Explanation::Explained { steps: vec![steps[3]], alternatives: 0 })
        );
        assert_eq!(
            fewest(&steps, -2100),
            Some(Explanation::Explained { steps: vec![steps[2], steps[3]], alternatives: 0 })
        );
        assert_eq!(fewest(&steps, 1), None);
    }

    #[test]
    fn equal_ways_are_counted() {
        let steps = [step(Cause::Withholding, -200), step(Cause::SplitPayment, -200)];
        let Some(Explanation::Explained { steps: chosen, alternatives }) = fewest(&steps, -200)
        else {
            panic!("either step explains it");
        };
        assert_eq!((chosen, alternatives), (vec![steps[0]], 1));
    }
}
