//! As many documents as asked for, spread over companies and days by the dice.

use chrono::{Days, Duration, NaiveDate};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::companies::{Company, Contact, invented};
use super::invoices::{Fate, Invoice};
use super::receipts::Receipt;
use super::{Data, days_of, new_id, rome};
use crate::sandbox::Error;
use crate::sandbox::money::{COMPENSATION, SUPER_REDUCED};
use crate::sandbox::options::Options;

/// Makes the month of documents that the options ask for.
pub(super) fn month(options: &Options) -> Result<Data, Error> {
    let days = days_of(options.month, options.today)?;
    if options.companies == 0 && options.receipts + options.invoices > 0 {
        return Err(Error::NoCompanies);
    }
    // Each collection has its own dice: more receipts do not change the invoices.
    let dice = |stream| {
        let mut dice = ChaCha8Rng::seed_from_u64(options.seed);
        dice.set_stream(u64::MAX - stream);
        dice
    };
    let companies = companies(options.companies);
    let configurations = configurations(&mut dice(0), &companies, days[0]);
    Ok(Data {
        configurations,
        receipts: receipts(&mut dice(1), options, &companies, &days),
        invoices: invoices(&mut dice(2), options, &companies, &days),
    })
}

fn companies(count: usize) -> Vec<Company> {
    let company =
        |party| Company { party, receipts: true, customer_invoice: true, supplier_invoice: true };
    invented(count, 610, 1).into_iter().map(company).collect()
}

fn configurations(dice: &mut ChaCha8Rng, companies: &[Company], first: NaiveDate) -> Vec<String> {
    let created = rome(first - Days::new(40), 9, 30, 0);
    companies
        .iter()
        .zip(0..)
        .map(|(company, order)| {
            let created = created + Duration::minutes(order);
            company.configuration(created, new_id(dice, created))
        })
        .collect()
}

fn receipts(
    dice: &mut ChaCha8Rng,
    options: &Options,
    companies: &[Company],
    days: &[NaiveDate],
) -> Vec<String> {
    let mut texts = Vec::with_capacity(options.receipts);
    let mut sequence = 0;
    while texts.len() < options.receipts {
        sequence += 1;
        let company = &companies[pick(dice, companies.len())].party.vat_id;
        let day = days[pick(dice, days.len())];
        // Until midnight, so that some days in Italy are other days in UTC.
        let second = dice.random_range(7 * 3600..24 * 3600_u32);
        let created = rome(day, second / 3600, second / 60 % 60, second % 60);
        let mut sale = Receipt::sale(dice, company, created, sequence, 16);
        if second >= 23 * 3600 + 55 * 60 {
            // The tax portal takes nothing in the last five minutes: it is issued the next day.
            sale.issued = rome(day + Days::new(1), 0, 1, 30);
        }
        let room = options.receipts - texts.len();
        let recent = day + Days::new(2) >= options.today;
        match dice.random_range(0..1_000_u32) {
            0..10 if room > 1 => {
                let later = created + Duration::minutes(dice.random_range(5..90));
                sequence += 1;
                texts.push(sale.void(dice, later, sequence).text());
            }
            10..30 if room > 1 => {
                let later = created + Duration::hours(dice.random_range(1..5));
                sequence += 1;
                texts.push(sale.give_back(dice, later, sequence).text());
            }
            30..35 => {
                sale.status = "failed";
                sale.error = Some(("AE-410", "Documento rifiutato dal portale"));
            }
            35..38 => {
                sale.status = "retry";
                sale.error = Some(("AE-503", "Portale non raggiungibile"));
            }
            38..200 if recent => sale.status = ["new", "submitted"][pick(dice, 2)],
            200..205 => sale.lines[0].product = sale.lines[0].product.at_rate(SUPER_REDUCED),
            205..210 => sale.lines[0].product = sale.lines[0].product.at_rate(COMPENSATION),
            _ => {}
        }
        texts.push(sale.text());
    }
    texts
}

fn invoices(
    dice: &mut ChaCha8Rng,
    options: &Options,
    companies: &[Company],
    days: &[NaiveDate],
) -> Vec<String> {
    let contacts = invented(40, 620, 1);
    let foreign = Contact::foreign("Nordlicht Software GmbH", "DE", "299999902");
    let mut issued = vec![0_u32; companies.len()];
    let mut texts = Vec::with_capacity(options.invoices);
    while texts.len() < options.invoices {
        let owner = pick(dice, companies.len());
        let company = &companies[owner].party;
        let contact = &contacts[pick(dice, contacts.len())];
        let day = days[texts.len() * days.len() / options.invoices];
        let room = options.invoices - texts.len();
        let invoice = match dice.random_range(0..100_u32) {
            0..2 if room > 1 => {
                issued[owner] += 1;
                let number = format!("AUT{}/{}", issued[owner], options.month.0);
                let mut invoice = Invoice::new(dice, (&foreign, company), true, number, day);
                texts.push(invoice.become_self_invoice(dice).text());
                invoice
            }
            2..60 => {
                issued[owner] += 1;
                let number = format!("{}/{}", issued[owner], options.month.0);
                outgoing(dice, options, (company, contact), number, day)
            }
            _ => incoming(dice, (contact, company), day),
        };
        texts.push(invoice.text());
    }
    texts
}

fn outgoing(
    dice: &mut ChaCha8Rng,
    options: &Options,
    parties: (&Contact, &Contact),
    number: String,
    day: NaiveDate,
) -> Invoice {
    let mut invoice = Invoice::new(dice, parties, true, number, day);
    invoice.kind = ["TD01", "TD01", "TD01", "TD24", "TD04"][pick(dice, 5)];
    let recent = day + Days::new(2) >= options.today;
    let answerable = day + Days::new(15) >= options.today;
    invoice.fate = match dice.random_range(0..100_u32) {
        0..30 if recent => [Fate::Booked, Fate::Sent][pick(dice, 2)],
        30..40 if answerable => Fate::DeliveredToPublicBody,
        40..44 => Fate::Accepted,
        44..46 => Fate::TermsExpired,
        46..47 => Fate::Rejected,
        47..50 => Fate::Discarded,
        50..54 => Fate::NotDelivered,
        54..58 => Fate::DeliveredInTitleCase,
        _ => Fate::Delivered,
    };
    if invoice.fate == Fate::Booked {
        invoice.sdi_id = None;
    }
    invoice
}

fn incoming(dice: &mut ChaCha8Rng, parties: (&Contact, &Contact), day: NaiveDate) -> Invoice {
    let number = format!("FT{}", dice.random_range(100..9_999_u32));
    let mut invoice = Invoice::new(dice, parties, false, number, day);
    invoice.kind = ["TD01", "TD01", "TD24", "TD04", "TD06"][pick(dice, 5)];
    if dice.random_ratio(1, 10) {
        invoice.fate = Fate::ReceivedWithoutStatus;
    }
    invoice
}

/// Picks a place by 32-bit dice: `usize` would throw otherwise on other machines.
fn pick(dice: &mut ChaCha8Rng, length: usize) -> usize {
    dice.random_range(0..u32::try_from(length).expect("lists are short")) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_kept_exactly() {
        let options = Options { receipts: 333, invoices: 77, companies: 4, ..Options::default() };
        let data = month(&options).unwrap();
        assert_eq!(data.receipts.len(), 333);
        assert_eq!(data.invoices.len(), 77);
        assert_eq!(data.configurations.len(), 4);
    }

    #[test]
    fn same_seed_gives_same_bytes() {
        let options = Options::default();
        let (left, right) = (month(&options).unwrap(), month(&options).unwrap());
        assert_eq!(left.receipts, right.receipts);
        assert_eq!(left.invoices, right.invoices);
        let other = month(&Options { seed: 2, ..Options::default() });
        assert_ne!(left.receipts, other.unwrap().receipts);
    }
}
