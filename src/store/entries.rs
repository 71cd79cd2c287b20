//! Ledger entries: the rows of the books, insert-only.

use chrono::NaiveDate;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments as _, Row as _, SqliteConnection};

use crate::fiscal::{LedgerEntry, TaxId};
use crate::store::packed::{ROW_BITS, pack, unpack};
use crate::store::rows::{batches, day};
use crate::store::{Error, Store, Tx};

/// Names the rows of the file `f`: neighbours, by their handle alone.
///
/// The file must come first in the join, which `cross join` says to SQLite.
pub(super) const OF_FILE: &str = "e.id between f.id << 32 and (f.id << 32) + 4294967295";

const BINDS: usize = 3;
/// How many rows are asked for at once: as many as the driver's thread reads ahead.
const ROWS_AT_ONCE: i64 = 1_000;

impl Tx {
    /// Stores entries of an opened file, each of which has its company and direction.
    pub async fn insert_entries(
        &mut self,
        file_id: i64,
        entries: &[LedgerEntry],
    ) -> Result<(), Error> {
        for batch in batches(entries, BINDS) {
            // Places without a number: the driver asks SQLite for the name of every place,
            // and SQLite finds it by walking over all that are named.
            let mut sql = "insert into ledger_rows (id, file_id, content) values ".to_owned();
            sql.push_str(&vec!["(?, ?, ?)"; batch.len()].join(", "));
            let mut arguments = SqliteArguments::default();
            for entry in batch {
                // No sheet and no text of a gigabyte has so many rows; the table would refuse it.
                let row = i64::from(u32::try_from(entry.row).unwrap_or(0));
                let failed = self.failed();
                arguments
                    .add((file_id << ROW_BITS) + row)
                    .and_then(|()| arguments.add(file_id))
                    .and_then(|()| arguments.add(pack(entry)))
                    .map_err(|source| failed(sqlx::Error::Encode(source)))?;
            }
            let failed = self.failed();
            sqlx::query_with(sqlx::AssertSqlSafe(sql), arguments)
                .execute(&mut *self.inner)
                .await
                .map_err(failed)?;
        }
        Ok(())
    }
}

impl Store {
    /// Hands on all entries of a file and company that count, by row.
    ///
    /// Rows outside a period are among them: a date that was written wrong must still find
    /// its document. Rows on days that a later export of the same books covers are not: its
    /// rows stand in their place.
    pub async fn each_entry(
        &self,
        company: &TaxId,
        file_id: i64,
        mut take: impl FnMut(LedgerEntry),
    ) -> Result<(), Error> {
        let mut connection = self.reader().acquire().await.map_err(reading)?;
        standing(&mut connection, file_id, |entry| {
            if entry.company.as_ref() == Some(company) {
                take(entry);
            }
        })
        .await
    }
}

/// Hands on the entries of a file that count, by row: not those whose day a later export covers.
pub(super) async fn standing(
    connection: &mut SqliteConnection,
    file_id: i64,
    mut take: impl FnMut(LedgerEntry),
) -> Result<(), Error> {
    let replaced = replaced_days(connection, file_id).await?;
    let is_replaced =
        |day: NaiveDate| replaced.iter().any(|(from, to)| (*from..=*to).contains(&day));
    let mut from = file_id << ROW_BITS;
    let end = from + i64::from(u32::MAX);
    let last: Option<i64> =
        sqlx::query_scalar("select max(id) from ledger_rows where id between $1 and $2")
            .bind(from)
            .bind(end)
            .fetch_one(&mut *connection)
            .await
            .map_err(reading)?;
    // Handed over one at a time, the driver's thread and this one would wait for each other
    // at every row of a long file.
    while last.is_some_and(|last| from <= last) {
        let rows = sqlx::query(
            "select id, content from ledger_rows where id between $1 and $2 order by id",
        )
        .bind(from)
        .bind(from + ROWS_AT_ONCE - 1)
        .fetch_all(&mut *connection)
        .await
        .map_err(reading)?;
        for row in &rows {
            let entry = unpack(row.try_get(0).map_err(reading)?, row.try_get(1).map_err(reading)?)?;
            if !day_of(&entry).is_some_and(is_replaced) {
                take(entry);
            }
        }
        from += ROWS_AT_ONCE;
    }
    Ok(())
}

/// Returns the day on which an entry counts among those of its file.
pub(super) fn day_of(entry: &LedgerEntry) -> Option<NaiveDate> {
    entry.issue_date.or(entry.registration_date)
}

/// Returns the first and last days of later exports of a file's books.
async fn replaced_days(
    connection: &mut SqliteConnection,
    file_id: i64,
) -> Result<Vec<(NaiveDate, NaiveDate)>, Error> {
    let rows =
        sqlx::query("select covers_from, covers_to from ledger_versions where older_id = $1")
            .bind(file_id)
            .fetch_all(connection)
            .await
            .map_err(reading)?;
    let mut days = Vec::with_capacity(rows.len());
    for row in &rows {
        days.extend(day(row, "covers_from")?.zip(day(row, "covers_to")?));
    }
    Ok(days)
}

fn reading(source: sqlx::Error) -> Error {
    Error::during("read ledger entries", source)
}
