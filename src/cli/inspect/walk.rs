//! Reads the files below the paths given, one at a time.

use std::io::IsTerminal as _;
use std::path::PathBuf;

use chrono::NaiveDate;
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::failure::{Failure, print_error};
use crate::cli::{Global, ProgressChoice};
use crate::einvoice::Inspection;
use crate::worker::{find_files, load_file};

/// Fewer files than this are read before a bar could be looked at.
const BAR_FILES_MIN: usize = 50;

/// Reads every file below the paths into the inspection, in the order of their names.
pub(in crate::cli) fn read_files(
    paths: &[PathBuf],
    inspection: &mut Inspection,
    today: NaiveDate,
    global: &Global,
) {
    let found = find_files(paths);
    for (path, reason, hint) in found.unreadable {
        inspection.reject(&path.to_string_lossy(), reason, hint);
    }
    for path in found.litter {
        inspection.skip(&path.to_string_lossy());
    }
    let bar = bar(found.files.len(), "files", global);
    for path in found.files {
        let shown = path.to_string_lossy();
        match load_file(&path) {
            Ok(bytes) => inspection.add(&shown, &bytes, today),
            Err(reason) => inspection.reject(&shown, reason, None),
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
}

/// Prints what could not be opened, as every command does; what was opened is listed.
pub(in crate::cli) fn print_unopened(inspection: &Inspection) {
    for one in inspection.rejected.iter().filter(|one| !one.was_opened()) {
        let message = format!("`{}` {}", one.place, one.reason);
        print_error(&Failure::Usage { message, hint: None }, one.hint.as_deref());
    }
}

/// Returns a bar over so many things, hidden where nobody would look at it.
pub(in crate::cli) fn bar(count: usize, what: &str, global: &Global) -> ProgressBar {
    let is_shown = match global.progress {
        ProgressChoice::Bar => true,
        ProgressChoice::Auto => {
            !global.quiet && count >= BAR_FILES_MIN && std::io::stderr().is_terminal()
        }
        ProgressChoice::Log | ProgressChoice::None => false,
    };
    if !is_shown {
        return ProgressBar::hidden();
    }
    let template = format!("{{bar:30}} {{pos}}/{{len}} {what}  {{per_sec}}");
    let style = ProgressStyle::with_template(&template).expect("the words hold no braces");
    ProgressBar::new(count as u64).with_style(style)
}
