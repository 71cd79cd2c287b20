//! Makes findings of one comparison, and the verdict that they add up to.

use crate::findings::{Difference, Evidence, Finding, Kind, Pass, Reason, Severity, Side};
use crate::fiscal::{Currency, Direction, DocumentKind, Period, TaxId};
use crate::reconcile::Input;
use crate::reconcile::record::Record;
use crate::reconcile::statement::{Class, Verdict};

/// Collects findings that share a company, kind, direction and period.
pub(super) struct FindingMaker {
    company: TaxId,
    document_kind: DocumentKind,
    direction: Direction,
    period: Period,
    findings: Vec<Finding>,
}

impl FindingMaker {
    pub(super) fn new(input: &Input, direction: Direction) -> Self {
        Self {
            company: input.company.tax_id.clone(),
            document_kind: input.document_kind,
            direction,
            period: input.accounting_period,
            findings: Vec::new(),
        }
    }

    /// Adds a finding about a single row; its whole amount is at risk.
    ///
    /// An ambiguous document is at no risk of its own: its knot's ledger row is.
    pub(super) fn row(&mut self, kind: Kind, side: Side, record: &Record, reason: &Reason) {
        let at_risk = match (kind, side) {
            (Kind::NotDelivered, _) | (Kind::Ambiguous, Side::Left) => 0,
            _ => record.amount_cents.unwrap_or(0).saturating_abs(),
        };
        let evidence = Evidence::Row { side, record: record.told(), reason: reason.clone() };
        self.push(kind, evidence, at_risk, record.currency);
    }

    /// Adds a finding for each thing in which a pair disagrees.
    ///
    /// A pair's euros are at risk once: its dearest finding carries them, the others
    /// nothing. And they are at risk in the month of the document: a pair whose document
    /// lies in another month is told here too, at no amount.
    pub(super) fn pair(
        &mut self,
        left: &Record,
        right: &Record,
        pass: &Pass,
        conflicts: Vec<(Kind, Difference)>,
    ) {
        let whole = left.amount_cents.or(right.amount_cents).unwrap_or(0);
        let at_risk: Vec<i64> = conflicts
            .iter()
            .map(|(kind, difference)| match kind {
                // Neither a date nor a number written otherwise moves money.
                Kind::DateDiffers | Kind::NumberDiffers => 0,
                _ => difference.difference_cents.unwrap_or(whole).saturating_abs(),
            })
            .collect();
        let dearest = at_risk.iter().max().and_then(|most| at_risk.iter().position(|x| x == most));
        for (index, (kind, difference)) in conflicts.into_iter().enumerate() {
            let is_carrier = dearest == Some(index) && left.is_in_period;
            let evidence = Evidence::Pair {
                left: left.told(),
                right: right.told(),
                pass: pass.clone(),
                difference,
            };
            self.push(kind, evidence, if is_carrier { at_risk[index] } else { 0 }, left.currency);
        }
    }

    pub(super) fn push(
        &mut self,
        kind: Kind,
        evidence: Evidence,
        at_risk_cents: i64,
        currency: Currency,
    ) {
        self.findings.push(Finding {
            kind,
            company: self.company.clone(),
            document_kind: self.document_kind,
            direction: self.direction,
            period: self.period,
            evidence,
            at_risk_cents,
            currency,
        });
    }

    pub(super) fn into_findings(self) -> Vec<Finding> {
        self.findings
    }
}

/// Returns the verdict of findings and classes, worst first.
pub(super) fn verdict(findings: &[Finding], classes: impl Iterator<Item = Class>) -> Verdict {
    if findings.iter().any(|finding| finding.kind.means_incomplete()) {
        return Verdict::Incomplete;
    }
    if findings.iter().any(|finding| finding.severity() > Severity::Info) {
        return Verdict::Breaks;
    }
    let mut worst = Verdict::Reconciled;
    for class in classes {
        worst = worst.min(match class {
            Class::Pending => Verdict::Pending,
            Class::OutOfWindow => Verdict::Incomplete,
            // Its finding may stand in another month, with the knot's other rows.
            Class::Ambiguous => Verdict::Breaks,
            _ => Verdict::Reconciled,
        });
    }
    worst
}
