//! Rows of equal keys meet: both sides parted by hash, each part sorted, runs compared.
//!
//! A part is small enough to be sorted in the processor's nearest memory, and the parts
//! are independent, so threads take them by halves and the answer is put together in the
//! order of the parts: it is the same for any number of threads. Two lone rows that say the
//! same are a pair at once; what is not so simple goes to `same_key`.

use std::ops::Range;

use crate::reconcile::statement::Class;
use crate::reconcile::tables::board::Pair;
use crate::reconcile::tables::hash::Hash;
use crate::reconcile::tables::judge::Desk;
use crate::reconcile::tables::same_key::{Settled, settle};
use crate::reconcile::tables::scan::{NO_KEY, Scan};

/// How many rows a part has, on average.
const ROWS_OF_PART: usize = 256;

/// Holds what the join needs of one row.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Entry {
    pub(super) key: Hash,
    pub(super) content: Hash,
    pub(super) row: u32,
}

/// Holds one side's entries, parted by the upper bits of their keys.
struct Parted {
    entries: Vec<Entry>,
    /// Where each part begins, and the end.
    bounds: Vec<usize>,
}

/// Joins both sides on their keys, with so many threads.
pub(super) fn join(desk: &Desk<'_>, threads: usize) -> Settled {
    let rows = desk.scans.iter().map(Scan::rows).max().unwrap_or(0);
    let bits = (rows / ROWS_OF_PART).next_power_of_two().trailing_zeros().min(16);
    let [left, right] = &desk.scans;
    let (mut left, mut right) = std::thread::scope(|scope| {
        if threads < 2 {
            return (part(left, bits), part(right, bits));
        }
        let other = scope.spawn(|| part(right, bits));
        (part(left, bits), other.join().expect("a part is only sorted"))
    });
    let parts = 1usize << bits;
    let chunk = parts.div_ceil(threads.max(1));
    let ranges: Vec<Range<usize>> =
        (0..parts).step_by(chunk).map(|from| from..(from + chunk).min(parts)).collect();
    let mut jobs = Vec::new();
    let (mut left_rest, mut right_rest) = (&mut left.entries[..], &mut right.entries[..]);
    for range in &ranges {
        let count = |bounds: &[usize]| bounds[range.end] - bounds[range.start];
        let (own_left, rest) = left_rest.split_at_mut(count(&left.bounds));
        left_rest = rest;
        let (own_right, rest) = right_rest.split_at_mut(count(&right.bounds));
        right_rest = rest;
        jobs.push((own_left, own_right, range.clone()));
    }
    let bounds = [&left.bounds, &right.bounds];
    let found: Vec<Settled> = std::thread::scope(|scope| {
        let mut running = Vec::new();
        for (own_left, own_right, range) in jobs {
            let work = move || meet(desk, own_left, own_right, bounds, range);
            running.push(scope.spawn(work));
        }
        running.into_iter().map(|one| one.join().expect("a comparison of rows ends")).collect()
    });
    let mut all = Settled::default();
    for one in found {
        all.append(one);
    }
    all
}

/// Parts a side's keyed rows by the upper bits of their keys.
fn part(scan: &Scan, bits: u32) -> Parted {
    let place = |key: &Hash| {
        if bits == 0 { 0 } else { usize::try_from(key[0] >> (64 - bits)).unwrap_or(0) }
    };
    let mut bounds = vec![0; (1usize << bits) + 1];
    for key in scan.keys.iter().filter(|key| **key != NO_KEY) {
        bounds[place(key) + 1] += 1;
    }
    for index in 1..bounds.len() {
        bounds[index] += bounds[index - 1];
    }
    let mut next = bounds.clone();
    let mut entries = vec![Entry::default(); bounds[bounds.len() - 1]];
    for ((row, key), content) in (0u32..).zip(&scan.keys).zip(&scan.contents) {
        if *key != NO_KEY {
            let at = &mut next[place(key)];
            entries[*at] = Entry { key: *key, content: *content, row };
            *at += 1;
        }
    }
    Parted { entries, bounds }
}

/// Lets the rows of some parts meet.
fn meet(
    desk: &Desk<'_>,
    left: &mut [Entry],
    right: &mut [Entry],
    bounds: [&Vec<usize>; 2],
    range: Range<usize>,
) -> Settled {
    let mut settled = Settled::default();
    settled.pairs.reserve(left.len().min(right.len()));
    let offsets = [bounds[0][range.start], bounds[1][range.start]];
    for part in range {
        let own = |hand: usize| {
            bounds[hand][part] - offsets[hand]..bounds[hand][part + 1] - offsets[hand]
        };
        let (left, right) = (&mut left[own(0)], &mut right[own(1)]);
        left.sort_unstable_by_key(|entry| (entry.key, entry.content, entry.row));
        right.sort_unstable_by_key(|entry| (entry.key, entry.content, entry.row));
        let (mut l, mut r) = (0, 0);
        while l < left.len() && r < right.len() {
            let key = left[l].key;
            if key != right[r].key {
                if key < right[r].key {
                    l += 1;
                } else {
                    r += 1;
                }
                continue;
            }
            let lefts = run(&left[l..]);
            let rights = run(&right[r..]);
            match (lefts, rights) {
                ([a], [b]) if a.content == b.content => settled.pairs.push(Pair {
                    left: a.row,
                    right: b.row,
                    class: Class::Matched,
                    pass: 0,
                }),
                _ => settle(desk, lefts, rights, &mut settled),
            }
            l += lefts.len();
            r += rights.len();
        }
    }
    settled
}

/// Returns the entries that share the first one's key.
fn run(entries: &[Entry]) -> &[Entry] {
    let end = entries.iter().position(|entry| entry.key != entries[0].key);
    &entries[..end.unwrap_or(entries.len())]
}
