//! A sale as it is asked for: read strictly from the body, checked, and written down as new.

use chrono::{DateTime, Utc};

use super::answer::Refusal;
use super::body::{amount, invalid, optional, required, required_amount, short_text};
use super::data::iso;
use super::data::wire::{self, AskedItem, Item};
use super::habits::Habits;
use super::json::Object;
use super::money::{Number, basis_points};

/// Is what somebody wants a receipt for.
#[derive(Debug)]
pub(super) struct Sale {
    items: Vec<Asked>,
    cash: Number,
    electronic: Number,
    tickets: Number,
    ticket_count: u32,
    goods_uncollected: Number,
    services_uncollected: Number,
    invoice_issuing: bool,
    discount: Number,
    linked_receipt: Option<String>,
    lottery_code: Option<String>,
    pub(super) tags: Vec<String>,
}

/// Is one item of a sale; the price includes VAT.
#[derive(Debug)]
struct Asked {
    quantity: Number,
    description: String,
    unit_price: Number,
    vat_rate_code: String,
    discount: Number,
    complimentary: bool,
    sku: Option<String>,
    total: Number,
}

impl Sale {
    /// Reads a sale, or says which field cannot be meant.
    pub(super) fn read(body: &Object, habits: Habits) -> Result<Self, Refusal> {
        let items: Vec<Object> = required(body, "items")?;
        let items = items.iter().map(Asked::read).collect::<Result<Vec<_>, _>>()?;
        let tags: Vec<String> = optional(body, "tags")?.unwrap_or_default();
        if tags.len() > 10 {
            return Err(invalid("tags"));
        }
        let sale = Self {
            items,
            cash: required_amount(body, "cash_payment_amount")?,
            electronic: amount(body, "electronic_payment_amount")?,
            tickets: amount(body, "ticket_restaurant_payment_amount")?,
            ticket_count: optional(body, "ticket_restaurant_quantity")?.unwrap_or_default(),
            goods_uncollected: amount(body, "goods_uncollected_amount")?,
            services_uncollected: amount(body, "services_uncollected_amount")?,
            invoice_issuing: optional(body, "invoice_issuing")?.unwrap_or_default(),
            discount: amount(body, "discount")?,
            linked_receipt: short_text(body, "linked_receipt", 50)?,
            lottery_code: optional(body, "lottery_code")?,
            tags,
        };
        sale.check(habits)?;
        Ok(sale)
    }

    fn check(&self, habits: Habits) -> Result<(), Refusal> {
        if self.items.is_empty() {
            return Err(invalid("items"));
        }
        if self.tickets > Number::ZERO && self.ticket_count == 0 {
            return Err(invalid("ticket_restaurant_quantity"));
        }
        let uncollected = self.goods_uncollected.plus(self.services_uncollected);
        if uncollected > Number::ZERO && !self.invoice_issuing {
            return Err(invalid("invoice_issuing"));
        }
        let due = self.total().minus(self.discount);
        let paid = self.cash.plus(self.electronic).plus(self.tickets).plus(uncollected);
        if let Some(code) = &self.lottery_code {
            let is_code = code.len() == 8 && code.bytes().all(|one| one.is_ascii_alphanumeric());
            let is_electronic = self.electronic == paid && self.total() >= Number::cents(100);
            if !is_code || !is_electronic {
                return Err(invalid("lottery_code"));
            }
        }
        if habits.payments_must_balance && paid != due {
            return Err(Refusal::bad("The payments do not add up to the items"));
        }
        Ok(())
    }

    fn total(&self) -> Number {
        self.items.iter().fold(Number::ZERO, |sum, item| sum.plus(item.total))
    }

    /// Writes the receipt that was just taken: items as sent, everything else still open.
    pub(super) fn receipt(&self, fiscal_id: &str, id: &str, now: DateTime<Utc>) -> Object {
        let text = wire::text(&wire::Receipt {
            fiscal_id,
            items: self.items.iter().map(Asked::wire).collect(),
            cash_payment_amount: self.cash,
            invoice_issuing: self.invoice_issuing,
            services_uncollected_amount: self.services_uncollected,
            goods_uncollected_amount: self.goods_uncollected,
            electronic_payment_amount: self.electronic,
            ticket_restaurant_payment_amount: self.tickets,
            ticket_restaurant_quantity: self.ticket_count,
            discount: self.discount,
            linked_receipt: self.linked_receipt.as_deref(),
            lottery_code: self.lottery_code.as_deref(),
            created_at: iso(now),
            error_message: None,
            error_code: None,
            total_amount: Some(Number::ZERO),
            document_number: String::new(),
            document_date: None,
            transaction_id: None,
            create_timestamp: now.timestamp(),
            parent_receipt_id: None,
            status: "new",
            kind: "sale",
            deductible_amount: Number::ZERO,
            total_discount: Number::ZERO,
            total_gross_discount: Number::ZERO,
            total_taxable_amount: Number::ZERO,
            total_uncollected_amount: Number::ZERO,
            total_vat_amount: Number::ZERO,
            update_timestamp: now.timestamp(),
            id,
            tags: Some(wire::Tags::Flat(self.tags.clone())),
        });
        Object::read(&text).expect("a struct is an object")
    }
}

impl Asked {
    fn read(item: &Object) -> Result<Self, Refusal> {
        let quantity = required_amount(item, "quantity")?;
        let unit_price = required_amount(item, "unit_price")?;
        let description = short_text(item, "description", 1_000)?;
        let discount = amount(item, "discount")?;
        let complimentary = optional(item, "complimentary")?.unwrap_or_default();
        let vat_rate_code: String = required(item, "vat_rate_code")?;
        if basis_points(&vat_rate_code).is_none() {
            return Err(invalid("vat_rate_code"));
        }
        if unit_price == Number::ZERO {
            return Err(invalid("unit_price"));
        }
        if complimentary && discount > Number::ZERO {
            return Err(invalid("discount"));
        }
        let whole = quantity.times(unit_price).ok_or_else(|| invalid("quantity"))?;
        if discount > whole {
            return Err(invalid("discount"));
        }
        Ok(Self {
            quantity,
            description: description.ok_or_else(|| Refusal::bad("Missing description"))?,
            unit_price,
            vat_rate_code,
            discount,
            complimentary,
            sku: optional(item, "sku")?,
            total: whole.minus(discount),
        })
    }

    fn wire(&self) -> Item<'_> {
        Item::Asked(AskedItem {
            quantity: self.quantity,
            description: &self.description,
            unit_price: self.unit_price,
            vat_rate_code: &self.vat_rate_code,
            discount: self.discount,
            complimentary: self.complimentary,
            sku: self.sku.as_deref(),
        })
    }
}
