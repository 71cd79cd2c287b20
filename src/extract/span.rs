//! Reckons where a list grew, from the places at which known rows stand now.
//!
//! Rows keep their order among themselves, so a known row that stood at place q and stands at
//! p tells that p − q rows came before it. Two such places with the same count have nothing
//! new between them; where the counts differ, somebody has to look. Rows that went, or that
//! changed places, contradict the reckoning, and a contradiction ends it.

use std::collections::{BTreeMap, HashMap, HashSet};

/// Is a place in the list as it is now, and how many rows came before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Anchor {
    pub(super) position: u64,
    pub(super) came: u64,
}

/// Is a stretch of the list between two places that nobody has looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) from: Anchor,
    pub(super) to: Anchor,
    /// Whether the rows before it came too, so that it is read from its beginning.
    pub(super) goes_on: bool,
}

impl Span {
    /// Returns how many rows came inside it; nothing when that is a contradiction.
    pub(super) fn came(&self) -> Option<u64> {
        let came = self.to.came.checked_sub(self.from.came)?;
        (came <= self.to.position.checked_sub(self.from.position)?).then_some(came)
    }
}

/// What a page says about its place.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// The places before its first row and behind its last one.
    Placed(Anchor, Anchor),
    /// All of its rows came since, so it says nothing.
    AllNew,
    /// The list is not the known one with rows added.
    Contradiction,
}

/// Holds what is found out about a list that grew.
pub(super) struct Growth<'a> {
    known: &'a [u64],
    places: &'a HashMap<u64, u64>,
    /// All rows that were looked at, by the place where they stand.
    rows: BTreeMap<u64, u64>,
    /// Those of them that came.
    new: BTreeMap<u64, u64>,
    new_keys: HashSet<u64>,
}

impl<'a> Growth<'a> {
    pub(super) fn new(known: &'a [u64], places: &'a HashMap<u64, u64>) -> Self {
        let (rows, new) = (BTreeMap::new(), BTreeMap::new());
        Self { known, places, rows, new, new_keys: HashSet::new() }
    }

    /// Returns how many rows came, as far as is known.
    pub(super) fn rows_new(&self) -> usize {
        self.new.len()
    }

    /// Returns how many of the rows that came stand at these places.
    pub(super) fn new_between(&self, from: u64, to: u64) -> u64 {
        u64::try_from(self.new.range(from..to).count()).unwrap_or(u64::MAX)
    }

    /// Tells whether all known rows stand before a place.
    pub(super) fn is_behind_known(&self, place: Anchor) -> bool {
        place.position.checked_sub(place.came) == Some(self.rows_known())
    }

    /// Returns how many rows the known list had.
    pub(super) fn rows_known(&self) -> u64 {
        u64::try_from(self.known.len()).unwrap_or(u64::MAX)
    }

    /// Takes in the rows that stand from `skip` on.
    ///
    /// A row that stands elsewhere than when it was looked at before is a contradiction: so a
    /// page that overlaps its neighbours shows that nothing moved meanwhile.
    pub(super) fn take(&mut self, skip: u64, keys: &[u64]) -> Taken {
        let mut came_before_page = None;
        let mut new_rows = 0;
        for (position, key) in (skip..).zip(keys) {
            let before = self.rows.insert(position, *key);
            if before.is_some_and(|before| before != *key) {
                return Taken::Contradiction;
            }
            let Some(place) = self.places.get(key) else {
                self.new.insert(position, *key);
                if before.is_none() && !self.new_keys.insert(*key) {
                    return Taken::Contradiction;
                }
                new_rows += 1;
                continue;
            };
            let came = position.checked_sub(*place).and_then(|came| came.checked_sub(new_rows));
            let is_same = came_before_page.is_none_or(|before| Some(before) == came);
            if came.is_none() || !is_same {
                return Taken::Contradiction;
            }
            came_before_page = came;
        }
        let end = skip + u64::try_from(keys.len()).unwrap_or(u64::MAX);
        match came_before_page {
            Some(came) => Taken::Placed(
                Anchor { position: skip, came },
                Anchor { position: end, came: came + new_rows },
            ),
            None => Taken::AllNew,
        }
    }

    /// Returns the list as it is now, if all rows that came are found and all others are there.
    pub(super) fn list(&self, rows_total: u64) -> Option<Vec<u64>> {
        let mut known = self.known.iter();
        let list: Option<Vec<u64>> = (0..rows_total)
            .map(|position| self.new.get(&position).or_else(|| known.next()).copied())
            .collect();
        list.filter(|_| known.next().is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn places(known: &[u64]) -> HashMap<u64, u64> {
        known.iter().copied().zip(0..).collect()
    }

    #[test]
    fn known_rows_tell_what_came_before() {
        let known = [10, 11, 12, 13];
        let places = places(&known);
        let mut growth = Growth::new(&known, &places);
        let at = |position, came| Anchor { position, came };
        assert_eq!(growth.take(2, &[11, 99, 12]), Taken::Placed(at(2, 1), at(5, 2)));
        assert_eq!(growth.take(0, &[98]), Taken::AllNew);
        assert_eq!(growth.list(6), Some(vec![98, 10, 11, 99, 12, 13]));
        assert_eq!(growth.list(5), None, "a known row is left over");
    }

    #[test]
    fn moved_neighbours_contradict() {
        let known = [10, 11, 12, 13];
        let places = places(&known);
        let mut growth = Growth::new(&known, &places);
        // One row came before these two, and while it is looked for, another.
        growth.take(2, &[11, 12]);
        assert_eq!(growth.take(0, &[97, 10, 98]), Taken::Contradiction);
    }

    #[test]
    fn lost_and_turned_rows_contradict() {
        let known = [10, 11, 12, 13];
        let places = places(&known);
        for page in [[11, 12], [11, 10], [99, 11]] {
            let mut growth = Growth::new(&known, &places);
            assert_eq!(growth.take(0, &page), Taken::Contradiction, "{page:?}");
        }
    }

    proptest! {
        #[test]
        fn every_page_agrees_with_the_list(
            count in 1_u64..60,
            inserts in prop::collection::vec(0_usize..80, 0..20),
            skip in 0_usize..80,
        ) {
            let known: Vec<u64> = (0..count).collect();
            let mut list = known.clone();
            for (n, at) in inserts.iter().enumerate() {
                list.insert(at % (list.len() + 1), 1000 + u64::try_from(n).unwrap());
            }
            let places = places(&known);
            let mut growth = Growth::new(&known, &places);
            let skip = skip % list.len();
            let came = |to: usize| u64::try_from(list[..to].iter().filter(|key| **key >= 1000).count()).unwrap();
            let page = &list[skip..(skip + 10).min(list.len())];
            match growth.take(u64::try_from(skip).unwrap(), page) {
                Taken::Placed(start, end) => {
                    prop_assert_eq!((start.came, end.came), (came(skip), came(skip + page.len())));
                }
                Taken::AllNew => prop_assert!(page.iter().all(|key| *key >= 1000)),
                Taken::Contradiction => prop_assert!(false),
            }
            growth.take(0, &list);
            prop_assert_eq!(growth.list(u64::try_from(list.len()).unwrap()), Some(list));
        }
    }
}
