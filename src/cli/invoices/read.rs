//! Invoices as the provider has them: a list, and one of them.

use crate::api::Resource;
use crate::api::wire::{Invoice, Party};
use crate::cli::hand::{Shown, text};

/// How invoices are shown.
pub(super) const SHOWN: Shown<Invoice> = Shown {
    resource: Resource::Invoices,
    noun: "invoice",
    headings: &[
        "id",
        "company",
        "way",
        "type",
        "number",
        "issued",
        "state",
        "SdI",
        "counterparty",
        "total",
    ],
    parse: Invoice::parse,
    day: |invoice| invoice.issue_date,
    row: |invoice| row(invoice).to_vec(),
    described,
};

fn name(party: Option<&Party>) -> String {
    let party = party.cloned().unwrap_or_default();
    let id = party.vat_id.or(party.tax_code).unwrap_or_default();
    match party.name {
        Some(name) => format!("{name} {id}").trim().to_owned(),
        None if id.is_empty() => "–".to_owned(),
        None => id,
    }
}

fn row(invoice: &Invoice) -> [String; 10] {
    let is_incoming = invoice.direction.as_deref() == Some("incoming");
    let other = if is_incoming { &invoice.seller } else { &invoice.buyer };
    let status = invoice.sdi.as_ref().and_then(|sdi| sdi.status.as_deref());
    let total = invoice.gross_amount().map(|total| total.plain().into_owned());
    [
        invoice.id.clone(),
        invoice.fiscal_id.clone(),
        text(invoice.direction.as_deref()),
        text(invoice.document_type.as_deref()),
        text(invoice.document_number.as_deref()),
        invoice.issue_date.map_or_else(|| "–".to_owned(), |day| day.to_string()),
        text(invoice.state.as_deref()),
        text(status),
        name(other.as_ref()),
        text(total.as_deref()),
    ]
}

fn described(invoice: &Invoice) -> String {
    let [id, company, way, kind, number, issued, state, status, _, total] = row(invoice);
    let mut lines = vec![
        format!("invoice {id} of {company}: {way}, {state}, SdI {status}"),
        format!("{kind} {number} of {issued}, total {total}"),
        format!("seller: {}", name(invoice.seller.as_ref())),
        format!("buyer: {}", name(invoice.buyer.as_ref())),
    ];
    if let Some(sdi) = &invoice.sdi {
        lines.push(format!(
            "SdI: id {}, file {}, {}",
            text(sdi.id.as_deref()),
            text(sdi.filename.as_deref()),
            text(sdi.message.as_deref())
        ));
    }
    lines.join("\n")
}
