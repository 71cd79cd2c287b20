//! Bytes to text: by mark, then by what the bytes can be.
//!
//! A mark decides. Without one, text that is valid UTF-8 is UTF-8, because other text is
//! so only by a miracle; every second byte zero is UTF-16; what a page declares comes next;
//! and what remains is the one-byte code of Western Europe, where the euro sign tells
//! windows-1252 from ISO-8859-15.

use std::borrow::Cow;

use encoding_rs::{Encoding, ISO_8859_15, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::ledger::Error;

/// How many bytes are looked at for the zeros of UTF-16.
const GLANCE_BYTES: usize = 4096;

/// Returns the text and the name of its encoding.
pub(super) fn decode<'a>(
    file_name: &str,
    bytes: &'a [u8],
) -> Result<(Cow<'a, str>, &'static str), Error> {
    if let Some((encoding, mark_length)) = Encoding::for_bom(bytes) {
        return marked(file_name, encoding, &bytes[mark_length..]);
    }
    if looks_like_utf16(bytes) {
        let encoding = if bytes[0] == 0 { UTF_16BE } else { UTF_16LE };
        if let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(bytes) {
            return Ok((text, encoding.name()));
        }
    }
    if let Some(text) = UTF_8.decode_without_bom_handling_and_without_replacement(bytes) {
        return Ok((text, UTF_8.name()));
    }
    let declared = declared(bytes).filter(|encoding| encoding.is_ascii_compatible());
    let encoding = match declared {
        Some(encoding) if encoding != UTF_8 => encoding,
        _ => one_byte_code(bytes),
    };
    // Every byte has a meaning in these, so they cannot fail, only be wrong; the preview
    // says which encoding was taken.
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    Ok((text, encoding.name()))
}

/// Reads text whose mark says what it is, and names the line that is not.
fn marked<'a>(
    file_name: &str,
    encoding: &'static Encoding,
    body: &'a [u8],
) -> Result<(Cow<'a, str>, &'static str), Error> {
    if let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(body) {
        return Ok((text, encoding.name()));
    }
    let place = match std::str::from_utf8(body) {
        Err(error) if encoding == UTF_8 => {
            let before = &body[..error.valid_up_to()];
            format!("line {}", before.split(|byte| *byte == b'\n').count())
        }
        _ => "it".to_owned(),
    };
    Err(Error::Unreadable {
        file: file_name.to_owned(),
        reason: format!(
            "it begins with the mark of {} and {place} holds bytes that are none",
            encoding.name()
        ),
    })
}

/// Tells text of two bytes a letter: nearly every second byte is zero.
pub(super) fn looks_like_utf16(bytes: &[u8]) -> bool {
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        return true;
    }
    let glance = &bytes[..bytes.len().min(GLANCE_BYTES)];
    let zeros = |offset: usize| glance.iter().skip(offset).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let most = glance.len() / 2 * 4 / 5;
    bytes.len().is_multiple_of(2)
        && most > 0
        && ((even == 0 && odd > most) || (odd == 0 && even > most))
}

/// Returns the encoding that an XML declaration or a page's `charset` names.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes[..bytes.len().min(GLANCE_BYTES)].to_ascii_lowercase();
    if !head.trim_ascii_start().starts_with(b"<") {
        return None;
    }
    let after = |word: &[u8]| {
        let at = memchr::memmem::find(&head, word)? + word.len();
        let label: Vec<u8> = head[at..]
            .iter()
            .skip_while(|byte| matches!(byte, b' ' | b'=' | b'"' | b'\''))
            .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
            .copied()
            .collect();
        Encoding::for_label(&label)
    };
    after(b"encoding").or_else(|| after(b"charset"))
}

/// Tells the two codes of Western Europe apart: only one has letters between 80 and 9F.
fn one_byte_code(bytes: &[u8]) -> &'static Encoding {
    let has_euro = bytes.contains(&0xA4);
    let has_windows_letters = bytes.iter().any(|byte| (0x80..=0x9F).contains(byte));
    if has_euro && !has_windows_letters { ISO_8859_15 } else { WINDOWS_1252 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoding_follows_mark_then_validity() {
        for (bytes, text, encoding) in [
            (&b"\xEF\xBB\xBFcitt\xC3\xA0"[..], "città", "UTF-8"),
            (b"citt\xC3\xA0", "città", "UTF-8"),
            (b"citt\xE0 \x80", "città €", "windows-1252"),
            (b"citt\xE0 \xA4", "città €", "ISO-8859-15"),
            (b"\xFF\xFEc\0\xE0\0", "cà", "UTF-16LE"),
            (b"\xFE\xFF\0c\0\xE0", "cà", "UTF-16BE"),
            (b"D\0a\0t\0a\0;\0\xE0\0", "Data;à", "UTF-16LE"),
            (b"\0D\0a\0t\0a\0;\0\xE0", "Data;à", "UTF-16BE"),
            (b"<meta charset=\"iso-8859-2\">\xB3", "<meta charset=\"iso-8859-2\">ł", "ISO-8859-2"),
        ] {
            assert_eq!(decode("x", bytes).unwrap(), (text.into(), encoding));
        }
        assert!(decode("x", b"\xFF\xFEc\0\xE0").is_err());
        let error = decode("x", b"\xEF\xBB\xBFa\nb\xE0\n").unwrap_err();
        assert!(error.to_string().ends_with("UTF-8 and line 2 holds bytes that are none"));
    }
}
