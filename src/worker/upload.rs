//! One ledger file, from its bytes into the store, or only looked at.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::fiscal::{Direction, EntryKind, LedgerEntry, TaxId};
use crate::ledger::{self, LedgerFile};
use crate::store::{KnownFile, NewLedgerFile, RejectedRow, Tx};
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
}

/// Holds what became of one file.
#[derive(Debug, Clone)]
pub struct Uploaded {
    /// The file's name, without its folder.
    pub file_name: String,
    /// Stored, known, or only looked at.
    pub outcome: Outcome,
    /// What was understood of it, without its entries; `None` when the content is known already.
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
    upload_bytes(ctx, &file_name(path), &Arc::new(bytes), request).await
}

/// Reads a ledger file and stores nothing; it needs no store at all.
pub fn look(path: &Path, request: &Request) -> Result<Uploaded, Error> {
    let bytes = std::fs::read(path).map_err(Error::file("read", path))?;
    let file_name = file_name(path);
    let file = ledger::read_in_parts(&request.of_file(&file_name, &bytes), |_entries| {
        ControlFlow::Continue(())
    })?;
    Ok(Uploaded { file_name, outcome: Outcome::Previewed, ledger: Some(file) })
}

impl Request {
    fn of_file<'a>(&'a self, file_name: &'a str, bytes: &'a [u8]) -> ledger::Upload<'a> {
        ledger::Upload {
            file_name,
            bytes,
            layout: self.layout.as_deref(),
            sheet: self.sheet.as_deref(),
            company: self.company.clone(),
            direction: self.direction,
        }
    }
}

/// Stores a file whose bytes are at hand.
pub(super) async fn upload_bytes(
    ctx: &Context,
    name: &str,
    bytes: &Arc<Vec<u8>>,
    request: &Request,
) -> Result<Uploaded, Error> {
    let content_hash: [u8; 32] = Sha256::digest(bytes.as_slice()).into();
    // Where the company is given, a known file need not be read again.
    if let Some(company) = &request.company
        && let Some(known) = ctx.store.known_file(content_hash, company.as_str()).await?
    {
        return already(ctx, name, request, known).await;
    }
    let (parts, mut received) = mpsc::channel(PARTS_WAITING_MAX);
    let reading = read(Arc::clone(bytes), name.to_owned(), request.clone(), parts);
    let mut storing = Storing::new(ctx, name, request, content_hash);
    while let Some(mut part) = received.recv().await {
        storing.store(&mut part).await?;
    }
    let file = match reading.await {
        Ok(read) => read?,
        Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
    };
    if let (0, Some(first)) = (file.rows_accepted, file.rejected.first()) {
        return Err(Error::NothingReadable {
            file: name.to_owned(),
            row: first.row,
            column: first.column.clone(),
            value: first.value.clone(),
            reason: first.reason.clone(),
        });
    }
    let company = storing.only_company();
    if !storing.finish(&company, &file).await?
        && let Some(known) = ctx.store.known_file(content_hash, &company).await?
    {
        return already(ctx, name, request, known).await;
    }
    let file_name = name.to_owned();
    Ok(Uploaded { file_name, outcome: Outcome::Stored, ledger: Some(file) })
}

/// Reads the file beside the store's work and hands its entries on in parts.
fn read(
    bytes: Arc<Vec<u8>>,
    file_name: String,
    request: Request,
    parts: mpsc::Sender<Vec<LedgerEntry>>,
) -> JoinHandle<Result<LedgerFile, ledger::Error>> {
    tokio::task::spawn_blocking(move || {
        let upload = request.of_file(&file_name, &bytes);
        // Nobody receives any more when storing has failed, which says why.
        ledger::read_in_parts(&upload, |part| match parts.blocking_send(part) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        })
    })
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

/// Returns the file's name without its folder.
pub(super) fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// Stores the entries of one file as they come, in one transaction that begins with the first.
struct Storing<'a> {
    ctx: &'a Context,
    name: &'a str,
    request: &'a Request,
    content_hash: [u8; 32],
    open: Option<(Tx, i64)>,
    /// The companies of the entries so far, two at most: more than one is several.
    companies: BTreeSet<TaxId>,
}

impl<'a> Storing<'a> {
    fn new(ctx: &'a Context, name: &'a str, request: &'a Request, content_hash: [u8; 32]) -> Self {
        Self { ctx, name, request, content_hash, open: None, companies: BTreeSet::new() }
    }

    async fn store(&mut self, part: &mut [LedgerEntry]) -> Result<(), Error> {
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
    fn only_company(&self) -> String {
        match self.companies.first() {
            None => folder(self.request).to_owned(),
            Some(only) if self.companies.len() == 1 => only.to_string(),
            Some(_) => String::new(),
        }
    }

    /// Commits the file; false, and nothing kept, when it is in the store already.
    async fn finish(mut self, company: &str, file: &LedgerFile) -> Result<bool, Error> {
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
            return Ok(false);
        }
        tx.resolve_refused(folder(self.request), self.name, self.ctx.clock.now()).await?;
        tx.commit().await?;
        Ok(true)
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
