//! Certificates and the arithmetic of signatures, the same for CAdES and XAdES.
//!
//! The arithmetic is `ring`'s. What is not asked: whether the certificate's authority is
//! one of those the State lists, and whether the certificate was revoked, since both need
//! the network; the verdict says so.

use chrono::{DateTime, Utc};
use rasn::prelude::*;
use rasn_cms::Certificate;
use rasn_pkix::{Name, SubjectPublicKeyInfo, Time};
use ring::digest;
use ring::signature::{self as algorithms, UnparsedPublicKey, VerificationAlgorithm};

use super::base64_text;
use super::signature::{Certainty, Signature};

const COMMON_NAME: &[u32] = &[2, 5, 4, 3];
const ORGANISATION: &[u32] = &[2, 5, 4, 10];
const RSA_KEY: &[u32] = &[1, 2, 840, 113_549, 1, 1, 1];
const ELLIPTIC_KEY: &[u32] = &[1, 2, 840, 10_045, 2, 1];
const P256: &[u32] = &[1, 2, 840, 10_045, 3, 1, 7];
const P384: &[u32] = &[1, 3, 132, 0, 34];

/// Names how a signature was made from a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    /// As the key has it: PKCS #1 for RSA, ECDSA in ASN.1.
    OfKey,
    /// RSA with the padding PSS.
    Pss,
}

/// Returns a verdict that says why nothing was checked.
pub(super) fn unread(layer: usize, why: &str) -> Signature {
    let not_checked = || Certainty::NotChecked(why.to_owned());
    Signature {
        layer,
        signer: None,
        issuer: None,
        signed_at: None,
        certificate_valid: None,
        digest: not_checked(),
        signature: not_checked(),
        certificate: not_checked(),
    }
}

/// Returns what a certificate says of the signer; digest and signature are still to check.
pub(super) fn holder(certificate: Option<&Certificate>, layer: usize) -> Signature {
    let facts = certificate.map(|one| &one.tbs_certificate);
    Signature {
        signer: facts.and_then(|one| common_name(&one.subject)),
        issuer: facts.and_then(|one| common_name(&one.issuer)),
        certificate_valid: facts
            .map(|one| (instant(&one.validity.not_before), instant(&one.validity.not_after))),
        ..unread(layer, "no list of trusted authorities is kept, and revocation needs the network")
    }
}

/// Tells whether a certificate's key made this signature; `None` for an unknown algorithm.
pub(super) fn is_made_by(
    certificate: &Certificate,
    scheme: Scheme,
    hash: &'static digest::Algorithm,
    message: &[u8],
    signature: &[u8],
) -> Option<bool> {
    let key = &certificate.tbs_certificate.subject_public_key_info;
    let algorithm = algorithm(key, scheme, hash)?;
    let key = UnparsedPublicKey::new(algorithm, key.subject_public_key.as_raw_slice());
    Some(key.verify(message, signature).is_ok())
}

/// Chooses the verification that fits the key, the padding and the digest.
fn algorithm(
    key: &SubjectPublicKeyInfo,
    scheme: Scheme,
    hash: &'static digest::Algorithm,
) -> Option<&'static dyn VerificationAlgorithm> {
    if is_elliptic(key) {
        let curve: ObjectIdentifier =
            rasn::ber::decode(key.algorithm.parameters.as_ref()?.as_bytes()).ok()?;
        return match (curve.as_ref() as &[u32], hash.output_len()) {
            (P256, 32) => Some(&algorithms::ECDSA_P256_SHA256_ASN1),
            (P256, 48) => Some(&algorithms::ECDSA_P256_SHA384_ASN1),
            (P384, 32) => Some(&algorithms::ECDSA_P384_SHA256_ASN1),
            (P384, 48) => Some(&algorithms::ECDSA_P384_SHA384_ASN1),
            _ => None,
        };
    }
    if key.algorithm.algorithm.as_ref() as &[u32] != RSA_KEY {
        return None;
    }
    match (scheme, hash.output_len()) {
        (Scheme::OfKey, 20) => Some(&algorithms::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY),
        (Scheme::OfKey, 32) => Some(&algorithms::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY),
        (Scheme::OfKey, 48) => Some(&algorithms::RSA_PKCS1_2048_8192_SHA384),
        (Scheme::OfKey, 64) => Some(&algorithms::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY),
        (Scheme::Pss, 32) => Some(&algorithms::RSA_PSS_2048_8192_SHA256),
        (Scheme::Pss, 48) => Some(&algorithms::RSA_PSS_2048_8192_SHA384),
        (Scheme::Pss, 64) => Some(&algorithms::RSA_PSS_2048_8192_SHA512),
        _ => None,
    }
}

/// Tells whether a key is one of an elliptic curve.
pub(super) fn is_elliptic(key: &SubjectPublicKeyInfo) -> bool {
    key.algorithm.algorithm.as_ref() as &[u32] == ELLIPTIC_KEY
}

/// Returns the digest with this identifier of ASN.1.
pub(super) fn hash_of(algorithm: &ObjectIdentifier) -> Option<&'static digest::Algorithm> {
    match algorithm.as_ref() as &[u32] {
        [1, 3, 14, 3, 2, 26] => Some(&digest::SHA1_FOR_LEGACY_USE_ONLY),
        [2, 16, 840, 1, 101, 3, 4, 2, 1] => Some(&digest::SHA256),
        [2, 16, 840, 1, 101, 3, 4, 2, 2] => Some(&digest::SHA384),
        [2, 16, 840, 1, 101, 3, 4, 2, 3] => Some(&digest::SHA512),
        _ => None,
    }
}

/// Returns the digest with this name, as XML signatures write it.
pub(super) fn hash_named(name: &str) -> Option<&'static digest::Algorithm> {
    match name {
        "http://www.w3.org/2000/09/xmldsig#sha1" => Some(&digest::SHA1_FOR_LEGACY_USE_ONLY),
        "http://www.w3.org/2001/04/xmlenc#sha256" => Some(&digest::SHA256),
        "http://www.w3.org/2001/04/xmldsig-more#sha384" => Some(&digest::SHA384),
        "http://www.w3.org/2001/04/xmlenc#sha512" => Some(&digest::SHA512),
        _ => None,
    }
}

/// Returns the bytes of base64 text; `None` when it is none.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    base64_text::decode(text.as_bytes()).ok()
}

/// Returns the common name, or else the organisation, of a distinguished name.
fn common_name(name: &Name) -> Option<String> {
    let Name::RdnSequence(parts) = name;
    let of = |wanted: &[u32]| {
        parts
            .iter()
            .flat_map(|part| part.iter())
            .find(|one| one.r#type.as_ref() as &[u32] == wanted)
            .and_then(|one| text_of(one.value.as_bytes()))
    };
    of(COMMON_NAME).or_else(|| of(ORGANISATION))
}

/// Reads a string of a distinguished name, whichever of ASN.1's kinds it is.
fn text_of(raw: &[u8]) -> Option<String> {
    if let Ok(text) = rasn::ber::decode::<Utf8String>(raw) {
        return Some(text);
    }
    if let Ok(text) = rasn::ber::decode::<PrintableString>(raw) {
        return String::from_utf8(text.as_bytes().to_vec()).ok();
    }
    let contents = raw.get(2..)?;
    match raw[0] {
        // TeletexString and IA5String are Latin-1 in practice.
        0x14 | 0x16 => Some(contents.iter().map(|byte| char::from(*byte)).collect()),
        // BMPString is UTF-16, most significant byte first.
        0x1e => {
            let units = contents.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            char::decode_utf16(units).collect::<Result<String, _>>().ok()
        }
        _ => None,
    }
}

/// Returns the instant of a time in either of ASN.1's kinds.
pub(super) fn instant(time: &Time) -> DateTime<Utc> {
    match time {
        Time::Utc(utc) => *utc,
        Time::General(general) => general.with_timezone(&Utc),
    }
}
