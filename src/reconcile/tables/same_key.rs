//! Several rows of one key, or two that do not say the same.
//!
//! Rows with the same content pair n to n, and the surplus repeats them. What is left
//! differs in content: the best assignment decides, and what it does not decide is
//! ambiguous.

use crate::reconcile::knot::{Knot, Node};
use crate::reconcile::statement::Class;
use crate::reconcile::tables::board::{Pair, Single, Why};
use crate::reconcile::tables::join::Entry;
use crate::reconcile::tables::judge::Desk;

/// Contents of one key on either side, multiplied, beyond which nobody looks for the best.
const EDGES_MAX: usize = 40_000;

/// Gathers what rows of equal keys came to.
#[derive(Debug, Default)]
pub(super) struct Settled {
    pub(super) pairs: Vec<Pair>,
    pub(super) singles: Vec<Single>,
    /// Rows whose key the other side has, on a row with another partner: side, row, that row.
    pub(super) taken: Vec<(usize, u32, u32)>,
}

impl Settled {
    pub(super) fn append(&mut self, mut other: Self) {
        if self.pairs.is_empty() {
            self.pairs = other.pairs;
        } else {
            self.pairs.append(&mut other.pairs);
        }
        self.singles.append(&mut other.singles);
        self.taken.append(&mut other.taken);
    }

    fn duplicates(&mut self, hand: usize, rows: &[u32], of: u32) {
        self.singles.extend(rows.iter().map(|row| Single {
            hand,
            row: *row,
            class: Class::Duplicate,
            why: Why::Duplicate { of },
        }));
    }
}

/// Settles rows of one key, each side sorted by content.
pub(super) fn settle(desk: &Desk<'_>, lefts: &[Entry], rights: &[Entry], settled: &mut Settled) {
    if let ([left], [right]) = (lefts, rights) {
        let (class, _) = desk.claim(left.row, right.row);
        settled.pairs.push(Pair { left: left.row, right: right.row, class, pass: 0 });
        return;
    }
    let mut sides = [copies(desk, 0, lefts), copies(desk, 1, rights)];
    let [left_copies, right_copies] = &mut sides;
    for (content, rows) in left_copies.iter_mut() {
        let Ok(place) = right_copies.binary_search_by_key(content, |(other, _)| *other) else {
            continue;
        };
        let others = &mut right_copies[place].1;
        let count = rows.len().min(others.len());
        for (left, right) in rows.iter().zip(others.iter()) {
            let (left, right) = (*left, *right);
            settled.pairs.push(Pair { left, right, class: Class::Matched, pass: 0 });
        }
        settled.duplicates(0, &rows[count..], rows[0]);
        settled.duplicates(1, &others[count..], others[0]);
        rows.clear();
        others.clear();
    }
    let [left, right] = sides.map(|side| {
        side.into_iter().map(|(_, rows)| rows).filter(|rows| !rows.is_empty()).collect::<Vec<_>>()
    });
    if left.is_empty() || right.is_empty() {
        // What is open now may still find a partner by another pass.
        for (hand, rest, others) in [(0, &left, rights), (1, &right, lefts)] {
            let of = others.iter().map(|entry| (desk.whole(1 - hand, entry.row), entry.row)).min();
            let rows = rest.iter().flatten();
            settled.taken.extend(rows.filter_map(|row| Some((hand, *row, of?.1))));
        }
        return;
    }
    assign(desk, [&left, &right], settled);
}

/// Groups a side's rows by content, copies in the order of all that they say.
fn copies(desk: &Desk<'_>, hand: usize, entries: &[Entry]) -> Vec<([u64; 2], Vec<u32>)> {
    let equal = entries.chunk_by(|a, b| a.content == b.content);
    equal
        .map(|equal| {
            let mut rows: Vec<u32> = equal.iter().map(|entry| entry.row).collect();
            if rows.len() > 1 {
                rows.sort_by_cached_key(|row| (desk.whole(hand, *row), *row));
            }
            (equal[0].content, rows)
        })
        .collect()
}

/// Assigns contents that differ; the copies of one content are interchangeable.
fn assign(desk: &Desk<'_>, sides: [&[Vec<u32>]; 2], settled: &mut Settled) {
    if sides[0].len().saturating_mul(sides[1].len()) > EDGES_MAX {
        for hand in [0, 1] {
            let alternatives = sides[1 - hand].iter().map(Vec::len).sum::<usize>().max(2) as u64;
            settled.singles.extend(sides[hand].iter().flatten().map(|row| Single {
                hand,
                row: *row,
                class: Class::Ambiguous,
                why: Why::Ambiguous { alternatives },
            }));
        }
        return;
    }
    let mut knot = Knot::default();
    for (hand, side) in sides.into_iter().enumerate() {
        for rows in side {
            knot.add(hand, Node { members: rows.iter().map(|row| *row as usize).collect() });
        }
    }
    for (l, left) in sides[0].iter().enumerate() {
        for (r, right) in sides[1].iter().enumerate() {
            knot.connect(l, r, desk.claim(left[0], right[0]).1);
        }
    }
    let decision = knot.decide();
    let row = |place: usize| u32::try_from(place).expect("members are rows");
    let mut paired: [Vec<u32>; 2] = [Vec::new(), Vec::new()];
    for (left, right) in decision.pairs {
        let (left, right) = (row(left), row(right));
        let (class, _) = desk.claim(left, right);
        settled.pairs.push(Pair { left, right, class, pass: 0 });
        paired[0].push(left);
        paired[1].push(right);
    }
    for (hand, rows) in decision.ambiguous.into_iter().enumerate() {
        settled.singles.extend(rows.iter().map(|(place, alternatives)| Single {
            hand,
            row: row(*place),
            class: Class::Ambiguous,
            why: Why::Ambiguous { alternatives: *alternatives },
        }));
        let is_ambiguous = |row: &u32| rows.iter().any(|(place, _)| *place == *row as usize);
        for copies in sides[hand] {
            let Some(of) = copies.iter().find(|row| paired[hand].contains(row)).copied() else {
                continue;
            };
            let surplus: Vec<u32> = copies
                .iter()
                .filter(|row| !paired[hand].contains(row) && !is_ambiguous(row))
                .copied()
                .collect();
            settled.duplicates(hand, &surplus, of);
        }
    }
}
