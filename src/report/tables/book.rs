//! `report.xlsx`: a workbook of statement, findings and pairs; every cell stays what it is.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use crate::fiscal::cents_to_decimal;
use crate::reconcile::statement::Class;
use crate::reconcile::tables::Comparison;
use crate::report::tables::finding::{COLUMNS, each};
use crate::report::tables::matches::reason;
use crate::report::tables::sentence::{self, pick};
use crate::report::tables::{SHOWN_MATCHES, Setting};

/// The data rows that a sheet holds under its heading.
const SHEET_ROWS_MAX: u32 = 1_048_575;

/// The longest text that a cell takes, in characters.
const TEXT_MAX: usize = 32_767;

/// Builds the workbook of a comparison and returns its bytes.
///
/// # Errors
/// What the workbook's writer says.
pub fn book(comparison: &Comparison, setting: &Setting<'_>) -> Result<Vec<u8>, XlsxError> {
    let language = setting.language;
    let mut book = Workbook::new();
    // A file's creation time would make equal comparisons differ in their bytes.
    let epoch = ExcelDateTime::from_ymd(2000, 1, 1)?;
    book.set_properties(
        &DocProperties::new()
            .set_title(format!("{} - {}", setting.left, setting.right))
            .set_author("Quadra")
            .set_creation_datetime(&epoch),
    );
    let heading = Format::new().set_bold();
    let sheet = book.add_worksheet().set_name(pick(language, "Quadratura", "Statement"))?;
    statement(sheet, comparison, setting, &heading)?;
    findings(&mut book, comparison, setting, &heading)?;
    let sheet = book.add_worksheet().set_name(pick(language, "Coppie", "Pairs"))?;
    title(sheet, &["left_row", "right_row", "class", "pass", "reason"], &heading)?;
    for (row, pair) in (1u32..).zip(comparison.pairs().take(SHOWN_MATCHES)) {
        let texts = [
            pair.left_row.to_string(),
            pair.right_row.to_string(),
            pair.class.to_string(),
            pair.pass.to_owned(),
            reason(comparison, &pair, setting),
        ];
        write(sheet, row, &texts)?;
    }
    let more = comparison.pair_count().saturating_sub(SHOWN_MATCHES);
    if more > 0 {
        let rest = pick(language, "altre coppie in matches.csv", "more pairs in matches.csv");
        write(sheet, u32::try_from(SHOWN_MATCHES + 1).unwrap_or(1), &[format!("{more} {rest}")])?;
    }
    book.save_to_buffer()
}

fn statement(
    sheet: &mut Worksheet,
    comparison: &Comparison,
    setting: &Setting<'_>,
    heading: &Format,
) -> Result<(), XlsxError> {
    let (found, language) = (comparison.statement(), setting.language);
    sheet.write_string_with_format(0, 0, sentence::verdict(found.verdict, language), heading)?;
    let captions = [pick(language, "Classe", "Class"), setting.left, setting.right];
    for (column, caption) in (0u16..).zip(captions) {
        sheet.write_string_with_format(2, column, caption, heading)?;
    }
    sheet.set_column_width(0, 34)?.set_column_width(1, 20)?.set_column_width(2, 20)?;
    let mut row = 3;
    for class in Class::ALL {
        let counts =
            [&found.left, &found.right].map(|side| side.classes.get(class).map_or(0, |c| c.rows));
        if counts != [0, 0] {
            let [left, right] = counts.map(|count| count.to_string());
            write(sheet, row, &[sentence::class(*class, language).to_owned(), left, right])?;
            row += 1;
        }
    }
    for (currency, bridge) in &found.currencies {
        row += 1;
        sheet.write_string_with_format(row, 0, currency, heading)?;
        row += 1;
        for class in Class::ALL {
            let sums = [&bridge.left, &bridge.right].map(|side| side.classes.get(class).copied());
            if sums != [None, None] {
                let [left, right] = sums.map(|cents| cents_to_decimal(cents.unwrap_or(0)));
                write(sheet, row, &[sentence::class(*class, language).to_owned(), left, right])?;
                row += 1;
            }
        }
        let total = pick(language, "Totale", "Total").to_owned();
        let [left, right] =
            [&bridge.left, &bridge.right].map(|side| cents_to_decimal(side.amount_cents));
        write(sheet, row, &[total, left, right])?;
        let residual = pick(language, "Residuo", "Residual").to_owned();
        write(sheet, row + 1, &[residual, cents_to_decimal(bridge.residual_cents)])?;
        row += 2;
    }
    Ok(())
}

/// Lists every finding; what a sheet does not hold goes on in the next.
fn findings(
    book: &mut Workbook,
    comparison: &Comparison,
    setting: &Setting<'_>,
    heading: &Format,
) -> Result<(), XlsxError> {
    let mut all = Vec::new();
    each(comparison, setting.language, |line| {
        all.push(line.values());
        Ok(())
    })?;
    let name = pick(setting.language, "Da guardare", "Findings");
    let mut chunks = all.chunks(SHEET_ROWS_MAX as usize);
    let mut number = 1;
    loop {
        let chunk = chunks.next().unwrap_or_default();
        let name = if number == 1 { name.to_owned() } else { format!("{name} {number}") };
        let sheet = book.add_worksheet().set_name(name)?;
        title(sheet, &COLUMNS, heading)?;
        for (row, values) in (1u32..).zip(chunk) {
            write(sheet, row, values)?;
        }
        number += 1;
        if chunks.len() == 0 {
            return Ok(());
        }
    }
}

fn title(sheet: &mut Worksheet, columns: &[&str], heading: &Format) -> Result<(), XlsxError> {
    for (column, name) in (0u16..).zip(columns) {
        sheet.write_string_with_format(0, column, *name, heading)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

/// Writes texts as texts, so that none runs and no zero is lost.
fn write(sheet: &mut Worksheet, row: u32, texts: &[String]) -> Result<(), XlsxError> {
    for (column, text) in (0u16..).zip(texts) {
        let text: String = text.chars().take(TEXT_MAX).collect();
        sheet.write_string(row, column, text)?;
    }
    Ok(())
}
