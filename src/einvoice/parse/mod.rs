//! XML text to invoices and notifications.
//!
//! `tree` reads the XML once; the root's local name says which kind of file it is, and one
//! reader a kind picks the values out, with a warning for each that cannot be read.

mod body;
mod fields;
mod header;
mod notice;
mod simplified;
mod tree;

use crate::einvoice::{Content, Error, Format, Warning};
use fields::Fields;
use tree::{Element, Tree};

/// Namespaces that the versions of the format use.
const NAMESPACE_MARK: &str = "/fatture/v1";

/// Reads an XML text; what was odd about the file as a whole goes to `warnings`.
pub(super) fn parse(text: &str, warnings: &mut Vec<Warning>) -> Result<Content, Error> {
    let tree = Tree::build(text)?;
    let root = tree.root();
    match root.name() {
        "FatturaElettronica" | "FatturaElettronicaSemplificata" => {
            if tree.has_signature {
                warnings.push(Warning::of_file("an XML signature (XAdES) is inside, not checked"));
            }
            invoices(&tree, text, warnings).map(Content::Invoices)
        }
        name => match notice::kind_of(name) {
            Some(kind) => {
                let mut fields = Fields::default();
                let notification = notice::read(root, kind, &mut fields);
                warnings.extend(fields.into_warnings());
                Ok(Content::Notification(Box::new(notification)))
            }
            None => Err(Error::NotInvoice { found: format!("XML with the root `{name}`") }),
        },
    }
}

fn invoices(
    tree: &Tree<'_>,
    text: &str,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<(crate::einvoice::Invoice, Vec<Warning>)>, Error> {
    let root = tree.root();
    let mut fields = Fields::default();
    let header = header::read(root, tree.version.clone(), &mut fields);
    if header.format == Format::Unknown {
        fields.warn(root, "the transmission format is missing or not known".to_owned());
    }
    let is_old = matches!(header.format, Format::V10 | Format::V11);
    if !is_old && !text.contains(NAMESPACE_MARK) {
        fields.warn(root, "the namespace is not that of the format: ignored".to_owned());
    }
    warnings.extend(fields.into_warnings());
    let bodies: Vec<Element<'_>> = root.all("FatturaElettronicaBody").collect();
    if bodies.is_empty() {
        return Err(Error::NoBody);
    }
    Ok(bodies
        .into_iter()
        .enumerate()
        .map(|(index, element)| {
            let mut fields = Fields::default();
            let is_simplified = root.name() == "FatturaElettronicaSemplificata";
            let mut invoice = body::read(element, &header, index + 1, &mut fields);
            if is_simplified {
                simplified::read(element, &mut invoice, &mut fields);
            }
            if has_mixed_signs(&invoice) {
                fields.warn(element, "a credit note with lines of both signs".to_owned());
            }
            (invoice, fields.into_warnings())
        })
        .collect())
}

/// Tells whether some lines of a credit note give and others take.
fn has_mixed_signs(invoice: &crate::einvoice::Invoice) -> bool {
    let totals = || invoice.lines.iter().filter_map(|line| line.total);
    invoice.type_or_unknown().is_negative()
        && totals().any(|total| total.is_sign_negative() && !total.is_zero())
        && totals().any(|total| total.is_sign_positive() && !total.is_zero())
}
