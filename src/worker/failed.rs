//! A company that cannot be compared: it stops no other, and the verdict names it.

use crate::findings::FindingState;
use crate::fiscal::{Company, DocumentKind, Period};
use crate::report::model::Source;
use crate::worker::compare::{empty_unit, uncovered};
use crate::worker::error::causes;
use crate::worker::settle::Unit;
use crate::worker::sources::refused_source;
use crate::worker::{Context, Error};

/// Returns the unit of a company whose comparison failed, as one that nobody looked at.
///
/// What was found before stands: nobody looked whether it is over.
pub(super) async fn failed_unit(
    ctx: &Context,
    (company, kind): (&Company, DocumentKind),
    days: (Period, Period),
    error: &Error,
    sources: &mut Vec<Source>,
) -> Result<Unit, Error> {
    let reason = causes(error);
    tracing::error!(reason, "a company could not be compared");
    let mut unit = empty_unit(company.tax_id.clone(), kind, days);
    let gap = uncovered(&unit);
    let known = ctx.store.findings("").await?.into_iter().filter(|one| {
        let finding = &one.finding;
        (&finding.company, finding.document_kind, finding.period) == (&unit.company, kind, days.1)
            && one.state != FindingState::Resolved
            && finding.kind != gap.kind
    });
    unit.findings = known.map(|one| one.finding).collect();
    unit.findings.push(gap);
    sources.push(refused_source(company.name.clone(), Some(company.tax_id.clone()), reason));
    Ok(unit)
}
