//! `quadra inspect`: electronic invoices and SdI notifications, what is in them and what is wrong.

mod json;
mod text;
mod walk;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::cli::Global;
use crate::cli::failure::{Failure, PARTLY_DONE, WRONG_USE};
use crate::cli::output;
use crate::clock::Clock;
use crate::einvoice::Inspection;
pub(super) use json::{document as document_json, rejected as rejected_json};
pub(super) use walk::{bar, print_unopened, read_files};

/// Say what electronic invoices and SdI notifications hold, and what is wrong with them
///
/// Takes FatturaPA files of any version (XML, P7M, base64 of either), SdI notifications,
/// and folders and zips of them; what a file is, its content says. Nothing is stored,
/// nothing is sent, nothing is unpacked to disk. A file that cannot be read is named with
/// the reason and never stops the others. `--verbose` lists every warning and check.
#[derive(Debug, Args)]
pub(super) struct Inspect {
    /// Files and folders
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
}

impl Inspect {
    pub(super) fn run(self, global: &Global) -> Result<ExitCode, Failure> {
        let today = Clock::System.today_in_rome();
        let mut inspection = Inspection::default();
        read_files(&self.paths, &mut inspection, today, global);
        inspection.link();
        if global.json {
            output::json(&json::render(&inspection))?;
        } else {
            output::line(&text::render(&inspection, global.verbose))?;
            print_unopened(&inspection);
        }
        Ok(ExitCode::from(exit_code(&inspection)))
    }
}

/// Returns 2 when nothing could be read, 3 when some was put aside, else 0.
fn exit_code(inspection: &Inspection) -> u8 {
    let read = inspection.files.len() + inspection.notifications.len();
    match (read, inspection.rejected.len()) {
        (0, _) => WRONG_USE,
        (_, 0) => 0,
        _ => PARTLY_DONE,
    }
}
