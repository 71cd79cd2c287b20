//! What is wrong with a file as a whole: its name, its size, its signatures.

use chrono::{Days, NaiveDate};

use super::Check;
use crate::einvoice::{Certainty, Signature};

/// Bytes that the SdI takes by mail, web and web service.
const FILE_BYTES_MAX: usize = 5_000_000;

/// Returns what is wrong with a file of invoices; `today` is the day in Rome.
#[must_use]
pub fn check_file(
    name: &str,
    bytes: usize,
    signatures: &[Signature],
    today: NaiveDate,
) -> Vec<Check> {
    let mut found = Vec::new();
    let mut add = |code, message| found.push(Check::new(code, name, message));
    if !is_sdi_name(name) {
        add("00001", format!("`{name}` is no name of the form `IT01234567897_00001.xml`"));
    }
    if bytes > FILE_BYTES_MAX {
        add("00003", format!("the file has {bytes} bytes, more than {FILE_BYTES_MAX}"));
    }
    for signature in signatures {
        let signer = signature.signer.as_deref().unwrap_or("the signer");
        if signature.digest == Certainty::Invalid {
            add("00102", format!("the content was altered after `{signer}` signed it"));
        } else if signature.signature == Certainty::Invalid {
            add("00102", format!("the signature is not that of `{signer}`"));
        }
        match signature.signed_at {
            None if signature.is_read() => {
                add("00103", format!("the signature of `{signer}` states no time"));
            }
            // A day's grace: the signer's clock and Rome's day are not one.
            Some(at) if at.date_naive() > today + Days::new(1) => {
                add("00105", format!("signed on {}, in the future", at.format("%Y-%m-%d")));
            }
            _ => {}
        }
        match (signature.signed_at, signature.certificate_valid) {
            (Some(at), Some((from, to))) if at < from || at > to => add(
                "00100",
                format!("signed on {}, outside the certificate's time", at.format("%Y-%m-%d")),
            ),
            _ => {}
        }
    }
    found
}

/// Tells whether a name is a country, an id, `_`, up to five characters, and an extension.
#[must_use]
pub fn is_sdi_name(name: &str) -> bool {
    let Some((stem, extension)) = name.split_once('.') else {
        return false;
    };
    let Some((transmitter, sequence)) = stem.split_once('_') else {
        return false;
    };
    let lower = extension.to_ascii_lowercase();
    matches!(lower.as_str(), "xml" | "xml.p7m" | "zip")
        && (4..=30).contains(&transmitter.len())
        && transmitter.bytes().take(2).all(|byte| byte.is_ascii_uppercase())
        && transmitter.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && (1..=5).contains(&sequence.len())
        && sequence.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_rule() {
        for name in
            ["IT01234567897_00001.xml", "ITRSSMRA85T10A562S_aB3.xml.p7m", "DE811907980_1.XML"]
        {
            assert!(is_sdi_name(name), "{name}");
        }
        for name in ["fattura.xml", "IT01234567897_000001.xml", "IT01234567897_00001.pdf", "IT1"] {
            assert!(!is_sdi_name(name), "{name}");
        }
    }
}
