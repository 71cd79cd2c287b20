//! `quadra upload`: ledger files into the store, a look at them, or a layout learned.

mod learn;
mod shown;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use crate::cli::Global;
use crate::cli::failure::{Failure, INTERRUPTED, PARTLY_DONE, WRONG_USE, print_error};
use crate::cli::output;
use crate::cli::select::company_id;
use crate::cli::signals::Signals;
use crate::clock::Clock;
use crate::fiscal::Direction;
use crate::worker::{self, Context, UploadRequest};
use shown::{as_json, describe};

/// Upload ledger files as the ERP, the shop or the tax portal gave them: CSV, XLSX, XLSB, XLS, ODS, HTML, XML, zipped or not
///
/// The layout is recognised by its headings. All readable rows of a file are stored, or
/// none; rows that cannot be read are named with column, value and reason.
#[derive(Debug, Args)]
pub(super) struct Upload {
    /// The files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Whose books these are, by tax id, where the rows do not say it
    #[arg(long, value_name = "ID")]
    company: Option<String>,
    /// Sent (outgoing) or received (incoming) invoices, where nothing in the file says it
    #[arg(long, value_name = "DIRECTION", value_parser = direction)]
    direction: Option<Direction>,
    /// Use this layout and no other
    #[arg(long, value_name = "NAME")]
    layout: Option<String>,
    /// Read this sheet of a workbook and no other
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// Say what a column holds, such as `Valore=gross`; `Heading=unused` leaves it out
    #[arg(long = "column", value_name = "HEADING=MEANING")]
    columns: Vec<String>,
    /// Count these rows beside those of an earlier file of the same books and days
    #[arg(long)]
    keep_both: bool,
    /// Show how the columns are understood, the control totals and the refused rows; store nothing
    #[arg(long, visible_alias = "dry-run")]
    preview: bool,
    /// Show the columns, ask, and remember them as a layout of your own; store nothing
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "")]
    learn: Option<String>,
    /// Remember without asking
    #[arg(long, requires = "learn")]
    yes: bool,
}

impl Upload {
    pub(super) async fn run(self, global: &Global, signals: &Signals) -> Result<ExitCode, Failure> {
        let company = self.company.as_deref().map(company_id).transpose()?;
        let columns =
            self.columns.iter().map(|text| learn::choice(text)).collect::<Result<_, _>>()?;
        let request = UploadRequest {
            company,
            direction: self.direction,
            layout: self.layout.clone(),
            sheet: self.sheet.clone(),
            columns,
            keeps_both: self.keep_both,
        };
        let config = global.load()?;
        if let Some(name) = &self.learn {
            return learn::learn(global, &config, &self.files, &request, (name, self.yes));
        }
        // A look needs no store, and must not make one.
        let ctx = if self.preview && !config.store.path.exists() {
            None
        } else {
            Some(Context::open(config.clone(), Clock::System).await?)
        };
        let mut results = Vec::new();
        for path in &self.files {
            if signals.is_asked() {
                break;
            }
            let result = match &ctx {
                Some(ctx) if self.preview => worker::preview_upload(ctx, path, &request).await,
                Some(ctx) => worker::upload(ctx, path, &request).await,
                None => worker::layouts(&config)
                    .and_then(|layouts| worker::look(path, &request, &layouts)),
            };
            results.push((path, result));
        }
        if let Some(ctx) = ctx {
            ctx.store.close().await;
        }
        let failed = results.iter().filter(|(_, result)| result.is_err()).count();
        let transient =
            results.iter().any(|(_, result)| matches!(result, Err(error) if error.is_transient()));
        let mut files = Vec::new();
        for (path, result) in results {
            match result {
                Ok(uploaded) => {
                    if !global.json {
                        output::line(&describe(&uploaded))?;
                    }
                    files.push(as_json(&uploaded));
                }
                Err(error) => {
                    files.push(json!({ "file": path, "error": error.to_string() }));
                    print_error(&error, error.hint().as_deref());
                }
            }
        }
        if global.json {
            output::json(&json!({ "files": files }))?;
        }
        Ok(ExitCode::from(match failed {
            _ if files.len() < self.files.len() => INTERRUPTED,
            0 => 0,
            _ if failed == files.len() && !transient => WRONG_USE,
            _ => PARTLY_DONE,
        }))
    }
}

fn direction(text: &str) -> Result<Direction, String> {
    text.parse().map_err(|_| "write `outgoing` or `incoming`".to_owned())
}
