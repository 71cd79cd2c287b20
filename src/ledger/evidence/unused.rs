//! Columns that nobody asked for, but for a slip of the hand in their heading.

use crate::ledger::layout::{Layout, fold};
use crate::ledger::recognise::Column;

/// How like a known heading one must be to be a misspelling of it, of 1.
const MISSPELT_MIN: f64 = 0.85;
/// Shorter headings are like many others.
const LETTERS_MIN: usize = 5;

/// Names the columns that are not read and whose heading is nearly one that is missing.
pub(super) fn notes(columns: &[Column], layout: &Layout) -> Vec<String> {
    let is_there = |field| columns.iter().any(|column| column.field == Some(field));
    let missing = || layout.fields.iter().filter(|(field, _)| !is_there(**field));
    let mut notes = Vec::new();
    for column in columns.iter().filter(|column| column.field.is_none()) {
        let heading = fold(&column.heading);
        if heading.len() < LETTERS_MIN || layout.knows(&heading) {
            continue;
        }
        let is_near = |word: &&String| {
            strsim::normalized_damerau_levenshtein(&fold(word), &heading) >= MISSPELT_MIN
        };
        let near = missing().find_map(|(field, words)| Some((field, words.iter().find(is_near)?)));
        notes.extend(near.map(|(field, word)| {
            let heading = column.heading.trim();
            format!(
                "the column `{heading}` is not read; if it is `{word}`, say so with \
                 `--column \"{heading}={field}\"`"
            )
        }));
    }
    notes
}

#[cfg(test)]
mod tests {
    use crate::ledger::{Upload, read};

    #[test]
    fn misspelt_heading_is_said() {
        let text =
            "Numero;Data;Cliente;Imponible;Colore;Totale\n1;13/02/2026;Alfa;1,00;rosso;1,22\n";
        let notes = read(&Upload::new("x.csv", text.as_bytes())).unwrap().notes;
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(notes[0].contains("`--column \"Imponible=taxable\"`"), "{notes:?}");
    }
}
