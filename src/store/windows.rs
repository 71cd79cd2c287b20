//! Windows of the pull: what was asked for, whether it stood still, when it was looked at.

use chrono::{DateTime, NaiveDate, Utc};

use crate::store::rows::{get, optional_word, stored, word};
use crate::store::{Error, Store, Tx};

/// Names one window.
#[derive(Debug, Clone, Copy)]
pub struct WindowName<'a> {
    /// `receipts` or `invoices`.
    pub resource: &'a str,
    /// Comma list of companies, sorted.
    pub fiscal_ids: &'a str,
    /// First business day.
    pub from: NaiveDate,
    /// Last business day.
    pub to: NaiveDate,
}

/// Holds what is known of one window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowRecord {
    /// `receipts` or `invoices`.
    pub resource: String,
    /// Comma list of companies, sorted.
    pub fiscal_ids: String,
    /// First business day.
    pub from: NaiveDate,
    /// Last business day.
    pub to: NaiveDate,
    /// `reading`, `settled`, `unsettled` or `deferred`.
    pub state: String,
    /// Documents of the list when it settled last, or seen so far where it never did.
    pub rows_total: i64,
    /// Where an interrupted reading goes on, JSON.
    pub checkpoint: Option<String>,
    /// When it was last known to be settled.
    pub looked_at: Option<DateTime<Utc>>,
    /// When every row of the list was last read.
    pub swept_at: Option<DateTime<Utc>>,
}

/// Says how a window's reading ended, for [`Tx::settle_window`].
#[derive(Debug, Clone, Copy)]
pub enum WindowOutcome<'a> {
    /// The list was read: its rows, and whether each of them was looked at.
    Settled {
        /// How many rows the list has.
        rows_total: i64,
        /// Eight bytes a row, where all are known in their order.
        row_keys: Option<&'a [u8]>,
        /// Whether every row was read.
        is_swept: bool,
    },
    /// The list is what it was when it settled last.
    Unchanged,
    /// It did not settle; what its last settling gave stays.
    Open {
        /// `unsettled` or `deferred`.
        state: &'a str,
        /// Documents seen, kept where the window never settled.
        rows_seen: i64,
    },
}

const COLUMNS: &str = "resource, fiscal_ids, from_on, to_on, state, rows_total, checkpoint, \
                       looked_at, swept_at";

const KEY: &str = "resource = $1 and fiscal_ids = $2 and from_on = $3 and to_on = $4";

/// A window that is being read for the first time; of a known one only what follows changes.
const BEGUN: &str = "insert into windows \
     (resource, fiscal_ids, from_on, to_on, state, rows_total, checkpoint, updated_at) \
     values ($1, $2, $3, $4, $5, $6, $7, $8) \
     on conflict (resource, fiscal_ids, from_on, to_on) do update set \
     state = excluded.state, updated_at = excluded.updated_at, \
     rows_total = case when windows.looked_at is null then excluded.rows_total \
     else windows.rows_total end, \
     checkpoint = coalesce(excluded.checkpoint, windows.checkpoint)";

impl Tx {
    /// Saves how far the reading of a window came, as JSON text.
    pub async fn advance_window(
        &mut self,
        window: WindowName<'_>,
        rows_seen: i64,
        checkpoint: &str,
        at: DateTime<Utc>,
    ) -> Result<(), Error> {
        self.begin_window(window, "reading", rows_seen, Some(checkpoint), at).await
    }

    /// Saves how the reading of a window ended.
    pub async fn settle_window(
        &mut self,
        window: WindowName<'_>,
        outcome: WindowOutcome<'_>,
        at: DateTime<Utc>,
    ) -> Result<(), Error> {
        match outcome {
            WindowOutcome::Open { state, rows_seen } => {
                self.begin_window(window, state, rows_seen, None, at).await
            }
            WindowOutcome::Unchanged => {
                let failed = self.failed();
                let sql = format!(
                    "update windows set state = 'settled', looked_at = $5, updated_at = $5 \
                     where {KEY}"
                );
                let query = named(sqlx::query(sqlx::AssertSqlSafe(sql)), window).bind(stored(at));
                query.execute(&mut *self.inner).await.map_err(failed)?;
                Ok(())
            }
            WindowOutcome::Settled { rows_total, row_keys, is_swept } => {
                self.begin_window(window, "settled", rows_total, None, at).await?;
                let failed = self.failed();
                let sql = format!(
                    "update windows set looked_at = $5, updated_at = $5, rows_total = $6, \
                     swept_at = case when $7 = 1 then $5 else swept_at end, row_keys = $8 \
                     where {KEY}"
                );
                let query = named(sqlx::query(sqlx::AssertSqlSafe(sql)), window)
                    .bind(stored(at))
                    .bind(rows_total)
                    .bind(i64::from(is_swept))
                    .bind(row_keys.map(<[u8]>::to_vec));
                query.execute(&mut *self.inner).await.map_err(failed)?;
                Ok(())
            }
        }
    }

    /// Puts a window in the place of those that begin with it and end before it.
    ///
    /// What is known of the longest of them is taken over, unless something is known already.
    pub async fn absorb_windows(&mut self, window: WindowName<'_>) -> Result<(), Error> {
        let take_over = format!(
            "update windows set to_on = $4 where resource = $1 and fiscal_ids = $2 \
             and from_on = $3 and to_on = (select max(to_on) from windows where resource = $1 \
             and fiscal_ids = $2 and from_on = $3 and to_on < $4) \
             and not exists (select 1 from windows where {KEY})"
        );
        let drop_rest = "delete from windows where resource = $1 and fiscal_ids = $2 \
                         and from_on = $3 and to_on < $4";
        for sql in [take_over, drop_rest.to_owned()] {
            let failed = self.failed();
            let query = named(sqlx::query(sqlx::AssertSqlSafe(sql)), window);
            query.execute(&mut *self.inner).await.map_err(failed)?;
        }
        Ok(())
    }

    async fn begin_window(
        &mut self,
        window: WindowName<'_>,
        state: &str,
        rows_seen: i64,
        checkpoint: Option<&str>,
        at: DateTime<Utc>,
    ) -> Result<(), Error> {
        let failed = self.failed();
        sqlx::query(BEGUN)
            .bind(window.resource)
            .bind(window.fiscal_ids)
            .bind(window.from.to_string())
            .bind(window.to.to_string())
            .bind(state)
            .bind(rows_seen)
            .bind(checkpoint)
            .bind(stored(at))
            .execute(&mut *self.inner)
            .await
            .map_err(failed)?;
        Ok(())
    }
}

type Query = sqlx::query::Query<'static, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>;

/// Binds the four columns that name a window.
fn named(query: Query, window: WindowName<'_>) -> Query {
    query
        .bind(window.resource.to_owned())
        .bind(window.fiscal_ids.to_owned())
        .bind(window.from.to_string())
        .bind(window.to.to_string())
}

impl Store {
    /// Returns what is known of exactly this window.
    pub async fn window(&self, window: WindowName<'_>) -> Result<Option<WindowRecord>, Error> {
        let sql = format!("select {COLUMNS} from windows where {KEY}");
        let row = self.select_window(window, sql).await?;
        row.as_ref().map(read).transpose()
    }

    /// Returns the rows of a window's list when it settled last, eight bytes each.
    pub async fn window_keys(&self, window: WindowName<'_>) -> Result<Option<Vec<u8>>, Error> {
        let sql = format!("select row_keys from windows where {KEY}");
        let row = self.select_window(window, sql).await?;
        row.as_ref().map_or(Ok(None), |row| get(row, "row_keys"))
    }

    async fn select_window(
        &self,
        window: WindowName<'_>,
        sql: String,
    ) -> Result<Option<sqlx::sqlite::SqliteRow>, Error> {
        named(sqlx::query(sqlx::AssertSqlSafe(sql)), window)
            .fetch_optional(self.reader())
            .await
            .map_err(|source| Error::during("read a window", source))
    }

    /// Returns the windows that touch these days, in order of their first day.
    pub async fn windows_between(
        &self,
        resource: &str,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Result<Vec<WindowRecord>, Error> {
        let sql = format!(
            "select {COLUMNS} from windows where resource = $1 and from_on <= $3 and to_on >= $2 \
             order by from_on, to_on, fiscal_ids"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(resource)
            .bind(from.to_string())
            .bind(to.to_string())
            .fetch_all(self.reader())
            .await
            .map_err(|source| Error::during("list windows", source))?;
        rows.iter().map(read).collect()
    }
}

fn read(row: &sqlx::sqlite::SqliteRow) -> Result<WindowRecord, Error> {
    Ok(WindowRecord {
        resource: get(row, "resource")?,
        fiscal_ids: get(row, "fiscal_ids")?,
        from: word(row, "from_on", "a day")?,
        to: word(row, "to_on", "a day")?,
        state: get(row, "state")?,
        rows_total: get(row, "rows_total")?,
        checkpoint: get(row, "checkpoint")?,
        looked_at: optional_word(row, "looked_at", "an instant")?,
        swept_at: optional_word(row, "swept_at", "an instant")?,
    })
}
