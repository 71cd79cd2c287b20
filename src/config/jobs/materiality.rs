//! What a job says about materiality; what it leaves open is `report.materiality`'s.

use crate::config::read::Reader;
use crate::config::sections::{kinds, materiality_count};
use crate::config::value::Value;
use crate::findings::{Kind, Materiality};

/// Holds the thresholds that a job sets for itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JobMateriality {
    /// Cents at risk in sum.
    pub amount_cents: Option<i64>,
    /// Hundredths of a per cent of what was looked at.
    pub share: Option<u32>,
    /// Open findings of severity warning or serious.
    pub count: Option<u32>,
    /// Kinds of which one open finding is material.
    pub kinds: Option<Vec<Kind>>,
}

impl JobMateriality {
    pub(super) fn read(reader: &mut Reader) -> Self {
        Self {
            amount_cents: reader.optional("materiality", Value::cents),
            share: reader.optional("materiality_percent", Value::hundredths),
            count: reader.optional("materiality_count", materiality_count),
            kinds: reader.optional("materiality_kinds", |value| value.choices(&kinds())),
        }
    }

    /// Returns the thresholds of the job, each the report's where the job sets none.
    #[must_use]
    pub fn over(&self, report: &Materiality) -> Materiality {
        Materiality {
            amount_cents: self.amount_cents.unwrap_or(report.amount_cents),
            share: self.share.or(report.share),
            count: self.count.or(report.count),
            kinds: self.kinds.clone().unwrap_or_else(|| report.kinds.clone()),
        }
    }
}
