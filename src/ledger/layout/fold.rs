//! Headings as they are compared.

/// Returns a heading as it is compared: lower case, no accents, letters and digits only.
///
/// The per cent sign stays: it is all that tells "% IVA" from "IVA".
pub(in crate::ledger) fn fold(heading: &str) -> String {
    heading
        .chars()
        .flat_map(char::to_lowercase)
        .map(|letter| match letter {
            'à' | 'á' | 'â' | 'ä' | 'ã' => 'a',
            'è' | 'é' | 'ê' | 'ë' => 'e',
            'ì' | 'í' | 'î' | 'ï' => 'i',
            'ò' | 'ó' | 'ô' | 'ö' | 'õ' => 'o',
            'ù' | 'ú' | 'û' | 'ü' => 'u',
            other => other,
        })
        .filter(|letter| {
            (letter.is_alphanumeric() || *letter == '%') && !matches!(letter, 'º' | 'ª')
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_fold_to_letters_and_digits() {
        assert_eq!(
            fold("\u{feff}Imponibile/Importo\u{a0}(totale in euro)"),
            "imponibileimportototaleineuro"
        );
        assert_eq!(fold("Periodo di inattività da"), "periododiinattivitada");
        assert_eq!(fold("N° doc."), "ndoc");
    }
}
