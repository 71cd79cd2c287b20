//! A company that cannot be compared, or rows that cannot be read: neither stops the others.

use crate::findings::{Evidence, Finding, FindingState, Kind};
use crate::fiscal::{Company, Currency, Direction, DocumentKind, Period};
use crate::report::model::Source;
use crate::store::StoredFile;
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

/// Says that rows of a file could not be read, with the first of them.
pub(super) fn rejected_rows(
    company: &Company,
    kind: DocumentKind,
    month: Period,
    file: &StoredFile,
) -> Finding {
    let reason = file.rejected.first().map_or_else(String::new, |row| {
        format!("row {}, column `{}`: {}", row.row, row.column, row.reason)
    });
    Finding {
        kind: Kind::FileRejected,
        company: company.tax_id.clone(),
        document_kind: kind,
        direction: Direction::Outgoing,
        period: month,
        evidence: Evidence::File {
            file: file.file_name.clone(),
            reason,
            rows: file.rows_rejected.cast_unsigned(),
        },
        at_risk_cents: 0,
        currency: Currency::EUR,
    }
}
