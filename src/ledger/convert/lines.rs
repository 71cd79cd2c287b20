//! Several rows that are one document.
//!
//! A register prints a row for each VAT rate of an invoice: adjacent rows that agree in
//! what names the document add up to one entry, and the rows after the first are
//! continuations. What a row leaves blank it takes from the row above. Whether the total
//! on such rows is the row's or the document's is worked out, not guessed: it is the
//! document's when every row says the same and the rows add up to it.

use crate::fiscal::LedgerEntry;
use crate::ledger::SkipReason;
use crate::ledger::convert::row::Reject;
use crate::ledger::convert::{Amounts, Reading};
use crate::ledger::layout::Field;
use crate::ledger::table::Row;

/// How many rows one document may have; a register has one for each VAT rate.
const LINES_MAX: usize = 30;

/// Holds a document whose further rows may still come.
pub(super) struct Open {
    pub entry: LedgerEntry,
    /// The line of its first row.
    pub line: u64,
    /// What names it, a text for each field that the layout compares.
    key: Vec<Option<String>>,
    /// The rate of each row as written, and its amounts.
    rates: Vec<Option<String>>,
    lines: Vec<Amounts>,
}

impl Open {
    pub(super) fn new(entry: LedgerEntry, line: u64, amounts: Amounts) -> Self {
        Self { entry, line, key: Vec::new(), rates: Vec::new(), lines: vec![amounts] }
    }

    /// Returns the document with the sum of its rows, each amount with its type's sign.
    pub(super) fn close(mut self) -> LedgerEntry {
        let sum = |amount: fn(&Amounts) -> Option<i64>| {
            self.lines.iter().filter_map(amount).try_fold(None, |sum: Option<i64>, cents| {
                Some(Some(sum.unwrap_or(0).checked_add(cents)?))
            })
        };
        let taxable = sum(|line| line.taxable).flatten();
        let vat = sum(|line| line.vat).flatten();
        let gross = match &self.lines[..] {
            [only] => only.gross,
            [first, rest @ ..] => {
                let is_repeated = rest.iter().all(|line| line.gross == first.gross);
                let is_on_first_only = rest.iter().all(|line| line.gross.is_none());
                let parts = taxable.zip(vat).and_then(|(taxable, vat)| taxable.checked_add(vat));
                let is_of_each_row = self.lines.iter().all(|line| {
                    line.gross == line.taxable.zip(line.vat).and_then(|(a, b)| a.checked_add(b))
                });
                if is_on_first_only || (is_repeated && (first.gross == parts || !is_of_each_row)) {
                    first.gross
                } else {
                    sum(|line| line.gross).flatten()
                }
            }
            [] => None,
        };
        if self.lines.len() > 1 {
            self.entry.vat_rate = None;
        }
        Amounts { taxable, vat, gross }.signed_into(self.entry)
    }
}

impl Reading<'_> {
    /// Returns what names the row's document.
    fn key(&self, row: &Row) -> Vec<Option<String>> {
        self.layout.per_rate.iter().map(|field| self.text(row, *field)).collect()
    }

    /// Remembers what names the document of a row, so that its further rows are known.
    pub(super) fn remember_key(&mut self, row: &Row) {
        let key = self.key(row);
        let rate = self.text(row, Field::VatRate);
        if let Some(open) = &mut self.open {
            open.key = key;
            open.rates.push(rate);
        }
    }

    /// Adds the row to the document above when it is a further line of it.
    pub(super) fn add_line(&mut self, row: &Row) -> Option<Result<SkipReason, Reject>> {
        let rate = self.columns.index(Field::VatRate)?;
        let open = self.open.as_ref().filter(|open| open.lines.len() < LINES_MAX)?;
        // A document without a name of its own is never continued.
        let has_name = open.key.iter().flatten().count() >= 2;
        if !self.has_lines || !has_name || row.is_blank(rate) {
            return None;
        }
        let key = self.key(row);
        let is_same =
            |(own, known): (&Option<String>, &Option<String>)| own.is_none() || own == known;
        let has_number = self.cell(row, Field::Number).is_some_and(|(_, cell)| !cell.is_empty());
        let is_bare = key.iter().all(Option::is_none);
        if !(has_number || is_bare) || !key.iter().zip(&open.key).all(is_same) {
            return None;
        }
        let amounts = match self.line_amounts(row) {
            Ok(amounts) => amounts,
            Err(reject) => return Some(Err(reject)),
        };
        let rate = self.text(row, Field::VatRate);
        let open = self.open.as_mut()?;
        let mut known = open.rates.iter().zip(&open.lines);
        // The very same line again is the document booked twice, not one line more.
        if !is_bare && known.any(|line| line == (&rate, &amounts)) {
            return None;
        }
        open.rates.push(rate);
        open.lines.push(amounts);
        Some(Ok(SkipReason::Continuation))
    }

    fn line_amounts(&mut self, row: &Row) -> Result<Amounts, Reject> {
        self.check_shape(row)?;
        self.vat_rate(row)?;
        self.amounts(row)
    }
}

#[cfg(test)]
mod tests {
    use crate::ledger::{LedgerFile, SkipReason, Upload, read};

    const HEAD: &str =
        "Prot.;Data doc.;Numero doc.;Fornitore;Aliquota;Imponibile;Imposta;Totale documento\n";

    fn register(rows: &str) -> LedgerFile {
        let file = read(&Upload::new("x.csv", format!("{HEAD}{rows}").as_bytes())).unwrap();
        assert_eq!(file.rejected, []);
        file
    }

    fn amounts(file: &LedgerFile) -> Vec<[Option<i64>; 3]> {
        file.entries
            .iter()
            .map(|entry| [entry.taxable_cents, entry.vat_cents, entry.gross_cents])
            .collect()
    }

    #[test]
    fn rows_of_one_document_add_up() {
        let document = [[Some(15_000), Some(2700), Some(17_700)]];
        for rows in [
            // Each row's own total, the document's on each, on the first only; keys left blank.
            "1;13/02/2026;7;Alfa;22;100,00;22,00;122,00\n1;13/02/2026;7;Alfa;10;50,00;5,00;55,00\n",
            "1;13/02/2026;7;Alfa;22;100,00;22,00;177,00\n1;13/02/2026;7;Alfa;10;50,00;5,00;177,00\n",
            "1;13/02/2026;7;Alfa;22;100,00;22,00;177,00\n;;;;10;50,00;5,00;\n",
        ] {
            let file = register(rows);
            assert_eq!(amounts(&file), document, "{rows}");
            assert_eq!(file.skipped[0].reason, SkipReason::Continuation);
            assert_eq!(file.entries[0].vat_rate, None);
            assert_eq!(file.totals.values().next().unwrap().gross_cents, Some(17_700));
        }
    }

    #[test]
    fn other_documents_stay_apart() {
        let file = register(
            "1;13/02/2026;7;Alfa;22;100,00;22,00;122,00\n2;13/02/2026;7;Beta;22;100,00;22,00;122,00\n3;13/02/2026;8;Beta;10;1,00;0,10;1,10\n",
        );
        assert_eq!(file.entries.len(), 3);
    }

    #[test]
    fn summary_below_the_totals_is_no_line() {
        let text = format!(
            "{HEAD}1;13/02/2026;7;Alfa;22;100,00;22,00;122,00\nTotale;;;;;100,00;22,00;122,00\n;;;;22;100,00;22,00;\n"
        );
        let file = read(&Upload::new("x.csv", text.as_bytes())).unwrap();
        assert_eq!(amounts(&file), [[Some(10_000), Some(2200), Some(12_200)]]);
        assert!(file.notes.is_empty(), "{:?}", file.notes);
    }

    #[test]
    fn credit_note_lines_keep_their_own_signs_until_the_end() {
        let head = HEAD.replace("Prot.", "Tipo");
        let text = format!(
            "{head}NC;13/02/2026;7;Alfa;22;100,00;22,00;\nNC;13/02/2026;7;Alfa;22;-20,00;-4,40;\n"
        );
        let file = read(&Upload::new("x.csv", text.as_bytes())).unwrap();
        assert_eq!(amounts(&file), [[Some(-8000), Some(-1760), None]]);
    }
}
