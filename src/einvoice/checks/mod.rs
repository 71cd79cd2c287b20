//! What the SdI would reject an invoice for, and what the law asks besides.
//!
//! Each check has the official code of the SdI's list of controls (version 2.0), the field
//! by its path and a sentence. Only controls that need no registry are here: whether a VAT
//! number exists (00301), a number and a tax code belong together (00320, 00324: told as
//! doubts), a party is of a VAT group (00321, 00322, 00325, 00326) or has closed (00323), a
//! recipient code is active (00312), a certificate revoked (00101, 00104, 00107) or a
//! declaration of intent stands (00477), only the SdI knows. The schema (00200, 00201) is
//! held against the tree while reading. The forms 1.0 and 1.1 are not checked: the SdI no
//! longer takes them, and they were right in their time.
//!
//! A check never stops a reading, and none is about the declared total: the SdI does not
//! look at it (see [`super::totals`]).

mod document;
mod duplicates;
mod file;
mod lines;
mod parties;
mod summaries;
mod timing;

use chrono::NaiveDate;

use crate::einvoice::{Format, Invoice};
pub use duplicates::{DuplicateKey, duplicate_key};
pub use file::check_file;
pub use file::is_sdi_name;
pub use timing::{check_received, deadline};

/// Holds one thing that the SdI would reject, or the law would mind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The official code, such as `00400`; `late` for a late transmission,
    /// `more` for the rest of a list without end.
    pub code: &'static str,
    /// The field, as a path of the format's own names.
    pub path: String,
    /// What is wrong and what would be right.
    pub message: String,
    /// Whether it is wrong for certain; a doubt only the SdI's registries resolve.
    pub is_certain: bool,
}

impl Check {
    pub(super) fn new(code: &'static str, path: impl Into<String>, message: String) -> Self {
        Self { code, path: path.into(), message, is_certain: true }
    }
}

/// Returns what is wrong with an invoice, in the order of the format.
///
/// `today` is the day in Rome: a document cannot be of tomorrow.
#[must_use]
pub fn check(invoice: &Invoice, today: NaiveDate) -> Vec<Check> {
    let mut checks = Checks { body: invoice.body, found: Vec::new(), untold: 0 };
    if matches!(invoice.format, Format::V10 | Format::V11) {
        return Vec::new();
    }
    parties::check(invoice, &mut checks);
    document::check(invoice, today, &mut checks);
    if invoice.is_simplified() {
        lines::check_simplified(invoice, &mut checks);
        document::simplified_limit(invoice, &mut checks);
    } else {
        lines::check(invoice, &mut checks);
        summaries::check(invoice, &mut checks);
    }
    checks.into_found()
}

/// Checks told one by one of a document; a broken file has no end of them.
const CHECKS_MAX: usize = 500;

/// Collects checks with the paths of one body.
struct Checks {
    body: usize,
    found: Vec<Check>,
    untold: usize,
}

impl Checks {
    /// Remembers a fault of a field of the header.
    fn header(&mut self, code: &'static str, path: &str, message: String) {
        self.add(code, format!("FatturaElettronicaHeader/{path}"), message);
    }

    /// Remembers a fault of a field of the body.
    fn body(&mut self, code: &'static str, path: &str, message: String) {
        self.add(code, format!("FatturaElettronicaBody[{}]/{path}", self.body), message);
    }

    /// Remembers what only the SdI's registries can tell.
    fn doubt(&mut self, code: &'static str, path: &str, message: String) {
        let path = format!("FatturaElettronicaHeader/{path}");
        self.push(Check { is_certain: false, ..Check::new(code, path, message) });
    }

    fn add(&mut self, code: &'static str, path: String, message: String) {
        self.push(Check::new(code, path, message));
    }

    fn push(&mut self, check: Check) {
        if self.found.len() < CHECKS_MAX {
            self.found.push(check);
        } else {
            self.untold += 1;
        }
    }

    /// Returns what was found, and how much more there was.
    fn into_found(mut self) -> Vec<Check> {
        if self.untold > 0 {
            let path = format!("FatturaElettronicaBody[{}]", self.body);
            let message = format!("… and {} more of these", self.untold);
            self.found.push(Check::new("more", path, message));
        }
        self.found
    }
}
