//! Reads what lies further back than the days around a period, where something wants it.
//!
//! Where rows count by reception or registration, the documents that the provider took in
//! during the period are read too, and then both sides' rows of the days on which far rows
//! were issued. Rules that count by issue, the shipped ones, cost nothing here. Numbers of
//! earlier in the year are read where a series of invoices goes on from there.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike as _, NaiveDate};

use crate::fiscal::{Document, DocumentKind, EntryKind, LedgerEntry, Period, TaxId};
use crate::reconcile::{GivenDocuments, GivenEntries, Input, Outcome, Reach, with_older_numbers};
use crate::store::{DocumentQuery, StoredFile};
use crate::worker::{Context, Error};

/// Notes what a comparison was given, as far as something further back may belong to it.
#[derive(Clone)]
pub(super) struct Far {
    company: TaxId,
    period: Period,
    reach: Option<Reach>,
    /// The documents that were given, by id.
    known: BTreeSet<String>,
}

impl Far {
    /// Begins without rows; `read` are the days around the period that are read anyway.
    pub(super) fn of(input: &Input, read: Period) -> Self {
        let is_invoice = input.document_kind == DocumentKind::Invoice;
        let reach = if is_invoice { Reach::of(&input.rules, input.period, read) } else { None };
        let company = input.company.tax_id.clone();
        Self { company, period: input.period, reach, known: BTreeSet::new() }
    }

    pub(super) fn look_at_document(&mut self, document: &Document) {
        if let Some(reach) = &mut self.reach {
            reach.look_at_document(document);
            self.known.insert(document.source_id.clone());
        }
    }

    pub(super) fn look_at_entry(&mut self, entry: &LedgerEntry) {
        if let Some(reach) = &mut self.reach {
            reach.look_at_entry(entry);
        }
    }

    /// Adds what was noted elsewhere, while the other side's rows went by.
    pub(super) fn extend(&mut self, other: Self) {
        if let (Some(reach), Some(its)) = (&mut self.reach, other.reach) {
            reach.extend(its);
        }
        self.known.extend(other.known);
    }

    /// Adds what counts in the period and lies outside the days read to both sides.
    pub(super) async fn take(
        mut self,
        ctx: &Context,
        files: &[StoredFile],
        (mut documents, mut entries): (GivenDocuments, GivenEntries),
    ) -> Result<(GivenDocuments, GivenEntries), Error> {
        if self.reach.as_ref().is_some_and(Reach::is_by_reception) {
            self.take_documents(ctx, self.period, true, &mut documents).await?;
        }
        let spans = self.reach.as_ref().map(Reach::spans).unwrap_or_default();
        let mut others: BTreeMap<i64, String> = BTreeMap::new();
        for span in &spans {
            self.take_documents(ctx, *span, false, &mut documents).await?;
            for file in ctx.store.ledger_files(&self.company, span.from, span.to).await? {
                if files.iter().all(|known| known.id != file.id) {
                    // Another file of the period may have this name.
                    others.insert(file.id, format!("{} [{}]", file.file_name, file.id));
                }
            }
        }
        let is_far = move |entry: &LedgerEntry| {
            let is_meant = |day: NaiveDate| spans.iter().any(|span| span.contains(day));
            entry.kind == EntryKind::Invoice && entry.issue_date.is_some_and(is_meant)
        };
        for (file, name) in others {
            let is_far = is_far.clone();
            let take = move |entries: &mut GivenEntries, entry| {
                if is_far(&entry) {
                    entries.take(&name, entry);
                }
            };
            entries = ctx.store.fold_entries(&self.company, file, entries, take).await?;
        }
        Ok((documents, entries))
    }

    /// Adds the documents of some days that were not given yet.
    async fn take_documents(
        &mut self,
        ctx: &Context,
        days: Period,
        is_by_reception: bool,
        documents: &mut GivenDocuments,
    ) -> Result<(), Error> {
        let query = DocumentQuery {
            company: &self.company,
            kind: DocumentKind::Invoice,
            direction: None,
            from: days.from,
            to: days.to,
            is_by_reception,
            has_vat_lines: false,
        };
        for document in ctx.store.documents(&query).await? {
            if !self.known.contains(&document.source_id) {
                self.look_at_document(&document);
                documents.take(document);
            }
        }
        Ok(())
    }
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
    if outcome.sent_numbers.is_none() || first > last {
        return Ok(outcome);
    }
    let older = ctx.store.sent_numbers(&input.company.tax_id, first, last).await?;
    Ok(with_older_numbers(input, outcome, &older))
}
