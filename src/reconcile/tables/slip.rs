//! Whether two document numbers are one, but for a slip of whoever typed it.
//!
//! A slip leaves a series out or adds one (`1234` for `1234/V3`, `FE-12` for `12`), swaps two
//! neighbouring digits, loses or doubles one, or mistypes one that is not the last: bills of
//! one day have neighbouring numbers, so `124` for `125` may well be another bill.

use strsim::osa_distance;

/// Digits that a number needs before one of them may be lost or mistyped.
const DIGITS_MIN: usize = 3;

/// Tells whether one number is the other one with a slip; the order of them is the same.
pub(super) fn is_slip(a: &str, b: &str) -> bool {
    let written = (runs(a), runs(b));
    let (a, b) = (without_zeros(&written.0), without_zeros(&written.1));
    let (short, long) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
    if !short.iter().any(|part| is_number(part)) {
        return false;
    }
    if long.starts_with(short) || long.ends_with(short) {
        return true;
    }
    let mut apart = (0..short.len()).filter(|at| a[*at] != b[*at]);
    match (short.len() == long.len(), apart.next(), apart.next()) {
        (true, Some(at), None) => {
            // Zeros before a number may have changed places with its digits.
            let (zeros_a, zeros_b) = (&written.0[at], &written.1[at]);
            is_number(&a[at])
                && is_number(&b[at])
                && (are_near(&a[at], &b[at]) || are_swapped(zeros_a, zeros_b))
        }
        _ => false,
    }
}

/// Parts a number into runs of digits and of letters in one case.
fn runs(number: &str) -> Vec<String> {
    let mut runs: Vec<String> = Vec::new();
    let mut before = None;
    for c in number.chars() {
        let kind = c.is_alphanumeric().then(|| c.is_ascii_digit());
        if kind.is_some() {
            if kind != before {
                runs.push(String::new());
            }
            if let Some(run) = runs.last_mut() {
                run.extend(c.to_uppercase());
            }
        }
        before = kind;
    }
    runs
}

/// Returns the runs, those of digits without their leading zeros.
fn without_zeros(runs: &[String]) -> Vec<String> {
    let plain = |run: &String| match run.trim_start_matches('0') {
        "" => "0".to_owned(),
        rest if is_number(run) => rest.to_owned(),
        _ => run.clone(),
    };
    runs.iter().map(plain).collect()
}

fn is_number(part: &str) -> bool {
    part.bytes().all(|byte| byte.is_ascii_digit())
}

/// Tells whether one slip lies between two runs of digits.
fn are_near(a: &str, b: &str) -> bool {
    if osa_distance(a, b) != 1 {
        return false;
    }
    if a.len() != b.len() {
        return a.len().min(b.len()) >= DIGITS_MIN;
    }
    match differing(a, b)[..] {
        [only] => a.len() >= DIGITS_MIN && only + 1 < a.len(),
        // Two digits apart and one slip between them: they changed places.
        _ => true,
    }
}

/// Tells whether two neighbouring digits changed places and nothing else.
fn are_swapped(a: &str, b: &str) -> bool {
    a.len() == b.len() && differing(a, b).len() == 2 && osa_distance(a, b) == 1
}

/// Returns the places at which two runs of one length differ.
fn differing(a: &str, b: &str) -> Vec<usize> {
    (0..a.len()).filter(|at| a.as_bytes()[*at] != b.as_bytes()[*at]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_told_from_other_numbers() {
        for (a, b, expected) in [
            ("1234", "1234/V3", true),
            ("FE-0012", "12", true),
            ("2026/12", "12", true),
            ("12/A", "12a", true),
            ("1234", "1243", true),
            ("12", "21", true),
            ("0010", "0001", true),
            ("FPR 05", "FPR 50", true),
            ("5", "50", false),
            ("1234", "134", true),
            ("1234", "12234", true),
            ("1284", "1234", true),
            ("124", "125", false),
            ("12", "22", false),
            ("7", "8", false),
            ("12/F1", "12/F2", false),
            ("401", "400/2", false),
            ("115", "141", false),
            ("A", "A1", false),
            ("", "12", false),
            ("1234", "9", false),
        ] {
            assert_eq!(is_slip(a, b), expected, "{a} {b}");
            assert_eq!(is_slip(b, a), expected, "{b} {a}");
        }
    }
}
