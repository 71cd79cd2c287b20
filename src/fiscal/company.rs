//! A company whose documents and books are compared.

use crate::fiscal::TaxId;

/// Names a company and what the provider handles for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Company {
    /// Its tax identifier.
    pub tax_id: TaxId,
    /// Its name.
    pub name: String,
    /// Whether its receipts go through the provider.
    pub has_receipts: bool,
    /// Whether its sent invoices go through the provider.
    pub has_outgoing_invoices: bool,
    /// Whether its received invoices come through the provider.
    pub has_incoming_invoices: bool,
}
