//! The only place with SQL: a file a family of tables, one named transaction a step.
//!
//! What comes in are documents, entries, findings and deliveries in the house's words;
//! what goes out are the same, read back. SQLite is the store of one machine: one writer
//! connection that begins immediately, so that no read-then-write ever meets a busy
//! snapshot, and a separate pool of readers. Statements use `$1` and `on conflict` and
//! keep to integers, text and blobs, so that PostgreSQL can join without a second copy.
//! Absent on purpose: judgement of any kind, and any clock: instants are passed in.

mod absences;
mod callbacks;
mod care;
mod companies;
mod connect;
mod credentials;
mod decisions;
mod deliveries;
mod document_rows;
mod documents;
mod due_runs;
mod entries;
mod error;
mod export;
mod figures;
mod filed;
mod finding_rows;
mod findings;
mod fold;
mod imports;
mod intents;
mod ledgers;
mod numbers;
mod packed;
mod prune;
mod raw;
mod refused;
mod requests;
mod rows;
mod runs;
mod scan;
mod scope;
mod versions;
mod watch;
mod windows;

pub use absences::MissingDocument;
pub use callbacks::NewCallback;
pub use care::StoreCheck;
pub use connect::{Migrated, OutboxLock, Store, Tx};
pub use decisions::{DecisionOrigin, FindingEvent, StoredFinding};
pub use deliveries::{Delivery, DeliveryPart, DeliveryState, NewDelivery, PartRole};
pub use documents::DocumentQuery;
pub use due_runs::{Claim, DueState, DueTime, FIRST_SIGHT, LeaseTerms, PastDue};
pub use error::Error;
pub use export::{Cell, ExportTable};
pub use figures::{Count, JobFigures};
pub use filed::FiledDocument;
pub use imports::ImportRecord;
pub use intents::IntentEnd;
pub use ledgers::{KnownFile, NewLedgerFile, RejectedRow, StoredFile};
pub use prune::{Pruned, Retention};
pub use raw::{NewRaw, RawOutcome, SiftedRaw, Unreadable};
pub use refused::RefusedFile;
pub use runs::{NewStep, PastRun, PastStep, Run, StepOutcome};
pub use scope::Scope;
pub use versions::{Overlap, VersionChange};
pub use watch::{AccountFacts, CredentialCallback, TroubledReceipt};
pub use windows::{WindowName, WindowOutcome, WindowRecord};
