//! Laws and hazards of the comparison of tables.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod small;
