//! Knots of equal candidates: chains, cycles, copies, and every assignment tried.

use std::cmp::Reverse;

use proptest::prelude::*;

use crate::reconcile::knot::{Claim, Knot, Node};

/// Returns a knot of nodes with so many rows; left rows from 0, right rows from 100.
fn knot(lefts: &[usize], rights: &[usize], edges: &[(usize, usize, Claim)]) -> Knot {
    let mut knot = Knot::default();
    for (hand, sizes) in [lefts, rights].into_iter().enumerate() {
        let mut next = hand * 100;
        for size in sizes {
            knot.add(hand, Node { members: (next..next + size).collect() });
            next += size;
        }
    }
    for (l, r, claim) in edges {
        knot.connect(*l, *r, *claim);
    }
    knot
}

fn claim(level: u64, days: u64, cents: u64) -> Claim {
    Claim { level, days, cents }
}

fn decided(lefts: &[usize], rights: &[usize], edges: &[(usize, usize)]) -> [usize; 3] {
    let equal: Vec<_> = edges.iter().map(|(l, r)| (*l, *r, Claim::default())).collect();
    let decision = knot(lefts, rights, &equal).decide();
    [decision.pairs.len(), decision.ambiguous[0].len(), decision.ambiguous[1].len()]
}

#[test]
fn chains_are_decided_only_when_forced() {
    // a-P-b-Q has one best assignment, a-P-b-Q-c three.
    assert_eq!(decided(&[1, 1], &[1, 1], &[(0, 0), (1, 0), (1, 1)]), [2, 0, 0]);
    let long = [(0, 0), (1, 0), (1, 1), (2, 1)];
    assert_eq!(decided(&[1, 1, 1], &[1, 1], &long), [0, 3, 2]);
}

#[test]
fn cycles_are_never_decided() {
    let square = [(0, 0), (0, 1), (1, 0), (1, 1)];
    assert_eq!(decided(&[1, 1], &[1, 1], &square), [0, 2, 2]);
    // A third pair that hangs on the cycle has nobody else to go to.
    let hanging = [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 2)];
    assert_eq!(decided(&[1, 1, 1], &[1, 1, 1], &hanging), [1, 2, 2]);
}

#[test]
fn copies_fill_each_partner() {
    // Two equal rows for two partners: each gets one, and a third is surplus.
    assert_eq!(decided(&[2], &[1, 1], &[(0, 0), (0, 1)]), [2, 0, 0]);
    assert_eq!(decided(&[3], &[1, 1], &[(0, 0), (0, 1)]), [2, 0, 0]);
    assert_eq!(decided(&[1], &[1, 1], &[(0, 0), (0, 1)]), [0, 1, 2]);
    // One copy is bound, the other has a choice.
    assert_eq!(decided(&[1, 2], &[2, 1], &[(0, 0), (1, 0), (1, 1)]), [3, 0, 0]);
}

#[test]
fn a_huge_knot_is_ambiguous_as_a_whole() {
    let many = vec![1; 201];
    let edges: Vec<_> = (0..201).flat_map(|l| (0..201).map(move |r| (l, r))).collect();
    assert_eq!(decided(&many, &many, &edges), [0, 201, 201]);
}

#[test]
fn a_better_claim_is_never_broken() {
    // Pairing a with Q and b with P would make two pairs, and break the one that is exact.
    let edges = [(0, 0, claim(0, 0, 0)), (0, 1, claim(1, 0, 9)), (1, 0, claim(1, 0, 9))];
    assert_eq!(knot(&[1, 1], &[1, 1], &edges).decide().pairs, [(0, 100)]);
}

#[test]
fn distances_are_least_in_sum() {
    // Whoever chose first, row 0 would take the nearer partner and leave row 1 the far one.
    let edges = [
        (0, 0, claim(0, 1, 0)),
        (0, 1, claim(0, 2, 0)),
        (1, 0, claim(0, 1, 0)),
        (1, 1, claim(0, 9, 0)),
    ];
    assert_eq!(knot(&[1, 1], &[1, 1], &edges).decide().pairs, [(0, 101), (1, 100)]);
    // An equal sum is a guess.
    let equal = edges.map(|(l, r, _)| (l, r, claim(0, [[1, 2], [2, 3]][l][r], 0)));
    assert_eq!(knot(&[1, 1], &[1, 1], &equal).decide().ambiguous.map(|rows| rows.len()), [2, 2]);
}

/// Returns how good an assignment is: pairs of each level, then days, then cents.
fn worth(sent: &[usize], edges: &[(usize, usize, Claim)]) -> ([usize; 3], Reverse<[u64; 2]>) {
    let (mut levels, mut distance) = ([0; 3], [0; 2]);
    for (rows, (_, _, claim)) in sent.iter().zip(edges) {
        levels[usize::try_from(claim.level).unwrap()] += rows;
        distance[0] += claim.days * *rows as u64;
        distance[1] += claim.cents * *rows as u64;
    }
    (levels, Reverse(distance))
}

/// Returns the least and the most rows that best assignments send along each edge.
fn oracle(
    lefts: &[usize],
    rights: &[usize],
    edges: &[(usize, usize, Claim)],
) -> Vec<(usize, usize)> {
    fn go(
        edges: &[(usize, usize, Claim)],
        room: &mut [Vec<usize>; 2],
        sent: &mut Vec<usize>,
        all: &mut Vec<Vec<usize>>,
    ) {
        let Some((l, r, _)) = edges.get(sent.len()).copied() else {
            all.push(sent.clone());
            return;
        };
        for rows in 0..=room[0][l].min(room[1][r]) {
            room[0][l] -= rows;
            room[1][r] -= rows;
            sent.push(rows);
            go(edges, room, sent, all);
            sent.pop();
            room[0][l] += rows;
            room[1][r] += rows;
        }
    }
    let mut all = Vec::new();
    go(edges, &mut [lefts.to_vec(), rights.to_vec()], &mut Vec::new(), &mut all);
    let best = all.iter().map(|one| worth(one, edges)).max().unwrap();
    all.retain(|one| worth(one, edges) == best);
    (0..edges.len())
        .map(|edge| {
            let rows = || all.iter().map(|one| one[edge]);
            (rows().min().unwrap_or(0), rows().max().unwrap_or(0))
        })
        .collect()
}

proptest! {
    #[test]
    fn agrees_with_trying_every_assignment(
        lefts in proptest::collection::vec(1usize..3, 1..4),
        rights in proptest::collection::vec(1usize..3, 1..4),
        mask in any::<u16>(),
        claims in proptest::collection::vec((0u64..3, 0u64..3, 0u64..3), 9),
    ) {
        let edges: Vec<(usize, usize, Claim)> = (0..lefts.len())
            .flat_map(|l| (0..rights.len()).map(move |r| (l, r)))
            .enumerate()
            .filter(|(bit, _)| mask & (1 << bit) != 0)
            .map(|(bit, (l, r))| (l, r, claim(claims[bit].0, claims[bit].1, claims[bit].2)))
            .collect();
        let knot = knot(&lefts, &rights, &edges);
        let decision = knot.decide();
        let node = |hand: usize, row: usize| {
            let sizes = if hand == 0 { &lefts } else { &rights };
            let ends = sizes.iter().scan(hand * 100, |end, size| {
                *end += size;
                Some(*end)
            });
            ends.take_while(|end| *end <= row).count()
        };
        let mut is_open = [vec![false; lefts.len()], vec![false; rights.len()]];
        let bounds = oracle(&lefts, &rights, &edges);
        for ((l, r, _), (least, most)) in edges.iter().zip(bounds) {
            let count = decision.pairs.iter()
                .filter(|(a, b)| (node(0, *a), node(1, *b)) == (*l, *r))
                .count();
            prop_assert_eq!(count, if least == most { most } else { 0 });
            if least != most {
                is_open[0][*l] = true;
                is_open[1][*r] = true;
            }
        }
        for hand in [0, 1] {
            for (row, alternatives) in &decision.ambiguous[hand] {
                prop_assert!(is_open[hand][node(hand, *row)] && *alternatives >= 2);
            }
        }
    }
}
