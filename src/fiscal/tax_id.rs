//! Tax identifiers: the VAT number and the tax code, stored in one form.
//!
//! Check digits are verified and reported, never a reason to drop a row: real files hold
//! wrong ones, and a number that lost its leading zero in a spreadsheet is padded back.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Holds a tax identifier in the form in which it is stored and compared.
///
/// Italian ids lose the `IT` prefix and, when all digits, are padded to eleven. Any other
/// id is opaque and stays as written, apart from blanks, apostrophes and letter case.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TaxId(String);

/// Tells whether an identifier's check digit is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckDigits {
    /// The check digit is what the rule gives.
    Valid,
    /// The form is Italian but the check digit is wrong.
    Wrong,
    /// Not an Italian form, so there is nothing to verify.
    Opaque,
}

impl TaxId {
    /// Returns the stored form of an id as written, `None` when there is none.
    ///
    /// Empty text and the tax portal's `Non presente` are no id.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // Most are eleven digits already, and a large file has millions of them.
        if text.len() == 11 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(Self(text.to_owned()));
        }
        let is_wrapping = |c: char| c == '\'' || c == '"' || c.is_whitespace();
        let bare = text.trim_matches(is_wrapping);
        if bare.is_empty() || bare.eq_ignore_ascii_case("non presente") {
            return None;
        }
        let compact: String =
            bare.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_uppercase();
        let without_country = match compact.strip_prefix("IT") {
            Some(rest) if rest.len() == 11 || rest.len() == 16 => rest,
            _ => compact.as_str(),
        };
        let is_digits = without_country.bytes().all(|byte| byte.is_ascii_digit());
        if is_digits && without_country.len() < 11 {
            return Some(Self(format!("{without_country:0>11}")));
        }
        Some(Self(without_country.to_owned()))
    }

    /// Returns the identifier in its stored form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Tells whether the id names another country: two letters that are not `IT`, then digits.
    ///
    /// A foreign number without its country cannot be told from an opaque Italian one.
    #[must_use]
    pub fn is_foreign(&self) -> bool {
        let bytes = self.0.as_bytes();
        let country = bytes.get(..2).unwrap_or_default();
        bytes.len() != 16
            && country.len() == 2
            && country.iter().all(u8::is_ascii_uppercase)
            && country != b"IT"
            && bytes[2..].iter().any(u8::is_ascii_digit)
    }

    /// Verifies the check digit of Italian VAT numbers and tax codes.
    #[must_use]
    pub fn check_digits(&self) -> CheckDigits {
        let bytes = self.0.as_bytes();
        let is_right = match bytes.len() {
            11 if bytes.iter().all(u8::is_ascii_digit) => partita_iva_is_valid(bytes),
            16 if bytes.iter().all(u8::is_ascii_alphanumeric) => codice_fiscale_is_valid(bytes),
            _ => return CheckDigits::Opaque,
        };
        if is_right { CheckDigits::Valid } else { CheckDigits::Wrong }
    }
}

/// Applies the Luhn rule of the PartitaIva to eleven digits.
fn partita_iva_is_valid(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .enumerate()
        .map(|(position, digit)| {
            let value = u32::from(digit - b'0');
            match (position % 2, value * 2) {
                (0, _) => value,
                (_, doubled) if doubled > 9 => doubled - 9,
                (_, doubled) => doubled,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Values of characters in odd positions of a CodiceFiscale (D.M. 23/12/1976).
const ODD_VALUES: [u32; 26] =
    [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

/// Applies the check character rule of the CodiceFiscale, on the letters as written.
fn codice_fiscale_is_valid(characters: &[u8]) -> bool {
    let value = |c: u8| {
        if c.is_ascii_digit() { u32::from(c - b'0') } else { u32::from(c - b'A') }
    };
    let sum: u32 = characters[..15]
        .iter()
        .enumerate()
        .map(|(index, c)| if index % 2 == 0 { ODD_VALUES[value(*c) as usize] } else { value(*c) })
        .sum();
    u32::from(characters[15]) == u32::from(b'A') + sum % 26
}

impl fmt::Display for TaxId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Shows the last three characters only: a CodiceFiscale is personal data.
impl fmt::Debug for TaxId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown_from = self.0.char_indices().rev().nth(2).map_or(0, |(index, _)| index);
        write!(formatter, "TaxId(…{})", &self.0[shown_from..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn stores_italian_ids_in_one_form() {
        for (written, stored) in [
            ("IT01234567897", "01234567897"),
            ("'09876543217'", "09876543217"),
            ("1234567897", "01234567897"),
            ("  it 01234567897 ", "01234567897"),
            ("SM03473", "SM03473"),
            ("rssmra85t10a562s", "RSSMRA85T10A562S"),
        ] {
            assert_eq!(TaxId::parse(written).unwrap().as_str(), stored);
        }
        assert_eq!(TaxId::parse("'Non presente'"), None);
        assert_eq!(TaxId::parse(" "), None);
    }

    #[test]
    fn verifies_both_kinds_of_check_digit() {
        let check = |text: &str| TaxId::parse(text).unwrap().check_digits();
        assert_eq!(check("01234567897"), CheckDigits::Valid);
        assert_eq!(check("01234567890"), CheckDigits::Wrong);
        assert_eq!(check("RSSMRA85T10A562S"), CheckDigits::Valid);
        assert_eq!(check("RSSMRA85T10A562T"), CheckDigits::Wrong);
        assert_eq!(check("DE811907980"), CheckDigits::Opaque);
    }

    #[test]
    fn debug_masks_the_identifier() {
        let shown = format!("{:?}", TaxId::parse("RSSMRA85T10A562S").unwrap());
        assert_eq!(shown, "TaxId(…62S)");
    }

    proptest! {
        #[test]
        fn one_changed_digit_is_always_refused(
            body in proptest::collection::vec(0u8..10, 10), position in 0usize..11, by in 1u8..10,
        ) {
            let mut digits: Vec<u8> = body.iter().map(|digit| digit + b'0').collect();
            let check = (b'0'..=b'9')
                .find(|last| partita_iva_is_valid(&[digits.as_slice(), &[*last]].concat()))
                .expect("exactly one digit completes the sum");
            digits.push(check);
            digits[position] = b'0' + (digits[position] - b'0' + by) % 10;
            prop_assert!(!partita_iva_is_valid(&digits));
        }
    }
}
