//! Ledger entries: the rows of the books, insert-only.

use chrono::NaiveDate;
use futures::StreamExt as _;
use sqlx::{Row as _, SqliteConnection};

use crate::fiscal::{LedgerEntry, TaxId};
use crate::store::fold::fold;
use crate::store::packed::{ROW_BITS, ROWS_IN_PART, pack, unpack};
use crate::store::rows::day;
use crate::store::{Error, Store, Tx};

/// Names the rows of the file `f`: neighbours, by the handles of their parts alone.
///
/// The file must come first in the join, which `cross join` says to SQLite.
pub(super) const OF_FILE: &str = "e.part_id between f.id << 32 and (f.id << 32) + 4294967295";

impl Tx {
    /// Stores entries of an opened file, by row, each of which has its company and direction.
    pub async fn insert_entries(
        &mut self,
        file_id: i64,
        entries: &[LedgerEntry],
    ) -> Result<(), Error> {
        for part in entries.chunks(ROWS_IN_PART) {
            // No sheet and no text of a gigabyte has so many rows; the table would refuse it.
            let first = i64::from(u32::try_from(part[0].row).unwrap_or(0));
            let failed = self.failed();
            sqlx::query("insert into ledger_parts (id, file_id, content) values (?, ?, ?)")
                .bind((file_id << ROW_BITS) + first)
                .bind(file_id)
                .bind(pack(part))
                .execute(&mut *self.inner)
                .await
                .map_err(failed)?;
        }
        Ok(())
    }
}

impl Store {
    /// Takes in all entries of a file and company that count, by row, on a thread of its own.
    ///
    /// Rows outside a period are among them: a date that was written wrong must still find
    /// its document. Rows on days that a later export of the same books covers are not: its
    /// rows stand in their place.
    pub async fn fold_entries<S: Send + 'static>(
        &self,
        company: &TaxId,
        file_id: i64,
        state: S,
        mut take: impl FnMut(&mut S, LedgerEntry) + Send + 'static,
    ) -> Result<S, Error> {
        let mut connection = self.reader().acquire().await.map_err(reading)?;
        let company = company.clone();
        fold_standing(&mut connection, file_id, state, move |state, entry| {
            if entry.company.as_ref() == Some(&company) {
                take(state, entry);
            }
        })
        .await
    }
}

/// Takes in the entries of a file that count, by row: not those whose day a later export covers.
pub(super) async fn fold_standing<S: Send + 'static>(
    connection: &mut SqliteConnection,
    file_id: i64,
    state: S,
    mut take: impl FnMut(&mut S, LedgerEntry) + Send + 'static,
) -> Result<S, Error> {
    let replaced = replaced_days(connection, file_id).await?;
    let is_replaced =
        move |day: NaiveDate| replaced.iter().any(|(from, to)| (*from..=*to).contains(&day));
    let first = file_id << ROW_BITS;
    let parts =
        sqlx::query("select id, content from ledger_parts where id between $1 and $2 order by id")
            .bind(first)
            .bind(first + i64::from(u32::MAX))
            .fetch(&mut *connection)
            .map(|part| {
                let whole = part.and_then(|part| Ok((part.try_get(0)?, part.try_get(1)?)));
                whole.map_err(reading)
            });
    fold(parts, state, move |state, (id, content): (i64, String)| {
        unpack(id, &content, |entry| {
            if !day_of(&entry).is_some_and(&is_replaced) {
                take(state, entry);
            }
        })
    })
    .await
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
