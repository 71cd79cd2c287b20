//! The one integration binary: a module a capability.

mod config;
mod deliver;
mod einvoice;
mod ledger;
mod pull;
mod report;
mod sandbox;
