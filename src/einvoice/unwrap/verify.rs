//! Verifies the digest and the signature of a signed message, with the keys inside it.
//!
//! The arithmetic is `ring`'s. What is not asked: whether the certificate's authority is
//! one of those the State lists, and whether the certificate was revoked, since both need
//! the network; the verdict says so.

use chrono::{DateTime, NaiveDateTime, Utc};
use rasn::prelude::*;
use rasn_cms::{Certificate, SignerIdentifier, SignerInfo};
use rasn_pkix::{Name, Time};
use ring::{digest, signature as keys};

use super::base64_text;
use super::cms::Signed;
use super::signature::{Certainty, Signature};
use crate::einvoice::parse::XmlSignature;

const MESSAGE_DIGEST: &[u32] = &[1, 2, 840, 113_549, 1, 9, 4];
const SIGNING_TIME: &[u32] = &[1, 2, 840, 113_549, 1, 9, 5];
const COMMON_NAME: &[u32] = &[2, 5, 4, 3];
const ORGANISATION: &[u32] = &[2, 5, 4, 10];
const SUBJECT_KEY_IDENTIFIER: &[u32] = &[2, 5, 29, 14];
const RSA_KEY: &[u32] = &[1, 2, 840, 113_549, 1, 1, 1];
const RSA_PSS: &[u32] = &[1, 2, 840, 113_549, 1, 1, 10];
const ELLIPTIC_KEY: &[u32] = &[1, 2, 840, 10_045, 2, 1];
const P256: &[u32] = &[1, 2, 840, 10_045, 3, 1, 7];
const P384: &[u32] = &[1, 3, 132, 0, 34];

/// Returns the verdict on each signer of a message, in their order.
pub(super) fn verdicts(signed: &Signed, layer: usize) -> Vec<Signature> {
    let certificates: Vec<Certificate> =
        signed.certificates.iter().filter_map(|raw| rasn::ber::decode(raw).ok()).collect();
    if signed.signers.is_empty() {
        return vec![unread(layer, "the message names no signer")];
    }
    signed
        .signers
        .iter()
        .map(|raw| match rasn::ber::decode::<SignerInfo>(raw) {
            Ok(signer) => verdict(&signer, signed, &certificates, layer),
            Err(_) => unread(layer, "the signer's block cannot be read"),
        })
        .collect()
}

/// Returns what an XML signature (XAdES) says of itself, unchecked.
///
/// Its digest is that of the file in canonical form, which is not worked out here.
pub(crate) fn xml(said: &XmlSignature, layer: usize) -> Signature {
    let certificate = said
        .certificate
        .as_deref()
        .and_then(|text| base64_text::decode(text.as_bytes()).ok())
        .and_then(|raw| rasn::ber::decode::<Certificate>(&raw).ok());
    let subject = certificate.as_ref().map(|one| &one.tbs_certificate);
    let signed_at = said.signed_at.as_deref().and_then(|text| {
        let without_zone = || text.parse::<NaiveDateTime>().ok().map(|naive| naive.and_utc());
        text.parse::<DateTime<Utc>>().ok().or_else(without_zone)
    });
    Signature {
        signer: subject.and_then(|one| common_name(&one.subject)),
        issuer: subject.and_then(|one| common_name(&one.issuer)),
        signed_at,
        certificate_valid: subject
            .map(|one| (instant(&one.validity.not_before), instant(&one.validity.not_after))),
        ..unread(layer, "an XML signature (XAdES), whose canonical form is not worked out here")
    }
}

fn unread(layer: usize, why: &str) -> Signature {
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

fn verdict(
    signer: &SignerInfo,
    signed: &Signed,
    certificates: &[Certificate],
    layer: usize,
) -> Signature {
    let certificate = certificates.iter().find(|one| is_signers(one, &signer.sid));
    let subject = certificate.map(|one| &one.tbs_certificate);
    let hash = hash_of(&signer.digest_algorithm.algorithm);
    Signature {
        layer,
        signer: subject.and_then(|one| common_name(&one.subject)),
        issuer: subject.and_then(|one| common_name(&one.issuer)),
        signed_at: attribute(signer, SIGNING_TIME).and_then(|raw| instant_of(&raw)),
        certificate_valid: subject
            .map(|one| (instant(&one.validity.not_before), instant(&one.validity.not_after))),
        digest: digest_verdict(signer, signed, hash),
        signature: signature_verdict(signer, signed, hash, certificate),
        certificate: Certainty::NotChecked(
            "no list of trusted authorities is kept, and revocation needs the network".to_owned(),
        ),
    }
}

fn digest_verdict(
    signer: &SignerInfo,
    signed: &Signed,
    hash: Option<&'static digest::Algorithm>,
) -> Certainty {
    let Some(hash) = hash else {
        return Certainty::NotChecked(format!(
            "the digest {} is not known here",
            signer.digest_algorithm.algorithm
        ));
    };
    if signer.signed_attrs.is_none() {
        // The signature is then over the content itself and answers for both.
        return Certainty::NotChecked("the message states none; see the signature".to_owned());
    }
    let stated = attribute(signer, MESSAGE_DIGEST)
        .and_then(|raw| rasn::ber::decode::<OctetString>(&raw).ok());
    let actual = digest::digest(hash, &signed.content);
    let is_right = stated.is_some_and(|stated| stated.as_ref() == actual.as_ref());
    if is_right { Certainty::Valid } else { Certainty::Invalid }
}

fn signature_verdict(
    signer: &SignerInfo,
    signed: &Signed,
    hash: Option<&'static digest::Algorithm>,
    certificate: Option<&Certificate>,
) -> Certainty {
    let Some(certificate) = certificate else {
        return Certainty::NotChecked("the signer's certificate is not inside".to_owned());
    };
    let key = &certificate.tbs_certificate.subject_public_key_info;
    let Some(algorithm) = hash.and_then(|hash| key_algorithm(key, signer, hash)) else {
        return Certainty::NotChecked(format!(
            "the algorithm {} is not known here",
            signer.signature_algorithm.algorithm
        ));
    };
    let message = match &signer.signed_attrs {
        // What is signed is the attributes as a SET in DER, whatever form they travel in.
        Some(attributes) => match rasn::der::encode(attributes) {
            Ok(encoded) => encoded,
            Err(_) => {
                return Certainty::NotChecked("the signed attributes are malformed".to_owned());
            }
        },
        None => signed.content.clone(),
    };
    let public_key = keys::UnparsedPublicKey::new(algorithm, key.subject_public_key.as_raw_slice());
    match public_key.verify(&message, signer.signature.as_ref()) {
        Ok(()) => Certainty::Valid,
        Err(_) => Certainty::Invalid,
    }
}

/// Chooses the verification that fits the key, the padding and the digest.
fn key_algorithm(
    key: &rasn_pkix::SubjectPublicKeyInfo,
    signer: &SignerInfo,
    hash: &'static digest::Algorithm,
) -> Option<&'static dyn keys::VerificationAlgorithm> {
    let kind = key.algorithm.algorithm.as_ref();
    if kind == ELLIPTIC_KEY {
        let curve: ObjectIdentifier =
            rasn::ber::decode(key.algorithm.parameters.as_ref()?.as_bytes()).ok()?;
        return match (curve.as_ref() as &[u32], hash.output_len()) {
            (P256, 32) => Some(&keys::ECDSA_P256_SHA256_ASN1),
            (P256, 48) => Some(&keys::ECDSA_P256_SHA384_ASN1),
            (P384, 32) => Some(&keys::ECDSA_P384_SHA256_ASN1),
            (P384, 48) => Some(&keys::ECDSA_P384_SHA384_ASN1),
            _ => None,
        };
    }
    if kind != RSA_KEY {
        return None;
    }
    let is_pss = signer.signature_algorithm.algorithm.as_ref() == RSA_PSS;
    match (is_pss, hash.output_len()) {
        (false, 20) => Some(&keys::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY),
        (false, 32) => Some(&keys::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY),
        (false, 48) => Some(&keys::RSA_PKCS1_2048_8192_SHA384),
        (false, 64) => Some(&keys::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY),
        (true, 32) => Some(&keys::RSA_PSS_2048_8192_SHA256),
        (true, 48) => Some(&keys::RSA_PSS_2048_8192_SHA384),
        (true, 64) => Some(&keys::RSA_PSS_2048_8192_SHA512),
        _ => None,
    }
}

fn hash_of(algorithm: &ObjectIdentifier) -> Option<&'static digest::Algorithm> {
    match algorithm.as_ref() as &[u32] {
        [1, 3, 14, 3, 2, 26] => Some(&digest::SHA1_FOR_LEGACY_USE_ONLY),
        [2, 16, 840, 1, 101, 3, 4, 2, 1] => Some(&digest::SHA256),
        [2, 16, 840, 1, 101, 3, 4, 2, 2] => Some(&digest::SHA384),
        [2, 16, 840, 1, 101, 3, 4, 2, 3] => Some(&digest::SHA512),
        _ => None,
    }
}

fn is_signers(certificate: &Certificate, id: &SignerIdentifier) -> bool {
    let facts = &certificate.tbs_certificate;
    match id {
        SignerIdentifier::IssuerAndSerialNumber(id) => {
            id.serial_number == facts.serial_number && id.issuer == facts.issuer
        }
        SignerIdentifier::SubjectKeyIdentifier(id) => {
            facts.extensions.iter().flat_map(|extensions| extensions.iter()).any(|extension| {
                extension.extn_id.as_ref() as &[u32] == SUBJECT_KEY_IDENTIFIER
                    && rasn::ber::decode::<OctetString>(&extension.extn_value)
                        .is_ok_and(|key| key == *id)
            })
        }
    }
}

fn attribute(signer: &SignerInfo, wanted: &[u32]) -> Option<Vec<u8>> {
    let attributes = signer.signed_attrs.as_ref()?;
    let found = attributes.iter().find(|one| one.r#type.as_ref() as &[u32] == wanted)?;
    found.values.iter().next().map(|value| value.as_bytes().to_vec())
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

fn instant_of(raw: &[u8]) -> Option<DateTime<Utc>> {
    rasn::ber::decode::<Time>(raw).ok().map(|time| instant(&time))
}

fn instant(time: &Time) -> DateTime<Utc> {
    match time {
        Time::Utc(utc) => *utc,
        Time::General(general) => general.with_timezone(&Utc),
    }
}
