//! From where on open findings matter: an amount, a share, a number, a kind.

use crate::findings::Kind;

/// States the thresholds; what reaches one of those that are set is material.
///
/// When none is set, any money at risk is material.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Materiality {
    /// Cents at risk in sum; zero means that it is not set.
    pub amount_cents: i64,
    /// Hundredths of a per cent of what was looked at: 50 is 0.5 %.
    pub share: Option<u32>,
    /// Open findings of severity warning or serious.
    pub count: Option<u32>,
    /// Kinds of which one open finding is material, whatever its amount.
    pub kinds: Vec<Kind>,
}

/// Holds what is compared with the thresholds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weight<'a> {
    /// Cents at risk in sum.
    pub at_risk_cents: i64,
    /// Cents looked at in sum.
    pub looked_at_cents: i64,
    /// Open findings of severity warning or serious.
    pub count: u64,
    /// The kinds of the open findings.
    pub kinds: &'a [Kind],
}

impl Materiality {
    /// Tells whether no other threshold than the amount is set.
    #[must_use]
    pub fn is_amount_only(&self) -> bool {
        self.share.is_none() && self.count.is_none() && self.kinds.is_empty()
    }

    /// Tells whether findings of a weight are material; thresholds are inclusive.
    #[must_use]
    pub fn is_reached(&self, weight: &Weight<'_>) -> bool {
        if weight.kinds.iter().any(|kind| self.kinds.contains(kind)) {
            return true;
        }
        let has_money = weight.at_risk_cents > 0;
        if self.amount_cents == 0 && self.share.is_none() && self.count.is_none() {
            return has_money;
        }
        let by_amount = self.amount_cents > 0 && weight.at_risk_cents >= self.amount_cents;
        let by_share = self.share.is_some_and(|share| {
            let part = i128::from(weight.at_risk_cents) * 10_000;
            part >= i128::from(weight.looked_at_cents) * i128::from(share)
        });
        let by_count = self.count.is_some_and(|count| weight.count >= u64::from(count));
        (has_money && (by_amount || by_share)) || by_count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEIGHT: Weight<'static> = Weight {
        at_risk_cents: 500,
        looked_at_cents: 100_000,
        count: 2,
        kinds: &[Kind::VatDiffers],
    };

    fn reached(materiality: &Materiality) -> bool {
        materiality.is_reached(&WEIGHT)
    }

    #[test]
    fn each_threshold_is_inclusive() {
        let none = Materiality::default();
        assert!(reached(&none));
        assert!(!none.is_reached(&Weight { at_risk_cents: 0, ..WEIGHT }));
        for (cents, is_so) in [(500, true), (501, false)] {
            assert_eq!(reached(&Materiality { amount_cents: cents, ..none.clone() }), is_so);
        }
        for (share, is_so) in [(50, true), (51, false)] {
            assert_eq!(reached(&Materiality { share: Some(share), ..none.clone() }), is_so);
        }
        for (count, is_so) in [(2, true), (3, false)] {
            assert_eq!(reached(&Materiality { count: Some(count), ..none.clone() }), is_so);
        }
    }

    #[test]
    fn one_finding_of_a_named_kind_is_enough() {
        let high = Materiality { amount_cents: 1_000_000, ..Materiality::default() };
        assert!(!reached(&high));
        assert!(reached(&Materiality { kinds: vec![Kind::VatDiffers], ..high.clone() }));
        assert!(!reached(&Materiality { kinds: vec![Kind::DateDiffers], ..high }));
    }
}
