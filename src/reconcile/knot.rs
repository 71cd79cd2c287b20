//! One knot of candidates that hang together, and what every best assignment of it holds.
//!
//! The best assignment has, in this order: the most pairs of the best level, then of the
//! next, and so on; then the fewest days between the dates of its pairs, summed; then the
//! fewest cents between their amounts, summed. So a better claim is never broken for a
//! worse one's sake, and among equal claims nobody's partner is taken by whoever came
//! first. It is found as a cheapest flow (successive shortest paths). The flow on an edge
//! can be another in some other best assignment exactly when the edge lies on a cycle of
//! the residual graph that costs nothing. Edges that lie on none are decided, all others
//! are a guess that nobody makes here.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, VecDeque};
use std::ops::{Add, Neg, Sub};

use crate::reconcile::scc::components;

/// Knots with more edges than this are ambiguous as a whole: deciding costs rows × edges.
const EDGES_MAX: usize = 40_000;

/// Bits in which the pairs of one level are counted, so rows of a knot stay under 2^13.
const LEVEL_BITS: usize = 13;

/// Levels that are told apart in one knot; what is worse than the last counts as the last.
const LEVELS_MAX: usize = 9;

/// States how good a candidate is: level first, then distances, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(super) struct Claim {
    /// Least is best; pairs of a better level are never given up for a worse one.
    pub(super) level: u64,
    /// Days between the two dates.
    pub(super) days: u64,
    /// Cents, or another exact unit, between the two amounts.
    pub(super) cents: u64,
}

/// Holds interchangeable rows of one side, in stable order.
#[derive(Debug, Clone, Default)]
pub(super) struct Node {
    pub(super) members: Vec<usize>,
}

/// Holds nodes of both sides that hang together through candidates.
#[derive(Debug, Clone, Default)]
pub(super) struct Knot {
    nodes: [Vec<Node>; 2],
    edges: Vec<(usize, usize, Claim)>,
    /// The edges of each node.
    edges_of: [Vec<Vec<usize>>; 2],
}

/// Holds what a knot yields, by row.
#[derive(Debug, Default)]
pub(super) struct Decision {
    pub(super) pairs: Vec<(usize, usize)>,
    /// Rows of either side with the number of equally good choices.
    pub(super) ambiguous: [Vec<(usize, u64)>; 2],
}

/// Holds a price that orders assignments: level counts, days, cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Price(i128, i128, i128);

impl Add for Price {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0, self.1 + other.1, self.2 + other.2)
    }
}

impl Neg for Price {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0, -self.1, -self.2)
    }
}

impl Sub for Price {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

/// Holds a flow through a knot with the prices that prove it the cheapest.
struct Flow {
    on_edge: Vec<usize>,
    used: [Vec<usize>; 2],
    prices: Vec<Price>,
    /// What each node costs to reach, as far as known: lefts, rights, source, sink.
    potential: Vec<Price>,
}

impl Knot {
    /// Adds a node to the left (0) or the right (1) and returns its place there.
    pub(super) fn add(&mut self, hand: usize, node: Node) -> usize {
        self.nodes[hand].push(node);
        self.edges_of[hand].push(Vec::new());
        self.nodes[hand].len() - 1
    }

    /// Makes every row of one left node a candidate for every row of one right node.
    pub(super) fn connect(&mut self, left: usize, right: usize, claim: Claim) {
        self.edges_of[0][left].push(self.edges.len());
        self.edges_of[1][right].push(self.edges.len());
        self.edges.push((left, right, claim));
    }

    /// Returns the pairs that are beyond doubt, and the rows that are not.
    pub(super) fn decide(&self) -> Decision {
        if let [(l, r, _)] = self.edges[..] {
            let (lefts, rights) = (&self.nodes[0][l].members, &self.nodes[1][r].members);
            let pairs = lefts.iter().copied().zip(rights.iter().copied());
            return Decision { pairs: pairs.collect(), ..Decision::default() };
        }
        let rows: usize = self.nodes.iter().flatten().map(|node| node.members.len()).sum();
        if self.edges.len() > EDGES_MAX || rows >> LEVEL_BITS > 0 {
            return self.decision(&vec![0; self.edges.len()], &vec![true; self.edges.len()]);
        }
        let flow = self.cheapest_flow();
        let is_open = self.changeable(&flow);
        self.decision(&flow.on_edge, &is_open)
    }

    /// Returns the pairs that have nobody else; everything that hangs together is doubtful.
    pub(super) fn decide_alone(&self) -> Decision {
        if self.edges.len() == 1 {
            return self.decide();
        }
        self.decision(&vec![0; self.edges.len()], &vec![true; self.edges.len()])
    }

    /// Gives each decided edge its rows, in order, and leaves the others ambiguous.
    fn decision(&self, on_edge: &[usize], is_open: &[bool]) -> Decision {
        let mut decision = Decision::default();
        let mut taken = [vec![0; self.nodes[0].len()], vec![0; self.nodes[1].len()]];
        for (edge, (l, r, _)) in self.edges.iter().enumerate().filter(|(edge, _)| !is_open[*edge]) {
            let lefts = &self.nodes[0][*l].members[taken[0][*l]..][..on_edge[edge]];
            let rights = &self.nodes[1][*r].members[taken[1][*r]..][..on_edge[edge]];
            decision.pairs.extend(lefts.iter().copied().zip(rights.iter().copied()));
            taken[0][*l] += on_edge[edge];
            taken[1][*r] += on_edge[edge];
        }
        // Rows that each node might be paired with.
        let mut partners = [vec![0; self.nodes[0].len()], vec![0; self.nodes[1].len()]];
        let open = || self.edges.iter().zip(is_open).filter(|(_, open)| **open).map(|(e, _)| *e);
        for (l, r, _) in open() {
            partners[0][l] += self.nodes[1][r].members.len() as u64;
            partners[1][r] += self.nodes[0][l].members.len() as u64;
        }
        // A row with a single partner has its rivals for that partner instead.
        let mut choices = partners.clone();
        for (l, r, _) in open() {
            choices[0][l] = choices[0][l].max(partners[1][r]);
            choices[1][r] = choices[1][r].max(partners[0][l]);
        }
        for hand in [0, 1] {
            for (index, node) in self.nodes[hand].iter().enumerate() {
                if partners[hand][index] > 0 {
                    let alternatives = match partners[hand][index] {
                        1 => choices[hand][index],
                        several => several,
                    };
                    let rest = &node.members[taken[hand][index]..];
                    decision.ambiguous[hand].extend(rest.iter().map(|row| (*row, alternatives)));
                }
            }
        }
        decision
    }

    /// Returns the price of each edge: more pairs of a better level are always cheaper.
    fn prices(&self) -> Vec<Price> {
        let levels: BTreeSet<u64> = self.edges.iter().map(|(_, _, claim)| claim.level).collect();
        let levels: Vec<u64> = levels.into_iter().collect();
        let lanes = levels.len().min(LEVELS_MAX);
        let price = |claim: &Claim| {
            let place = levels.partition_point(|level| *level < claim.level).min(lanes - 1);
            let pair = 1i128 << (LEVEL_BITS * (lanes - 1 - place));
            Price(-pair, i128::from(claim.days), i128::from(claim.cents))
        };
        self.edges.iter().map(|(_, _, claim)| price(claim)).collect()
    }

    fn capacity(&self, hand: usize, node: usize) -> usize {
        self.nodes[hand][node].members.len()
    }

    /// The number of left nodes, which is the place of the first right node.
    fn lefts(&self) -> usize {
        self.nodes[0].len()
    }

    fn source(&self) -> usize {
        self.nodes[0].len() + self.nodes[1].len()
    }

    /// Sends rows along cheapest paths for as long as that makes the whole cheaper.
    fn cheapest_flow(&self) -> Flow {
        let mut flow = Flow {
            on_edge: vec![0; self.edges.len()],
            used: [vec![0; self.nodes[0].len()], vec![0; self.nodes[1].len()]],
            prices: self.prices(),
            potential: vec![Price::default(); self.source() + 2],
        };
        let (count, sink) = (self.lefts(), self.source() + 1);
        for (edge, (_, r, _)) in self.edges.iter().enumerate() {
            let reached = &mut flow.potential[count + r];
            *reached = (*reached).min(flow.prices[edge]);
        }
        let cheapest = flow.potential.iter().min().copied().unwrap_or_default();
        flow.potential[sink] = cheapest;
        while self.augment(&mut flow) {}
        flow
    }

    /// Sends one more row along a cheapest path, `false` when none lowers the price.
    fn augment(&self, flow: &mut Flow) -> bool {
        let (source, sink) = (self.source(), self.source() + 1);
        let mut distance: Vec<Option<Price>> = vec![None; sink + 1];
        let mut came_by: Vec<Option<(usize, Option<usize>)>> = vec![None; sink + 1];
        let mut queue = BinaryHeap::from([Reverse((Price::default(), source))]);
        distance[source] = Some(Price::default());
        while let Some(Reverse((so_far, at))) = queue.pop() {
            if distance[at].is_some_and(|known| known < so_far) {
                continue;
            }
            self.each_step(flow, at, |to, edge, price| {
                let next = so_far + price + flow.potential[at] - flow.potential[to];
                if distance[to].is_none_or(|known| next < known) {
                    distance[to] = Some(next);
                    came_by[to] = Some((at, edge));
                    queue.push(Reverse((next, to)));
                }
            });
        }
        let Some(to_sink) = distance[sink] else {
            return false;
        };
        for (potential, distance) in flow.potential.iter_mut().zip(&distance) {
            *potential = *potential + distance.map_or(to_sink, |known| known.min(to_sink));
        }
        if flow.potential[sink] - flow.potential[source] >= Price::default() {
            return false;
        }
        self.send(flow, &came_by);
        true
    }

    /// Gives each residual step from a node to `step`: where to, by which edge, its price.
    fn each_step(&self, flow: &Flow, at: usize, mut step: impl FnMut(usize, Option<usize>, Price)) {
        let (count, source) = (self.lefts(), self.source());
        let free = Price::default();
        if at == source {
            for l in (0..count).filter(|l| flow.used[0][*l] < self.capacity(0, *l)) {
                step(l, None, free);
            }
        } else if at == source + 1 {
            for r in (0..self.nodes[1].len()).filter(|r| flow.used[1][*r] > 0) {
                step(count + r, None, free);
            }
        } else if at < count {
            if flow.used[0][at] > 0 {
                step(source, None, free);
            }
            for edge in &self.edges_of[0][at] {
                let r = self.edges[*edge].1;
                if flow.on_edge[*edge] < self.capacity(0, at).min(self.capacity(1, r)) {
                    step(count + r, Some(*edge), flow.prices[*edge]);
                }
            }
        } else {
            let r = at - count;
            if flow.used[1][r] < self.capacity(1, r) {
                step(source + 1, None, free);
            }
            for edge in self.edges_of[1][r].iter().filter(|edge| flow.on_edge[**edge] > 0) {
                step(self.edges[*edge].0, Some(*edge), -flow.prices[*edge]);
            }
        }
    }

    /// Turns the path that ends in the sink into one more row of flow.
    fn send(&self, flow: &mut Flow, came_by: &[Option<(usize, Option<usize>)>]) {
        let (count, source, sink) = (self.lefts(), self.source(), self.source() + 1);
        let mut at = sink;
        while let Some((from, edge)) = came_by[at] {
            match edge {
                Some(edge) if from < count => flow.on_edge[edge] += 1,
                Some(edge) => flow.on_edge[edge] -= 1,
                None if at == sink => flow.used[1][from - count] += 1,
                None if from == source => flow.used[0][at] += 1,
                None => {}
            }
            at = from;
        }
    }

    /// Tells of each edge whether another best assignment sends more or less along it.
    fn changeable(&self, flow: &Flow) -> Vec<bool> {
        let mut steps: Vec<Vec<(usize, Option<usize>)>> = vec![Vec::new(); self.source() + 2];
        for (at, own) in steps.iter_mut().enumerate() {
            self.each_step(flow, at, |to, edge, price| {
                if price + flow.potential[at] - flow.potential[to] == Price::default() {
                    own.push((to, edge));
                }
            });
        }
        let component = components(&steps);
        let count = self.lefts();
        (0..self.edges.len())
            .map(|edge| {
                let (l, r) = (self.edges[edge].0, count + self.edges[edge].1);
                let goes = |from: usize, to: usize| steps[from].contains(&(to, Some(edge)));
                if component[l] != component[r] {
                    return false;
                }
                match (goes(l, r), goes(r, l)) {
                    (false, false) => false,
                    // To and fro along one edge is no other assignment.
                    (true, true) => {
                        is_reached(&steps, l, r, edge) || is_reached(&steps, r, l, edge)
                    }
                    _ => true,
                }
            })
            .collect()
    }
}

/// Tells whether steps lead from a node to another without using an edge.
fn is_reached(
    steps: &[Vec<(usize, Option<usize>)>],
    from: usize,
    goal: usize,
    without: usize,
) -> bool {
    let mut is_seen = vec![false; steps.len()];
    is_seen[from] = true;
    let mut queue = VecDeque::from([from]);
    while let Some(at) = queue.pop_front() {
        if at == goal {
            return true;
        }
        for (to, edge) in &steps[at] {
            if *edge != Some(without) && !is_seen[*to] {
                is_seen[*to] = true;
                queue.push_back(*to);
            }
        }
    }
    false
}
