//! The first sheet: verdict, what changed, and statements that add themselves up.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::cells::Cells;
use super::classes::Sheet;
use super::tie_out::{Block, sums};
use crate::findings::Tally;
use crate::report::html::View;
use crate::report::words::Word as _;
use crate::report::{digest, format, sentence};

/// Writes the summary sheet.
pub(super) fn write(
    sheet: &mut Worksheet,
    view: &View<'_>,
    cells: &Cells,
    sheets: &[Sheet<'_>],
) -> Result<(), XlsxError> {
    sheet.set_name(view.captions.summary_sheet)?;
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    let mut line = head(sheet, view, cells)?;
    line = changes(sheet, view, cells, line + 1)?;
    line += 1;
    Cells::styled(sheet, line, 0, view.captions.statements, &cells.title)?;
    cells.text(sheet, line + 1, 0, view.captions.legend_sums)?;
    line += 2;
    let sums = sums(sheets);
    for (number, one) in (1u64..).zip(&view.model.statements) {
        for (currency, bridge) in &one.statement.currencies {
            let block = Block {
                number,
                statement: &one.statement,
                currency: *currency,
                bridge,
                sheets,
                sums: &sums,
            };
            line = block.write(sheet, view, cells, line + 1)?;
            if let Some(settled) = one.statement.settled.get(currency) {
                let said = sentence::settled_sums(settled, *currency, view.language);
                cells.text(sheet, line, 0, &said)?;
                line += 1;
            }
        }
    }
    Ok(())
}

/// Writes verdict, reason and the numbers that matter most.
fn head(sheet: &mut Worksheet, view: &View<'_>, cells: &Cells) -> Result<u32, XlsxError> {
    let (model, captions) = (view.model, view.captions);
    let title = format!("{} – {}", captions.reconciliation, view.period());
    Cells::styled(sheet, 0, 0, &title, &cells.title)?;
    let verdict = cells.verdict(model.verdict);
    Cells::styled(sheet, 1, 0, model.verdict.word(view.language), &verdict)?;
    cells.text(sheet, 2, 0, &sentence::verdict_reason(model, &view.digest, view.language))?;
    let names: Vec<_> =
        model.companies.iter().map(|one| digest::company_name(model, &one.tax_id)).collect();
    let made = format!(
        "{} · {} {} · {}",
        format::instant(model.started_at, view.language),
        captions.run,
        model.run_id,
        model.job
    );
    cells.text(sheet, 3, 0, captions.companies)?;
    cells.text(sheet, 3, 2, &names.join(", "))?;
    cells.text(sheet, 4, 0, captions.made_at)?;
    cells.text(sheet, 4, 2, &made)?;
    let counts = [
        (captions.not_looked_at, view.digest.unlooked.len()),
        (captions.differences, view.digest.differences.len()),
        (captions.notices, view.digest.notices.len()),
        (captions.accepted, view.digest.accepted.len()),
    ];
    let mut line = 5;
    for (name, number) in counts {
        cells.text(sheet, line, 0, name)?;
        cells.number(sheet, line, 2, number as u64)?;
        line += 1;
    }
    for (currency, cents) in &view.digest.at_risk {
        Cells::styled(sheet, line, 0, captions.at_risk, &cells.bold)?;
        cells.money(sheet, line, 2, *cents, *currency)?;
        line += 1;
    }
    cells.text(sheet, line, 0, captions.materiality)?;
    cells.money(sheet, line, 2, model.materiality.amount_cents, model.currency)?;
    if !model.materiality.is_amount_only() {
        let said = sentence::materiality(model, view.language);
        cells.text(sheet, line, 3, &said)?;
    }
    Ok(line + 1)
}

/// Writes opening + new − cleared = closing, with its check as a formula.
fn changes(
    sheet: &mut Worksheet,
    view: &View<'_>,
    cells: &Cells,
    from: u32,
) -> Result<u32, XlsxError> {
    let (captions, roll, currency) = (view.captions, &view.model.roll_forward, view.model.currency);
    for (column, name) in
        (0u16..).zip([captions.since_last_run, "", captions.number, captions.at_risk])
    {
        Cells::styled(sheet, from, column, name, &cells.heading)?;
    }
    let mut line = from;
    let tallies = [
        (captions.opening, roll.opening),
        (captions.new, roll.new),
        (captions.cleared, roll.cleared),
        (captions.closing, roll.closing),
    ];
    for (name, Tally { rows, at_risk_cents }) in tallies {
        line += 1;
        cells.text(sheet, line, 0, name)?;
        cells.number(sheet, line, 2, rows)?;
        cells.money(sheet, line, 3, at_risk_cents, currency)?;
    }
    line += 1;
    cells.text(sheet, line, 0, captions.check)?;
    cells.text(sheet, line, 4, captions.ties_out)?;
    let signed = |rows: u64| i64::try_from(rows).unwrap_or(i64::MAX);
    let rows = signed(roll.opening.rows) + signed(roll.new.rows)
        - signed(roll.cleared.rows)
        - signed(roll.closing.rows);
    let cents = roll.opening.at_risk_cents + roll.new.at_risk_cents
        - roll.cleared.at_risk_cents
        - roll.closing.at_risk_cents;
    let check = |column: &str| {
        let cell = |offset: u32| format!("{column}{}", from + 2 + offset);
        format!("=ROUND({}+{}-{}-{},2)", cell(0), cell(1), cell(2), cell(3))
    };
    cells.number_formula(sheet, (line, 2), &check("C"), rows, true)?;
    cells.money_formula(sheet, (line, 3), &check("D"), cents, currency, true)?;
    Ok(line + 1)
}
