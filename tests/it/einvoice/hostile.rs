//! Damage and malice: no panic, no endless memory, always an answer.
//!
//! A long run: `PROPTEST_CASES=1000000 cargo test --test it einvoice::hostile`, or `just fuzz`.

use std::fs;
use std::io::Write as _;

use proptest::prelude::*;
use quadra::einvoice::{Content, Error, Reading, read};
use zip::write::SimpleFileOptions;

use crate::fuzz::repeatable;

fn readings(bytes: &[u8]) -> Vec<Reading> {
    let mut all = Vec::new();
    read(bytes, &mut |reading| all.push(reading));
    all
}

fn refusal(bytes: &[u8]) -> String {
    let all = readings(bytes);
    let error = all.iter().find_map(|one| one.content.as_ref().err());
    error.map_or_else(|| panic!("nothing was refused"), Error::reason)
}

fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn seeds() -> Vec<Vec<u8>> {
    [
        "IT33401825030_00002.xml",
        "IT33401825030_S0001.xml",
        "signed/IT33401825030_P0001.xml.p7m",
        "signed/IT33401825030_P0002_ber.xml.p7m",
        "signed/IT33401825030_P0005_base64.xml.p7m",
        "notices/IT33401825030_N0002_NS_001.xml",
        "marzo.zip",
        "IT33401825030_0000G.xml",
        "notices/IT33401825030_N0004_NE_001.xml",
        "notices/IT33401825030_N0001_RC_001.xml",
        "signed/IT33401825030_X0002_filter.xml",
        "signed/IT33401825030_X0010_dressed.xml",
    ]
    .iter()
    .map(|name| fs::read(super::samples().join(name)).unwrap())
    .collect()
}

#[test]
fn zip_bomb_ends_in_an_error() {
    let blanks = vec![b' '; 70 << 20];
    assert!(refusal(&zipped(&[("bomb.xml", &blanks)])).contains("grows more than"));
    let inner = zipped(&[("bomb.xml", &blanks)]);
    let nested = (0..6).fold(inner, |inner, _| zipped(&[("inner.zip", &inner)]));
    assert!(refusal(&nested).contains("wrapped more than"));
}

#[test]
fn endless_wrapping_ends_in_an_error() {
    use base64::Engine as _;
    let engine = base64::engine::general_purpose::STANDARD;
    let wrapped = (0..6).fold(b"<a/>".to_vec(), |inner, _| engine.encode(inner).into_bytes());
    assert!(refusal(&wrapped).contains("wrapped more than 3 times"));
    // Constructed strings within each other, without end.
    let mut nested = b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80".to_vec();
    nested.extend(b"\x30\x80".repeat(200_000));
    assert!(readings(&nested)[0].content.is_err());
}

#[test]
fn billion_laughs_are_not_expanded() {
    let bomb = "<!DOCTYPE a [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'>]><FatturaElettronica>&b;</FatturaElettronica>";
    assert!(refusal(bomb.as_bytes()).contains("DOCTYPE"));
    let deep = "<FatturaElettronica>".repeat(1_000_000);
    assert!(refusal(deep.as_bytes()).contains("nest deeper"));
}

#[test]
fn large_attachment_is_not_kept() {
    let text = fs::read_to_string(super::samples().join("IT33401825030_0000B.xml")).unwrap();
    let large = text.replace("<Attachment>", &format!("<Attachment>{}", "A".repeat(20 << 20)));
    let all = readings(large.as_bytes());
    let Ok(Content::Invoices(invoices)) = &all[0].content else {
        panic!("it reads: {:?}", all[0].content);
    };
    assert_eq!(invoices[0].0.attachments[0].encoded_bytes, (20 << 20) + 4000);
}

/// Cuts an XML text before every `<`: tags with the text behind them.
fn tags(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut parts: Vec<Vec<u8>> = Vec::new();
    for byte in bytes {
        if *byte == b'<' || parts.is_empty() {
            parts.push(Vec::new());
        }
        parts.last_mut().unwrap().push(*byte);
    }
    parts
}

/// What is put among the tags of an invoice.
const INTRUDERS: &[&str] = &[
    "<Attachment>",
    "</Attachment>",
    "<ds:Signature>",
    "<X509Certificate>MIIB</X509Certificate>",
    "</ds:Signature>",
    "<ds:Reference URI=''/>",
    "<ds:Transforms><ds:Transform Algorithm='http://www.w3.org/2001/10/xml-exc-c14n#'/></ds:Transforms>",
    "<a xmlns:b='u' b:c='&#13;' xml:lang=''/>",
    "<SigningTime>221019-01-21T99:99:99</SigningTime>",
    "<![CDATA[",
    "]]>",
    "<!-- -- >",
    "<!--",
    "<?pi",
    "&#0;",
    "&#x110000;",
    "&amp;&lt;&quot;",
    "<FatturaElettronicaBody>",
    "</FatturaElettronicaBody>",
    "<DatiBeniServizi/>",
    "<Numero>\u{1f9fe}</Numero>",
    "<Data>0000-00-00</Data>",
    "<Data>2026-02-28\u{e8}</Data>",
    "<ImponibileImporto>99999999999999999999999999999999.99</ImponibileImporto>",
    "<ImponibileImporto>-92233720368547758.08</ImponibileImporto>",
    "<PrezzoUnitario>79228162514264337593543950335.00000001</PrezzoUnitario>",
    "<Percentuale>99999999999999999999999999.99</Percentuale>",
    "<AliquotaIVA>-1</AliquotaIVA>",
    "<PosizioneFattura>18446744073709551616</PosizioneFattura>",
    "<IdCodice>\u{df}\u{131}</IdCodice>",
    "\0",
    "\u{feff}",
];

/// Wraps bytes once, as the number says.
fn wrap(bytes: &[u8], how: u8) -> Vec<u8> {
    use base64::Engine as _;
    let engine = base64::engine::general_purpose::STANDARD;
    match how % 4 {
        0 => engine.encode(bytes).into_bytes(),
        1 => format!("-----BEGIN PKCS7-----\n{}\n-----END PKCS7-----\n", engine.encode(bytes))
            .into_bytes(),
        2 => zipped(&[("a/../IT33401825030_00001.xml", bytes), ("IT33401825030_1.p7m", bytes)]),
        // The beginning of a signed message, and then something else.
        _ => [b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80", bytes].concat(),
    }
}

/// Reads bytes in every way there is; whatever comes out must add up and be an answer.
fn inspected(bytes: &[u8]) -> bool {
    let mut inspection = quadra::einvoice::Inspection::default();
    inspection.add("damaged", bytes, "2026-12-31".parse().unwrap());
    inspection.link();
    !inspection.files.is_empty()
        || !inspection.rejected.is_empty()
        || !inspection.notifications.is_empty()
        || !inspection.skipped.is_empty()
}

/// Returns how many cases to try: at least a short run's, more when asked for.
fn cases() -> u32 {
    ProptestConfig::default().cases.max(400)
}

proptest! {
    #![proptest_config(repeatable(cases()))]

    #[test]
    fn damage_never_panics(
        seed in 0usize..12,
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        end in any::<prop::sample::Index>(),
        is_cut: bool,
    ) {
        let mut bytes = seeds().swap_remove(seed);
        for (at, value) in cuts {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if is_cut {
            bytes.truncate(end.index(bytes.len()));
        }
        prop_assert!(inspected(&bytes));
    }

    #[test]
    fn shuffled_tags_never_panic(
        seed in prop::sample::select(vec![0usize, 1, 5, 7, 8, 9, 10, 11]),
        moves in proptest::collection::vec(
            (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0u8..4), 1..10,
        ),
    ) {
        let mut parts = tags(&seeds().swap_remove(seed));
        for (from, to, how) in moves {
            let (at, other) = (from.index(parts.len()), to.index(parts.len()));
            match how {
                0 => parts.swap(at, other),
                1 => { let copy = parts[at].clone(); parts.insert(other, copy); }
                2 if parts.len() > 1 => { parts.remove(at); }
                _ => parts.insert(at, INTRUDERS[to.index(INTRUDERS.len())].into()),
            }
        }
        prop_assert!(inspected(&parts.concat()));
    }

    #[test]
    fn wrapped_damage_never_panics(
        seed in 0usize..12,
        wrappers in proptest::collection::vec(any::<u8>(), 1..6),
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let mut bytes = seeds().swap_remove(seed);
        for how in wrappers {
            bytes = wrap(&bytes, how);
        }
        for (at, value) in cuts {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        prop_assert!(inspected(&bytes));
    }

    #[test]
    fn any_bytes_give_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        prop_assert_eq!(readings(&bytes).len(), 1);
    }
}
