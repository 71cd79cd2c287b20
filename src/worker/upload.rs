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
    upload_bytes(ctx, &file_name(path), &bytes, request).await
}

/// Does so for a file whose bytes are at hand.
pub(super) async fn upload_bytes(
    ctx: &Context,
    name: &str,
    bytes: &[u8],
    request: &Request,
) -> Result<Uploaded, Error> {
    let content_hash: [u8; 32] = Sha256::digest(bytes).into();
    // Where the company is given, a known file need not be read again.
    if let (false, Some(company)) = (request.is_preview, &request.company)
        && let Some(known) = ctx.store.known_file(content_hash, company.as_str()).await?
    {
        return already(ctx, name, request, known).await;
    }
    let mut file = ledger::read(&ledger::Upload {
        file_name: name,
        bytes,
        layout: request.layout.as_deref(),
        sheet: request.sheet.as_deref(),
        company: request.company.clone(),
        direction: request.direction,
    })?;
    if request.is_preview {
        let file_name = name.to_owned();
        return Ok(Uploaded { file_name, outcome: Outcome::Previewed, ledger: Some(file) });
    }
    if let (true, Some(first)) = (file.entries.is_empty(), file.rejected.first()) {
        return Err(Error::NothingReadable {
            file: name.to_owned(),
            row: first.row,
            column: first.column.clone(),
            value: first.value.clone(),
            reason: first.reason.clone(),
        });
    }
    decide_company(ctx, name, request, &mut file.entries).await?;
    decide_direction(name, &mut file.entries)?;
    let company = only_company(request, &file.entries);
    if !store(ctx, name, content_hash, (request, &company), &file).await?
        && let Some(known) = ctx.store.known_file(content_hash, &company).await?
    {
        return already(ctx, name, request, known).await;
    }
    let file_name = name.to_owned();
    Ok(Uploaded { file_name, outcome: Outcome::Stored, ledger: Some(file) })
}

/// Says that the content is known; an earlier refusal under this name is answered by it.
async fn already(
    ctx: &Context,
    name: &str,
    request: &Request,
    known: KnownFile,
) -> Result<Uploaded, Error> {
    let mut tx = ctx.store.begin("resolve_refused_file").await?;
    tx.resolve_refused(folder(request), name, ctx.clock.now()).await?;
    tx.commit().await?;
    Ok(Uploaded { file_name: name.to_owned(), outcome: Outcome::Known(known), ledger: None })
}

fn folder(request: &Request) -> &str {
    request.company.as_ref().map_or("", TaxId::as_str)
}

/// Returns the company whose books the entries are, or nothing when they are several's.
///
/// The same file must be known again whether its company was said, by a folder or a flag,
/// or was the only one there is.
fn only_company(request: &Request, entries: &[LedgerEntry]) -> String {
    let mut companies = entries.iter().map(|entry| &entry.company);
    match companies.next() {
        None => folder(request).to_owned(),
        Some(first) if companies.all(|other| other == first) => {
            first.as_ref().map_or_else(String::new, ToString::to_string)
        }
        Some(_) => String::new(),
    }
}

/// Returns the file's name without its folder.
pub(super) fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// Stores the file in one transaction; false when another process stored it meanwhile.
async fn store(
    ctx: &Context,
    file_name: &str,
    content_hash: [u8; 32],
    (request, company): (&Request, &str),
    file: &LedgerFile,
) -> Result<bool, Error> {
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
    let now = ctx.clock.now();
    let is_new = tx.insert_ledger_file(&new, &file.entries, now).await?;
    tx.resolve_refused(folder(request), file_name, now).await?;
    tx.commit().await?;
    Ok(is_new)
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
