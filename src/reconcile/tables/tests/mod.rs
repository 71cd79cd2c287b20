//! Laws and hazards of the comparison of tables.

mod small;
