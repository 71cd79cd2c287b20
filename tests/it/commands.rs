//! Whole commands, as a person types them: exit code, stdout and stderr.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod accounts;
mod api_trouble;
mod bad_files;
mod by_hand;
mod check;
mod credentials;
mod demo;
mod disk;
mod findings;
mod jobs;
mod left_out;
mod output;
mod pull;
mod report;
mod rules;
mod settings;
mod settlements;
mod signals;
mod store;
mod upload;
