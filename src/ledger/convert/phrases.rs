//! Phrases of exports that have a code: document types and rates.

use crate::fiscal::{AmountError, DocumentType, VatRate};
use crate::ledger::layout::fold;

/// Document types as programs write them, folded.
const DOCUMENT_TYPES: [(&str, &str); 28] = [
    ("fattura", "TD01"),
    ("fatt", "TD01"),
    ("ft", "TD01"),
    ("fatturaimmediata", "TD01"),
    ("fatturaaccompagnatoria", "TD01"),
    ("fatturaordinaria", "TD01"),
    ("invoice", "TD01"),
    ("accontoanticiposufattura", "TD02"),
    ("acconto", "TD02"),
    ("fatturadiacconto", "TD02"),
    ("accontoanticiposuparcella", "TD03"),
    ("notadicredito", "TD04"),
    ("notacredito", "TD04"),
    ("notadiaccredito", "TD04"),
    ("notaaccredito", "TD04"),
    ("nc", "TD04"),
    ("ncr", "TD04"),
    ("creditnote", "TD04"),
    ("notadidebito", "TD05"),
    ("notadebito", "TD05"),
    ("nd", "TD05"),
    ("parcella", "TD06"),
    ("fatturasemplificata", "TD07"),
    ("notadicreditosemplificata", "TD08"),
    ("notadidebitosemplificata", "TD09"),
    ("fatturadifferita", "TD24"),
    ("fattdiff", "TD24"),
    ("ftdifferita", "TD24"),
];

/// Words for operations without VAT (D.P.R. 633/72), folded, with their nature.
const NATURES: [(&str, &str); 8] = [
    ("esente", "N4"),
    ("esenti", "N4"),
    ("escluso", "N1"),
    ("escluse", "N1"),
    ("nonsoggetto", "N2"),
    ("nonsoggette", "N2"),
    ("nonimponibile", "N3"),
    ("nonimponibili", "N3"),
];

/// Returns the type of a phrase and whether the phrase is known.
///
/// A code inside the phrase wins: "Fattura differita (TD24)". An unknown phrase stays as
/// written, so that nothing is lost and no sign is turned.
pub(super) fn document_type(phrase: &str) -> (DocumentType, bool) {
    if let Some(code) = code_inside(phrase) {
        return (DocumentType::new(code), true);
    }
    let folded = fold(phrase);
    match DOCUMENT_TYPES.iter().find(|(words, _)| *words == folded) {
        Some((_, code)) => (DocumentType::new(code), true),
        None => (DocumentType::new(phrase), false),
    }
}

/// Finds `TD` and two digits that stand alone.
fn code_inside(phrase: &str) -> Option<&str> {
    phrase.split(|c: char| !c.is_ascii_alphanumeric()).find(|word| {
        word.len() == 4
            && word.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("td"))
            && word[2..].bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// Reads a rate, a nature, or the word for one.
pub(super) fn vat_rate(text: &str) -> Result<VatRate, AmountError> {
    let folded = fold(text);
    match NATURES.iter().find(|(word, _)| *word == folded) {
        Some((_, code)) => Ok(VatRate::Nature((*code).to_owned())),
        None => text.parse(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_become_codes() {
        for (phrase, code, is_known) in [
            ("Fattura", "TD01", true),
            ("Fattura differita (TD24)", "TD24", true),
            ("Nota di credito", "TD04", true),
            ("N.C.", "TD04", true),
            ("td08", "TD08", true),
            ("TD01 - Fattura", "TD01", true),
            ("Bolla doganale", "Bolla doganale", false),
        ] {
            assert_eq!(document_type(phrase), (DocumentType::new(code), is_known), "{phrase}");
        }
    }

    #[test]
    fn words_for_no_vat_become_natures() {
        assert_eq!(vat_rate("Esente").unwrap().to_string(), "N4");
        assert_eq!(vat_rate("22,00 %").unwrap().to_string(), "22");
        assert!(vat_rate("ventilazione").is_err());
    }
}
