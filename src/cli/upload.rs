//! `quadra upload`: ledger files into the store, or a look at them.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use comfy_table::{Table, presets};
use serde_json::{Value, json};

use crate::cli::Global;
use crate::cli::failure::{Failure, INTERRUPTED, PARTLY_DONE, WRONG_USE, print_error};
use crate::cli::output::{self, money};
use crate::cli::signals::Signals;
use crate::fiscal::{Direction, TaxId};
use crate::ledger::LedgerFile;
use crate::worker::{self, UploadOutcome, UploadRequest, Uploaded};

/// Refused rows that are listed for people; `--json` lists them all.
const REJECTED_SHOWN: usize = 20;

/// Upload ledger files: CSV, XLSX, XLS, ODS, as the ERP, the shop or the tax portal gave them
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
    #[arg(long, value_name = "DIRECTION")]
    direction: Option<Direction>,
    /// Use this layout and no other
    #[arg(long, value_name = "NAME")]
    layout: Option<String>,
    /// Read this sheet of a workbook and no other
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// Show how the columns are understood, the control totals and the refused rows; store nothing
    #[arg(long)]
    preview: bool,
}

impl Upload {
    pub(super) async fn run(self, global: &Global, signals: &Signals) -> Result<ExitCode, Failure> {
        let company = self.company.as_deref().map(company_id).transpose()?;
        // A look needs no store, and must not make one.
        let ctx = if self.preview { None } else { Some(global.open().await?) };
        let request = UploadRequest {
            company,
            direction: self.direction,
            layout: self.layout,
            sheet: self.sheet,
        };
        let mut results = Vec::new();
        for path in &self.files {
            if signals.is_asked() {
                break;
            }
            let result = match &ctx {
                Some(ctx) => worker::upload(ctx, path, &request).await,
                None => worker::look(path, &request),
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

/// Reads a tax id given as an argument.
pub(super) fn company_id(text: &str) -> Result<TaxId, Failure> {
    TaxId::parse(text).ok_or_else(|| Failure::Usage {
        message: format!("`{text}` is not a tax id"),
        hint: Some("give the company's VAT number, such as `01234567897`".to_owned()),
    })
}

fn as_json(uploaded: &Uploaded) -> Value {
    let Some(file) = &uploaded.ledger else {
        let known = match &uploaded.outcome {
            UploadOutcome::Known(known) => Some(known),
            _ => None,
        };
        return json!({
            "file": uploaded.file_name, "layout": known.map(|known| &known.layout),
            "rows_read": 0, "rows_stored": 0, "rows_rejected": 0,
            "rows_known": known.map_or(0, |known| known.rows_stored), "rejected": [],
        });
    };
    let totals = file.totals.get(&crate::fiscal::Currency::EUR).copied().unwrap_or_default();
    let stored = if uploaded.outcome == UploadOutcome::Stored { file.rows_accepted } else { 0 };
    let rejected: Vec<Value> = file
        .rejected
        .iter()
        .map(|row| {
            json!({
                "row": row.row, "column": row.column, "value": row.value, "reason": row.reason,
            })
        })
        .collect();
    json!({
        "file": uploaded.file_name, "layout": file.layout, "format": file.format,
        "rows_read": file.rows_read, "rows_stored": stored,
        "rows_rejected": file.rejected.len(), "rows_skipped": file.skipped.len(),
        "rows_known": 0,
        "taxable_cents": totals.taxable_cents, "vat_cents": totals.vat_cents,
        "gross_cents": totals.gross_cents, "totals": file.totals,
        "from": file.coverage.map(|(from, _)| from), "to": file.coverage.map(|(_, to)| to),
        "rejected": rejected,
    })
}

fn describe(uploaded: &Uploaded) -> String {
    let name = &uploaded.file_name;
    let Some(file) = &uploaded.ledger else {
        let UploadOutcome::Known(known) = &uploaded.outcome else {
            return name.clone();
        };
        return format!(
            "{name}: already known – uploaded as `{}` on {}, {} rows; nothing stored again",
            known.file_name,
            known.uploaded_at.format("%Y-%m-%d %H:%M UTC"),
            known.rows_stored
        );
    };
    let (what, verb) = match uploaded.outcome {
        UploadOutcome::Previewed => ("preview, nothing stored", "readable"),
        _ => ("stored", "stored"),
    };
    let sheet = file.sheet.as_ref().map_or_else(String::new, |sheet| format!(", sheet `{sheet}`"));
    let mut lines = vec![
        format!("{name}: {what} – layout `{}` ({}{sheet})", file.layout, file.format),
        format!(
            "  rows: {} read = {} {verb} + {} rejected + {} skipped",
            file.rows_read,
            file.rows_accepted,
            file.rejected.len(),
            file.skipped.len()
        ),
    ];
    if let Some((from, to)) = file.coverage {
        lines.push(format!("  days: {from} to {to}"));
    }
    for (currency, totals) in &file.totals {
        lines.push(format!(
            "  control totals: taxable {}, VAT {}, gross {} {currency}",
            or_dash(totals.taxable_cents),
            or_dash(totals.vat_cents),
            or_dash(totals.gross_cents)
        ));
    }
    if uploaded.outcome == UploadOutcome::Previewed {
        lines.push(columns(file));
    }
    lines.extend(file.notes.iter().map(|note| format!("  note: {note}")));
    lines.extend(remarks(file));
    lines.join("\n")
}

fn or_dash(cents: Option<i64>) -> String {
    cents.map_or_else(|| "–".to_owned(), |cents| money(Some(cents)))
}

fn columns(file: &LedgerFile) -> String {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_BORDERS_ONLY);
    table.set_header(["column", "understood as", "first value", "note"]);
    for column in &file.columns {
        table.add_row([
            column.heading.clone(),
            column.meaning.map_or_else(|| "(not used)".to_owned(), |field| field.to_string()),
            column.sample.clone(),
            column.note.clone().unwrap_or_default(),
        ]);
    }
    table.to_string()
}

fn remarks(file: &LedgerFile) -> Vec<String> {
    let mut lines = Vec::new();
    for row in file.rejected.iter().take(REJECTED_SHOWN) {
        let hint = row.hint.as_ref().map_or_else(String::new, |hint| format!(" ({hint})"));
        lines.push(format!(
            "  rejected: row {} (line {}), column `{}`, value `{}`: {}{hint}",
            row.row, row.line, row.column, row.value, row.reason
        ));
    }
    for warning in file.warnings.iter().take(REJECTED_SHOWN) {
        lines.push(format!(
            "  warning: row {} (line {}), column `{}`, value `{}`: {}",
            warning.row, warning.line, warning.column, warning.value, warning.message
        ));
    }
    let hidden = file.rejected.len().saturating_sub(REJECTED_SHOWN)
        + file.warnings.len().saturating_sub(REJECTED_SHOWN);
    if hidden > 0 {
        lines.push(format!("  … and {hidden} more; `--json` lists every rejected row"));
    }
    lines
}
