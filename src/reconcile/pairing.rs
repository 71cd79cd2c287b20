//! One pass over what is left of two sides: keys, candidates, choice.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use foldhash::fast::FixedState;
use rayon::prelude::*;

use crate::findings::{Pass, Side};
use crate::reconcile::Error;
use crate::reconcile::choose::{Candidate, choose, choose_by_name, degrees};
use crate::reconcile::compare::rank;
use crate::reconcile::content::Content;
use crate::reconcile::frame::{self, Keyed};
use crate::reconcile::groups::{self, Group};
use crate::reconcile::record::{ROWS_AT_ONCE, Record};
use crate::reconcile::rules::{PassRule, Tolerance};

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
    pub(super) fn is_free(&self, side: Side, index: usize) -> bool {
        !self.is_paired(side, index) && self.alternatives(side, index).is_none()
    }

    /// Adds a pair that something else than a pass of the rules found.
    pub(super) fn pair(&mut self, left: usize, right: usize, pass: Pass) {
        self.mark(Side::Left, left);
        self.mark(Side::Right, right);
        self.pairs.push(Pair { left, right, pass, is_by_name: false });
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
        let takes_part = |index: &usize| rows[*index].number().is_some() && may_repeat(*index);
        // Only what an open row says can be repeated by one, and few rows are open.
        let said: HashSet<Content, FixedState> = (0..rows.len())
            .filter(|index| self.is_open(side, *index) && takes_part(index))
            .map(|index| rows[index].content)
            .collect();
        if said.is_empty() {
            return;
        }
        let mut first: HashMap<Content, usize, FixedState> = HashMap::default();
        let mut order: Vec<usize> = (0..rows.len())
            .filter(|index| said.contains(&rows[*index].content) && takes_part(index))
            .collect();
        order.sort_by_key(|index| (!self.is_paired(side, *index), &rows[*index].reference.id));
        for index in order {
            match first.get(&rows[index].content) {
                Some(of) if self.is_open(side, index) => {
                    self.duplicates[side as usize].insert(index, *of);
                }
                Some(_) => {}
                None => {
                    first.insert(rows[index].content, index);
                }
            }
        }
    }

    pub(super) fn is_open(&self, side: Side, index: usize) -> bool {
        !self.is_paired(side, index) && self.alternatives(side, index).is_none()
    }
}

/// Runs one pass over the rows that are still open and lets it decide what it can.
pub(super) fn pair_up(
    pass: &PassRule,
    (left, right): (&[Record], &[Record]),
    (may_take_part, may_group): (impl Fn(Side, usize) -> bool + Sync, impl Fn(Side, usize) -> bool),
    tolerance: &Tolerance,
    pairing: &mut Pairing,
) -> Result<(), Error> {
    let is_open = |side, index| pairing.is_open(side, index) && may_take_part(side, index);
    let mut found = candidates(pass, (left, right), is_open)?;
    if pass.has_parts && !pass.is_suggestion {
        let parts = groups::parts(&pass.name, &found, [left, right], may_group, tolerance);
        for group in parts {
            pairing.group(group);
        }
        found.retain(|(l, r)| pairing.is_open(Side::Left, *l) && pairing.is_open(Side::Right, *r));
    }
    if pass.is_suggestion && pass.is_unique {
        // Look-alikes are copies to whoever pairs them, but a likely partner is one of them only.
        let [lefts, rights] = degrees(found.iter().copied());
        found.retain(|(l, r)| lefts[*l] == 1 && rights[*r] == 1);
    }
    let ranked: Vec<Candidate> = found
        .into_par_iter()
        .with_min_len(ROWS_AT_ONCE)
        .map(|(l, r)| Candidate { left: l, right: r, rank: rank(&left[l], &right[r], tolerance) })
        .collect();
    let choice = choose(left, right, &ranked, pass.is_unique);
    if pass.is_suggestion {
        for (l, r) in choice.pairs {
            pairing.suggested[0].entry(l).or_insert_with(|| (r, pass.name.clone()));
            pairing.suggested[1].entry(r).or_insert_with(|| (l, pass.name.clone()));
        }
        return Ok(());
    }
    let mut choice = choice;
    let mut by_name = BTreeSet::new();
    if pass.is_tied_by_name && !choice.ambiguous_left.is_empty() && !pass.is_unique {
        let decided = choose_by_name(left, right, &ranked, &choice);
        if !decided.pairs.is_empty() {
            // Whoever only rivalled for a partner that is given now is in no doubt any more.
            choice.ambiguous_left = decided.ambiguous_left;
            choice.ambiguous_right = decided.ambiguous_right;
            by_name.extend(decided.pairs.iter().copied());
            choice.pairs.extend(decided.pairs);
        }
    }
    for (l, r) in choice.pairs {
        pairing.mark(Side::Left, l);
        pairing.mark(Side::Right, r);
        let is_by_name = by_name.contains(&(l, r));
        pairing.pairs.push(Pair { left: l, right: r, pass: pass.name.clone(), is_by_name });
    }
    pairing.ambiguous[0].extend(choice.ambiguous_left);
    pairing.ambiguous[1].extend(choice.ambiguous_right);
    Ok(())
}

/// Returns the open rows that a pass lets meet: an equal key, and nothing against it.
pub(super) fn candidates(
    pass: &PassRule,
    (left, right): (&[Record], &[Record]),
    is_open: impl Fn(Side, usize) -> bool + Sync,
) -> Result<Vec<(usize, usize)>, Error> {
    let keyed = |side: Side, rows: &[Record]| {
        let parts = rows.par_chunks(ROWS_AT_ONCE).enumerate().map(|(part, rows)| {
            let mut keyed = Keyed::default();
            for (index, record) in (part * ROWS_AT_ONCE..).zip(rows) {
                if is_open(side, index) {
                    pass.hashes(side as usize, record, |key| keyed.push(index, key));
                }
            }
            keyed
        });
        parts.collect::<Vec<Keyed>>().into_iter().collect::<Keyed>()
    };
    // The books have the fewer keys: no identifier at all, mostly.
    let keyed_right = keyed(Side::Right, right);
    if keyed_right.is_empty() {
        return Ok(Vec::new());
    }
    let found = frame::candidates(keyed(Side::Left, left), keyed_right)?;
    Ok(found
        .into_par_iter()
        .with_min_len(ROWS_AT_ONCE)
        .map(|(l, r)| (l as usize, r as usize))
        .filter(|(l, r)| left[*l].currency == right[*r].currency)
        .filter(|(l, r)| pass.shares_key(&left[*l], &right[*r]))
        .filter(|(l, r)| pass.permits(&left[*l], &right[*r]))
        .collect())
}
