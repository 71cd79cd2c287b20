//! A person's word on a finding: accepted, by whom, why, until when.
//!
//! A decision is kept by what the finding says (its fingerprint and period), not by where
//! its rows stand, so that it holds when the books are uploaded again. It speaks of one
//! amount: when the finding grows, goes away or the decision's last day has passed, the
//! decision no longer fits and says so, instead of hiding something new.

use chrono::NaiveDate;

use crate::findings::{Finding, Fingerprint, Kind};
use crate::fiscal::{Currency, DocumentKind, Period, TaxId, words};

/// Holds what a person decided about one finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The finding's identity.
    pub fingerprint: Fingerprint,
    /// The period in which the finding counts.
    pub period: Period,
    /// The company concerned.
    pub company: TaxId,
    /// Receipts or invoices.
    pub document_kind: DocumentKind,
    /// What was found wrong.
    pub kind: Kind,
    /// What people know the finding by.
    pub subject: String,
    /// The cents at risk that were accepted.
    pub at_risk_cents: i64,
    /// The currency of that amount.
    pub currency: Currency,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// The business day on which it was taken.
    pub decided_on: NaiveDate,
    /// The last day on which it holds; none means for good.
    pub until: Option<NaiveDate>,
}

words! {
    /// Says why a decision does not fit any more.
    Staleness {
        /// The finding is not there any more.
        Gone = "gone",
        /// Another amount is at risk than the one accepted.
        AmountChanged = "amount_changed",
        /// Its last day has passed.
        Expired = "expired",
    }
}

impl Decision {
    /// Returns why the decision does not fit what a run saw, if so.
    ///
    /// `seen` is the finding as the run saw it, `None` when it looked and saw none.
    #[must_use]
    pub fn staleness(&self, seen: Option<&Finding>, today: NaiveDate) -> Option<Staleness> {
        let Some(finding) = seen else {
            return Some(Staleness::Gone);
        };
        let accepted = (self.at_risk_cents, self.currency);
        if (finding.at_risk_cents, finding.currency) != accepted {
            Some(Staleness::AmountChanged)
        } else if self.until.is_some_and(|last| last < today) {
            Some(Staleness::Expired)
        } else {
            None
        }
    }

    /// Returns the text that stands in a finding's history.
    #[must_use]
    pub fn note(&self) -> String {
        match self.until {
            Some(day) => format!("{}: {} (until {day})", self.owner, self.reason),
            None => format!("{}: {}", self.owner, self.reason),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::findings::{Evidence, Reason, RecordRef, Side};
    use crate::fiscal::Direction;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// Returns a decision about [`finding`] of twelve euros.
    pub(in crate::findings) fn decision() -> Decision {
        let finding = finding(1200);
        Decision {
            fingerprint: Fingerprint::of(&finding, 1),
            period: finding.period,
            company: finding.company,
            document_kind: finding.document_kind,
            kind: finding.kind,
            subject: "n. 12 \"rossa\"".to_owned(),
            at_risk_cents: 1200,
            currency: Currency::EUR,
            owner: "Anna".to_owned(),
            reason: "booked in March\nby mistake".to_owned(),
            decided_on: day("2026-03-02"),
            until: Some(day("2026-04-30")),
        }
    }

    fn finding(at_risk_cents: i64) -> Finding {
        Finding {
            kind: Kind::MissingInLedger,
            company: TaxId::parse("01234567897").unwrap(),
            document_kind: DocumentKind::Invoice,
            direction: Direction::Outgoing,
            period: Period::month(2026, 2).unwrap(),
            evidence: Evidence::Row {
                side: Side::Left,
                record: RecordRef { id: "a1".to_owned(), ..RecordRef::default() },
                reason: Reason::NoPartner { nearest: None },
            },
            at_risk_cents,
            currency: Currency::EUR,
        }
    }

    #[test]
    fn decision_fits_its_amount_through_its_last_day() {
        let decision = decision();
        let of = |cents: i64, on: &str| decision.staleness(Some(&finding(cents)), day(on));
        assert_eq!(of(1200, "2026-04-30"), None);
        assert_eq!(of(1200, "2026-05-01"), Some(Staleness::Expired));
        assert_eq!(of(1201, "2026-04-30"), Some(Staleness::AmountChanged));
        assert_eq!(of(1199, "2026-04-30"), Some(Staleness::AmountChanged));
        assert_eq!(decision.staleness(None, day("2026-03-03")), Some(Staleness::Gone));
    }
}
