//! The two languages in which people read the results.

use serde::{Deserialize, Serialize};

/// Chooses the language of texts for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Italian, with Italian number and date forms.
    #[default]
    It,
    /// English, with ISO dates and English number forms.
    En,
}

impl Language {
    /// Returns the two-letter code, `it` or `en`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::It => "it",
            Self::En => "en",
        }
    }
}
