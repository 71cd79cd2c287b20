//! What a receipt looks like once the tax portal has numbered it.
//!
//! Items get an id, their price becomes net and their VAT is worked out, cut at eight
//! decimals; a return and a void take over what the sale had.

use super::super::data::wire::IssuedItem;
use super::super::json::Object;
use super::super::money::{Number, basis_points};

/// The amounts by which a receipt was paid, in the order of the documents.
const PAYMENTS: [&str; 5] = [
    "cash_payment_amount",
    "electronic_payment_amount",
    "ticket_restaurant_payment_amount",
    "goods_uncollected_amount",
    "services_uncollected_amount",
];

/// Gives a sale its items and totals.
pub(super) fn sale(receipt: &mut Object, number: u32) {
    let asked = receipt.objects("items").unwrap_or_default();
    let items: Vec<_> =
        asked.iter().zip(1..).map(|(item, place)| numbered(item, number, place)).collect();
    set_totals(receipt, &items);
    receipt.set("items", items);
    let discount = receipt.number("discount").unwrap_or_default();
    receipt.set("total_discount", discount);
    receipt.set("total_gross_discount", discount);
}

/// Gives a void the items, the totals and the payments of the sale.
pub(super) fn void(receipt: &mut Object, parent: &Object) {
    receipt.set("items", parent.objects("items").unwrap_or_default());
    let totals =
        ["total_amount", "total_taxable_amount", "total_uncollected_amount", "total_vat_amount"];
    for name in PAYMENTS.into_iter().chain(totals) {
        receipt.set(name, parent.number(name).unwrap_or_default());
    }
}

/// Gives a return its items and totals, and counts at the sale what came back.
pub(super) fn give_back(receipt: &mut Object, parent: &mut Object, back: &[(String, Number)]) {
    let mut sold = parent.objects("items").unwrap_or_default();
    let mut items = Vec::new();
    for item in &mut sold {
        let id = item.string("id").unwrap_or_default();
        let quantity = back
            .iter()
            .filter(|(wanted, _)| *wanted == id)
            .fold(Number::ZERO, |sum, (_, quantity)| sum.plus(*quantity));
        if quantity > Number::ZERO {
            items.push(returned(item, quantity));
            let before = item.number("return").unwrap_or_default();
            item.set("return", before.plus(quantity));
        }
    }
    parent.set("items", sold);
    let total = set_totals(receipt, &items);
    receipt.set("items", items);
    // Paid out as it was paid, or in cash.
    let by_card = parent.number("electronic_payment_amount").unwrap_or_default() >= total;
    receipt.set("electronic_payment_amount", if by_card { total } else { Number::ZERO });
    receipt.set("cash_payment_amount", if by_card { Number::ZERO } else { total });
}

/// Turns an item as it was asked for into one that the portal has numbered.
fn numbered(asked: &Object, number: u32, place: u32) -> Object {
    let code = asked.string("vat_rate_code").unwrap_or_default();
    let rate = basis_points(&code).unwrap_or_default();
    let quantity = asked.number("quantity").unwrap_or_default();
    let gross_price = asked.number("unit_price").unwrap_or_default();
    let discount = asked.number("discount").unwrap_or_default();
    let total = line_total(quantity, gross_price, discount);
    let net = total.net_at(rate);
    let sku = asked.string("sku");
    let item = IssuedItem {
        id: (u64::from(number) * 100 + u64::from(place)).to_string(),
        quantity,
        description: &asked.string("description").unwrap_or_default(),
        gross_price,
        vat_rate: &code,
        gross_discount: discount,
        complimentary: asked.flag("complimentary").unwrap_or_default(),
        unit_price: gross_price.net_at(rate),
        returned: Number::ZERO,
        taxable_amount: line_total(quantity, gross_price, Number::ZERO).net_at(rate),
        net_taxable_amount: net,
        vat_amount: total.minus(net),
        total_amount: total,
        unit_discount: Number::ZERO,
        sku: sku.as_deref(),
    };
    let text = serde_json::to_string(&item).expect("texts and numbers are JSON");
    Object::read(&text).expect("a struct is an object")
}

/// Returns the item of a return: the quantity stays that of the sale, the totals do not.
fn returned(sold: &Object, quantity: Number) -> Object {
    let rate = basis_points(&sold.string("vat_rate").unwrap_or_default()).unwrap_or_default();
    let gross_price = sold.number("gross_price").unwrap_or_default();
    let discount = sold.number("gross_discount").unwrap_or_default();
    let share = discount.share(quantity, sold.number("quantity").unwrap_or_default());
    let total = line_total(quantity, gross_price, share);
    let net = total.net_at(rate);
    let mut item = sold.clone();
    item.set("gross_discount", share);
    item.set("return", quantity);
    item.set("taxable_amount", line_total(quantity, gross_price, Number::ZERO).net_at(rate));
    item.set("net_taxable_amount", net);
    item.set("vat_amount", total.minus(net));
    item.set("total_amount", total);
    item
}

/// Sums the items up; returns the gross total.
fn set_totals(receipt: &mut Object, items: &[Object]) -> Number {
    let sum = |name| {
        items.iter().fold(Number::ZERO, |sum, item| sum.plus(item.number(name).unwrap_or_default()))
    };
    let (total, taxable) = (sum("total_amount"), sum("net_taxable_amount"));
    receipt.set("total_amount", total);
    receipt.set("total_taxable_amount", taxable);
    receipt.set("total_vat_amount", total.minus(taxable));
    let uncollected = ["goods_uncollected_amount", "services_uncollected_amount"]
        .into_iter()
        .fold(Number::ZERO, |sum, name| sum.plus(receipt.number(name).unwrap_or_default()));
    receipt.set("total_uncollected_amount", uncollected);
    total
}

/// What was asked for was checked to have room, so a product without room is not met here.
fn line_total(quantity: Number, price: Number, discount: Number) -> Number {
    quantity.times(price).unwrap_or_default().minus(discount)
}
