//! Receipts: sales, returns and voids, with their totals by VAT rate.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use crate::api::wire::{Receipt, ReceiptItem};
use crate::fiscal::{
    Amount, Currency, Direction, Document, DocumentKind, DocumentType, Lifecycle, TaxId, Tenders,
    VatLine, VatRate, date_in_rome,
};
use crate::normalize::{Error, cents, decimal};

/// Returns the document that a receipt's body describes.
///
/// Returns and voids are negative whatever sign the API wrote. The day of issue is Rome's
/// day of the tax agency's number, or of reception while there is none.
pub fn receipt(body: &str) -> Result<Document, Error> {
    let wire = Receipt::parse(body)?;
    let company = TaxId::parse(&wire.fiscal_id).ok_or(Error::Company { id: wire.id.clone() })?;
    let document_type = DocumentType::new(wire.receipt_type.as_deref().unwrap_or("sale"));
    let status = wire.status.clone().unwrap_or_default();
    let lifecycle = lifecycle(&status);
    // Before it is processed the API writes 0 or null for totals that nobody worked out.
    let known =
        |cents: Option<i64>| cents.filter(|cents| lifecycle != Lifecycle::Open || *cents != 0);
    let signed = |cents: Option<i64>| known(cents).map(|cents| document_type.signed(cents));
    let tenders = tenders(&wire)?;
    let tenders = if document_type.is_negative() { tenders.negated() } else { tenders };
    let references: BTreeSet<String> =
        wire.tags.iter().cloned().chain(wire.linked_receipt.clone()).collect();
    Ok(Document {
        kind: DocumentKind::Receipt,
        direction: Direction::Outgoing,
        issue_date: wire
            .issued_at
            .map(crate::api::wire::Moment::day_in_rome)
            .or_else(|| wire.created_at().map(date_in_rome)),
        sdi_status: None,
        error_message: wire.error_message.clone(),
        number: wire.document_number.clone(),
        counterparty_tax_id: None,
        counterparty_tax_code: None,
        counterparty_name: None,
        currency: Currency::EUR,
        taxable_cents: signed(cents(&wire.id, "taxable_amount", wire.taxable_amount.as_ref())?),
        vat_cents: signed(cents(&wire.id, "vat_amount", wire.vat_amount.as_ref())?),
        gross_cents: signed(cents(&wire.id, "gross_amount", wire.gross_amount.as_ref())?),
        tenders: Some(tenders),
        vat_lines: vat_lines(&wire.id, &wire.items, &document_type)?,
        parent_id: wire.parent_id.clone(),
        references: references.into_iter().collect(),
        created_at: wire.created_at(),
        source_id: wire.id,
        company,
        document_type,
        status,
        lifecycle,
    })
}

/// Source: the API's list of receipt states; an unknown word keeps the receipt open.
fn lifecycle(status: &str) -> Lifecycle {
    match status {
        "ready" => Lifecycle::Issued,
        "voided" => Lifecycle::Voided,
        "failed" => Lifecycle::NeverIssued,
        _ => Lifecycle::Open,
    }
}

fn tenders(wire: &Receipt) -> Result<Tenders, Error> {
    let amount = |field, value| Ok::<_, Error>(cents(&wire.id, field, value)?.unwrap_or(0));
    Ok(Tenders {
        cash_cents: amount("cash_amount", wire.cash_amount.as_ref())?,
        electronic_cents: amount("electronic_amount", wire.electronic_amount.as_ref())?,
        vouchers_cents: amount("voucher_amount", wire.voucher_amount.as_ref())?,
        uncollected_cents: amount("uncollected", wire.goods_uncollected_amount.as_ref())?
            .saturating_add(amount("uncollected", wire.services_uncollected_amount.as_ref())?),
    })
}

/// Sums the items by rate with all their decimals and rounds each sum once.
///
/// Items truncate at eight decimals (9.99999999 for 10), so rounding each of them would
/// lose cents that the totals have. Items without totals are those of a new receipt.
fn vat_lines(
    id: &str,
    items: &[ReceiptItem],
    document_type: &DocumentType,
) -> Result<Vec<VatLine>, Error> {
    let mut sums: BTreeMap<VatRate, [Decimal; 3]> = BTreeMap::new();
    for item in items {
        let Some(gross) = decimal(id, "item gross_amount", item.gross_amount.as_ref())? else {
            continue;
        };
        let Some(rate_text) = item.vat_rate_or_nature() else {
            continue;
        };
        let rate: VatRate = rate_text.parse().map_err(|source| Error::Amount {
            id: id.to_owned(),
            field: "vat_rate",
            source,
        })?;
        let net = item.net_taxable_amount.as_ref().or(item.taxable_amount.as_ref());
        let sum = sums.entry(rate).or_default();
        sum[0] += decimal(id, "item taxable_amount", net)?.unwrap_or_default();
        sum[1] += decimal(id, "item vat_amount", item.vat_amount.as_ref())?.unwrap_or_default();
        sum[2] += gross;
    }
    sums.into_iter()
        .map(|(rate, [taxable, vat, gross])| {
            let cents = |field, sum: Decimal| {
                Amount::cents_from_decimal(&sum.to_string())
                    .map(|cents| document_type.signed(cents))
                    .map_err(|source| Error::Amount { id: id.to_owned(), field, source })
            };
            Ok(VatLine {
                rate,
                taxable_cents: cents("taxable_amount", taxable)?,
                vat_cents: cents("vat_amount", vat)?,
                gross_cents: cents("gross_amount", gross)?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_of_one_rate_sum_before_rounding() {
        let item = r#"{"quantity":1,"vat_rate":"'22'","total_amount":0.333,
            "taxable_amount":0.27295081,"vat_amount":0.06004918}"#;
        let body = format!(
            r#"{{"id":"a","fiscal_id":"1234567897","type":"sale","status":"ready",
            "document_date":"2026-02-03T23:30:00.000Z","total_amount":1,
            "cash_payment_amount":1,"items":[{item},{item},{item}]}}"#
        );
        let document = receipt(&body).unwrap();
        assert_eq!(document.vat_lines.len(), 1);
        assert_eq!(document.vat_lines[0].gross_cents, 100);
        assert_eq!(document.vat_lines[0].taxable_cents, 82);
        assert_eq!(document.issue_date.unwrap().to_string(), "2026-02-04");
        assert_eq!(document.company.as_str(), "01234567897");
    }

    #[test]
    fn returns_count_negative_in_every_part() {
        let body = r#"{"id":"b","fiscal_id":"01234567897","type":"return","status":"ready",
            "parent_receipt_id":"a","created_at":"2026-02-03T10:00:00.000Z","total_amount":10,
            "total_taxable_amount":8.19672132,"total_vat_amount":1.80327868,
            "cash_payment_amount":4,"electronic_payment_amount":6,
            "items":[{"vat_rate":"22","total_amount":10,"taxable_amount":8.19672131,
            "vat_amount":1.80327868}]}"#;
        let document = receipt(body).unwrap();
        assert_eq!(document.gross_cents, Some(-1000));
        assert_eq!((document.taxable_cents, document.vat_cents), (Some(-820), Some(-180)));
        assert_eq!(document.vat_lines[0].gross_cents, -1000);
        assert_eq!(document.tenders.unwrap().electronic_cents, -600);
    }

    #[test]
    fn totals_of_new_receipt_stay_unknown() {
        let body = r#"{"id":"c","fiscal_id":"01234567897","status":"new","total_amount":0,
            "document_number":"","document_date":null,"items":[{"quantity":1,"unit_price":5,
            "vat_rate_code":"22"}],"create_timestamp":1770159590}"#;
        let document = receipt(body).unwrap();
        assert_eq!(document.lifecycle, Lifecycle::Open);
        assert_eq!((document.gross_cents, document.vat_lines.len()), (None, 0));
        assert_eq!(document.issue_date.unwrap().to_string(), "2026-02-03");
    }

    #[test]
    fn unreadable_amount_puts_receipt_aside() {
        let body = r#"{"id":"d","fiscal_id":"01234567897","status":"ready","total_amount":"1,5"}"#;
        assert!(receipt(body).is_err());
    }
}
