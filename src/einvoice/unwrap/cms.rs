//! A CMS signed message: the content, and the parts that its verdict needs.
//!
//! DER and BER are read alike, indefinite lengths and chunked strings included. The
//! certificates and the signers stay undecoded here: real issuers write odd ones, and the
//! content does not depend on them.

use rasn::error::{BerDecodeErrorKind, CodecDecodeError, DecodeError, DecodeErrorKind};
use rasn::prelude::*;
use rasn_cms::{CONTENT_SIGNED_DATA, ContentInfo, EncapsulatedContentInfo};

use crate::einvoice::Error;

/// Holds an opened signed message.
pub(super) struct Signed {
    /// The signed file.
    pub content: Vec<u8>,
    /// The certificates, undecoded.
    pub certificates: Vec<Vec<u8>>,
    /// The signers, undecoded.
    pub signers: Vec<Vec<u8>>,
}

/// Holds a signed message whose certificates and signers are not looked into.
#[derive(AsnType, Debug, Clone, Decode, PartialEq, Eq, Hash)]
struct LooseSignedData {
    version: Integer,
    digest_algorithms: SetOf<Any>,
    encap_content_info: EncapsulatedContentInfo,
    #[rasn(tag(0))]
    certificates: Option<SetOf<Any>>,
    #[rasn(tag(1))]
    crls: Option<SetOf<Any>>,
    signer_infos: SetOf<Any>,
}

/// Opens a signed message and returns its content; bytes after its end are left alone.
pub(super) fn open(bytes: &[u8]) -> Result<Signed, Error> {
    let start = super::sniff::trim_start(bytes);
    let (message, _) = rasn::ber::decode_with_remainder::<ContentInfo>(start).map_err(damaged)?;
    if message.content_type != *CONTENT_SIGNED_DATA {
        return Err(Error::NotSigned { content_type: message.content_type.to_string() });
    }
    let signed: LooseSignedData = rasn::ber::decode(message.content.as_bytes()).map_err(damaged)?;
    let content = signed.encap_content_info.content.ok_or(Error::Detached)?;
    let raw = |set: SetOf<Any>| -> Vec<Vec<u8>> {
        set.to_vec().into_iter().map(|any| any.as_bytes().to_vec()).collect()
    };
    Ok(Signed {
        content: content.to_vec(),
        certificates: signed.certificates.map(raw).unwrap_or_default(),
        signers: raw(signed.signer_infos),
    })
}

/// Tells a file that ends too early from one whose structure is broken.
fn damaged(error: DecodeError) -> Error {
    let is_cut = match &*error.kind {
        DecodeErrorKind::Incomplete { .. } => true,
        DecodeErrorKind::CodecSpecific { inner: CodecDecodeError::Ber(kind) } => {
            matches!(kind, BerDecodeErrorKind::MissingEndOfContents)
        }
        _ => false,
    };
    if is_cut {
        return Error::Truncated { source: Box::new(error) };
    }
    Error::Damaged {
        why: "its structure is broken, as after a transfer as text".to_owned(),
        source: Some(Box::new(error)),
    }
}
