//! What people read for the columns and kinds of a comparison of two files.
//!
//! The machine's words (`left_row`, `amount_differs`) stay in CSV and JSON.

use crate::findings::Kind;
use crate::fiscal::Language;
use crate::reconcile::statement::Class;
use crate::report::tables::sentence::{class, pick};
use crate::report::words::Word;

/// Returns people's word for a column of `findings.csv` or `matches.csv`, else the name itself.
pub(super) fn heading(column: &str, language: Language) -> &str {
    let (it, en) = match column {
        "kind" => ("Tipo", "Kind"),
        "severity" => ("Gravità", "Severity"),
        "class" => ("Classe", "Class"),
        "left_row" => ("Riga a sinistra", "Left row"),
        "right_row" => ("Riga a destra", "Right row"),
        "field" => ("Campo", "Field"),
        "left_value" => ("Valore a sinistra", "Left value"),
        "right_value" => ("Valore a destra", "Right value"),
        "difference" => ("Differenza", "Difference"),
        "nearest_row" => ("Riga più vicina", "Nearest row"),
        "pass" => ("Passo", "Pass"),
        "reason" => ("Motivo", "Reason"),
        other => return other,
    };
    pick(language, it, en)
}

/// Returns people's word for a kind of finding.
pub(super) fn kind(kind: &str, language: Language) -> &str {
    if let Some(known) = Class::ALL.iter().find(|one| one.as_str() == kind) {
        return class(*known, language);
    }
    if kind == Kind::AmountDiffers.as_str() {
        // Any column of money, not only the total of an invoice.
        return pick(language, "Importo diverso", "Amount differs");
    }
    match kind.parse::<Kind>() {
        Ok(known) => known.word(language),
        Err(_) if kind == "value_differs" => pick(language, "Valore diverso", "Value differs"),
        Err(_) => kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tables::finding::COLUMNS;

    #[test]
    fn every_column_has_its_word() {
        for column in COLUMNS {
            let (it, en) = (heading(column, Language::It), heading(column, Language::En));
            assert!(it != column && en != column && it != en, "{column}");
        }
        for word in ["amount_differs", "value_differs", "counterparty_differs", "missing_right"] {
            assert_ne!(kind(word, Language::It), word);
        }
    }
}
