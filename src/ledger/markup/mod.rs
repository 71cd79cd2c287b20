//! Tables between tags: HTML, SpreadsheetML 2003, OpenDocument, Easyfatt's XML.
//!
//! Web programs call a page `.xls` because Excel opens it; the form before XLSX was one XML
//! file; an `.ods` is XML in a zip. All are read in one pass, as a stream of tags, into the
//! cells of `grid`, which counts them: whatever a file repeats or nests, it never grows here.

mod easyfatt;
mod html;
mod opendocument;
mod spreadsheet;
mod xml;

use std::io::{Cursor, Read as _};

use crate::ledger::encoding::decode;
use crate::ledger::layout::Layout;
use crate::ledger::pick::{Sheet, chosen, pick};
use crate::ledger::table::Found;
use crate::ledger::{Error, Format, Upload};

/// How many bytes of content an OpenDocument file may unpack to.
const CONTENT_BYTES_MAX: u64 = 1 << 30;

/// Finds the one table of a marked-up file, or says why there is none.
pub(super) fn find_table<'a>(
    upload: &Upload<'a>,
    format: Format,
    wanted: Option<&'a Layout>,
) -> Result<Found<'a>, Error> {
    let (sheets, encoding) = sheets(upload, format)?;
    let found = pick(upload, format, wanted, sheets.into_iter().map(Ok))?;
    Ok(Found { encoding, ..found })
}

/// Returns the tables that may be meant, and the encoding of what is text.
pub(super) fn sheets(
    upload: &Upload,
    format: Format,
) -> Result<(Vec<Sheet>, Option<String>), Error> {
    let unreadable =
        |reason: String| Error::Unreadable { file: upload.file_name.to_owned(), reason };
    let (sheets, encoding) = if format == Format::Ods {
        (opendocument::read(&content(upload)?).map_err(unreadable)?, None)
    } else {
        let (text, encoding) = decode(upload.file_name, upload.bytes)?;
        let sheets = match format {
            Format::Html => html::read(&text),
            Format::Easyfatt => easyfatt::read(&text),
            _ => spreadsheet::read(&text),
        };
        (sheets.map_err(unreadable)?, Some(encoding.to_owned()))
    };
    if format == Format::Html && sheets.iter().all(|sheet| sheet.grid.len() == 0) {
        let form = "an HTML page without a table";
        return Err(Error::Unsupported { file: upload.file_name.to_owned(), form });
    }
    let names = chosen(upload, sheets.iter().map(|sheet| sheet.name.clone()).collect())?;
    Ok((sheets.into_iter().filter(|one| names.contains(&one.name)).collect(), encoding))
}

/// Returns the text of an OpenDocument file's tables.
fn content(upload: &Upload) -> Result<String, Error> {
    let file = || upload.file_name.to_owned();
    let unreadable = |reason: String| Error::Unreadable { file: file(), reason };
    let mut archive = zip::ZipArchive::new(Cursor::new(upload.bytes))
        .map_err(|error| unreadable(format!("its zip archive is damaged: {error}")))?;
    let mut member = |name: &str, limit: u64| {
        let member = archive.by_name(name).ok()?;
        let mut bytes = Vec::new();
        member.take(limit + 1).read_to_end(&mut bytes).ok()?;
        (bytes.len() as u64 <= limit).then_some(bytes)
    };
    // An encrypted file says so in its list of members.
    let manifest = member("META-INF/manifest.xml", 1 << 20).unwrap_or_default();
    if memchr::memmem::find(&manifest, b"encryption-data").is_some() {
        return Err(Error::PasswordProtected { file: file() });
    }
    let bytes = member("content.xml", CONTENT_BYTES_MAX)
        .ok_or_else(|| unreadable("its part `content.xml` is damaged or too large".to_owned()))?;
    String::from_utf8(bytes)
        .map_err(|_| unreadable("its part `content.xml` is no UTF-8".to_owned()))
}
