//! One statement in one currency, adding itself up from the class sheets.
//!
//! Each amount is a `SUMIFS` over the sheets of its class, each total a `SUM`; under them
//! stand the totals as the sources gave them, and the residual between the two. `ROUND`
//! takes away what floats add in the fifteenth digit.

use std::collections::BTreeMap;

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::cells::Cells;
use super::classes::{AMOUNT_COLUMN, CURRENCY_COLUMN, SIDE_COLUMN, STATEMENT_COLUMN, Sheet};
use crate::findings::Side;
use crate::fiscal::Currency;
use crate::reconcile::statement::{Bridge, Class, Statement};
use crate::report::html::View;
use crate::report::words::{Word as _, statement_title};

/// Counts and sums the rows of one statement, class, side and currency.
pub(super) type Sums = BTreeMap<(u64, Class, Side, Currency), (i64, i64)>;

/// Counts and sums the rows as the formulas do.
pub(super) fn sums(sheets: &[Sheet<'_>]) -> Sums {
    let mut sums = Sums::new();
    for sheet in sheets {
        for (number, _, row) in &sheet.rows {
            let sum = sums.entry((*number, sheet.class, row.side, row.currency)).or_default();
            sum.0 += 1;
            sum.1 += row.amount_cents.unwrap_or(0);
        }
    }
    sums
}

/// One statement in one currency, as a block of rows.
pub(super) struct Block<'a> {
    pub(super) number: u64,
    pub(super) statement: &'a Statement,
    pub(super) currency: Currency,
    pub(super) bridge: &'a Bridge,
    pub(super) sheets: &'a [Sheet<'a>],
    pub(super) sums: &'a Sums,
}

/// The columns of a block: rows and amount of the left side, then of the right.
const COLUMNS: [(Side, u16, u16); 2] = [(Side::Left, 2, 3), (Side::Right, 4, 5)];

impl Block<'_> {
    /// Writes the block from a line on and returns the line after it.
    pub(super) fn write(
        &self,
        sheet: &mut Worksheet,
        view: &View<'_>,
        cells: &Cells,
        from: u32,
    ) -> Result<u32, XlsxError> {
        let captions = view.captions;
        let about = format!(
            "{}. {} – {}, {}: {}",
            self.number,
            self.statement.company_name,
            statement_title(self.statement.document_kind, self.statement.direction, view.language),
            self.statement.basis.word(view.language),
            self.statement.verdict.word(view.language)
        );
        Cells::styled(sheet, from, 0, &about, &cells.bold)?;
        let columns = [
            (captions.class, 28),
            (captions.currency, 9),
            (captions.documents_rows, 16),
            (captions.documents_amount, 18),
            (captions.books_rows, 16),
            (captions.books_amount, 18),
            (captions.books_less_documents, 20),
        ];
        cells.heading(sheet, from + 1, &columns)?;
        let mut line = from + 1;
        let (mut rows, mut cents) = ([0; 2], [0; 2]);
        for class in self.classes() {
            line += 1;
            cells.text(sheet, line, 0, class.word(view.language))?;
            cells.text(sheet, line, 1, self.currency.as_str())?;
            let mut of_class = [0; 2];
            for (index, (side, rows_column, money_column)) in COLUMNS.into_iter().enumerate() {
                let key = (self.number, class, side, self.currency);
                let (count, sum) = self.sums.get(&key).copied().unwrap_or((0, 0));
                let side_word = side.word(view.language);
                cells.number_formula(
                    sheet,
                    (line, rows_column),
                    &self.count_formula(class, side_word),
                    count,
                    false,
                )?;
                cells.money_formula(
                    sheet,
                    (line, money_column),
                    &self.sum_formula(class, side_word),
                    sum,
                    self.currency,
                    false,
                )?;
                rows[index] += count;
                cents[index] += sum;
                of_class[index] = sum;
            }
            let difference = format!("=ROUND(F{0}-D{0},2)", line + 1);
            cells.money_formula(
                sheet,
                (line, 6),
                &difference,
                of_class[1] - of_class[0],
                self.currency,
                false,
            )?;
        }
        self.totals(sheet, view, cells, (from + 3, line + 1), (rows, cents))
    }

    /// Writes the sums of the classes, the sources' totals and the residuals.
    fn totals(
        &self,
        sheet: &mut Worksheet,
        view: &View<'_>,
        cells: &Cells,
        (first, last): (u32, u32),
        (rows, cents): ([i64; 2], [i64; 2]),
    ) -> Result<u32, XlsxError> {
        let captions = view.captions;
        // Rows of `sheet` count from 0, those inside a formula from 1.
        let (total, source, residual) = (last, last + 1, last + 2);
        let names = [captions.total, captions.source_total, captions.residual];
        for (line, name) in (total..).zip(names) {
            Cells::styled(sheet, line, 0, name, &cells.bold)?;
            cells.text(sheet, line, 1, self.currency.as_str())?;
        }
        let sum = |column: &str| format!("=ROUND(SUM({column}{first}:{column}{last}),2)");
        let less = |column: &str| format!("=ROUND({column}{}-{column}{},2)", total + 1, source + 1);
        let sides = [
            (self.statement.left.rows, &self.bridge.left),
            (self.statement.right.rows, &self.bridge.right),
        ];
        // Rows are counted over all currencies: with several, no total of one is known.
        let knows_rows = self.statement.currencies.len() == 1;
        for (index, (letters, (side_rows, money))) in
            [("C", "D"), ("E", "F")].into_iter().zip(sides).enumerate()
        {
            let (_, rows_column, money_column) = COLUMNS[index];
            cells.number_formula(
                sheet,
                (total, rows_column),
                &sum(letters.0),
                rows[index],
                true,
            )?;
            cells.money_formula(
                sheet,
                (total, money_column),
                &sum(letters.1),
                cents[index],
                self.currency,
                true,
            )?;
            if knows_rows {
                cells.number(sheet, source, rows_column, side_rows)?;
                let missing = rows[index] - i64::try_from(side_rows).unwrap_or(i64::MAX);
                cells.number_formula(
                    sheet,
                    (residual, rows_column),
                    &less(letters.0),
                    missing,
                    false,
                )?;
            }
            cells.money(sheet, source, money_column, money.amount_cents, self.currency)?;
            let missing = cents[index] - money.amount_cents;
            cells.money_formula(
                sheet,
                (residual, money_column),
                &less(letters.1),
                missing,
                self.currency,
                false,
            )?;
        }
        self.bridge(sheet, cells, (first, last), cents)?;
        Ok(residual + 1)
    }

    /// Writes the last column: what leads from the documents' total to the books'.
    fn bridge(
        &self,
        sheet: &mut Worksheet,
        cells: &Cells,
        (first, last): (u32, u32),
        cents: [i64; 2],
    ) -> Result<(), XlsxError> {
        let (left, right) = (self.bridge.left.amount_cents, self.bridge.right.amount_cents);
        let (total, source) = (last + 1, last + 2);
        let explained = cents[1] - cents[0];
        let formulas = [
            (format!("=ROUND(SUM(G{first}:G{last}),2)"), explained, true),
            (format!("=ROUND(F{source}-D{source},2)"), right - left, false),
            (format!("=ROUND(D{source}+G{total}-F{source},2)"), left + explained - right, true),
        ];
        for (line, (formula, result, is_total)) in (last..).zip(formulas) {
            cells.money_formula(sheet, (line, 6), &formula, result, self.currency, is_total)?;
        }
        Ok(())
    }

    /// Returns the classes that this statement's rows are in.
    fn classes(&self) -> Vec<Class> {
        let has = |class: &Class| {
            COLUMNS.iter().any(|(side, _, _)| {
                self.sums.contains_key(&(self.number, *class, *side, self.currency))
            })
        };
        Class::ALL.iter().copied().filter(has).collect()
    }

    /// Returns the formula that sums a class's amounts of one side.
    fn sum_formula(&self, class: Class, side: &str) -> String {
        let parts = self.parts(class, |range| {
            format!("SUMIFS({},{})", range(AMOUNT_COLUMN), self.criteria(side, range))
        });
        format!("=ROUND({parts},2)")
    }

    /// Returns the formula that counts a class's rows of one side.
    fn count_formula(&self, class: Class, side: &str) -> String {
        let parts = self.parts(class, |range| format!("COUNTIFS({})", self.criteria(side, range)));
        format!("={parts}")
    }

    fn criteria(&self, side: &str, range: &dyn Fn(&str) -> String) -> String {
        format!(
            "{},{},{},\"{side}\",{},\"{}\"",
            range(STATEMENT_COLUMN),
            self.number,
            range(SIDE_COLUMN),
            range(CURRENCY_COLUMN),
            self.currency
        )
    }

    /// Joins one term a sheet of the class with plus signs.
    fn parts(&self, class: Class, term: impl Fn(&dyn Fn(&str) -> String) -> String) -> String {
        let sheets = self.sheets.iter().filter(|sheet| sheet.class == class);
        let terms = sheets.map(|sheet| {
            let last = sheet.rows.len() + 1;
            term(&|column: &str| format!("'{}'!${column}$2:${column}${last}", sheet.name))
        });
        terms.collect::<Vec<_>>().join("+")
    }
}
