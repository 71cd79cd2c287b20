//! Chooses partners among candidates, refusing to guess.
//!
//! Candidates are taken level by level, best rank first. Within a level, rows of equal
//! content are one: they pair n to n, in order of their ids, and the surplus waits (it may
//! find a worse partner, and is a duplicate if it does not). A pair is confirmed only when
//! it is forced: no other assignment of the level pairs as many. What is left of a level
//! after that has several equally good partners, so both sides of it are ambiguous.

use std::collections::{BTreeMap, BTreeSet};

use crate::reconcile::compare::Rank;
use crate::reconcile::record::{Content, Record};

/// Holds one candidate pair and how well it agrees.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub(super) left: usize,
    pub(super) right: usize,
    pub(super) rank: Rank,
}

/// Holds what was chosen: confirmed pairs, and rows with several equal partners.
#[derive(Debug, Default)]
pub(super) struct Choice {
    pub(super) pairs: Vec<(usize, usize)>,
    /// Left rows with the number of equally good partners.
    pub(super) ambiguous_left: BTreeMap<usize, u64>,
    /// Right rows, likewise.
    pub(super) ambiguous_right: BTreeMap<usize, u64>,
}

/// Chooses partners; the answer does not depend on the order of candidates.
pub(super) fn choose(left: &[Record], right: &[Record], mut all: Vec<Candidate>) -> Choice {
    let mut choice = Choice::default();
    all.sort_unstable_by_key(|one| (one.rank, one.left, one.right));
    let (mut used_left, mut used_right) = (BTreeSet::new(), BTreeSet::new());
    for level in all.chunk_by(|a, b| a.rank == b.rank) {
        let open: Vec<Candidate> = level
            .iter()
            .filter(|one| !used_left.contains(&one.left) && !used_right.contains(&one.right))
            .copied()
            .collect();
        if open.is_empty() {
            continue;
        }
        let mut graph = Graph::of(&open, left, right);
        for (a, b) in graph.take_forced() {
            used_left.insert(a);
            used_right.insert(b);
            choice.pairs.push((a, b));
        }
        for (row, alternatives) in graph.rest(Hand::Left) {
            used_left.insert(row);
            choice.ambiguous_left.insert(row, alternatives);
        }
        for (row, alternatives) in graph.rest(Hand::Right) {
            used_right.insert(row);
            choice.ambiguous_right.insert(row, alternatives);
        }
    }
    choice.pairs.sort_unstable();
    choice
}

/// Picks a side of the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hand {
    Left = 0,
    Right = 1,
}

/// Holds one level's candidates with rows of equal content folded into one node.
struct Graph {
    members: [BTreeMap<Content, Vec<usize>>; 2],
    partners: [BTreeMap<Content, BTreeSet<Content>>; 2],
}

impl Graph {
    fn of(open: &[Candidate], left: &[Record], right: &[Record]) -> Self {
        let mut graph = Self { members: Default::default(), partners: Default::default() };
        for one in open {
            let (a, b) = (left[one.left].content, right[one.right].content);
            graph.members[0].entry(a).or_default().push(one.left);
            graph.members[1].entry(b).or_default().push(one.right);
            graph.partners[0].entry(a).or_default().insert(b);
            graph.partners[1].entry(b).or_default().insert(a);
        }
        for (hand, rows) in [(0, left), (1, right)] {
            for members in graph.members[hand].values_mut() {
                members.sort_unstable_by(|a, b| rows[*a].reference.id.cmp(&rows[*b].reference.id));
                members.dedup();
            }
        }
        graph
    }

    /// Takes out the pairs that every best assignment of this level contains.
    fn take_forced(&mut self) -> Vec<(usize, usize)> {
        let mut pairs = Vec::new();
        while let Some((a, b)) = self.next_forced() {
            let lefts = self.members[0].remove(&a).unwrap_or_default();
            let rights = self.members[1].remove(&b).unwrap_or_default();
            pairs.extend(lefts.into_iter().zip(rights));
            self.drop_node(Hand::Left, a);
            self.drop_node(Hand::Right, b);
        }
        pairs
    }

    /// Finds a node with one partner that no other such node of equal claim wants.
    fn next_forced(&self) -> Option<(Content, Content)> {
        for hand in [Hand::Left, Hand::Right] {
            let (own, other) = (hand as usize, 1 - hand as usize);
            for (node, partners) in &self.partners[own] {
                let [partner] = partners.iter().copied().collect::<Vec<_>>()[..] else {
                    continue;
                };
                let rivals = &self.partners[other][&partner];
                let has_rival = rivals
                    .iter()
                    .any(|rival| rival != node && self.partners[own][rival].len() == 1);
                // A node of several rows may leave some over for the partner's other nodes.
                let is_even = rivals.len() == 1
                    || self.members[own][node].len() >= self.members[other][&partner].len();
                if !has_rival && is_even {
                    return Some(match hand {
                        Hand::Left => (*node, partner),
                        Hand::Right => (partner, *node),
                    });
                }
            }
        }
        None
    }

    fn drop_node(&mut self, hand: Hand, node: Content) {
        let (own, other) = (hand as usize, 1 - hand as usize);
        for partner in self.partners[own].remove(&node).unwrap_or_default() {
            if let Some(back) = self.partners[other].get_mut(&partner) {
                back.remove(&node);
            }
        }
    }

    /// Returns the rows that still have partners, each with how many.
    fn rest(&self, hand: Hand) -> Vec<(usize, u64)> {
        let own = hand as usize;
        self.partners[own]
            .iter()
            .filter(|(_, partners)| !partners.is_empty())
            .flat_map(|(node, partners)| {
                self.members[own][node].iter().map(|row| (*row, partners.len() as u64))
            })
            .collect()
    }
}
