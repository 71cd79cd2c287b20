//! Receipts one by one against a shop's orders.
//!
//! A receipt carries the order's name among its references. Returns and voids follow the
//! sale that they belong to: an order that is still paid although its sale was voided or
//! returned is the finding, and the children share their sale's class.

use std::collections::{BTreeMap, BTreeSet};

use crate::findings::{Excluded, Field, Finding, Kind, Pass, Reason, Side};
use crate::fiscal::{Direction, Lifecycle};
use crate::reconcile::compare::{self, amount_difference, text_difference};
use crate::reconcile::coverage::{self, Coverage};
use crate::reconcile::nearest;
use crate::reconcile::pairing::{Pairing, pair_up};
use crate::reconcile::prove::{Draft, prove};
use crate::reconcile::receipts::{Line, Receipt};
use crate::reconcile::record::Record;
use crate::reconcile::statement::{Basis, Class};
use crate::reconcile::verdict::FindingMaker;
use crate::reconcile::{Error, Input, Outcome};

/// Words of shops for an order whose money went back, or never came.
const REFUNDED: [&str; 3] = ["refunded", "voided", "cancelled"];
const PARTLY_REFUNDED: &str = "partially_refunded";

/// Compares receipts that carry an order with the orders.
pub(super) fn compare(
    input: &Input,
    receipts: &[Receipt<'_>],
    orders: &[Line<'_>],
    general: &[Finding],
) -> Result<Outcome, Error> {
    let shapes: BTreeSet<String> =
        orders.iter().flat_map(|line| &line.record.references).map(|name| shape(name)).collect();
    let receipts: Vec<Receipt<'_>> =
        receipts.iter().map(|receipt| named_by_order(receipt, &shapes)).collect();
    let receipts = &receipts[..];
    let left: Vec<Record> = receipts.iter().map(|receipt| receipt.record.clone()).collect();
    let right: Vec<Record> = orders.iter().map(|line| line.record.clone()).collect();
    let mut comparison = Comparison {
        input,
        coverage: Coverage::of_days(
            input.period,
            right.iter().filter_map(|record| record.issue_date),
            coverage::EDGE_DAYS_INVOICES,
        ),
        make: FindingMaker::new(input, Direction::Outgoing),
        draft: Draft::new(input, Direction::Outgoing, Basis::Orders),
        children: children_by_parent(receipts),
        shapes: &shapes,
        classes: BTreeMap::new(),
    };
    let mut pairing = Pairing::default();
    let may_take_part = |side: Side, index: usize| side == Side::Right || is_sale(&receipts[index]);
    pair_up(Pass::Id, (&left, &right), may_take_part, input.tolerance, &mut pairing)?;
    pairing.find_duplicates(&[], &right, &BTreeSet::new());
    for pair in &pairing.pairs {
        comparison.take_pair(&receipts[pair.left], &orders[pair.right]);
    }
    comparison.take_unpaired(receipts, &left, orders, &right, &pairing);
    let Comparison { draft, make, coverage, .. } = comparison;
    let mut findings = make.into_findings();
    findings.extend(coverage.findings(input, Direction::Outgoing, &draft.rows));
    let all: Vec<Finding> = findings.iter().chain(general).cloned().collect();
    let sources = [left.iter().collect(), right.iter().collect()];
    let statement = prove(draft, coverage.covered(), &all, &sources)?;
    Ok(Outcome { statements: vec![statement], findings })
}

/// Holds the two sides while they are being judged.
struct Comparison<'a> {
    input: &'a Input,
    coverage: Coverage,
    make: FindingMaker,
    draft: Draft,
    /// Returned cents (positive) by the sale's id.
    children: BTreeMap<&'a str, i64>,
    /// What names of orders look like in this shop.
    shapes: &'a BTreeSet<String>,
    /// What became of each sale, for its children.
    classes: BTreeMap<String, (Class, Reason)>,
}

impl Comparison<'_> {
    /// Places every row that found no partner, sales before what follows them.
    fn take_unpaired(
        &mut self,
        receipts: &[Receipt<'_>],
        left: &[Record],
        orders: &[Line<'_>],
        right: &[Record],
        pairing: &Pairing,
    ) {
        let named: BTreeSet<&String> = right.iter().flat_map(|record| &record.references).collect();
        let in_period = || receipts.iter().enumerate().filter(|(_, one)| one.record.is_in_period);
        for (index, receipt) in in_period() {
            if !pairing.is_paired(Side::Left, index) && is_sale(receipt) {
                let alternatives = pairing.alternatives(Side::Left, index);
                self.take_sale(receipt, right, &named, alternatives);
            }
        }
        for (_, receipt) in in_period() {
            self.take_other(receipt);
        }
        for (index, order) in orders.iter().enumerate() {
            if !pairing.is_paired(Side::Right, index) {
                self.take_order(index, order, left, right, pairing);
            }
        }
    }

    fn take_pair(&mut self, sale: &Receipt<'_>, order: &Line<'_>) {
        let (left, right) = (&sale.record, &order.record);
        if !left.is_in_period && !right.is_in_period {
            return;
        }
        let status = order.entry.status.as_deref().unwrap_or_default();
        let returned = self.children.get(sale.document.source_id.as_str()).copied().unwrap_or(0);
        let is_voided = sale.document.lifecycle == Lifecycle::Voided;
        let mut differences = compare::differences(left, right, self.input.tolerance);
        // The order's own date, tax split and buyer are the shop's, not the receipt's.
        differences.retain(|difference| matches!(difference.field, Field::Gross | Field::Sign));
        let is_refunded = REFUNDED.contains(&status);
        let conflict = if is_voided && !is_refunded {
            Some((Kind::VoidedButBooked, left.amount_cents.unwrap_or(0)))
        } else if !is_voided && returned > 0 && !is_refunded && status != PARTLY_REFUNDED {
            Some((Kind::ReturnedButBooked, returned))
        } else {
            None
        };
        let mut class = Class::Matched;
        if let Some((kind, at_risk_cents)) = conflict {
            class = Class::Differing;
            let mut difference = text_difference(
                Field::Status,
                left.reference.status.as_deref(),
                right.reference.status.as_deref(),
            );
            difference.difference_cents = Some(at_risk_cents);
            self.make.pair(kind, left, right, Pass::Id, difference);
        } else if is_refunded || status == PARTLY_REFUNDED {
            differences = net_difference(left, right, returned, is_voided);
        }
        for difference in &differences {
            if compare::is_tolerated(difference, self.input.tolerance) {
                class = class.max(Class::MatchedWithinTolerance);
            } else {
                class = Class::Differing;
                let kind = compare::kind_of(difference.field);
                self.make.pair(kind, left, right, Pass::Id, difference.clone());
            }
        }
        let reason = Reason::Paired { pass: Pass::Id, tier: None, differences };
        self.classes.insert(sale.document.source_id.clone(), (class, reason.clone()));
        self.draft.push_pair(left, right, class, &reason);
    }

    fn take_sale(
        &mut self,
        sale: &Receipt<'_>,
        right: &[Record],
        named: &BTreeSet<&String>,
        alternatives: Option<u64>,
    ) {
        let record = &sale.record;
        let carries_order = order_name(record, self.shapes).is_some();
        let (class, reason) = if let Some(alternatives) = alternatives {
            (Class::Ambiguous, Reason::Ambiguous { alternatives })
        } else if !carries_order {
            (Class::Excluded, Reason::Excluded { because: Excluded::WithoutOrder })
        } else if record.references.iter().any(|name| named.contains(name)) {
            // Its order has another receipt: this one is the second for the same order.
            (Class::Duplicate, Reason::Duplicate { of: Box::new(record.reference.clone()) })
        } else if let Some(excuse) = self.coverage.excuse(self.input, Side::Left, record) {
            excuse
        } else {
            let nearest = nearest::nearest(record, right, self.input.tolerance).map(Box::new);
            (Class::MissingRight, Reason::NoPartner { nearest })
        };
        match class {
            Class::MissingRight => {
                self.make.row(Kind::MissingInLedger, Side::Left, record, &reason);
            }
            Class::Duplicate => {
                self.make.row(Kind::DuplicateAtProvider, Side::Left, record, &reason);
            }
            _ => {}
        }
        self.classes.insert(sale.document.source_id.clone(), (class, reason.clone()));
        self.draft.push_single(Side::Left, record, class, reason);
    }

    /// Places what is not a sale: left-out receipts, returns and voids.
    fn take_other(&mut self, receipt: &Receipt<'_>) {
        let (class, reason) = if let Some(left_out) = &receipt.left_out {
            left_out.clone()
        } else if receipt.record.is_credit() {
            let parent = receipt.document.parent_id.as_deref().unwrap_or_default();
            self.classes
                .get(parent)
                .cloned()
                .unwrap_or((Class::Excluded, Reason::Excluded { because: Excluded::WithoutOrder }))
        } else {
            return;
        };
        self.draft.push_single(Side::Left, &receipt.record, class, reason);
    }

    fn take_order(
        &mut self,
        index: usize,
        order: &Line<'_>,
        left: &[Record],
        right: &[Record],
        pairing: &Pairing,
    ) {
        let record = &order.record;
        let status = order.entry.status.as_deref().unwrap_or_default();
        let (class, reason, kind) = if let Some(alternatives) =
            pairing.alternatives(Side::Right, index)
        {
            (Class::Ambiguous, Reason::Ambiguous { alternatives }, Some(Kind::Ambiguous))
        } else if let Some(of) = pairing.duplicate_of(Side::Right, index) {
            let of = Box::new(right[of].reference.clone());
            (Class::Duplicate, Reason::Duplicate { of }, Some(Kind::DuplicateInLedger))
        } else if matches!(status, "voided" | "cancelled") {
            let because = Excluded::Cancelled;
            (Class::Excluded, Reason::Excluded { because }, None)
        } else if let Some((class, reason)) = self.coverage.excuse(self.input, Side::Right, record)
        {
            (class, reason, None)
        } else {
            let nearest = nearest::nearest(record, left, self.input.tolerance).map(Box::new);
            (Class::MissingLeft, Reason::NoPartner { nearest }, Some(Kind::MissingAtProvider))
        };
        if let Some(kind) = kind {
            self.make.row(kind, Side::Right, record, &reason);
        }
        self.draft.push_single(Side::Right, record, class, reason);
    }
}

/// An order whose money went back is compared with its sale less what was returned.
///
/// Exports give either the gross before the refund or the net after it; both are right.
fn net_difference(
    left: &Record,
    right: &Record,
    returned: i64,
    is_voided: bool,
) -> Vec<crate::findings::Difference> {
    let (Some(gross), Some(order)) = (left.amount_cents, right.amount_cents) else {
        return Vec::new();
    };
    let net = if is_voided { 0 } else { gross - returned };
    if order == gross || order == net {
        return Vec::new();
    }
    vec![amount_difference(Field::Gross, net, order, None)]
}

/// Sums what was returned of each sale, as positive cents.
fn children_by_parent<'a>(receipts: &'a [Receipt<'_>]) -> BTreeMap<&'a str, i64> {
    let mut returned: BTreeMap<&str, i64> = BTreeMap::new();
    for receipt in receipts {
        let is_return = receipt.document.document_type.as_str() == "return";
        if let (true, None, Some(parent)) =
            (is_return, &receipt.left_out, receipt.document.parent_id.as_deref())
        {
            *returned.entry(parent).or_insert(0) -= receipt.record.amount_cents.unwrap_or(0);
        }
    }
    returned
}

/// Returns and voids follow their sale; what was never issued takes no part.
fn is_sale(receipt: &Receipt<'_>) -> bool {
    receipt.left_out.is_none() && !receipt.record.is_credit()
}

/// Returns the receipt under the name of its order, by which people look it up here.
fn named_by_order<'a>(receipt: &Receipt<'a>, shapes: &BTreeSet<String>) -> Receipt<'a> {
    let mut record = receipt.record.clone();
    if let Some(name) = order_name(&record, shapes).cloned() {
        record.reference.number = Some(name);
    }
    Receipt { document: receipt.document, record, left_out: receipt.left_out.clone() }
}

/// Returns the reference that looks like one of the shop's orders.
///
/// Other tags name stores, and the provider's own id is never an order.
fn order_name<'a>(record: &'a Record, shapes: &BTreeSet<String>) -> Option<&'a String> {
    record
        .references
        .iter()
        .filter(|name| **name != record.reference.id)
        .find(|name| shapes.contains(&shape(name)))
}

/// Returns what a name looks like, its runs of digits folded: `#1042` is `#9`.
fn shape(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    for c in name.chars() {
        let c = if c.is_ascii_digit() { '9' } else { c };
        if c != '9' || !folded.ends_with('9') {
            folded.push(c);
        }
    }
    folded
}
