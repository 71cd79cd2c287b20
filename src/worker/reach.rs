//! Reads what lies further back than the days around a period, where something wants it.
//!
//! Where rows count by reception or registration, the documents that the provider took in
//! during the period are read too, and then both sides' rows of the days on which far rows
//! were issued. Rules that count by issue, the shipped ones, cost nothing here. Numbers of
//! earlier in the year are read where a series of invoices goes on from there.

use std::collections::BTreeSet;

use chrono::{Datelike as _, NaiveDate};

use crate::fiscal::{Document, DocumentKind, LedgerEntry, Period, TaxId};
use crate::reconcile::rules::Rulebook;
use crate::reconcile::{Input, Outcome, counts_by_other_days, far_days, with_older_numbers};
use crate::store::{DocumentQuery, StoredFile};
use crate::worker::compare::entries;
use crate::worker::{Context, Error};

/// Holds what a comparison reads of both sides.
pub(super) struct Sides {
    pub(super) documents: Vec<Document>,
    pub(super) entries: Vec<(i64, String, LedgerEntry)>,
}

/// Adds the rows that count in the period and lie outside the days that were read.
pub(super) async fn reach(
    ctx: &Context,
    company: &TaxId,
    rules: &Rulebook,
    (period, read): (Period, Period),
    files: &[StoredFile],
    sides: &mut Sides,
) -> Result<(), Error> {
    let [documents_by_other, entries_by_other] = counts_by_other_days(rules);
    let kind = DocumentKind::Invoice;
    let query = |days: Period, is_by_reception| DocumentQuery {
        company,
        kind,
        direction: None,
        from: days.from,
        to: days.to,
        is_by_reception,
    };
    if documents_by_other {
        let taken_in = ctx.store.documents(&query(period, true)).await?;
        add(&mut sides.documents, taken_in);
    }
    if !documents_by_other && !entries_by_other {
        return Ok(());
    }
    let booked = sides.entries.iter().map(|(_, _, entry)| entry);
    let days = far_days(rules, (period, read), sides.documents.iter(), booked);
    for span in spans(&days) {
        let issued = ctx.store.documents(&query(span, false)).await?;
        add(&mut sides.documents, issued);
        let mut others = ctx.store.ledger_files(company, span.from, span.to).await?;
        others.retain(|file| files.iter().all(|known| known.id != file.id));
        let mut far = entries(ctx, company, kind, &others).await?;
        let known: BTreeSet<i64> = sides.entries.iter().map(|(file, _, _)| *file).collect();
        far.retain(|(file, _, entry)| {
            !known.contains(file) && entry.issue_date.is_some_and(|day| span.contains(day))
        });
        sides.entries.extend(far);
    }
    Ok(())
}

/// Looks for gaps over the whole year, where a series was last seen before the days read.
///
/// Few months want that, and then numbers and days are read, never documents.
pub(super) async fn with_year(
    ctx: &Context,
    input: &Input,
    outcome: Outcome,
    read_from: NaiveDate,
) -> Result<Outcome, Error> {
    let first = input.period.from.with_ordinal(1).unwrap_or(input.period.from);
    let last = read_from.pred_opt().unwrap_or(read_from);
    if !outcome.wants_older_numbers || first > last {
        return Ok(outcome);
    }
    let older = ctx.store.sent_numbers(&input.company.tax_id, first, last).await?;
    Ok(with_older_numbers(input, outcome, &older))
}

/// Adds documents that are not there yet.
fn add(documents: &mut Vec<Document>, more: Vec<Document>) {
    let known: BTreeSet<String> = documents.iter().map(|one| one.source_id.clone()).collect();
    documents.extend(more.into_iter().filter(|one| !known.contains(&one.source_id)));
}

/// Joins days that follow each other.
fn spans(days: &[NaiveDate]) -> Vec<Period> {
    days.chunk_by(|day, next| day.succ_opt() == Some(*next))
        .map(|span| Period { from: span[0], to: span[span.len() - 1] })
        .collect()
}
