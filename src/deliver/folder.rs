//! Puts files into a folder, each whole or not at all.
//!
//! A file is written under a hidden name beside its place, synced, renamed over the place,
//! and the folder is synced after it: whoever looks sees the old file or the new one. The
//! hidden name is fixed (`.report.html.part`), so that what a killed run left behind is
//! cleared by the next one; a lock on the folder keeps two runs from sharing that name.
//! A file whose content is already right is left untouched, with its time.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::error::{Error, Kept};

/// Writes the files into the folder and returns their paths.
///
/// The folder is made when it is missing. The paths are in the order given. When a file
/// fails, those before it stay in place, whole, and the error names them.
pub fn write(folder: &Path, files: &[(&str, &[u8])]) -> Result<Vec<PathBuf>, Error> {
    if let Some((file_name, _)) = files.iter().find(|(file_name, _)| !is_bare(file_name)) {
        return Err(Error::FileName { file_name: (*file_name).to_owned() });
    }
    let mut written = Vec::with_capacity(files.len());
    let directory = open(folder).map_err(|source| failure(folder, &written, source))?;
    for (file_name, bytes) in files {
        let path = folder.join(file_name);
        place(folder, file_name, bytes).map_err(|source| failure(&path, &written, source))?;
        written.push(path);
    }
    directory.sync_all().map_err(|source| failure(folder, &written, source))?;
    Ok(written)
}

/// Opens the folder, made if missing, and holds its lock until dropped.
fn open(folder: &Path) -> io::Result<File> {
    fs::create_dir_all(folder)?;
    let directory = File::open(folder)?;
    match directory.lock() {
        // Some network file systems know no locks; there the job's lease has to do.
        Err(error) if error.kind() == io::ErrorKind::Unsupported => {}
        other => other?,
    }
    Ok(directory)
}

/// Writes one file beside its place and renames it there.
fn place(folder: &Path, file_name: &str, bytes: &[u8]) -> io::Result<()> {
    let path = folder.join(file_name);
    let part = folder.join(format!(".{file_name}.part"));
    remove(&part)?;
    if has_content(&path, bytes)? {
        return Ok(());
    }
    let placed = write_synced(&part, bytes).and_then(|()| {
        crashpoint!("before rename", file_name);
        fs::rename(&part, &path)
    });
    crashpoint!("after rename", file_name);
    placed.inspect_err(|_| {
        // The first error is the one to tell; a part that cannot be removed is cleared by
        // the next run.
        let _ = remove(&part);
    })
}

fn write_synced(part: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(part)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn remove(part: &Path) -> io::Result<()> {
    match fs::remove_file(part) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Compares by length first, so that a large different file is not read.
fn has_content(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() && metadata.len() == bytes.len() as u64 => {
            Ok(fs::read(path)? == bytes)
        }
        Ok(_) => Ok(false),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Tells a file's bare name from a path, a hidden name or nothing.
fn is_bare(file_name: &str) -> bool {
    !file_name.is_empty()
        && !file_name.starts_with('.')
        && !file_name.contains(['/', '\\'])
        && !file_name.chars().any(char::is_control)
}

fn failure(path: &Path, written: &[PathBuf], source: io::Error) -> Error {
    let path = path.to_owned();
    let kept = Kept { written: written.to_vec() };
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            Error::Full { path, kept, source }
        }
        _ => Error::Unwritable { path, kept, source },
    }
}
