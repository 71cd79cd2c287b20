//! Invoices, document by document: passes, classes, findings.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::findings::{Aid, Difference, Excluded, Field, Kind, Nearest, Pass, Reason, Side};
use crate::fiscal::{Company, Direction, Lifecycle, NumberTier};
use crate::reconcile::coverage::{self, Coverage};
use crate::reconcile::invoice_sides::{InvoiceSide, InvoiceSides, sent_again};
use crate::reconcile::nearest::NearestIndex;
use crate::reconcile::pairing::{Pair, Pairing, pair_up};
use crate::reconcile::prove::{Draft, Source, prove};
use crate::reconcile::record::Record;
use crate::reconcile::rules::RuleSet;
use crate::reconcile::statement::{Basis, Class};
use crate::reconcile::suggested::suggestion;
use crate::reconcile::verdict::FindingMaker;
use crate::reconcile::{Error, Input, Outcome, checks, compare, groups, self_invoices};

/// Compares sent and received invoices, a statement each.
pub(super) fn compare_invoices(input: &Input, sides: InvoiceSides) -> Result<Outcome, Error> {
    let sides = sides.whole(input);
    let mut outcome = Outcome::default();
    for direction in [Direction::Outgoing, Direction::Incoming] {
        if let Some(one) = compare_direction(input, &sides, direction)? {
            outcome.statements.extend(one.statements);
            outcome.findings.extend(one.findings);
            outcome.sent_numbers = outcome.sent_numbers.or(one.sent_numbers);
        }
    }
    Ok(outcome)
}

fn compare_direction(
    input: &Input,
    sides: &[[InvoiceSide; 2]; 2],
    direction: Direction,
) -> Result<Option<Outcome>, Error> {
    let [left, right] = &sides[direction as usize];
    let has_rows = left.rows.iter().chain(&right.rows).any(|record| record.is_in_period);
    if !has_rows && !is_enabled(&input.company, direction) {
        return Ok(None);
    }
    let rules = input.rules.invoices(direction);
    let coverage = Coverage::of_rows(input, right.rows.iter(), rules);
    let pairing = pair(left, right, rules)?;
    let mut judgement = Judgement {
        input,
        direction,
        rules,
        left,
        right,
        pairing: &pairing,
        coverage: &coverage,
        make: FindingMaker::new(input, direction),
        draft: Draft::new(input, direction, Basis::Documents),
        reasons: Reasons::default(),
    };
    judgement.take_pairs();
    judgement.take_groups();
    judgement.take_singles(Side::Left, &sent_again(&left.rows, &left.left_out));
    judgement.take_singles(Side::Right, &BTreeMap::new());
    let sent_numbers = checks::check_invoices(input, direction, sides, &mut judgement.make);
    let Judgement { draft, make, .. } = judgement;
    let mut findings = make.into_findings();
    findings.extend(coverage.findings(input, direction, &draft.rows, &BTreeSet::new()));
    findings.extend(coverage::unsettled_findings(input, direction));
    let sources = [left, right].map(|side| side.rows.iter().map(Source::of).collect());
    let proved = prove(draft, coverage.covered(), &findings, &sources)?;
    Ok(Some(Outcome { statements: vec![proved], findings, sent_numbers }))
}

/// Runs the passes, most precise first, and marks what repeats.
///
/// An identifier decides whatever the document's state. A number does not: a discarded or
/// refused invoice is sent again under its own, so valid documents choose first.
fn pair(left: &InvoiceSide, right: &InvoiceSide, rules: &RuleSet) -> Result<Pairing, Error> {
    const STATES: [Option<Standing>; 3] =
        [Some(Standing::Valid), Some(Standing::Refused), Some(Standing::NeverIssued)];
    // Most sides have valid documents only: what is not there needs no turn.
    let is_there = |standing: &&Option<Standing>| {
        left.rows.iter().any(|row| Some(Standing::of(row)) == **standing)
    };
    let states: Vec<Option<Standing>> = STATES.iter().filter(is_there).copied().collect();
    let mut pairing = Pairing::default();
    let sides = (&left.rows[..], &right.rows[..]);
    // What is not valid is told by its own row, which must stay one.
    let may_group = |side: Side, index: usize| match side {
        Side::Left => {
            Standing::of(&left.rows[index]) == Standing::Valid
                && !left.left_out.contains_key(&index)
        }
        Side::Right => !right.left_out.contains_key(&index),
    };
    for passes in rules.passes.chunk_by(|a, b| a.is_by_identifier() == b.is_by_identifier()) {
        let states = if passes[0].is_by_identifier() { &[None][..] } else { &states[..] };
        for standing in states {
            let is_open = |side: Side, index: usize| match side {
                Side::Left => {
                    let is_turn = standing.is_none_or(|one| one == Standing::of(&left.rows[index]));
                    is_turn && !left.left_out.contains_key(&index)
                }
                Side::Right => !right.left_out.contains_key(&index),
            };
            for pass in passes {
                pair_up(pass, sides, (is_open, may_group), &rules.tolerance, &mut pairing)?;
            }
        }
    }
    self_invoices::pair_up(left, right, &mut pairing);
    for rule in &rules.groups {
        groups::search(rule, [sides.0, sides.1], may_group, &mut pairing);
    }
    pairing.find_duplicates(Side::Left, &left.rows, |index| {
        !left.left_out.contains_key(&index) && Standing::of(&left.rows[index]) == Standing::Valid
    });
    pairing.find_duplicates(Side::Right, &right.rows, |index| !right.left_out.contains_key(&index));
    Ok(pairing)
}

/// Tells what a document's state is worth when its number alone speaks for a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Valid,
    Refused,
    NeverIssued,
}

impl Standing {
    fn of(record: &Record) -> Self {
        match record.lifecycle {
            Some(Lifecycle::Refused) => Self::Refused,
            Some(Lifecycle::NeverIssued) => Self::NeverIssued,
            _ => Self::Valid,
        }
    }
}

/// Holds one direction's two sides while they are being judged.
struct Judgement<'a> {
    input: &'a Input,
    direction: Direction,
    rules: &'a RuleSet,
    left: &'a InvoiceSide,
    right: &'a InvoiceSide,
    pairing: &'a Pairing,
    coverage: &'a Coverage,
    make: FindingMaker,
    draft: Draft,
    reasons: Reasons,
}

impl Judgement<'_> {
    fn take_pairs(&mut self) {
        let tolerance = &self.rules.tolerance;
        for pair in &self.pairing.pairs {
            let (left, right) = (&self.left.rows[pair.left], &self.right.rows[pair.right]);
            // A pair belongs to the statement when either of its rows does.
            if !left.is_in_period && !right.is_in_period {
                continue;
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
            self.make.pair(left, right, &pair.pass, conflicts);
            let tier = left.number_tier(right);
            let aids = self.aids(pair, tier);
            let reason = Reason::Paired { pass: pair.pass.clone(), tier, differences, aids };
            let reason = self.reasons.of(reason);
            self.draft.push_pair(left, right, class, &reason);
            self.note_undelivered(left);
        }
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

    fn take_groups(&mut self) {
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
    fn take_singles(&mut self, side: Side, sent_again: &BTreeMap<usize, usize>) {
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
                let nearest = index.nearest(record).map(Box::new);
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
        if let Some(alternatives) = self.pairing.alternatives(side, index) {
            return Some((Class::Ambiguous, Reason::Ambiguous { alternatives }));
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

/// Holds what is said of rows that agree in everything, once for all of them.
#[derive(Default)]
struct Reasons(Vec<Arc<Reason>>);

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

fn is_enabled(company: &Company, direction: Direction) -> bool {
    match direction {
        Direction::Outgoing => company.has_outgoing_invoices,
        Direction::Incoming => company.has_incoming_invoices,
    }
}
