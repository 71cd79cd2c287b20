//! Gathers one company's side and books from the store, and compares them.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use super::sources::{rejected_rows, upload_source};
use super::{Unit, resource_of};
use crate::fiscal::{Company, Document, DocumentKind, EntryKind, LedgerEntry, Period, TaxId};
use crate::reconcile::{self, Input, Tolerance};
use crate::report::model::Source;
use crate::store::{DocumentQuery, StoredFile, WindowRecord};
use crate::worker::{Context, Error};

/// Days around a period in which a document is still a possible partner: a booking whose
/// date was written wrong, or an invoice booked in the next month.
const PARTNER_DAYS: u64 = 62;
/// Compares one company, kind and month; returns how many documents it read, too.
pub(super) async fn compare_unit(
    ctx: &Context,
    company: &Company,
    kind: DocumentKind,
    (part, month): (Period, Period),
    windows: &[WindowRecord],
    sources: &mut Vec<Source>,
) -> Result<(Unit, u64), Error> {
    let documents = ctx
        .store
        .documents(&DocumentQuery {
            company: &company.tax_id,
            kind,
            direction: None,
            from: part.from - Days::new(PARTNER_DAYS),
            to: part.to + Days::new(PARTNER_DAYS),
        })
        .await?;
    let files = ctx.store.ledger_files(&company.tax_id, part.from, part.to).await?;
    let entries = entries(ctx, &company.tax_id, kind, &files).await?;
    let of_kind: Vec<&StoredFile> =
        files.iter().filter(|file| entries.iter().any(|(id, _, _)| *id == file.id)).collect();
    let input = Input {
        company: company.clone(),
        document_kind: kind,
        period: part,
        accounting_period: month,
        today: ctx.today(),
        documents,
        entries: entries.iter().map(|(_, name, entry)| (name.clone(), entry.clone())).collect(),
        unsettled: unsettled(windows, &company.tax_id, part),
        tolerance: Tolerance::default(),
    };
    let outcome = reconcile::reconcile(&input).map_err(|source| Error::Reconcile {
        company: company.tax_id.to_string(),
        kind: kind.as_str(),
        period: month.to_string(),
        source: Box::new(source),
    })?;
    let mut findings = outcome.findings;
    for file in of_kind {
        let read = entries.iter().filter(|(id, _, _)| *id == file.id).count() as u64;
        if file.rows_rejected > 0 {
            findings.push(rejected_rows(company, kind, month, file));
        }
        sources.push(upload_source(company, file, read));
    }
    let read = input.documents.iter().filter(|document| is_read_in(document, part)).count() as u64;
    let unit = Unit {
        company: company.tax_id.clone(),
        kind,
        month,
        statements: outcome.statements,
        findings,
    };
    Ok((unit, read))
}

fn is_read_in(document: &Document, period: Period) -> bool {
    document.issue_date.is_none_or(|day| period.contains(day))
}

/// Reads the entries of a kind, each with its file's handle and a name that is unique.
async fn entries(
    ctx: &Context,
    company: &TaxId,
    kind: DocumentKind,
    files: &[StoredFile],
) -> Result<Vec<(i64, String, LedgerEntry)>, Error> {
    let mut all = Vec::new();
    let mut names: BTreeMap<&str, u32> = BTreeMap::new();
    for file in files {
        // Two files may share a name; a row must still point at one of them.
        let count = names.entry(&file.file_name).or_insert(0);
        *count += 1;
        let name = match *count {
            1 => file.file_name.clone(),
            n => format!("{} ({n})", file.file_name),
        };
        for (_, entry) in ctx.store.entries(company, &[file.id]).await? {
            let is_invoice = entry.kind == EntryKind::Invoice;
            if is_invoice == (kind == DocumentKind::Invoice) {
                all.push((file.id, name.clone(), entry));
            }
        }
    }
    Ok(all)
}

/// Returns the windows of a kind's pulls that touch the period.
pub(super) async fn windows(
    ctx: &Context,
    kind: DocumentKind,
    period: Period,
) -> Result<Vec<WindowRecord>, Error> {
    let resource = resource_of(kind).as_str();
    Ok(ctx.store.windows_between(resource, period.from, period.to).await?)
}

/// Returns the days of a period that no settled window of the company covers.
fn unsettled(windows: &[WindowRecord], company: &TaxId, period: Period) -> Vec<Period> {
    let covers = |day: NaiveDate| {
        windows.iter().any(|window| {
            window.state == "settled"
                && (window.from..=window.to).contains(&day)
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
