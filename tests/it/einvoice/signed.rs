//! XML signatures (XAdES): what other implementations signed is right, what was changed is told.
//!
//! The samples were signed by libxmlsec1 and signxml (`samples/make_xades.py`).

use std::fs;

use proptest::prelude::*;
use quadra::einvoice::{Certainty, Content, Reading, Signature, read};

use crate::fuzz::repeatable;

fn sample(name: &str) -> Vec<u8> {
    let name = format!("signed/IT33401825030_X00{name}.xml");
    fs::read(super::samples().join(name)).unwrap()
}

fn reading(bytes: &[u8]) -> Reading {
    let mut all = Vec::new();
    read(bytes, &mut |reading| all.push(reading));
    all.swap_remove(0)
}

fn words(signature: &Signature) -> (&'static str, &'static str) {
    (signature.digest.as_str(), signature.signature.as_str())
}

/// Returns the verdicts on a sample's signatures; it reads whatever they are.
fn verdicts(name: &str) -> Vec<Signature> {
    let reading = reading(&sample(name));
    assert!(matches!(reading.content, Ok(Content::Invoices(_))), "{name}");
    reading.signatures
}

#[test]
fn signatures_of_others_are_verified() {
    for name in [
        "01_enveloped",
        "02_filter",
        "03_ecdsa",
        "10_dressed",
        "11_pointer",
        "12_latin",
        "13_signxml",
        "14_no_properties",
        "16_sha1",
    ] {
        let [one] = &verdicts(name)[..] else { panic!("{name} has one signature") };
        assert_eq!(words(one), ("valid", "valid"), "{name}: {one:?}");
        let signer = if name == "03_ecdsa" { "Paolo Conti" } else { "Anna Ferri" };
        assert_eq!(one.signer.as_deref(), Some(signer), "{name}");
        // Where the time is not signed, nobody has said it.
        assert_eq!(one.signed_at.is_some(), name != "14_no_properties", "{name}");
    }
    let both = verdicts("06_two_signers");
    assert_eq!(both.iter().map(words).collect::<Vec<_>>(), [("valid", "valid"); 2]);
}

#[test]
fn altered_files_say_what_is_wrong() {
    let only = |name: &str| verdicts(name).swap_remove(0);
    assert_eq!(words(&only("04_altered")), ("invalid", "valid"));
    assert_eq!(words(&only("05_altered_time")), ("valid", "invalid"));
    assert_eq!(words(&only("15_other_certificate")), ("valid", "invalid"));
}

#[test]
fn what_is_not_worked_out_is_never_valid() {
    let part = verdicts("08_part").swap_remove(0);
    assert!(part.digest.why().unwrap().contains("over the whole file"));
    let path = verdicts("09_unknown_path").swap_remove(0);
    assert!(path.digest.why().unwrap().contains("//Attachment"), "{path:?}");
    let after = verdicts("07_one_after_the_other");
    assert!(after[0].digest.why().unwrap().contains("before another signature"));
    assert_eq!(words(&after[1]), ("valid", "valid"));
}

#[test]
fn rebuilt_signatures_do_not_pass() {
    let text = String::from_utf8(sample("02_filter")).unwrap();
    let changed = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        let reading = reading(text.replacen(from, to, 1).as_bytes());
        reading.signatures.first().map(words)
    };
    let algorithm = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
    let hmac = "http://www.w3.org/2000/09/xmldsig#hmac-sha1";
    assert_eq!(changed(algorithm, hmac), Some(("valid", "not_checked")));
    let sha512 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512";
    assert_eq!(changed(algorithm, sha512), Some(("valid", "invalid")));
    assert_eq!(changed(r#"URI="""#, r#"URI="fattura.xml""#), Some(("not_checked", "invalid")));
    assert_eq!(changed("<ds:SignedInfo>", "<ds:SignedInfo><!-- -->"), Some(("valid", "valid")));
    // A second element with the id of the signed properties: which was signed?
    let twin = r#"<FatturaElettronicaHeader Id="xades-2-props">"#;
    let twins = changed("<FatturaElettronicaHeader>", twin);
    assert_eq!(twins, Some(("invalid", "not_checked")));
    assert_eq!(
        changed("xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"", "xmlns:ds=\"u\""),
        Some(("not_checked", "not_checked"))
    );
}

#[test]
fn endless_references_are_given_up() {
    let text = String::from_utf8(sample("01_enveloped")).unwrap();
    let blank = format!("<!--{}-->", "x".repeat(10));
    let large = text.replace(
        "<FatturaElettronicaHeader>",
        &format!("{}<FatturaElettronicaHeader>", blank.repeat(200_000)),
    );
    let begin = text.find("<ds:Reference").unwrap();
    let end = text.find("</ds:Reference>").unwrap() + "</ds:Reference>".len();
    let reference = &text[begin..end];
    let signatures = large.replace(reference, &reference.repeat(14));
    let begin = signatures.find("<ds:Signature ").unwrap();
    let end = signatures.find("</ds:Signature>").unwrap() + "</ds:Signature>".len();
    let one = signatures[begin..end].to_owned();
    let many = signatures.replace(&one, &one.repeat(16));
    let started = std::time::Instant::now();
    assert_eq!(reading(many.as_bytes()).signatures.len(), 16);
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

proptest! {
    #![proptest_config(repeatable(ProptestConfig::default().cases.max(300)))]

    /// What still counts as signed by Anna reads as what she signed.
    #[test]
    fn changed_bytes_never_pass_as_signed(
        which in prop::sample::select(vec!["02_filter", "03_ecdsa", "10_dressed"]),
        at: prop::sample::Index,
        byte: u8,
    ) {
        let bytes = sample(which);
        let before = reading(&bytes);
        let mut changed = bytes;
        let at = at.index(changed.len());
        changed[at] = byte;
        let after = reading(&changed);
        let is_good = |one: &Signature| words(one) == ("valid", "valid");
        if let ([old], [new], Ok(Content::Invoices(after))) = (&before.signatures[..], &after.signatures[..], &after.content)
            && is_good(new)
        {
            let Ok(Content::Invoices(before)) = &before.content else { unreachable!("it reads") };
            prop_assert_eq!(format!("{before:?}"), format!("{after:?}"));
            prop_assert_eq!(&old.signer, &new.signer);
            prop_assert_eq!(old.signed_at, new.signed_at);
            prop_assert_eq!(&new.digest, &Certainty::Valid);
        }
    }
}
