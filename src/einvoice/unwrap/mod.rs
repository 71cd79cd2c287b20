//! Takes every wrapper off a file: base64, PEM, CAdES signatures, zip.
//!
//! What a file is, its bytes say and never its name: `.p7m` files hold plain XML, base64
//! text, or a signature within a signature. The layers come off in a loop that knows its
//! limits, and what is left is text in one encoding.
//!
//! A signature's verdict is kept apart from the content: an invoice that was altered after
//! signing still reads, and says so. What does not read is a signed file whose structure is
//! broken: an invoice is not fished out of damaged bytes, since nothing would tell which of
//! them are still the issuer's.
//!
//! Absent: writing to disk. A member of a zip lives in memory, one at a time.

pub(crate) mod archive;
mod base64_text;
mod cms;
mod keys;
mod signature;
mod sniff;
mod text;
mod verify;
mod xades;

use std::borrow::Cow;

use crate::einvoice::Error;
use crate::fiscal::words;
pub use signature::{Certainty, Signature};
pub(crate) use sniff::{Sniffed, sniff};
pub(crate) use xades::verdicts as xml_verdicts;

/// Bytes of one invoice that are read at most; the SdI takes five megabytes.
pub const CONTENT_BYTES_MAX: u64 = 64 << 20;
/// Bytes of a wrapped file that are unwrapped at most: an invoice in base64, with its signature.
const WRAPPED_BYTES_MAX: u64 = 2 * CONTENT_BYTES_MAX;
/// Layers of base64 that are taken off at most.
const BASE64_LAYERS_MAX: usize = 3;
/// Layers of signatures that are taken off at most.
const SIGNED_LAYERS_MAX: usize = 5;

words! {
    /// Names a wrapper that was taken off.
    Wrapper {
        /// A zip archive.
        Zip = "zip",
        /// Base64 text.
        Base64 = "base64",
        /// Base64 text between PEM lines.
        Pem = "pem",
        /// A CAdES signature (P7M).
        Signed = "p7m",
    }
}

/// Holds what is left when the wrappers are off, and what they were.
#[derive(Debug)]
pub(crate) struct Peeled<'a> {
    /// The innermost bytes: XML, or a zip.
    pub content: Cow<'a, [u8]>,
    /// Whether the content is a zip archive.
    pub is_archive: bool,
    /// The wrappers, outermost first.
    pub wrappers: Vec<Wrapper>,
    /// The signatures, outermost first.
    pub signatures: Vec<Signature>,
}

/// Takes off every wrapper but zip, which holds many files.
pub(crate) fn peel(bytes: &[u8]) -> Result<Peeled<'_>, Error> {
    let mut peeled = Peeled {
        content: Cow::Borrowed(bytes),
        is_archive: false,
        wrappers: Vec::new(),
        signatures: Vec::new(),
    };
    loop {
        let sniffed = sniff(&peeled.content);
        let size = peeled.content.len() as u64;
        // Unwrapping holds a file several times over; a zip is read member by member.
        if size > WRAPPED_BYTES_MAX && !matches!(sniffed, Sniffed::Zip | Sniffed::Other(_)) {
            return Err(Error::TooLarge { size, limit: WRAPPED_BYTES_MAX });
        }
        let unwrapped = match sniffed {
            Sniffed::Xml => return Ok(peeled),
            Sniffed::Zip => {
                peeled.is_archive = true;
                return Ok(peeled);
            }
            Sniffed::Pem => {
                enter(&mut peeled.wrappers, Wrapper::Pem)?;
                base64_text::decode_pem(&peeled.content)?
            }
            Sniffed::Base64 => {
                enter(&mut peeled.wrappers, Wrapper::Base64)?;
                base64_text::decode(&peeled.content)?
            }
            Sniffed::Signed => {
                enter(&mut peeled.wrappers, Wrapper::Signed)?;
                let layer = peeled.wrappers.iter().filter(|one| **one == Wrapper::Signed).count();
                let signed = cms::open(&peeled.content)?;
                peeled.signatures.extend(verify::verdicts(&signed, layer));
                signed.content
            }
            Sniffed::Other(found) => return Err(refuse(&peeled.wrappers, found)),
        };
        peeled.content = Cow::Owned(unwrapped);
    }
}

/// Returns the text of XML bytes and what was odd about their encoding.
pub(crate) fn decode(bytes: &[u8]) -> Result<(Cow<'_, str>, Vec<String>), Error> {
    text::decode(bytes)
}

/// Returns an XML text whose declaration says UTF-8, or says nothing.
pub(crate) fn declared_utf8(text: &str) -> Cow<'_, str> {
    text::declared_utf8(text)
}

fn enter(wrappers: &mut Vec<Wrapper>, wrapper: Wrapper) -> Result<(), Error> {
    let is_signed = wrapper == Wrapper::Signed;
    let limit = if is_signed { SIGNED_LAYERS_MAX } else { BASE64_LAYERS_MAX };
    let before = wrappers.iter().filter(|one| (**one == Wrapper::Signed) == is_signed).count();
    if before >= limit {
        return Err(Error::Nesting { limit });
    }
    wrappers.push(wrapper);
    Ok(())
}

fn refuse(wrappers: &[Wrapper], error: Error) -> Error {
    match (wrappers.last(), error) {
        (Some(Wrapper::Signed), Error::NotInvoice { found }) => {
            Error::NotInvoice { found: format!("the signed content is {found}") }
        }
        (Some(Wrapper::Base64 | Wrapper::Pem), Error::NotInvoice { found }) => {
            Error::NotInvoice { found: format!("the decoded base64 is {found}") }
        }
        (_, error) => error,
    }
}
