//! How a receipt is written: the vendor's totals, cut at eight decimals, and its silences.

use super::receipts::{Line, Receipt};
use super::wire::{self, AskedItem, IssuedItem, Item, Tags};
use super::{iso, year_of};
use crate::sandbox::money::Number;

impl Receipt {
    /// Writes the receipt as the vendor serves it in a list.
    pub(super) fn text(&self) -> String {
        let issued = self.is_issued();
        let net: Vec<_> = self
            .lines
            .iter()
            .map(|line| Number::net_of(line.total_cents(), line.product.rate))
            .collect();
        let taxable = net.iter().fold(Number::ZERO, |sum, one| sum.plus(*one));
        let total = Number::cents(self.total_cents());
        let when_issued = |number: Number| if issued { number } else { Number::ZERO };
        let items = self.lines.iter().zip(&net).zip(1..);
        let number = self.sequence;
        wire::text(&wire::Receipt {
            fiscal_id: &self.fiscal_id,
            items: items.map(|((line, net), place)| self.item(line, *net, place)).collect(),
            cash_payment_amount: Number::cents(self.paid.cash),
            invoice_issuing: self.paid.services_uncollected > 0,
            services_uncollected_amount: Number::cents(self.paid.services_uncollected),
            goods_uncollected_amount: Number::cents(self.paid.goods_uncollected),
            electronic_payment_amount: Number::cents(self.paid.electronic),
            ticket_restaurant_payment_amount: Number::cents(self.paid.tickets),
            ticket_restaurant_quantity: self.paid.ticket_count,
            discount: Number::cents(self.discount_cents),
            linked_receipt: None,
            lottery_code: (self.paid.electronic > 5_000 && self.kind == "sale")
                .then_some("1a3v5g7f"),
            created_at: iso(self.created),
            error_message: self.error.map(|(_, message)| message),
            error_code: self.error.map(|(code, _)| code),
            total_amount: match (issued, self.kind) {
                (true, _) => Some(total),
                (false, "sale") => Some(Number::ZERO),
                (false, _) => None,
            },
            document_number: if issued {
                let year = year_of(self.issued);
                format!("OPENAPI{year}/{:04}-{:04}", number / 10_000, number % 10_000)
            } else {
                String::new()
            },
            document_date: issued.then(|| iso(self.issued)),
            transaction_id: issued.then(|| number.to_string()),
            create_timestamp: self.created.timestamp(),
            parent_receipt_id: self.parent.as_deref(),
            status: self.status,
            kind: self.kind,
            deductible_amount: Number::ZERO,
            total_discount: Number::cents(self.discount_cents),
            total_gross_discount: Number::cents(self.discount_cents),
            total_taxable_amount: when_issued(taxable),
            total_uncollected_amount: Number::cents(
                self.paid.goods_uncollected + self.paid.services_uncollected,
            ),
            total_vat_amount: when_issued(total.minus(taxable)),
            update_timestamp: self.issued.timestamp() + i64::from(number % 3),
            id: &self.id,
            tags: self.tags(),
        })
    }

    /// Until the tax portal has numbered the receipt, its items stand as they were sent.
    fn item<'a>(&'a self, line: &'a Line, net: Number, place: u32) -> Item<'a> {
        let product = &line.product;
        let quantity = Number::cents(line.quantity * 100);
        if !self.is_issued() {
            return Item::Asked(AskedItem {
                quantity,
                description: product.name,
                unit_price: Number::cents(line.price_cents),
                vat_rate_code: product.rate.code,
                discount: Number::cents(line.discount_cents),
                complimentary: false,
                sku: Some(product.sku),
            });
        }
        let total = Number::cents(line.total_cents());
        Item::Issued(IssuedItem {
            id: (200_000 + self.sequence * 10 + place).to_string(),
            quantity,
            description: product.name,
            gross_price: Number::cents(line.price_cents),
            vat_rate: product.rate.code,
            gross_discount: Number::cents(line.discount_cents),
            complimentary: false,
            unit_price: Number::net_of(line.price_cents, product.rate),
            returned: Number::cents(line.returned * 100),
            taxable_amount: Number::net_of(line.counted * line.price_cents, product.rate),
            net_taxable_amount: net,
            vat_amount: total.minus(net),
            total_amount: total,
            unit_discount: Number::ZERO,
            sku: Some(product.sku),
        })
    }

    fn tags(&self) -> Option<Tags> {
        match (&self.tag, self.sequence % 3) {
            (Some(tag), 0) => Some(Tags::Nested(vec![vec![tag.clone(), "web".into()]])),
            (Some(tag), _) => Some(Tags::Flat(vec![tag.clone(), "web".into()])),
            (None, 0) => Some(Tags::Null),
            (None, 1) => Some(Tags::Flat(Vec::new())),
            (None, _) => None,
        }
    }
}
