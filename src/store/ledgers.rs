//! Ledger files: stored once by content, with the rows that were refused.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::QueryBuilder;
use sqlx::sqlite::SqliteRow;

use crate::fiscal::{Period, TaxId};
use crate::store::rows::{batches, day, get, stored};
use crate::store::{Error, Store, Tx};

/// Holds what is stored of a ledger file beside its entries.
#[derive(Debug, Clone)]
pub struct NewLedgerFile<'a> {
    /// The company whose books it holds; empty when its rows name several.
    pub company: &'a str,
    /// The layout that recognised it.
    pub layout: &'a str,
    /// `csv`, `xlsx`, `xls`, `ods`, `xlsb`.
    pub format: &'a str,
    /// Stored + rejected + skipped.
    pub rows_read: u64,
    /// Rows that became entries.
    pub rows_stored: u64,
    /// Totals, blank and continuation rows.
    pub rows_skipped: u64,
    /// First and last issue date.
    pub coverage: Option<(NaiveDate, NaiveDate)>,
    /// Refused rows.
    pub rejected: &'a [RejectedRow],
}

/// Says why one row was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedRow {
    /// Data row, from 1.
    pub row: u64,
    /// Line or sheet row as a person sees it.
    pub line: u64,
    /// Heading of the column.
    pub column: String,
    /// The value as written.
    pub value: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Names an earlier upload of the same content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownFile {
    /// The name under which it was uploaded first.
    pub file_name: String,
    /// When.
    pub uploaded_at: DateTime<Utc>,
    /// The layout that recognised it.
    pub layout: String,
    /// Rows that it stored.
    pub rows_stored: i64,
}

/// Holds a ledger file as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// Handle in the store.
    pub id: i64,
    /// Name as uploaded.
    pub file_name: String,
    /// The company whose books it holds; empty when its rows name several.
    pub company: String,
    /// The layout that recognised it.
    pub layout: String,
    /// Stored + rejected + skipped.
    pub rows_read: i64,
    /// Rows refused.
    pub rows_rejected: i64,
    /// First and last issue date.
    pub coverage: Option<(NaiveDate, NaiveDate)>,
    /// The refused rows, in order.
    pub rejected: Vec<RejectedRow>,
}

impl StoredFile {
    /// Tells whether any of its rows may lie on these days.
    #[must_use]
    pub fn touches(&self, days: Period) -> bool {
        self.coverage.is_none_or(|(from, to)| from <= days.to && to >= days.from)
    }
}

const REJECTED_BINDS: usize = 6;
/// Stands in a file's row until it is closed, and so is never committed.
const COMPANY_UNDECIDED: &str = "?";

impl Tx {
    /// Opens a file for its entries and returns its handle.
    ///
    /// Whose books they are may be known only when all rows are read, so the same
    /// transaction closes it with [`Tx::close_ledger_file`].
    pub async fn open_ledger_file(
        &mut self,
        content_hash: [u8; 32],
        file_name: &str,
        uploaded_at: DateTime<Utc>,
    ) -> Result<i64, Error> {
        let failed = self.failed();
        sqlx::query_scalar(
            "insert into ledger_files (content_hash, company, file_name, layout, format, \
             rows_read, rows_stored, rows_rejected, rows_skipped, uploaded_at) \
             values ($1, $2, $3, '', '', 0, 0, 0, 0, $4) returning id",
        )
        .bind(&content_hash[..])
        .bind(COMPANY_UNDECIDED)
        .bind(file_name)
        .bind(stored(uploaded_at))
        .fetch_one(&mut *self.inner)
        .await
        .map_err(failed)
    }

    /// Closes a file whose entries are stored; tells whether its content was new.
    ///
    /// Every entry must carry its company and direction: the caller decided them. When a
    /// file with this content and company is stored already, the transaction is no good any
    /// more: drop it.
    pub async fn close_ledger_file(
        &mut self,
        file_id: i64,
        file: &NewLedgerFile<'_>,
    ) -> Result<bool, Error> {
        let failed = self.failed();
        let done = sqlx::query(
            "update ledger_files set company = $2, layout = $3, format = $4, rows_read = $5, \
             rows_stored = $6, rows_rejected = $7, rows_skipped = $8, covers_from = $9, \
             covers_to = $10 where id = $1 and not exists (select 1 from ledger_files as other \
             where other.content_hash = ledger_files.content_hash and other.company = $2)",
        )
        .bind(file_id)
        .bind(file.company)
        .bind(file.layout)
        .bind(file.format)
        .bind(count(file.rows_read))
        .bind(count(file.rows_stored))
        .bind(count(file.rows_read - file.rows_skipped - file.rows_stored))
        .bind(count(file.rows_skipped))
        .bind(file.coverage.map(|(from, _)| from.to_string()))
        .bind(file.coverage.map(|(_, to)| to.to_string()))
        .execute(&mut *self.inner)
        .await
        .map_err(failed)?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        self.insert_rejected(file_id, file.rejected).await?;
        Ok(true)
    }

    async fn insert_rejected(
        &mut self,
        file_id: i64,
        rejected: &[RejectedRow],
    ) -> Result<(), Error> {
        for chunk in batches(rejected, REJECTED_BINDS) {
            let mut insert = QueryBuilder::new(
                "insert into rejected_rows (file_id, row, line, column_name, value, reason) ",
            );
            insert.push_values(chunk, |mut values, rejected| {
                values
                    .push_bind(file_id)
                    .push_bind(count(rejected.row))
                    .push_bind(count(rejected.line))
                    .push_bind(&rejected.column)
                    .push_bind(&rejected.value)
                    .push_bind(&rejected.reason);
            });
            insert.push(" on conflict (file_id, row, column_name) do nothing");
            let failed = self.failed();
            insert.build().execute(&mut *self.inner).await.map_err(failed)?;
        }
        Ok(())
    }
}

impl Store {
    /// Returns the earlier upload of this content for this company, if there was one.
    pub async fn known_file(
        &self,
        content_hash: [u8; 32],
        company: &str,
    ) -> Result<Option<KnownFile>, Error> {
        let row = sqlx::query(
            "select file_name, uploaded_at, layout, rows_stored from ledger_files \
             where content_hash = $1 and company = $2",
        )
        .bind(&content_hash[..])
        .bind(company)
        .fetch_optional(self.reader())
        .await
        .map_err(|source| Error::during("look for the file", source))?;
        row.map(|row| {
            Ok(KnownFile {
                file_name: get(&row, "file_name")?,
                uploaded_at: super::rows::instant(&row, "uploaded_at")?,
                layout: get(&row, "layout")?,
                rows_stored: get(&row, "rows_stored")?,
            })
        })
        .transpose()
    }

    /// Returns the files with rows of this company on these days, in order of upload.
    ///
    /// A later export of the same books takes the place of an earlier one on the days that
    /// it covers (see `versions`); a file whose days are all taken is not returned. Both
    /// stay stored.
    pub async fn ledger_files(
        &self,
        company: &TaxId,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Result<Vec<StoredFile>, Error> {
        let rows = sqlx::query(
            "select f.* from ledger_files as f \
             where (f.company = $1 or (f.company = '' and exists (select 1 from ledger_entries as e \
                    where e.file_id = f.id and e.company = $1))) \
             and (f.covers_from is null or (f.covers_from <= $3 and f.covers_to >= $2)) \
             and not exists (select 1 from ledger_versions as v where v.older_id = f.id \
                    and v.covers_from <= f.covers_from and v.covers_to >= f.covers_to) \
             order by f.id",
        )
        .bind(company.as_str())
        .bind(from.to_string())
        .bind(to.to_string())
        .fetch_all(self.reader())
        .await
        .map_err(|source| Error::during("list ledger files", source))?;
        let mut files = Vec::with_capacity(rows.len());
        for row in &rows {
            let mut file = read(row)?;
            if file.rows_rejected > 0 {
                file.rejected = self.rejected_rows(file.id).await?;
            }
            files.push(file);
        }
        Ok(files)
    }

    async fn rejected_rows(&self, file_id: i64) -> Result<Vec<RejectedRow>, Error> {
        let rows = sqlx::query(
            "select row, line, column_name, value, reason from rejected_rows \
             where file_id = $1 order by row, column_name",
        )
        .bind(file_id)
        .fetch_all(self.reader())
        .await
        .map_err(|source| Error::during("list rejected rows", source))?;
        rows.iter()
            .map(|row| {
                Ok(RejectedRow {
                    row: get::<i64>(row, "row")?.cast_unsigned(),
                    line: get::<i64>(row, "line")?.cast_unsigned(),
                    column: get(row, "column_name")?,
                    value: get(row, "value")?,
                    reason: get(row, "reason")?,
                })
            })
            .collect()
    }
}

fn read(row: &SqliteRow) -> Result<StoredFile, Error> {
    Ok(StoredFile {
        id: get(row, "id")?,
        file_name: get(row, "file_name")?,
        company: get(row, "company")?,
        layout: get(row, "layout")?,
        rows_read: get(row, "rows_read")?,
        rows_rejected: get(row, "rows_rejected")?,
        coverage: day(row, "covers_from")?.zip(day(row, "covers_to")?),
        rejected: Vec::new(),
    })
}

/// Turns a count into the store's signed integer; no file has 2^63 rows.
fn count(rows: u64) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
