//! What a zipped workbook unpacks to, counted before anybody believes it.
//!
//! A member's stated size may lie, and a megabyte of zeros packs into a kilobyte. So each
//! member is unpacked once and thrown away: its size is held against a limit, and in XML
//! also the longest stretch between two tags, since a reader keeps such a stretch whole.

use std::io::{Cursor, Read};

use thiserror::Error;
use zip::ZipArchive;

/// Says how much may come out of a workbook.
struct Limits {
    /// Bytes of a sheet: 1,048,576 rows of 20 columns.
    sheet_bytes: u64,
    /// Bytes of any other member; shared strings are kept whole.
    other_bytes: u64,
    /// Tags of any other member: two million shared strings.
    other_tags: usize,
    total_bytes: u64,
    /// Bytes between two tags; a cell holds 32,767 characters.
    stretch_bytes: usize,
}

const LIMITS: Limits = Limits {
    sheet_bytes: 1 << 30,
    other_bytes: 256 << 20,
    other_tags: 10_000_000,
    total_bytes: 2 << 30,
    stretch_bytes: 1 << 20,
};

/// Says why a workbook is not opened.
#[derive(Debug, Error)]
pub(in crate::ledger) enum BadMember {
    #[error("its zip archive is damaged: {0}")]
    Damaged(String),
    #[error("more than {limit_mb} MB come out of its part `{name}`")]
    Large { name: String, limit_mb: u64 },
    #[error("its part `{name}` has more than {tags_max} tags")]
    Tags { name: String, tags_max: usize },
    #[error("its part `{name}` has a cell of more than a megabyte")]
    Stretch { name: String },
}

/// What follows a formula whose value was not saved.
const NO_VALUE: [&[u8]; 4] = [b"/c>", b"v/>", b"v />", b"v></v>"];

/// Unpacks every member once and refuses what would not fit.
///
/// Tells whether a cell of a sheet has a formula without the value that it came to, as
/// programs leave it that write workbooks and do not calculate.
pub(in crate::ledger) fn check(bytes: &[u8]) -> Result<bool, BadMember> {
    check_within(bytes, &LIMITS)
}

fn check_within(bytes: &[u8], limits: &Limits) -> Result<bool, BadMember> {
    let damaged = |error: &dyn std::fmt::Display| BadMember::Damaged(error.to_string());
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
    let mut budget = limits.total_bytes;
    let mut buffer = vec![0; 128 << 10];
    let mut has_formula_alone = false;
    for index in 0..archive.len() {
        // A member that cannot be opened is not opened by anybody else.
        let Ok(member) = archive.by_index(index) else { continue };
        let name = String::from_utf8_lossy(member.name_raw()).into_owned();
        let limit = if is_sheet(&name) { limits.sheet_bytes } else { limits.other_bytes };
        let alone = if is_sheet(&name) { Some(&mut has_formula_alone) } else { None };
        let size = count(member, &name, limit.min(budget), limits, &mut buffer, alone)?;
        budget -= size;
    }
    Ok(has_formula_alone)
}

/// Looks for formulas without a value; one at the very edge of a piece may be missed, but
/// who saves no values saves none.
fn has_formula_alone(piece: &[u8]) -> bool {
    const END: &[u8] = b"</f><";
    memchr::memmem::find_iter(piece, END)
        .any(|at| NO_VALUE.iter().any(|next| piece[at + END.len()..].starts_with(next)))
}

fn is_sheet(name: &str) -> bool {
    name.to_ascii_lowercase().contains("sheets/") || name == "content.xml"
}

fn count(
    mut member: impl Read,
    name: &str,
    limit: u64,
    limits: &Limits,
    buffer: &mut [u8],
    mut alone: Option<&mut bool>,
) -> Result<u64, BadMember> {
    let is_xml = [".xml", ".rels"].iter().any(|end| name.ends_with(end));
    let (mut size, mut stretch, mut tags) = (0, 0, 0);
    loop {
        // Damage at this place is found again, and named, when the member is read.
        let read = member.read(buffer).unwrap_or(0);
        if read == 0 {
            return Ok(size);
        }
        size += read as u64;
        if size > limit {
            return Err(BadMember::Large { name: name.to_owned(), limit_mb: limit >> 20 });
        }
        if !is_xml {
            continue;
        }
        if let Some(alone) = alone.as_deref_mut().filter(|alone| !**alone) {
            *alone = has_formula_alone(&buffer[..read]);
        }
        let mut from = 0;
        for tag in memchr::memchr_iter(b'<', &buffer[..read]) {
            if stretch + tag - from > limits.stretch_bytes {
                return Err(BadMember::Stretch { name: name.to_owned() });
            }
            (stretch, from) = (0, tag);
            tags += 1;
        }
        if tags > limits.other_tags && !is_sheet(name) {
            return Err(BadMember::Tags { name: name.to_owned(), tags_max: limits.other_tags });
        }
        stretch += read - from;
        if stretch > limits.stretch_bytes {
            return Err(BadMember::Stretch { name: name.to_owned() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn zipped(name: &str, pieces: usize, piece: &[u8]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        for _ in 0..pieces {
            writer.write_all(piece).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn shared_strings_without_end_are_refused() {
        let limits = Limits { other_bytes: 3 << 20, other_tags: 1000, ..LIMITS };
        let refusal = |piece: &str, pieces| {
            let bomb = zipped("xl/sharedStrings.xml", pieces, piece.as_bytes());
            check_within(&bomb, &limits).unwrap_err().to_string()
        };
        let long = format!("<si><t>{}</t></si>", "Alfa Ceramiche ".repeat(1000));
        let error = refusal(&long, 220);
        assert_eq!(error, "more than 3 MB come out of its part `xl/sharedStrings.xml`");
        let error = refusal("<si/>", 2000);
        assert_eq!(error, "its part `xl/sharedStrings.xml` has more than 1000 tags");
    }

    #[test]
    fn formula_without_its_value_is_seen() {
        let has = |cell: &str| {
            let sheet = format!("<row><c r=\"A1\"><f>B1+C1</f>{cell}</c></row>");
            check(&zipped("xl/worksheets/sheet1.xml", 3, sheet.as_bytes())).unwrap()
        };
        assert!(has("<v></v>") && has("<v/>") && has("<v />") && has(""));
        assert!(!has("<v>12.5</v>"));
    }

    #[test]
    fn cell_without_end_is_refused() {
        let bomb = zipped("xl/worksheets/sheet1.xml", 40, &vec![b'x'; 1 << 16]);
        assert!(matches!(check(&bomb), Err(BadMember::Stretch { .. })));
        assert!(check(&zipped("xl/media/image1.png", 40, &vec![b'x'; 1 << 16])).is_ok());
    }
}
