//! What passes and groups decided so far: partners, doubts, copies, suggestions.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use foldhash::fast::FixedState;

use crate::findings::{Pass, Reason, Side};
use crate::reconcile::content::Content;
use crate::reconcile::groups::{self, Group};
use crate::reconcile::record::Record;

/// Holds a confirmed pair and the pass that found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) left: usize,
    pub(super) right: usize,
    pub(super) pass: Pass,
    /// Whether only the names told the partner from others.
    pub(super) is_by_name: bool,
}

/// Gathers what the passes decided so far.
#[derive(Debug, Default)]
pub(super) struct Pairing {
    pub(super) pairs: Vec<Pair>,
    pub(super) groups: Vec<Group>,
    /// Whether each row has its partner, as far as any row got one.
    paired: [Vec<bool>; 2],
    ambiguous: [BTreeMap<usize, u64>; 2],
    /// The first of the rows with which an ambiguous one might be paired.
    rivals: [BTreeMap<usize, Vec<usize>>; 2],
    duplicates: [BTreeMap<usize, usize>; 2],
    suggested: [BTreeMap<usize, (usize, Pass)>; 2],
    unsought: [BTreeMap<usize, u64>; 2],
}

impl Pairing {
    /// Tells whether a row has its partner.
    pub(super) fn is_paired(&self, side: Side, index: usize) -> bool {
        self.paired[side as usize].get(index).copied().unwrap_or(false)
    }

    /// Returns how many equally good partners a row has, if that is why it has none.
    pub(super) fn alternatives(&self, side: Side, index: usize) -> Option<u64> {
        self.ambiguous[side as usize].get(&index).copied()
    }

    /// Remembers the first of the rows with which an ambiguous one might be paired.
    pub(super) fn name_rivals(&mut self, side: Side, index: usize, rivals: Vec<usize>) {
        self.rivals[side as usize].insert(index, rivals);
    }

    /// Returns why a row has no partner if several are equally good, the first of them named.
    pub(super) fn doubts(&self, side: Side, index: usize, others: &[Record]) -> Option<Reason> {
        let alternatives = self.alternatives(side, index)?;
        let rivals = self.rivals[side as usize].get(&index).into_iter().flatten();
        let among = rivals.map(|rival| others[*rival].told()).collect();
        Some(Reason::Ambiguous { alternatives, among })
    }

    /// Returns the rows of a side that have several equally good partners, in order.
    pub(super) fn ambiguous_rows(&self, side: Side) -> impl Iterator<Item = usize> + '_ {
        self.ambiguous[side as usize].keys().copied()
    }

    /// Returns the row that this one repeats, if it does.
    pub(super) fn duplicate_of(&self, side: Side, index: usize) -> Option<usize> {
        self.duplicates[side as usize].get(&index).copied()
    }

    /// Adds a group; its rows have their partners then.
    pub(super) fn group(&mut self, group: Group) {
        self.mark(groups::across(group.many), group.one);
        for member in &group.members {
            self.mark(group.many, *member);
        }
        self.groups.push(group);
    }

    /// Tells whether a row has neither a partner nor several equally good ones.
    pub(super) fn is_open(&self, side: Side, index: usize) -> bool {
        !self.is_paired(side, index) && self.alternatives(side, index).is_none()
    }

    /// Adds a pair that something else than a pass of the rules found.
    pub(super) fn pair(&mut self, left: usize, right: usize, pass: Pass) {
        self.confirm(Pair { left, right, pass, is_by_name: false });
    }

    /// Adds a pair; its rows have their partners then.
    pub(super) fn confirm(&mut self, pair: Pair) {
        self.mark(Side::Left, pair.left);
        self.mark(Side::Right, pair.right);
        self.pairs.push(pair);
    }

    /// Remembers a likely pair, where an earlier pass suggested none.
    pub(super) fn suggest(&mut self, left: usize, right: usize, pass: &Pass) {
        self.suggested[0].entry(left).or_insert_with(|| (right, pass.clone()));
        self.suggested[1].entry(right).or_insert_with(|| (left, pass.clone()));
    }

    fn mark(&mut self, side: Side, index: usize) {
        let paired = &mut self.paired[side as usize];
        if paired.len() <= index {
            paired.resize(index + 1, false);
        }
        paired[index] = true;
    }

    /// Marks a row that several sets of rows would answer equally well.
    pub(super) fn doubt(&mut self, side: Side, index: usize, alternatives: u64) {
        self.ambiguous[side as usize].insert(index, alternatives);
    }

    /// Remembers among how many rows no sum was sought for a row.
    pub(super) fn leave_unsought(&mut self, side: Side, index: usize, rows: u64) {
        self.unsought[side as usize].insert(index, rows);
    }

    /// Returns among how many rows no sum was sought for a row, if that is so.
    pub(super) fn unsought(&self, side: Side, index: usize) -> Option<u64> {
        self.unsought[side as usize].get(&index).copied()
    }

    /// Returns the partner that a pass only suggests for a row, with that pass.
    pub(super) fn suggested(&self, side: Side, index: usize) -> Option<&(usize, Pass)> {
        self.suggested[side as usize].get(&index)
    }

    /// Marks every row without partner that says the same as a row with one.
    ///
    /// When none of several equal rows has a partner, the first of them (by id) stands
    /// for the missing one and the others repeat it. Rows without a number repeat nothing.
    pub(super) fn find_duplicates(
        &mut self,
        side: Side,
        rows: &[Record],
        may_repeat: impl Fn(usize) -> bool,
    ) {
        let repeats = self.repeats(side, rows, may_repeat);
        self.duplicates[side as usize].extend(repeats);
    }

    /// Returns the open rows that say the same as one with a partner, in order.
    ///
    /// Such a row is the surplus of what is paired, and no other row's likely partner.
    pub(super) fn copies(
        &self,
        side: Side,
        rows: &[Record],
        may_repeat: impl Fn(usize) -> bool,
    ) -> BTreeSet<usize> {
        let repeats = self.repeats(side, rows, may_repeat).into_iter();
        repeats.filter(|(_, of)| self.is_paired(side, *of)).map(|(row, _)| row).collect()
    }

    /// Returns each open row that repeats another one, with that one.
    fn repeats(
        &self,
        side: Side,
        rows: &[Record],
        may_repeat: impl Fn(usize) -> bool,
    ) -> Vec<(usize, usize)> {
        let takes_part = |index: &usize| rows[*index].number().is_some() && may_repeat(*index);
        // Only what an open row says can be repeated by one, and few rows are open.
        let said: HashSet<Content, FixedState> = (0..rows.len())
            .filter(|index| self.is_open(side, *index) && takes_part(index))
            .map(|index| rows[index].content)
            .collect();
        if said.is_empty() {
            return Vec::new();
        }
        let mut first: HashMap<Content, usize, FixedState> = HashMap::default();
        let mut order: Vec<usize> = (0..rows.len())
            .filter(|index| said.contains(&rows[*index].content) && takes_part(index))
            .collect();
        order.sort_by_key(|index| (!self.is_paired(side, *index), &rows[*index].reference.id));
        let mut repeats = Vec::new();
        for index in order {
            match first.get(&rows[index].content) {
                Some(of) if self.is_open(side, index) => repeats.push((index, *of)),
                Some(_) => {}
                None => {
                    first.insert(rows[index].content, index);
                }
            }
        }
        repeats
    }
}
