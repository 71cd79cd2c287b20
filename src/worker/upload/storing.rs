//! One file into one transaction: its rows as they come, then whose place it takes.

use std::collections::BTreeSet;

use crate::fiscal::{LedgerEntry, TaxId};
use crate::ledger::LedgerFile;
use crate::store::{NewLedgerFile, RejectedRow, Tx, VersionChange};
use crate::worker::upload::decide::{decide_company, decide_direction};
use crate::worker::upload::{Relation, Request, folder};
use crate::worker::{Context, Error};

/// Tells a later export of the same books: at least half of the earlier rows come again.
///
/// A row without a number must come again alike: two tills have takings on the same days.
fn is_repeated(change: &VersionChange) -> bool {
    let again = change.rows_same + change.numbered_changed;
    again > 0 && again * 2 >= change.rows_before()
}

/// Stores the entries of one file as they come, in one transaction that begins with the first.
pub(super) struct Storing<'a> {
    ctx: &'a Context,
    name: &'a str,
    request: &'a Request,
    content_hash: [u8; 32],
    open: Option<(Tx, i64)>,
    /// The companies of the entries so far, two at most: more than one is several.
    companies: BTreeSet<TaxId>,
}

impl<'a> Storing<'a> {
    pub(super) fn new(
        ctx: &'a Context,
        name: &'a str,
        request: &'a Request,
        content_hash: [u8; 32],
    ) -> Self {
        Self { ctx, name, request, content_hash, open: None, companies: BTreeSet::new() }
    }

    pub(super) async fn store(&mut self, part: &mut [LedgerEntry]) -> Result<(), Error> {
        decide_company(self.ctx, self.name, self.request, part).await?;
        decide_direction(self.name, part)?;
        for company in part.iter().filter_map(|entry| entry.company.as_ref()) {
            if self.companies.len() < 2 && !self.companies.contains(company) {
                self.companies.insert(company.clone());
            }
        }
        let (mut tx, file_id) = self.opened().await?;
        tx.insert_entries(file_id, part).await?;
        self.open = Some((tx, file_id));
        Ok(())
    }

    /// Takes the transaction out, begun now if it was not yet.
    async fn opened(&mut self) -> Result<(Tx, i64), Error> {
        if let Some(open) = self.open.take() {
            return Ok(open);
        }
        let mut tx = self.ctx.store.begin("store_ledger_file").await?;
        let now = self.ctx.clock.now();
        let file_id = tx.open_ledger_file(self.content_hash, self.name, now).await?;
        Ok((tx, file_id))
    }

    /// Returns the company whose books the entries are, or nothing when they are several's.
    ///
    /// The same file must be known again whether its company was said, by a folder or a flag,
    /// or was the only one there is.
    pub(super) fn only_company(&self) -> String {
        match self.companies.first() {
            None => folder(self.request).to_owned(),
            Some(only) if self.companies.len() == 1 => only.to_string(),
            Some(_) => String::new(),
        }
    }

    /// Closes the file and says whose place it takes; nothing when it is in the store already.
    pub(super) async fn finish(
        mut self,
        company: &str,
        file: &LedgerFile,
    ) -> Result<Option<(Tx, Relation)>, Error> {
        let rejected: Vec<RejectedRow> = file
            .rejected
            .iter()
            .map(|row| RejectedRow {
                row: row.row,
                line: row.line,
                column: row.column.clone(),
                value: row.value.clone(),
                reason: row.reason.clone(),
            })
            .collect();
        let (mut tx, file_id) = self.opened().await?;
        let new = NewLedgerFile {
            company,
            layout: &file.layout,
            format: &file.format.to_string(),
            rows_read: file.rows_read,
            rows_stored: file.rows_accepted,
            rows_skipped: file.skipped.len() as u64,
            coverage: file.coverage,
            rejected: &rejected,
        };
        if !tx.close_ledger_file(file_id, &new).await? {
            return Ok(None);
        }
        tx.resolve_refused(folder(self.request), self.name, self.ctx.clock.now()).await?;
        let relation = self.relate(&mut tx, file_id, company, file).await?;
        Ok(Some((tx, relation)))
    }

    /// Finds the files of the same books and days, and takes the place of those it repeats.
    async fn relate(
        &self,
        tx: &mut Tx,
        file_id: i64,
        company: &str,
        file: &LedgerFile,
    ) -> Result<Relation, Error> {
        let mut relation = Relation::default();
        let Some(days) = file.coverage else {
            return Ok(relation);
        };
        for overlap in tx.overlaps(file_id, (company, &file.layout), days).await? {
            let change = tx.version_change(file_id, overlap.file_id, days).await?;
            if change.rows_before() == 0 {
                continue;
            }
            let has_same_name = overlap.file_name == self.name;
            if !self.request.keeps_both && (has_same_name || is_repeated(&change)) {
                tx.replace_file(file_id, overlap.file_id, days, &change).await?;
                relation.replaced.push((overlap, change));
            } else {
                relation.beside.push((overlap, change));
            }
        }
        Ok(relation)
    }
}
