//! The only file that knows Polars: candidates by equi-join, sums by group.
//!
//! Frames hold row numbers, hashes of keys and Int64 cents, nothing else; no Polars type
//! leaves this file. Rows come back sorted, because a join's order differs between runs.

use polars::prelude::{
    DataFrame, IntoLazy as _, JoinArgs, JoinType, NamedFrom as _, PolarsResult, Series,
    SortMultipleOptions, col, len,
};
use rayon::slice::ParallelSliceMut as _;

/// Holds the keys under which a side's rows may find partners, hashed; a row may have several.
#[derive(Debug, Default)]
pub(super) struct Keyed {
    rows: Vec<u32>,
    keys: Vec<u64>,
}

impl Keyed {
    /// Adds a row under the hash of one of its keys.
    pub(super) fn push(&mut self, row: usize, key: u64) {
        self.rows
            .push(u32::try_from(row).expect("a side of four thousand million rows fits no memory"));
        self.keys.push(key);
    }

    /// Tells whether no row has a key.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn into_frame(self, name: &str) -> PolarsResult<DataFrame> {
        let count = self.rows.len();
        let rows = Series::new(name.into(), self.rows);
        DataFrame::new(count, vec![rows.into(), Series::new("key".into(), self.keys).into()])
    }
}

impl FromIterator<Self> for Keyed {
    fn from_iter<I: IntoIterator<Item = Self>>(parts: I) -> Self {
        let mut parts = parts.into_iter();
        let mut whole = parts.next().unwrap_or_default();
        for part in parts {
            whole.rows.extend(part.rows);
            whole.keys.extend(part.keys);
        }
        whole
    }
}

/// Returns each pair of rows with a key of the same hash, once, in order.
pub(super) fn candidates(left: Keyed, right: Keyed) -> PolarsResult<Vec<(u32, u32)>> {
    if left.is_empty() || right.is_empty() {
        return Ok(Vec::new());
    }
    let joined = left
        .into_frame("left")?
        .lazy()
        .join(
            right.into_frame("right")?.lazy(),
            [col("key")],
            [col("key")],
            JoinArgs::new(JoinType::Inner),
        )
        .select([col("left"), col("right")])
        .collect()?;
    let (left, right) = (joined.column("left")?.u32()?, joined.column("right")?.u32()?);
    let mut pairs: Vec<(u32, u32)> =
        left.into_no_null_iter().zip(right.into_no_null_iter()).collect();
    pairs.par_sort_unstable();
    pairs.dedup();
    Ok(pairs)
}

/// Holds the sums of one group of takings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GroupSum {
    pub(super) key: u32,
    pub(super) rows: u64,
    pub(super) gross_cents: i64,
    pub(super) taxable_cents: i64,
    pub(super) vat_cents: i64,
}

/// Holds one row that is to be summed under the number of its group.
pub(super) struct Summand {
    pub(super) key: u32,
    pub(super) gross_cents: i64,
    pub(super) taxable_cents: i64,
    pub(super) vat_cents: i64,
}

/// Returns the sums by key, in order of the key.
pub(super) fn sums(rows: &[Summand]) -> PolarsResult<Vec<GroupSum>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let cents = |name: &str, value: fn(&Summand) -> i64| {
        Series::new(name.into(), rows.iter().map(value).collect::<Vec<i64>>()).into()
    };
    let keys: Vec<u32> = rows.iter().map(|row| row.key).collect();
    let frame = DataFrame::new(
        rows.len(),
        vec![
            Series::new("key".into(), keys).into(),
            cents("gross", |row| row.gross_cents),
            cents("taxable", |row| row.taxable_cents),
            cents("vat", |row| row.vat_cents),
        ],
    )?;
    let grouped = frame
        .lazy()
        .group_by([col("key")])
        .agg([len().alias("rows"), col("gross").sum(), col("taxable").sum(), col("vat").sum()])
        .sort(["key"], SortMultipleOptions::default())
        .collect()?;
    let key = grouped.column("key")?.u32()?;
    let rows = grouped.column("rows")?.u32()?;
    let gross = grouped.column("gross")?.i64()?;
    let taxable = grouped.column("taxable")?.i64()?;
    let vat = grouped.column("vat")?.i64()?;
    Ok((0..grouped.height())
        .filter_map(|index| {
            Some(GroupSum {
                key: key.get(index)?,
                rows: u64::from(rows.get(index)?),
                gross_cents: gross.get(index)?,
                taxable_cents: taxable.get(index)?,
                vat_cents: vat.get(index)?,
            })
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn join_agrees_with_naive_pairs(
            left in proptest::collection::vec((0u32..20, 0u64..4), 0..30),
            right in proptest::collection::vec((0u32..20, 0u64..4), 0..30),
        ) {
            let naive: BTreeSet<(u32, u32)> = left
                .iter()
                .flat_map(|(l, a)| {
                    right.iter().filter(move |(_, b)| a == b).map(move |(r, _)| (*l, *r))
                })
                .collect();
            let keyed = |side: &[(u32, u64)]| {
                let mut keyed = Keyed::default();
                for (row, key) in side {
                    keyed.push(*row as usize, *key);
                }
                keyed
            };
            let joined = candidates(keyed(&left), keyed(&right)).unwrap();
            prop_assert_eq!(joined, naive.into_iter().collect::<Vec<_>>());
        }

        #[test]
        fn sums_agree_with_naive_groups(
            rows in proptest::collection::vec((0u32..4, -1000i64..1000), 0..40),
        ) {
            let mut naive: BTreeMap<u32, (u64, i64)> = BTreeMap::new();
            for (key, cents) in &rows {
                let group = naive.entry(*key).or_default();
                group.0 += 1;
                group.1 += cents;
            }
            let summands: Vec<Summand> = rows
                .into_iter()
                .map(|(key, cents)| Summand {
                    key, gross_cents: cents, taxable_cents: -cents, vat_cents: 1,
                })
                .collect();
            let grouped: Vec<(u32, (u64, i64))> = sums(&summands)
                .unwrap()
                .into_iter()
                .map(|group| {
                    assert_eq!(group.taxable_cents, -group.gross_cents);
                    (group.key, (group.rows, group.gross_cents))
                })
                .collect();
            prop_assert_eq!(grouped, naive.into_iter().collect::<Vec<_>>());
        }
    }
}
