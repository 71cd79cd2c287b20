//! Company A, a shop by the harbour: forty receipts a day, a web shop, six invoices.

use chrono::{DateTime, Duration, Utc};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::super::companies::{Company, Contact, PLACES, partita_iva};
use super::super::invoices::Invoice;
use super::super::receipts::{Paid, Receipt};
use super::super::{days_later, rome};
use super::{contacts, day, working_day};

/// The first order of the month in the web shop.
const FIRST_ORDER: u32 = 1042;
/// The order that never got a receipt: the till skipped it.
const ORDER_WITHOUT_RECEIPT: u32 = 1060;
/// Numbers that receipts of the shop had before February.
const FIRST_SEQUENCE: u32 = 5_201;
/// The shop sells food and tableware, no museum tickets.
const PRODUCTS: usize = 15;

pub(super) fn company() -> Company {
    let vat_id = partita_iva(1_904_417, 501);
    Company {
        party: Contact::italian("Bottega del Porto S.r.l.", vat_id, PLACES[0]),
        receipts: true,
        customer_invoice: true,
        supplier_invoice: false,
    }
}

pub(super) fn invoices(dice: &mut ChaCha8Rng) -> Vec<Invoice> {
    let shop = company().party;
    let customers = contacts(
        &["Trattoria da Gigi S.n.c.", "Hotel Bellavista S.r.l.", "Circolo Nautico Ponente"],
        520,
    );
    (0..6)
        .map(|order| {
            let parties = (&shop, &customers[order % 3]);
            let number = format!("{}/E", order + 1);
            Invoice::new(dice, parties, true, number, working_day(order * 3 + 1))
        })
        .collect()
}

/// Says what is odd about one sale: day of the month, kind of sale, what happens.
#[derive(Clone, Copy, PartialEq)]
enum Oddity {
    Failed,
    Stuck,
    VoidedSameDay,
    VoidedNextDay,
    ReturnedAfter(u32),
}

/// The fifth sale at the counter, or the first web order, of these days.
const AT_COUNTER: [(u32, Oddity); 4] =
    [(6, Oddity::Failed), (17, Oddity::VoidedSameDay), (19, Oddity::Failed), (23, Oddity::Stuck)];
const ON_THE_WEB: [(u32, Oddity); 3] =
    [(9, Oddity::ReturnedAfter(4)), (12, Oddity::VoidedNextDay), (15, Oddity::ReturnedAfter(5))];

pub(super) fn receipts(dice: &mut ChaCha8Rng) -> Vec<Receipt> {
    let mut till = Till::default();
    for today in 1..=28 {
        for created in opening_hours(dice, today) {
            till.sell(dice, created, None);
        }
        till.befall(dice, today, &AT_COUNTER, till.receipts.len() - 5);
        let first_web = till.receipts.len();
        for created in web_hours(dice, today) {
            let order = till.next_order();
            till.sell(dice, created, Some(order));
        }
        till.befall(dice, today, &ON_THE_WEB, first_web);
    }
    till.number()
}

fn opening_hours(dice: &mut ChaCha8Rng, today: u32) -> Vec<DateTime<Utc>> {
    let count = dice.random_range(36..=42_u32);
    let mut minutes: Vec<u32> =
        (0..count).map(|_| dice.random_range(8 * 60 + 30..19 * 60 + 30)).collect();
    minutes.sort_unstable();
    minutes
        .into_iter()
        .map(|minute| rome(day(today), minute / 60, minute % 60, dice.random_range(0..60)))
        .collect()
}

/// Two orders a day; some after midnight in Italy, which is the day before in UTC.
fn web_hours(dice: &mut ChaCha8Rng, today: u32) -> Vec<DateTime<Utc>> {
    let second = dice.random_range(0..60);
    let first = match today {
        5 | 21 => rome(day(today), 0, 23, second),
        _ => rome(day(today), 7, dice.random_range(0..60), second),
    };
    let last = match today {
        // Within the five minutes in which the tax portal takes nothing.
        14 => rome(day(today), 23, 57, second),
        _ => rome(day(today), 20, dice.random_range(0..60), second),
    };
    vec![first, last]
}

/// Collects the receipts of the month; they are numbered at its end, in order of issue.
#[derive(Default)]
struct Till {
    receipts: Vec<Receipt>,
    orders: u32,
}

impl Till {
    fn next_order(&mut self) -> u32 {
        self.orders += 1;
        match FIRST_ORDER + self.orders - 1 {
            ORDER_WITHOUT_RECEIPT => self.next_order(),
            order => order,
        }
    }

    fn sell(&mut self, dice: &mut ChaCha8Rng, created: DateTime<Utc>, order: Option<u32>) {
        let fiscal_id = company().party.vat_id;
        let mut sale = Receipt::sale(dice, &fiscal_id, created, 0, PRODUCTS);
        if let Some(order) = order {
            // The web shop takes cards only, and the price is the price.
            sale.tag = Some(format!("#{order}"));
            sale.discount_cents = 0;
            sale.paid = Paid { electronic: sale.total_cents(), ..Paid::default() };
        }
        let portal_opens = rome(day(15), 0, 1, 30);
        if created > portal_opens - Duration::minutes(6) && created < portal_opens {
            sale.issued = portal_opens;
        }
        self.receipts.push(sale);
    }

    /// Lets the oddity of this day, if it has one, happen to the sale at this place.
    fn befall(
        &mut self,
        dice: &mut ChaCha8Rng,
        today: u32,
        oddities: &[(u32, Oddity)],
        place: usize,
    ) {
        let Some(&(_, oddity)) = oddities.iter().find(|(day, _)| *day == today) else {
            return;
        };
        let sale = &mut self.receipts[place];
        let created = sale.created;
        let date = day(today);
        let child = match oddity {
            Oddity::Failed => {
                sale.status = "failed";
                sale.error = Some(("AE-410", "Documento rifiutato dal portale"));
                return;
            }
            Oddity::Stuck => {
                sale.status = "retry";
                sale.error = Some(("AE-503", "Portale non raggiungibile"));
                return;
            }
            Oddity::VoidedSameDay => sale.void(dice, created + Duration::minutes(20), 0),
            Oddity::VoidedNextDay => sale.void(dice, created + Duration::hours(21), 0),
            Oddity::ReturnedAfter(days) => {
                let later = rome(days_later(date, days), 11, 5, 0);
                sale.give_back(dice, later, 0)
            }
        };
        self.receipts.push(child);
    }

    fn number(mut self) -> Vec<Receipt> {
        self.receipts.sort_by_key(|receipt| (receipt.issued, receipt.created));
        for (receipt, sequence) in self.receipts.iter_mut().zip(FIRST_SEQUENCE..) {
            receipt.sequence = sequence;
        }
        self.receipts
    }
}
