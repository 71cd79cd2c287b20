//! One pass and one rule of groups: on what rows meet, and what may still part them.

use std::hash::BuildHasher as _;

use foldhash::fast::FixedState;

use crate::findings::{Pass, Side};
use crate::reconcile::party::PartyTier;
use crate::reconcile::record::Record;
use crate::reconcile::rules::column::{RowColumn, RowPair};
use crate::reconcile::rules::set::not_understood;
use crate::reconcile::rules::tolerance::are_near;
use crate::reconcile::tables::Error;
use crate::reconcile::tables::plan::{Compared, PlannedGroup, PlannedPass};
use crate::reconcile::tables::rules::Pass as WrittenPass;
use crate::reconcile::tables::tolerance::{Apart, Tolerance as Bound};
use crate::reconcile::tables::value::{Decimal, Value};

/// Holds one pass: on what rows meet, and what may still part them.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a word of a rules file")]
pub(in crate::reconcile) struct PassRule {
    pub(in crate::reconcile) name: Pass,
    on: Vec<RowPair>,
    within: Vec<(RowPair, Bound)>,
    doubts: Doubts,
    pub(in crate::reconcile) is_suggestion: bool,
    pub(in crate::reconcile) is_unique: bool,
    /// Whether what it finds and what the pass before finds are rivals.
    pub(in crate::reconcile) is_together: bool,
    /// Whether rows that share a key with one row may answer it together.
    pub(in crate::reconcile) has_parts: bool,
    /// Whether a resembling name decides between equally good partners.
    pub(in crate::reconcile) is_tied_by_name: bool,
}

/// Holds one rule of groups: whose open rows may add up to one row of the other side.
#[derive(Debug, Clone)]
pub(in crate::reconcile) struct GroupRule {
    pub(in crate::reconcile) name: Pass,
    /// The side of the many rows.
    pub(in crate::reconcile) many: Side,
    on: Vec<RowPair>,
    near: Vec<(RowPair, Bound)>,
    /// How far the sum may be off.
    within: Bound,
    /// The most rows among which a sum is sought.
    pub(in crate::reconcile) subset: usize,
}

/// Tells what makes a pair doubtful, unless its amounts are equal.
#[derive(Debug, Clone, Copy, Default)]
struct Doubts {
    year: bool,
    sort: bool,
    tax_id: bool,
}

impl PassRule {
    /// Takes a pass of a plan over.
    pub(super) fn of(
        planned: &PlannedPass,
        written: &WrittenPass,
        known: &[Vec<(&'static str, RowColumn)>; 2],
    ) -> Result<Self, Error> {
        let place = format!("passes.{}", planned.name);
        let on: Vec<RowPair> = planned.on.iter().map(|one| RowPair::of(one, known)).collect();
        if let Some(at) = on.iter().position(|pair| !pair.is_readable()) {
            let expected =
                "a date as `day` or `month`, an amount as `number` or `size`, and text as text";
            return Err(not_understood(&format!("{place}.on"), &written.on[at], expected));
        }
        if let Some(tie) = written.tie.as_deref().filter(|tie| *tie != "name") {
            return Err(not_understood(&format!("{place}.tie"), tie, "`name`"));
        }
        Ok(Self {
            name: Pass::named(&planned.name),
            on,
            within: bounds(&format!("{place}.within"), &planned.within, known)?,
            doubts: Doubts::read(&format!("{place}.doubts"), &written.doubts)?,
            is_suggestion: planned.is_suggestion,
            is_unique: planned.is_unique,
            is_together: planned.is_together,
            has_parts: written.parts,
            is_tied_by_name: written.tie.is_some(),
        })
    }

    /// Tells whether rows meet by an identifier, which decides whatever a document's state.
    pub(in crate::reconcile) fn is_by_identifier(&self) -> bool {
        self.on.iter().any(|pair| pair.at[0] == RowColumn::Reference)
    }

    /// Tells whether a pass asks only what others left, for rows that nobody else could mean.
    pub(in crate::reconcile) fn is_of_the_rest(&self) -> bool {
        self.is_unique && !self.is_by_identifier()
    }

    /// Tells whether two passes may take turns, before documents of another state have theirs.
    pub(in crate::reconcile) fn is_like(&self, other: &Self) -> bool {
        let kind = |pass: &Self| (pass.is_by_identifier(), pass.is_of_the_rest());
        kind(self) == kind(other)
    }

    /// Returns the keys under which a row of a side looks for partners.
    pub(in crate::reconcile) fn keys(&self, hand: usize, row: &Record) -> Vec<String> {
        keys(&self.on, hand, row)
    }

    /// Hands on the hash of each of those keys.
    pub(in crate::reconcile) fn hashes(
        &self,
        hand: usize,
        row: &Record,
        mut take: impl FnMut(u64),
    ) {
        // The columns of a pass are few, and so are the keys of a row by each.
        match &self.on[..] {
            [one] => one.hashes(hand, row, take),
            // A party has several keys, with hashes at hand.
            [one, two] => two.hashes(hand, row, |b| one.hashes(hand, row, |a| take(both(a, b)))),
            _ => self
                .keys(hand, row)
                .iter()
                .for_each(|key| take(FixedState::default().hash_one(key))),
        }
    }

    /// Tells whether two rows have a key in common.
    ///
    /// Rows whose keys have the same hash mostly do; whoever pairs them asks.
    pub(in crate::reconcile) fn shares_key(&self, left: &Record, right: &Record) -> bool {
        self.on.iter().all(|pair| pair.is_shared(left, right))
    }

    /// Tells whether two rows that share a key may be the same document.
    ///
    /// A date that a row does not give speaks neither for nor against; an amount that is
    /// not there cannot be near. Where something makes the pair doubtful, the amounts must
    /// be equal, their signs aside.
    pub(in crate::reconcile) fn permits(&self, left: &Record, right: &Record) -> bool {
        if !are_within(&self.within, [left, right]) {
            return false;
        }
        let doubts = self.doubts;
        let is_doubtful = (doubts.year && !left.is_same_year(right))
            || (doubts.sort && left.is_other_sort(right))
            || (doubts.tax_id && left.party.tier(&right.party) == PartyTier::OtherId);
        !is_doubtful
            || match (left.amount_cents, right.amount_cents) {
                (Some(a), Some(b)) => a.unsigned_abs() == b.unsigned_abs(),
                _ => false,
            }
    }
}

impl GroupRule {
    /// Takes a rule of groups of a plan over.
    pub(super) fn of(
        planned: &PlannedGroup,
        known: &[Vec<(&'static str, RowColumn)>; 2],
    ) -> Result<Self, Error> {
        let place = format!("groups.{}", planned.name);
        let on: Vec<RowPair> = planned.on.iter().map(|one| RowPair::of(one, known)).collect();
        if on.is_empty() || !on.iter().all(|pair| pair.is_readable()) {
            let expected = "what the rows have in common: `party`, `reference`, a date";
            return Err(not_understood(&format!("{place}.on"), "", expected));
        }
        if RowPair::of(&planned.sum, known).at != [RowColumn::Gross; 2] {
            return Err(not_understood(&format!("{place}.sum"), &planned.sum.name, "`gross`"));
        }
        let Some(subset) = planned.subset else {
            let expected = "among how many open rows a sum is sought: `12`";
            return Err(not_understood(&format!("{place}.subset"), "", expected));
        };
        Ok(Self {
            name: Pass::named(&planned.name),
            many: if planned.many == 0 { Side::Left } else { Side::Right },
            on,
            near: bounds(&format!("{place}.near"), &planned.near, known)?,
            within: planned.within,
            subset,
        })
    }

    /// Returns the keys under which a row of a side meets others.
    pub(in crate::reconcile) fn keys(&self, hand: usize, row: &Record) -> Vec<String> {
        keys(&self.on, hand, row)
    }

    /// Tells whether one of the many rows is near enough to the one.
    pub(in crate::reconcile) fn is_near(&self, many: &Record, one: &Record) -> bool {
        let sides = if self.many == Side::Left { [many, one] } else { [one, many] };
        are_within(&self.near, sides)
    }

    /// Tells whether a sum of the many is as near to the one amount as the rule allows.
    pub(in crate::reconcile) fn is_sum(&self, many_cents: i128, one_cents: i64) -> bool {
        let Ok(many_cents) = i64::try_from(many_cents) else {
            return false;
        };
        match self.many {
            Side::Left => are_near(&self.within, many_cents, one_cents),
            Side::Right => are_near(&self.within, one_cents, many_cents),
        }
    }

    /// Returns the cents by which a sum may be off at most, for turning back early.
    pub(in crate::reconcile) fn reach_cents(&self) -> i128 {
        match self.within {
            Bound::Amount { below, above } => {
                let cents = |bound: Decimal| bound.cents().map_or(i128::MAX / 4, i128::from) + 1;
                cents(below).max(cents(above))
            }
            _ => i128::MAX / 4,
        }
    }
}

/// Returns every key of a row: one of each column's texts, put together.
fn keys(on: &[RowPair], hand: usize, row: &Record) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for (place, pair) in on.iter().enumerate() {
        let own = pair.keys(hand, row);
        all = match place {
            0 => own,
            _ => all
                .iter()
                .flat_map(|key| own.iter().map(move |part| format!("{key}\u{1f}{part}")))
                .collect(),
        };
        if all.is_empty() {
            break;
        }
    }
    all
}

/// Puts the hashes of two parts of a key together.
fn both(first: u64, second: u64) -> u64 {
    first.rotate_left(23).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ second
}

impl Doubts {
    fn read(place: &str, words: &[String]) -> Result<Self, Error> {
        let mut doubts = Self::default();
        for word in words {
            match word.as_str() {
                "year" => doubts.year = true,
                "sort" => doubts.sort = true,
                "tax_id" => doubts.tax_id = true,
                other => return Err(not_understood(place, other, "`year`, `sort` or `tax_id`")),
            }
        }
        Ok(doubts)
    }
}

/// Reads what must hold between two rows beside the keys.
fn bounds(
    place: &str,
    planned: &[Compared],
    known: &[Vec<(&'static str, RowColumn)>; 2],
) -> Result<Vec<(RowPair, Bound)>, Error> {
    let bound = |one: &Compared| {
        let pair = RowPair::of(&one.column, known);
        if !pair.is_readable() {
            let name = format!("{place}.{}", one.column.name);
            return Err(not_understood(&name, "", "days for a date, an amount for an amount"));
        }
        Ok((pair, one.tolerance))
    };
    planned.iter().map(bound).collect()
}

/// Tells whether everything that a rule wants near is near.
fn are_within(within: &[(RowPair, Bound)], [left, right]: [&Record; 2]) -> bool {
    within.iter().all(|(pair, bound)| match (pair.value(0, left), pair.value(1, right)) {
        (Value::Blank, _) | (_, Value::Blank) => pair.at[0].is_date() || bound.forgives_empty(),
        (left, right) => !matches!(bound.judge(&left, &right), Apart::Beyond(_)),
    })
}
