//! `matches.csv`: a line a pair, written by hand because there may be millions.

use std::io::{self, Write};

use crate::reconcile::statement::Class;
use crate::reconcile::tables::{Comparison, PairLine};
use crate::report::csv::safe;
use crate::report::tables::{Setting, sentence};

/// The columns, which are a contract.
const HEADING: &[u8] = b"left_row,right_row,class,pass,reason\n";

/// Writes every pair, in the order of keys.
///
/// # Errors
/// What the target says.
pub fn write_matches(
    comparison: &Comparison,
    setting: &Setting<'_>,
    target: &mut impl Write,
) -> io::Result<()> {
    target.write_all(HEADING)?;
    let agrees = sentence::agrees(setting.language);
    let mut line: Vec<u8> = Vec::with_capacity(256);
    for pair in comparison.pairs() {
        line.clear();
        number(pair.left_row, &mut line);
        line.push(b',');
        number(pair.right_row, &mut line);
        line.push(b',');
        line.extend_from_slice(pair.class.as_str().as_bytes());
        line.push(b',');
        field(pair.pass, &mut line);
        line.push(b',');
        if pair.class == Class::Matched {
            line.extend_from_slice(agrees.as_bytes());
        } else {
            field(&reason(comparison, &pair, setting), &mut line);
        }
        line.push(b'\n');
        target.write_all(&line)?;
    }
    Ok(())
}

/// Says why a pair is in its class.
pub(super) fn reason(
    comparison: &Comparison,
    pair: &PairLine<'_>,
    setting: &Setting<'_>,
) -> String {
    if pair.class == Class::Matched {
        return sentence::agrees(setting.language).to_owned();
    }
    if pair.is_grouped {
        let (it, en) = match pair.class {
            Class::Differing => ("la somma del gruppo non coincide", "the group's sum disagrees"),
            _ => (
                "la somma del gruppo coincide entro tolleranza",
                "the group's sum agrees within tolerance",
            ),
        };
        return sentence::pick(setting.language, it, en).to_owned();
    }
    sentence::differences(&comparison.differences(pair), setting.language)
}

/// Writes a whole number.
fn number(mut number: u64, line: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
        if number == 0 {
            break;
        }
    }
    line.extend_from_slice(&digits[at..]);
}

/// Writes a text, in quotes where it needs them, that no spreadsheet runs.
pub(super) fn field(text: &str, line: &mut Vec<u8>) {
    let text = safe(text);
    if text.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
        line.push(b'"');
        line.extend_from_slice(text.replace('"', "\"\"").as_bytes());
        line.push(b'"');
    } else {
        line.extend_from_slice(text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn lines_read_back_as_they_were_meant(row in any::<u64>(), text in ".{0,12}") {
            let mut line = Vec::new();
            number(row, &mut line);
            line.push(b',');
            field(&text, &mut line);
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(&line[..]);
            let record = reader.records().next().unwrap().unwrap();
            prop_assert_eq!(&record[0], &row.to_string());
            prop_assert_eq!(&record[1], &safe(&text));
        }
    }
}
