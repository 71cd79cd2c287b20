//! Finds the files below the paths given and reads them, one at a time.

use std::fs;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::{Global, ProgressChoice};
use crate::einvoice::Inspection;

/// Bytes of one file that are read at most: a zip of a year's invoices has fewer.
const FILE_BYTES_MAX: u64 = 1 << 30;
/// Folders within folders that are followed at most.
const FOLDER_DEPTH_MAX: usize = 32;
/// Fewer files than this are read before a bar could be looked at.
const BAR_FILES_MIN: usize = 50;

/// Reads every file below the paths into the inspection, in the order of their names.
pub(super) fn walk(
    paths: &[PathBuf],
    inspection: &mut Inspection,
    today: NaiveDate,
    global: &Global,
) {
    let mut files = Vec::new();
    for path in paths {
        gather(path, 0, &mut files, inspection);
    }
    let bar = bar(files.len(), global);
    for path in files {
        let shown = path.to_string_lossy();
        match load(&path) {
            Ok(bytes) => inspection.add(&shown, &bytes, today),
            Err(reason) => inspection.reject(&shown, reason, None),
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
}

fn gather(path: &Path, depth: usize, files: &mut Vec<PathBuf>, inspection: &mut Inspection) {
    let shown = path.to_string_lossy();
    let kind = match fs::metadata(path) {
        Ok(kind) => kind,
        Err(error) => return inspection.reject(&shown, format!("cannot be opened: {error}"), None),
    };
    if !kind.is_dir() {
        return files.push(path.to_owned());
    }
    if depth >= FOLDER_DEPTH_MAX {
        return inspection.reject(&shown, "the folders nest too deep".to_owned(), None);
    }
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) => return inspection.reject(&shown, format!("cannot be listed: {error}"), None),
    };
    let mut children: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    children.sort();
    for child in children {
        let name = child.file_name().map(|name| name.to_string_lossy().into_owned());
        // What systems and editors leave behind begins with a dot.
        if name.is_some_and(|name| name.starts_with('.') || name == "__MACOSX") {
            inspection.skip(&child.to_string_lossy());
        } else {
            gather(&child, depth + 1, files, inspection);
        }
    }
}

fn load(path: &Path) -> Result<Vec<u8>, String> {
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

fn bar(files: usize, global: &Global) -> ProgressBar {
    let is_shown = match global.progress {
        ProgressChoice::Bar => true,
        ProgressChoice::Auto => {
            !global.quiet && files >= BAR_FILES_MIN && std::io::stderr().is_terminal()
        }
        ProgressChoice::Log | ProgressChoice::None => false,
    };
    if !is_shown {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} files  {per_sec}")
        .expect("the template is a constant that parses");
    ProgressBar::new(files as u64).with_style(style)
}
