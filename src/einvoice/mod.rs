//! Reads electronic invoices and SdI notifications, from any wrapper to typed facts.
//!
//! In come the bytes of a file: FatturaPA XML of any version, the simplified form, a P7M,
//! base64 of either, a zip of hundreds, or a notification of the SdI. Out comes one
//! [`Reading`] a file or member: the invoices in the house's words with everything odd as
//! warnings, or the reason to put the file aside. [`totals`] adds an invoice up and
//! explains what its issuer declared, [`checks`] says what the SdI would reject.
//!
//! The way: `unwrap` takes the wrappers off and decodes the text, `parse` builds a small
//! tree of it and reads the tree, `invoice` and `notification` are what it reads into.
//!
//! Why so: real files break every rule of the schema (wrong encodings, odd prefixes, blanks
//! in values), and the books are compared with what was issued, however it was written. So
//! reading is lenient and says what it forgave; a missing value is `None`, never a guess.
//!
//! Absent: the clock, the network, the disk, the store. FatturaPA's own names leave the room
//! only inside the text of paths and sentences that people read.

mod error;
mod unwrap;

mod parse;

mod invoice;
mod notification;
mod party;
mod tax_code;

pub mod checks;
pub mod totals;

mod inspect;
mod link;
mod lot;

use std::borrow::Cow;

use sha2::{Digest as _, Sha256};
use unwrap::archive::Budget;

pub use error::{Cause, Error};
pub use inspect::{Document, Inspection, InvoiceFile, Noticed, Place, Rejected};
pub use invoice::{
    Adjustment, Attachment, Chargeability, Format, Fund, Invoice, Line, LinkKind, LinkedDocument,
    Maker, Payment, SimplifiedLine, StampDuty, Transmission, Vat, VatSummary, Withholding,
};
pub use lot::lot_document;
pub use notification::{
    InvoiceReference, NameMatch, Notification, NotificationKind, Outcome, SdiError,
};
pub use parse::SchemaFault;
pub use party::{Party, VatNumber};
pub use tax_code::{plain_form, tax_code_fault};
pub use unwrap::{CONTENT_BYTES_MAX, Certainty, Signature, Wrapper};

/// Archives within archives that are opened at most.
const ARCHIVES_MAX: usize = 3;

/// Holds what one file, or one member of an archive, turned out to be.
#[derive(Debug)]
pub struct Reading {
    /// The member's base name, with those of inner archives before it; `None` for a bare file.
    pub member: Option<String>,
    /// The SHA-256 of the bytes as they came, as notifications state it.
    pub sha256: String,
    /// How many bytes came.
    pub bytes: usize,
    /// The SHA-256 of the XML inside every wrapper, the same however it was wrapped.
    pub content_sha256: Option<String>,
    /// The wrappers that were taken off, outermost first.
    pub wrappers: Vec<Wrapper>,
    /// The verdicts on its signatures, apart from the content.
    pub signatures: Vec<Signature>,
    /// What was odd in the file as a whole.
    pub warnings: Vec<Warning>,
    /// Where an invoice does not follow the schema of its format (00200).
    pub schema_faults: Vec<SchemaFault>,
    /// What it holds, or why it is put aside.
    pub content: Result<Content, Error>,
}

/// Holds what a file is about.
#[derive(Debug)]
pub enum Content {
    /// One invoice or a lot of them, each with what was odd in it.
    Invoices(Vec<(Invoice, Vec<Warning>)>),
    /// A notification of the SdI.
    Notification(Box<Notification>),
    /// A file that a system leaves behind (`__MACOSX`), not looked into.
    Litter,
}

/// Says what was odd in a file that was read all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The field, as a path of the file's own names; `None` for the file as a whole.
    pub path: Option<String>,
    /// What was odd and how it was taken.
    pub message: String,
}

impl Warning {
    fn of_file(message: impl Into<String>) -> Self {
        Self { path: None, message: message.into() }
    }
}

/// Reads a file and calls `each` once for it, or for every member of an archive.
///
/// The file's name plays no part: its bytes say what it is. One bad member never stops
/// the others. Memory stays within the file and one member at a time.
pub fn read(bytes: &[u8], each: &mut dyn FnMut(Reading)) {
    read_with_xml(bytes, &mut |reading, _| each(reading));
}

/// Reads a file as [`read`] does, and hands the XML inside the wrappers over as well.
///
/// The XML is empty where there is none to read.
pub fn read_with_xml(bytes: &[u8], each: &mut dyn FnMut(Reading, &[u8])) {
    let mut budget = Budget::default();
    read_nested(bytes, None, 0, &mut budget, each);
}

/// Returns the XML of an invoice as UTF-8 that says so, byte for byte where it is already.
///
/// Text in another encoding is decoded, and its declaration named anew; nothing else changes.
pub fn utf8_xml(xml: &[u8]) -> Result<Vec<u8>, Error> {
    let (text, _) = unwrap::decode(xml)?;
    Ok(unwrap::declared_utf8(&text).into_owned().into_bytes())
}

fn read_nested(
    bytes: &[u8],
    member: Option<String>,
    archives: usize,
    budget: &mut Budget,
    each: &mut dyn FnMut(Reading, &[u8]),
) {
    let mut reading = Reading {
        member,
        sha256: hex::encode(Sha256::digest(bytes)),
        bytes: bytes.len(),
        content_sha256: None,
        wrappers: Vec::new(),
        signatures: Vec::new(),
        warnings: Vec::new(),
        schema_faults: Vec::new(),
        content: Ok(Content::Litter),
    };
    let peeled = match unwrap::peel(bytes) {
        Ok(peeled) => peeled,
        Err(error) => {
            reading.content = Err(error);
            return each(reading, &[]);
        }
    };
    reading.wrappers.clone_from(&peeled.wrappers);
    reading.signatures = peeled.signatures;
    if peeled.is_archive {
        if archives >= ARCHIVES_MAX {
            reading.content = Err(Error::Nesting { limit: ARCHIVES_MAX });
            return each(reading, &[]);
        }
        if let Err(error) =
            read_archive(&peeled.content, reading.member.as_deref(), archives + 1, budget, each)
        {
            reading.wrappers.push(Wrapper::Zip);
            reading.content = Err(error);
            each(reading, &[]);
        }
        return;
    }
    reading.content_sha256 = Some(match peeled.content {
        Cow::Borrowed(_) => reading.sha256.clone(),
        Cow::Owned(ref content) => hex::encode(Sha256::digest(content)),
    });
    reading.content = read_xml(&peeled.content, &mut reading);
    each(reading, &peeled.content);
}

fn read_archive(
    bytes: &[u8],
    outer: Option<&str>,
    archives: usize,
    budget: &mut Budget,
    each: &mut dyn FnMut(Reading, &[u8]),
) -> Result<(), Error> {
    unwrap::archive::walk(bytes, budget, &mut |name, member, budget| {
        let path = outer.map_or_else(|| name.clone(), |outer| format!("{outer}/{name}"));
        match member {
            Ok(Some(bytes)) => read_nested(&bytes, Some(path), archives, budget, each),
            Ok(None) => each(unread(path, Ok(Content::Litter)), &[]),
            Err(error) => each(unread(path, Err(error)), &[]),
        }
    })
}

fn unread(member: String, content: Result<Content, Error>) -> Reading {
    Reading {
        member: Some(member),
        sha256: String::new(),
        bytes: 0,
        content_sha256: None,
        wrappers: Vec::new(),
        signatures: Vec::new(),
        warnings: Vec::new(),
        schema_faults: Vec::new(),
        content,
    }
}

fn read_xml(bytes: &[u8], reading: &mut Reading) -> Result<Content, Error> {
    if bytes.len() as u64 > CONTENT_BYTES_MAX {
        return Err(Error::TooLarge { size: bytes.len() as u64, limit: CONTENT_BYTES_MAX });
    }
    let (text, odd) = unwrap::decode(bytes)?;
    let is_sure = odd.is_empty();
    reading.warnings.extend(odd.into_iter().map(Warning::of_file));
    let parsed = parse::parse(&text)?;
    reading.warnings.extend(parsed.warnings);
    reading.schema_faults = parsed.schema_faults;
    if parsed.has_signature {
        let layer = reading.wrappers.iter().filter(|one| **one == Wrapper::Signed).count() + 1;
        reading.signatures.extend(unwrap::xml_verdicts(&text, is_sure, layer));
    }
    Ok(parsed.content)
}
