//! A statement while its rows are placed, before it is proved.

use std::sync::Arc;

use crate::findings::{Field, Reason, RecordRef, Side};
use crate::fiscal::{Company, Direction, DocumentKind, Period};
use crate::reconcile::Input;
use crate::reconcile::compare::amount_difference;
use crate::reconcile::groups::{self, Group};
use crate::reconcile::record::Record;
use crate::reconcile::statement::{Basis, Class, ClassedRow};

/// Gathers the classed rows of one statement.
pub(super) struct Draft {
    pub(super) company: Company,
    pub(super) document_kind: DocumentKind,
    pub(super) direction: Direction,
    pub(super) basis: Basis,
    pub(super) period: Period,
    /// The rows of each side.
    pub(super) rows: [Vec<ClassedRow>; 2],
}

impl Draft {
    pub(super) fn new(input: &Input, direction: Direction, basis: Basis) -> Self {
        Self {
            company: input.company.clone(),
            document_kind: input.document_kind,
            direction,
            basis,
            period: input.period,
            rows: Default::default(),
        }
    }

    pub(super) fn push_pair(
        &mut self,
        left: &Record,
        right: &Record,
        class: Class,
        reason: &Arc<Reason>,
    ) {
        for (side, record, partner) in [(Side::Left, left, right), (Side::Right, right, left)] {
            self.push_single(side, record, class, reason.clone());
            self.name_partner(side, partner);
        }
    }

    /// Adds the rows of a group: the one with all that answer it, each of these with the one.
    pub(super) fn push_group(
        &mut self,
        group: &Group,
        one: &Record,
        members: &[&Record],
    ) -> (Class, Arc<Reason>) {
        let total = |rows: &[&Record]| {
            let cents = rows.iter().map(|row| i128::from(row.amount_cents.unwrap_or(0)));
            i64::try_from(cents.sum::<i128>()).unwrap_or(i64::MAX)
        };
        let (sum, wanted) = (total(members), total(&[one]));
        let (left, right) = if group.many == Side::Left { (sum, wanted) } else { (wanted, sum) };
        let difference =
            (sum != wanted).then(|| Box::new(amount_difference(Field::Gross, left, right, None)));
        let class = if sum == wanted { Class::Matched } else { Class::MatchedWithinTolerance };
        let reason = |with: Vec<RecordRef>, beside: usize| Reason::Together {
            pass: group.rule.clone(),
            with,
            beside: beside as u64,
            among: group.among,
            difference: difference.clone(),
        };
        let refs = members.iter().map(|member| member.told()).collect();
        self.push_single(groups::across(group.many), one, class, reason(refs, 0));
        let of_member = Arc::new(reason(vec![one.told()], members.len() - 1));
        for member in members {
            self.push_single(group.many, member, class, of_member.clone());
            self.name_partner(group.many, one);
        }
        (class, of_member)
    }

    pub(super) fn push_single(
        &mut self,
        side: Side,
        record: &Record,
        class: Class,
        reason: impl Into<Arc<Reason>>,
    ) {
        self.push_counting(side, record, record.amount_cents, (class, reason.into()));
    }

    /// Adds a row that counts with another amount than its own.
    pub(super) fn push_counting(
        &mut self,
        side: Side,
        record: &Record,
        amount_cents: Option<i64>,
        (class, reason): (Class, Arc<Reason>),
    ) {
        self.rows[side as usize].push(ClassedRow {
            side,
            record: record.reference.clone(),
            currency: record.currency,
            amount_cents,
            class,
            reason,
            partner: None,
        });
    }

    /// Says of the last row of a side whom it was paired with.
    fn name_partner(&mut self, side: Side, partner: &Record) {
        if let Some(row) = self.rows[side as usize].last_mut() {
            row.partner = Some(partner.reference.clone());
        }
    }
}
