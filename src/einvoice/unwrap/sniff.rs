//! What some bytes are, by their beginning and never by a file's name.

use crate::einvoice::Error;

/// Tells what wrapper, or what content, some bytes are.
#[derive(Debug)]
pub(crate) enum Sniffed {
    /// XML text in some encoding.
    Xml,
    /// A zip archive.
    Zip,
    /// A CMS message, DER or BER.
    Signed,
    /// Base64 between PEM lines.
    Pem,
    /// Bare base64.
    Base64,
    /// Something else, with the reason to put it aside.
    Other(Error),
}

/// Bytes looked at to tell base64 from other text.
const SAMPLE_BYTES: usize = 4096;
/// What a leading `0x80` (and `0x82`) becomes when binary passes for text.
const TEXT_MODE_MARKS: [&[u8]; 4] =
    [b"0\xc2\x80", b"0\xc2\x82", b"0\xe2\x82\xac", b"0\xef\xbf\xbd"];

/// Returns what the bytes are.
pub(crate) fn sniff(bytes: &[u8]) -> Sniffed {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        let mut letters = bytes[2..].iter().filter(|byte| **byte != 0);
        return match letters.find(|byte| !byte.is_ascii_whitespace()) {
            Some(b'<') | None => Sniffed::Xml,
            Some(_) => {
                Sniffed::Other(Error::NotInvoice { found: "plain text, not XML".to_owned() })
            }
        };
    }
    let start = trim_start(bytes);
    match start {
        [] => Sniffed::Other(Error::Empty),
        [b'<', ..] => Sniffed::Xml,
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Sniffed::Zip,
        _ if start.starts_with(b"-----BEGIN") => Sniffed::Pem,
        _ if TEXT_MODE_MARKS.iter().any(|mark| start.starts_with(mark)) => {
            Sniffed::Other(Error::Damaged {
                why: "its bytes were changed by a transfer as text".to_owned(),
                source: None,
            })
        }
        // SEQUENCE, then a length in one of its long forms: no text begins so.
        [0x30, 0x80..=0x84, ..] => Sniffed::Signed,
        _ if is_base64(start) => Sniffed::Base64,
        _ => Sniffed::Other(Error::NotInvoice { found: describe(start) }),
    }
}

/// Drops byte order marks and blanks, however many and in any order.
pub(crate) fn trim_start(mut bytes: &[u8]) -> &[u8] {
    loop {
        bytes = bytes.trim_ascii_start();
        match bytes.strip_prefix(b"\xef\xbb\xbf") {
            Some(rest) => bytes = rest,
            None => return bytes,
        }
    }
}

fn is_base64(bytes: &[u8]) -> bool {
    let sample = &bytes[..bytes.len().min(SAMPLE_BYTES)];
    let digits = sample.iter().filter(|byte| !byte.is_ascii_whitespace()).count();
    digits >= 16
        && sample.iter().all(|byte| {
            byte.is_ascii_alphanumeric()
                || matches!(byte, b'+' | b'/' | b'=')
                || byte.is_ascii_whitespace()
        })
}

fn describe(bytes: &[u8]) -> String {
    let known = [
        (b"%PDF".as_slice(), "a PDF"),
        (b"\xd0\xcf\x11\xe0", "an Office document"),
        (b"Rar!", "a RAR archive"),
        (b"7z\xbc\xaf", "a 7z archive"),
        (b"\x1f\x8b", "a gzip file"),
        (b"\x89PNG", "a picture"),
        (b"\xff\xd8\xff", "a picture"),
    ];
    if let Some((_, name)) = known.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return (*name).to_owned();
    }
    let sample = &bytes[..bytes.len().min(SAMPLE_BYTES)];
    let is_text = sample.iter().all(|byte| *byte >= 0x20 || byte.is_ascii_whitespace());
    if is_text {
        "plain text, not XML".to_owned()
    } else {
        "binary data of no known kind".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_every_wrapper_by_content() {
        assert!(matches!(sniff(b"\xef\xbb\xbf\xef\xbb\xbf \n<?xml"), Sniffed::Xml));
        assert!(matches!(sniff(b"PK\x03\x04rest"), Sniffed::Zip));
        assert!(matches!(sniff(b"\x30\x80\x06\x09"), Sniffed::Signed));
        assert!(matches!(sniff(b"-----BEGIN PKCS7-----"), Sniffed::Pem));
        assert!(matches!(sniff(b"MIAGCSqGSIb3DQEH\r\nAqCAMIAC"), Sniffed::Base64));
        assert!(matches!(sniff(b"0\xe2\x82\xac\x06"), Sniffed::Other(Error::Damaged { .. })));
        assert!(matches!(sniff(b" \n "), Sniffed::Other(Error::Empty)));
        assert!(matches!(sniff(b"\xff\xfe<\0a\0"), Sniffed::Xml));
        assert!(matches!(sniff(b"\xff\xfeN\0u\0"), Sniffed::Other(Error::NotInvoice { .. })));
    }

    #[test]
    fn table_is_no_invoice() {
        let Sniffed::Other(error) = sniff(b"Numero;Data;Totale\n1;01/02/2026;5,00") else {
            panic!("a table is neither XML nor base64");
        };
        assert_eq!(error.to_string(), "not an electronic invoice: plain text, not XML");
    }
}
