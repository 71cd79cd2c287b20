//! The rules of the comparison, by theme: each known hazard, each kind of document, laws.

mod builder;
mod checks;
mod seen;
pub(in crate::reconcile) mod small;

mod hazards;

mod groups;
mod invoices;
mod lacking;
mod left_out;
mod months;
mod numbers;
mod rules;
mod slips;
mod states;

mod orders;
mod registers;
mod settlements;
mod takings;

mod knots;
mod laws;
