//! Whether a column holds what its heading says.

use crate::ledger::convert::amount;
use crate::ledger::evidence::{Decimals, Tally};
use crate::ledger::layout::{Content, Field, Layout};
use crate::ledger::recognise::Column;

/// How many rows are kept to check a column's meaning by arithmetic.
pub(super) const CHECKED_ROWS_MAX: usize = 200;

/// Rows below this many are few.
const FEW_ROWS: u64 = 5;

/// Gives columns the meaning that their values give away, and says where it is doubtful.
pub(super) fn settle(
    columns: &mut [Column],
    tallies: &[Tally],
    decimals: &[Decimals],
    layout: &Layout,
    checked: &[Vec<String>],
) -> Vec<String> {
    let mut notes = Vec::new();
    for check in &layout.content {
        let is_free = !columns.iter().any(|column| column.field == Some(check.means));
        let Some(index) = columns.iter().position(|column| column.field == Some(check.field))
        else {
            continue;
        };
        let tally = &tallies[index];
        let holds = match check.holds {
            Content::TaxId => tally.filled > 0 && tally.tax_ids == tally.filled,
            Content::Rate => {
                // Beside a column of rates this one is the VAT, however its values look.
                is_free
                    && tally.filled > 0
                    && tally.rates == tally.filled
                    && !could_be_vat(columns, decimals, checked)
            }
        };
        if holds {
            // Where another column is that field already, this one is money in no case.
            columns[index].field = is_free.then_some(check.means);
            let said = format!("its values say {}, not {}", check.means, check.field);
            // Few amounts of 22 or 10 may look like rates when the other sums are wrong.
            if check.holds == Content::Rate && tally.filled < FEW_ROWS {
                notes.push(format!("`{}`: {said}", columns[index].heading.trim()));
            }
            columns[index].note = Some(said);
        }
    }
    notes
}

pub(super) fn is_eleven_digits(text: &str) -> bool {
    if text.len() < 11 {
        return false;
    }
    let digits = text.trim_matches('\'').trim_start_matches("IT");
    digits.len() == 11 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

pub(super) fn is_rate(text: &str) -> bool {
    if !text.starts_with(['4', '5', '1', '2']) {
        return false;
    }
    let bare = text.trim_end_matches(['%', ' ']);
    let bare = [",00", ".00", ",0", ".0"]
        .iter()
        .find_map(|zeros| bare.strip_suffix(zeros))
        .unwrap_or(bare);
    matches!(bare, "4" | "5" | "10" | "22")
}

/// Tells whether values that look like rates are VAT amounts after all.
///
/// They are when every row allows it: the taxable amount at some rate gives the value, or
/// taxable and value make the gross.
fn could_be_vat(columns: &[Column], decimals: &[Decimals], rows: &[Vec<String>]) -> bool {
    let cents = |row: &[String], field: Field| {
        let index = columns.iter().position(|column| column.field == Some(field))?;
        amount::parse(row.get(index)?, decimals[index].mark).map(|parsed| parsed.cents)
    };
    rows.iter().all(|row| {
        let (taxable, gross) = (cents(row, Field::Taxable), cents(row, Field::Gross));
        match (taxable, cents(row, Field::Vat), gross) {
            (Some(taxable), Some(vat), Some(gross)) => taxable.checked_add(vat) == Some(gross),
            (Some(taxable), Some(vat), None) => {
                let off =
                    |rate: i64| i128::from(taxable) * i128::from(rate) - i128::from(vat) * 100;
                [4, 5, 10, 22].into_iter().any(|rate| off(rate).abs() <= 100)
            }
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{LedgerFile, Upload, read};

    fn read_text(text: &str) -> LedgerFile {
        read(&Upload::new("x.csv", text.as_bytes())).unwrap()
    }

    fn meaning(file: &LedgerFile, heading: &str) -> Option<Field> {
        file.columns.iter().find(|column| column.heading == heading).unwrap().meaning
    }

    #[test]
    fn vat_numbers_under_iva_are_seen() {
        let file = read_text(
            "Numero;Data;IVA;Totale\n1;01/02/2026;01234567897;122,00\n2;02/02/2026;09876543217;1,00\nTOTALI;;;123,00\n",
        );
        assert_eq!(meaning(&file, "IVA"), Some(Field::CounterpartyTaxId));
        assert_eq!(file.entries[0].counterparty_tax_id.as_ref().unwrap().as_str(), "01234567897");
    }

    #[test]
    fn second_column_of_vat_numbers_is_no_money() {
        let file = read_text(
            "Numero;Data;Partita IVA;IVA;Totale\n1;01/02/2026;01234567897;01234567897;122,00\n",
        );
        assert_eq!(meaning(&file, "IVA"), None);
        assert_eq!(file.entries[0].vat_cents, None);
    }

    #[test]
    fn rates_under_iva_are_told_from_amounts() {
        let rates = read_text(
            "Numero;Data;IVA;Imponibile;Totale\n1;01/02/2026;22;100,00;122,00\n2;02/02/2026;10;50,00;55,00\n",
        );
        assert_eq!(meaning(&rates, "IVA"), Some(Field::VatRate));
        let said = "`IVA`: its values say vat_rate, not vat";
        assert!(rates.notes.iter().any(|note| note == said), "{:?}", rates.notes);
        let amounts = read_text(
            "Numero;Data;IVA;Imponibile;Totale\n1;01/02/2026;22;100,00;122,00\n2;02/02/2026;10;100,00;110,00\n",
        );
        assert_eq!(meaning(&amounts, "IVA"), Some(Field::Vat));
    }
}
