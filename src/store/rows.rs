//! Small helpers that read columns back into the house's types.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer as _};
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Row as _, Sqlite, Type};

use crate::fiscal::Tenders;
use crate::store::Error;

/// SQLite takes 32,766 bound values a statement; batches stay well below.
pub(super) const BINDS_MAX: usize = 16_000;

/// How many rows one statement writes at most; larger ones are no quicker.
const BATCH_ROWS_MAX: usize = 256;

/// Cuts rows into batches of few lengths, so that the statements for them stay prepared.
///
/// A statement's text depends on its number of rows, and to prepare a long one takes about as
/// long as to run it. Lengths are powers of two, and no batch binds more than SQLite takes.
pub(super) fn batches<T>(rows: &[T], binds_per_row: usize) -> impl Iterator<Item = &[T]> {
    let longest = BATCH_ROWS_MAX.min(1 << (BINDS_MAX / binds_per_row).ilog2());
    let mut rest = rows;
    std::iter::from_fn(move || {
        let length = longest.min(1 << rest.len().checked_ilog2()?);
        let (batch, others) = rest.split_at(length);
        rest = others;
        Some(batch)
    })
}

/// Cuts the values of an `in (…)` into batches, the last filled up with its last value.
///
/// Like [`batches`], for lists in which a repeated value changes nothing.
pub(super) fn padded_batches<T: Copy>(values: &[T]) -> impl Iterator<Item = Vec<T>> {
    values.chunks(BATCH_ROWS_MAX).map(|chunk| {
        let mut padded = chunk.to_vec();
        padded.resize(chunk.len().next_power_of_two(), chunk[chunk.len() - 1]);
        padded
    })
}

/// Returns a column's value.
pub(super) fn get<'row, T>(row: &'row SqliteRow, column: &'static str) -> Result<T, Error>
where
    T: Decode<'row, Sqlite> + Type<Sqlite>,
{
    row.try_get(column).map_err(|source| Error::Query { operation: "read a column", source })
}

/// Returns a text column parsed as one of the house's words.
pub(super) fn word<T: FromStr>(
    row: &SqliteRow,
    column: &'static str,
    expected: &'static str,
) -> Result<T, Error> {
    parsed(&get::<String>(row, column)?, expected)
}

/// Returns a text parsed as one of the house's words.
pub(super) fn parsed<T: FromStr>(text: &str, expected: &'static str) -> Result<T, Error> {
    text.parse().map_err(|_| Error::Damaged { value: text.to_owned(), expected })
}

/// Returns a text parsed as one of the house's words, where there is one.
pub(super) fn parsed_if_given<T: FromStr>(
    text: Option<&str>,
    expected: &'static str,
) -> Result<Option<T>, Error> {
    text.map(|text| parsed(text, expected)).transpose()
}

/// Returns the day of a text as [`iso`] writes it, where there is one.
///
/// Read by hand, because the general parser takes five times as long, a million times.
pub(super) fn day_if_given(text: Option<&str>) -> Result<Option<NaiveDate>, Error> {
    text.map(|text| plain_day(text.as_bytes()).map_or_else(|| parsed(text, "a day"), Ok))
        .transpose()
}

/// Returns the instant of a text as the store writes it, where there is one.
pub(super) fn instant_if_given(text: Option<&str>) -> Result<Option<DateTime<Utc>>, Error> {
    text.map(|text| plain_instant(text.as_bytes()).map_or_else(|| parsed(text, "an instant"), Ok))
        .transpose()
}

/// Reads `2026-02-01`; `None` for any other form.
fn plain_day(text: &[u8]) -> Option<NaiveDate> {
    let [y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1] = *text else {
        return None;
    };
    let year = digits(&[y0, y1, y2, y3])?;
    NaiveDate::from_ymd_opt(year.cast_signed(), digits(&[m0, m1])?, digits(&[d0, d1])?)
}

/// Reads `2026-02-01T08:30:00.000Z`; `None` for any other form.
fn plain_instant(text: &[u8]) -> Option<DateTime<Utc>> {
    let (day, time) = text.split_at_checked(10)?;
    let [b'T', h0, h1, b':', m0, m1, b':', s0, s1, b'.', f0, f1, f2, b'Z'] = *time else {
        return None;
    };
    let [hour, minute, second] = [digits(&[h0, h1])?, digits(&[m0, m1])?, digits(&[s0, s1])?];
    let instant =
        plain_day(day)?.and_hms_milli_opt(hour, minute, second, digits(&[f0, f1, f2])?)?;
    Some(instant.and_utc())
}

fn digits(text: &[u8]) -> Option<u32> {
    text.iter().try_fold(0, |number, digit| {
        digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0'))
    })
}

/// A text inside a longer one, copied only where the longer one had to escape something.
///
/// `Option<Cow<str>>` would always be a copy: only a field that is a `Cow` borrows.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Words<'t>(#[serde(borrow)] Cow<'t, str>);

impl Deref for Words<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// Returns an array of values by their names; the error names the row, not what it says.
pub(super) fn array<'t, T: Deserialize<'t>>(
    text: &'t str,
    row: impl FnOnce() -> String,
    expected: &'static str,
) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|_| Error::Damaged { value: row(), expected })
}

/// Hands on each of an array of arrays of values, as [`array`] reads them.
pub(super) fn each<'t, T: Deserialize<'t>>(
    text: &'t str,
    row: impl FnOnce() -> String,
    expected: &'static str,
    take: impl FnMut(T) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut each = Each { take, ended: Ok(()), item: PhantomData };
    let mut json = serde_json::Deserializer::from_str(text);
    let read = json.deserialize_seq(&mut each).and_then(|()| json.end());
    // What a value says is more than that the text could not be read on.
    each.ended?;
    read.map_err(|_| Error::Damaged { value: row(), expected })
}

/// Takes the items of a list one by one, so that no list of them is made.
struct Each<T, F> {
    take: F,
    ended: Result<(), Error>,
    item: PhantomData<T>,
}

impl<'t, T: Deserialize<'t>, F: FnMut(T) -> Result<(), Error>> Visitor<'t> for &mut Each<T, F> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(item) = items.next_element()? {
            if let Err(error) = (self.take)(item) {
                self.ended = Err(error);
                return Err(A::Error::custom("not a value of ours"));
            }
        }
        Ok(())
    }
}

/// Returns the tenders of cash, cards, vouchers and what is not collected: all or none.
pub(super) fn tenders(cents: [Option<i64>; 4]) -> Result<Option<Tenders>, Error> {
    match cents {
        [None, None, None, None] => Ok(None),
        [
            Some(cash_cents),
            Some(electronic_cents),
            Some(vouchers_cents),
            Some(uncollected_cents),
        ] => Ok(Some(Tenders { cash_cents, electronic_cents, vouchers_cents, uncollected_cents })),
        some => Err(Error::Damaged { value: format!("{some:?}"), expected: "all four tenders" }),
    }
}

/// Returns an optional text column parsed as one of the house's words.
pub(super) fn optional_word<T: FromStr>(
    row: &SqliteRow,
    column: &'static str,
    expected: &'static str,
) -> Result<Option<T>, Error> {
    let value: Option<String> = get(row, column)?;
    parsed_if_given(value.as_deref(), expected)
}

/// Returns an optional day.
pub(super) fn day(row: &SqliteRow, column: &'static str) -> Result<Option<NaiveDate>, Error> {
    optional_word(row, column, "a day")
}

/// Returns an instant.
pub(super) fn instant(row: &SqliteRow, column: &'static str) -> Result<DateTime<Utc>, Error> {
    word(row, column, "an instant")
}

/// Writes an instant as it is stored.
pub(super) fn stored(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Reads a JSON text column.
pub(super) fn json<T: serde::de::DeserializeOwned>(
    row: &SqliteRow,
    column: &'static str,
    expected: &'static str,
) -> Result<T, Error> {
    let value: String = get(row, column)?;
    serde_json::from_str(&value).map_err(|_| Error::Damaged { value, expected })
}

/// Writes a value as JSON text.
pub(super) fn to_json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("the house's types have text keys and finite numbers")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn days_and_instants_read_as_by_the_general_parser(
            day in "(0000|1999|2026|9999)-(0[0-9]|1[0-9])-([0-3][0-9])",
            time in "T([0-2][0-9]):([0-6][0-9]):([0-6][0-9])\\.[0-9]{3}Z",
        ) {
            prop_assert_eq!(plain_day(day.as_bytes()), day.parse().ok());
            let instant = format!("{day}{time}");
            // A leap second is nobody's instant here, and the general parser takes one.
            if !time.contains(":60.") {
                prop_assert_eq!(plain_instant(instant.as_bytes()), instant.parse().ok());
            }
        }

        #[test]
        fn batches_hold_every_row_once(count in 0_usize..2_000, binds in 1_usize..200) {
            let rows: Vec<usize> = (0..count).collect();
            let cut: Vec<&[usize]> = batches(&rows, binds).collect();
            prop_assert_eq!(&cut.concat(), &rows);
            for batch in cut {
                prop_assert!(batch.len().is_power_of_two() && batch.len() * binds <= BINDS_MAX);
            }
        }

        #[test]
        fn padding_adds_no_value(count in 0_usize..2_000) {
            let values: Vec<usize> = (0..count).collect();
            let mut padded: Vec<usize> = Vec::new();
            for batch in padded_batches(&values) {
                prop_assert!(batch.len().is_power_of_two());
                padded.extend(batch);
            }
            padded.dedup();
            prop_assert_eq!(padded, values);
        }
    }
}
