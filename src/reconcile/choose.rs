//! Chooses partners among candidates, refusing to guess.
//!
//! Candidates are taken level by level, best rank first: a better claim is never broken
//! for a worse one's sake. Within a level, rows of equal content and equal candidates are
//! one node; nodes that hang together make a knot (`knot`), which confirms the pairs that
//! every best assignment contains. What other best assignments would pair otherwise is
//! ambiguous on both sides; surplus copies wait for a worse level, and are duplicates if
//! none takes them.

use std::collections::{BTreeMap, HashMap};

use crate::reconcile::compare::Rank;
use crate::reconcile::content::Content;
use crate::reconcile::knot::{Knot, Node};
use crate::reconcile::record::Record;

/// Holds one candidate pair and how well it agrees.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub(super) left: usize,
    pub(super) right: usize,
    pub(super) rank: Rank,
}

/// Holds what was chosen: confirmed pairs, and rows with several equal partners.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) pairs: Vec<(usize, usize)>,
    /// Left rows with the number of equally good choices, two or more.
    pub(super) ambiguous_left: BTreeMap<usize, u64>,
    /// Right rows, likewise.
    pub(super) ambiguous_right: BTreeMap<usize, u64>,
}

/// Chooses partners; the answer does not depend on the order of rows or candidates.
pub(super) fn choose(left: &[Record], right: &[Record], mut all: Vec<Candidate>) -> Choice {
    let mut choice = Choice::default();
    all.sort_unstable_by_key(|one| (one.rank, one.left, one.right));
    let mut is_used = [vec![false; left.len()], vec![false; right.len()]];
    for level in all.chunk_by(|a, b| a.rank == b.rank) {
        let open: Vec<(usize, usize)> = level
            .iter()
            .map(|one| (one.left, one.right))
            .filter(|(l, r)| !is_used[0][*l] && !is_used[1][*r])
            .collect();
        for knot in knots(&open, left, right) {
            let decision = knot.decide();
            for (l, r) in decision.pairs {
                is_used[0][l] = true;
                is_used[1][r] = true;
                choice.pairs.push((l, r));
            }
            let [lefts, rights] = decision.ambiguous;
            for (row, alternatives) in lefts {
                is_used[0][row] = true;
                choice.ambiguous_left.insert(row, alternatives);
            }
            for (row, alternatives) in rights {
                is_used[1][row] = true;
                choice.ambiguous_right.insert(row, alternatives);
            }
        }
    }
    choice.pairs.sort_unstable();
    choice
}

/// Parts one level's candidates into knots that share no row.
fn knots(open: &[(usize, usize)], left: &[Record], right: &[Record]) -> Vec<Knot> {
    if let [(l, r)] = open {
        return vec![Knot::single(*l, *r)];
    }
    let lefts = fold(open.iter().copied(), left);
    let rights = fold(open.iter().map(|(l, r)| (*r, *l)), right);
    let node_of_right: HashMap<usize, usize> = rights
        .iter()
        .enumerate()
        .flat_map(|(node, (members, _))| members.iter().map(move |row| (*row, node)))
        .collect();
    let mut edges: Vec<(usize, usize)> = lefts
        .iter()
        .enumerate()
        .flat_map(|(node, (_, partners))| {
            partners.iter().map(|row| (node, node_of_right[row])).collect::<Vec<_>>()
        })
        .collect();
    edges.sort_unstable();
    edges.dedup();
    let mut parent: Vec<usize> = (0..lefts.len() + rights.len()).collect();
    for (l, r) in &edges {
        let (a, b) = (root(&mut parent, *l), root(&mut parent, lefts.len() + *r));
        parent[a.max(b)] = a.min(b);
    }
    let mut found: BTreeMap<usize, Knot> = BTreeMap::new();
    let mut place = vec![0; lefts.len() + rights.len()];
    let count = lefts.len();
    for (index, (members, _)) in lefts.into_iter().chain(rights).enumerate() {
        let knot = found.entry(root(&mut parent, index)).or_default();
        place[index] = knot.add(usize::from(index >= count), Node { members });
    }
    for (l, r) in edges {
        let knot = found.entry(root(&mut parent, l)).or_default();
        knot.connect(place[l], place[count + r]);
    }
    found.into_values().collect()
}

/// Returns the set that a node belongs to, shortening the way for later.
fn root(parent: &mut [usize], mut node: usize) -> usize {
    while parent[node] != node {
        parent[node] = parent[parent[node]];
        node = parent[node];
    }
    node
}

/// Folds one side's rows into nodes: equal content and equal candidates, in stable order.
fn fold(
    open: impl Iterator<Item = (usize, usize)>,
    rows: &[Record],
) -> Vec<(Vec<usize>, Vec<usize>)> {
    let mut candidates: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (own, other) in open {
        candidates.entry(own).or_default().push(other);
    }
    let mut nodes: HashMap<(Content, Vec<usize>), Vec<usize>> = HashMap::new();
    for (row, mut others) in candidates {
        others.sort_unstable();
        nodes.entry((rows[row].content, others)).or_default().push(row);
    }
    let mut folded: Vec<(Vec<usize>, Vec<usize>)> =
        nodes.into_iter().map(|((_, others), members)| (members, others)).collect();
    for (members, _) in &mut folded {
        members.sort_unstable_by(|a, b| rows[*a].reference.id.cmp(&rows[*b].reference.id));
    }
    folded.sort_unstable_by(|(a, _), (b, _)| {
        let key = |row: usize| (rows[row].content, &rows[row].reference.id);
        key(a[0]).cmp(&key(b[0]))
    });
    folded
}
