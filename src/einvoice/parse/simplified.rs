//! The lines of a simplified invoice, whose prices include VAT.

use super::fields::Fields;
use super::tree::Element;
use crate::einvoice::{Invoice, SimplifiedLine};

/// Reads the lines of a simplified body into the invoice.
pub(super) fn read(body: Element<'_>, invoice: &mut Invoice, fields: &mut Fields) {
    for element in body.all("DatiBeniServizi") {
        let line = SimplifiedLine {
            description: fields.text(element, "Descrizione"),
            gross_cents: fields.cents(element, "Importo"),
            vat_cents: fields.cents(element, "DatiIVA/Imposta"),
            vat: fields.vat(element, "DatiIVA/Aliquota", "Natura"),
        };
        if line.vat_cents.is_none() && line.vat.key().is_none() {
            fields.warn(element, "neither VAT nor rate nor nature is stated".to_owned());
        }
        invoice.simplified_lines.push(line);
    }
}
