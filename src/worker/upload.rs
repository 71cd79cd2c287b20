//! One ledger file, from its bytes into the store, or only looked at.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::Path;

use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::fiscal::{Direction, EntryKind, LedgerEntry, TaxId};
use crate::ledger::{self, LedgerFile};
use crate::store::{KnownFile, LedgerFacts, NewLedgerFile, RejectedRow, Tx};
use crate::worker::{Context, Error};

/// How many parts of a file wait to be stored; memory holds these and one at either end.
const PARTS_WAITING_MAX: usize = 2;

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
    /// What was understood of it, without the entries; `None` when the content is known already.
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
    let (parts, mut received) = mpsc::channel(PARTS_WAITING_MAX);
    let reading = read(bytes, file_name.clone(), request.clone(), parts);
    let mut storing = Storing { ctx, file_name: &file_name, request, content_hash, open: None };
    while let Some(mut part) = received.recv().await {
        if !request.is_preview {
            storing.store(&mut part).await?;
        }
    }
    let file = match reading.await {
        Ok(read) => read?,
        Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
    };
    if request.is_preview {
        return Ok(Uploaded { file_name, outcome: Outcome::Previewed, ledger: Some(file) });
    }
    if let (0, Some(first)) = (file.rows_accepted, file.rejected.first()) {
        return Err(Error::NothingReadable {
            file: file_name,
            row: first.row,
            column: first.column.clone(),
            value: first.value.clone(),
            reason: first.reason.clone(),
        });
    }
    storing.finish(&file).await?;
    Ok(Uploaded { file_name, outcome: Outcome::Stored, ledger: Some(file) })
}

/// Reads the file beside the store's work and hands its entries on in parts.
fn read(
    bytes: Vec<u8>,
    file_name: String,
    request: Request,
    parts: mpsc::Sender<Vec<LedgerEntry>>,
) -> JoinHandle<Result<LedgerFile, ledger::Error>> {
    tokio::task::spawn_blocking(move || {
        let upload = ledger::Upload {
            file_name: &file_name,
            bytes: &bytes,
            layout: request.layout.as_deref(),
            sheet: request.sheet.as_deref(),
            company: request.company,
            direction: request.direction,
        };
        // Nobody receives any more when storing has failed, which says why.
        ledger::read_in_parts(&upload, |part| match parts.blocking_send(part) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        })
    })
}

/// Returns the file's name without its folder.
pub(super) fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// Stores the entries of one file as they come, in one transaction that begins with the first.
struct Storing<'a> {
    ctx: &'a Context,
    file_name: &'a str,
    request: &'a Request,
    content_hash: [u8; 32],
    open: Option<(Tx, i64)>,
}

impl Storing<'_> {
    async fn store(&mut self, part: &mut [LedgerEntry]) -> Result<(), Error> {
        decide_company(self.ctx, self.file_name, self.request, part).await?;
        decide_direction(self.file_name, part)?;
        let (tx, file_id) = self.opened().await?;
        Ok(tx.insert_entries(*file_id, part).await?)
    }

    async fn opened(&mut self) -> Result<&mut (Tx, i64), Error> {
        if self.open.is_none() {
            let mut tx = self.ctx.store.begin("store_ledger_file").await?;
            let new = NewLedgerFile {
                content_hash: self.content_hash,
                company: self.request.company.as_ref().map_or("", TaxId::as_str),
                file_name: self.file_name,
            };
            let file_id = tx.open_ledger_file(&new, self.ctx.clock.now()).await?;
            self.open = Some((tx, file_id));
        }
        Ok(self.open.as_mut().expect("it was opened just now"))
    }

    async fn finish(mut self, file: &LedgerFile) -> Result<(), Error> {
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
        self.opened().await?;
        let (mut tx, file_id) = self.open.expect("it was opened just now");
        let facts = LedgerFacts {
            layout: &file.layout,
            format: &file.format.to_string(),
            rows_read: file.rows_read,
            rows_stored: file.rows_accepted,
            rows_skipped: file.skipped.len() as u64,
            coverage: file.coverage,
            rejected: &rejected,
        };
        tx.close_ledger_file(file_id, &facts).await?;
        Ok(tx.commit().await?)
    }
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
