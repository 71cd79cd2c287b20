//! Checks what is to be taken back against what was sold.

use std::str::FromStr as _;

use rust_decimal::Decimal;

use super::{Complaint, Complaints};
use crate::api::wire::{DecimalText, Receipt};

/// Pieces may be weighed, but not finer than this.
const QUANTITY_DECIMALS_MAX: u32 = 2;

/// Checks what is to be taken back against the receipt that it was sold with.
#[must_use]
pub fn check_returned(receipt: &Receipt, items: &[(String, DecimalText)]) -> Vec<Complaint> {
    let mut complaints = Complaints::default();
    if items.is_empty() {
        complaints.add("items", "", "has no item");
    }
    for (position, (id, quantity)) in items.iter().enumerate() {
        let field = format!("items[{position}]");
        let wanted = complaints.positive(
            &format!("{field}.quantity"),
            Some(quantity),
            QUANTITY_DECIMALS_MAX,
        );
        let known = receipt.items.iter().filter_map(|item| item.id.as_deref());
        let Some(sold) = receipt.items.iter().find(|item| item.id.as_deref() == Some(id)) else {
            let known: Vec<String> = known.map(|id| format!("`{id}`")).collect();
            let reason = match known.as_slice() {
                [] => "is unknown: the tax portal numbers items once a receipt is ready".to_owned(),
                known => format!("is no item of this receipt; its items are {}", known.join(", ")),
            };
            complaints.add(&format!("{field}.id"), id, reason);
            continue;
        };
        if items[..position].iter().any(|(other, _)| other == id) {
            complaints.add(&format!("{field}.id"), id, "stands twice");
        }
        let decimal = |text: Option<&DecimalText>| {
            text.and_then(|text| Decimal::from_str(&text.plain()).ok())
        };
        if let Some(quantity_sold) = decimal(sold.quantity.as_ref()) {
            let left = quantity_sold - decimal(sold.returned_quantity.as_ref()).unwrap_or_default();
            if wanted > left {
                let reason = format!("is more than the {} left to return", left.normalize());
                complaints.add(&format!("{field}.quantity"), quantity.as_str(), reason);
            }
        }
    }
    complaints.all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn returns_are_checked_against_what_was_sold() {
        let receipt = Receipt::parse(
            r#"{"id":"r","fiscal_id":"x","items":[{"id":"'7'","quantity":3,"return":1}]}"#,
        )
        .unwrap();
        let said = |items: &[(&str, &str)]| {
            let items: Vec<(String, DecimalText)> = items
                .iter()
                .map(|(id, quantity)| ((*id).to_owned(), DecimalText::parse(quantity).unwrap()))
                .collect();
            let complaints = check_returned(&receipt, &items);
            complaints.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
        };
        assert_eq!(said(&[("7", "2.00")]), "");
        assert_eq!(
            said(&[("7", "3")]),
            "`items[0].quantity` = `3` is more than the 2 left to return"
        );
        assert_eq!(
            said(&[("8", "1")]),
            "`items[0].id` = `8` is no item of this receipt; its items are `7`"
        );
        assert_eq!(said(&[("7", "0")]), "`items[0].quantity` = `0` must be more than 0");
        assert!(said(&[("7", "1"), ("7", "1")]).contains("`items[1].id` = `7` stands twice"));
        assert_eq!(said(&[]), "`items` has no item");
    }
}
