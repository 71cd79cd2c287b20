//! Remembers the rows of a whole list in their order, in eight bytes each.
//!
//! With it a later pull finds where a list grew by looking at a few places of it, and tells
//! which documents a list shows no more. It is kept beside the window as bytes.

use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// Holds a fingerprint of each row's key, in the list's order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowKeys(pub(super) Vec<u64>);

impl RowKeys {
    /// Returns the keys as the bytes that are kept.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|key| key.to_be_bytes()).collect()
    }

    /// Reads keys from their bytes; nothing where the bytes are none.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (keys, rest) = bytes.as_chunks::<8>();
        rest.is_empty().then(|| Self(keys.iter().map(|key| u64::from_be_bytes(*key)).collect()))
    }

    /// Returns how many rows the list had.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Tells whether the list was empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns those ids that the list did not show.
    pub fn without<'a>(&self, ids: &'a [String]) -> Vec<&'a str> {
        let shown: std::collections::HashSet<u64> = self.0.iter().copied().collect();
        ids.iter().map(String::as_str).filter(|id| !shown.contains(&fingerprint(id))).collect()
    }

    /// Returns each row's place, or nothing when a row stands in the list twice.
    pub(super) fn places(&self) -> Option<HashMap<u64, u64>> {
        let places: HashMap<u64, u64> = self.0.iter().copied().zip(0..).collect();
        (places.len() == self.0.len()).then_some(places)
    }
}

/// Returns a name for a key that is shorter and as good: an eighth of a SHA-256.
///
/// Among two million rows, two share one once in ten million lists.
pub(super) fn fingerprint(key: &str) -> u64 {
    let digest: [u8; 32] = Sha256::digest(key).into();
    let mut eighth = [0; 8];
    eighth.copy_from_slice(&digest[..8]);
    u64::from_be_bytes(eighth)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(ids: &[&str]) -> RowKeys {
        RowKeys(ids.iter().map(|id| fingerprint(id)).collect())
    }

    #[test]
    fn bytes_round_trip() {
        for keys in [of(&[]), of(&["a"]), of(&["a", "b", "a"])] {
            assert_eq!(RowKeys::from_bytes(&keys.to_bytes()), Some(keys));
        }
        assert_eq!(RowKeys::from_bytes(&[1, 2, 3]), None);
    }

    #[test]
    fn missing_ids_are_named() {
        let ids = ["a".to_owned(), "x".to_owned(), "b".to_owned()];
        assert_eq!(of(&["a", "b", "c"]).without(&ids), ["x"]);
    }

    #[test]
    fn repeated_rows_have_no_places() {
        assert!(of(&["a", "b", "a"]).places().is_none());
        assert_eq!(of(&["a", "b"]).places().unwrap()[&fingerprint("b")], 1);
    }
}
