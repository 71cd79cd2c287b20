//! One ledger file, from its bytes into the store, or only looked at.

use std::collections::BTreeSet;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::fiscal::{Direction, EntryKind, LedgerEntry, TaxId};
use crate::ledger::{self, LedgerFile};
use crate::store::{KnownFile, NewLedgerFile, RejectedRow};
use crate::worker::{Context, Error};

/// Says which file to read and what is known about it.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The company of rows that name none.
    pub company: Option<TaxId>,
    /// Sent or received, where nothing in the file says it.
    pub direction: Option<Direction>,
    /// A layout's name, to use no other.
    pub layout: Option<String>,
    /// A sheet's name, to read no other.
    pub sheet: Option<String>,
    /// Whether to look only.
    pub is_preview: bool,
}

/// Holds what became of one file.
#[derive(Debug, Clone)]
pub struct Uploaded {
    /// The file's name, without its folder.
    pub file_name: String,
    /// Stored, known, or only looked at.
    pub outcome: Outcome,
    /// Everything that was understood of it; `None` when the content is known already.
    pub ledger: Option<LedgerFile>,
}

/// Tells what became of a file that could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Its rows are in the store.
    Stored,
    /// The same content was stored before; nothing was stored twice.
    Known(KnownFile),
    /// It was only looked at.
    Previewed,
}

/// Reads a ledger file and stores all its readable rows, or none, in one transaction.
pub async fn upload(ctx: &Context, path: &Path, request: &Request) -> Result<Uploaded, Error> {
    let bytes = std::fs::read(path).map_err(Error::file("read", path))?;
    let file_name = file_name(path);
    let content_hash: [u8; 32] = Sha256::digest(&bytes).into();
    let company = request.company.as_ref().map_or("", TaxId::as_str);
    if !request.is_preview
        && let Some(known) = ctx.store.known_file(content_hash, company).await?
    {
        return Ok(Uploaded { file_name, outcome: Outcome::Known(known), ledger: None });
    }
    let mut file = ledger::read(&ledger::Upload {
        file_name: &file_name,
        bytes: &bytes,
        layout: request.layout.as_deref(),
        sheet: request.sheet.as_deref(),
        company: request.company.clone(),
        direction: request.direction,
    })?;
    if request.is_preview {
        return Ok(Uploaded { file_name, outcome: Outcome::Previewed, ledger: Some(file) });
    }
    if let (true, Some(first)) = (file.entries.is_empty(), file.rejected.first()) {
        return Err(Error::NothingReadable {
            file: file_name,
            row: first.row,
            column: first.column.clone(),
            value: first.value.clone(),
            reason: first.reason.clone(),
        });
    }
    decide_company(ctx, &file_name, request, &mut file.entries).await?;
    decide_direction(&file_name, &mut file.entries)?;
    store(ctx, &file_name, content_hash, company, &file).await?;
    Ok(Uploaded { file_name, outcome: Outcome::Stored, ledger: Some(file) })
}

/// Returns the file's name without its folder.
pub(super) fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

async fn store(
    ctx: &Context,
    file_name: &str,
    content_hash: [u8; 32],
    company: &str,
    file: &LedgerFile,
) -> Result<(), Error> {
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
    let mut tx = ctx.store.begin("store_ledger_file").await?;
    let new = NewLedgerFile {
        content_hash,
        company,
        file_name,
        layout: &file.layout,
        format: &file.format.to_string(),
        rows_read: file.rows_read,
        rows_skipped: file.skipped.len() as u64,
        coverage: file.coverage,
        rejected: &rejected,
    };
    tx.insert_ledger_file(&new, &file.entries, ctx.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// Gives every entry its company: the row's own, the one said, or the only one there is.
async fn decide_company(
    ctx: &Context,
    file: &str,
    request: &Request,
    entries: &mut [LedgerEntry],
) -> Result<(), Error> {
    let fallback = match &request.company {
        Some(company) => Some(company.clone()),
        None if entries.iter().all(|entry| entry.company.is_some()) => None,
        None => match &ctx.store.companies().await?[..] {
            [only] => Some(only.tax_id.clone()),
            _ => {
                return Err(Error::WhoseBooks { file: file.to_owned() });
            }
        },
    };
    for entry in entries {
        match (&entry.company, &request.company) {
            (Some(found), Some(wanted)) if found != wanted => {
                return Err(Error::OtherCompany {
                    file: file.to_owned(),
                    row: entry.row,
                    found: found.to_string(),
                    wanted: wanted.to_string(),
                });
            }
            (Some(_), _) => {}
            (None, _) => entry.company.clone_from(&fallback),
        }
    }
    Ok(())
}

/// Takings and receipts are always sent; an invoice's direction must be said somewhere.
///
/// The file's name is asked last: accountants name registers `vendite…` and `acquisti…`.
fn decide_direction(file: &str, entries: &mut [LedgerEntry]) -> Result<(), Error> {
    let words: BTreeSet<String> =
        file.to_lowercase().split(|c: char| !c.is_alphabetic()).map(ToOwned::to_owned).collect();
    let says = |known: &[&str]| known.iter().any(|word| words.contains(*word));
    let by_name = match (
        says(&["vendite", "emesse", "attive", "clienti"]),
        says(&["acquisti", "ricevute", "passive", "fornitori"]),
    ) {
        (true, false) => Some(Direction::Outgoing),
        (false, true) => Some(Direction::Incoming),
        _ => None,
    };
    for entry in entries {
        let decided = match (entry.direction, entry.kind) {
            (Some(direction), _) => Some(direction),
            (None, EntryKind::Invoice) => by_name,
            (None, _) => Some(Direction::Outgoing),
        };
        entry.direction =
            Some(decided.ok_or_else(|| Error::WhichDirection { file: file.to_owned() })?);
    }
    Ok(())
}
