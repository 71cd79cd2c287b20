//! What two programs write differently in the numbers of one party, as a rule to switch on.

use serde::{Deserialize, Serialize};

/// Says how the books' numbers of one party differ from the documents'.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Affix {
    /// The books put this before the number.
    BooksPrefix(String),
    /// The books put this after the number.
    BooksSuffix(String),
    /// The documents have this before the number, and the books do not.
    DocumentsPrefix(String),
    /// The documents have this after the number, and the books do not.
    DocumentsSuffix(String),
}

impl Affix {
    /// Returns the rule's key in a rules file.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::BooksPrefix(_) => "books_prefix",
            Self::BooksSuffix(_) => "books_suffix",
            Self::DocumentsPrefix(_) => "documents_prefix",
            Self::DocumentsSuffix(_) => "documents_suffix",
        }
    }

    /// Returns what is written before or after the number.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::BooksPrefix(text)
            | Self::BooksSuffix(text)
            | Self::DocumentsPrefix(text)
            | Self::DocumentsSuffix(text) => text,
        }
    }

    /// Takes the rule's letters off a number; `None` when they or the digits are not there.
    #[must_use]
    pub fn strip<'a>(&self, number: &'a str) -> Option<&'a str> {
        let bare = match self {
            Self::BooksPrefix(text) | Self::DocumentsPrefix(text) => number.strip_prefix(&**text),
            Self::BooksSuffix(text) | Self::DocumentsSuffix(text) => number.strip_suffix(&**text),
        };
        bare.filter(|bare| bare.bytes().any(|byte| byte.is_ascii_digit()))
    }
}

/// Names the rule by which the numbers of a pair agree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberRule {
    /// The party as the rules file names it.
    pub party: String,
    /// What is written before or after the number.
    pub affix: Affix,
    /// Why, in the words of whoever switched it on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
}
