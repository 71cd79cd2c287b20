//! `quadra import`: invoices that were sent or received elsewhere, to the provider.

mod json;
mod text;

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::cli::Global;
use crate::cli::failure::{Failure, INTERRUPTED, PARTLY_DONE, WRONG_USE, print_error};
use crate::cli::inspect::{print_unopened, read_files};
use crate::cli::output;
use crate::cli::signals::Signals;
use crate::einvoice::Inspection;
use crate::fiscal::Price;
use crate::worker::{
    self, Asking, Context, ImportEnd, ImportIntake, ImportItem, ImportPlan, Limits, Lots,
};

/// Hand invoices that were sent or received elsewhere to the provider, once each
///
/// Takes what `inspect` takes: files, folders, zips, with the SdI's notifications beside the
/// invoices. Shows first what it would do and what it would cost. What the provider has, and
/// what was imported before, is left out; running the same command again sends only the rest.
#[derive(Debug, Args)]
pub(super) struct Import {
    /// Files and folders
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Show what would be imported and what it would cost; import nothing
    #[arg(long)]
    dry_run: bool,
    /// Stop before the import that would cost more than this in all, by `prices.import`
    #[arg(long, value_name = "EUR", value_parser = price)]
    max_cost: Option<Price>,
    /// Hand each document of a lot over as a file of its own, at the price of an import each
    #[arg(long)]
    split_lots: bool,
    /// Do not ask before importing
    #[arg(long, short)]
    yes: bool,
}

impl Import {
    pub(super) async fn run(self, global: &Global, signals: &Signals) -> Result<ExitCode, Failure> {
        let ctx = global.open().await?;
        let mut inspection = Inspection::default();
        read_files(&self.paths, &mut inspection, ctx.today(), global);
        inspection.link();
        let result = self.plan_and_import(&ctx, inspection, global, signals).await;
        ctx.store.close().await;
        let (plan, end) = result?;
        if global.json {
            output::json(&json::render(&plan, end.as_ref()))?;
        } else {
            output::line(&text::render(&plan, end.as_ref(), global.verbose))?;
            print_unopened(&plan.inspection);
        }
        if let Some(error) = end.as_ref().and_then(|end| end.error.as_ref()) {
            print_error(error, error.hint().as_deref());
        }
        Ok(ExitCode::from(exit_code(&plan, end.as_ref())))
    }

    async fn plan_and_import(
        &self,
        ctx: &Context,
        inspection: Inspection,
        global: &Global,
        signals: &Signals,
    ) -> Result<(ImportPlan, Option<ImportEnd>), Failure> {
        let client = match worker::api_client(ctx) {
            Ok(client) => Some(client),
            // A look needs no account: the store knows the companies it pulled.
            Err(worker::Error::NoToken) if self.dry_run => None,
            Err(error) => return Err(error.into()),
        };
        let asking = client.as_ref().map_or(Asking::Nobody, Asking::Provider);
        let lots = if self.split_lots { Lots::Split } else { Lots::PutAside };
        let mut plan = worker::plan_import(ctx, inspection, lots, asking).await?;
        let Some(client) = client.filter(|_| !self.dry_run && plan.count("ready") > 0) else {
            return Ok((plan, None));
        };
        if !self.is_agreed(&plan, global)? {
            return Ok((plan, None));
        }
        let limits = Limits { cost: self.max_cost, ..Limits::default() };
        let bar = super::inspect::bar(
            usize::try_from(plan.count("ready")).unwrap_or(usize::MAX),
            "invoices",
            global,
        );
        let cancel = || signals.stopped();
        let end = worker::import(ctx, &client, &mut plan, &limits, |_| bar.inc(1), cancel).await?;
        bar.finish_and_clear();
        Ok((plan, Some(end)))
    }

    /// Tells whether somebody agreed to the cost: by `--yes`, by a limit, or when asked.
    fn is_agreed(&self, plan: &ImportPlan, global: &Global) -> Result<bool, Failure> {
        if self.yes || self.max_cost.is_some() {
            return Ok(true);
        }
        let what = format!(
            "{} for € {} (€ {} each, `prices.import`)",
            output::counted(plan.count("ready"), "invoice", "invoices"),
            plan.cost(),
            plan.price
        );
        if global.json || !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
            return Err(Failure::Usage {
                message: format!("would import {what}, and nobody said so"),
                hint: Some("add --yes, or --max-cost with a limit, or look with --dry-run".into()),
            });
        }
        output::line(&text::render(plan, None, global.verbose))?;
        let mut stderr = std::io::stderr().lock();
        let asked = write!(stderr, "Import {what}? [y/N] ").and_then(|()| stderr.flush());
        asked.map_err(Failure::Output)?;
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer).map_err(Failure::Output)?;
        Ok(matches!(answer.trim(), "y" | "Y" | "yes" | "s" | "S" | "si" | "sì"))
    }
}

/// Returns what an inbox of electronic invoices came to, for people.
pub(super) fn summary(intake: &ImportIntake) -> String {
    let count = |word| intake.plan.count(word);
    let aside = count("put_aside") + intake.plan.inspection.rejected.len() as u64;
    let mut lines = vec![format!(
        "{} imported for € {}, {} already there, {} refused, {aside} put aside, {} left",
        count("imported"),
        intake.end.spent,
        count("already_there"),
        count("refused"),
        count("unclear") + count("left"),
    )];
    let bad = |item: &&ImportItem| !matches!(item.outcome.as_str(), "imported" | "already_there");
    for item in intake.plan.items.iter().filter(bad) {
        let reason = item.outcome.reason().unwrap_or_default();
        lines.push(format!("{} {}: {reason}", item.outcome.as_str(), intake.plan.place_of(item)));
    }
    let rejected = intake.plan.inspection.rejected.iter();
    lines.extend(rejected.map(|one| format!("put_aside {}: {}", one.place, one.reason)));
    lines.join("\n")
}

fn price(text: &str) -> Result<Price, String> {
    Price::parse(text).ok_or_else(|| "write euros like `5` or `2.50`".to_owned())
}

/// Returns 2 when nothing could be read, 3 when some of it is not done, else 0.
fn exit_code(plan: &ImportPlan, end: Option<&ImportEnd>) -> u8 {
    let inspection = &plan.inspection;
    let read = inspection.files.len() + inspection.notifications.len();
    match end {
        _ if read == 0 => WRONG_USE,
        Some(end) if end.is_interrupted => INTERRUPTED,
        // A look, or an import that nobody agreed to: only what cannot be read is short.
        None if inspection.rejected.is_empty() => 0,
        _ if plan.is_complete() => 0,
        _ => PARTLY_DONE,
    }
}
