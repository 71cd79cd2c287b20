//! What is wrong, as data: kind, evidence, amount at risk, identity.
//!
//! A finding carries its values, never a sentence: text is made last, in `report`, in the
//! reader's language. Its fingerprint says *what* is wrong and its period *when it counts*,
//! so that the same break never opens twice and a green April leaves March's case alone.
//! Absent on purpose: storage (see `store`), judgement (see `reconcile`), words for people.

mod decision;
mod decision_file;
mod evidence;
mod fingerprint;
mod kind;
mod life;
mod materiality;
mod number_rule;
mod pass;
mod reason;
mod settled;
mod suggestion;

pub use decision::{Decision, Staleness};
pub use decision_file::{DecisionFileError, decisions_from_toml, decisions_to_toml};
pub use evidence::{Difference, Evidence, Explanation, Field, Lacking, RecordRef, Side, Slice};
pub use fingerprint::Fingerprint;
pub use kind::{Kind, Severity};
pub use life::{FindingState, RollForward, Standing, Tally};
pub use materiality::{Materiality, Weight};
pub use number_rule::{Affix, NumberRule};
pub use pass::Pass;
pub use reason::{Aid, Excluded, Nearest, Reason};
pub use settled::{DaySettled, PayoutSettled};
pub use suggestion::{Suggestion, suggestions};

use serde::{Deserialize, Serialize};

use crate::fiscal::{Currency, Direction, DocumentKind, Period, TaxId};

/// Holds one thing that is wrong in a company's period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// What is wrong.
    pub kind: Kind,
    /// The company concerned.
    pub company: TaxId,
    /// Receipts or invoices.
    pub document_kind: DocumentKind,
    /// Issued or received.
    pub direction: Direction,
    /// The period in which it counts.
    pub period: Period,
    /// The values that prove it.
    pub evidence: Evidence,
    /// Cents at risk, never negative.
    pub at_risk_cents: i64,
    /// The currency of the amount at risk.
    pub currency: Currency,
}

impl Finding {
    /// Returns how much this finding matters: as its kind, or less when a cause is known.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match &self.evidence {
            Evidence::Check { difference, .. } if difference.explanation.is_some() => {
                Severity::Info
            }
            _ => self.kind.severity(),
        }
    }
}
