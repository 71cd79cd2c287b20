//! A zip of invoices: its members one at a time, in memory, within limits.
//!
//! Only base names are used and nothing is written, so no path can lead anywhere. Sizes in
//! headers are not believed: the bytes that come out are counted.

use std::borrow::Cow;
use std::io::{Cursor, Read as _};

use zip::ZipArchive;
use zip::result::ZipError;

use super::CONTENT_BYTES_MAX;
use crate::einvoice::Error;

/// Members of one archive that are read at most.
const MEMBERS_MAX: usize = 50_000;
/// Members of one file that are read at most, those of inner archives together.
const TOTAL_MEMBERS_MAX: usize = 200_000;
/// Bytes that may come out of one file, all members and inner archives together.
const TOTAL_BYTES_MAX: u64 = 2 << 30;
/// What stands before each entry of an archive's directory.
const ENTRY_MARK: &[u8] = b"PK\x01\x02";
/// How many times its size a member may grow; XML grows about twenty times.
const RATIO_MAX: u64 = 400;
/// Growth below this many bytes is harmless whatever its ratio.
const RATIO_FREE_BYTES: u64 = 1 << 20;

/// A member's bytes; `None` for the litter of systems; or why it is not read.
pub(crate) type Member = Result<Option<Vec<u8>>, Error>;

/// Holds what may still come out of one file.
pub(crate) struct Budget {
    bytes: u64,
    members: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { bytes: TOTAL_BYTES_MAX, members: TOTAL_MEMBERS_MAX }
    }
}

/// Calls `each` with the base name and the bytes of every member that is a file.
///
/// The litter of systems (`__MACOSX`, `.DS_Store`, `Thumbs.db`) is named but not read.
pub(crate) fn walk(
    bytes: &[u8],
    budget: &mut Budget,
    each: &mut dyn FnMut(String, Member, &mut Budget),
) -> Result<(), Error> {
    // The directory is kept whole by who reads it, so its length is looked at before.
    let entries = bytes.windows(ENTRY_MARK.len()).filter(|mark| *mark == ENTRY_MARK).count();
    if entries > MEMBERS_MAX {
        return Err(refused(format!("it has {entries} members, more than {MEMBERS_MAX}")));
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|source| Error::Archive {
        why: "its directory cannot be read".to_owned(),
        source: Some(source),
    })?;
    let mut growth = by_ratio(bytes.len() as u64);
    for index in 0..archive.len() {
        if budget.members == 0 {
            return Err(refused(format!("more than {TOTAL_MEMBERS_MAX} members come out of it")));
        }
        budget.members -= 1;
        let numbered = || format!("member {}", index + 1);
        let path = archive.name_for_index(index).and_then(Result::ok).map(Cow::into_owned);
        let name = path.as_deref().map_or_else(numbered, base_name);
        if path.as_deref().is_some_and(is_litter) {
            each(name, Ok(None), budget);
            continue;
        }
        let file = match archive.by_index(index) {
            Ok(file) if file.is_dir() => continue,
            Ok(file) => file,
            Err(source) => {
                each(name, Err(unreadable(source)), budget);
                continue;
            }
        };
        if budget.bytes == 0 || growth == 0 {
            return Err(refused("more bytes come out than any archive of invoices has".to_owned()));
        }
        let packed = file.compressed_size();
        let member = read_member(file, packed, growth.min(budget.bytes));
        let read = member.as_ref().map_or(0, |bytes| bytes.len() as u64);
        budget.bytes = budget.bytes.saturating_sub(read);
        growth = growth.saturating_sub(read);
        each(name, member.map(Some), budget);
    }
    Ok(())
}

/// Returns how far some packed bytes may grow.
fn by_ratio(packed_bytes: u64) -> u64 {
    packed_bytes.saturating_mul(RATIO_MAX).max(RATIO_FREE_BYTES)
}

fn read_member(file: impl std::io::Read, packed_bytes: u64, budget: u64) -> Result<Vec<u8>, Error> {
    let by_ratio = by_ratio(packed_bytes);
    let limit = CONTENT_BYTES_MAX.min(by_ratio).min(budget);
    let mut bytes = Vec::new();
    file.take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(ZipError::Io(error)))?;
    if bytes.len() as u64 <= limit {
        return Ok(bytes);
    }
    if limit == by_ratio {
        return Err(refused(format!("a member grows more than {RATIO_MAX} times")));
    }
    Err(Error::TooLarge { size: bytes.len() as u64, limit })
}

fn refused(why: String) -> Error {
    Error::Archive { why, source: None }
}

fn unreadable(source: ZipError) -> Error {
    Error::Archive { why: "a member cannot be read".to_owned(), source: Some(source) }
}

/// Returns the last part of a path, whichever way its slashes lean.
fn base_name(path: &str) -> String {
    path.rsplit(['/', '\\']).find(|part| !part.is_empty()).unwrap_or(path).to_owned()
}

/// Tells the litter of systems from files that a person put there.
pub(crate) fn is_litter(path: &str) -> bool {
    let name = base_name(path);
    path.split(['/', '\\']).any(|part| part == "__MACOSX")
        || name.starts_with("._")
        || name.eq_ignore_ascii_case(".ds_store")
        || name.eq_ignore_ascii_case("thumbs.db")
        || name.eq_ignore_ascii_case("desktop.ini")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_base_names_leave() {
        assert_eq!(base_name("../../etc/passwd"), "passwd");
        assert_eq!(base_name(r"C:\fatture\IT1_a.xml"), "IT1_a.xml");
        assert_eq!(base_name("a/b/"), "b");
    }

    #[test]
    fn litter_is_told_apart() {
        assert!(is_litter("__MACOSX/fatture/._IT1_a.xml"));
        assert!(is_litter("fatture/.DS_Store"));
        assert!(!is_litter("fatture/IT1_a.xml"));
    }
}
