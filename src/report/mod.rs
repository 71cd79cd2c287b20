//! Room under construction.

pub mod model;
