//! One pass over what is left of two sides: keys, candidates, choice.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::findings::Side;
use crate::reconcile::Error;
use crate::reconcile::choose::{Candidate, choose, choose_by_name, degrees};
use crate::reconcile::compare::rank;
use crate::reconcile::frame::{self, Keyed};
use crate::reconcile::groups;
use crate::reconcile::pairing::{Pair, Pairing};
use crate::reconcile::record::{ROWS_AT_ONCE, Record};
use crate::reconcile::rules::{PassRule, Tolerance};

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
            pairing.suggest(l, r, &pass.name);
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
        let is_by_name = by_name.contains(&(l, r));
        pairing.confirm(Pair { left: l, right: r, pass: pass.name.clone(), is_by_name });
    }
    for (side, rows) in [(Side::Left, choice.ambiguous_left), (Side::Right, choice.ambiguous_right)]
    {
        for (row, alternatives) in rows {
            pairing.doubt(side, row, alternatives);
        }
    }
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
