//! The form of a CodiceFiscale, and the person behind one changed for *omocodia*.
//!
//! When two people would get the same code, digits are replaced by letters from the right
//! (D.M. 23/12/1976): the check character is that of the letters as written, and the
//! person is the one that the digits name.

use crate::fiscal::{CheckDigits, TaxId};

/// The letters that stand for the digits 0 to 9.
const OMOCODIA: &[u8; 10] = b"LMNPQRSTUV";
/// Where a personal code has digits, from 0.
const DIGIT_POSITIONS: [usize; 7] = [6, 7, 9, 10, 12, 13, 14];
/// The letters of the twelve months.
const MONTHS: &[u8] = b"ABCDEHLMPRST";

/// Returns the code with its digits put back, the same for all codes of a person.
///
/// The check character is left out of the plain form, since it belongs to the letters.
#[must_use]
pub fn plain_form(code: &TaxId) -> String {
    let text = code.as_str();
    if text.len() != 16 || !text.is_ascii() {
        return text.to_owned();
    }
    text.bytes()
        .take(15)
        .enumerate()
        .map(|(index, byte)| match OMOCODIA.iter().position(|letter| *letter == byte) {
            Some(digit) if DIGIT_POSITIONS.contains(&index) => {
                char::from(b'0' + u8::try_from(digit).expect("there are ten letters"))
            }
            _ => char::from(byte),
        })
        .collect()
}

/// Returns what is wrong with an Italian tax code, `None` when nothing is.
///
/// Eleven digits are a company's, sixteen characters a person's.
#[must_use]
pub fn tax_code_fault(code: &TaxId) -> Option<&'static str> {
    let text = code.as_str();
    let plain = plain_form(code);
    let is_form = match text.len() {
        11 => text.bytes().all(|byte| byte.is_ascii_digit()),
        16 => plain.bytes().enumerate().all(|(index, byte)| match index {
            8 => MONTHS.contains(&byte),
            _ if DIGIT_POSITIONS.contains(&index) => byte.is_ascii_digit(),
            _ => byte.is_ascii_uppercase(),
        }),
        _ => return Some("it has neither 11 nor 16 characters"),
    };
    if !is_form {
        return Some("it has letters or digits where none may stand");
    }
    (code.check_digits() == CheckDigits::Wrong).then_some("its check character is wrong")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> TaxId {
        TaxId::parse(text).unwrap()
    }

    #[test]
    fn omocodia_names_the_same_person() {
        assert_eq!(tax_code_fault(&id("RSSMRA85T10A562S")), None);
        // The last digit, 2, becomes N; the check character is worked out anew.
        let changed = id("RSSMRA85T10A56NH");
        assert_eq!(tax_code_fault(&changed), None);
        assert_eq!(plain_form(&changed), plain_form(&id("RSSMRA85T10A562S")));
    }

    #[test]
    fn faults_are_told_apart() {
        assert_eq!(tax_code_fault(&id("RSSMRA85T10A562T")), Some("its check character is wrong"));
        assert_eq!(
            tax_code_fault(&id("RSSMRA85X10A562S")),
            Some("it has letters or digits where none may stand")
        );
        assert_eq!(tax_code_fault(&id("RSSMRA")), Some("it has neither 11 nor 16 characters"));
        assert_eq!(tax_code_fault(&id("01234567897")), None);
    }
}
