//! Self-invoices against the supplier's own invoice, where the books hold that one.
//!
//! A purchase under reverse charge has two papers: the supplier's invoice, which never went
//! through the SdI, and the self-invoice (TD16 to TD23, TD27, TD28) that the buyer sent. Some
//! programs book the one, some the other. Where no number pairs them, the supplier and the
//! amount do, with or without the VAT that the self-invoice adds, if both are the only ones
//! near each other. What is left over lacks its counterpart and is told as such: the purchase
//! is not booked, the self-invoice was not sent, or the purchase is booked twice.

use std::collections::BTreeMap;

use crate::findings::{Kind, Pass, Reason, Side};
use crate::fiscal::{DocumentType, Lifecycle, TaxId};
use crate::reconcile::invoice_sides::InvoiceSide;
use crate::reconcile::pairing::Pairing;
use crate::reconcile::record::Record;

/// A self-invoice is due by the 15th of the month after the supplier's invoice came.
const DAYS_APART: u64 = 62;

/// Rates that a self-invoice may add to the supplier's amount, in per cent.
const RATES: [i64; 4] = [22, 10, 5, 4];

/// Pairs open self-invoices with the supplier's invoices that the books hold.
pub(super) fn pair_up(left: &InvoiceSide, right: &InvoiceSide, pairing: &mut Pairing) {
    let open: Vec<usize> = (0..left.rows.len())
        .filter(|place| left.rows[*place].sort.is_self_invoice)
        .filter(|place| left.rows[*place].lifecycle != Some(Lifecycle::NeverIssued))
        .filter(|place| !left.left_out.contains_key(place))
        .filter(|place| pairing.is_open(Side::Left, *place))
        .collect();
    if open.is_empty() {
        return;
    }
    let mut by_party: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, row) in right.rows.iter().enumerate() {
        let is_candidate = !row.sort.is_self_invoice
            && !right.left_out.contains_key(&place)
            && pairing.is_open(Side::Right, place);
        if is_candidate {
            for key in row.party.keys() {
                by_party.entry(key).or_default().push(place);
            }
        }
    }
    let mut fits: Vec<(usize, usize)> = Vec::new();
    for place in open {
        let document = &left.rows[place];
        let mut partners: Vec<usize> = document
            .party
            .keys()
            .filter_map(|key| by_party.get(key))
            .flatten()
            .copied()
            .filter(|other| are_one_purchase(document, &right.rows[*other]))
            .collect();
        partners.sort_unstable();
        partners.dedup();
        fits.extend(partners.into_iter().map(|other| (place, other)));
    }
    let is_only = |pair: &(usize, usize)| {
        let rivals = fits.iter().filter(|other| other.0 == pair.0 || other.1 == pair.1);
        rivals.count() == 1
    };
    for (document, entry) in fits.iter().filter(|pair| is_only(pair)) {
        pairing.pair(*document, *entry, Pass::SelfInvoice);
    }
}

/// Tells whether a row's missing partner is one that a self-invoice has, or should have.
///
/// A supplier from abroad may also send through the SdI: where one of his own documents
/// comes near, the row lacks that one.
pub(super) fn kind_of_missing(side: Side, row: &Record, reason: &Reason) -> Option<Kind> {
    let is_foreign = || {
        let id = row.reference.counterparty_tax_id.as_deref().and_then(TaxId::parse);
        id.is_some_and(|id| id.is_foreign())
    };
    let comes_near = |kind: &str| !DocumentType::new(kind).is_self_invoice();
    let has_own = match reason {
        Reason::NoPartner { nearest: Some(near) } | Reason::TooMany { nearest: Some(near), .. } => {
            near.record.document_type.as_deref().is_some_and(comes_near)
        }
        Reason::Suggested { record, .. } => record.document_type.as_deref().is_some_and(comes_near),
        _ => false,
    };
    let lacks = row.sort.is_self_invoice || (side == Side::Right && !has_own && is_foreign());
    lacks.then_some(Kind::SelfInvoiceUnmatched)
}

/// Tells whether a self-invoice and a supplier's invoice may be about one purchase.
fn are_one_purchase(document: &Record, entry: &Record) -> bool {
    let (Some(total), Some(booked)) = (document.amount_cents, entry.amount_cents) else {
        return false;
    };
    let is_near = document.days_apart(entry).is_some_and(|days| days <= DAYS_APART);
    let bare = [entry.reference.taxable_cents, Some(booked)];
    is_near
        && document.currency == entry.currency
        && (total == booked
            || bare.into_iter().flatten().any(|net| {
                document.reference.taxable_cents == Some(net)
                    || RATES.iter().any(|rate| is_with_vat(net, *rate, total))
            }))
}

/// Tells whether a total is a net amount with VAT, rounded to the cent either way.
fn is_with_vat(net: i64, rate: i64, total: i64) -> bool {
    let exact = i128::from(net) * i128::from(100 + rate);
    (i128::from(total) * 100 - exact).abs() < 100
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vat_is_added_to_the_cent() {
        assert!(is_with_vat(10_000, 22, 12_200));
        assert!(is_with_vat(1_639, 22, 2_000) && is_with_vat(1_639, 22, 1_999));
        assert!(!is_with_vat(10_000, 22, 12_201) && !is_with_vat(10_000, 10, 12_200));
        assert!(is_with_vat(-10_000, 22, -12_200));
    }
}
