//! Tells the form of a file by its bytes, never by its name.
//!
//! Accountants rename: `.xls` holds HTML, `.csv` holds a workbook. An encrypted `.xlsx`
//! is an OLE file like a true `.xls`, so the password is looked for before the form.

use crate::ledger::encoding::looks_like_utf16;
use crate::ledger::{Error, Format};

/// Says which reader a file needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dress {
    /// Delimited text.
    Text,
    /// A workbook of the given form.
    Workbook(Format),
    /// Text between tags, of the given form.
    Markup(Format),
}

const ZIP: &[u8] = b"PK\x03\x04";
const OLE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
/// What else people upload, by its beginning.
const FOREIGN: [(&[u8], &str); 4] = [
    (b"%PDF", "a PDF document"),
    (b"Rar!\x1A\x07", "a RAR archive"),
    (b"7z\xBC\xAF\x27\x1C", "a 7z archive"),
    (b"-----BEGIN ", "a signed file, as electronic invoices are"),
];
/// How base64 of XML and of signed files begins.
const BASE64: [&[u8]; 5] = [b"PD94bWw", b"77u/PD94", b"PHA6RmF0", b"MIA", b"MII"];

/// How far from either end of a zip its member names are looked for.
const ZIP_GLANCE_BYTES: usize = 512 * 1024;

/// Returns the form of bytes without wrapping, or why they cannot be read.
pub(super) fn sniff(file_name: &str, bytes: &[u8]) -> Result<Dress, Error> {
    let file = || file_name.to_owned();
    let unsupported = |form| Err(Error::Unsupported { file: file(), form });
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Error::Empty { file: file() });
    }
    if bytes.starts_with(ZIP) {
        return match zip_form(bytes) {
            Some(format) => Ok(Dress::Workbook(format)),
            None => unsupported("a zip archive without a workbook in it"),
        };
    }
    if bytes.starts_with(OLE) {
        return if is_encrypted_package(bytes) {
            Err(Error::PasswordProtected { file: file() })
        } else {
            Ok(Dress::Workbook(Format::Xls))
        };
    }
    if let Some((_, form)) = FOREIGN.iter().find(|(begin, _)| bytes.starts_with(begin)) {
        return unsupported(form);
    }
    if let Some(form) = other_text(bytes) {
        return unsupported(form);
    }
    match markup_form(bytes) {
        Some(Markup::Read(format)) => return Ok(Dress::Markup(format)),
        Some(Markup::Other(form)) => return unsupported(form),
        None => {}
    }
    if bytes.contains(&0) && !looks_like_utf16(bytes) {
        return Err(Error::Unreadable {
            file: file(),
            reason: "it holds binary data and is no workbook".to_owned(),
        });
    }
    Ok(Dress::Text)
}

/// Tells electronic invoices in a wrapper and JSON from delimited text.
fn other_text(bytes: &[u8]) -> Option<&'static str> {
    let head = &bytes[..bytes.len().min(256)];
    let text = head.trim_ascii_start();
    // SEQUENCE, then a length in one of its long forms: no text begins so.
    if matches!(text, [0x30, 0x80..=0x84, ..]) {
        return Some("a signed file, as electronic invoices are");
    }
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=\r\n".contains(byte);
    if BASE64.iter().any(|begin| text.starts_with(begin)) && text.iter().all(is_letter) {
        return Some("base64 text, as electronic invoices are sent in");
    }
    let inside = match text {
        [b'{' | b'[', inside @ ..] => inside.trim_ascii_start(),
        _ => return None,
    };
    matches!(inside, [b'"' | b'{' | b'}' | b']', ..]).then_some("a JSON document")
}

/// Names a document that is a zip and no workbook.
pub(super) fn foreign_zip(bytes: &[u8]) -> Option<&'static str> {
    let tail = &bytes[bytes.len().saturating_sub(ZIP_GLANCE_BYTES)..];
    let known = [
        ("word/document.xml", "a Word document"),
        ("ppt/presentation.xml", "a presentation"),
        ("application/vnd.oasis.opendocument.text", "a text document"),
    ];
    let head = &bytes[..bytes.len().min(ZIP_GLANCE_BYTES)];
    let holds = |name: &str| contains(tail, name.as_bytes()) || contains(head, name.as_bytes());
    known.into_iter().find(|(name, _)| holds(name)).map(|(_, form)| form)
}

/// Tells whether a zip is a workbook and not a wrapping.
pub(super) fn is_workbook_zip(bytes: &[u8]) -> bool {
    zip_form(bytes).is_some()
}

/// Tells the workbooks that live in a zip apart by the names of their members.
fn zip_form(bytes: &[u8]) -> Option<Format> {
    let head = &bytes[..bytes.len().min(ZIP_GLANCE_BYTES)];
    let tail = &bytes[bytes.len().saturating_sub(ZIP_GLANCE_BYTES)..];
    let holds = |name: &str| contains(tail, name.as_bytes()) || contains(head, name.as_bytes());
    if holds("xl/workbook.bin") {
        Some(Format::Xlsb)
    } else if holds("xl/vbaProject.bin") {
        Some(Format::Xlsm)
    } else if holds("xl/workbook.xml") || holds("xl/worksheets/") {
        Some(Format::Xlsx)
    } else if contains(head, b"application/vnd.oasis.opendocument.spreadsheet") {
        Some(Format::Ods)
    } else {
        None
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    memchr::memmem::find(haystack, needle).is_some()
}

/// Looks for the stream of an encrypted OOXML package in an OLE file's directory.
///
/// Directory entries are 128 bytes long and aligned, and begin with the UTF-16 name.
fn is_encrypted_package(bytes: &[u8]) -> bool {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    bytes.chunks(128).any(|entry| entry.starts_with(&name))
}

enum Markup {
    Read(Format),
    Other(&'static str),
}

/// Tells the markup that a file begins with, if it does.
fn markup_form(bytes: &[u8]) -> Option<Markup> {
    // Zeros are what UTF-16 puts between plain letters; they do not hide a tag.
    let head: Vec<u8> = bytes[..bytes.len().min(8192)]
        .iter()
        .filter(|byte| **byte != 0)
        .map(u8::to_ascii_lowercase)
        .collect();
    let marks: [&[u8]; 3] = [b"\xEF\xBB\xBF", b"\xFF\xFE", b"\xFE\xFF"];
    let text = marks.iter().find_map(|mark| head.strip_prefix(*mark)).unwrap_or(&head);
    if !text.trim_ascii_start().starts_with(b"<") {
        return None;
    }
    let holds = |word: &str| contains(&head, word.as_bytes());
    Some(if holds("fatturaelettronica") {
        Markup::Other("an electronic invoice")
    } else if holds("<easyfattdocuments") {
        Markup::Read(Format::Easyfatt)
    } else if holds("urn:schemas-microsoft-com:office:spreadsheet") && !holds("<html") {
        Markup::Read(Format::SpreadsheetMl)
    } else if holds("<html") || holds("<table") || holds("<!doctype html") || holds("<body") {
        Markup::Read(Format::Html)
    } else {
        Markup::Other("an XML document")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form_of(bytes: &[u8]) -> String {
        match sniff("x", bytes) {
            Ok(dress) => format!("{dress:?}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn content_tells_the_form() {
        for (bytes, form) in [
            (&b"a;b\n1;2\n"[..], "Text"),
            (b"\xFF\xFEa\0;\0", "Text"),
            (b"PK\x03\x04....xl/workbook.xml", "Workbook(Xlsx)"),
            (b"PK\x03\x04....xl/workbook.bin", "Workbook(Xlsb)"),
            (b"PK\x03\x04....xl/workbook.xml xl/vbaProject.bin", "Workbook(Xlsm)"),
            (b"PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "Workbook(Ods)"),
            (b"\xEF\xBB\xBF <html><table>", "Markup(Html)"),
            (b"<\0t\0a\0b\0l\0e\0>\0", "Markup(Html)"),
            (b"<?xml version='1.0'?><EasyfattDocuments AppVersion='2'>", "Markup(Easyfatt)"),
            (
                b"<?xml version='1.0'?><Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'>",
                "Markup(SpreadsheetMl)",
            ),
            (b"<?xml version='1.0'?><lista/>", "`x` is an XML document, which `upload` does not read"),
            (b"D\0a\0t\0a\0;\0N\0", "Text"),
            (
                b"<?xml version='1.0'?><p:FatturaElettronica>",
                "`x` is an electronic invoice, which `upload` does not read",
            ),
            (b"\x01\x00\x02", "cannot read `x`: it holds binary data and is no workbook"),
            (b" \r\n ", "`x` is empty"),
            (b"{\"a\": 1}", "`x` is a JSON document, which `upload` does not read"),
            (b"[Data];[Totale]\n", "Text"),
            (b"Rar!\x1A\x07\x00", "`x` is a RAR archive, which `upload` does not read"),
            (
                b"\x30\x82\x0d\x55\x06\x09",
                "`x` is a signed file, as electronic invoices are, which `upload` does not read",
            ),
            (
                b"MIINVgYJKoZIhvcNAQcCoIINRzCCDUMCAQEx\nDTALBglghkgB",
                "`x` is base64 text, as electronic invoices are sent in, which `upload` does not read",
            ),
            (b"MIA;1\n", "Text"),
        ] {
            assert_eq!(form_of(bytes), form);
        }
    }

    #[test]
    fn encrypted_package_is_no_old_workbook() {
        let mut file = OLE.to_vec();
        file.resize(512, 0);
        assert_eq!(form_of(&file), "Workbook(Xls)");
        file.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
        assert_eq!(form_of(&file), "`x` is protected by a password");
    }
}
