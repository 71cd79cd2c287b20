//! XML text to invoices and notifications.
//!
//! `tree` reads the XML once; the root's local name says which kind of file it is, and one
//! reader a kind picks the values out, with a warning for each that cannot be read.

mod body;
mod fields;
mod header;
mod notice;
mod schema;
mod simplified;
mod tree;

use crate::einvoice::{Content, Error, Format, Invoice, Warning};
use fields::Fields;
pub use schema::SchemaFault;
use tree::{Element, Tree};

/// Namespaces that the versions of the format use.
const NAMESPACE_MARK: &str = "/fatture/v1";

/// Documents of one file that are read at most; five megabytes hold some three thousand.
const BODIES_MAX: usize = 10_000;

/// Holds what an XML text turned out to be.
pub(super) struct Parsed {
    /// The invoices, or the notification.
    pub content: Content,
    /// What was odd about the file as a whole.
    pub warnings: Vec<Warning>,
    /// Where the file does not follow the schema of its format.
    pub schema_faults: Vec<SchemaFault>,
    /// Whether an XML signature lies inside.
    pub has_signature: bool,
}

/// Reads an XML text.
pub(super) fn parse(text: &str) -> Result<Parsed, Error> {
    let tree = Tree::build(text)?;
    let root = tree.root();
    match root.name() {
        "FatturaElettronica" | "FatturaElettronicaSemplificata" => {
            let mut parsed = invoices(&tree, text)?;
            parsed.has_signature = tree.has_signature;
            Ok(parsed)
        }
        name => match notice::kind_of(name) {
            Some(kind) => {
                let mut fields = Fields::default();
                let notification = notice::read(root, kind, &mut fields);
                Ok(Parsed {
                    content: Content::Notification(Box::new(notification)),
                    warnings: fields.into_warnings(),
                    schema_faults: Vec::new(),
                    has_signature: tree.has_signature,
                })
            }
            None if name.eq_ignore_ascii_case("html") => {
                let found = "a web page, as a portal gives it that asks to sign in again";
                Err(Error::NotInvoice { found: found.to_owned() })
            }
            None => Err(Error::NotInvoice { found: format!("XML with the root `{name}`") }),
        },
    }
}

fn invoices(tree: &Tree<'_>, text: &str) -> Result<Parsed, Error> {
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
    let bodies: Vec<Element<'_>> = root.all("FatturaElettronicaBody").collect();
    if bodies.is_empty() {
        return Err(Error::NoBody);
    }
    if bodies.len() > BODIES_MAX {
        let why = format!("it has {} documents, more than {BODIES_MAX}", bodies.len());
        return Err(Error::RefusedXml { why });
    }
    let is_simplified = root.name() == "FatturaElettronicaSemplificata";
    let documents = bodies.into_iter().enumerate().map(|(index, element)| {
        let mut fields = Fields::default();
        let mut invoice = body::read(element, &header, index + 1, &mut fields);
        if is_simplified {
            simplified::read(element, &mut invoice, &mut fields);
        }
        if has_mixed_signs(&invoice) {
            fields.warn(element, "a credit note with lines of both signs".to_owned());
        }
        (invoice, fields.into_warnings())
    });
    Ok(Parsed {
        content: Content::Invoices(documents.collect()),
        warnings: fields.into_warnings(),
        schema_faults: schema::check(tree, header.format),
        has_signature: false,
    })
}

/// Tells whether some lines of a credit note give and others take.
fn has_mixed_signs(invoice: &Invoice) -> bool {
    let totals = || invoice.lines.iter().filter_map(|line| line.total);
    invoice.type_or_unknown().is_negative()
        && totals().any(|total| total.is_sign_negative() && !total.is_zero())
        && totals().any(|total| total.is_sign_positive() && !total.is_zero())
}
