//! Takes the wrapping off: gzip, and a zip around one file.
//!
//! Sizes in headers are not believed: the bytes that come out are counted, and a wrapper
//! that grows past every ledger is refused before it is memory. A zip that is a workbook
//! itself is no wrapping.

use std::borrow::Cow;
use std::io::{Cursor, Read};

use flate2::read::MultiGzDecoder;
use zip::ZipArchive;

use crate::ledger::Error;
use crate::ledger::sniff::{foreign_zip, is_workbook_zip};

/// How many bytes a wrapped file may have; a register of a million rows has 150 MB.
const INFLATED_BYTES_MAX: u64 = 512 << 20;

/// How many wrappings are taken off: a gzip in a zip, and one to spare.
const DEPTH_MAX: usize = 3;

/// How many members an error lists.
const MEMBERS_MAX: usize = 10_000;

const ZIP: &[u8] = b"PK\x03\x04";
const GZIP: &[u8] = b"\x1F\x8B";

/// Returns the bytes of the file inside, or the bytes themselves when nothing is around them.
pub(super) fn unwrap<'a>(file_name: &str, bytes: &'a [u8]) -> Result<Cow<'a, [u8]>, Error> {
    let mut content = Cow::Borrowed(bytes);
    for _ in 0..DEPTH_MAX {
        let inside = if content.starts_with(GZIP) {
            let inside = || MultiGzDecoder::new(&*content);
            let size = counted(INFLATED_BYTES_MAX, file_name, "gzip", inside())?;
            kept(size, file_name, "gzip", inside())?
        } else if content.starts_with(ZIP) && !is_workbook_zip(&content) {
            only_member(file_name, &content)?
        } else {
            return Ok(content);
        };
        content = Cow::Owned(inside);
    }
    let is_wrapped =
        content.starts_with(GZIP) || (content.starts_with(ZIP) && !is_workbook_zip(&content));
    if is_wrapped {
        return Err(damaged(file_name, format!("it is wrapped more than {DEPTH_MAX} times")));
    }
    Ok(content)
}

/// Returns the one file of a zip; the litter of systems is none.
fn only_member(file_name: &str, bytes: &[u8]) -> Result<Vec<u8>, Error> {
    if let Some(form) = foreign_zip(bytes) {
        return Err(Error::Unsupported { file: file_name.to_owned(), form });
    }
    let unreadable = |error: zip::result::ZipError| {
        damaged(file_name, format!("its zip archive cannot be read: {error}"))
    };
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(unreadable)?;
    let mut members: Vec<(usize, String)> = Vec::new();
    for index in 0..archive.len().min(MEMBERS_MAX) {
        let name = archive.name_for_index(index).and_then(Result::ok).map(Cow::into_owned);
        let name = name.unwrap_or_else(|| format!("member {}", index + 1));
        if !is_litter(&name) && !name.ends_with(['/', '\\']) {
            members.push((index, name));
        }
    }
    match &members[..] {
        [] => Err(Error::Empty { file: file_name.to_owned() }),
        [(index, _)] => {
            let member = archive.by_index(*index).map_err(unreadable)?;
            let size = counted(INFLATED_BYTES_MAX, file_name, "zip", member)?;
            kept(size, file_name, "zip", archive.by_index(*index).map_err(unreadable)?)
        }
        several => Err(Error::SeveralFiles {
            file: file_name.to_owned(),
            members: several.iter().map(|(_, name)| name.clone()).collect(),
        }),
    }
}

/// Counts what comes out and throws it away, no further than any ledger goes.
///
/// Memory that grows with what comes would be twice a bomb's size when it is refused.
fn counted(limit: u64, file_name: &str, form: &str, packed: impl Read) -> Result<usize, Error> {
    let size = std::io::copy(&mut packed.take(limit + 1), &mut std::io::sink())
        .map_err(|error| broken(file_name, form, &error))?;
    if size > limit {
        return Err(damaged(
            file_name,
            format!("more than {} MB come out of its {form} archive", limit >> 20),
        ));
    }
    Ok(usize::try_from(size).unwrap_or(usize::MAX))
}

/// Reads what was counted before.
fn kept(size: usize, file_name: &str, form: &str, packed: impl Read) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::with_capacity(size);
    packed
        .take(size as u64)
        .read_to_end(&mut bytes)
        .map_err(|error| broken(file_name, form, &error))?;
    Ok(bytes)
}

fn broken(file_name: &str, form: &str, error: &std::io::Error) -> Error {
    damaged(file_name, format!("its {form} archive is damaged: {error}"))
}

/// Tells the litter of systems from files that a person put there.
fn is_litter(path: &str) -> bool {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    path.split(['/', '\\']).any(|part| part == "__MACOSX")
        || name.starts_with('.')
        || name.eq_ignore_ascii_case("thumbs.db")
        || name.eq_ignore_ascii_case("desktop.ini")
}

fn damaged(file_name: &str, reason: String) -> Error {
    Error::Unreadable { file: file_name.to_owned(), reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn gzipped(bytes: &[u8]) -> Vec<u8> {
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap()
    }

    fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in members {
            writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn refusal(bytes: &[u8]) -> String {
        unwrap("x", bytes).unwrap_err().to_string()
    }

    #[test]
    fn wrappings_come_off() {
        assert_eq!(&*unwrap("x", b"a;b").unwrap(), b"a;b");
        assert_eq!(&*unwrap("x", &gzipped(b"a;b")).unwrap(), b"a;b");
        let litter: &[u8] = b"x";
        let one =
            zipped(&[("__MACOSX/._a.csv", litter), ("mese/a.csv", b"a;b"), (".DS_Store", litter)]);
        assert_eq!(&*unwrap("x", &gzipped(&one)).unwrap(), b"a;b");
    }

    #[test]
    fn several_files_are_a_question() {
        let two = zipped(&[("a.csv", b"a"), ("b.csv", b"b")]);
        assert_eq!(refusal(&two), "`x` is a zip archive of several files: `a.csv`, `b.csv`");
        assert_eq!(refusal(&zipped(&[("mese/", b"")])), "`x` is empty");
    }

    #[test]
    fn other_documents_in_a_zip_are_named() {
        let letter = zipped(&[("[Content_Types].xml", b"x"), ("word/document.xml", b"x")]);
        assert_eq!(refusal(&letter), "`x` is a Word document, which `upload` does not read");
    }

    #[test]
    fn damage_and_bombs_are_errors() {
        let mut cut = gzipped(b"a;b");
        cut.truncate(12);
        assert!(refusal(&cut).contains("its gzip archive is damaged"), "{}", refusal(&cut));
        assert!(refusal(b"PK\x03\x04nothing").contains("its zip archive cannot be read"));
        let wrapped = (0..4).fold(b"a;b".to_vec(), |inner, _| gzipped(&inner));
        assert!(refusal(&wrapped).contains("wrapped more than 3 times"));
        let bomb = gzipped(&vec![b' '; 3 << 20]);
        let error = counted(2 << 20, "x", "gzip", MultiGzDecoder::new(&*bomb)).unwrap_err();
        assert!(error.to_string().contains("more than 2 MB come out"), "{error}");
    }
}
