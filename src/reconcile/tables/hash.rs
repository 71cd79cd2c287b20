//! Hashes values to 128 bits, so that equal hashes may count as equal values.
//!
//! Two lanes of folded multiplication with constants of their own, the same on every
//! machine and in every run. Nothing secret rests on it: whoever can choose both files can
//! make them agree more easily than by colliding it. By chance two of ten million rows
//! collide once in ten to the power of 25 comparisons.

/// Holds the hash of a row's key or of what it says.
pub(super) type Hash = [u64; 2];

const FIRST: u64 = 0x9E37_79B9_7F4A_7C15;
const SECOND: u64 = 0xD6E8_FEB8_6659_FD93;
const WIDE: u64 = 0xA076_1D64_78BD_642F;

/// Gathers the values of one row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hasher {
    first: u64,
    second: u64,
}

impl Hasher {
    pub(super) const fn new() -> Self {
        Self { first: WIDE, second: FIRST }
    }

    /// Adds one word.
    #[inline]
    pub(super) fn word(&mut self, word: u64) {
        self.first = fold(self.first ^ word, FIRST);
        self.second = fold(self.second.rotate_left(23) ^ word, SECOND);
    }

    /// Adds text with its length, so that two texts never run into each other.
    #[inline]
    pub(super) fn text(&mut self, text: &[u8]) {
        let (words, rest) = text.as_chunks::<8>();
        for word in words {
            self.word(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        self.word(u64::from_le_bytes(last));
        self.word(text.len() as u64 ^ WIDE);
    }

    pub(super) fn finish(self) -> Hash {
        [fold(self.first ^ SECOND, self.second ^ WIDE), fold(self.second ^ FIRST, WIDE)]
    }
}

/// Multiplies to 128 bits and folds the halves together.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the two halves of a product")]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ ((product >> 64) as u64)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn hash(text: &str) -> Hash {
        let mut hasher = Hasher::new();
        hasher.text(text.as_bytes());
        hasher.finish()
    }

    #[test]
    fn either_half_alone_tells_numbered_keys_apart() {
        let hashes: Vec<Hash> = (0..200_000).map(|number| hash(&format!("INV-{number}"))).collect();
        for half in [0, 1] {
            let distinct: HashSet<u64> = hashes.iter().map(|hash| hash[half]).collect();
            assert_eq!(distinct.len(), hashes.len());
            // The upper bits choose partitions, so they must spread as well.
            let partitions: HashSet<u64> = hashes.iter().map(|hash| hash[half] >> 52).collect();
            assert_eq!(partitions.len(), 4096);
        }
    }

    #[test]
    fn cells_do_not_run_into_each_other() {
        let of = |cells: &[&str]| {
            let mut hasher = Hasher::new();
            for cell in cells {
                hasher.text(cell.as_bytes());
            }
            hasher.finish()
        };
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        assert_ne!(of(&["", "a"]), of(&["a", ""]));
        assert_ne!(of(&["a\0"]), of(&["a"]));
    }
}
