//! A job's inbox: what uploads moves to `done/`, what does not to `rejected/`.
//!
//! The inbox holds files, and folders named by tax id whose files belong to that company.
//! A file is moved only after its rows are committed, so a crash in between meets a known
//! file and moves it then. Why a file was refused stands beside it in a `.txt`, and in the
//! store, so that the report names it. A file that grows while it is looked at, or that may
//! not be read, stays where it is for the next run.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use sha2::{Digest as _, Sha256};

use crate::fiscal::{DocumentKind, TaxId};
use crate::store::RefusedFile;
use crate::worker::error::causes;
use crate::worker::upload::{file_name, upload_bytes};
use crate::worker::{Context, Error, UploadRequest, Uploaded};

pub(super) const DONE: &str = "done";
pub(super) const REJECTED: &str = "rejected";

/// Files younger than this are looked at twice: somebody may still be writing them.
const YOUNG: Duration = Duration::from_mins(1);
/// How long a young file must stand still to count as written.
const STILL: Duration = Duration::from_millis(300);

/// Holds what became of the files of an inbox.
#[derive(Debug, Default)]
pub struct Intake {
    /// Files that were stored or known, in order of name.
    pub taken: Vec<Uploaded>,
    /// Files that were refused, with the reason.
    pub refused: Vec<RefusedFile>,
    /// Files that were left where they are for a later run, with the reason.
    pub left: Vec<(String, String)>,
}

impl Intake {
    /// Tells whether every waiting file was taken.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.refused.is_empty() && self.left.is_empty()
    }
}

/// Uploads every file of a job's inbox; one bad file never stops the others.
///
/// What is refused is written down under the run that does it. A missing inbox is made. Only a failing store or file system ends it early. A file that
/// another job of the same inbox takes first is that job's.
pub async fn take_in(
    ctx: &Context,
    (job, kind, run_id): (&str, DocumentKind, i64),
    inbox: &Path,
) -> Result<Intake, Error> {
    std::fs::create_dir_all(inbox).map_err(Error::file("make the inbox", inbox))?;
    let mut intake = Intake::default();
    let waiting = waiting(inbox)?;
    let growing = growing(ctx, &waiting).await;
    for (company, path) in waiting {
        if growing.contains(&path) {
            leave(&mut intake, &path, "somebody is still writing it");
            continue;
        }
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => Arc::new(bytes),
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => {
                leave(&mut intake, &path, &format!("it cannot be read: {error}"));
                continue;
            }
        };
        let request = UploadRequest { company: company.clone(), ..UploadRequest::default() };
        let folder = company.as_ref().map_or_else(PathBuf::new, |id| PathBuf::from(id.as_str()));
        match upload_bytes(ctx, &file_name(&path), &bytes, &request).await {
            Ok(uploaded) => {
                tracing::info!(file = uploaded.file_name, "ledger file taken in");
                move_into(&path, &inbox.join(DONE).join(&folder))?;
                intake.taken.push(uploaded);
            }
            // No file is to blame for a store that fails or a layout that is wrong.
            Err(error @ (Error::Store(_) | Error::Layout(_))) => return Err(error),
            Err(error) => {
                let reason = causes(&error);
                tracing::warn!(file = %path.display(), reason, "ledger file refused");
                let refused = RefusedFile {
                    company: company.as_ref().map_or_else(String::new, ToString::to_string),
                    file_name: file_name(&path),
                    reason: reason.clone(),
                };
                let mut tx = ctx.store.begin("refuse_ledger_file").await?;
                let hash = Sha256::digest(bytes.as_slice()).into();
                tx.refuse_file(hash, &refused, (job, kind, run_id), ctx.clock.now()).await?;
                tx.commit().await?;
                reject(&path, &inbox.join(REJECTED).join(&folder), &reason, error.hint())?;
            }
        }
    }
    // With those that the same run met before it was killed.
    intake.refused = ctx.store.refused_by_run(run_id).await?;
    Ok(intake)
}

fn leave(intake: &mut Intake, path: &Path, reason: &str) {
    tracing::warn!(file = %path.display(), reason, "ledger file left in the inbox");
    intake.left.push((file_name(path), reason.to_owned()));
}

/// Returns the files that change while they are looked at.
pub(super) async fn growing(
    ctx: &Context,
    waiting: &[(Option<TaxId>, PathBuf)],
) -> BTreeSet<PathBuf> {
    let look = |path: &Path| {
        let facts = std::fs::metadata(path).ok()?;
        Some((facts.len(), facts.modified().ok()?))
    };
    let old = SystemTime::from(ctx.clock.now()).checked_sub(YOUNG);
    let young: Vec<_> = waiting
        .iter()
        .filter_map(|(_, path)| Some((path, look(path)?)))
        .filter(|(_, (_, modified))| old.is_none_or(|old| *modified > old))
        .collect();
    if young.is_empty() {
        return BTreeSet::new();
    }
    tokio::time::sleep(STILL).await;
    let is_moving = |path: &Path, before| look(path).is_some_and(|now| now != before);
    young
        .into_iter()
        .filter(|(path, before)| is_moving(path, *before))
        .map(|(path, _)| path.clone())
        .collect()
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
pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
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

/// Moves a file into a folder, under a free name; none when it is gone already.
pub(super) fn move_into(path: &Path, folder: &Path) -> Result<Option<PathBuf>, Error> {
    let target = place_in(path, folder)?;
    move_to(path, target)
}

/// Moves a bad file into a folder, with the reason beside it.
///
/// The reason is written first: a death between the two leaves no file without one.
pub(super) fn reject(
    path: &Path,
    folder: &Path,
    reason: &str,
    hint: Option<String>,
) -> Result<(), Error> {
    let target = place_in(path, folder)?;
    let why = write_why(&target, reason, hint)?;
    if move_to(path, target)?.is_none() {
        std::fs::remove_file(&why).map_err(Error::file("remove", why))?;
    }
    Ok(())
}

/// Makes the folder and returns a free place in it for the file.
fn place_in(path: &Path, folder: &Path) -> Result<PathBuf, Error> {
    std::fs::create_dir_all(folder).map_err(Error::file("make the folder", folder))?;
    Ok(free_name(&folder.join(file_name(path))))
}

fn move_to(path: &Path, target: PathBuf) -> Result<Option<PathBuf>, Error> {
    crashpoint!("before rename", "inbox file");
    match std::fs::rename(path, &target) {
        Ok(()) => {
            crashpoint!("after rename", "inbox file");
            Ok(Some(target))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::file("move", path)(error)),
    }
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

fn write_why(place: &Path, reason: &str, hint: Option<String>) -> Result<PathBuf, Error> {
    let why = place.with_file_name(format!("{}.txt", file_name(place)));
    let hint = hint.map_or_else(String::new, |hint| format!("\nhint: {hint}\n"));
    let text = format!("error: {reason}\n{hint}");
    std::fs::write(&why, text).map_err(Error::file("write", &why))?;
    Ok(why)
}
