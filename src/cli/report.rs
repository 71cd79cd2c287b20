//! `quadra report`: the report of a period, as files.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::cli::failure::Failure;
use crate::cli::reconcile::{What, ended};
use crate::cli::select::{Days, month_to_date};
use crate::cli::{Global, output};
use crate::deliver::folder;
use crate::fiscal::Language;
use crate::report::Format;
use crate::worker::{self, ComparisonRequest};

/// Write the report of a period: HTML and XLSX, or other formats
///
/// Compares what is stored and writes the files; with `--json` the paths are one object.
#[derive(Debug, Args)]
pub(super) struct Report {
    #[command(flatten)]
    days: Days,
    /// Receipts, invoices or both
    #[arg(long, value_enum, default_value_t = What::All)]
    kind: What,
    /// Only this company, by tax id; repeatable
    #[arg(long, value_name = "ID")]
    company: Vec<String>,
    /// html, xlsx, csv, json, text; separated by commas
    #[arg(long, value_delimiter = ',', default_value = "html,xlsx", value_parser = format)]
    format: Vec<Format>,
    /// The folder for the files [default: report.out_dir]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// it or en [default: report.language]
    #[arg(long, value_parser = language)]
    language: Option<Language>,
}

impl Report {
    pub(super) async fn run(self, global: &Global) -> Result<ExitCode, Failure> {
        let period = self.days.chosen()?;
        let ctx = global.open().await?;
        let request = ComparisonRequest {
            job: "report".to_owned(),
            kinds: self.kind.kinds(),
            companies: self.company,
            period: period.unwrap_or_else(|| month_to_date(ctx.today())),
            materiality: ctx.config.report.materiality.clone(),
            is_unread: false,
            skips_unknown: false,
        };
        let model = worker::compare_stored(&ctx, &request).await?;
        let language = self.language.unwrap_or(ctx.config.report.language);
        let files = worker::render_files(&model, &self.format, language)?;
        let files: Vec<(&str, &[u8])> =
            files.iter().map(|file| (file.file_name.as_str(), &file.bytes[..])).collect();
        let out = self.out.unwrap_or_else(|| ctx.config.report.out_dir.clone());
        let written = folder::write(&out, &files).map_err(worker::Error::from)?;
        ctx.store.close().await;
        if global.json {
            output::json(&serde_json::json!({ "verdict": model.verdict, "files": written }))?;
        } else {
            for path in written {
                output::line(&path.display().to_string())?;
            }
        }
        Ok(ended(model, false))
    }
}

fn format(text: &str) -> Result<Format, String> {
    text.parse().map_err(|_| format!("`{text}` is not one of html, xlsx, csv, json, text"))
}

fn language(text: &str) -> Result<Language, String> {
    match text {
        "it" => Ok(Language::It),
        "en" => Ok(Language::En),
        _ => Err(format!("`{text}` is not one of it, en")),
    }
}
