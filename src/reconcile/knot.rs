//! One knot of equally ranked candidates, and what every best assignment of it contains.
//!
//! A best assignment pairs as many rows as can be paired. It is found as a largest flow
//! from left nodes to right nodes; the flow on an edge can be another in some other best
//! assignment exactly when the edge lies on a cycle of the residual graph. Edges that lie
//! on none are decided, all others are a guess that nobody makes here.

use std::collections::VecDeque;

/// Knots with more edges than this are ambiguous as a whole: deciding costs edges squared.
const EDGES_MAX: usize = 2_000;

/// Holds interchangeable rows of one side, in stable order.
#[derive(Debug, Clone, Default)]
pub(super) struct Node {
    pub(super) members: Vec<usize>,
}

/// Holds nodes of both sides that hang together through candidates.
#[derive(Debug, Clone, Default)]
pub(super) struct Knot {
    nodes: [Vec<Node>; 2],
    edges: Vec<(usize, usize)>,
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

/// Holds a flow through a knot: rows sent along each edge, and used of each node.
struct Flow {
    on_edge: Vec<usize>,
    used: [Vec<usize>; 2],
}

impl Knot {
    /// Returns the knot of two rows that have nobody else.
    pub(super) fn single(left: usize, right: usize) -> Self {
        let mut knot = Self::default();
        knot.add(0, Node { members: vec![left] });
        knot.add(1, Node { members: vec![right] });
        knot.connect(0, 0);
        knot
    }

    /// Adds a node to the left (0) or the right (1) and returns its place there.
    pub(super) fn add(&mut self, hand: usize, node: Node) -> usize {
        self.nodes[hand].push(node);
        self.edges_of[hand].push(Vec::new());
        self.nodes[hand].len() - 1
    }

    /// Makes every row of one left node a candidate for every row of one right node.
    pub(super) fn connect(&mut self, left: usize, right: usize) {
        self.edges_of[0][left].push(self.edges.len());
        self.edges_of[1][right].push(self.edges.len());
        self.edges.push((left, right));
    }

    /// Returns the pairs that are beyond doubt, and the rows that are not.
    pub(super) fn decide(&self) -> Decision {
        if let [(l, r)] = self.edges[..] {
            let (lefts, rights) = (&self.nodes[0][l].members, &self.nodes[1][r].members);
            let pairs = lefts.iter().copied().zip(rights.iter().copied());
            return Decision { pairs: pairs.collect(), ..Decision::default() };
        }
        if self.edges.len() > EDGES_MAX {
            return self.decision(&vec![0; self.edges.len()], &vec![true; self.edges.len()]);
        }
        let flow = self.largest_flow();
        let is_open: Vec<bool> =
            (0..self.edges.len()).map(|edge| self.can_change(&flow, edge)).collect();
        self.decision(&flow.on_edge, &is_open)
    }

    /// Gives each decided edge its rows, in order, and leaves the others ambiguous.
    fn decision(&self, on_edge: &[usize], is_open: &[bool]) -> Decision {
        let mut decision = Decision::default();
        let mut taken = [vec![0; self.nodes[0].len()], vec![0; self.nodes[1].len()]];
        for (edge, (l, r)) in self.edges.iter().enumerate().filter(|(edge, _)| !is_open[*edge]) {
            let lefts = &self.nodes[0][*l].members[taken[0][*l]..][..on_edge[edge]];
            let rights = &self.nodes[1][*r].members[taken[1][*r]..][..on_edge[edge]];
            decision.pairs.extend(lefts.iter().copied().zip(rights.iter().copied()));
            taken[0][*l] += on_edge[edge];
            taken[1][*r] += on_edge[edge];
        }
        // Rows that each node might be paired with.
        let mut partners = [vec![0; self.nodes[0].len()], vec![0; self.nodes[1].len()]];
        let open = || self.edges.iter().zip(is_open).filter(|(_, open)| **open).map(|(e, _)| *e);
        for (l, r) in open() {
            partners[0][l] += self.nodes[1][r].members.len() as u64;
            partners[1][r] += self.nodes[0][l].members.len() as u64;
        }
        // A row with a single partner has its rivals for that partner instead.
        let mut choices = partners.clone();
        for (l, r) in open() {
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

    fn capacity(&self, hand: usize, node: usize) -> usize {
        self.nodes[hand][node].members.len()
    }

    /// Returns the residual steps from a node to the other side: its edges, and where to.
    fn steps<'a>(&'a self, flow: &'a Flow, at: usize) -> impl Iterator<Item = (usize, usize)> + 'a {
        let count = self.nodes[0].len();
        let (hand, node) = if at < count { (0, at) } else { (1, at - count) };
        self.edges_of[hand][node].iter().filter_map(move |edge| {
            let (l, r) = self.edges[*edge];
            match hand {
                0 => Some((*edge, count + r)),
                _ => (flow.on_edge[*edge] > 0).then_some((*edge, l)),
            }
        })
    }

    /// Sends as many rows as can be sent, by breadth-first augmenting paths.
    fn largest_flow(&self) -> Flow {
        let mut flow = Flow {
            on_edge: vec![0; self.edges.len()],
            used: [vec![0; self.nodes[0].len()], vec![0; self.nodes[1].len()]],
        };
        while self.augment(&mut flow) {}
        flow
    }

    /// Sends one more row along a shortest path, `false` when there is no path.
    fn augment(&self, flow: &mut Flow) -> bool {
        let count = self.nodes[0].len();
        let mut came_by: Vec<Option<usize>> = vec![None; count + self.nodes[1].len()];
        let mut is_seen = vec![false; came_by.len()];
        let mut queue: VecDeque<usize> =
            (0..count).filter(|l| flow.used[0][*l] < self.capacity(0, *l)).collect();
        for start in &queue {
            is_seen[*start] = true;
        }
        while let Some(at) = queue.pop_front() {
            if at >= count && flow.used[1][at - count] < self.capacity(1, at - count) {
                self.send(flow, &came_by, at);
                return true;
            }
            for (edge, to) in self.steps(flow, at) {
                if !is_seen[to] {
                    is_seen[to] = true;
                    came_by[to] = Some(edge);
                    queue.push_back(to);
                }
            }
        }
        false
    }

    /// Turns the path that ends in a right node into one more row of flow.
    fn send(&self, flow: &mut Flow, came_by: &[Option<usize>], end: usize) {
        let count = self.nodes[0].len();
        flow.used[1][end - count] += 1;
        let mut at = end;
        while let Some(edge) = came_by[at] {
            let (l, r) = self.edges[edge];
            if at == count + r {
                flow.on_edge[edge] += 1;
                at = l;
            } else {
                flow.on_edge[edge] -= 1;
                at = count + r;
            }
        }
        flow.used[0][at] += 1;
    }

    /// Tells whether another largest flow sends more or less along an edge.
    fn can_change(&self, flow: &Flow, edge: usize) -> bool {
        let count = self.nodes[0].len();
        let (l, r) = (self.edges[edge].0, count + self.edges[edge].1);
        self.reaches(flow, r, l, edge) || (flow.on_edge[edge] > 0 && self.reaches(flow, l, r, edge))
    }

    /// Tells whether the residual graph without one edge leads from a node to another.
    fn reaches(&self, flow: &Flow, from: usize, goal: usize, without: usize) -> bool {
        let count = self.nodes[0].len();
        let (source, sink) = (count + self.nodes[1].len(), count + self.nodes[1].len() + 1);
        let mut is_seen = vec![false; sink + 1];
        let mut stack = vec![from];
        is_seen[from] = true;
        while let Some(at) = stack.pop() {
            if at == goal {
                return true;
            }
            let mut next = Vec::new();
            if at == source {
                next.extend((0..count).filter(|l| flow.used[0][*l] < self.capacity(0, *l)));
            } else if at == sink {
                next.extend(
                    (0..self.nodes[1].len()).filter(|r| flow.used[1][*r] > 0).map(|r| count + r),
                );
            } else {
                if at < count && flow.used[0][at] > 0 {
                    next.push(source);
                }
                if at >= count && flow.used[1][at - count] < self.capacity(1, at - count) {
                    next.push(sink);
                }
                next.extend(
                    self.steps(flow, at).filter(|(edge, _)| *edge != without).map(|(_, to)| to),
                );
            }
            for to in next {
                if !is_seen[to] {
                    is_seen[to] = true;
                    stack.push(to);
                }
            }
        }
        false
    }
}
