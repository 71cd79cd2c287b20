//! Laws and hazards of the comparison of tables.

mod hazards;
mod laws;
mod small;
