//! Reads both sides of a company's month from the store, beside each other.
//!
//! Each side is read and taken in on a thread of its own, so that a month of millions of rows
//! takes as long as its longer side. What looks at rows as they go by (documents that the
//! provider shows no more, days further back on which partners lie) goes with each.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use crate::fiscal::{Document, DocumentKind, EntryKind, LedgerEntry, Period};
use crate::reconcile::{GivenDocuments, GivenEntries, Input};
use crate::store::{DocumentQuery, StoredFile};
use crate::worker::reach::Far;
use crate::worker::vanished::Vanished;
use crate::worker::{Context, Error};

/// Days around a period in which a document is still a possible partner: a booking whose
/// date was written wrong, or an invoice booked in the next month.
pub(super) const PARTNER_DAYS: u64 = 62;

/// Holds what was read for one comparison.
pub(super) struct Sides {
    pub(super) documents: GivenDocuments,
    pub(super) entries: GivenEntries,
    /// How many documents of the period there are.
    pub(super) documents_read: u64,
    pub(super) vanished: Vanished,
    /// The files of books that touch the days around the period.
    pub(super) files: Vec<StoredFile>,
    /// How many rows each file gave, by its handle.
    pub(super) rows_of: BTreeMap<i64, u64>,
    /// The first day around the period that was read.
    pub(super) from: NaiveDate,
}

/// Reads the documents and the books of what is asked for.
pub(super) async fn read(ctx: &Context, input: &Input) -> Result<Sides, Error> {
    let around = Period {
        from: input.period.from - Days::new(PARTNER_DAYS),
        to: input.period.to + Days::new(PARTNER_DAYS),
    };
    // A booking may stand in the file of the month before or after: the engine tells which
    // files cover the period, the others only offer partners.
    let files = ctx.store.ledger_files(&input.company.tax_id, around.from, around.to).await?;
    let (left, right) = tokio::try_join!(
        read_documents(ctx, input, around),
        read_books(ctx, input, around, &files)
    )?;
    let Left { documents, mut far, vanished, count: documents_read } = left;
    far.extend(right.far);
    let (documents, entries) = far.take(ctx, &files, (documents, right.entries)).await?;
    let (rows_of, from) = (right.rows_of, around.from);
    Ok(Sides { documents, entries, documents_read, vanished, files, rows_of, from })
}

/// Holds what documents are taken into.
struct Left {
    documents: GivenDocuments,
    far: Far,
    vanished: Vanished,
    count: u64,
}

/// Holds what entries are taken into.
struct Right {
    entries: GivenEntries,
    far: Far,
    rows_of: BTreeMap<i64, u64>,
}

async fn read_documents(ctx: &Context, input: &Input, around: Period) -> Result<Left, Error> {
    let Input { company, document_kind, period, accounting_period, .. } = input;
    let query = DocumentQuery {
        company: &company.tax_id,
        kind: *document_kind,
        direction: None,
        from: around.from,
        to: around.to,
        is_by_reception: false,
        has_vat_lines: *document_kind == DocumentKind::Receipt,
    };
    let days = (*period, *accounting_period);
    let vanished = Vanished::of(ctx, company, *document_kind, days).await?;
    let asked = input.clone();
    let begin = move |expected| Left {
        documents: GivenDocuments::new(&asked, expected),
        far: Far::of(&asked, around),
        vanished,
        count: 0,
    };
    let period = *period;
    let take = move |left: &mut Left, document: Document| {
        left.count += u64::from(document.issue_date.is_none_or(|day| period.contains(day)));
        left.vanished.look_at(&document);
        left.far.look_at_document(&document);
        left.documents.take(document);
    };
    Ok(ctx.store.fold_documents(&query, begin, take).await?)
}

/// Reads the entries of a kind under a name of their file that is unique.
async fn read_books(
    ctx: &Context,
    input: &Input,
    around: Period,
    files: &[StoredFile],
) -> Result<Right, Error> {
    let expected: i64 = files.iter().map(|file| file.rows_read).sum();
    let mut right = Right {
        entries: GivenEntries::new(input, usize::try_from(expected).unwrap_or(0)),
        far: Far::of(input, around),
        rows_of: BTreeMap::new(),
    };
    let is_of_invoices = input.document_kind == DocumentKind::Invoice;
    let mut names: BTreeMap<&str, u32> = BTreeMap::new();
    for file in files {
        // Two files may share a name; a row must still point at one of them.
        let count = names.entry(&file.file_name).or_insert(0);
        *count += 1;
        let name = match *count {
            1 => file.file_name.clone(),
            n => format!("{} ({n})", file.file_name),
        };
        let id = file.id;
        let take = move |right: &mut Right, entry: LedgerEntry| {
            if (entry.kind == EntryKind::Invoice) == is_of_invoices {
                right.far.look_at_entry(&entry);
                *right.rows_of.entry(id).or_insert(0) += 1;
                right.entries.take(&name, entry);
            }
        };
        right = ctx.store.fold_entries(&input.company.tax_id, id, right, take).await?;
    }
    Ok(right)
}
