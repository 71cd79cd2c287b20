//! Payouts to the bank: what their transactions make, less the fees, is what was paid.
//!
//! A payout is proved by the transactions that name it, or by those that are to be paid on
//! its day. Where the files name none of them, or may lack some that lie before their first
//! day, nothing is claimed and the payout is counted as unproved.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use crate::findings::{Evidence, Kind, PayoutSettled};
use crate::fiscal::{Currency, Settlement};
use crate::reconcile::receipts::Line;
use crate::reconcile::settlement_days::Role;
use crate::reconcile::statement::Settled;
use crate::reconcile::verdict::FindingMaker;

/// Transactions of so many days before a file begins may belong to its first payouts.
const DAYS_BEFORE: u64 = 10;

/// Adds up the period's transactions and payouts, with a finding for each that does not prove.
pub(super) fn prove_payouts(
    lines: &[Line<'_>],
    roles: &[Role],
    make: &mut FindingMaker,
) -> BTreeMap<Currency, Settled> {
    let mut sums: BTreeMap<Currency, Settled> = BTreeMap::new();
    // What a rule leaves out is no part of the sums, but a payout was made with it.
    let counts = |line: &Line<'_>| line.record.is_in_period && line.left_out.is_none();
    for (line, role) in lines.iter().zip(roles).filter(|(line, _)| counts(line)) {
        let sum = sums.entry(line.record.currency).or_default();
        let settlement = line.entry.settlement.as_deref();
        match role {
            Role::Counts => {
                add(sum, line, settlement);
                note_wrong_net(line, make);
            }
            Role::Movement if is_payout(line) => {
                let paid = settlement.and_then(|one| one.net_cents).unwrap_or(0);
                sum.payouts += 1;
                sum.paid_cents = sum.paid_cents.saturating_add(paid);
                if !prove_one(line, paid, (lines, roles), make) {
                    sum.unproved_payouts += 1;
                }
            }
            Role::Movement => {
                let fee = settlement.and_then(|one| one.fee_cents).unwrap_or(0);
                sum.fee_cents = sum.fee_cents.saturating_add(fee);
                sum.net_cents = sum.net_cents.saturating_sub(fee);
            }
            Role::NotDone | Role::Repeats(_) => {}
        }
    }
    sums
}

fn add(sum: &mut Settled, line: &Line<'_>, settlement: Option<&Settlement>) {
    let gross = line.record.amount_cents.unwrap_or(0);
    let part = if gross < 0 { &mut sum.refunds_cents } else { &mut sum.sales_cents };
    *part = part.saturating_add(gross);
    sum.transactions += 1;
    let fee = settlement.and_then(|one| one.fee_cents);
    sum.without_fee += u64::from(fee.is_none());
    sum.fee_cents = sum.fee_cents.saturating_add(fee.unwrap_or(0));
    let net = settlement.and_then(|one| one.net_cents);
    let net = net.unwrap_or_else(|| gross.saturating_sub(fee.unwrap_or(0)));
    sum.net_cents = sum.net_cents.saturating_add(net);
}

fn is_payout(line: &Line<'_>) -> bool {
    line.entry.document_type.as_ref().is_some_and(|kind| kind.as_str() == "payout")
}

/// A transaction whose own net is not its gross less its fee.
fn note_wrong_net(line: &Line<'_>, make: &mut FindingMaker) {
    let settlement = line.entry.settlement.as_deref();
    let (Some(gross), Some(fee), Some(paid), Some(day)) = (
        line.record.amount_cents,
        settlement.and_then(|one| one.fee_cents),
        settlement.and_then(|one| one.net_cents),
        line.record.issue_date,
    ) else {
        return;
    };
    let mut parts = Parts::default();
    parts.add(gross, fee);
    parts.tell(line, day, paid, make);
}

/// Tells whether a payout could be held against transactions; a difference becomes a finding.
fn prove_one(
    payout: &Line<'_>,
    paid: i64,
    (lines, roles): (&[Line<'_>], &[Role]),
    make: &mut FindingMaker,
) -> bool {
    let Some(day) = payout.record.issue_date else {
        return false;
    };
    let own = payout.entry.settlement.as_deref();
    let is_named = |settlement: &Settlement| {
        settlement.payout.as_ref().is_some_and(|name| {
            own.is_some_and(|own| own.payout.as_ref() == Some(name))
                || payout.record.references().any(|own| own == name)
                || payout.record.number() == Some(name.as_str())
        })
    };
    let paid_on = own.and_then(|own| own.settled_on).unwrap_or(day);
    let is_due = |settlement: &Settlement| {
        settlement.payout.is_none() && settlement.settled_on == Some(paid_on)
    };
    let members = |belongs: &dyn Fn(&Settlement) -> bool| -> Vec<&Line<'_>> {
        let rows = lines.iter().zip(roles).filter(|(line, role)| {
            let is_part = match role {
                Role::Counts => true,
                Role::Movement => !is_payout(line),
                Role::NotDone | Role::Repeats(_) => false,
            };
            is_part && line.record.currency == payout.record.currency
        });
        rows.map(|(line, _)| line)
            .filter(|line| line.entry.settlement.as_deref().is_some_and(belongs))
            .collect()
    };
    let mut of_payout = members(&is_named);
    if of_payout.is_empty() {
        of_payout = members(&is_due);
    }
    let mut parts = Parts::default();
    for line in &of_payout {
        let settlement = line.entry.settlement.as_deref();
        let gross = line.record.amount_cents.unwrap_or(0);
        let net = settlement.and_then(|one| one.net_cents);
        let fee = settlement.and_then(|one| one.fee_cents);
        let Some(fee) = net.map(|net| gross.saturating_sub(net)).or(fee) else {
            return false;
        };
        parts.add(gross, fee);
    }
    let first = lines
        .iter()
        .filter(|line| line.record.reference.file == payout.record.reference.file)
        .filter_map(|line| line.record.issue_date)
        .min();
    let may_lack_some = first.is_none_or(|first| day < first + Days::new(DAYS_BEFORE));
    if of_payout.is_empty() || (parts.net() != paid && may_lack_some) {
        return false;
    }
    parts.tell(payout, day, paid, make);
    true
}

/// Adds up what a payout consists of, in cents.
#[derive(Default)]
struct Parts {
    transactions: u64,
    sales: i64,
    refunds: i64,
    fees: i64,
}

impl Parts {
    fn add(&mut self, gross: i64, fee: i64) {
        self.transactions += 1;
        let part = if gross < 0 { &mut self.refunds } else { &mut self.sales };
        *part = part.saturating_add(gross);
        self.fees = self.fees.saturating_add(fee);
    }

    fn net(&self) -> i64 {
        self.sales.saturating_add(self.refunds).saturating_sub(self.fees)
    }

    /// Adds a finding when the parts do not make what was paid.
    fn tell(&self, line: &Line<'_>, day: NaiveDate, paid: i64, make: &mut FindingMaker) {
        let net = self.net();
        if net == paid {
            return;
        }
        let record = &line.record;
        let own = line.entry.settlement.as_deref().and_then(|one| one.payout.clone());
        let name =
            own.filter(|_| is_payout(line)).or_else(|| record.number().map(ToOwned::to_owned));
        let of = PayoutSettled {
            name: name.unwrap_or_default(),
            day,
            transactions: self.transactions,
            sales_cents: self.sales,
            refunds_cents: self.refunds,
            fee_cents: self.fees,
            net_cents: net,
            paid_cents: paid,
        };
        let at_risk = net.saturating_sub(paid).saturating_abs();
        make.push(Kind::PayoutDiffers, Evidence::Payout { of }, at_risk, record.currency);
    }
}
