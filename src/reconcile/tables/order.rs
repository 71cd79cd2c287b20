//! The order in which pairs and rows are told: by key, then by content, never by place.

use crate::reconcile::tables::board::{Pair, Single};
use crate::reconcile::tables::judge::Desk;

/// Sorts pairs by the key of their left row.
///
/// A million keys often begin alike (`INV-2026-`), so the eight bytes behind their common
/// beginning decide nearly everything, and whole keys are compared only where these tie.
pub(super) fn sort_pairs(desk: &Desk<'_>, pairs: &mut [Pair]) {
    let labels = Labels::of(desk);
    let prefixes = labels.prefixes();
    pairs.sort_unstable_by_key(|pair| prefixes[pair.left as usize]);
    let mut from = 0;
    while from < pairs.len() {
        let prefix = prefixes[pairs[from].left as usize];
        let length = pairs[from..]
            .iter()
            .position(|pair| prefixes[pair.left as usize] != prefix)
            .unwrap_or(pairs.len() - from);
        if length > 1 {
            pairs[from..from + length].sort_by_cached_key(|pair| {
                let whole = [desk.whole(0, pair.left), desk.whole(1, pair.right)];
                (desk.label(0, pair.left), whole, pair.left, pair.right)
            });
        }
        from += length;
    }
}

/// Sorts rows without partner by class, key and content.
pub(super) fn sort_singles(desk: &Desk<'_>, singles: &mut [Single]) {
    singles.sort_by_cached_key(|single| {
        let whole = desk.whole(single.hand, single.row);
        (single.class, desk.label(single.hand, single.row), single.hand, whole, single.row)
    });
}

/// Reads the keys of left rows one after the other.
struct Labels<'a> {
    desk: &'a Desk<'a>,
    places: Vec<usize>,
    most: usize,
}

impl<'a> Labels<'a> {
    fn of(desk: &'a Desk<'a>) -> Self {
        let places: Vec<usize> = desk.plan.label().iter().map(|column| column.at[0]).collect();
        let most = places.iter().max().map_or(0, |last| last + 1);
        Self { desk, places, most }
    }

    /// Gives the key of each left row to `take`, in order of place.
    fn each(&self, mut take: impl FnMut(&[u8])) {
        let source = &self.desk.sources[0];
        let (mut cells, mut label) = (Vec::new(), Vec::new());
        for start in &self.desk.scans[0].starts {
            let start = usize::try_from(*start).unwrap_or(usize::MAX);
            source.split_first(start, self.most, &mut cells);
            label.clear();
            for at in &self.places {
                label.extend_from_slice(&source.written(&cells, *at));
                label.push(0);
            }
            take(&label);
        }
    }

    /// Returns the eight bytes behind the keys' common beginning, as numbers in their order.
    fn prefixes(&self) -> Vec<u64> {
        let mut common: Option<Vec<u8>> = None;
        self.each(|label| match &mut common {
            None => common = Some(label.to_vec()),
            Some(common) if label.starts_with(common) => {}
            Some(common) => {
                let alike = common.iter().zip(label).take_while(|(a, b)| a == b).count();
                common.truncate(alike);
            }
        });
        let skip = common.map_or(0, |common| common.len());
        let mut prefixes = Vec::with_capacity(self.desk.scans[0].rows());
        self.each(|label| {
            let mut eight = [0; 8];
            let rest = label.get(skip..).unwrap_or_default();
            let count = rest.len().min(8);
            eight[..count].copy_from_slice(&rest[..count]);
            prefixes.push(u64::from_be_bytes(eight));
        });
        prefixes
    }
}
