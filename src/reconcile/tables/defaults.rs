//! The rules that apply to fiscal files when nobody gives any.

use crate::reconcile::tables::error::Error;
use crate::reconcile::tables::rules::Rules;

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
            pass.on.retain(|column| !silent.contains(&column.as_str()));
            pass.within.retain(|column, _| !silent.contains(&column.as_str()));
        }
        Ok(rules)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
