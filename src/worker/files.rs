//! Finds the files below some paths and reads them, one at a time.

use std::fs;
use std::path::{Path, PathBuf};

/// Bytes of one file that are read at most: a zip of a year's invoices has fewer.
const FILE_BYTES_MAX: u64 = 1 << 30;
/// Folders within folders that are followed at most.
const FOLDER_DEPTH_MAX: usize = 32;

/// Holds what lies below some paths.
#[derive(Debug, Default)]
pub struct Found {
    /// The files, in the order of the paths given and of their names.
    pub files: Vec<PathBuf>,
    /// What systems and editors leave behind, not looked at.
    pub litter: Vec<PathBuf>,
    /// What could not be opened, with the reason.
    pub unreadable: Vec<(PathBuf, String)>,
}

/// Finds the files below paths; a folder stands for all within.
#[must_use]
pub fn find_files(paths: &[PathBuf]) -> Found {
    let mut found = Found::default();
    for path in paths {
        gather(path, 0, &mut found);
    }
    found
}

fn gather(path: &Path, depth: usize, found: &mut Found) {
    let mut refuse = |reason| found.unreadable.push((path.to_owned(), reason));
    let kind = match fs::metadata(path) {
        Ok(kind) => kind,
        Err(error) => return refuse(format!("cannot be opened: {error}")),
    };
    if !kind.is_dir() {
        return found.files.push(path.to_owned());
    }
    if depth >= FOLDER_DEPTH_MAX {
        return refuse("the folders nest too deep".to_owned());
    }
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) => return refuse(format!("cannot be listed: {error}")),
    };
    let mut children: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    children.sort();
    for child in children {
        let name = child.file_name().map(|name| name.to_string_lossy().into_owned());
        // What systems and editors leave behind begins with a dot.
        if name.is_some_and(|name| name.starts_with('.') || name == "__MACOSX") {
            found.litter.push(child);
        } else {
            gather(&child, depth + 1, found);
        }
    }
}

/// Reads a file, or says in words why it cannot be read.
pub fn load_file(path: &Path) -> Result<Vec<u8>, String> {
    let explain = |error: std::io::Error| format!("cannot be read: {error}");
    let kind = fs::metadata(path).map_err(explain)?;
    // A pipe or a device has no end that could be waited for.
    if !kind.is_file() {
        return Err("not a file".to_owned());
    }
    if kind.len() > FILE_BYTES_MAX {
        return Err(format!(
            "the file has {} bytes, more than the {FILE_BYTES_MAX} that are read",
            kind.len()
        ));
    }
    fs::read(path).map_err(explain)
}
