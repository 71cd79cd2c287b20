//! Chooses partners among candidates, refusing to guess.
//!
//! Rows of equal content and equal candidates are one node; nodes that hang together make
//! a knot (`knot`), whose best assignment is found as a whole. Confirmed is what every
//! best assignment contains. What other best assignments would pair otherwise is ambiguous
//! on both sides; surplus copies are duplicates when nothing takes them.

use std::collections::{BTreeMap, HashMap};

use crate::reconcile::compare::Rank;
use crate::reconcile::content::Content;
use crate::reconcile::knot::{Claim, Knot, Node};
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
    all.sort_unstable_by_key(|one| (one.left, one.right));
    let mut degrees = [vec![0u32; left.len()], vec![0u32; right.len()]];
    for one in &all {
        degrees[0][one.left] += 1;
        degrees[1][one.right] += 1;
    }
    // Most rows have one candidate that has no other: they need no graph.
    let (single, tangled): (Vec<Candidate>, Vec<Candidate>) =
        all.into_iter().partition(|one| degrees[0][one.left] == 1 && degrees[1][one.right] == 1);
    choice.pairs.extend(single.iter().map(|one| (one.left, one.right)));
    for knot in knots(&tangled, left, right) {
        let decision = knot.decide();
        choice.pairs.extend(decision.pairs);
        let [lefts, rights] = decision.ambiguous;
        choice.ambiguous_left.extend(lefts);
        choice.ambiguous_right.extend(rights);
    }
    choice.pairs.sort_unstable();
    choice
}

/// Parts candidates into knots that share no row.
fn knots(tangled: &[Candidate], left: &[Record], right: &[Record]) -> Vec<Knot> {
    let claims = tangled.iter().map(|one| (one.left, one.right, one.rank.claim()));
    let lefts = fold(claims.clone(), left);
    let rights = fold(claims.map(|(l, r, claim)| (r, l, claim)), right);
    let node_of_right: HashMap<usize, usize> = rights
        .iter()
        .enumerate()
        .flat_map(|(node, (members, _))| members.iter().map(move |row| (*row, node)))
        .collect();
    let mut edges: Vec<(usize, usize, Claim)> = lefts
        .iter()
        .enumerate()
        .flat_map(|(node, (_, partners))| {
            let edge = |(row, claim): &(usize, Claim)| (node, node_of_right[row], *claim);
            partners.iter().map(edge).collect::<Vec<_>>()
        })
        .collect();
    edges.sort_unstable();
    edges.dedup_by_key(|(l, r, _)| (*l, *r));
    let mut parent: Vec<usize> = (0..lefts.len() + rights.len()).collect();
    for (l, r, _) in &edges {
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
    for (l, r, claim) in edges {
        let knot = found.entry(root(&mut parent, l)).or_default();
        knot.connect(place[l], place[count + r], claim);
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

/// Holds one side's interchangeable rows, and their partners with how good each is.
type Folded = (Vec<usize>, Vec<(usize, Claim)>);

/// Folds one side's rows into nodes: equal content and equal candidates, in stable order.
fn fold(claims: impl Iterator<Item = (usize, usize, Claim)>, rows: &[Record]) -> Vec<Folded> {
    let mut candidates: BTreeMap<usize, Vec<(usize, Claim)>> = BTreeMap::new();
    for (own, other, claim) in claims {
        candidates.entry(own).or_default().push((other, claim));
    }
    let mut nodes: HashMap<(Content, Vec<(usize, Claim)>), Vec<usize>> = HashMap::new();
    for (row, mut others) in candidates {
        others.sort_unstable();
        nodes.entry((rows[row].content, others)).or_default().push(row);
    }
    let mut folded: Vec<Folded> =
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
