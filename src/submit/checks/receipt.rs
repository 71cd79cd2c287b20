//! Checks a receipt that is to be issued, and adds it up.

use rust_decimal::{Decimal, RoundingStrategy};

use super::{Complaint, Complaints};
use crate::api::wire::{DecimalText, NewItem, NewReceipt};

/// The rates and natures that a receipt knows.
const VAT_RATES: [&str; 22] = [
    "4", "5", "10", "22", "2", "6.4", "7", "7.3", "7.5", "7.65", "7.95", "8.3", "8.5", "8.8",
    "9.5", "12.3", "N1", "N2", "N3", "N4", "N5", "N6",
];
/// How many tags a receipt takes; one of them is ours.
const TAGS_MAX: usize = 10;
const DESCRIPTION_CHARACTERS_MAX: usize = 1_000;
const LINKED_RECEIPT_CHARACTERS_MAX: usize = 50;
const LOTTERY_CODE_CHARACTERS: usize = 8;
const QUANTITY_DECIMALS_MAX: u32 = 2;
const UNIT_PRICE_DECIMALS_MAX: u32 = 8;
const AMOUNT_DECIMALS_MAX: u32 = 2;

/// Holds what a receipt adds up to, in cents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReceiptSum {
    /// What the customer owes: items less all discounts.
    pub gross_cents: i64,
    /// What all means of payment come to, what is not collected included.
    pub paid_cents: i64,
}

/// Checks a receipt that is to be issued, and adds it up.
#[must_use]
pub fn check_receipt(receipt: &NewReceipt) -> (ReceiptSum, Vec<Complaint>) {
    let mut complaints = Complaints::default();
    check_texts(receipt, &mut complaints);
    let mut exact = Decimal::ZERO;
    let mut by_line = Decimal::ZERO;
    if receipt.items.is_empty() {
        complaints.add("items", "", "has no item");
    }
    for (position, item) in receipt.items.iter().enumerate() {
        let line = check_item(&format!("items[{position}]"), item, &mut complaints);
        exact += line;
        by_line += cents(line);
    }
    let discount = complaints.amount("discount", receipt.discount.as_ref(), AMOUNT_DECIMALS_MAX);
    let payments = check_payments(receipt, &mut complaints);
    let paid: Decimal = payments.iter().sum();
    let (exact, by_line) = (cents(exact - discount), cents(by_line - discount));
    let is_clean = complaints.is_empty();
    if is_clean && exact != paid && by_line != paid {
        let reason = format!(
            "does not balance: items less discounts are {exact}, the payments {paid}, \
             a difference of {}",
            exact - paid
        );
        complaints.add("items", "", reason);
    }
    let owed = if by_line == paid { by_line } else { exact };
    check_lottery(receipt, owed, &payments, &mut complaints);
    let sum = ReceiptSum { gross_cents: in_cents(owed), paid_cents: in_cents(paid) };
    (sum, complaints.all())
}

fn check_texts(receipt: &NewReceipt, complaints: &mut Complaints) {
    match receipt.fiscal_id.as_deref() {
        None => complaints.add("fiscal_id", "", "is missing"),
        Some(id) if id.to_ascii_uppercase().starts_with("IT") && id.len() == 13 => {
            complaints.add("fiscal_id", id, "has a country prefix: the API takes none");
        }
        Some(_) => {}
    }
    if receipt.tags.len() >= TAGS_MAX {
        let reason = format!("are too many: {} at most, one more is ours", TAGS_MAX - 1);
        complaints.add("tags", &receipt.tags.len().to_string(), reason);
    }
    if let Some(linked) = &receipt.linked_receipt
        && linked.chars().count() > LINKED_RECEIPT_CHARACTERS_MAX
    {
        let reason = format!("is longer than {LINKED_RECEIPT_CHARACTERS_MAX} characters");
        complaints.add("linked_receipt", linked, reason);
    }
}

/// Checks an item and returns what it costs, discount taken off; a gift costs nothing.
fn check_item(field: &str, item: &NewItem, complaints: &mut Complaints) -> Decimal {
    let at = |name: &str| format!("{field}.{name}");
    match item.description.as_deref() {
        None => complaints.add(&at("description"), "", "is missing"),
        Some(text) if text.chars().count() > DESCRIPTION_CHARACTERS_MAX => {
            let reason = format!("is longer than {DESCRIPTION_CHARACTERS_MAX} characters");
            complaints.add(&at("description"), text, reason);
        }
        Some(_) => {}
    }
    let rate = item.vat_rate.as_deref().unwrap_or_default();
    if !VAT_RATES.contains(&rate) {
        let reason = match rate {
            "" => "is missing".to_owned(),
            "0" => "is no rate: say why there is no VAT, N1 to N6".to_owned(),
            _ => format!("is no rate of receipts: one of {}", VAT_RATES.join(", ")),
        };
        complaints.add(&at("vat_rate_code"), rate, reason);
    }
    let quantity =
        complaints.positive(&at("quantity"), item.quantity.as_ref(), QUANTITY_DECIMALS_MAX);
    let price = complaints.positive(
        &at("unit_price"),
        item.gross_unit_price.as_ref(),
        UNIT_PRICE_DECIMALS_MAX,
    );
    let discount =
        complaints.amount(&at("discount"), item.discount.as_ref(), UNIT_PRICE_DECIMALS_MAX);
    let written = item.discount.as_ref().map_or("", DecimalText::as_str);
    let is_gift = item.is_gift.unwrap_or(false);
    if is_gift && !discount.is_zero() {
        complaints.add(&at("discount"), written, "cannot stand beside `complimentary`");
    }
    let Some(whole) = quantity.checked_mul(price) else {
        complaints.add(&at("unit_price"), "", "is too large");
        return Decimal::ZERO;
    };
    if discount > whole {
        complaints.add(&at("discount"), written, format!("is more than the item's {whole}"));
    }
    if is_gift { Decimal::ZERO } else { whole - discount }
}

/// Checks the means of payment and returns them: cash, electronic, vouchers, uncollected.
fn check_payments(receipt: &NewReceipt, complaints: &mut Complaints) -> [Decimal; 5] {
    let fields = [
        ("cash_payment_amount", &receipt.cash_amount),
        ("electronic_payment_amount", &receipt.electronic_amount),
        ("ticket_restaurant_payment_amount", &receipt.voucher_amount),
        ("goods_uncollected_amount", &receipt.uncollected_goods_amount),
        ("services_uncollected_amount", &receipt.uncollected_services_amount),
    ];
    if receipt.cash_amount.is_none() {
        complaints.add("cash_payment_amount", "", "is missing: write 0 where no cash was paid");
    }
    let amounts =
        fields.map(|(field, text)| complaints.amount(field, text.as_ref(), AMOUNT_DECIMALS_MAX));
    let [_, _, vouchers, goods, services] = amounts;
    let count =
        complaints.amount("ticket_restaurant_quantity", receipt.voucher_quantity.as_ref(), 0);
    let written = receipt.voucher_quantity.as_ref().map_or("", DecimalText::as_str);
    if vouchers.is_zero() != count.is_zero() {
        let reason = format!("does not fit: {vouchers} were paid with meal vouchers");
        complaints.add("ticket_restaurant_quantity", written, reason);
    }
    let is_uncollected = !(goods + services).is_zero();
    if receipt.is_invoiced_later.unwrap_or(false) != is_uncollected {
        let reason = if is_uncollected {
            "must be true where an amount is not collected"
        } else {
            "needs `goods_uncollected_amount` or `services_uncollected_amount`"
        };
        let value = receipt.is_invoiced_later.map(|later| later.to_string()).unwrap_or_default();
        complaints.add("invoice_issuing", &value, reason);
    }
    amounts
}

/// The lottery takes receipts from one euro, paid wholly by electronic means.
fn check_lottery(
    receipt: &NewReceipt,
    owed: Decimal,
    payments: &[Decimal; 5],
    complaints: &mut Complaints,
) {
    let Some(code) = receipt.lottery_code.as_deref() else { return };
    let is_code = code.len() == LOTTERY_CODE_CHARACTERS
        && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_code {
        let reason = format!("is not {LOTTERY_CODE_CHARACTERS} letters and digits");
        complaints.add("lottery_code", code, reason);
    }
    if owed < Decimal::ONE {
        complaints.add("lottery_code", code, format!("needs a total of 1.00, this is {owed}"));
    }
    let others: Decimal = payments.iter().sum::<Decimal>() - payments[1];
    if !others.is_zero() {
        let reason = format!("needs a wholly electronic payment, {others} is paid otherwise");
        complaints.add("lottery_code", code, reason);
    }
}

/// Rounds to whole cents, half away from zero.
fn cents(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

fn in_cents(amount: Decimal) -> i64 {
    let cents = cents(amount).checked_mul(Decimal::ONE_HUNDRED);
    cents.and_then(|cents| i64::try_from(cents.trunc()).ok()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt(change: &str) -> NewReceipt {
        // A later member of the same name would be refused, so the change replaces one.
        let mut members: serde_json::Map<String, serde_json::Value> = serde_json::from_str(
            r#"{"fiscal_id":"01234567897","cash_payment_amount":0,"electronic_payment_amount":20,
            "items":[{"quantity":2,"description":"caffè","unit_price":10,"vat_rate_code":"22"}]}"#,
        )
        .unwrap();
        let change: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(change).unwrap();
        members.extend(change);
        NewReceipt::parse(&serde_json::Value::Object(members).to_string()).unwrap()
    }

    fn said(change: &str) -> String {
        let (_, complaints) = check_receipt(&receipt(change));
        complaints.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn good_receipts_add_up() {
        for (change, gross) in [
            ("{}", 2000),
            (r#"{"lottery_code":"a1B2c3D4","tags":["a"]}"#, 2000),
            (r#"{"discount":2.5,"electronic_payment_amount":17.50}"#, 1750),
            (
                r#"{"electronic_payment_amount":10,"ticket_restaurant_payment_amount":10,
                "ticket_restaurant_quantity":2}"#,
                2000,
            ),
            (
                r#"{"electronic_payment_amount":0,"goods_uncollected_amount":20,
                "invoice_issuing":true}"#,
                2000,
            ),
            (
                r#"{"electronic_payment_amount":0,"items":[{"quantity":1,"description":"x",
                "unit_price":5,"vat_rate_code":"N2","complimentary":true}]}"#,
                0,
            ),
            (
                r#"{"electronic_payment_amount":0.34,"items":[{"quantity":1,"description":"x",
                "unit_price":0.335,"vat_rate_code":"4"}]}"#,
                34,
            ),
        ] {
            assert_eq!(said(change), "", "{change}");
            assert_eq!(check_receipt(&receipt(change)).0.gross_cents, gross, "{change}");
        }
    }

    #[test]
    fn each_complaint_names_field_and_value() {
        let item = |change: &str| {
            format!(
                r#"{{"items":[{{"quantity":2,"description":"x","unit_price":10,
                "vat_rate_code":"22",{change}}}]}}"#
            )
            .replace(
                r#""quantity":2,"description":"x","unit_price":10,
                "vat_rate_code":"22","quantity""#,
                r#""description":"x","unit_price":10,
                "vat_rate_code":"22","quantity""#,
            )
        };
        for (change, expected) in [
            (r#"{"fiscal_id":"IT01234567897"}"#.to_owned(), "`fiscal_id` = `IT01234567897` has a"),
            (r#"{"items":[]}"#.to_owned(), "`items` has no item"),
            (r#"{"electronic_payment_amount":19.99}"#.to_owned(), "a difference of 0.01"),
            (item(r#""discount":21"#), "`items[0].discount` = `21` is more than the item's 20"),
            (item(r#""quantity":0"#), "`items[0].quantity` = `0` must be more than 0"),
            (item(r#""quantity":1.001"#), "`items[0].quantity` = `1.001` has more than 2"),
            (
                item(r#""discount":1,"complimentary":true"#),
                "`items[0].discount` = `1` cannot stand beside",
            ),
            (
                r#"{"cash_payment_amount":-1}"#.to_owned(),
                "`cash_payment_amount` = `-1` is negative",
            ),
            (r#"{"lottery_code":"A1"}"#.to_owned(), "`lottery_code` = `A1` is not 8 letters"),
            (
                r#"{"lottery_code":"A1B2C3D4","cash_payment_amount":20,
                "electronic_payment_amount":0}"#
                    .to_owned(),
                "needs a wholly electronic payment, 20 is",
            ),
            (
                r#"{"tags":["1","2","3","4","5","6","7","8","9","10"]}"#.to_owned(),
                "`tags` = `10` are too many: 9 at most",
            ),
            (
                r#"{"ticket_restaurant_quantity":1}"#.to_owned(),
                "`ticket_restaurant_quantity` = `1` does not fit",
            ),
            (r#"{"invoice_issuing":true}"#.to_owned(), "`invoice_issuing` = `true` needs"),
            (
                r#"{"items":[{"quantity":1,"description":"x","unit_price":20,"vat_rate_code":0}]}"#
                    .to_owned(),
                "`items[0].vat_rate_code` = `0` is no rate: say why",
            ),
            (
                r#"{"items":[{"quantity":1,"unit_price":0,"vat_rate_code":22}]}"#.to_owned(),
                "`items[0].description` is missing; `items[0].unit_price` = `0` must be",
            ),
        ] {
            assert!(said(&change).contains(expected), "{change}: {}", said(&change));
        }
    }
}
