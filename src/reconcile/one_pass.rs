//! One pass over what is left of two sides: keys, candidates, choice.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::findings::{Pass, Reason, Side};
use crate::reconcile::Error;
use crate::reconcile::choose::{Candidate, Choice, choose, choose_by_name, degrees};
use crate::reconcile::compare::rank;
use crate::reconcile::frame::{self, Keyed};
use crate::reconcile::groups;
use crate::reconcile::pairing::{Pair, Pairing};
use crate::reconcile::record::{ROWS_AT_ONCE, Record};
use crate::reconcile::rules::{PassRule, Tolerance};

/// Runs passes that take one turn over the open rows, and lets them decide what they can.
///
/// Mostly that is one pass. Of several a pair has the name of the first that finds it, and
/// what any of them finds is a rival to what the others find.
pub(super) fn pair_up(
    turn: &[PassRule],
    (left, right): (&[Record], &[Record]),
    (may_take_part, may_group): (impl Fn(Side, usize) -> bool + Sync, impl Fn(Side, usize) -> bool),
    tolerance: &Tolerance,
    pairing: &mut Pairing,
) -> Result<(), Error> {
    let pass = &turn[0];
    let is_open = |side, index| pairing.is_open(side, index) && may_take_part(side, index);
    let mut found = candidates(pass, (left, right), is_open)?;
    let mut names: BTreeMap<(usize, usize), &Pass> = BTreeMap::new();
    for other in &turn[1..] {
        let known: BTreeSet<(usize, usize)> = found.iter().copied().collect();
        let mut more = candidates(other, (left, right), is_open)?;
        more.retain(|pair| !known.contains(pair));
        names.extend(more.iter().map(|pair| (*pair, &other.name)));
        found.append(&mut more);
    }
    let name = |pair: (usize, usize)| names.get(&pair).copied().unwrap_or(&pass.name);
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
            pairing.suggest(l, r, name((l, r)));
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
    name_rivals(&ranked, &choice, (left, right), pairing);
    for (l, r) in choice.pairs {
        let is_by_name = by_name.contains(&(l, r));
        pairing.confirm(Pair { left: l, right: r, pass: name((l, r)).clone(), is_by_name });
    }
    for (side, rows) in [(Side::Left, choice.ambiguous_left), (Side::Right, choice.ambiguous_right)]
    {
        for (row, alternatives) in rows {
            pairing.doubt(side, row, alternatives);
        }
    }
    Ok(())
}

/// Names the first of those with whom each ambiguous row might be paired.
fn name_rivals(
    ranked: &[Candidate],
    choice: &Choice,
    (left, right): (&[Record], &[Record]),
    pairing: &mut Pairing,
) {
    if choice.ambiguous_left.is_empty() {
        return;
    }
    let mut rivals: [BTreeMap<usize, Vec<usize>>; 2] = Default::default();
    for Candidate { left: l, right: r, .. } in ranked {
        if choice.ambiguous_left.contains_key(l) && choice.ambiguous_right.contains_key(r) {
            rivals[0].entry(*l).or_default().push(*r);
            rivals[1].entry(*r).or_default().push(*l);
        }
    }
    let [of_left, of_right] = rivals;
    for (side, rows, others) in [(Side::Left, of_left, right), (Side::Right, of_right, left)] {
        for (row, mut rivals) in rows {
            rivals.sort_unstable_by(|a, b| others[*a].order().cmp(&others[*b].order()));
            rivals.truncate(Reason::RIVALS_NAMED);
            pairing.name_rivals(side, row, rivals);
        }
    }
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
