//! The only place where the stages meet the store.
//!
//! `upload` reads a ledger file and stores it, `inbox` does so for a folder, `pull` lets
//! `extract` read the provider's list into the store, `compare` gathers a period and
//! settles its findings, `publish` renders the report into the outbox, `post` empties the
//! outbox, `run` does all of it as the recorded steps of one run, and `due` does so for the due
//! times of a schedule, each once. Each function can be
//! repeated: what was done is known, what was not is done. Absent on purpose: arguments,
//! printing, and judgement, which lives in `reconcile`.

mod budget;
mod compare;
mod context;
mod due;
mod error;
mod inbox;
mod pages;
mod post;
mod publish;
mod pull;
mod run;
mod settle;
mod sources;
mod tables;
mod upload;

pub use budget::{Deadline, Stopped};
pub use compare::{ComparisonRequest, compare, preview};
pub use context::Context;
pub use due::{claim_next, process_name, run_claimed};
pub use error::{Error, causes};
pub use inbox::{Intake, take_in};
pub use post::{Posted, post};
pub use publish::{Publication, publish, render_files};
pub use pull::{PullOutcome, PullRequest, count_companies, pull};
pub use run::{RunOutcome, compare_stored, run};
pub use tables::{ComparedFiles, FilesRequest, TableFormat, compare_files};
pub use upload::{Outcome as UploadOutcome, Request as UploadRequest, Uploaded, look, upload};
