//! How one cell is written: text that stays text, exact amounts, real dates.

use std::borrow::Cow;

use chrono::{Datelike as _, NaiveDate};
use rust_xlsxwriter::{
    Color, ExcelDateTime, Format, FormatAlign, FormatBorder, Formula, Worksheet, XlsxError,
};

use crate::fiscal::{Currency, Language, cents_to_decimal};
use crate::reconcile::statement::Verdict;
use crate::report::csv::looks_like_formula;

/// The data rows that a sheet holds under its heading.
pub(super) const SHEET_ROWS_MAX: usize = 1_048_575;

/// The longest text that a cell takes, in characters.
const TEXT_CHARACTERS_MAX: usize = 32_767;

/// The largest amount that a spreadsheet's number, of 15 digits, holds to the cent.
const CENTS_MAX: u64 = 999_999_999_999_999;

/// Holds the cell formats of a workbook in one language.
pub(super) struct Cells {
    language: Language,
    pub(super) title: Format,
    pub(super) heading: Format,
    pub(super) bold: Format,
    quoted: Format,
    euro: Format,
    pub(super) wrapped: Format,
    number: Format,
    date: Format,
}

impl Cells {
    pub(super) fn new(language: Language) -> Self {
        let base = || Format::new().set_align(FormatAlign::Top);
        let date = match language {
            Language::It => "dd/mm/yyyy",
            Language::En => "d mmm yyyy",
        };
        Self {
            language,
            title: Format::new().set_bold().set_font_size(16),
            heading: base()
                .set_bold()
                .set_text_wrap()
                .set_background_color(Color::RGB(0x00E8_ECF1))
                .set_border_bottom(FormatBorder::Medium),
            bold: base().set_bold(),
            quoted: Format::new().set_quote_prefix(),
            euro: money_format(Currency::EUR, language),
            wrapped: base().set_text_wrap(),
            number: Format::new().set_num_format("#,##0"),
            date: Format::new().set_num_format(date).set_align(FormatAlign::Left),
        }
    }

    /// Returns the format of a verdict: its words in its colour.
    pub(super) fn verdict(&self, verdict: Verdict) -> Format {
        let colour = match verdict {
            Verdict::Incomplete | Verdict::Breaks => 0x00A1_1D21,
            Verdict::Pending => 0x007A_4B00,
            Verdict::Reconciled => 0x0013_652F,
        };
        self.title.clone().set_font_color(Color::RGB(colour))
    }

    /// Writes a heading row and returns the number of its columns.
    pub(super) fn heading(
        &self,
        sheet: &mut Worksheet,
        row: u32,
        columns: &[(&str, u16)],
    ) -> Result<u16, XlsxError> {
        let mut column = 0;
        for (name, width) in columns {
            sheet.write_string_with_format(row, column, *name, &self.heading)?;
            sheet.set_column_width(column, *width)?;
            column += 1;
        }
        // Two lines: not every program makes room for a heading that wraps.
        sheet.set_row_height(row, 32)?;
        Ok(column)
    }

    /// Writes a text; it never becomes a formula, not even when someone edits the cell.
    ///
    /// A text too long for a cell is cut and ends with `…`.
    pub(super) fn text(
        &self,
        sheet: &mut Worksheet,
        row: u32,
        column: u16,
        text: &str,
    ) -> Result<(), XlsxError> {
        let fitting = fitting(text);
        // Most cells are plain text: one without a format costs a fraction of one with.
        if looks_like_formula(&fitting) {
            sheet.write_string_with_format(row, column, fitting.as_ref(), &self.quoted)?;
        } else {
            sheet.write_string(row, column, fitting.as_ref())?;
        }
        Ok(())
    }

    /// Writes a text in a given format.
    pub(super) fn styled(
        sheet: &mut Worksheet,
        row: u32,
        column: u16,
        text: &str,
        format: &Format,
    ) -> Result<(), XlsxError> {
        let fitting = fitting(text);
        if looks_like_formula(&fitting) {
            let quoted = format.clone().set_quote_prefix();
            sheet.write_string_with_format(row, column, fitting.as_ref(), &quoted)?;
        } else {
            sheet.write_string_with_format(row, column, fitting.as_ref(), format)?;
        }
        Ok(())
    }

    /// Writes a text where there is one.
    pub(super) fn optional(
        &self,
        sheet: &mut Worksheet,
        row: u32,
        column: u16,
        text: Option<&str>,
    ) -> Result<(), XlsxError> {
        text.map_or(Ok(()), |text| self.text(sheet, row, column, text))
    }

    /// Writes a whole number.
    pub(super) fn number(
        &self,
        sheet: &mut Worksheet,
        row: u32,
        column: u16,
        number: u64,
    ) -> Result<(), XlsxError> {
        sheet.write_number_with_format(row, column, float(&number.to_string()), &self.number)?;
        Ok(())
    }

    /// Writes cents as an amount of their currency.
    ///
    /// Past 15 digits a spreadsheet would change the cents, so there they stay text.
    pub(super) fn money(
        &self,
        sheet: &mut Worksheet,
        row: u32,
        column: u16,
        cents: i64,
        currency: Currency,
    ) -> Result<(), XlsxError> {
        let text = cents_to_decimal(cents);
        if cents.unsigned_abs() > CENTS_MAX {
            sheet.write_string(row, column, text)?;
        } else if currency == Currency::EUR {
            sheet.write_number_with_format(row, column, float(&text), &self.euro)?;
        } else {
            let format = money_format(currency, self.language);
            sheet.write_number_with_format(row, column, float(&text), &format)?;
        }
        Ok(())
    }

    /// Writes a date as a date; one before 1900, unknown to spreadsheets, as text.
    pub(super) fn date(
        &self,
        sheet: &mut Worksheet,
        row: u32,
        column: u16,
        day: NaiveDate,
    ) -> Result<(), XlsxError> {
        let parts = (u16::try_from(day.year()), u8::try_from(day.month()), u8::try_from(day.day()));
        let known = match parts {
            (Ok(year @ 1900..=9999), Ok(month), Ok(day)) => {
                ExcelDateTime::from_ymd(year, month, day).ok()
            }
            _ => None,
        };
        match known {
            Some(date) => sheet.write_datetime_with_format(row, column, &date, &self.date)?,
            None => sheet.write_string_with_format(row, column, day.to_string(), &self.date)?,
        };
        Ok(())
    }

    /// Writes a formula for an amount, with the result that it has now.
    pub(super) fn money_formula(
        &self,
        sheet: &mut Worksheet,
        (row, column): (u32, u16),
        formula: &str,
        cents: i64,
        currency: Currency,
        is_total: bool,
    ) -> Result<(), XlsxError> {
        let format = money_format(currency, self.language);
        let formula = Formula::new(formula).set_result(cents_to_decimal(cents));
        sheet.write_formula_with_format(row, column, formula, &weight(format, is_total))?;
        Ok(())
    }

    /// Writes a formula for a number of rows, with the result that it has now.
    pub(super) fn number_formula(
        &self,
        sheet: &mut Worksheet,
        (row, column): (u32, u16),
        formula: &str,
        result: i64,
        is_total: bool,
    ) -> Result<(), XlsxError> {
        let formula = Formula::new(formula).set_result(result.to_string());
        sheet.write_formula_with_format(
            row,
            column,
            formula,
            &weight(self.number.clone(), is_total),
        )?;
        Ok(())
    }
}

/// Returns the number format of a currency in the workbook's language.
fn money_format(currency: Currency, language: Language) -> Format {
    let code = match (currency == Currency::EUR, language) {
        (true, Language::It) => "[$€-410] #,##0.00;[Red]-[$€-410] #,##0.00".to_owned(),
        (true, Language::En) => "[$€-809]#,##0.00;[Red]-[$€-809]#,##0.00".to_owned(),
        (false, _) => format!("\"{currency}\" #,##0.00;[Red]-\"{currency}\" #,##0.00"),
    };
    Format::new().set_num_format(code)
}

/// Cuts a text that is too long for a cell.
fn fitting(text: &str) -> Cow<'_, str> {
    // Bytes are at least as many as characters: most texts need no counting.
    if text.len() <= TEXT_CHARACTERS_MAX || text.chars().count() <= TEXT_CHARACTERS_MAX {
        return Cow::Borrowed(text);
    }
    let mut cut: String = text.chars().take(TEXT_CHARACTERS_MAX - 1).collect();
    cut.push('…');
    Cow::Owned(cut)
}

fn weight(format: Format, is_total: bool) -> Format {
    if is_total { format.set_bold().set_border_top(FormatBorder::Thin) } else { format }
}

/// Returns the number that a cell holds for exact decimal text.
///
/// This is the one place where an amount becomes a float: a workbook knows nothing else.
/// Parsing gives the nearest float, which shows the same cents up to 15 digits.
fn float(decimal: &str) -> f64 {
    decimal.parse().expect("a decimal text of ours is always a number")
}
