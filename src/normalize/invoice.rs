//! Invoices: states of two systems become one lifecycle.

use std::collections::BTreeSet;

use crate::api::wire::{Invoice, Party};
use crate::fiscal::{Currency, Direction, Document, DocumentKind, DocumentType, Lifecycle, TaxId};
use crate::normalize::{Error, cents};

/// Returns the document that an invoice's body describes.
pub fn invoice(body: &str) -> Result<Document, Error> {
    let wire = Invoice::parse(body)?;
    let company = TaxId::parse(&wire.fiscal_id).ok_or(Error::Company { id: wire.id.clone() })?;
    let direction = direction(wire.direction.as_deref(), wire.seller.as_ref(), &company);
    let document_type = DocumentType::new(wire.document_type.as_deref().unwrap_or("TD01"));
    let status = wire.state.clone().unwrap_or_default();
    let sdi_status = wire
        .sdi
        .as_ref()
        .and_then(|sdi| sdi.status.as_deref())
        .map(|word| word.trim().to_uppercase().replace([' ', '-'], "_"));
    let counterparty = counterparty(direction, &company, wire.seller.as_ref(), wire.buyer.as_ref());
    let party_id = |id: Option<&String>| id.and_then(|text| TaxId::parse(text));
    let tax_id = party_id(counterparty.and_then(|party| party.vat_id.as_ref()));
    let tax_code = party_id(counterparty.and_then(|party| party.tax_code.as_ref()));
    let signed = |cents: Option<i64>| cents.map(|cents| document_type.signed(cents));
    let references: BTreeSet<String> =
        wire.sdi.iter().flat_map(|sdi| [sdi.id.clone(), sdi.filename.clone()]).flatten().collect();
    Ok(Document {
        kind: DocumentKind::Invoice,
        lifecycle: lifecycle(&status, sdi_status.as_deref()),
        error_message: wire.sdi.as_ref().and_then(|sdi| sdi.message.clone()),
        number: wire.document_number.clone(),
        issue_date: wire.issue_date,
        counterparty_name: counterparty.and_then(|party| party.name.clone()),
        counterparty_tax_code: tax_code.filter(|code| Some(code) != tax_id.as_ref()),
        counterparty_tax_id: tax_id,
        currency: currency(wire.currency.as_deref()),
        taxable_cents: signed(cents(&wire.id, "taxable_amount", wire.taxable_amount.as_ref())?),
        vat_cents: signed(cents(&wire.id, "vat_amount", wire.vat_amount.as_ref())?),
        gross_cents: signed(cents(&wire.id, "gross_amount", wire.gross_amount())?),
        tenders: None,
        vat_lines: Vec::new(),
        parent_id: None,
        references: references.into_iter().collect(),
        created_at: wire.created_at(),
        source_id: wire.id,
        company,
        direction,
        document_type,
        status,
        sdi_status,
    })
}

/// The API's own misspelling `outoming` counts as outgoing; no word at all is decided by
/// who the seller is.
fn direction(word: Option<&str>, seller: Option<&Party>, company: &TaxId) -> Direction {
    match word.map(str::to_lowercase).as_deref() {
        Some(word) if word.starts_with("in") => Direction::Incoming,
        Some(word) if word.starts_with("out") => Direction::Outgoing,
        _ if seller.is_some_and(|party| is_company(party, company)) => Direction::Outgoing,
        _ => Direction::Incoming,
    }
}

/// The other party is whoever is not the company; a self-invoice's seller is the supplier,
/// whichever way the document went.
fn counterparty<'a>(
    direction: Direction,
    company: &TaxId,
    seller: Option<&'a Party>,
    buyer: Option<&'a Party>,
) -> Option<&'a Party> {
    let by_direction = match direction {
        Direction::Outgoing => (buyer, seller),
        Direction::Incoming => (seller, buyer),
    };
    match by_direction {
        (Some(first), Some(second))
            if is_company(first, company) && !is_company(second, company) =>
        {
            Some(second)
        }
        (Some(first), _) => Some(first),
        (None, other) => other.filter(|party| !is_company(party, company)),
    }
}

fn is_company(party: &Party, company: &TaxId) -> bool {
    [&party.vat_id, &party.tax_code]
        .into_iter()
        .flatten()
        .any(|id| TaxId::parse(id).as_ref() == Some(company))
}

/// What the SdI says decides; the API's state fills in where the SdI is silent.
///
/// Source: the API's list of states; NOT_DELIVERED is a valid invoice, REJECTED was issued
/// and refused by a public body, ERROR was never issued. An unknown word keeps it open.
fn lifecycle(state: &str, sdi_status: Option<&str>) -> Lifecycle {
    match (sdi_status, state.to_uppercase().as_str()) {
        (Some("NOT_DELIVERED"), _) => Lifecycle::NotDelivered,
        (Some("REJECTED"), _) => Lifecycle::Refused,
        (Some("ERROR"), _) | (_, "ERROR") => Lifecycle::NeverIssued,
        (Some("ACCEPTED" | "TERMS_EXPIRED" | "RECEIVED"), _) | (_, "DONE" | "RECEIVED") => {
            Lifecycle::Issued
        }
        _ => Lifecycle::Open,
    }
}

fn currency(code: Option<&str>) -> Currency {
    code.and_then(|code| code.parse().ok()).unwrap_or(Currency::EUR)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(extra: &str) -> String {
        format!(
            r#"{{"id":"7","fiscal_id":"01234567897","document_number":"FPR 3/26",
            "issue_date":"2026-02-03","total_gross_amount":122.0,
            "sender":{{"name":"Alfa","vat_id":"IT01234567897"}},
            "recipient":{{"name":"Beta","vat_id":"09876543217","tax_code":""}}{extra}}}"#
        )
    }

    #[test]
    fn credit_note_counts_negative() {
        let document = invoice(&body(r#","type":"TD04","state":"DONE","direction":"outgoing""#));
        let document = document.unwrap();
        assert_eq!(document.gross_cents, Some(-12_200));
        assert_eq!(document.taxable_cents, None);
        assert_eq!(document.counterparty_name.as_deref(), Some("Beta"));
    }

    #[test]
    fn states_become_one_lifecycle() {
        for (state, sdi, lifecycle) in [
            ("DONE", "DELIVERED", Lifecycle::Issued),
            ("DONE", "Not Delivered", Lifecycle::NotDelivered),
            ("ERROR", "REJECTED", Lifecycle::Refused),
            ("ERROR", "ERROR", Lifecycle::NeverIssued),
            ("SENT", "DELIVERED", Lifecycle::Open),
            ("NEW", "", Lifecycle::Open),
            ("RECEIVED", "", Lifecycle::Issued),
        ] {
            let extra = format!(r#","state":"{state}","details":{{"sdi_status":"{sdi}"}}"#);
            assert_eq!(invoice(&body(&extra)).unwrap().lifecycle, lifecycle, "{state} {sdi}");
        }
    }

    #[test]
    fn sender_names_missing_direction() {
        assert_eq!(invoice(&body("")).unwrap().direction, Direction::Outgoing);
        let misspelt = invoice(&body(r#","direction":"outoming""#)).unwrap();
        assert_eq!(misspelt.direction, Direction::Outgoing);
    }
}
