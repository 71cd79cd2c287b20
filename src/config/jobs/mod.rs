//! Turns the files in `jobs/` into jobs: what runs, for whom, when.
//!
//! One TOML is one job, named like its file. The files are read as strictly as
//! quadra.toml: a key is known or refused with the nearest known one, and every wrong key
//! and value of every file is told at once. No variable sets a job's key: what a job does
//! stands in one file. Paths are relative to that file's folder.
//!
//! Deliberately absent: running anything, and reading the clock. A period is a rule here;
//! `PeriodSpec::resolve` makes days of it when the worker says what today is.

mod job;
mod materiality;
mod period;
mod recipient;

use std::collections::BTreeSet;
use std::path::Path;

use super::catalogue;
use super::error::Error;

pub use job::{Job, Kind, Step, SweepRule};
pub use materiality::JobMateriality;
pub use period::PeriodSpec;
pub use recipient::{MailStyle, NothingNew, Recipient};

/// Returns the jobs of a folder, by name.
///
/// Only `*.toml` counts. A folder without any gives no job and no error.
///
/// # Errors
/// All wrong keys and values of all files together, or the first that cannot be read.
pub fn load_all(folder: &Path) -> Result<Vec<Job>, Error> {
    let mut jobs = Vec::new();
    let mut problems = Vec::new();
    for name in names(folder)? {
        let (job, wrong) = job::read(&folder.join(format!("{name}.toml")))?;
        jobs.extend(job);
        problems.extend(wrong);
    }
    if problems.is_empty() { Ok(jobs) } else { Err(Error::Wrong { problems }) }
}

/// Returns the job of that name in a folder.
///
/// Other files of the folder may be wrong: they do not stand in its way.
pub fn find(folder: &Path, name: &str) -> Result<Job, Error> {
    let known: Vec<String> = names(folder)?.into_iter().collect();
    if known.iter().any(|one| one == name) {
        return Job::load(&folder.join(format!("{name}.toml")));
    }
    Err(Error::NoSuchJob { name: name.to_owned(), folder: folder.to_owned(), known })
}

/// Returns every key of a job file with its default's text.
///
/// In the order of `jobs/README.md`, which is held against it.
pub fn keys() -> impl Iterator<Item = (&'static str, Option<&'static str>)> {
    catalogue::JOB.iter().map(|key| (key.name, key.default))
}

fn names(folder: &Path) -> Result<BTreeSet<String>, Error> {
    let unreadable = |source| Error::Unreadable { path: folder.to_owned(), source };
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let is_toml = path.extension().is_some_and(|extension| extension == "toml");
        if let (true, Some(stem)) = (is_toml, path.file_stem()) {
            names.insert(stem.to_string_lossy().into_owned());
        }
    }
    Ok(names)
}
