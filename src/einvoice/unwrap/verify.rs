//! Verifies the digest and the signature of a signed message, with the keys inside it.

use chrono::{DateTime, Utc};
use rasn::prelude::*;
use rasn_cms::{Certificate, SignerIdentifier, SignerInfo};
use rasn_pkix::Time;
use ring::digest;

use super::cms::Signed;
use super::keys::{self, Scheme, hash_of, holder, unread};
use super::signature::{Certainty, Signature};

const MESSAGE_DIGEST: &[u32] = &[1, 2, 840, 113_549, 1, 9, 4];
const SIGNING_TIME: &[u32] = &[1, 2, 840, 113_549, 1, 9, 5];
const SUBJECT_KEY_IDENTIFIER: &[u32] = &[2, 5, 29, 14];
const RSA_PSS: &[u32] = &[1, 2, 840, 113_549, 1, 1, 10];

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

fn verdict(
    signer: &SignerInfo,
    signed: &Signed,
    certificates: &[Certificate],
    layer: usize,
) -> Signature {
    let certificate = certificates.iter().find(|one| is_signers(one, &signer.sid));
    let hash = hash_of(&signer.digest_algorithm.algorithm);
    Signature {
        signed_at: attribute(signer, SIGNING_TIME).and_then(|raw| instant_of(&raw)),
        digest: digest_verdict(signer, signed, hash),
        signature: signature_verdict(signer, signed, hash, certificate),
        ..holder(certificate, layer)
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
    let is_pss = signer.signature_algorithm.algorithm.as_ref() as &[u32] == RSA_PSS;
    let scheme = if is_pss { Scheme::Pss } else { Scheme::OfKey };
    let made = hash.and_then(|hash| {
        keys::is_made_by(certificate, scheme, hash, &message, signer.signature.as_ref())
    });
    match made {
        Some(true) => Certainty::Valid,
        Some(false) => Certainty::Invalid,
        None => Certainty::NotChecked(format!(
            "the algorithm {} is not known here",
            signer.signature_algorithm.algorithm
        )),
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

fn instant_of(raw: &[u8]) -> Option<DateTime<Utc>> {
    rasn::ber::decode::<Time>(raw).ok().map(|time| keys::instant(&time))
}
