//! The rule that brought two rows together, by its name.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Names the rule that found a pair, one of ours or one of the books' owner.
///
/// A rule of ours has words in both languages; any other is called as its file calls it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pass {
    /// An identifier that both sides carry: SdI id, order name.
    Id,
    /// The same party and the same number as written.
    NumberExact,
    /// The same party and the same number after normalising.
    NumberNormalised,
    /// The same number and amount under another party, or none.
    NumberAmount,
    /// The same party, amount and day under a number with a slip, or none.
    PartyAmountDay,
    /// The same party and amount, some days apart.
    PartyAmount,
    /// Many receipts of a day against one ledger line.
    DailyTakings,
    /// Several entries whose sum is one document.
    SumOfEntries,
    /// Several documents whose sum is one entry.
    SumOfDocuments,
    /// A self-invoice and the supplier's own invoice, by supplier and amount.
    SelfInvoice,
    /// A rule of somebody else's, by its name.
    Own(Arc<str>),
}

impl Pass {
    /// The rules that have words of their own.
    pub const ALL: &'static [Self] = &[
        Self::Id,
        Self::NumberExact,
        Self::NumberNormalised,
        Self::NumberAmount,
        Self::PartyAmountDay,
        Self::PartyAmount,
        Self::DailyTakings,
        Self::SumOfEntries,
        Self::SumOfDocuments,
        Self::SelfInvoice,
    ];

    /// Returns the name as the store, files and rules spell it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Id => "id",
            Self::NumberExact => "party_number_exact",
            Self::NumberNormalised => "party_number_normalised",
            Self::NumberAmount => "number_and_amount",
            Self::PartyAmountDay => "party_amount_day",
            Self::PartyAmount => "party_amount",
            Self::DailyTakings => "daily_takings",
            Self::SumOfEntries => "sum_of_entries",
            Self::SumOfDocuments => "sum_of_documents",
            Self::SelfInvoice => "self_invoice",
            Self::Own(name) => name,
        }
    }

    /// Returns the pass of a name.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let known = Self::ALL.iter().find(|pass| pass.as_str() == name);
        known.cloned().unwrap_or_else(|| Self::Own(Arc::from(name)))
    }
}

impl fmt::Display for Pass {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Pass {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::named(text))
    }
}

impl Serialize for Pass {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Pass {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::named(&String::deserialize(deserializer)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_through_the_store() {
        for pass in Pass::ALL.iter().cloned().chain([Pass::named("contratto")]) {
            let text = serde_json::to_string(&pass).unwrap();
            assert_eq!(text, format!("\"{}\"", pass.as_str()));
            assert_eq!(serde_json::from_str::<Pass>(&text).unwrap(), pass);
        }
    }
}
