//! What a run looked at, and so what its silence says.

use chrono::NaiveDate;

use crate::findings::{Evidence, Finding};
use crate::fiscal::{DocumentKind, Period, TaxId};

/// Says what a run looked at: what it did not see there is resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The company; a dash for what belongs to none.
    pub company: TaxId,
    /// Receipts or invoices.
    pub kind: DocumentKind,
    /// The month under which findings count.
    pub month: Period,
    /// The days of the month that the run looked at.
    pub days: Period,
}

impl Scope {
    /// Tells whether the run would have seen the finding again, were it still there.
    pub(super) fn includes(&self, finding: &Finding) -> bool {
        let Some(days) = days_of(&finding.evidence) else {
            // Files are listed by the days they cover, so rows refused in one are seen
            // again only by a run that looks from the month's first day on.
            let is_whole = !matches!(&finding.evidence, Evidence::File { rows: 1.., .. });
            return is_whole || self.days.from <= self.month.from;
        };
        let meets = |span: Period| days.from <= span.to && span.from <= days.to;
        // What lies in no day of the month is in no other run's days either.
        meets(self.days) || !meets(self.month)
    }
}

/// Returns the days that a finding speaks of; a file and a decision speak of none.
fn days_of(evidence: &Evidence) -> Option<Period> {
    let day = |day: Option<NaiveDate>| day.map(|day| Period { from: day, to: day });
    match evidence {
        Evidence::Row { record, .. } | Evidence::Check { record, .. } => day(record.day()),
        Evidence::Pair { left, right, .. } => day(left.day().or(right.day())),
        Evidence::Takings { day: on, .. } | Evidence::Gap { day: on, .. } => day(Some(*on)),
        Evidence::Settled { of } => day(Some(of.day)),
        Evidence::Payout { of } => day(Some(of.day)),
        Evidence::Uncovered { days, .. } => Some(*days),
        Evidence::File { .. } | Evidence::Decision { .. } => None,
    }
}
