//! What became of a file, for people and for programs.

use comfy_table::{Table, presets};
use serde_json::{Value, json};

use crate::cli::output::money;
use crate::fiscal::Period;
use crate::ledger::LedgerFile;
use crate::store::{Overlap, VersionChange};
use crate::worker::{UploadOutcome, Uploaded};

/// Refused rows that are listed for people; `--json` lists them all.
const REJECTED_SHOWN: usize = 20;

pub(super) fn as_json(uploaded: &Uploaded) -> Value {
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
        "days_without_rows": file.gaps.iter().map(|gap| json!({ "from": gap.from, "to": gap.to })).collect::<Vec<_>>(),
        "duplicate_rows": file.duplicate_rows, "duplicates": file.duplicates,
        "replaced": uploaded.relation.replaced.iter().map(relation_json).collect::<Vec<_>>(),
        "beside": uploaded.relation.beside.iter().map(relation_json).collect::<Vec<_>>(),
        "notes": file.notes,
        "rejected": rejected,
    })
}

pub(super) fn describe(uploaded: &Uploaded) -> String {
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
        lines.push(format!("  days: {from} to {to}{}", gaps(file)));
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
    lines.extend(relations(uploaded));
    lines.extend(file.notes.iter().map(|note| format!("  note: {note}")));
    lines.extend(remarks(file));
    lines.join("\n")
}

/// Says how many days between the first and the last have no row, and the longest span.
fn gaps(file: &LedgerFile) -> String {
    let days: i64 = file.gaps.iter().map(Period::days).sum();
    let Some(longest) = file.gaps.iter().max_by_key(|gap| gap.days()) else {
        return String::new();
    };
    format!(", {days} of them without a row (longest: {longest})")
}

/// Says whose place the file takes, and beside what it stands.
fn relations(uploaded: &Uploaded) -> Vec<String> {
    let verb = if uploaded.outcome == UploadOutcome::Previewed { "would take" } else { "takes" };
    let mut lines = Vec::new();
    for (overlap, change) in &uploaded.relation.replaced {
        lines.push(format!(
            "  {verb} the place of `{}`: {} rows added, {} removed, {} changed, {} alike; gross {}",
            overlap.file_name,
            change.rows_added,
            change.rows_removed,
            change.rows_changed,
            change.rows_same,
            signed(change.gross_cents),
        ));
    }
    for (overlap, change) in &uploaded.relation.beside {
        let both = change.rows_same + change.rows_changed;
        let in_common = if both > 0 { format!("; {both} rows are in both") } else { String::new() };
        lines.push(format!(
            "  note: `{}` has {} rows on the same days, and both files count{in_common}",
            overlap.file_name,
            change.rows_before()
        ));
    }
    lines
}

/// Writes a difference of money with its sign.
fn signed(cents: i64) -> String {
    let sign = if cents > 0 { "+" } else { "" };
    format!("{sign}{}", money(Some(cents)))
}

fn relation_json((overlap, change): &(Overlap, VersionChange)) -> Value {
    json!({
        "file": overlap.file_name, "rows": change.rows_before(), "rows_same": change.rows_same,
        "rows_changed": change.rows_changed, "rows_added": change.rows_added,
        "rows_removed": change.rows_removed, "taxable_cents": change.taxable_cents,
        "vat_cents": change.vat_cents, "gross_cents": change.gross_cents,
    })
}

fn or_dash(cents: Option<i64>) -> String {
    cents.map_or_else(|| "–".to_owned(), |cents| money(Some(cents)))
}

pub(super) fn columns(file: &LedgerFile) -> String {
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

/// Names a cell; what is wrong with a row as a whole has none.
fn cell(column: &str, value: &str) -> String {
    let part = |name: &str, text: &str| {
        if text.is_empty() { String::new() } else { format!(", {name} `{text}`") }
    };
    if column.is_empty() {
        return part("value", value);
    }
    format!(", column `{column}`, value `{value}`")
}

fn remarks(file: &LedgerFile) -> Vec<String> {
    let mut lines = Vec::new();
    for row in file.rejected.iter().take(REJECTED_SHOWN) {
        let hint = row.hint.as_ref().map_or_else(String::new, |hint| format!(" ({hint})"));
        lines.push(format!(
            "  rejected: row {} (line {}){}: {}{hint}",
            row.row,
            row.line,
            cell(&row.column, &row.value),
            row.reason
        ));
    }
    for warning in file.warnings.iter().take(REJECTED_SHOWN) {
        lines.push(format!(
            "  warning: row {} (line {}){}: {}",
            warning.row,
            warning.line,
            cell(&warning.column, &warning.value),
            warning.message
        ));
    }
    let hidden = file.rejected.len().saturating_sub(REJECTED_SHOWN)
        + file.warnings.len().saturating_sub(REJECTED_SHOWN);
    if hidden > 0 {
        lines.push(format!("  … and {hidden} more; `--json` lists every rejected row"));
    }
    lines
}
