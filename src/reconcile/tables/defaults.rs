//! The rules that apply to fiscal files when nobody gives any.

use crate::reconcile::tables::error::Error;
use crate::reconcile::tables::rules::Rules;

/// The columns one of which is enough beside others to confirm a pair.
const IDENTIFYING: [&str; 3] = ["number", "plain_number", "reference"];

/// Names a sort of fiscal rows that has rules of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultRules {
    /// Invoices and credit notes, one a row.
    Invoices,
    /// Receipts or shop orders, one a row.
    Receipts,
    /// A day's takings.
    Takings,
    /// Card transactions and payouts.
    Settlements,
}

impl DefaultRules {
    /// Returns the rules, without the columns that one of the sides never fills.
    ///
    /// # Errors
    /// A fault of the shipped rules, which a test looks for.
    pub fn rules(self, silent: &[&str]) -> Result<Rules, Error> {
        let mut rules = Rules::parse(match self {
            Self::Invoices => include_str!("defaults/invoices.toml"),
            Self::Receipts => include_str!("defaults/receipts.toml"),
            Self::Takings => include_str!("defaults/takings.toml"),
            Self::Settlements => include_str!("defaults/settlements.toml"),
        })?;
        rules.compare.retain(|column, _| !silent.contains(&column.as_str()));
        rules.keys.retain(|column| !silent.contains(&column.as_str()));
        for pass in &mut rules.passes {
            let asked = pass.on.len();
            pass.on.retain(|column| !silent.contains(&column.as_str()));
            let has_number = pass.on.iter().any(|column| IDENTIFYING.contains(&column.as_str()));
            if pass.on.len() < asked && !has_number {
                // Without the party an amount is left, which alone confirms nothing.
                pass.status = Some("suggest".to_owned());
            }
            pass.within.retain(|column, _| !silent.contains(&column.as_str()));
        }
        // What is asked of nothing that both sides say is not asked.
        rules.passes.retain(|pass| !pass.on.is_empty());
        Ok(rules)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reconcile::tables::rules::Pass;

    #[test]
    fn shipped_rules_are_understood() {
        for sort in [
            DefaultRules::Invoices,
            DefaultRules::Receipts,
            DefaultRules::Takings,
            DefaultRules::Settlements,
        ] {
            let rules = sort.rules(&["taxable"]).unwrap();
            assert!(!rules.keys.is_empty() && !rules.compare.contains_key("taxable"));
        }
    }

    #[test]
    fn an_amount_left_alone_only_suggests() {
        let status = |silent: &[&str]| {
            let rules = DefaultRules::Invoices.rules(silent).unwrap();
            let confirms = |pass: &&Pass| pass.status.as_deref() != Some("suggest");
            let names = rules.passes.iter().filter(confirms).map(|pass| pass.name.clone());
            names.collect::<Vec<_>>()
        };
        let by_number = ["number as normalised", "number and amount"];
        assert_eq!(status(&["party"]), by_number);
        assert_eq!(status(&[]).len(), 3);
    }
}
