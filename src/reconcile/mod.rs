//! Room under construction.

pub mod statement;
