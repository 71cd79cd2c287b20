//! Quadra makes a company's fiscal documents and its books agree.
//!
//! The rooms below stand in the order in which a document walks: `extract` pulls raw
//! documents through `api`, `normalize` reads them, `ledger` reads what accountants
//! upload, `submit` decides what may be sent to the provider, `store` keeps all, `reconcile` compares them, `findings` is what came out
//! wrong, `report` renders it and `deliver` sends it. `worker` is the only place where
//! the stages meet the store; `webhook` keeps the provider's callbacks for the next pull, and
//! `server` is the port it answers on; `cli` is the door. `schedule` says when a job is due. `sandbox` plays the vendor's API.

// Its macro is known to all that follows.
#[macro_use]
pub mod crash;

pub mod cli;
pub mod config;
pub mod fiscal;
pub mod schedule;

pub mod api;
pub mod extract;
pub mod normalize;

pub mod ledger;

pub mod einvoice;

pub mod submit;

pub mod store;

pub mod credentials;
pub mod findings;
pub mod reconcile;
pub mod report;

pub mod deliver;

pub mod server;
pub mod webhook;

pub mod worker;

pub mod health;

pub mod sandbox;

pub mod clock;
pub mod metrics;
pub mod telemetry;
