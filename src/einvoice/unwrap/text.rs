//! Bytes to text, in the encoding that they are in and not the one that they claim.
//!
//! A strict reading comes first. Bytes that are not what the declaration says are read as
//! windows-1252, the usual culprit, with a warning; UTF-8 that calls itself something else
//! is read as UTF-8, since text of another encoding is UTF-8 only by a miracle.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::sniff::trim_start;
use crate::einvoice::Error;

/// Bytes in which the XML declaration must end.
const DECLARATION_BYTES_MAX: usize = 256;

/// Returns the text without byte order marks and blanks around it, and what was odd.
pub(super) fn decode(bytes: &[u8]) -> Result<(Cow<'_, str>, Vec<String>), Error> {
    let mut warnings = Vec::new();
    if let Some(rest) = bytes.strip_prefix(b"\xff\xfe") {
        return Ok((Cow::Owned(utf16(rest, UTF_16LE)?), warnings));
    }
    if let Some(rest) = bytes.strip_prefix(b"\xfe\xff") {
        return Ok((Cow::Owned(utf16(rest, UTF_16BE)?), warnings));
    }
    let start = trim_start(bytes);
    let dropped = &bytes[..bytes.len() - start.len()];
    if dropped.split(|byte| *byte == 0xef).count() > 2 {
        warnings.push("the byte order mark stands twice".to_owned());
    }
    if dropped.iter().any(u8::is_ascii_whitespace) {
        warnings.push("blanks stand before the XML begins".to_owned());
    }
    let end = start.iter().rposition(|byte| *byte != 0 && !byte.is_ascii_whitespace());
    let body = &start[..end.map_or(0, |last| last + 1)];
    let declared = declared_encoding(body);
    let encoding = match declared.as_deref().map(|label| Encoding::for_label(label.as_bytes())) {
        None => UTF_8,
        // Text that could be read this far has one byte a letter.
        Some(Some(encoding)) if encoding == UTF_16LE || encoding == UTF_16BE => UTF_8,
        Some(Some(encoding)) => encoding,
        Some(None) => {
            let label = declared.unwrap_or_default();
            warnings.push(format!("the declared encoding `{label}` is not known"));
            UTF_8
        }
    };
    let text = match std::str::from_utf8(body) {
        Ok(text) => {
            if encoding != UTF_8 && !text.is_ascii() {
                warnings.push(format!("declared as {}, but it is UTF-8", encoding.name()));
            }
            Cow::Borrowed(text)
        }
        Err(_) if encoding == UTF_8 => {
            warnings.push("not UTF-8 as it claims: read as windows-1252".to_owned());
            WINDOWS_1252.decode_without_bom_handling(body).0
        }
        Err(_) => encoding
            .decode_without_bom_handling_and_without_replacement(body)
            .ok_or(Error::Encoding { encoding: encoding.name() })?,
    };
    Ok((text, warnings))
}

/// Names UTF-8 in an XML declaration that names another encoding.
pub(super) fn declared_utf8(text: &str) -> Cow<'_, str> {
    let is_other = declared_encoding(text.as_bytes())
        .is_some_and(|label| !label.eq_ignore_ascii_case("utf-8"));
    let Some((_, rest)) = text.split_once("?>").filter(|_| is_other) else {
        return Cow::Borrowed(text);
    };
    Cow::Owned(format!(r#"<?xml version="1.0" encoding="UTF-8"?>{rest}"#))
}

fn utf16(bytes: &[u8], encoding: &'static Encoding) -> Result<String, Error> {
    encoding
        .decode_without_bom_handling_and_without_replacement(bytes)
        .map(|text| text.trim_matches(|c: char| c == '\0' || c.is_whitespace()).to_owned())
        .ok_or(Error::Encoding { encoding: encoding.name() })
}

/// Returns the encoding that the XML declaration names.
fn declared_encoding(body: &[u8]) -> Option<String> {
    let head = &body[..body.len().min(DECLARATION_BYTES_MAX)];
    let declaration = head.strip_prefix(b"<?xml")?;
    let end = declaration.windows(2).position(|pair| pair == b"?>")?;
    let text = std::str::from_utf8(&declaration[..end]).ok()?;
    let after = text.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = after.chars().next().filter(|first| matches!(first, '"' | '\''))?;
    after[1..].split(quote).next().map(|label| label.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_claim_falls_back_with_warning() {
        let (text, warnings) =
            decode(b"<?xml version='1.0' encoding='UTF-8'?><a>citt\xe0</a>").unwrap();
        assert!(text.ends_with("<a>citt\u{e0}</a>"), "{text}");
        assert_eq!(warnings, ["not UTF-8 as it claims: read as windows-1252"]);
    }

    #[test]
    fn latin_label_is_windows_1252() {
        let (text, warnings) =
            decode(b"<?xml version='1.0' encoding='latin1'?><a>\x80</a>").unwrap();
        assert!(text.contains('\u{20ac}'));
        assert_eq!(warnings, Vec::<String>::new());
    }

    #[test]
    fn utf8_under_wrong_label_stays_utf8() {
        let source = "<?xml version='1.0' encoding='windows-1252'?><a>città</a>";
        let (text, warnings) = decode(source.as_bytes()).unwrap();
        assert_eq!(text, source);
        assert_eq!(warnings, ["declared as windows-1252, but it is UTF-8"]);
    }

    #[test]
    fn marks_and_blanks_fall_away() {
        let (text, warnings) = decode(b"\xef\xbb\xbf\xef\xbb\xbf\r\n<a/>\0\0\n").unwrap();
        assert_eq!(text, "<a/>");
        assert_eq!(warnings.len(), 2);
    }

    #[test]
    fn declaration_is_named_anew() {
        let latin = "<?xml version='1.0' encoding='windows-1252'?>\n<a>città</a>";
        let named = declared_utf8(latin);
        assert_eq!(named, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a>città</a>");
        for text in
            ["<a/>", "<?xml version='1.0'?><a/>", "<?xml version='1.0' encoding='utf-8'?><a/>"]
        {
            assert_eq!(declared_utf8(text), text);
        }
    }

    #[test]
    fn sixteen_bit_text_is_read() {
        let mut bytes = vec![0xff, 0xfe];
        bytes.extend("<a>è</a>".encode_utf16().flat_map(u16::to_le_bytes));
        assert_eq!(decode(&bytes).unwrap().0, "<a>è</a>");
    }
}
