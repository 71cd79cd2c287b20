//! February 2026 of three invented companies, composed by hand around the dice.
//!
//! `samples/make_ledgers.py` reads these documents and writes the companies' books with
//! planted differences; `samples/ledgers/demo/planted.json` lists them. What is odd at the
//! API itself is named here, at its place. Changing anything here changes the samples: run
//! the test `demo_data_is_the_same_as_shipped` with `QUADRA_ACCEPT=1`, then the script.

mod shop;
mod studio;
mod workshop;

use chrono::{Duration, NaiveDate};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::companies::{Contact, PLACES, partita_iva};
use super::invoices::Invoice;
use super::{Data, new_id, rome};

/// The dice of the demo: another seed would be another February.
const SEED: u64 = 202_602;

/// Returns the documents of the demo, the same on every machine.
pub(super) fn month() -> Data {
    let mut dice = ChaCha8Rng::seed_from_u64(SEED);
    let companies = [shop::company(), workshop::company(), studio::company()];
    let registered = rome(day(2) - Duration::days(50), 9, 30, 0);
    let configurations = companies
        .iter()
        .zip(0..)
        .map(|(company, order)| {
            let created = registered + Duration::minutes(7 * order);
            company.configuration(created, new_id(&mut dice, created))
        })
        .collect();
    let receipts = shop::receipts(&mut dice);
    let mut invoices = shop::invoices(&mut dice);
    invoices.extend(workshop::invoices(&mut dice));
    invoices.extend(studio::invoices(&mut dice));
    Data {
        configurations,
        receipts: receipts.iter().map(super::receipts::Receipt::text).collect(),
        invoices: invoices.iter().map(Invoice::text).collect(),
    }
}

/// Returns a day of February 2026.
fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 2, day).expect("callers name days of February")
}

/// Returns working day number `order` of 20; February 2026 begins on a Sunday.
fn working_day(order: usize) -> NaiveDate {
    let (week, weekday) = (order / 5 % 4, order % 5);
    day(u32::try_from(week * 7 + weekday + 2).expect("at most 27"))
}

/// Returns contacts of these names, with ids that no tax office ever gave out.
fn contacts(names: &[&str], office: u32) -> Vec<Contact> {
    names
        .iter()
        .zip(1_u32..)
        .map(|(name, order)| {
            let at = order as usize;
            let vat_id = partita_iva(2_000_000 + order * 4_111, office);
            Contact {
                prefixed: order % 4 == 0,
                ..Contact::italian(name, vat_id, PLACES[at % PLACES.len()])
            }
        })
        .collect()
}

/// Makes the invoices that a company got from its suppliers, each with its own numbering.
fn received(
    dice: &mut ChaCha8Rng,
    company: &Contact,
    suppliers: &[Contact],
    count: usize,
) -> Vec<Invoice> {
    (0..count)
        .map(|order| {
            let place = order % suppliers.len();
            let running = 40 + place * 31 + order / suppliers.len();
            let number = match place % 6 {
                0 => format!("{running}/2026"),
                1 => format!("V1-{running}"),
                2 => format!("{running:03}/VF01"),
                3 => format!("F2026{running:05}"),
                4 => format!("{running}/A"),
                _ => format!("8Z{running:08}"),
            };
            let issue_date = working_day(order * 19 / count);
            let parties = (&suppliers[place], company);
            let mut invoice = Invoice::new(dice, parties, false, number, issue_date);
            invoice.kind = match order % 20 {
                3 | 11 => "TD24",
                7 => "TD04",
                15 => "TD06",
                _ => "TD01",
            };
            if order % 7 == 5 {
                invoice.fate = super::invoices::Fate::ReceivedWithoutStatus;
            }
            invoice
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn month_is_the_same_every_time() {
        let (left, right) = (month(), month());
        assert_eq!(left.receipts, right.receipts);
        assert_eq!(left.invoices, right.invoices);
        assert_eq!(left.configurations, right.configurations);
    }

    #[test]
    fn oddities_are_exactly_counted() {
        let data = month();
        let count =
            |texts: &[String], part: &str| texts.iter().filter(|text| text.contains(part)).count();
        let receipts = |part| count(&data.receipts, part);
        assert_eq!(receipts(r#""status":"failed""#), 2);
        assert_eq!(receipts(r#""status":"retry""#), 1);
        assert_eq!(receipts(r#""status":"voided""#), 2);
        assert_eq!(receipts(r#""type":"void""#), 2);
        assert_eq!(receipts(r#""type":"return""#), 2);
        let invoices = |part| count(&data.invoices, part);
        assert_eq!(invoices(r#""sdi_status":"ERROR""#), 2);
        assert_eq!(invoices(r#""sdi_status":"REJECTED""#), 1);
        assert_eq!(invoices(r#""sdi_status":"NOT_DELIVERED""#), 2);
        assert_eq!(invoices(r#""type":"TD17""#), 2);
        assert_eq!(invoices(r#""type":"TD29""#), 1);
    }
}
