//! Turns quadra.toml, the environment and flags into types.
//!
//! A setting is looked for in four places, the first that has it wins: a flag, the variable
//! `QUADRA__SECTION__KEY`, the file, the default. Every key is known or refused, with the
//! nearest known one; every wrong key and value of all places is told at once, with its
//! line or variable and what is allowed, so that one look mends the whole file.
//!
//! Secrets (`api.token`, `mail.password`) come from a variable or from a file that only its
//! owner reads; written in quadra.toml or given as a flag they are refused, and no message
//! shows one. Paths in a file are relative to that file's folder; paths in a variable or a
//! flag to the working directory.
//!
//! `catalogue` names the keys, `found` collects what the places say, `read` and `value` turn
//! texts into types, `sections` and `mail` put them together. `jobs` does the same for the files in `jobs/`.
//! No other room reads the environment, and this one opens no connection: whether a host
//! answers is for `quadra check` to find out.

mod error;

mod catalogue;
mod found;
mod nearest;
mod origin;
mod read;
mod secret;
mod value;

mod mail;
mod minting;
mod prices;
mod retention;
mod sections;
mod watch;
mod webhook;

#[cfg(debug_assertions)]
mod trials;

pub mod jobs;

use std::path::{Path, PathBuf};

pub use error::{Error, Problem};
pub use mail::Mail;
pub use minting::{Minting, TokenService};
pub use origin::Origin;
pub use prices::Prices;
pub use read::Described;
pub use retention::Retention;
pub use secret::lines as secret_lines;
pub use sections::{Api, Findings, Jobs, Ledger, Report, Rules, Schedule, Store};
#[cfg(debug_assertions)]
pub use trials::{clock_hand, crash_orders};
pub use watch::Watch;
pub use webhook::Webhook;

/// The file that is read when no other is named, if it exists.
pub const DEFAULT_FILE: &str = "quadra.toml";

/// Holds every setting of the process, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file that was read, if any.
    pub file: Option<PathBuf>,
    /// The Invoice API: where, as whom, how fast.
    pub api: Api,
    /// The place where documents are kept.
    pub store: Store,
    /// The mail server; none when no `mail` setting is given.
    pub mail: Option<Mail>,
    /// Where the provider's callbacks reach us, and the secret that they carry.
    pub webhook: Webhook,
    /// What the provider charges, for previews and limits.
    pub prices: Prices,
    /// How reports are written, and where to.
    pub report: Report,
    /// When days begin and end.
    pub schedule: Schedule,
    /// What is watched beside the books, and who is told.
    pub watch: Watch,
    /// How long records are kept that nobody is likely to ask for again.
    pub retention: Retention,
    /// Where the job files are.
    pub jobs: Jobs,
    /// Where an accountant's own ledger layouts are.
    pub ledger: Ledger,
    /// Where rules of one's own are.
    pub rules: Rules,
    /// What people decided about findings.
    pub findings: Findings,
    described: Vec<Described>,
}

impl Config {
    /// Returns the settings of the file, the environment and the flags.
    ///
    /// `path` none means `quadra.toml` in the working directory if it exists. `overrides`
    /// are flags as (`api.base_url`, value). Nothing else is read but the secret files and
    /// the certificate that the settings name.
    ///
    /// # Errors
    /// All wrong keys and values together, or the file that could not be read.
    pub fn load(
        path: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
        overrides: &[(String, String)],
    ) -> Result<Self, Error> {
        let file = match path {
            Some(path) => Some(path.to_owned()),
            None => Some(PathBuf::from(DEFAULT_FILE)).filter(|path| path.exists()),
        };
        let mut settings = found::Settings::new(catalogue::CONFIG);
        if let Some(file) = &file {
            settings.add_file(file)?;
        }
        settings.add_environment(environment);
        settings.add_flags(overrides);
        sections::build(settings, file)
    }

    /// Returns the defaults with these settings over them.
    ///
    /// For what must not depend on where it is started: the demo, and tests.
    pub fn without_file(overrides: &[(String, String)]) -> Result<Self, Error> {
        let mut settings = found::Settings::new(catalogue::CONFIG);
        settings.add_flags(overrides);
        sections::build(settings, None)
    }

    /// Returns every key with its value and where it came from.
    ///
    /// In the order of the file's documentation; a secret shows only whether it is set.
    #[must_use]
    pub fn describe(&self) -> &[Described] {
        &self.described
    }
}

/// Returns the process's variables that are meant for Quadra.
///
/// The one reader of the environment in the whole crate.
#[must_use]
pub fn environment() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| {
            let name = name.into_string().ok()?;
            // What is not UTF-8 arrives marked, and is then refused by name.
            name.starts_with(origin::PREFIX).then(|| (name, value.to_string_lossy().into_owned()))
        })
        .collect()
}
