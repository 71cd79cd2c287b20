//! The row of the other side that came nearest to being the partner.
//!
//! Near means: the same party with the same number or amount, the same number, or the same
//! amount within a few days. Rows are found through a sorted index, so that thousands of
//! rows without partner cost thousands of look-ups and not millions of comparisons; it holds
//! only what one of them can ask for, because a side may have millions of rows.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::BuildHasher as _;

use chrono::NaiveDate;
use foldhash::fast::FixedState;
use rayon::prelude::*;

use crate::findings::{Field, Nearest, Side};
use crate::fiscal::digits_only;
use crate::reconcile::compare::{differences, text_difference};
use crate::reconcile::record::{ROWS_AT_ONCE, Record};

/// Days within which an equal amount of another party is worth naming.
const DAYS_NEAR: u64 = 10;

/// Finds the nearest of one side's rows.
pub(super) struct NearestIndex<'a> {
    rows: &'a [Record],
    /// Rows in their stable order, the date first.
    places: Vec<usize>,
    /// Key, amount and place of each row under each of its keys, sorted.
    entries: Vec<(u64, Option<i64>, usize)>,
}

/// Ranks nearness, least first: step, cents apart, days apart.
type Closeness = (u8, u64, u64);

impl<'a> NearestIndex<'a> {
    /// Returns an index of a side's rows for those of the other side that will ask.
    pub(super) fn new<'b>(rows: &'a [Record], asking: impl Iterator<Item = &'b Record>) -> Self {
        let wanted = Wanted::by(asking);
        let of_row = |(row, record): (usize, &Record)| {
            let amount = record.amount_cents;
            let keys = Keys::of(record).all().filter(|key| wanted.has(*key, amount));
            keys.map(|key| (key, amount, row)).collect::<Vec<_>>()
        };
        let found: Vec<(u64, Option<i64>, usize)> = rows
            .par_iter()
            .enumerate()
            .with_min_len(ROWS_AT_ONCE)
            .filter(|(_, row)| wanted.may_name(row))
            .flat_map_iter(of_row)
            .collect();
        let mut places: Vec<usize> = found.iter().map(|(_, _, row)| *row).collect();
        // Rows were looked at in their order, so those of one row are neighbours.
        places.dedup();
        places.sort_unstable_by(|a, b| rows[*a].order().cmp(&rows[*b].order()));
        let mut place_of: HashMap<usize, usize> = HashMap::new();
        place_of.extend(places.iter().enumerate().map(|(place, row)| (*row, place)));
        let mut entries: Vec<(u64, Option<i64>, usize)> =
            found.into_iter().map(|(key, amount, row)| (key, amount, place_of[&row])).collect();
        entries.sort_unstable();
        entries.dedup();
        Self { rows, places, entries }
    }

    /// Returns what comes nearest to a row of a side, and the first thing in which it fails.
    ///
    /// The order of nearness is total, so ties go to the stable order of the rows.
    pub(super) fn nearest(&self, side: Side, record: &Record) -> Option<Nearest> {
        let keys = Keys::of(record);
        let mut places: BTreeSet<usize> = BTreeSet::new();
        for key in keys.number_and_party.iter().chain(&keys.number) {
            places.extend(self.by_amount(*key, record));
        }
        for key in keys.number.iter().chain(&keys.party).chain(&keys.currency) {
            places.extend(self.of_amount(*key, record.amount_cents, record.issue_date));
        }
        let (_, place) = places
            .into_iter()
            .filter_map(|place| Some((closeness(record, self.at(place))?, place)))
            .min()?;
        let other = self.at(place);
        let (left, right) = if side == Side::Left { (record, other) } else { (other, record) };
        let failed = differences(left, right, None).into_iter().next().unwrap_or_else(|| {
            // Everything agrees: the row has another partner already, or a state that forbids it.
            text_difference(Field::Number, left.number(), right.number())
        });
        Some(Nearest { record: other.told(), failed })
    }

    fn at(&self, place: usize) -> &'a Record {
        &self.rows[self.places[place]]
    }

    /// Returns the rows under a key whose amounts are next to the record's.
    fn by_amount(&self, key: u64, record: &Record) -> Vec<usize> {
        let Some(cents) = record.amount_cents else {
            // Without an amount to go by all rows of the key are equally near.
            let from = self.entries.partition_point(|one| one.0 < key);
            let of_key = self.entries[from..].iter().take_while(|one| one.0 == key);
            return of_key.map(|one| one.2).collect();
        };
        let from = self.entries.partition_point(|one| (one.0, one.1) < (key, Some(cents)));
        let below = from.checked_sub(1).and_then(|index| self.entries.get(index));
        let after = self.entries.get(from);
        let mut found = Vec::new();
        for (_, amount, _) in [below, after].into_iter().flatten().filter(|one| one.0 == key) {
            found.extend(self.of_amount(key, *amount, record.issue_date));
        }
        found
    }

    /// Returns the rows under a key with exactly this amount, next to a day on either side.
    fn of_amount(&self, key: u64, cents: Option<i64>, day: Option<NaiveDate>) -> Vec<usize> {
        let from = self.entries.partition_point(|one| (one.0, one.1) < (key, cents));
        let count = self.entries[from..].partition_point(|one| (one.0, one.1) <= (key, cents));
        let equal = &self.entries[from..from + count];
        let date = |one: &(u64, Option<i64>, usize)| self.at(one.2).issue_date;
        let after = equal.partition_point(|one| date(one) < day);
        let before = after.checked_sub(1).map(|last| date(&equal[last]));
        // Of several rows of one day the first in order stands for all.
        let before = before.map(|day| equal.partition_point(|one| date(one) < day));
        [before, Some(after), Some(0)]
            .into_iter()
            .flatten()
            .filter_map(|index| equal.get(index))
            .map(|one| one.2)
            .collect()
    }
}

/// Holds what the rows that will ask can ask for.
struct Wanted {
    /// Keys under which any amount may be the nearest.
    keys: HashSet<u64, FixedState>,
    /// Keys under which only this amount is near.
    exact: HashSet<(u64, Option<i64>), FixedState>,
    /// The amounts of those.
    amounts: HashSet<Option<i64>, FixedState>,
}

impl Wanted {
    fn by<'b>(asking: impl Iterator<Item = &'b Record>) -> Self {
        let mut wanted = Self {
            keys: HashSet::default(),
            exact: HashSet::default(),
            amounts: HashSet::default(),
        };
        for record in asking {
            wanted.amounts.insert(record.amount_cents);
            let keys = Keys::of(record);
            let exact = keys.party.into_iter().chain(keys.currency);
            wanted.exact.extend(exact.map(|key| (key, record.amount_cents)));
            wanted.keys.extend(keys.number_and_party.into_iter().chain(keys.number));
        }
        wanted
    }

    /// Tells, sooner than by all its keys, whether a row may have a wanted one.
    ///
    /// Whoever asks by number and party asks by the number as well.
    fn may_name(&self, row: &Record) -> bool {
        self.amounts.contains(&row.amount_cents)
            || Numbers::of(row).keys().any(|key| self.keys.contains(&key))
    }

    fn has(&self, key: u64, amount: Option<i64>) -> bool {
        self.exact.contains(&(key, amount)) || self.keys.contains(&key)
    }
}

/// Holds the hashed keys of one row, by what they stand for.
///
/// Two texts of one hash only cost a look: what is found is judged by its values.
struct Keys {
    number_and_party: Vec<u64>,
    number: Vec<u64>,
    party: Vec<u64>,
    currency: [u64; 1],
}

impl Keys {
    fn of(record: &Record) -> Self {
        let currency = record.currency.as_str();
        let numbers = Numbers::of(record);
        let pairs =
            numbers.tiers().flat_map(|one| record.party.keys().map(move |party| (one, party)));
        Self {
            number_and_party: pairs
                .map(|((tier, number), party)| hash(&[currency, tier, number, party]))
                .collect(),
            number: numbers.keys().collect(),
            party: record.party.keys().map(|party| hash(&[currency, party])).collect(),
            currency: [hash(&[currency])],
        }
    }

    fn all(self) -> impl Iterator<Item = u64> {
        self.number_and_party.into_iter().chain(self.number).chain(self.party).chain(self.currency)
    }
}

/// Holds the number of a row in each form under which it is found.
struct Numbers<'a> {
    record: &'a Record,
    digits: Option<String>,
}

impl<'a> Numbers<'a> {
    fn of(record: &'a Record) -> Self {
        let digits = record.number().map(digits_only).filter(|text| !text.is_empty());
        Self { record, digits }
    }

    /// Each tier has keys of its own: the digits of one number may be another number.
    fn tiers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let tiers = [
            ("=", self.record.number()),
            ("~", self.record.normalised.as_deref()),
            ("0", self.digits.as_deref()),
        ];
        tiers.into_iter().filter_map(|(tier, number)| Some((tier, number?)))
    }

    fn keys(&self) -> impl Iterator<Item = u64> {
        let currency = self.record.currency.as_str();
        self.tiers().map(move |(tier, number)| hash(&[currency, tier, number, "number"]))
    }
}

fn hash(parts: &[&str]) -> u64 {
    FixedState::default().hash_one(parts)
}

/// Ranks nearness, least first; `None` when the rows have too little in common.
fn closeness(record: &Record, other: &Record) -> Option<Closeness> {
    if record.currency != other.currency {
        return None;
    }
    let days = record.days_apart(other).unwrap_or(u64::MAX);
    let cents = match (record.amount_cents, other.amount_cents) {
        (Some(a), Some(b)) => a.abs_diff(b),
        _ => u64::MAX,
    };
    let has_same_number = record.number_tier(other).is_some();
    let has_same_party = record.party.shares_key(&other.party);
    let step = match (has_same_number, has_same_party, cents == 0) {
        (true, true, _) => 0,
        (true, false, true) | (false, true, true) => 1,
        (true, false, false) => 2,
        (false, false, true) if days <= DAYS_NEAR => 3,
        _ => return None,
    };
    Some((step, cents, days))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::reconcile::tests::small::small_invoice;

    proptest! {
        #[test]
        fn index_agrees_with_looking_at_all(
            rows in proptest::collection::vec(small_invoice(), 0..25), one in small_invoice(),
        ) {
            let naive = rows
                .iter()
                .filter_map(|other| Some((closeness(&one, other)?, other)))
                .min_by(|(a, left), (b, right)| {
                    a.cmp(b).then_with(|| left.order().cmp(&right.order()))
                });
            let found = NearestIndex::new(&rows, std::iter::once(&one)).nearest(Side::Left, &one);
            prop_assert_eq!(
                found.map(|near| near.record.id),
                naive.map(|(_, other)| other.reference.id.clone())
            );
        }
    }
}
