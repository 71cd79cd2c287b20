//! What was read for a report, and what was refused.

use std::collections::BTreeMap;

use super::{ComparisonRequest, Unit, resource_of};
use crate::findings::{Evidence, Finding, Kind};
use crate::fiscal::{Company, Currency, Direction, DocumentKind, Period, TaxId};
use crate::report::model::{RefusedRow, Source, SourceKind};
use crate::store::{StoredFile, WindowRecord};
use crate::worker::context::months;
use crate::worker::{Context, Error};

/// Refused rows that a report lists for each file.
const REFUSED_ROWS_SHOWN: usize = 50;
/// Stands for the company of a file that names none.
const NO_COMPANY: &str = "—";

/// Puts what belongs to no company into a unit of its own: refused files, unread bodies.
pub(super) async fn ownerless_unit(
    ctx: &Context,
    request: &ComparisonRequest,
    kind: DocumentKind,
    sources: &mut Vec<Source>,
) -> Result<Vec<Unit>, Error> {
    let Some((_, month)) = months(request.period).pop() else {
        return Ok(Vec::new());
    };
    let mut by_company: BTreeMap<TaxId, Vec<Finding>> = BTreeMap::new();
    let nobody = TaxId::parse(NO_COMPANY).expect("a dash is an opaque id");
    let mut add = |owner: Option<TaxId>, file: String, reason: String| {
        let company = owner.unwrap_or_else(|| nobody.clone());
        let finding = Finding {
            kind: Kind::FileRejected,
            company: company.clone(),
            document_kind: kind,
            direction: Direction::Outgoing,
            period: month,
            evidence: Evidence::File { file: file.clone(), reason: reason.clone(), rows: 0 },
            at_risk_cents: 0,
            currency: Currency::EUR,
        };
        sources.push(Source {
            name: file,
            kind: SourceKind::Upload,
            company: (company != nobody).then(|| company.clone()),
            detail: String::new(),
            rows_read: 0,
            rows_rejected: 0,
            state: "rejected".to_owned(),
            refused: vec![RefusedRow {
                row: 0,
                column: String::new(),
                value: String::new(),
                reason,
            }],
        });
        by_company.entry(company).or_default().push(finding);
    };
    for refused in ctx.store.refused_files(&request.job).await? {
        add(TaxId::parse(&refused.company), refused.file_name, refused.reason);
    }
    let resource = resource_of(kind).as_str();
    for body in ctx.store.unreadable_documents().await? {
        if body.resource == resource {
            add(None, format!("{resource}/{}", body.source_id), body.reason);
        }
    }
    Ok(by_company
        .into_iter()
        .map(|(company, findings)| Unit { company, kind, month, statements: Vec::new(), findings })
        .collect())
}

/// Returns the finding that some rows of a file were refused.
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

/// Returns what a report says of a ledger file.
pub(super) fn upload_source(company: &Company, file: &StoredFile, rows_read: u64) -> Source {
    Source {
        name: file.file_name.clone(),
        kind: SourceKind::Upload,
        company: Some(company.tax_id.clone()),
        detail: file.layout.clone(),
        rows_read,
        rows_rejected: file.rows_rejected.cast_unsigned(),
        state: "stored".to_owned(),
        refused: file
            .rejected
            .iter()
            .take(REFUSED_ROWS_SHOWN)
            .map(|row| RefusedRow {
                row: row.row,
                column: row.column.clone(),
                value: row.value.clone(),
                reason: row.reason.clone(),
            })
            .collect(),
    }
}

/// Returns what a report says of the pulls of a kind.
pub(super) fn pull_source(
    kind: DocumentKind,
    windows: &[WindowRecord],
    period: Period,
    rows_read: u64,
) -> Source {
    let resource = resource_of(kind).as_str();
    let worst = ["deferred", "unsettled", "reading"]
        .into_iter()
        .find(|state| windows.iter().any(|window| window.state == *state));
    let state = match worst {
        _ if windows.is_empty() => "never pulled",
        Some("reading") => "unsettled",
        Some(state) => state,
        None => "settled",
    };
    Source {
        name: resource.to_owned(),
        kind: SourceKind::Pull,
        company: None,
        detail: period.to_string(),
        rows_read,
        rows_rejected: 0,
        state: state.to_owned(),
        refused: Vec::new(),
    }
}
