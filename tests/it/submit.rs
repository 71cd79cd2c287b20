//! Nothing twice: what is sent, looked up, sent again, and what a crash leaves behind.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod core;
mod matrix;
mod provider;
mod tokens;

pub(crate) use provider::write_private;
