//! Rows that are no entries by nature: blanks, totals, repeated headings, continuations.
//!
//! A row is called a total on two signs, never on one: a word for it, and the lack of
//! what every entry has. A supplier may be called "Totale Energie". What a total says is
//! compared with the rows above it, because that is how a register proves itself.

use crate::fiscal::cents_to_decimal;
use crate::ledger::convert::Reading;
use crate::ledger::layout::{Field, fold};
use crate::ledger::table::{Cell, Row};
use crate::ledger::{SkipReason, Totals};

/// How many totals that do not agree are said; a register has one a page.
const NOTES_MAX: usize = 5;

const DATES: [Field; 2] = [Field::IssueDate, Field::RegistrationDate];

/// Columns in which a word for a total can mean nothing else.
const KEYS: [Field; 6] = [
    Field::Number,
    Field::Protocol,
    Field::IssueDate,
    Field::RegistrationDate,
    Field::VatRate,
    Field::DocumentType,
];

impl Reading<'_> {
    /// Tells rows that are no entries from those that are.
    pub(super) fn skip_reason(&mut self, row: &Row) -> Option<SkipReason> {
        if (0..row.len()).all(|index| row.is_blank(index)) {
            return Some(SkipReason::Blank);
        }
        if self.is_continuation(row) {
            return Some(SkipReason::Continuation);
        }
        if self.is_other_movement(row) {
            return Some(SkipReason::OtherMovement);
        }
        if self.repeats_document(row) {
            return Some(SkipReason::Continuation);
        }
        let begins_as_date = |(_, cell): (usize, Cell)| match cell {
            Cell::Text(text) => text.starts_with(|c: char| c.is_ascii_digit() || c == '\''),
            Cell::Number(_) | Cell::Moment(_) | Cell::Fault(_) => true,
            Cell::Empty => false,
        };
        let is_dated = DATES.iter().filter_map(|field| self.cell(row, *field)).any(begins_as_date);
        if !is_dated && self.is_bare_sum(row) {
            return Some(SkipReason::Total);
        }
        if !is_dated && self.is_heading(row) {
            return Some(SkipReason::RepeatedHeading);
        }
        self.is_total(row, is_dated).then_some(SkipReason::Total)
    }

    /// Tells a further line of the order above and remembers the key of this one.
    fn is_continuation(&mut self, row: &Row) -> bool {
        let Some(rule) = self.layout.continuation else {
            return false;
        };
        let key = self.text(row, rule.same);
        let is_same = key.is_some() && key == self.previous_key;
        let is_blank = self.columns.index(rule.blank).is_none_or(|index| row.is_blank(index));
        self.previous_key = key;
        is_same && is_blank
    }

    /// Tells a row whose type says that it is no document: a payout to the bank, a fee.
    fn is_other_movement(&self, row: &Row) -> bool {
        if self.layout.other_types.is_empty() {
            return false;
        }
        let kind = self.text(row, Field::DocumentType).map(|text| fold(&text));
        kind.is_some_and(|kind| self.layout.other_types.iter().any(|other| fold(other) == kind))
    }

    /// Tells a further line of a document that repeats its totals: article by article.
    fn repeats_document(&mut self, row: &Row) -> bool {
        if self.layout.repeated.is_empty() {
            return false;
        }
        let key: Vec<Option<String>> =
            self.layout.repeated.iter().map(|field| self.text(row, *field)).collect();
        let is_named = key.iter().flatten().next().is_some();
        let is_same = is_named && self.previous_document.as_ref() == Some(&key);
        self.previous_document = Some(key);
        is_same
    }

    /// Tells a sum that nothing calls so: amounts alone, and exactly those of the rows above.
    fn is_bare_sum(&mut self, row: &Row) -> bool {
        let is_amount = |index: usize| {
            let meaning = self.columns.meanings.get(index).and_then(|column| column.meaning);
            meaning.is_some_and(Field::is_amount)
        };
        if !(0..row.len()).filter(|index| !row.is_blank(*index)).all(is_amount) {
            return false;
        }
        // Without a rate the row is no line of the document above.
        self.close_document();
        let all = match self.tally.totals.values().collect::<Vec<_>>()[..] {
            [only] => *only,
            _ => return false,
        };
        let agrees = |totals: &Totals| {
            [Field::Taxable, Field::Vat, Field::Gross].into_iter().all(|field| {
                let stated = self.columns.index(field).filter(|index| !row.is_blank(*index));
                stated.is_none_or(|index| self.glance_cents(row, index) == sum_of(totals, field))
            })
        };
        agrees(&all) || agrees(&self.tally.since_total)
    }

    fn is_heading(&self, row: &Row) -> bool {
        DATES.iter().filter_map(|field| self.cell(row, *field)).any(|(index, cell)| {
            !cell.is_empty() && fold(&cell.shown()) == fold(&self.columns.meanings[index].heading)
        })
    }

    fn is_total(&self, row: &Row, is_dated: bool) -> bool {
        let has_word = |index: usize| match row.cell(index) {
            Cell::Text(text) => begins_total(text, &self.layout.skip_words),
            _ => false,
        };
        let in_key = KEYS.iter().filter_map(|field| self.columns.index(*field)).any(has_word);
        if in_key {
            return true;
        }
        let number = self.columns.index(Field::Number);
        let is_numbered = number.is_some_and(|index| !row.is_blank(index));
        let has_number_column = number.is_some();
        if is_numbered || (is_dated && !has_number_column) {
            return false;
        }
        // Beside a date, a name that begins so is a name.
        let name = self.columns.index(Field::CounterpartyName);
        (0..row.len()).any(|index| has_word(index) && !(is_dated && Some(index) == name))
    }

    /// Compares a total with the rows since the last one and since the first.
    pub(super) fn check_total(&mut self, row: &Row) {
        let since_last = std::mem::take(&mut self.tally.since_total);
        let all = match self.tally.totals.values().collect::<Vec<_>>()[..] {
            [only] => *only,
            _ => return,
        };
        for field in [Field::Taxable, Field::Vat, Field::Gross] {
            let Some(index) = self.columns.index(field) else {
                continue;
            };
            let Some(stated) = self.glance_cents(row, index) else {
                continue;
            };
            let Some(above) = sum_of(&all, field) else {
                continue;
            };
            let unsigned = above - 2 * sum_of(&self.tally.credits, field).unwrap_or(0);
            let sums = [Some(above), Some(unsigned), sum_of(&since_last, field)];
            if !sums.contains(&Some(stated)) {
                self.disagreeing_totals += 1;
                if self.disagreeing_totals <= NOTES_MAX {
                    let rejected = match self.rejected.len() {
                        0 => String::new(),
                        rows => format!(" ({rows} rejected so far)"),
                    };
                    self.notes.push(format!(
                        "the total on line {} says {} under `{}`, the entries above it add up to {}{rejected}",
                        row.line,
                        cents_to_decimal(stated),
                        self.heading(index),
                        cents_to_decimal(above)
                    ));
                }
            }
        }
    }
}

fn sum_of(totals: &Totals, field: Field) -> Option<i64> {
    match field {
        Field::Taxable => totals.taxable_cents,
        Field::Vat => totals.vat_cents,
        _ => totals.gross_cents,
    }
}

/// Tells whether a text begins with one of the words, as a whole word.
fn begins_total(text: &str, words: &[String]) -> bool {
    let Some(first) = text.bytes().next().filter(u8::is_ascii_alphabetic) else {
        return false;
    };
    let begins_alike =
        |word: &&String| word.bytes().next().is_some_and(|own| own.eq_ignore_ascii_case(&first));
    words.iter().filter(begins_alike).any(|word| {
        text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
            && !text[word.len()..].starts_with(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    use crate::ledger::{LedgerFile, SkipReason, Upload, read};

    const HEAD: &str = "Prot.;Data;Numero;Fornitore;Note;Imponibile;IVA\n";

    fn register(rows: &str) -> LedgerFile {
        read(&Upload::new("x.csv", format!("{HEAD}{rows}").as_bytes())).unwrap()
    }

    fn reasons(file: &LedgerFile) -> Vec<SkipReason> {
        file.skipped.iter().map(|row| row.reason).collect()
    }

    #[test]
    fn totals_blanks_and_headings_are_no_entries() {
        let file = register(&format!(
            "1;01/02/2026;1;Alfa;;1,00;0,22\nTotali;;;;;1,00;0,22\n;;;;;;\n{HEAD}2;02/02/2026;2;Beta;;2,00;0,44\n;;;Totale generale;;3,00;0,66\n28/02/2026;28/02/2026;;;TOT. MESE;3,00;0,66\n"
        ));
        let expected = [
            SkipReason::Total,
            SkipReason::Blank,
            SkipReason::RepeatedHeading,
            SkipReason::Total,
            SkipReason::Total,
        ];
        assert_eq!(reasons(&file), expected);
        assert_eq!((file.entries.len(), file.rejected.len()), (2, 0));
        assert!(file.notes.is_empty(), "{:?}", file.notes);
    }

    #[test]
    fn sum_without_a_word_is_told_by_its_amounts() {
        let file = register(
            "1;01/02/2026;1;Alfa;;1,00;0,22\n2;02/02/2026;2;Beta;;2,00;0,44\n;;;;;3,00;0,66\n;;;;;3,01;0,66\n",
        );
        assert_eq!(reasons(&file), [SkipReason::Total]);
        assert_eq!((file.entries.len(), file.rejected.len()), (2, 1));
    }

    #[test]
    fn supplier_called_totale_stays_an_entry() {
        let file = register(
            "1;01/02/2026;1;Totale Energie;;1,00;0,22\n2;02/02/2026;;Totale Energie;;1,00;0,22\n3;31/02/2026;3;Totale Energie;;1,00;0,22\n",
        );
        assert_eq!(reasons(&file), []);
        assert_eq!((file.entries.len(), file.rejected.len()), (2, 1));
    }

    #[test]
    fn total_that_disagrees_is_noted() {
        let file = register("1;13/02/2026;1;Alfa;;1,00;0,22\nTotale;;;;;1,10;0,22\n");
        assert_eq!(
            file.notes,
            [
                "the total on line 3 says 1.10 under `Imponibile`, the entries above it add up to 1.00"
            ]
        );
    }
}
