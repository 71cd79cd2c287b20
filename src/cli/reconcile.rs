//! `quadra reconcile`: compares what is stored and brings the findings up to date.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::cli::failure::{FINDINGS, Failure, PARTLY_DONE};
use crate::cli::select::{Days, month_to_date};
use crate::cli::{Global, output};
use crate::findings::FindingState;
use crate::fiscal::{DocumentKind, Language};
use crate::reconcile::statement::Verdict;
use crate::report::model::Model;
use crate::report::{self, Format};
use crate::worker::{self, ComparisonRequest};

/// Compare what is stored for a period; pull and upload first
#[derive(Debug, Args)]
pub(super) struct Reconcile {
    #[command(flatten)]
    days: Days,
    /// Receipts, invoices or both
    #[arg(long, value_enum, default_value_t = What::All)]
    kind: What,
    /// Only this company, by tax id; repeatable
    #[arg(long, value_name = "ID")]
    company: Vec<String>,
    /// End with 1 when findings reach `report.materiality`
    #[arg(long)]
    exit_code: bool,
}

/// Chooses the documents to compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum What {
    Receipts,
    Invoices,
    All,
}

impl What {
    pub(super) fn kinds(self) -> Vec<DocumentKind> {
        match self {
            Self::Receipts => vec![DocumentKind::Receipt],
            Self::Invoices => vec![DocumentKind::Invoice],
            Self::All => vec![DocumentKind::Receipt, DocumentKind::Invoice],
        }
    }
}

impl Reconcile {
    pub(super) async fn run(self, global: &Global) -> Result<ExitCode, Failure> {
        let period = self.days.chosen()?;
        let ctx = global.open().await?;
        let request = ComparisonRequest {
            job: "reconcile".to_owned(),
            kinds: self.kind.kinds(),
            companies: self.company,
            period: period.unwrap_or_else(|| month_to_date(ctx.today())),
            materiality: ctx.config.report.materiality.clone(),
            is_unread: false,
            skips_unknown: false,
        };
        let language = ctx.config.report.language;
        let model = worker::compare_stored(&ctx, &request).await?;
        ctx.store.close().await;
        print(global, &model, language)?;
        Ok(ended(model, self.exit_code))
    }
}

/// Returns the exit code, and leaves the model to the end of the process.
///
/// To give millions of rows back one by one would take half a second more.
pub(super) fn ended(model: Model, tells_findings: bool) -> ExitCode {
    let code = exit_code(&model, tells_findings);
    std::mem::forget(model);
    code
}

/// An incomplete look is part of the work, done and kept; scripts may ask for findings too.
pub(super) fn exit_code(model: &Model, tells_findings: bool) -> ExitCode {
    ExitCode::from(if model.verdict == Verdict::Incomplete {
        PARTLY_DONE
    } else if tells_findings && report::is_material(model) {
        FINDINGS
    } else {
        0
    })
}

/// Prints a comparison as text or as the documented JSON object.
pub(super) fn print(global: &Global, model: &Model, language: Language) -> Result<(), Failure> {
    if global.json {
        return output::json(&as_json(model));
    }
    let files = report::render(model, Format::Text, language).map_err(worker::Error::from)?;
    for file in files {
        output::line(String::from_utf8_lossy(&file.bytes).trim_end())?;
    }
    Ok(())
}

/// Returns the documented object of a comparison.
pub(super) fn as_json(model: &Model) -> Value {
    let open =
        model.findings.iter().filter(|standing| standing.state == FindingState::Open).count();
    let statements: Vec<_> =
        model.statements.iter().map(|with_rows| &with_rows.statement).collect();
    json!({
        "run": model.run_id,
        "verdict": model.verdict,
        "statements": statements,
        "findings": {
            "new": model.findings.iter().filter(|standing| standing.is_new).count(),
            "open": open,
            "cleared": model.cleared.len(),
        },
    })
}
