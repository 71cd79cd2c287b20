//! What a comparison read, and which days nobody read.

use chrono::NaiveDate;

use crate::api::Resource;
use crate::fiscal::{Company, DocumentKind, Period, TaxId};
use crate::report::model::{RefusedRow, Source, SourceKind};
use crate::store::{StoredFile, WindowRecord};
use crate::submit::{Intent, IntentState};
use crate::worker::plan::speaks_for;

/// Refused rows that a report lists for each file.
const REFUSED_ROWS_SHOWN: usize = 50;

/// Describes a ledger file as a source of the report.
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

/// Describes the pull of a kind as a source of the report.
pub(super) fn pull_source(
    kind: DocumentKind,
    windows: &[WindowRecord],
    (period, today): (Period, NaiveDate),
    rows_read: u64,
) -> Source {
    let resource = resource_of(kind).as_str();
    // A day that one window settled is settled, whatever became of another over it.
    let is_read = |day| windows.iter().any(|one| speaks_for(one, day, today));
    let state = if windows.is_empty() {
        "never pulled"
    } else if period.iter_days().all(is_read) {
        "settled"
    } else if windows.iter().any(|window| window.state == "deferred") {
        "deferred"
    } else {
        "unsettled"
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

/// Describes a file or body that was refused as a whole.
pub(super) fn refused_source(name: String, company: Option<TaxId>, reason: String) -> Source {
    Source {
        name,
        kind: SourceKind::Upload,
        company,
        detail: String::new(),
        rows_read: 0,
        rows_rejected: 0,
        state: "rejected".to_owned(),
        refused: vec![RefusedRow { row: 0, column: String::new(), value: String::new(), reason }],
    }
}

/// Describes what is open at the provider as a source of the report, if anything is.
///
/// An intent whose end nobody knows counts as a row that was refused: somebody must look.
pub(super) fn outbox_source(open: &[Intent]) -> Option<Source> {
    let unknown = open.iter().filter(|intent| is_unknown(intent)).count() as u64;
    let listed = |intent: &Intent| RefusedRow {
        row: intent.id.cast_unsigned(),
        column: intent.kind.to_string(),
        value: format!("{} ({})", intent.subject, intent.company),
        reason: match &intent.last_reply {
            Some(reply) => format!("{}: {reply}", intent.state),
            None => intent.state.to_string(),
        },
    };
    (!open.is_empty()).then(|| Source {
        name: "provider".to_owned(),
        kind: SourceKind::Outbox,
        company: None,
        detail: "quadra submit".to_owned(),
        rows_read: open.len() as u64,
        rows_rejected: unknown,
        state: if unknown > 0 { "unknown" } else { "waiting" }.to_owned(),
        refused: open.iter().take(REFUSED_ROWS_SHOWN).map(listed).collect(),
    })
}

fn is_unknown(intent: &Intent) -> bool {
    matches!(intent.state, IntentState::Unknown | IntentState::Sending)
}

/// Returns the days of a period that no settled window of the company covers.
pub(super) fn unsettled(
    windows: &[WindowRecord],
    company: &TaxId,
    (period, today): (Period, NaiveDate),
) -> Vec<Period> {
    let covers = |day: NaiveDate| {
        windows.iter().any(|window| {
            speaks_for(window, day, today)
                && (window.fiscal_ids.is_empty()
                    || window
                        .fiscal_ids
                        .split(',')
                        .any(|id| TaxId::parse(id).as_ref() == Some(company)))
        })
    };
    let mut spans: Vec<Period> = Vec::new();
    for day in period.iter_days().filter(|day| !covers(*day)) {
        match spans.last_mut() {
            Some(span) if span.to.succ_opt() == Some(day) => span.to = day,
            _ => spans.push(Period { from: day, to: day }),
        }
    }
    spans
}

/// Returns the provider's list that holds a kind of document.
pub(super) fn resource_of(kind: DocumentKind) -> Resource {
    match kind {
        DocumentKind::Receipt => Resource::Receipts,
        DocumentKind::Invoice => Resource::Invoices,
    }
}
