//! A text that many rows have in common, held once.

use std::collections::HashSet;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use foldhash::fast::RandomState;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Holds a text that costs nothing to copy.
///
/// A million rows name a few thousand parties, and one file: each name is held once.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SharedText(Arc<str>);

impl Deref for SharedText {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<&str> for SharedText {
    fn from(text: &str) -> Self {
        Self(Arc::from(text))
    }
}

impl From<String> for SharedText {
    fn from(text: String) -> Self {
        Self(Arc::from(text))
    }
}

impl fmt::Debug for SharedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl fmt::Display for SharedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl Serialize for SharedText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl<'de> Deserialize<'de> for SharedText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

/// Gives out texts so that equal ones are one.
#[derive(Debug, Default)]
pub struct SharedTexts {
    known: HashSet<Arc<str>, RandomState>,
}

impl SharedTexts {
    /// Returns the text that says this, the one given out before if there is one.
    pub fn of(&mut self, text: &str) -> SharedText {
        if let Some(known) = self.known.get(text) {
            return SharedText(known.clone());
        }
        let new: Arc<str> = Arc::from(text);
        self.known.insert(new.clone());
        SharedText(new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_are_held_once() {
        let mut texts = SharedTexts::default();
        let (one, same, other) = (texts.of("Rossi"), texts.of("Rossi"), texts.of("Bianchi"));
        assert!(Arc::ptr_eq(&one.0, &same.0));
        assert_ne!(one, other);
        assert_eq!(serde_json::to_string(&one).unwrap(), "\"Rossi\"");
        assert_eq!(serde_json::from_str::<SharedText>("\"Rossi\"").unwrap(), same);
    }
}
