//! One receipt: what was sold, how it was paid, and what became of it.
//!
//! The sum of the items less the discount at the till is the sum of the payments. A void
//! and a return are receipts of their own with positive amounts, as the vendor shows them.

use chrono::{DateTime, Duration, Utc};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::catalogue::{PRODUCTS, Product};
use super::new_id;

/// Is one receipt before it is written down.
#[derive(Clone, Debug)]
pub(super) struct Receipt {
    pub(super) id: String,
    pub(super) fiscal_id: String,
    pub(super) lines: Vec<Line>,
    pub(super) paid: Paid,
    pub(super) discount_cents: i64,
    pub(super) created: DateTime<Utc>,
    pub(super) issued: DateTime<Utc>,
    pub(super) status: &'static str,
    pub(super) kind: &'static str,
    pub(super) parent: Option<String>,
    pub(super) sequence: u32,
    pub(super) tag: Option<String>,
    pub(super) error: Option<(&'static str, &'static str)>,
}

/// Is one line of a receipt; amounts include VAT.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) product: Product,
    pub(super) quantity: i64,
    /// How many of them this receipt is about: all, or those that a return takes back.
    pub(super) counted: i64,
    pub(super) price_cents: i64,
    pub(super) discount_cents: i64,
    /// How many of them were brought back.
    pub(super) returned: i64,
}

/// Says how a receipt was paid, in cents.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Paid {
    pub(super) cash: i64,
    pub(super) electronic: i64,
    pub(super) tickets: i64,
    pub(super) ticket_count: u32,
    pub(super) goods_uncollected: i64,
    pub(super) services_uncollected: i64,
}

impl Line {
    pub(super) fn total_cents(&self) -> i64 {
        self.counted * self.price_cents - self.discount_cents
    }
}

impl Receipt {
    /// Makes up a sale at this moment; it is issued seconds later.
    ///
    /// `products` says how many of the catalogue this shop sells.
    pub(super) fn sale(
        dice: &mut ChaCha8Rng,
        fiscal_id: &str,
        created: DateTime<Utc>,
        sequence: u32,
        products: usize,
    ) -> Self {
        let lines =
            (0..dice.random_range(1..=4_u32)).map(|_| line(dice, products)).collect::<Vec<_>>();
        let mut receipt = Self {
            id: new_id(dice, created),
            fiscal_id: fiscal_id.into(),
            lines,
            paid: Paid::default(),
            discount_cents: 0,
            created,
            issued: created + Duration::seconds(dice.random_range(3..15)),
            status: "ready",
            kind: "sale",
            parent: None,
            sequence,
            tag: None,
            error: None,
        };
        let total = receipt.total_cents();
        if total > 2_000 && dice.random_ratio(1, 60) {
            receipt.discount_cents = total % 100 + 100;
        }
        receipt.paid = paid(dice, total - receipt.discount_cents);
        receipt
    }

    /// Cancels this sale: it becomes `voided`, and its void is returned.
    pub(super) fn void(
        &mut self,
        dice: &mut ChaCha8Rng,
        created: DateTime<Utc>,
        sequence: u32,
    ) -> Self {
        self.status = "voided";
        let mut void = self.child(dice, created, sequence);
        void.kind = "void";
        void
    }

    /// Takes one of the first line back; the return is paid out as the sale was paid, or in cash.
    pub(super) fn give_back(
        &mut self,
        dice: &mut ChaCha8Rng,
        created: DateTime<Utc>,
        sequence: u32,
    ) -> Self {
        let mut back = self.child(dice, created, sequence);
        self.lines[0].returned = 1;
        back.kind = "return";
        // As in the vendor's sample: the quantity stays, the totals are for what came back.
        back.lines = vec![Line {
            counted: 1,
            discount_cents: self.lines[0].discount_cents / self.lines[0].quantity,
            ..self.lines[0].clone()
        }];
        back.discount_cents = 0;
        let total = back.total_cents();
        back.paid = if self.paid.electronic >= total {
            Paid { electronic: total, ..Paid::default() }
        } else {
            Paid { cash: total, ..Paid::default() }
        };
        back
    }

    fn child(&self, dice: &mut ChaCha8Rng, created: DateTime<Utc>, sequence: u32) -> Self {
        Self {
            id: new_id(dice, created),
            created,
            issued: created + Duration::seconds(dice.random_range(3..15)),
            status: "ready",
            parent: Some(self.id.clone()),
            sequence,
            tag: None,
            ..self.clone()
        }
    }

    pub(super) fn total_cents(&self) -> i64 {
        self.lines.iter().map(Line::total_cents).sum()
    }

    pub(super) fn is_issued(&self) -> bool {
        matches!(self.status, "ready" | "voided")
    }
}

fn line(dice: &mut ChaCha8Rng, products: usize) -> Line {
    let last = u32::try_from(products.min(PRODUCTS.len())).expect("the catalogue is short");
    let product = PRODUCTS[dice.random_range(0..last) as usize];
    let quantity = [1, 1, 1, 2, 3][dice.random_range(0..5_u32) as usize];
    let discounted = product.price_cents > 500 && dice.random_ratio(1, 20);
    Line {
        product,
        quantity,
        counted: quantity,
        price_cents: product.price_cents,
        discount_cents: if discounted { 50 * quantity } else { 0 },
        returned: 0,
    }
}

/// Most pay by card, then in cash; a few by both, by meal vouchers, or later.
fn paid(dice: &mut ChaCha8Rng, due: i64) -> Paid {
    let nothing = Paid::default();
    match dice.random_range(0..100_u32) {
        0..48 => Paid { electronic: due, ..nothing },
        48..86 => Paid { cash: due, ..nothing },
        86..91 => Paid { cash: due / 200 * 100, electronic: due - due / 200 * 100, ..nothing },
        91..97 => {
            let count = (due / 800).min(8);
            Paid {
                tickets: count * 800,
                ticket_count: u32::try_from(count).expect("at most eight"),
                cash: due - count * 800,
                ..nothing
            }
        }
        97..99 => Paid { goods_uncollected: due, ..nothing },
        _ => Paid { services_uncollected: due, ..nothing },
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn payments_equal_items_less_discount() {
        let mut dice = ChaCha8Rng::seed_from_u64(3);
        let at = Utc.with_ymd_and_hms(2026, 2, 3, 10, 0, 0).unwrap();
        for sequence in 0..2_000 {
            let mut sale = Receipt::sale(&mut dice, "1", at, sequence, 16);
            let back = sale.give_back(&mut dice, at, sequence);
            for one in [sale, back] {
                let paid = one.paid;
                let sum = paid.cash
                    + paid.electronic
                    + paid.tickets
                    + paid.goods_uncollected
                    + paid.services_uncollected;
                assert_eq!(sum, one.total_cents() - one.discount_cents);
                assert!(one.total_cents() > 0);
            }
        }
    }

    #[test]
    fn unsent_receipt_has_no_number() {
        let mut dice = ChaCha8Rng::seed_from_u64(3);
        let at = Utc.with_ymd_and_hms(2026, 2, 3, 10, 0, 0).unwrap();
        let mut sale = Receipt::sale(&mut dice, "1", at, 7, 16);
        sale.status = "new";
        let text = sale.text();
        assert!(text.contains(r#""total_amount":0,"document_number":"","document_date":null"#));
        assert!(text.contains(r#""vat_rate_code":"#), "{text}");
    }
}
