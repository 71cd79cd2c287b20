//! One document out of a lot: the file without the other documents.
//!
//! The header and the document's own bytes stay as they are; the other documents go, and so do
//! XML signatures, which are over the whole lot.

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::einvoice::Error;

/// Returns a file of its own for the document at a position of a lot, counted from 1.
///
/// `xml` is UTF-8, as [`crate::einvoice::utf8_xml`] returns it.
pub fn lot_document(xml: &[u8], position: usize) -> Result<Vec<u8>, Error> {
    let text = String::from_utf8_lossy(xml);
    let mut reader = Reader::from_str(&text);
    reader.config_mut().expand_empty_elements = true;
    let mut cut: Vec<(usize, usize)> = Vec::new();
    let (mut depth, mut bodies, mut began) = (0, 0, None);
    loop {
        let at = place(&reader);
        let event = reader.read_event();
        match event.map_err(|source| Error::Xml { position: reader.error_position(), source })? {
            Event::Start(start) => {
                depth += 1;
                if depth == 2 && is_other(start.local_name().into_inner(), &mut bodies, position) {
                    began = Some(at);
                }
            }
            Event::End(_) => {
                if depth == 2 {
                    cut.extend(began.take().map(|began| (began, place(&reader))));
                }
                depth -= 1;
            }
            Event::Eof => break,
            _ => {}
        }
    }
    if !(1..=bodies).contains(&position) {
        return Err(Error::NoBody);
    }
    let mut out = Vec::with_capacity(xml.len());
    let mut from = 0;
    for (begin, end) in cut {
        out.extend_from_slice(&text.as_bytes()[from..begin]);
        from = end;
    }
    out.extend_from_slice(&text.as_bytes()[from..]);
    Ok(out)
}

fn place(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

/// Tells whether an element below the root is none of the one document's; counts documents.
fn is_other(name: &str, bodies: &mut usize, position: usize) -> bool {
    *bodies += usize::from(name == "FatturaElettronicaBody");
    name == "Signature" || name == "FatturaElettronicaBody" && *bodies != position
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::einvoice::{Content, read, utf8_xml};

    fn invoices(xml: &[u8]) -> Vec<String> {
        let mut all = Vec::new();
        read(xml, &mut |reading| {
            let Ok(Content::Invoices(invoices)) = reading.content else {
                panic!("it reads");
            };
            all.extend(invoices.into_iter().map(|(mut invoice, _)| {
                // The position is the one fact that a file of its own changes.
                invoice.body = 1;
                format!("{invoice:?}")
            }));
        });
        all
    }

    #[test]
    fn each_document_reads_as_in_its_lot() {
        let path =
            concat!(env!("CARGO_MANIFEST_DIR"), "/samples/einvoices/IT33401825030_00003.xml");
        let lot = utf8_xml(&std::fs::read(path).unwrap()).unwrap();
        let all = invoices(&lot);
        assert_eq!(all.len(), 2);
        for (position, expected) in (1..).zip(&all) {
            let alone = lot_document(&lot, position).unwrap();
            assert_eq!(invoices(&alone), std::slice::from_ref(expected));
        }
        assert!(matches!(lot_document(&lot, 3), Err(Error::NoBody)));
        assert!(matches!(lot_document(&lot, 0), Err(Error::NoBody)));
    }

    #[test]
    fn signature_over_the_lot_goes() {
        let lot = "<?xml version='1.0'?>\n<a><h/><FatturaElettronicaBody/><x:FatturaElettronicaBody \
                   xmlns:x='u'>2</x:FatturaElettronicaBody><ds:Signature>s</ds:Signature></a>\n";
        let of = |position| String::from_utf8(lot_document(lot.as_bytes(), position).unwrap());
        assert_eq!(of(1).unwrap(), "<?xml version='1.0'?>\n<a><h/><FatturaElettronicaBody/></a>\n");
        assert!(of(2).unwrap().contains("<h/><x:Fattura"));
    }
}
