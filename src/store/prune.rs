//! Removes what is too old to be asked for again; raw documents and ledger rows never are.

use chrono::{DateTime, NaiveDate, Utc};

use crate::store::rows::stored;
use crate::store::{Error, Tx};

/// Says before when each kind of record may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Callbacks that were settled before this; those about credentials tell an age for longer.
    pub callbacks_before: DateTime<Utc>,
    /// Callbacks about credentials that arrived before this.
    pub credential_callbacks_before: DateTime<Utc>,
    /// The bytes of mails and report files that ended before this.
    pub deliveries_before: DateTime<Utc>,
    /// Statements of runs before this, where a later run proved the same month again.
    pub statements_before: DateTime<Utc>,
    /// Counts of requests of days before this.
    pub requests_before: NaiveDate,
}

/// Counts what was removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Callbacks.
    pub callbacks: u64,
    /// Bodies, attachments and files of deliveries; the deliveries themselves stay.
    pub delivery_parts: u64,
    /// Statements that a later run of the same month replaced.
    pub statements: u64,
    /// Days of counted requests.
    pub request_days: u64,
}

impl Tx {
    /// Removes what is older than the retention says, and counts it.
    ///
    /// Kept whatever its age: documents, ledgers, findings and their history, runs and their
    /// steps, intents, the last statement of each month, and that a delivery was made.
    pub async fn prune(&mut self, retention: &Retention) -> Result<Pruned, Error> {
        let callbacks = self
            .remove(
                "delete from callbacks where state <> 'waiting' \
                 and ((event <> 'receipt-credentials' and settled_at < $1) \
                 or (event = 'receipt-credentials' and received_at < $2))",
                &[
                    stored(retention.callbacks_before),
                    stored(retention.credential_callbacks_before),
                ],
            )
            .await?;
        let delivery_parts = self
            .remove(
                "delete from delivery_parts where delivery_id in (select id from deliveries \
                 where state in ('sent', 'refused', 'unknown') and updated_at < $1)",
                &[stored(retention.deliveries_before)],
            )
            .await?;
        let statements = self
            .remove(
                "delete from statements where run_id in (select id from runs where started_at < $1) \
                 and exists (select 1 from statements as later \
                 join runs as later_run on later_run.id = later.run_id \
                 join runs as own_run on own_run.id = statements.run_id \
                 where later.run_id > statements.run_id and later.company = statements.company \
                 and later.kind = statements.kind and later.direction = statements.direction \
                 and later.basis = statements.basis \
                 and later_run.finished_at is not null \
                 and later_run.period_from <= own_run.period_from \
                 and later_run.period_to >= own_run.period_to \
                 and substr(later_run.period_from, 1, 7) = substr(own_run.period_from, 1, 7))",
                &[stored(retention.statements_before)],
            )
            .await?;
        let request_days = self
            .remove(
                "delete from request_days where day_on < $1",
                &[retention.requests_before.to_string()],
            )
            .await?;
        Ok(Pruned { callbacks, delivery_parts, statements, request_days })
    }

    async fn remove(&mut self, statement: &'static str, values: &[String]) -> Result<u64, Error> {
        let failed = self.failed();
        let mut query = sqlx::query(statement);
        for value in values {
            query = query.bind(value);
        }
        let done = query.execute(&mut *self.inner).await.map_err(failed)?;
        Ok(done.rows_affected())
    }
}
