//! Chooses partners among candidates, refusing to guess.
//!
//! Rows of equal content and equal candidates are one node; nodes that hang together make
//! a knot (`knot`), whose best assignment is found as a whole. Confirmed is what every
//! best assignment contains. What other best assignments would pair otherwise is ambiguous
//! on both sides; surplus copies are duplicates when nothing takes them.

use std::cmp::Ordering;
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
///
/// With `is_unique` only rows are paired that have nobody else.
pub(super) fn choose(
    left: &[Record],
    right: &[Record],
    all: &[Candidate],
    is_unique: bool,
) -> Choice {
    let claims: Vec<_> = all.iter().map(|one| (one.left, one.right, one.rank.claim())).collect();
    let sides = [left, right];
    let order = |hand: usize, a: usize, b: usize| {
        sides[hand][a].reference.id.cmp(&sides[hand][b].reference.id)
    };
    let contents: [&dyn Fn(usize) -> Content; 2] =
        [&|row| left[row].content, &|row| right[row].content];
    assign(&claims, contents, &order, is_unique)
}

/// Rows of one knot, so that a name never outweighs a cent.
const NAME_WEIGHT: u64 = 8_192;

/// Cents beyond which an amount's distance counts no further where names decide.
const CENTS_MAX: u64 = 1 << 50;

/// Decides between equally good partners by their names, where these tell them apart.
///
/// Takes what a choice left ambiguous, and returns the pairs that only names decided with
/// what is ambiguous still. A name counts as near or far and nothing between.
pub(super) fn choose_by_name(
    left: &[Record],
    right: &[Record],
    all: &[Candidate],
    choice: &Choice,
) -> Choice {
    let is_open = |one: &&Candidate| {
        choice.ambiguous_left.contains_key(&one.left)
            && choice.ambiguous_right.contains_key(&one.right)
    };
    let claims: Vec<_> = all
        .iter()
        .filter(is_open)
        .map(|one| {
            let claim = one.rank.claim();
            let is_far = left[one.left].party.has_like_name(&right[one.right].party) == Some(false);
            let cents = claim.cents.min(CENTS_MAX) * NAME_WEIGHT + u64::from(is_far);
            (one.left, one.right, Claim { cents, ..claim })
        })
        .collect();
    let sides = [left, right];
    let order = |hand: usize, a: usize, b: usize| {
        sides[hand][a].reference.id.cmp(&sides[hand][b].reference.id)
    };
    let contents: [&dyn Fn(usize) -> Content; 2] =
        [&|row| left[row].content, &|row| right[row].content];
    assign(&claims, contents, &order, false)
}

/// Returns the best assignment of claims between rows of two sides.
///
/// `order` tells copies apart that say the same. With `is_unique` only rows are paired that
/// have nobody else.
pub(super) fn assign(
    claims: &[(usize, usize, Claim)],
    contents: [&dyn Fn(usize) -> Content; 2],
    order: &dyn Fn(usize, usize, usize) -> Ordering,
    is_unique: bool,
) -> Choice {
    let mut choice = Choice::default();
    let degrees = degrees(claims.iter().map(|(left, right, _)| (*left, *right)));
    // Most rows have one candidate that has no other: they need no graph.
    let is_single = |(left, right, _): &&(usize, usize, Claim)| {
        degrees[0][*left] == 1 && degrees[1][*right] == 1
    };
    choice.pairs.extend(claims.iter().filter(is_single).map(|(left, right, _)| (*left, *right)));
    let tangled: Vec<_> = claims.iter().filter(|claim| !is_single(claim)).copied().collect();
    for knot in knots(&tangled, contents, order) {
        let decision = if is_unique { knot.decide_alone() } else { knot.decide() };
        choice.pairs.extend(decision.pairs);
        let [lefts, rights] = decision.ambiguous;
        choice.ambiguous_left.extend(lefts);
        choice.ambiguous_right.extend(rights);
    }
    choice.pairs.sort_unstable();
    choice
}

/// Counts the candidates of each row of either side, by its place.
pub(super) fn degrees(candidates: impl Iterator<Item = (usize, usize)>) -> [Vec<u32>; 2] {
    let mut degrees = [Vec::new(), Vec::new()];
    for (left, right) in candidates {
        for (side, row) in degrees.iter_mut().zip([left, right]) {
            if side.len() <= row {
                side.resize(row + 1, 0);
            }
            side[row] += 1;
        }
    }
    degrees
}

/// Parts candidates into knots that share no row.
fn knots(
    tangled: &[(usize, usize, Claim)],
    contents: [&dyn Fn(usize) -> Content; 2],
    order: &dyn Fn(usize, usize, usize) -> Ordering,
) -> Vec<Knot> {
    let claims = tangled.iter().copied();
    let lefts = fold(claims.clone(), contents[0], |a, b| order(0, a, b));
    let rights =
        fold(claims.map(|(l, r, claim)| (r, l, claim)), contents[1], |a, b| order(1, a, b));
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

/// Holds what makes rows interchangeable: what they say, and whom they may meet.
type Alike = (Content, Vec<(usize, Claim)>);

/// Holds one side's interchangeable rows, and their partners with how good each is.
type Folded = (Vec<usize>, Vec<(usize, Claim)>);

/// Folds one side's rows into nodes: equal content and equal candidates, in stable order.
fn fold(
    claims: impl Iterator<Item = (usize, usize, Claim)>,
    content: &dyn Fn(usize) -> Content,
    order: impl Fn(usize, usize) -> Ordering,
) -> Vec<Folded> {
    let mut candidates: BTreeMap<usize, Vec<(usize, Claim)>> = BTreeMap::new();
    for (own, other, claim) in claims {
        candidates.entry(own).or_default().push((other, claim));
    }
    let mut nodes: HashMap<Alike, Vec<usize>> = HashMap::new();
    for (row, mut others) in candidates {
        others.sort_unstable();
        nodes.entry((content(row), others)).or_default().push(row);
    }
    let mut folded: Vec<Folded> =
        nodes.into_iter().map(|((_, others), members)| (members, others)).collect();
    for (members, _) in &mut folded {
        members.sort_unstable_by(|a, b| order(*a, *b));
    }
    folded.sort_unstable_by(|(a, _), (b, _)| {
        content(a[0]).cmp(&content(b[0])).then_with(|| order(a[0], b[0]))
    });
    folded
}
