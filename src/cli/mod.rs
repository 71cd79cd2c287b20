//! The door: arguments become one call into the library, results become text.
//!
//! One file a subcommand, each with its help text. Data goes to stdout, logs and progress
//! to stderr. Errors are printed once, here: `error:`, the causes in order, then `hint:`.

mod check;
mod companies;
mod compare;
mod credentials;
mod demo;
mod export;
mod failure;
mod findings;
mod hand;
mod import;
mod inspect;
mod invoices;
mod jobs;
mod output;
mod progress;
mod pull;
mod receipts;
mod reconcile;
mod report;
mod rules;
mod run;
mod sandbox;
mod scheduled;
mod select;
mod serve;
mod signals;
mod store;
mod submit;
mod upload;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::clock::Clock;
use crate::config::{self, Config};
use crate::telemetry::{self, Verbosity};
use crate::worker::Context;
use failure::Failure;
use signals::Signals;

/// Makes a company's fiscal documents and its books agree, every night, unattended.
#[derive(Debug, Parser)]
#[command(name = "quadra", version, propagate_version = true)]
#[command(after_help = "Begin with `quadra demo`: it needs no account and no configuration.")]
struct Arguments {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Holds the options that every command takes.
#[derive(Debug, Clone, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
struct Global {
    /// Read settings from FILE [default: quadra.toml, if it exists]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Set one setting over file and environment, such as `--set report.language=en`
    #[arg(long = "set", global = true, value_name = "KEY=VALUE", value_parser = key_value)]
    settings: Vec<(String, String)>,
    /// Print one JSON object on stdout
    #[arg(long, global = true)]
    json: bool,
    /// Log warnings and errors only
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Log every page and file
    #[arg(long, short, global = true)]
    verbose: bool,
    /// Log as JSON, one object a line
    #[arg(long, global = true)]
    log_json: bool,
    /// Show progress as a bar, as log lines, or not at all
    #[arg(long, global = true, value_enum, default_value_t = ProgressChoice::Auto)]
    progress: ProgressChoice,
}

/// Chooses how progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ProgressChoice {
    /// A bar on a terminal, log lines elsewhere
    Auto,
    /// A bar
    Bar,
    /// Log lines
    Log,
    /// Nothing
    None,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Demo),
    Check(check::Check),
    Compare(compare::Compare),
    Run(run::Run),
    Jobs(jobs::Jobs),
    Pull(pull::Pull),
    Upload(upload::Upload),
    Inspect(inspect::Inspect),
    Import(import::Import),
    Reconcile(reconcile::Reconcile),
    Findings(findings::Findings),
    Rules(rules::Rules),
    Report(report::Report),
    Export(export::Export),
    Receipts(receipts::Receipts),
    Invoices(invoices::Invoices),
    Companies(companies::Companies),
    Credentials(credentials::Credentials),
    Submit(submit::Submit),
    Store(store::Store),
    Serve(serve::Serve),
    Sandbox(sandbox::Sandbox),
}

/// Runs the command that the arguments name and returns its exit code.
///
/// 0 done · 2 wrong use or unreadable input, nothing changed · 3 part was done and kept,
/// safe to run again · 130 interrupted after the step in hand.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are answers, not errors; clap knows which is which.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    #[cfg(debug_assertions)]
    crate::crash::obey(config::crash_orders());
    let global = &arguments.global;
    // The demo's first sight is its summary; `--verbose` shows the log as well.
    let is_demo = matches!(arguments.command, Command::Demo(_));
    let verbosity = match (global.quiet || is_demo, global.verbose) {
        (_, true) => Verbosity::Verbose,
        (true, _) => Verbosity::Quiet,
        _ => Verbosity::Normal,
    };
    let format = if global.log_json { telemetry::Format::Json } else { telemetry::Format::Text };
    telemetry::start(verbosity, format);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("the system can start the threads of one runtime");
    match runtime.block_on(dispatch(arguments)) {
        Ok(code) => code,
        Err(failure) => failure.report(),
    }
}

async fn dispatch(arguments: Arguments) -> Result<ExitCode, Failure> {
    let global = arguments.global;
    let signals = Signals::listen();
    match arguments.command {
        Command::Demo(command) => command.run(&global, &signals).await,
        Command::Check(command) => finished(command.run(&global).await?, &signals),
        Command::Compare(command) => finished(command.run(&global)?, &signals),
        Command::Run(command) => Box::pin(command.run(&global, &signals)).await,
        Command::Jobs(command) => finished(command.run(&global).await?, &signals),
        Command::Pull(command) => command.run(&global, &signals).await,
        Command::Upload(command) => command.run(&global, &signals).await,
        Command::Inspect(command) => finished(command.run(&global)?, &signals),
        Command::Import(command) => command.run(&global, &signals).await,
        Command::Reconcile(command) => finished(command.run(&global).await?, &signals),
        Command::Findings(command) => finished(command.run(&global).await?, &signals),
        Command::Rules(command) => finished(command.run(&global)?, &signals),
        Command::Report(command) => finished(command.run(&global).await?, &signals),
        Command::Export(command) => finished(command.run(&global).await?, &signals),
        Command::Receipts(command) => finished(command.run(&global).await?, &signals),
        Command::Invoices(command) => finished(command.run(&global).await?, &signals),
        Command::Companies(command) => finished(command.run(&global).await?, &signals),
        Command::Credentials(command) => finished(command.run(&global).await?, &signals),
        Command::Submit(command) => finished(command.run(&global).await?, &signals),
        Command::Store(command) => finished(command.run(&global).await?, &signals),
        Command::Serve(command) => command.run(&global, &signals).await,
        Command::Sandbox(command) => command.run(&global, &signals).await,
    }
}

/// A command of one step finishes it, and then says that it was asked to stop.
#[expect(clippy::unnecessary_wraps, reason = "an arm of the dispatch")]
fn finished(code: ExitCode, signals: &Signals) -> Result<ExitCode, Failure> {
    Ok(if signals.is_asked() { ExitCode::from(failure::INTERRUPTED) } else { code })
}

impl Global {
    /// Reads the settings of file, environment and flags.
    fn load(&self) -> Result<Config, Failure> {
        Ok(Config::load(self.config.as_deref(), config::environment(), &self.settings)?)
    }

    /// Reads the settings and opens the store.
    async fn open(&self) -> Result<Context, Failure> {
        Ok(Context::open(self.load()?, clock()).await?)
    }
}

/// Returns the system's clock; in a debug build tests may let it stand.
fn clock() -> Clock {
    #[cfg(debug_assertions)]
    if let Some((hand, speed)) = config::clock_hand() {
        return match speed {
            None => Clock::Fixed(hand),
            Some(speed) => Clock::Fast { hand, since: std::time::Instant::now(), speed },
        };
    }
    Clock::System
}

fn key_value(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
        .ok_or_else(|| "write it as KEY=VALUE".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn arguments_are_consistent() {
        Arguments::command().debug_assert();
    }
}
