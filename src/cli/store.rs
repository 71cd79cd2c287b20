//! `quadra store`: is the store whole, a copy of it, its schema.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;

use crate::cli::failure::{Failure, PARTLY_DONE};
use crate::cli::output::counted;
use crate::cli::{Global, clock, output};
use crate::store::{Migrated, StoreCheck};
use crate::worker::{self, Context};

/// Check the store, copy it, remove what is old, or bring its schema up to date
#[derive(Debug, Args)]
pub(super) struct Store {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Read the whole store and say what is not as it was written
    ///
    /// SQLite's own check of the file, the references between tables, the hash of every raw
    /// document, the rows of every ledger file, and the arithmetic of every statement. Ends
    /// with 3 when something is wrong. Nothing is changed, and runs may go on meanwhile.
    Verify,
    /// Copy the store to a new file, as of one instant, while it is used
    Backup {
        /// The copy; it must not exist yet
        file: PathBuf,
    },
    /// Remove what is older than `[retention]` of the settings says
    ///
    /// Callbacks dealt with, the bytes of delivered mails and files, statements that a later
    /// run of the same month replaced, old counts of requests. Nothing that a statement needs:
    /// documents, ledgers, findings and the last statement of each month are kept. The file
    /// does not shrink; its room is used again.
    Prune {
        /// Only say how much would go
        #[arg(long = "dry-run")]
        is_dry: bool,
    },
    /// Bring the schema up to date, as every other command does when it starts, and say what changed
    Migrate,
}

impl Store {
    pub(super) async fn run(self, global: &Global) -> Result<ExitCode, Failure> {
        let config = global.load()?;
        // Nothing is checked, copied or removed in a store that opening it would make.
        if !matches!(self.what, What::Migrate) && !config.store.path.exists() {
            return Err(Failure::Usage {
                message: format!("there is no store `{}`", config.store.path.display()),
                hint: Some("name it with `--config FILE` or `store.url`".to_owned()),
            });
        }
        let ctx = Context::open(config, clock()).await?;
        let path = ctx.store.path().display().to_string();
        let mut code = ExitCode::SUCCESS;
        match self.what {
            What::Verify => {
                let checks = ctx.store.verify().await?;
                if checks.iter().any(|check| !check.problems.is_empty()) {
                    code = ExitCode::from(PARTLY_DONE);
                }
                show(global, &checks)?;
            }
            What::Backup { file } => {
                let bytes = ctx.store.backup(&file).await?;
                if global.json {
                    output::json(&json!({ "file": file, "bytes": bytes }))?;
                } else {
                    output::line(&format!(
                        "{path} was copied to {}, {bytes} bytes",
                        file.display()
                    ))?;
                }
            }
            What::Prune { is_dry } => prune(global, &ctx, is_dry).await?,
            What::Migrate => tell_migrated(global, &path, ctx.store.migrated())?,
        }
        ctx.store.close().await;
        Ok(code)
    }
}

/// Opening the store has done it: here it is said.
fn tell_migrated(global: &Global, path: &str, migrated: Migrated) -> Result<(), Failure> {
    let Migrated { is_new, changes } = migrated;
    if global.json {
        return output::json(&json!({ "store": path, "is_new": is_new, "changes": changes }));
    }
    let count = counted(u64::try_from(changes).unwrap_or(0), "change", "changes");
    output::line(&match (is_new, changes) {
        (true, _) => format!("{path} was made, with the schema of this version."),
        (false, 0) => format!("The schema of {path} was up to date: nothing was changed."),
        (false, _) => format!("{count} brought the schema of {path} up to date."),
    })
}

async fn prune(global: &Global, ctx: &Context, is_dry: bool) -> Result<(), Failure> {
    let pruned = worker::prune(ctx, is_dry).await?;
    if global.json {
        return output::json(&json!({
            "dry_run": is_dry, "callbacks": pruned.callbacks,
            "delivery_parts": pruned.delivery_parts, "statements": pruned.statements,
            "request_days": pruned.request_days,
        }));
    }
    let verb = if is_dry { "would go" } else { "removed" };
    output::line(&format!(
        "{}, {}, {}, {} {verb}",
        counted(pruned.callbacks, "callback", "callbacks"),
        counted(pruned.delivery_parts, "part of deliveries", "parts of deliveries"),
        counted(pruned.statements, "statement", "statements"),
        counted(pruned.request_days, "day's count of requests", "days' counts of requests"),
    ))
}

fn show(global: &Global, checks: &[StoreCheck]) -> Result<(), Failure> {
    if global.json {
        let checks: Vec<_> = checks
            .iter()
            .map(|check| json!({ "what": check.what, "looked_at": check.looked_at, "problems": check.problems }))
            .collect();
        return output::json(&json!({ "checks": checks }));
    }
    for check in checks {
        let state = if check.problems.is_empty() { "ok  " } else { "FAIL" };
        output::line(&format!("{state} {} – {} looked at", check.what, check.looked_at))?;
        for problem in &check.problems {
            output::line(&format!("       {problem}"))?;
        }
    }
    let problems: usize = checks.iter().map(|check| check.problems.len()).sum();
    if problems > 0 {
        let found = counted(problems as u64, "problem", "problems");
        output::line(&format!("{found}: restore a backup, or pull and upload into a new store"))?;
    }
    Ok(())
}
