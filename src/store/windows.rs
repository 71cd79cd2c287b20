//! Windows of the pull: what was asked for, and whether it stood still.

use chrono::{DateTime, NaiveDate, Utc};

use crate::store::rows::{get, stored, word};
use crate::store::{Error, Store, Tx};

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
    /// Documents that the last whole reading saw.
    pub rows_total: i64,
    /// Where an interrupted reading goes on, JSON.
    pub checkpoint: Option<String>,
}

const COLUMNS: &str = "resource, fiscal_ids, from_on, to_on, state, rows_total, checkpoint";

impl Tx {
    /// Saves where a window stands, replacing what was known.
    pub async fn save_window(
        &mut self,
        window: &WindowRecord,
        at: DateTime<Utc>,
    ) -> Result<(), Error> {
        let failed = self.failed();
        sqlx::query(
            "insert into windows \
             (resource, fiscal_ids, from_on, to_on, state, rows_total, checkpoint, updated_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8) \
             on conflict (resource, fiscal_ids, from_on, to_on) do update set \
             state = excluded.state, rows_total = excluded.rows_total, \
             checkpoint = excluded.checkpoint, updated_at = excluded.updated_at",
        )
        .bind(&window.resource)
        .bind(&window.fiscal_ids)
        .bind(window.from.to_string())
        .bind(window.to.to_string())
        .bind(&window.state)
        .bind(window.rows_total)
        .bind(&window.checkpoint)
        .bind(stored(at))
        .execute(&mut *self.inner)
        .await
        .map_err(failed)?;
        Ok(())
    }
}

impl Tx {
    /// Adds requests to the day's count.
    pub async fn count_requests(&mut self, day: NaiveDate, requests: i64) -> Result<(), Error> {
        let failed = self.failed();
        sqlx::query(
            "insert into request_days (day_on, requests) values ($1, $2) \
             on conflict (day_on) do update set requests = request_days.requests + $2",
        )
        .bind(day.to_string())
        .bind(requests)
        .execute(&mut *self.inner)
        .await
        .map_err(failed)?;
        Ok(())
    }
}

impl Store {
    /// Returns how many requests were sent on a day.
    pub async fn requests_on(&self, day: NaiveDate) -> Result<i64, Error> {
        let sent: Option<i64> =
            sqlx::query_scalar("select requests from request_days where day_on = $1")
                .bind(day.to_string())
                .fetch_optional(self.reader())
                .await
                .map_err(|source| Error::during("count requests", source))?;
        Ok(sent.unwrap_or(0))
    }

    /// Returns what is known of exactly this window.
    pub async fn window(
        &self,
        resource: &str,
        fiscal_ids: &str,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Result<Option<WindowRecord>, Error> {
        let sql = format!(
            "select {COLUMNS} from windows \
             where resource = $1 and fiscal_ids = $2 and from_on = $3 and to_on = $4"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(resource)
            .bind(fiscal_ids)
            .bind(from.to_string())
            .bind(to.to_string())
            .fetch_optional(self.reader())
            .await
            .map_err(|source| Error::during("read a window", source))?;
        row.as_ref().map(read).transpose()
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
    })
}
