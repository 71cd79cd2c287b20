//! One ledger file, from its bytes into the store, or only looked at.
//!
//! All readable rows are stored in one transaction, or none. A preview does the same work
//! and keeps nothing of it, so that it shows whose place the file would take.

mod decide;
mod storing;

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::fiscal::{Direction, LedgerEntry, TaxId};
use crate::ledger::{self, ColumnChoice, Layouts, LedgerFile};
use crate::store::{KnownFile, Overlap, VersionChange};
use crate::worker::layouts::layouts;
use crate::worker::{Context, Error};
use storing::Storing;

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
    /// What columns hold, where the layout is wrong about it.
    pub columns: Vec<ColumnChoice>,
    /// Whether the rows stand beside those of an earlier file of the same days.
    pub keeps_both: bool,
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
    /// How it stands to earlier files of the same books.
    pub relation: Relation,
}

/// Says how a file stands to earlier ones of the same company, layout and days.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Relation {
    /// Files in whose place it stands, with what it changed in each.
    pub replaced: Vec<(Overlap, VersionChange)>,
    /// Files whose rows count beside its own, with what the two have in common.
    pub beside: Vec<(Overlap, VersionChange)>,
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

/// How large a file may be; a register of a million rows has 150 MB.
const FILE_BYTES_MAX: u64 = 1 << 30;

/// Reads a ledger file and stores all its readable rows, or none, in one transaction.
pub async fn upload(ctx: &Context, path: &Path, request: &Request) -> Result<Uploaded, Error> {
    let bytes = read_file(path)?;
    upload_bytes(ctx, &file_name(path), &Arc::new(bytes), request).await
}

/// Reads a ledger file as [`upload`] does, and keeps nothing of it.
pub async fn preview(ctx: &Context, path: &Path, request: &Request) -> Result<Uploaded, Error> {
    let bytes = Arc::new(read_file(path)?);
    match take_in(ctx, &file_name(path), &bytes, request, false).await {
        // Nothing said whose books these are; what can be seen without is shown.
        Err(
            Error::WhoseBooks { .. } | Error::WhichDirection { .. } | Error::NothingReadable { .. },
        ) => look(path, request, &layouts(&ctx.config)?),
        taken => taken,
    }
}

/// Reads a ledger file and stores nothing; it needs no store at all.
pub fn look(path: &Path, request: &Request, layouts: &Layouts) -> Result<Uploaded, Error> {
    let bytes = read_file(path)?;
    let file_name = file_name(path);
    let file = ledger::read_in_parts(&request.of_file(&file_name, &bytes, layouts), |_entries| {
        ControlFlow::Continue(())
    })?;
    Ok(Uploaded {
        file_name,
        outcome: Outcome::Previewed,
        ledger: Some(file),
        relation: Relation::default(),
    })
}

/// Reads a file that is not larger than any ledger.
fn read_file(path: &Path) -> Result<Vec<u8>, Error> {
    let facts = std::fs::metadata(path).map_err(Error::file("read", path))?;
    if facts.len() > FILE_BYTES_MAX {
        let reason = std::io::Error::new(
            std::io::ErrorKind::FileTooLarge,
            format!("it has more than {} MB", FILE_BYTES_MAX >> 20),
        );
        return Err(Error::file("read", path)(reason));
    }
    std::fs::read(path).map_err(Error::file("read", path))
}

impl Request {
    fn of_file<'a>(
        &'a self,
        file_name: &'a str,
        bytes: &'a [u8],
        layouts: &'a Layouts,
    ) -> ledger::Upload<'a> {
        ledger::Upload {
            file_name,
            bytes,
            layouts,
            layout: self.layout.as_deref(),
            sheet: self.sheet.as_deref(),
            columns: &self.columns,
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
    take_in(ctx, name, bytes, request, true).await
}

async fn take_in(
    ctx: &Context,
    name: &str,
    bytes: &Arc<Vec<u8>>,
    request: &Request,
    is_kept: bool,
) -> Result<Uploaded, Error> {
    let layouts = Arc::new(layouts(&ctx.config)?);
    let content_hash: [u8; 32] = Sha256::digest(bytes.as_slice()).into();
    // Where the company is given, a known file need not be read again.
    if let Some(company) = &request.company
        && let Some(known) = ctx.store.known_file(content_hash, company.as_str()).await?
    {
        return already(ctx, name, request, known).await;
    }
    let (parts, mut received) = mpsc::channel(PARTS_WAITING_MAX);
    let reading = read(Arc::clone(bytes), name.to_owned(), (request.clone(), layouts), parts);
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
    let Some((tx, relation)) = storing.finish(&company, &file).await? else {
        return match ctx.store.known_file(content_hash, &company).await? {
            Some(known) => already(ctx, name, request, known).await,
            None => Err(Error::WhoseBooks { file: name.to_owned() }),
        };
    };
    let outcome = if is_kept { Outcome::Stored } else { Outcome::Previewed };
    if is_kept {
        tx.commit().await?;
    }
    Ok(Uploaded { file_name: name.to_owned(), outcome, ledger: Some(file), relation })
}

/// Reads the file beside the store's work and hands its entries on in parts.
fn read(
    bytes: Arc<Vec<u8>>,
    file_name: String,
    (request, layouts): (Request, Arc<Layouts>),
    parts: mpsc::Sender<Vec<LedgerEntry>>,
) -> JoinHandle<Result<LedgerFile, ledger::Error>> {
    tokio::task::spawn_blocking(move || {
        let upload = request.of_file(&file_name, &bytes, &layouts);
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
    Ok(Uploaded {
        file_name: name.to_owned(),
        outcome: Outcome::Known(known),
        ledger: None,
        relation: Relation::default(),
    })
}

fn folder(request: &Request) -> &str {
    request.company.as_ref().map_or("", TaxId::as_str)
}

/// Returns the file's name without its folder.
pub(super) fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}
