//! Small helpers that read columns back into the house's types.

use std::str::FromStr;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Row as _, Sqlite, Type};

use crate::fiscal::TaxId;
use crate::store::Error;

/// SQLite takes 32,766 bound values a statement; batches stay well below.
pub(super) const BINDS_MAX: usize = 16_000;

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
    let value: String = get(row, column)?;
    value.parse().map_err(|_| Error::Damaged { value, expected })
}

/// Returns an optional text column parsed as one of the house's words.
pub(super) fn optional_word<T: FromStr>(
    row: &SqliteRow,
    column: &'static str,
    expected: &'static str,
) -> Result<Option<T>, Error> {
    let value: Option<String> = get(row, column)?;
    value.map(|value| value.parse().map_err(|_| Error::Damaged { value, expected })).transpose()
}

/// Returns an optional day.
pub(super) fn day(row: &SqliteRow, column: &'static str) -> Result<Option<NaiveDate>, Error> {
    optional_word(row, column, "a day")
}

/// Returns an optional tax identifier.
pub(super) fn tax_id(row: &SqliteRow, column: &'static str) -> Result<Option<TaxId>, Error> {
    let value: Option<String> = get(row, column)?;
    Ok(value.as_deref().and_then(TaxId::parse))
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
