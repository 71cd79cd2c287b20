//! The two sides of a comparison while their rows come in, each by itself.
//!
//! A month may have millions of rows, so that none is kept longer than the comparison needs
//! it. The sides share nothing, so that each may be read on a thread of its own; the answer
//! does not depend on the order in which rows come.

use crate::fiscal::{Document, DocumentKind, LedgerEntry, SharedText};
use crate::reconcile::Input;
use crate::reconcile::invoice_sides::InvoiceRows;
use crate::reconcile::record::Names;

/// Takes in a company's documents, one by one.
pub struct GivenDocuments {
    input: Input,
    pub(super) names: Names,
    pub(super) rows: Rows<Document>,
}

/// Takes in the entries of a company's books, one by one.
pub struct GivenEntries {
    input: Input,
    pub(super) names: Names,
    pub(super) rows: Rows<(SharedText, LedgerEntry)>,
}

/// Holds rows in the form that their kind is compared in.
pub(super) enum Rows<R> {
    Invoices(Box<InvoiceRows>),
    Receipts(Vec<R>),
}

impl<R> Rows<R> {
    fn of(kind: DocumentKind, expected: usize) -> Self {
        match kind {
            DocumentKind::Invoice => Self::Invoices(Box::new(InvoiceRows::expecting(expected))),
            DocumentKind::Receipt => Self::Receipts(Vec::with_capacity(expected)),
        }
    }
}

impl GivenDocuments {
    /// Begins without documents, of which so many are expected: an estimate does.
    #[must_use]
    pub fn new(input: &Input, expected: usize) -> Self {
        let rows = Rows::of(input.document_kind, expected);
        Self { input: input.clone(), names: Names::default(), rows }
    }

    /// Takes a document in: of the period, or of the days around it as a partner.
    pub fn take(&mut self, document: Document) {
        match &mut self.rows {
            Rows::Invoices(rows) => rows.take_document(&self.input, &mut self.names, &document),
            Rows::Receipts(rows) => rows.push(document),
        }
    }
}

impl GivenEntries {
    /// Begins without entries, of which so many are expected: an estimate does.
    #[must_use]
    pub fn new(input: &Input, expected: usize) -> Self {
        let rows = Rows::of(input.document_kind, expected);
        Self { input: input.clone(), names: Names::default(), rows }
    }

    /// Takes an entry of the named file in; each file that touches the period counts.
    pub fn take(&mut self, file: &str, entry: LedgerEntry) {
        match &mut self.rows {
            Rows::Invoices(rows) => {
                rows.take_entry(&self.input, &mut self.names, (file, &entry));
            }
            Rows::Receipts(rows) => rows.push((self.names.text(file), entry)),
        }
    }
}
