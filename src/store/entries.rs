//! Ledger entries: the rows of the books, insert-only.

use std::borrow::Cow;
use std::fmt::Write as _;

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
const COLUMNS: [&str; 24] = [
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

/// Holds one value as it is bound.
#[derive(Debug, Clone, PartialEq)]
enum Value<'e> {
    Null,
    Number(i64),
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
        let rows: Vec<[Value; COLUMNS.len()]> = entries.iter().map(values).collect();
        let Some(first) = rows.first() else {
            return Ok(());
        };
        let varies: Vec<bool> = (0..COLUMNS.len())
            .map(|column| rows.iter().any(|row| row[column] != first[column]))
            .collect();
        let varying = varies.iter().filter(|varies| **varies).count();
        let mut statement = (0, String::new());
        for batch in batches(&rows, varying.max(1)) {
            if statement.0 != batch.len() {
                statement = (batch.len(), insert_statement(&varies, batch.len()));
            }
            let mut arguments = SqliteArguments::default();
            let constants = first.iter().zip(&varies).filter(|(_, varies)| !**varies);
            let own = batch.iter().flat_map(|row| row.iter().zip(&varies));
            let own = own.filter(|(_, varies)| **varies);
            let all = constants.chain(own).map(|(value, _)| value);
            let failed = self.failed();
            std::iter::once(&Value::Number(file_id))
                .chain(all)
                .try_for_each(|value| match value {
                    Value::Null => arguments.add(None::<i64>),
                    Value::Number(number) => arguments.add(*number),
                    Value::Text(text) => arguments.add(&**text),
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

/// Writes the statement for rows of which only some columns vary.
fn insert_statement(varies: &[bool], rows: usize) -> String {
    let mut sql = format!("insert into ledger_entries (file_id, {}) values ", COLUMNS.join(", "));
    let constants = varies.iter().filter(|varies| !**varies).count();
    // The file comes first, then what is the same in all rows, then the rows.
    let mut next = 2 + constants;
    for row in 0..rows {
        sql.push_str(if row == 0 { "($1" } else { ", ($1" });
        let mut constant = 2;
        for varies in varies {
            let place = if *varies { &mut next } else { &mut constant };
            // Writing to a string cannot fail.
            let _ = write!(sql, ", ${place}");
            *place += 1;
        }
        sql.push(')');
    }
    sql
}

fn values(entry: &LedgerEntry) -> [Value<'_>; COLUMNS.len()] {
    fn text(text: Option<&str>) -> Value<'_> {
        text.map_or(Value::Null, |text| Value::Text(text.into()))
    }
    let owned = |text: Option<String>| text.map_or(Value::Null, |text| Value::Text(text.into()));
    let number = |number: Option<i64>| number.map_or(Value::Null, Value::Number);
    let date = |date: Option<NaiveDate>| owned(date.map(iso));
    let tenders = entry.tenders.as_ref();
    let references = if entry.references.is_empty() {
        Value::Text("[]".into())
    } else {
        Value::Text(to_json(&entry.references).into())
    };
    [
        Value::Number(i64::try_from(entry.row).unwrap_or(i64::MAX)),
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
        owned(entry.vat_rate.as_ref().map(ToString::to_string)),
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
fn iso(day: NaiveDate) -> String {
    let year = day.year();
    if !(0..=9999).contains(&year) {
        return day.to_string();
    }
    let digit = |number: u32| char::from(b'0' + u8::try_from(number % 10).unwrap_or(0));
    let (year, month, day) = (year.unsigned_abs(), day.month(), day.day());
    let mut text = String::with_capacity(10);
    text.extend([digit(year / 1000), digit(year / 100), digit(year / 10), digit(year)]);
    text.extend(['-', digit(month / 10), digit(month), '-', digit(day / 10), digit(day)]);
    text
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
        let mut select = QueryBuilder::new(
            "select e.*, f.file_name from ledger_entries as e \
             join ledger_files as f on f.id = e.file_id where e.company = ",
        );
        select.push_bind(company.as_str()).push(" and e.file_id in (");
        let mut ids = select.separated(", ");
        for id in file_ids {
            ids.push_bind(id);
        }
        select.push(") and not ").push(IS_REPLACED).push(" order by e.file_id, e.row");
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
            assert_eq!(iso(date), date.to_string());
        }
    }

    #[test]
    fn columns_that_do_not_vary_are_bound_once() {
        let mut varies = [false; COLUMNS.len()];
        varies[0] = true;
        varies[5] = true;
        let sql = insert_statement(&varies, 2);
        assert!(sql.ends_with("$23)"), "{sql}");
        assert!(sql.contains("($1, $24, $2, $3, $4, $5, $25, $6"), "{sql}");
        assert!(sql.contains("($1, $26, $2, $3, $4, $5, $27, $6"), "{sql}");
    }
}
