//! Ledger entries: the rows of the books, insert-only.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;

use chrono::{Datelike as _, NaiveDate};
use futures::TryStreamExt as _;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments as _, QueryBuilder};

use crate::fiscal::{Direction, DocumentType, LedgerEntry, TaxId};
use crate::store::documents::tenders;
use crate::store::rows::{batches, day, get, json, optional_word, tax_id, to_json, word};
use crate::store::versions::IS_REPLACED;
use crate::store::{Error, Store, Tx};

/// The columns of a row, in the order of [`values`].
const COLUMNS: [&str; 25] = [
    "id",
    "row",
    "kind",
    "company",
    "direction",
    "document_type",
    "number",
    "issue_date",
    "registration_date",
    "transmission_date",
    "counterparty_tax_id",
    "counterparty_tax_code",
    "counterparty_name",
    "currency",
    "taxable_cents",
    "vat_cents",
    "gross_cents",
    "vat_rate",
    "cash_cents",
    "electronic_cents",
    "vouchers_cents",
    "uncollected_cents",
    "has_stamp_duty",
    "status",
    "source_references",
];

/// Names the rows of the file `f`: neighbours, by their handle alone.
///
/// The file must come first in the join, which `cross join` says to SQLite.
pub(super) const OF_FILE: &str = "e.id between f.id << 32 and (f.id << 32) + 4294967295";

/// Holds one value as it is bound.
#[derive(Debug, Clone, PartialEq)]
enum Value<'e> {
    Null,
    Number(i64),
    Day(NaiveDate),
    Text(Cow<'e, str>),
}

impl Tx {
    /// Stores entries of an opened file, each of which has its company and direction.
    ///
    /// Most columns of an export hold the same in every row: nothing, or the company. Such a
    /// column is bound once a statement, which halves the time that a large file takes.
    pub async fn insert_entries(
        &mut self,
        file_id: i64,
        entries: &[LedgerEntry],
    ) -> Result<(), Error> {
        let rows: Vec<[Value; COLUMNS.len()]> =
            entries.iter().map(|entry| values(file_id, entry)).collect();
        let Some(first) = rows.first() else {
            return Ok(());
        };
        let places: Vec<Place> = (0..COLUMNS.len())
            .map(|column| match &first[column] {
                one if rows.iter().any(|row| row[column] != *one) => Place::Own,
                Value::Null => Place::Null,
                _ => Place::Constant,
            })
            .collect();
        let own = places.iter().filter(|place| **place == Place::Own).count();
        let mut statement = (0, String::new());
        for batch in batches(&rows, own.max(1)) {
            if statement.0 != batch.len() {
                statement = (batch.len(), insert_statement(&places, batch.len()));
            }
            let mut arguments = SqliteArguments::default();
            let constants = first.iter().zip(&places);
            let constants = constants.filter(|(_, place)| **place == Place::Constant);
            let own = batch.iter().flat_map(|row| row.iter().zip(&places));
            let own = own.filter(|(_, place)| **place == Place::Own);
            let failed = self.failed();
            own.chain(constants)
                .map(|(value, _)| value)
                .chain(std::iter::once(&Value::Number(file_id)))
                .try_for_each(|value| match value {
                    Value::Null => arguments.add(None::<i64>),
                    Value::Number(number) => arguments.add(*number),
                    Value::Day(day) => arguments.add(iso(*day)),
                    // One allocation where a borrowed text would take two.
                    Value::Text(text) => arguments.add(Arc::<str>::from(&**text)),
                })
                .map_err(|source| failed(sqlx::Error::Encode(source)))?;
            let failed = self.failed();
            sqlx::query_with(sqlx::AssertSqlSafe(statement.1.clone()), arguments)
                .execute(&mut *self.inner)
                .await
                .map_err(failed)?;
        }
        Ok(())
    }
}

/// Says how the values of one column stand in a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Each row has its own.
    Own,
    /// All rows have the same, which is bound once.
    Constant,
    /// No row has any.
    Null,
}

/// Writes the statement for rows of which only some columns vary.
///
/// What varies comes first, as places without a number: the driver asks SQLite for the name
/// of every place, and SQLite finds it by walking over all that are named. Two thousand
/// named places made a row cost four times as much.
fn insert_statement(places: &[Place], rows: usize) -> String {
    let mut sql = format!("insert into ledger_entries ({}, file_id) values ", COLUMNS.join(", "));
    let own = places.iter().filter(|place| **place == Place::Own).count() * rows;
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        let mut constant = own;
        for place in places {
            match place {
                Place::Own => sql.push_str("?, "),
                Place::Null => sql.push_str("null, "),
                Place::Constant => {
                    constant += 1;
                    // Writing to a string cannot fail.
                    let _ = write!(sql, "${constant}, ");
                }
            }
        }
        let _ = write!(sql, "${})", constant + 1);
    }
    sql
}

fn values(file_id: i64, entry: &LedgerEntry) -> [Value<'_>; COLUMNS.len()] {
    fn text(text: Option<&str>) -> Value<'_> {
        text.map_or(Value::Null, |text| Value::Text(text.into()))
    }
    let number = |number: Option<i64>| number.map_or(Value::Null, Value::Number);
    let date = |date: Option<NaiveDate>| date.map_or(Value::Null, Value::Day);
    let rate = entry.vat_rate.as_ref().map(ToString::to_string);
    let tenders = entry.tenders.as_ref();
    let references = if entry.references.is_empty() {
        Value::Text("[]".into())
    } else {
        Value::Text(to_json(&entry.references).into())
    };
    // No sheet and no text of a gigabyte has so many rows; the table would refuse it.
    let row = i64::from(u32::try_from(entry.row).unwrap_or(0));
    [
        Value::Number((file_id << 32) + row),
        Value::Number(row),
        Value::Text(entry.kind.as_str().into()),
        text(entry.company.as_ref().map(TaxId::as_str)),
        text(entry.direction.map(Direction::as_str)),
        text(entry.document_type.as_ref().map(DocumentType::as_str)),
        text(entry.number.as_deref()),
        date(entry.issue_date),
        date(entry.registration_date),
        date(entry.transmission_date),
        text(entry.counterparty_tax_id.as_ref().map(TaxId::as_str)),
        text(entry.counterparty_tax_code.as_ref().map(TaxId::as_str)),
        text(entry.counterparty_name.as_deref()),
        Value::Text(entry.currency.as_str().into()),
        number(entry.taxable_cents),
        number(entry.vat_cents),
        number(entry.gross_cents),
        rate.map_or(Value::Null, |rate| Value::Text(rate.into())),
        number(tenders.map(|tenders| tenders.cash_cents)),
        number(tenders.map(|tenders| tenders.electronic_cents)),
        number(tenders.map(|tenders| tenders.vouchers_cents)),
        number(tenders.map(|tenders| tenders.uncollected_cents)),
        Value::Number(i64::from(entry.has_stamp_duty)),
        text(entry.status.as_deref()),
        references,
    ]
}

/// Writes a day as the store keeps it; the general formatter takes ten times as long.
fn iso(day: NaiveDate) -> Arc<str> {
    let Ok(year @ 0..=9999) = u32::try_from(day.year()) else {
        return day.to_string().into();
    };
    let mut text = *b"0000-00-00";
    for (place, digits) in [(0, year / 100), (2, year % 100), (5, day.month()), (8, day.day())] {
        // Each is below a hundred.
        text[place] += u8::try_from(digits / 10).unwrap_or(0);
        text[place + 1] += u8::try_from(digits % 10).unwrap_or(0);
    }
    std::str::from_utf8(&text).expect("digits and dashes are text").into()
}

impl Store {
    /// Returns all entries of the given files and company, by file and row.
    ///
    /// Each comes with the name of its file. Rows outside a period are returned too: a
    /// date that was written wrong must still find its document. Rows on days that a later
    /// export of the same books covers are not: its rows stand in their place.
    pub async fn entries(
        &self,
        company: &TaxId,
        file_ids: &[i64],
    ) -> Result<Vec<(String, LedgerEntry)>, Error> {
        if file_ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut select = QueryBuilder::new(format!(
            "select e.*, f.file_name from ledger_files as f \
             cross join ledger_entries as e on {OF_FILE} where e.company = "
        ));
        select.push_bind(company.as_str()).push(" and f.id in (");
        let mut ids = select.separated(", ");
        for id in file_ids {
            ids.push_bind(id);
        }
        select.push(") and not ").push(IS_REPLACED).push(" order by e.id");
        let failed = |source| Error::during("read ledger entries", source);
        // Rows of the driver are ten times as large as what is read from them.
        let mut rows = select.build().fetch(self.reader());
        let mut entries = Vec::new();
        while let Some(row) = rows.try_next().await.map_err(failed)? {
            entries.push((get(&row, "file_name")?, read(&row)?));
        }
        Ok(entries)
    }
}

fn read(row: &SqliteRow) -> Result<LedgerEntry, Error> {
    Ok(LedgerEntry {
        kind: word(row, "kind", "a kind of entry")?,
        row: get::<i64>(row, "row")?.cast_unsigned(),
        company: tax_id(row, "company")?,
        direction: optional_word(row, "direction", "a direction")?,
        document_type: optional_word(row, "document_type", "a document type")?,
        number: get(row, "number")?,
        issue_date: day(row, "issue_date")?,
        registration_date: day(row, "registration_date")?,
        transmission_date: day(row, "transmission_date")?,
        counterparty_tax_id: tax_id(row, "counterparty_tax_id")?,
        counterparty_tax_code: tax_id(row, "counterparty_tax_code")?,
        counterparty_name: get(row, "counterparty_name")?,
        currency: word(row, "currency", "a currency")?,
        taxable_cents: get(row, "taxable_cents")?,
        vat_cents: get(row, "vat_cents")?,
        gross_cents: get(row, "gross_cents")?,
        vat_rate: optional_word(row, "vat_rate", "a VAT rate")?,
        tenders: tenders(row)?,
        has_stamp_duty: get::<i64>(row, "has_stamp_duty")? == 1,
        status: get(row, "status")?,
        references: json(row, "source_references", "a list of references")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_as_everywhere() {
        for day in ["2026-02-03", "1990-12-31", "0001-01-01", "9999-10-20"] {
            let date: NaiveDate = day.parse().unwrap();
            assert_eq!(*iso(date), *date.to_string());
        }
    }

    #[test]
    fn columns_that_do_not_vary_are_bound_once() {
        let mut places = [Place::Constant; COLUMNS.len()];
        places[0] = Place::Own;
        places[5] = Place::Own;
        places[6] = Place::Null;
        let sql = insert_statement(&places, 2);
        assert!(sql.contains("(?, $5, $6, $7, $8, ?, null, $9, "), "{sql}");
        assert_eq!(sql.matches('?').count(), 4, "{sql}");
        assert!(sql.ends_with("$26, $27)"), "{sql}");
    }
}
