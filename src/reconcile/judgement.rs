//! Places every invoice in its class, with the reason, and makes findings of what is wrong.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::findings::{Aid, Difference, Excluded, Field, Kind, Nearest, Pass, Reason, Side};
use crate::fiscal::{Direction, Lifecycle, NumberTier};
use crate::reconcile::coverage::Coverage;
use crate::reconcile::draft::Draft;
use crate::reconcile::invoice_sides::InvoiceSide;
use crate::reconcile::nearest::NearestIndex;
use crate::reconcile::pairing::{Pair, Pairing};
use crate::reconcile::record::{ROWS_AT_ONCE, Record};
use crate::reconcile::rules::RuleSet;
use crate::reconcile::statement::Class;
use crate::reconcile::suggested::suggestion;
use crate::reconcile::verdict::FindingMaker;
use crate::reconcile::{Input, compare, self_invoices};

/// Holds one direction's two sides while they are being judged.
pub(super) struct Judgement<'a> {
    pub(super) input: &'a Input,
    pub(super) direction: Direction,
    pub(super) rules: &'a RuleSet,
    pub(super) left: &'a InvoiceSide,
    pub(super) right: &'a InvoiceSide,
    pub(super) pairing: &'a Pairing,
    pub(super) coverage: &'a Coverage,
    pub(super) make: FindingMaker,
    pub(super) draft: Draft,
    pub(super) reasons: Reasons,
}

impl Judgement<'_> {
    /// Places the pairs of which a row lies in the period.
    pub(super) fn take_pairs(&mut self) {
        let pairing = self.pairing;
        for turn in pairing.pairs.chunks(ROWS_AT_ONCE * rayon::current_num_threads()) {
            let judged: Vec<Option<JudgedPair>> = turn
                .par_iter()
                .with_min_len(ROWS_AT_ONCE)
                .map(|pair| self.judge_pair(pair))
                .collect();
            for (pair, judged) in turn.iter().zip(judged) {
                let Some(JudgedPair { class, conflicts, reason }) = judged else {
                    continue;
                };
                let (left, right) = (&self.left.rows[pair.left], &self.right.rows[pair.right]);
                self.make.pair(left, right, &pair.pass, conflicts);
                let reason = self.reasons.of(reason);
                self.draft.push_pair(left, right, class, &reason);
                self.note_undelivered(left);
            }
        }
    }

    /// Tells in what a pair differs, and what that makes of it.
    fn judge_pair(&self, pair: &Pair) -> Option<JudgedPair> {
        let tolerance = &self.rules.tolerance;
        let (left, right) = (&self.left.rows[pair.left], &self.right.rows[pair.right]);
        // A pair belongs to the statement when either of its rows does.
        if !left.is_in_period && !right.is_in_period {
            return None;
        }
        let differences = compare::differences(left, right, Some(tolerance));
        let mut conflicts: Vec<(Kind, Difference)> = differences
            .iter()
            // The two papers of one purchase have each their own number, date and total.
            .filter(|_| pair.pass != Pass::SelfInvoice)
            .filter(|difference| !tolerance.allows(difference))
            .map(|difference| (compare::kind_of(difference.field), difference.clone()))
            .collect();
        conflicts.extend(status_conflict(left, right));
        let class = match (conflicts.is_empty(), differences.is_empty()) {
            (true, true) => Class::Matched,
            (true, false) => Class::MatchedWithinTolerance,
            (false, _) => Class::Differing,
        };
        let tier = left.number_tier(right);
        let aids = self.aids(pair, tier);
        let reason = Reason::Paired { pass: pair.pass.clone(), tier, differences, aids };
        Some(JudgedPair { class, conflicts, reason })
    }

    /// Returns what helped a pass to a pair: a rule about numbers, a resembling name.
    fn aids(&self, pair: &Pair, tier: Option<NumberTier>) -> Vec<Aid> {
        let (left, right) = (&self.left.rows[pair.left], &self.right.rows[pair.right]);
        let place = left.number_rule.or(right.number_rule);
        let rule = place.filter(|_| tier == Some(NumberTier::Normalised));
        let rule = rule.and_then(|place| self.input.rules.numbers().rule(place));
        let number = rule.map(|rule| Aid::Number(rule.clone()));
        number.into_iter().chain(pair.is_by_name.then_some(Aid::Name)).collect()
    }

    pub(super) fn take_groups(&mut self) {
        for group in &self.pairing.groups {
            let many = if group.many == Side::Left { self.left } else { self.right };
            let ones = if group.many == Side::Left { self.right } else { self.left };
            let one = &ones.rows[group.one];
            let members: Vec<&Record> = group.members.iter().map(|row| &many.rows[*row]).collect();
            // A group belongs to the statement when any of its rows does.
            if one.is_in_period || members.iter().any(|member| member.is_in_period) {
                self.draft.push_group(group, one, &members);
                let documents = if group.many == Side::Left { &members[..] } else { &[one][..] };
                for document in documents {
                    self.note_undelivered(document);
                }
            }
        }
    }

    /// Places the period's rows of a side that found no partner.
    pub(super) fn take_singles(&mut self, side: Side, sent_again: &BTreeMap<usize, usize>) {
        let (own, others) = match side {
            Side::Left => (self.left, self.right),
            Side::Right => (self.right, self.left),
        };
        // Most sides have no row without any candidate, and need no index.
        let mut nearest: Option<NearestIndex<'_>> = None;
        for (index, record) in own.rows.iter().enumerate() {
            let place = index;
            if self.pairing.is_paired(side, index) || !record.is_in_period {
                continue;
            }
            let settled = self.settle(side, index, own, sent_again);
            let (class, reason) = settled.unwrap_or_else(|| {
                let class =
                    if side == Side::Left { Class::MissingRight } else { Class::MissingLeft };
                if let Some(reason) = self.suggestion(side, index) {
                    return (class, reason);
                }
                let index = nearest.get_or_insert_with(|| {
                    let open = |(row, _): &(usize, &Record)| !self.pairing.is_paired(side, *row);
                    let asking = own.rows.iter().enumerate().filter(open).map(|(_, row)| row);
                    NearestIndex::new(&others.rows, asking)
                });
                let nearest = index.nearest(side, record).map(Box::new);
                (class, no_partner(self.pairing.unsought(side, place), nearest))
            });
            let is_told = sent_again.contains_key(&index)
                || (class == Class::Ambiguous && self.is_told_by_ledger(side, record));
            if let Some(kind) = kind_of_single(side, class).filter(|_| !is_told) {
                let is_missing = matches!(class, Class::MissingRight | Class::MissingLeft)
                    && self.direction == Direction::Incoming;
                let own = is_missing.then(|| self_invoices::kind_of_missing(side, record, &reason));
                self.make.row(own.flatten().unwrap_or(kind), side, record, &reason);
            }
            self.draft.push_single(side, record, class, reason);
            if !own.left_out.contains_key(&index) {
                self.note_undelivered(record);
            }
        }
    }

    /// Returns the reason of a row whose partner a pass only suggests.
    fn suggestion(&self, side: Side, index: usize) -> Option<Reason> {
        let sides = [&self.left.rows[..], &self.right.rows[..]];
        suggestion(self.pairing, sides, (side, index), &self.rules.tolerance)
    }

    /// Returns class and reason of a row that does not simply lack its partner.
    fn settle(
        &self,
        side: Side,
        index: usize,
        own: &InvoiceSide,
        sent_again: &BTreeMap<usize, usize>,
    ) -> Option<(Class, Reason)> {
        let record = &own.rows[index];
        let never_issued = record.lifecycle == Some(Lifecycle::NeverIssued);
        let because = own.left_out.get(&index).copied();
        if let Some(because) = because.or(never_issued.then_some(Excluded::NeverIssued)) {
            let own = (because == Excluded::OwnRule)
                .then(|| self.rules.excluded(side as usize, record))
                .flatten();
            let reason = own.map_or(Reason::Excluded { because }, |why| Reason::LeftOut {
                because: why.to_owned(),
            });
            return Some((Class::Excluded, reason));
        }
        let others = if side == Side::Left { self.right } else { self.left };
        if let Some(reason) = self.pairing.doubts(side, index, &others.rows) {
            return Some((Class::Ambiguous, reason));
        }
        let repeated = self.pairing.duplicate_of(side, index);
        if let Some(of) = repeated.or_else(|| sent_again.get(&index).copied()) {
            let of = Box::new(own.rows[of].told());
            return Some((Class::Duplicate, Reason::Duplicate { of }));
        }
        self.coverage.excuse(self.input, side, record)
    }

    /// Tells whether a ledger row of this period speaks for an ambiguous document's knot.
    ///
    /// Each ledger row of a knot is told once, with its own amount: people can look it up.
    /// The documents are the same money, and are told only when no such row is shown.
    fn is_told_by_ledger(&self, side: Side, record: &Record) -> bool {
        let mut rows = self.pairing.ambiguous_rows(Side::Right).map(|row| &self.right.rows[row]);
        side == Side::Left
            && rows.any(|row| {
                let has_same_number =
                    row.number_tier(record).is_some() && row.party.shares_key(&record.party);
                row.is_in_period && (has_same_number || row.shares_reference(record))
            })
    }

    fn note_undelivered(&mut self, record: &Record) {
        if record.lifecycle == Some(Lifecycle::NotDelivered) && record.is_in_period {
            let reason = Reason::NoPartner { nearest: None };
            self.make.row(Kind::NotDelivered, Side::Left, record, &reason);
        }
    }
}

/// Holds the class of a pair, what is wrong with it, and why it is one.
struct JudgedPair {
    class: Class,
    conflicts: Vec<(Kind, Difference)>,
    reason: Reason,
}

/// Holds what is said of rows that agree in everything, once for all of them.
#[derive(Default)]
pub(super) struct Reasons(Vec<Arc<Reason>>);

impl Reasons {
    /// Returns a reason to hold; passes and tiers are few, and so are the different ones.
    fn of(&mut self, reason: Reason) -> Arc<Reason> {
        if !matches!(&reason, Reason::Paired { differences, aids, .. } if differences.is_empty() && aids.is_empty())
        {
            return Arc::new(reason);
        }
        if let Some(known) = self.0.iter().find(|known| ***known == reason) {
            return known.clone();
        }
        self.0.push(Arc::new(reason));
        self.0[self.0.len() - 1].clone()
    }
}

/// Says why a row has no partner, and that no sum was sought among too many rows.
fn no_partner(unsought: Option<u64>, nearest: Option<Box<Nearest>>) -> Reason {
    match unsought {
        Some(rows) => Reason::TooMany { rows, nearest },
        None => Reason::NoPartner { nearest },
    }
}

fn status_conflict(left: &Record, right: &Record) -> Option<(Kind, Difference)> {
    let kind = match Standing::of(left) {
        Standing::NeverIssued => Kind::DiscardedBySdiButBooked,
        Standing::Refused => Kind::RefusedByBuyerButBooked,
        Standing::Valid => return None,
    };
    let (a, b) = (left.reference.status.as_deref(), right.reference.status.as_deref());
    Some((kind, compare::text_difference(Field::Status, a, b)))
}

fn kind_of_single(side: Side, class: Class) -> Option<Kind> {
    match (class, side) {
        (Class::MissingRight, _) => Some(Kind::MissingInLedger),
        (Class::MissingLeft, _) => Some(Kind::MissingAtProvider),
        (Class::Duplicate, Side::Left) => Some(Kind::DuplicateAtProvider),
        (Class::Duplicate, Side::Right) => Some(Kind::DuplicateInLedger),
        (Class::Ambiguous, _) => Some(Kind::Ambiguous),
        _ => None,
    }
}

/// Tells what a document's state is worth when its number alone speaks for a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Valid,
    Refused,
    NeverIssued,
}

impl Standing {
    pub(super) fn of(record: &Record) -> Self {
        match record.lifecycle {
            Some(Lifecycle::Refused) => Self::Refused,
            Some(Lifecycle::NeverIssued) => Self::NeverIssued,
            _ => Self::Valid,
        }
    }
}
