//! Receipts one by one against a shop's orders.
//!
//! A receipt carries the order's name among its references. Returns and voids follow the
//! sale that they belong to: an order that is still paid although its sale was voided or
//! returned is the finding, and the children share their sale's class.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::findings::{Excluded, Finding, Kind, Reason, Side};
use crate::fiscal::Direction;
use crate::reconcile::coverage::Coverage;
use crate::reconcile::draft::Draft;
use crate::reconcile::nearest::NearestIndex;
use crate::reconcile::one_pass::pair_up;
use crate::reconcile::order_names::{named_by_order, order_name, shape};
use crate::reconcile::pairing::Pairing;
use crate::reconcile::prove::{Source, prove};
use crate::reconcile::receipts::{Line, Receipt, Told};
use crate::reconcile::record::Record;
use crate::reconcile::refunds::{Undoing, is_refunded, order_conflicts, returned_by_sale};
use crate::reconcile::statement::{Basis, Class};
use crate::reconcile::suggested::suggestion;
use crate::reconcile::takers::Takers;
use crate::reconcile::verdict::FindingMaker;
use crate::reconcile::{Error, Input, Outcome};

/// Compares receipts that carry an order with the orders.
pub(super) fn compare(
    input: &Input,
    receipts: &[Receipt<'_>],
    orders: &[Line<'_>],
    told: &Told,
    general: &[Finding],
) -> Result<Outcome, Error> {
    let shapes: BTreeSet<String> =
        orders.iter().flat_map(|line| line.record.references()).map(shape).collect();
    let left: Vec<Record> =
        receipts.iter().map(|receipt| named_by_order(&receipt.record, &shapes)).collect();
    let right: Vec<Record> = orders.iter().map(|line| line.record.clone()).collect();
    let returned = returned_by_sale(receipts);
    let undone: Vec<Undoing> =
        receipts.iter().map(|receipt| Undoing::of(receipt, &returned)).collect();
    let rules = input.rules.receipts();
    // What went back, on either side, is told by one sale and one order.
    let may_group = |side: Side, index: usize| match side {
        Side::Left => is_sale(&receipts[index]) && undone[index].is_nothing(),
        Side::Right => !is_refunded(&right[index]) && orders[index].left_out.is_none(),
    };
    let mut pairing = Pairing::default();
    // A sale that was undone gives way to the one that was issued in its place.
    for is_whole in [false, true] {
        let is_open = |side: Side, index: usize| match side {
            Side::Left => {
                is_sale(&receipts[index])
                    && undone[index].is_whole(&receipts[index].record) == is_whole
            }
            Side::Right => orders[index].left_out.is_none(),
        };
        for turn in rules.passes.chunk_by(|_, next| next.is_together) {
            let sides = (&left[..], &right[..]);
            pair_up(turn, sides, (is_open, may_group), &rules.tolerance, &mut pairing)?;
        }
    }
    pairing.find_duplicates(Side::Right, &right, |index| orders[index].left_out.is_none());
    let mut judgement = Judgement {
        input,
        receipts,
        orders,
        left: &left,
        right: &right,
        undone: &undone,
        shapes: &shapes,
        pairing: &pairing,
        coverage: Coverage::of_rows(input, right.iter(), rules),
        make: FindingMaker::new(input, Direction::Outgoing),
        draft: Draft::new(input, Direction::Outgoing, Basis::Orders),
        classes: BTreeMap::new(),
    };
    judgement.take_pairs();
    judgement.take_groups();
    judgement.take_sales();
    judgement.take_others();
    judgement.take_orders();
    let Judgement { draft, make, coverage, .. } = judgement;
    let mut findings = make.into_findings();
    findings.extend(coverage.findings(input, Direction::Outgoing, &draft.rows[0], &told.outside));
    let all: Vec<Finding> = findings.iter().chain(general).cloned().collect();
    let sources = [&left, &right].map(|rows| rows.iter().map(Source::of).collect());
    let statement = prove(draft, coverage.covered(), &all, &sources)?;
    Ok(Outcome { statements: vec![statement], findings, ..Outcome::default() })
}

/// Holds the two sides while they are being judged.
struct Judgement<'a> {
    input: &'a Input,
    receipts: &'a [Receipt<'a>],
    orders: &'a [Line<'a>],
    left: &'a [Record],
    right: &'a [Record],
    undone: &'a [Undoing],
    /// What names of orders look like in this shop.
    shapes: &'a BTreeSet<String>,
    pairing: &'a Pairing,
    coverage: Coverage,
    make: FindingMaker,
    draft: Draft,
    /// What became of each sale, for its children.
    classes: BTreeMap<&'a str, (Class, Reason)>,
}

impl Judgement<'_> {
    fn take_pairs(&mut self) {
        let in_period = self.receipts.iter().filter(|receipt| receipt.record.is_in_period);
        let has_child: BTreeSet<&str> =
            in_period.filter_map(|receipt| receipt.document.parent_id.as_deref()).collect();
        for pair in &self.pairing.pairs {
            let (left, right) = (&self.left[pair.left], &self.right[pair.right]);
            let undone = self.undone[pair.left];
            let (differences, conflicts) =
                order_conflicts(left, right, undone, &self.input.rules.receipts().tolerance);
            let class = match (conflicts.is_empty(), differences.is_empty()) {
                (true, true) => Class::Matched,
                (true, false) => Class::MatchedWithinTolerance,
                (false, _) => Class::Differing,
            };
            let reason = Reason::Paired {
                pass: pair.pass.clone(),
                tier: None,
                differences,
                aids: Vec::new(),
            };
            // A return of this month tells of its sale, in whichever month that lies.
            self.classes.insert(&left.reference.id, (class, reason.clone()));
            let is_shown = left.is_in_period || right.is_in_period;
            if is_shown {
                self.draft.push_pair(left, right, class, &Arc::new(reason));
            }
            if is_shown || has_child.contains(left.reference.id.as_str()) {
                self.make.pair(left, right, &pair.pass, conflicts);
            }
        }
    }

    fn take_groups(&mut self) {
        for group in &self.pairing.groups {
            let (many, ones) = if group.many == Side::Left {
                (self.left, self.right)
            } else {
                (self.right, self.left)
            };
            let one = &ones[group.one];
            let members: Vec<&Record> = group.members.iter().map(|row| &many[*row]).collect();
            if one.is_in_period || members.iter().any(|member| member.is_in_period) {
                self.draft.push_group(group, one, &members);
            }
        }
    }

    /// Places the sales that found no order.
    fn take_sales(&mut self) {
        let takers = Takers::of(self.input.rules.receipts(), self.right, self.pairing);
        let mut nearest: Option<NearestIndex<'_>> = None;
        for (index, receipt) in self.receipts.iter().enumerate() {
            if !is_sale(receipt) || self.pairing.is_paired(Side::Left, index) {
                continue;
            }
            let record = &self.left[index];
            let (class, reason) =
                if let Some(reason) = self.pairing.doubts(Side::Left, index, self.right) {
                    (Class::Ambiguous, reason)
                } else if let Some(of) = takers.taker(record) {
                    // The order has its receipt: this is a second one.
                    let of = Box::new(self.left[of].told());
                    (Class::Duplicate, Reason::Duplicate { of })
                } else if order_name(record, self.shapes).is_none() {
                    (Class::Excluded, Reason::Excluded { because: Excluded::WithoutOrder })
                } else if let Some(excuse) = self.coverage.excuse(self.input, Side::Left, record) {
                    excuse
                } else {
                    let reason = self.suggestion(Side::Left, index).unwrap_or_else(|| {
                        let index = nearest
                            .get_or_insert_with(|| NearestIndex::new(self.right, self.left.iter()));
                        let nearest = index.nearest(Side::Left, record).map(Box::new);
                        Reason::NoPartner { nearest }
                    });
                    (Class::MissingRight, reason)
                };
            self.classes.insert(&record.reference.id, (class, reason.clone()));
            if !record.is_in_period {
                continue;
            }
            match class {
                Class::MissingRight => {
                    self.make.row(Kind::MissingInLedger, Side::Left, record, &reason);
                }
                // A second receipt that was undone takes no money twice.
                Class::Duplicate if !self.undone[index].is_whole(record) => {
                    self.make.row(Kind::DuplicateAtProvider, Side::Left, record, &reason);
                }
                _ => {}
            }
            self.draft.push_single(Side::Left, record, class, reason);
        }
    }

    /// Returns the reason of a row whose partner a pass only suggests.
    fn suggestion(&self, side: Side, index: usize) -> Option<Reason> {
        let tolerance = &self.input.rules.receipts().tolerance;
        suggestion(self.pairing, [self.left, self.right], (side, index), tolerance)
    }

    /// Places what is not a sale: left-out receipts, returns and voids.
    fn take_others(&mut self) {
        // What follows a sale that a rule leaves out is left out with it.
        for receipt in self.receipts.iter().filter(|one| !one.record.is_credit()) {
            if let Some((class, reason @ Reason::LeftOut { .. })) = &receipt.left_out {
                let id = receipt.record.reference.id.as_str();
                self.classes.insert(id, (*class, reason.clone()));
            }
        }
        for (receipt, record) in self.receipts.iter().zip(self.left) {
            if is_sale(receipt) || !record.is_in_period {
                continue;
            }
            let parent = receipt.document.parent_id.as_deref().unwrap_or_default();
            let without =
                || (Class::Excluded, Reason::Excluded { because: Excluded::WithoutOrder });
            let (class, reason) = receipt
                .left_out
                .clone()
                .unwrap_or_else(|| self.classes.get(parent).cloned().unwrap_or_else(without));
            self.draft.push_single(Side::Left, record, class, reason);
        }
    }

    /// Places the period's orders that found no receipt.
    fn take_orders(&mut self) {
        let mut nearest: Option<NearestIndex<'_>> = None;
        for (index, record) in self.right.iter().enumerate() {
            if self.pairing.is_paired(Side::Right, index) || !record.is_in_period {
                continue;
            }
            let status = record.reference.status.as_deref().unwrap_or_default();
            let (class, reason, kind) =
                if let Some((class, reason)) = self.orders[index].left_out.clone() {
                    (class, reason, None)
                } else if let Some(reason) = self.pairing.doubts(Side::Right, index, self.left) {
                    (Class::Ambiguous, reason, Some(Kind::Ambiguous))
                } else if let Some(of) = self.pairing.duplicate_of(Side::Right, index) {
                    let of = Box::new(self.right[of].told());
                    (Class::Duplicate, Reason::Duplicate { of }, Some(Kind::DuplicateInLedger))
                } else if matches!(status, "voided" | "cancelled") {
                    let because = Excluded::Cancelled;
                    (Class::Excluded, Reason::Excluded { because }, None)
                } else if let Some((class, reason)) =
                    self.coverage.excuse(self.input, Side::Right, record)
                {
                    (class, reason, None)
                } else {
                    let reason = self.suggestion(Side::Right, index).unwrap_or_else(|| {
                        let index = nearest
                            .get_or_insert_with(|| NearestIndex::new(self.left, self.right.iter()));
                        let nearest = index.nearest(Side::Right, record).map(Box::new);
                        Reason::NoPartner { nearest }
                    });
                    (Class::MissingLeft, reason, Some(Kind::MissingAtProvider))
                };
            if let Some(kind) = kind {
                self.make.row(kind, Side::Right, record, &reason);
            }
            self.draft.push_single(Side::Right, record, class, reason);
        }
    }
}

/// Returns and voids follow their sale; what was never issued takes no part.
fn is_sale(receipt: &Receipt<'_>) -> bool {
    receipt.left_out.is_none() && !receipt.record.is_credit()
}
