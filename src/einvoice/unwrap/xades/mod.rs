//! Verifies an XML signature within an invoice (XAdES): digests, signature, who and when.
//!
//! In comes the text of a file, out comes a verdict a signature. As for CAdES there are two
//! questions: is the content the one that was signed (the digest of the reference that is
//! over the file), and did the certificate's key make the signature (over `SignedInfo`, with
//! the digests of its other references, such as the signed time's, right as well).
//!
//! Why our own canonical form: the crates that have one call themselves not ready, and bring
//! a second XML reader and a second set of ciphers. Signers of invoices use little of the
//! standard: the whole file without its signatures, by the transform `enveloped-signature` or
//! by an XPath filter that subtracts them. Whatever else a signature asks for is told as not
//! checked, with the reason, and never as valid.
//!
//! Absent: time stamps, counter-signatures and what else stands in unsigned properties;
//! trust in the certificate (`keys`); signatures around an invoice instead of within it.

mod canonical;
mod document;
mod reference;
#[cfg(test)]
mod tests;

use chrono::{DateTime, NaiveDateTime, Utc};
use rasn_cms::Certificate;
use ring::digest;

use self::canonical::Part;
use self::document::Document;
use self::reference::{Budget, Checked, Over};
use super::keys::{self, Scheme, holder, unread};
use super::signature::{Certainty, Signature};

const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
/// The beginning of the namespaces of all versions of XAdES.
const XADES: &str = "http://uri.etsi.org/01903/";
/// Signatures of one file that are looked at.
const SIGNATURES_MAX: usize = 16;
/// References of one signature that are looked at.
const REFERENCES_MAX: usize = 16;
/// How many times a file may be put into canonical form, all references together.
const TIMES_MAX: u64 = 24;
/// Bytes of `SignedInfo` at most: some references.
const SIGNED_INFO_BYTES_MAX: usize = 1 << 20;

/// Returns the verdict on each XML signature of a file, in their order.
///
/// `is_sure` says that the text is what the bytes say of themselves; otherwise a digest that
/// is wrong proves nothing.
pub(crate) fn verdicts(text: &str, is_sure: bool, layer: usize) -> Vec<Signature> {
    let plain = document::with_plain_line_ends(text);
    let document = match Document::read(&plain) {
        Ok(document) => document,
        Err(why) => {
            return vec![unread(layer, &format!("its XML signature is not checked: {why}"))];
        }
    };
    let is_signature = |place: &u32| document.is(*place, DSIG, "Signature");
    let found: Vec<u32> = document
        .elements()
        .filter(is_signature)
        .filter(|place| !document.ancestors(*place).any(|around| is_signature(&around)))
        .take(SIGNATURES_MAX)
        .collect();
    if found.is_empty() {
        return vec![unread(layer, "its element `Signature` is not one of XML signatures")];
    }
    let mut budget = Budget(TIMES_MAX * plain.len() as u64 + (1 << 20));
    found
        .iter()
        .map(|place| {
            let mut one = Verifier { document: &document, place: *place, all: &found };
            let mut verdict = one.verdict(&mut budget, layer);
            if !is_sure && verdict.digest == Certainty::Invalid {
                let why = "how its text is encoded had to be guessed, so its digest says nothing";
                verdict.digest = Certainty::NotChecked(why.to_owned());
            }
            verdict
        })
        .collect()
}

struct Verifier<'d> {
    document: &'d Document<'d>,
    place: u32,
    /// All signatures of the file.
    all: &'d [u32],
}

impl Verifier<'_> {
    fn verdict(&mut self, budget: &mut Budget, layer: usize) -> Signature {
        let document = self.document;
        let Some(info) = document.child(self.place, DSIG, "SignedInfo") else {
            return unread(layer, "the XML signature has no `SignedInfo`");
        };
        let references: Vec<u32> = document.within(info, DSIG, "Reference").collect();
        if references.is_empty() || references.len() > REFERENCES_MAX {
            let count = references.len();
            return unread(layer, &format!("the XML signature has {count} references"));
        }
        let checked: Vec<Checked> = references
            .into_iter()
            .map(|one| reference::check(document, self.place, one, budget))
            .collect();
        let properties = self.properties();
        let is_signed = |place: u32| checked.iter().any(|one| one.over == Over::Element(place));
        let properties = properties.filter(|place| is_signed(*place));
        let (certificate, made) = self.signature_verdict(info, properties);
        let others = checked.iter().filter(|one| one.over != Over::Document);
        let verdicts = others.map(|one| one.verdict.clone()).chain([made]);
        Signature {
            signed_at: properties.and_then(|place| self.signed_at(place)),
            digest: self.digest_verdict(&checked, budget),
            signature: verdicts.fold(Certainty::Valid, worse),
            ..holder(certificate.as_ref(), layer)
        }
    }

    fn digest_verdict(&self, checked: &[Checked], budget: &mut Budget) -> Certainty {
        let mut over_document = checked.iter().filter(|one| one.over == Over::Document).peekable();
        if over_document.peek().is_none() {
            let why = "no reference of the XML signature is over the whole file";
            return Certainty::NotChecked(why.to_owned());
        }
        over_document.fold(Certainty::Valid, |verdict, one| {
            let is_wrong = one.verdict == Certainty::Invalid && self.all.len() > 1;
            let without_others = one.plan.as_ref().filter(|_| is_wrong).map(|plan| {
                let part = Part { without: self.all.to_vec(), ..plan.part.clone() };
                plan.with(part).verdict(self.document, budget)
            });
            if without_others == Some(Certainty::Valid) {
                let why = "it was signed before another signature came into the file, without \
                           which its digest is right";
                return worse(verdict, Certainty::NotChecked(why.to_owned()));
            }
            worse(verdict, one.verdict.clone())
        })
    }

    /// Returns the signer's certificate and whether its key made the signature.
    fn signature_verdict(
        &self,
        info: u32,
        properties: Option<u32>,
    ) -> (Option<Certificate>, Certainty) {
        let document = self.document;
        let raw: Vec<Vec<u8>> = document
            .child(self.place, DSIG, "KeyInfo")
            .into_iter()
            .flat_map(|place| document.within(place, DSIG, "X509Certificate"))
            .filter_map(|place| keys::base64(&document.compact_text(place)))
            .collect();
        let stated = properties.and_then(|place| self.certificate_digest(place));
        let mut certificates: Vec<Certificate> = raw
            .iter()
            .filter(|raw| {
                stated.as_ref().is_none_or(|(hash, value)| {
                    digest::digest(hash, raw).as_ref() == value.as_slice()
                })
            })
            .filter_map(|raw| rasn::ber::decode(raw).ok())
            .collect();
        if certificates.is_empty() {
            let any = raw.iter().find_map(|raw| rasn::ber::decode::<Certificate>(raw).ok());
            let verdict = match any {
                // The signed properties name another certificate than the one inside.
                Some(_) => Certainty::Invalid,
                None => Certainty::NotChecked("the signer's certificate is not inside".to_owned()),
            };
            return (any, verdict);
        }
        match self.maker(info, &certificates) {
            Ok(Some(at)) => (Some(certificates.swap_remove(at)), Certainty::Valid),
            Ok(None) => (Some(certificates.swap_remove(0)), Certainty::Invalid),
            Err(why) => (Some(certificates.swap_remove(0)), Certainty::NotChecked(why)),
        }
    }

    /// Returns which of some certificates made the signature.
    fn maker(&self, info: u32, certificates: &[Certificate]) -> Result<Option<usize>, String> {
        let document = self.document;
        let part = |name| document.child(info, DSIG, name).ok_or(format!("it has no `{name}`"));
        let method = reference::canonical_method(document, part("CanonicalizationMethod")?)?;
        let name = document.attribute(part("SignatureMethod")?, "Algorithm").unwrap_or_default();
        let unknown = || format!("the algorithm `{name}` is not known here");
        let (scheme, hash, is_elliptic) = algorithm(name).ok_or_else(unknown)?;
        let value = document.child(self.place, DSIG, "SignatureValue");
        let value = value
            .and_then(|place| keys::base64(&document.compact_text(place)))
            .ok_or("it has no `SignatureValue`")?;
        let value = if is_elliptic { in_asn1(value) } else { value };
        let mut signed = Vec::new();
        let part = Part { element: Some(info), without: Vec::new() };
        canonical::write(document, &part, &method, &mut |bytes| {
            signed.extend_from_slice(bytes);
            let fits = signed.len() <= SIGNED_INFO_BYTES_MAX;
            if fits { Ok(()) } else { Err("its `SignedInfo` is too large".to_owned()) }
        })?;
        let mut is_known = false;
        for (at, certificate) in certificates.iter().enumerate() {
            let key = &certificate.tbs_certificate.subject_public_key_info;
            let made = (keys::is_elliptic(key) == is_elliptic)
                .then(|| keys::is_made_by(certificate, scheme, hash, &signed, &value))
                .flatten();
            is_known |= made.is_some();
            if made == Some(true) {
                return Ok(Some(at));
            }
        }
        if is_known { Ok(None) } else { Err(unknown()) }
    }

    /// Returns the place of what was signed beside the content: the time, the certificate.
    fn properties(&self) -> Option<u32> {
        self.of_xades(self.place, "SignedProperties").next()
    }

    fn of_xades<'s>(&'s self, place: u32, name: &'s str) -> impl Iterator<Item = u32> + 's {
        let document = self.document;
        let end = document.tag(place).map_or(place, |tag| tag.end);
        (place + 1..end).filter(move |one| {
            document.tag(*one).is_some_and(|tag| {
                let (prefix, local) = document::split(tag.name);
                let namespace = document.namespace(*one, prefix);
                local == name && namespace.is_some_and(|namespace| namespace.starts_with(XADES))
            })
        })
    }

    fn signed_at(&self, properties: u32) -> Option<DateTime<Utc>> {
        let place = self.of_xades(properties, "SigningTime").next()?;
        let text = self.document.compact_text(place);
        let without_zone = || text.parse::<NaiveDateTime>().ok().map(|naive| naive.and_utc());
        text.parse::<DateTime<Utc>>().ok().or_else(without_zone)
    }

    /// Returns the digest of the signer's certificate, as the signed properties state it.
    fn certificate_digest(&self, properties: u32) -> Option<(&'static digest::Algorithm, Vec<u8>)> {
        let document = self.document;
        let list = ["SigningCertificate", "SigningCertificateV2"]
            .into_iter()
            .find_map(|name| self.of_xades(properties, name).next())?;
        let place = self.of_xades(list, "CertDigest").next()?;
        let method = document.child(place, DSIG, "DigestMethod")?;
        let hash = keys::hash_named(document.attribute(method, "Algorithm")?)?;
        let value = document.child(place, DSIG, "DigestValue")?;
        Some((hash, keys::base64(&document.compact_text(value))?))
    }
}

/// Returns the worse of two: wrong before not checked before valid.
fn worse(one: Certainty, other: Certainty) -> Certainty {
    match (&one, &other) {
        (Certainty::Invalid, _) | (_, Certainty::Valid) => one,
        (_, Certainty::Invalid) | (Certainty::Valid, _) => other,
        _ => one,
    }
}

/// Returns what an algorithm's name says: padding, digest, whether it is of elliptic curves.
fn algorithm(name: &str) -> Option<(Scheme, &'static digest::Algorithm, bool)> {
    const MORE: &str = "http://www.w3.org/2001/04/xmldsig-more#";
    const NEWER: &str = "http://www.w3.org/2007/05/xmldsig-more#";
    let sized = |word: &str| match word {
        "sha256" => Some(&digest::SHA256),
        "sha384" => Some(&digest::SHA384),
        "sha512" => Some(&digest::SHA512),
        _ => None,
    };
    if name == "http://www.w3.org/2000/09/xmldsig#rsa-sha1" {
        return Some((Scheme::OfKey, &digest::SHA1_FOR_LEGACY_USE_ONLY, false));
    }
    if let Some(word) = name.strip_prefix(NEWER) {
        return Some((Scheme::Pss, sized(word.strip_suffix("-rsa-MGF1")?)?, false));
    }
    let (kind, word) = name.strip_prefix(MORE)?.split_once('-')?;
    match kind {
        "rsa" => Some((Scheme::OfKey, sized(word)?, false)),
        "ecdsa" => Some((Scheme::OfKey, sized(word)?, true)),
        _ => None,
    }
}

/// Returns a signature of elliptic curves in ASN.1; XML has its two numbers one after the other.
fn in_asn1(value: Vec<u8>) -> Vec<u8> {
    let half = value.len() / 2;
    if !matches!(value.len(), 64 | 96) {
        return value;
    }
    let number = |bytes: &[u8]| {
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count().min(bytes.len() - 1);
        let bytes = &bytes[zeros..];
        let sign = if bytes[0] & 0x80 == 0 { &[][..] } else { &[0][..] };
        let length = u8::try_from(sign.len() + bytes.len()).unwrap_or(u8::MAX);
        [&[2, length], sign, bytes].concat()
    };
    let both = [number(&value[..half]), number(&value[half..])].concat();
    [&[0x30, u8::try_from(both.len()).unwrap_or(u8::MAX)], &both[..]].concat()
}
