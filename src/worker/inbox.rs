//! A job's inbox: what uploads moves to `done/`, what does not to `rejected/`.
//!
//! The inbox holds files, and folders named by tax id whose files belong to that company.
//! A file is moved only after its rows are committed, so a crash in between meets a known
//! file and moves it then. Why a file was refused stands beside it in a `.txt`, and in the
//! store, so that the report names it.

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::fiscal::TaxId;
use crate::store::RefusedFile;
use crate::worker::upload::file_name;
use crate::worker::{Context, Error, UploadRequest, Uploaded, upload};

const DONE: &str = "done";
const REJECTED: &str = "rejected";

/// Holds what became of the files of an inbox.
#[derive(Debug, Default)]
pub struct Intake {
    /// Files that were stored or known, in order of name.
    pub taken: Vec<Uploaded>,
    /// Files that were refused, with the reason.
    pub refused: Vec<RefusedFile>,
}

/// Uploads every file of a job's inbox; one bad file never stops the others.
///
/// A missing inbox is made. Only a failing store or file system ends it early.
pub async fn take_in(ctx: &Context, job: &str, inbox: &Path) -> Result<Intake, Error> {
    std::fs::create_dir_all(inbox).map_err(Error::file("make the inbox", inbox))?;
    let mut intake = Intake::default();
    for (company, path) in waiting(inbox)? {
        let request = UploadRequest { company: company.clone(), ..UploadRequest::default() };
        let folder = company.as_ref().map_or_else(PathBuf::new, |id| PathBuf::from(id.as_str()));
        match upload(ctx, &path, &request).await {
            Ok(uploaded) => {
                tracing::info!(file = uploaded.file_name, "ledger file taken in");
                move_into(&path, &inbox.join(DONE).join(&folder))?;
                intake.taken.push(uploaded);
            }
            Err(error @ (Error::Store(_) | Error::File { .. })) => return Err(error),
            Err(error) => {
                let reason = crate::worker::causes(&error);
                tracing::warn!(file = %path.display(), reason, "ledger file refused");
                let refused = RefusedFile {
                    company: company.as_ref().map_or_else(String::new, ToString::to_string),
                    file_name: file_name(&path),
                    reason: reason.clone(),
                };
                remember(ctx, job, &path, &refused).await?;
                let moved = move_into(&path, &inbox.join(REJECTED).join(&folder))?;
                write_why(&moved, &reason, error.hint())?;
                intake.refused.push(refused);
            }
        }
    }
    Ok(intake)
}

/// Lists the waiting files with the company of their folder, in order of path.
fn waiting(inbox: &Path) -> Result<Vec<(Option<TaxId>, PathBuf)>, Error> {
    let mut files = Vec::new();
    for path in entries(inbox)? {
        let name = file_name(&path);
        if path.is_dir() {
            if name != DONE && name != REJECTED {
                let company = TaxId::parse(&name);
                let inside = entries(&path)?.into_iter().filter(|path| path.is_file());
                files.extend(inside.map(|path| (company.clone(), path)));
            }
        } else {
            files.push((None, path));
        }
    }
    Ok(files)
}

/// Lists a folder without hidden files and the lock files of office programs.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let failed = || Error::file("list", folder);
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed())? {
        let path = entry.map_err(failed())?.path();
        let name = file_name(&path);
        if !name.starts_with('.') && !name.starts_with("~$") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Moves a file into a folder, under a free name.
fn move_into(path: &Path, folder: &Path) -> Result<PathBuf, Error> {
    std::fs::create_dir_all(folder).map_err(Error::file("make the folder", folder))?;
    let target = free_name(&folder.join(file_name(path)));
    std::fs::rename(path, &target).map_err(Error::file("move", path))?;
    Ok(target)
}

/// Returns the path itself or `name-2.csv`, `name-3.csv`… when it is taken.
fn free_name(path: &Path) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let extension =
        path.extension().map_or_else(String::new, |text| format!(".{}", text.to_string_lossy()));
    let mut candidate = path.to_path_buf();
    let mut copies = 1_u32;
    while candidate.exists() {
        copies += 1;
        candidate = path.with_file_name(format!("{stem}-{copies}{extension}"));
    }
    candidate
}

fn write_why(moved: &Path, reason: &str, hint: Option<String>) -> Result<(), Error> {
    let why = moved.with_file_name(format!("{}.txt", file_name(moved)));
    let hint = hint.map_or_else(String::new, |hint| format!("\nhint: {hint}\n"));
    let text = format!("error: {reason}\n{hint}");
    std::fs::write(&why, text).map_err(Error::file("write", why))
}

async fn remember(
    ctx: &Context,
    job: &str,
    path: &Path,
    refused: &RefusedFile,
) -> Result<(), Error> {
    let bytes = std::fs::read(path).map_err(Error::file("read", path))?;
    let mut tx = ctx.store.begin("refuse_ledger_file").await?;
    tx.refuse_file(Sha256::digest(&bytes).into(), refused, job, ctx.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}
