//! The one integration binary: a module a capability.

mod commands;
mod config;
mod deliver;
mod ledger;
mod pull;
mod report;
mod sandbox;
mod world;
