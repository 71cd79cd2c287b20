//! Which of a receipt's tags names an order of the shop.
//!
//! Tags also name stores and tills. Only what looks like the names in the shop's own
//! export is an order, and no shop has to be told how its orders are called.

use std::sync::Arc;

use std::collections::BTreeSet;

use crate::reconcile::record::Record;

/// Returns the record under the name of its order, by which people look it up here.
pub(super) fn named_by_order(record: &Record, shapes: &BTreeSet<String>) -> Record {
    let mut named = record.clone();
    if let Some(name) = order_name(record, shapes) {
        Arc::make_mut(&mut named.reference).number = Some(name.to_owned());
        named.is_named_otherwise = true;
    }
    named
}

/// Returns the reference that looks like one of the shop's orders.
///
/// Other tags name stores, and the provider's own id is never an order.
pub(super) fn order_name<'a>(record: &'a Record, shapes: &BTreeSet<String>) -> Option<&'a str> {
    record
        .references()
        .filter(|name| *name != record.reference.id)
        .find(|name| shapes.contains(&shape(name)))
}

/// Returns what a name looks like, its runs of digits folded: `#1042` is `#9`.
pub(super) fn shape(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    for c in name.chars() {
        let c = if c.is_ascii_digit() { '9' } else { c };
        if c != '9' || !folded.ends_with('9') {
            folded.push(c);
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_one_shop_have_one_shape() {
        assert_eq!(shape("#1042"), shape("#7"));
        assert_eq!(shape("IT-2026-15"), "IT-9-9");
        assert_ne!(shape("#1042"), shape("negozio-1"));
        assert_ne!(shape("1042"), shape("#1042"));
    }
}
