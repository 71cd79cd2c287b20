//! The one integration binary: a module a capability.

mod accuracy;
mod architecture;
mod commands;
mod compare;
mod config;
mod crash;
mod deliver;
mod deploy;
mod docs;
mod einvoice;
mod fuzz;
mod import;
mod ledger;
mod migrations;
mod night;
pub(crate) mod pull;
mod report;
mod sandbox;
mod schedule;
mod smtp;
mod source_contract;
mod store;
mod submit;
mod switch;
mod webhook;
mod world;
