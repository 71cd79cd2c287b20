//! The only place where the stages meet the store.
//!
//! `upload` reads a ledger file and stores it, `inbox` does so for a folder, `pull` lets
//! `extract` read the provider's list into the store, `compare` gathers a period and
//! settles its findings, `publish` renders the report into the outbox, `post` empties the
//! outbox, `submit` does things at the provider, once each, `by_hand` what a person asks for by
//! name, `import` hands invoices of other channels over, `run` does all of it as the recorded
//! steps of one run, and `due` does so for the due times of a schedule, each once. Each
//! function can be repeated: what was done is known, what was not is done. Absent on purpose:
//! arguments, printing, and judgement, which lives in `reconcile`.

mod budget;
mod by_hand;
mod compare;
mod configurations;
mod context;
mod decisions;
mod due;
mod error;
mod failed;
mod figures;
mod files;
mod forecast;
mod import;
mod inbox;
mod layouts;
mod pages;
mod plan;
mod post;
mod prune;
mod publish;
mod pull;
mod puller;
mod reach;
mod record;
mod refresh;
mod rules;
mod run;
mod settle;
mod sides;
mod sources;
mod submit;
mod suggest;
mod tables;
mod upload;
mod vanished;
mod watch;

pub use budget::{Deadline, Stopped};
pub use by_hand::{
    carry_out, change_companies, close_by_hand, document, documents, occurrence, propose_receipt,
    receipt_pdf, registered, rotate_credentials, submit_open,
};
pub use compare::{ComparisonRequest, compare, preview};
pub use context::Context;
pub use decisions::{
    Act, AppliedDecisions, DecisionError, apply_decisions, decide, find_finding, finding_history,
};
pub use due::{claim_next, process_name, run_claimed};
pub use error::{Error, causes};
pub use figures::{figures, tell_watchers};
pub use files::{Found, find_files, load_file};
pub use forecast::{Forecast, ResourceForecast, forecast};
pub use import::{
    Asking, ImportEnd, ImportIntake, ImportItem, ImportOutcome, ImportPlan, Limits, Lots, import,
    plan_import, take_in_invoices,
};
pub use inbox::{Intake, take_in};
pub use layouts::{layouts, remember_layout};
pub use plan::Sweep;
pub use post::{Posted, post};
pub use prune::prune;
pub use publish::{Publication, publish, render_files};
pub use pull::{PullOutcome, PullRequest, api_client, count_companies, pull, pull_from};
pub use refresh::RefreshTally;
pub use rules::{
    RulesFile, check_rules_file, rulebook, rules_files, rules_in_force, rules_to_begin_with,
};
pub use run::{RunOutcome, compare_stored, run};
pub use submit::{Outbox, Pace, PassOutcome, Submitted};
pub use suggest::{PassSuggestion, suggested_passes};
pub use tables::{ComparedFiles, FilesRequest, TableFormat, compare_files};
pub use upload::{
    Outcome as UploadOutcome, Relation, Request as UploadRequest, Uploaded, look,
    preview as preview_upload, upload,
};
pub use watch::{WatchOutcome, Watched, declare, watched};
