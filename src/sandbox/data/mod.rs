//! The documents a sandbox starts with, as the JSON texts it will serve.
//!
//! [`wire`] has the vendor's fields in the vendor's order; [`companies`], [`receipts`] and
//! [`invoices`] make up plausible ones by the dice, [`generated`] as many as asked for; [`demo`] composes the fixed month that
//! the ledgers under `samples/` belong to.

mod catalogue;
mod companies;
mod invoices;
mod receipt_text;
mod receipts;
pub(super) mod wire;

mod demo;
mod generated;

use chrono::{
    DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, SecondsFormat, TimeZone, Utc,
};
use chrono_tz::Europe::Rome;
use rand::RngCore;
use rand_chacha::ChaCha8Rng;

pub(super) use companies::partita_iva_holds;

use super::Error;
use super::options::{Dataset, Options};

/// Is every document of a sandbox as JSON text.
pub(super) struct Data {
    pub(super) configurations: Vec<String>,
    pub(super) receipts: Vec<String>,
    pub(super) invoices: Vec<String>,
}

/// Makes the documents the options ask for.
pub(super) fn make(options: &Options) -> Result<Data, Error> {
    match options.dataset {
        Dataset::Demo => Ok(demo::month()),
        Dataset::Generated => generated::month(options),
    }
}

/// Returns an id in the vendor's form: the moment, then sixteen digits of chance.
pub(super) fn new_id(dice: &mut ChaCha8Rng, created: DateTime<Utc>) -> String {
    format!("{:08x}{:016x}", created.timestamp(), dice.next_u64())
}

/// Returns the moment at which the clocks in Italy show this time of this day.
fn rome(day: NaiveDate, hour: u32, minute: u32, second: u32) -> DateTime<Utc> {
    let time = NaiveTime::from_hms_opt(hour, minute, second).expect("callers stay within a day");
    let local = day.and_time(time);
    // In the hour that does not exist, the clocks already show one hour more.
    let moment = Rome
        .from_local_datetime(&local)
        .earliest()
        .or_else(|| Rome.from_local_datetime(&(local + chrono::Duration::hours(1))).earliest());
    moment.expect("one hour later exists").to_utc()
}

/// Returns the days of a month that are not after today.
fn days_of((year, month): (i32, u32), today: NaiveDate) -> Result<Vec<NaiveDate>, Error> {
    let first = NaiveDate::from_ymd_opt(year, month, 1);
    let first = first.ok_or(Error::NoSuchMonth { year, month })?;
    let next = first + Months::new(1);
    let days: Vec<_> = first.iter_days().take_while(|day| *day < next && *day <= today).collect();
    // A month in the future holds its first day only, or there would be nowhere to put documents.
    Ok(if days.is_empty() { vec![first] } else { days })
}

/// Returns the day some days later.
fn days_later(day: NaiveDate, days: u32) -> NaiveDate {
    day + Days::new(u64::from(days))
}

/// Writes a moment as receipts show it.
pub(super) fn iso(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

pub(super) fn year_of(at: DateTime<Utc>) -> i32 {
    at.with_timezone(&Rome).year()
}
