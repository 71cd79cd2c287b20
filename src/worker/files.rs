//! Finds the files below some paths and reads them, one at a time.

use std::fs;
use std::path::{Path, PathBuf};

/// Bytes of one file that are read at most: a zip of a year's invoices has fewer.
const FILE_BYTES_MAX: u64 = 1 << 30;
/// How like a name must be to another to be meant, of 1.
const NEAR_MIN: f64 = 0.75;
/// Names beside a missing one that are looked at.
const BESIDE_MAX: usize = 10_000;
/// Folders within folders that are followed at most.
const FOLDER_DEPTH_MAX: usize = 32;

/// Holds what lies below some paths.
#[derive(Debug, Default)]
pub struct Found {
    /// The files, in the order of the paths given and of their names.
    pub files: Vec<PathBuf>,
    /// What systems and editors leave behind, not looked at.
    pub litter: Vec<PathBuf>,
    /// What could not be opened, with the reason and what a person can do.
    pub unreadable: Vec<(PathBuf, String, Option<String>)>,
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
    let mut refuse = |reason, hint| found.unreadable.push((path.to_owned(), reason, hint));
    let kind = match fs::metadata(path) {
        Ok(kind) => kind,
        Err(error) => {
            return refuse(format!("cannot be opened: {error}"), Some(hint(path)));
        }
    };
    if !kind.is_dir() {
        return found.files.push(path.to_owned());
    }
    if depth >= FOLDER_DEPTH_MAX {
        return refuse("the folders nest too deep".to_owned(), None);
    }
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) => {
            return refuse(format!("cannot be listed: {error}"), Some(hint(path)));
        }
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

/// Says what to do about a path that cannot be opened, with the nearest name beside it.
pub(super) fn hint(path: &Path) -> String {
    let shown = path.display();
    let check = format!("check that `{shown}` exists and that you may use it");
    let Some(name) = path.file_name().map(|name| name.to_string_lossy().to_lowercase()) else {
        return check;
    };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let beside = fs::read_dir(folder.unwrap_or(Path::new("."))).into_iter().flatten().flatten();
    let likeness = |other: &Path| {
        let other = other.file_name().map(|name| name.to_string_lossy().to_lowercase());
        let score = other.map_or(0.0, |other| strsim::normalized_levenshtein(&name, &other));
        (score > NEAR_MIN && score < 1.0).then_some(score)
    };
    let near = beside
        .take(BESIDE_MAX)
        .map(|entry| entry.path())
        .filter_map(|other| Some((likeness(&other)?, other)))
        .max_by(|(one, first), (other, second)| one.total_cmp(other).then(second.cmp(first)));
    match near {
        Some((_, near)) => {
            let name = near.file_name().unwrap_or_default().to_string_lossy();
            format!("{check}; did you mean `{}`?", path.with_file_name(&*name).display())
        }
        None => check,
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
