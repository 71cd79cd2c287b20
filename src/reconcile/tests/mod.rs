//! The rules of the comparison, by theme: each known hazard, each kind of document, laws.

pub(in crate::reconcile) mod builder;

mod hazards;
mod invoices;
mod laws;
mod months;
mod orders;
mod states;
mod takings;
