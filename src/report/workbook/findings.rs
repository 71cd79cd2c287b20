//! The findings' sheet, and one for those that the run closed.

use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};

use super::cells::Cells;
use super::classes::finish;
use crate::findings::Standing;
use crate::report::digest;
use crate::report::facts::Facts;
use crate::report::html::{Values, View, age_words};
use crate::report::sentence;
use crate::report::words::{Word as _, action, statement_title};

/// Writes every finding, open and accepted, then the cleared ones.
pub(super) fn write(book: &mut Workbook, view: &View<'_>, cells: &Cells) -> Result<(), XlsxError> {
    let (model, captions) = (view.model, view.captions);
    sheet(book.add_worksheet(), view, cells, captions.findings_sheet, &model.findings)?;
    if !model.cleared.is_empty() {
        sheet(book.add_worksheet(), view, cells, captions.cleared, &model.cleared)?;
    }
    Ok(())
}

fn sheet(
    sheet: &mut Worksheet,
    view: &View<'_>,
    cells: &Cells,
    name: &str,
    findings: &[Standing],
) -> Result<(), XlsxError> {
    let captions = view.captions;
    let columns = [
        (captions.kind, 28),
        (captions.severity, 15),
        (captions.state, 11),
        (captions.company, 24),
        (captions.subject_matter, 18),
        (captions.number, 16),
        (captions.issue_date, 12),
        (captions.counterparty_tax_id, 18),
        (captions.counterparty_name, 28),
        (captions.documents, 16),
        (captions.books, 16),
        (captions.difference, 14),
        (captions.at_risk, 14),
        (captions.currency, 8),
        (captions.first_seen, 12),
        (captions.age_days, 8),
        (captions.age, 14),
        (captions.explanation, 80),
        (captions.what_to_do, 60),
        (captions.file, 26),
        (captions.row, 8),
        (captions.source_id, 28),
        (captions.fingerprint, 34),
    ];
    sheet.set_name(name)?;
    let last = cells.heading(sheet, 0, &columns)? - 1;
    let mut line = 0;
    for standing in findings {
        line += 1;
        write_row(sheet, view, cells, line, standing)?;
    }
    finish(sheet, line, last)
}

fn write_row(
    sheet: &mut Worksheet,
    view: &View<'_>,
    cells: &Cells,
    line: u32,
    standing: &Standing,
) -> Result<(), XlsxError> {
    let (language, finding) = (view.language, &standing.finding);
    let facts = Facts::of(&finding.evidence);
    let about = statement_title(finding.document_kind, finding.direction, language);
    cells.text(sheet, line, 0, finding.kind.word(language))?;
    cells.text(sheet, line, 1, finding.severity().word(language))?;
    cells.text(sheet, line, 2, standing.state.word(language))?;
    cells.text(sheet, line, 3, digest::company_name(view.model, &finding.company))?;
    cells.text(sheet, line, 4, about)?;
    if let Some(record) = facts.record {
        cells.optional(sheet, line, 5, record.number.as_deref())?;
        if let Some(day) = record.issue_date {
            cells.date(sheet, line, 6, day)?;
        }
        cells.optional(sheet, line, 7, record.counterparty_tax_id.as_deref())?;
        cells.optional(sheet, line, 8, record.counterparty_name.as_deref())?;
    }
    values(sheet, view, cells, line, standing)?;
    cells.money(sheet, line, 12, finding.at_risk_cents, finding.currency)?;
    cells.text(sheet, line, 13, finding.currency.as_str())?;
    cells.date(sheet, line, 14, standing.first_seen_on)?;
    cells.number(sheet, line, 15, u64::try_from(standing.age_days).unwrap_or(0))?;
    cells.text(sheet, line, 16, age_words(digest::age_bucket(standing.age_days), language))?;
    cells.text(sheet, line, 17, &sentence::finding(finding, language))?;
    cells.text(sheet, line, 18, action(finding.kind, language))?;
    let entry = facts.entry;
    cells.optional(sheet, line, 19, entry.and_then(|one| one.file.as_deref()).or(facts.file))?;
    if let Some(row) = entry.and_then(|one| one.row) {
        cells.number(sheet, line, 20, row)?;
    }
    cells.optional(sheet, line, 21, facts.document.map(|one| one.id.as_str()))?;
    cells.text(sheet, line, 22, standing.fingerprint.as_str())
}

/// Writes both values as numbers where they are amounts, else as text.
fn values(
    sheet: &mut Worksheet,
    view: &View<'_>,
    cells: &Cells,
    line: u32,
    standing: &Standing,
) -> Result<(), XlsxError> {
    let finding = &standing.finding;
    let facts = Facts::of(&finding.evidence);
    let shown = Values::of(view, standing, &facts);
    let sides = [(9, facts.left_cents, shown.left), (10, facts.right_cents, shown.right)];
    for (column, cents, text) in sides {
        match cents {
            Some(cents) => cells.money(sheet, line, column, cents, finding.currency)?,
            None if text.is_empty() => {}
            None => cells.text(sheet, line, column, &text)?,
        }
    }
    match facts.difference_cents {
        Some(cents) => cells.money(sheet, line, 11, cents, finding.currency),
        None => Ok(()),
    }
}
