//! Due times: who does which, and which are done.
//!
//! The row (job, due time) is the lock. A claim is a lease with a fencing number: when its
//! holder dies the next process claims the row with a higher number, and whatever the dead
//! one still tries to record under the older number is refused.

use chrono::{DateTime, Utc};
use sqlx::Row as _;

use crate::fiscal::words;
use crate::store::rows::{get, instant, stored, word};
use crate::store::{Error, Store, Tx};

words! {
    /// Tells what became of a due time.
    DueState {
        /// Somebody does it, or did until the lease ran out.
        Begun = "begun",
        /// It was done.
        Done = "done",
        /// It cannot be done as it is: a wrong setting, a full disk.
        Failed = "failed",
        /// It passed without a run, as the catch-up rule says.
        Passed = "passed",
    }
}

/// Names one due time of one job.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DueTime {
    /// The job.
    pub job: String,
    /// When it was due.
    pub due_at: DateTime<Utc>,
}

/// Holds the right to do one due time, until its lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// What is done.
    pub due: DueTime,
    /// The number under which its holder may record.
    pub fence: i64,
    /// The run that an earlier holder began; none at the first claim.
    pub run_id: Option<i64>,
}

impl Store {
    /// Returns the last due time of a job that was begun or passed.
    pub async fn last_due(&self, job: &str) -> Result<Option<DateTime<Utc>>, Error> {
        let row =
            sqlx::query("select due_at from due_runs where job = $1 order by due_at desc limit 1")
                .bind(job)
                .fetch_optional(self.reader())
                .await
                .map_err(|source| Error::during("read the last due time", source))?;
        row.map(|row| instant(&row, "due_at")).transpose()
    }

    /// Returns the due times that were begun and whose lease has run out, oldest first.
    pub async fn abandoned_due(
        &self,
        job: &str,
        now: DateTime<Utc>,
    ) -> Result<Vec<DueTime>, Error> {
        let rows = sqlx::query(
            "select due_at from due_runs where job = $1 and state = 'begun' and lease_until <= $2 \
             order by due_at",
        )
        .bind(job)
        .bind(stored(now))
        .fetch_all(self.reader())
        .await
        .map_err(|source| Error::during("list abandoned runs", source))?;
        rows.iter()
            .map(|row| Ok(DueTime { job: job.to_owned(), due_at: instant(row, "due_at")? }))
            .collect()
    }

    /// Returns what became of a due time, and why.
    pub async fn due_state(
        &self,
        due: &DueTime,
    ) -> Result<Option<(DueState, Option<String>)>, Error> {
        let row = sqlx::query("select state, reason from due_runs where job = $1 and due_at = $2")
            .bind(&due.job)
            .bind(stored(due.due_at))
            .fetch_optional(self.reader())
            .await
            .map_err(|source| Error::during("read a due time", source))?;
        row.map(|row| Ok((word(&row, "state", "a state")?, get(&row, "reason")?))).transpose()
    }
}

impl Tx {
    /// Takes a due time for a process, unless another holds it or it is over.
    ///
    /// A row whose lease has run out is taken over, with a higher fencing number.
    pub async fn claim_due(
        &mut self,
        due: &DueTime,
        owner: &str,
        [now, lease_until]: [DateTime<Utc>; 2],
    ) -> Result<Option<Claim>, Error> {
        let failed = self.failed();
        let row = sqlx::query(
            "insert into due_runs (job, due_at, state, owner, fence, lease_until) \
             values ($1, $2, 'begun', $3, 1, $4) \
             on conflict (job, due_at) do update set \
             owner = excluded.owner, fence = due_runs.fence + 1, lease_until = excluded.lease_until \
             where due_runs.state = 'begun' and due_runs.lease_until <= $5 \
             returning fence, run_id",
        )
        .bind(&due.job)
        .bind(stored(due.due_at))
        .bind(owner)
        .bind(stored(lease_until))
        .bind(stored(now))
        .fetch_optional(&mut *self.inner)
        .await
        .map_err(failed)?;
        Ok(row.map(|row| Claim {
            due: due.clone(),
            fence: row.get("fence"),
            run_id: row.get("run_id"),
        }))
    }

    /// Moves the end of a lease, and says whether the claim still holds.
    pub async fn extend_lease(
        &mut self,
        claim: &Claim,
        lease_until: DateTime<Utc>,
    ) -> Result<bool, Error> {
        let failed = self.failed();
        let changed = sqlx::query(
            "update due_runs set lease_until = $4 \
             where job = $1 and due_at = $2 and fence = $3 and state = 'begun'",
        )
        .bind(&claim.due.job)
        .bind(stored(claim.due.due_at))
        .bind(claim.fence)
        .bind(stored(lease_until))
        .execute(&mut *self.inner)
        .await
        .map_err(failed)?;
        Ok(changed.rows_affected() == 1)
    }

    /// Writes down which run does a due time, and says whether the claim still holds.
    pub async fn attach_run(&mut self, claim: &Claim, run_id: i64) -> Result<bool, Error> {
        let failed = self.failed();
        let changed = sqlx::query(
            "update due_runs set run_id = $4 \
             where job = $1 and due_at = $2 and fence = $3 and state = 'begun'",
        )
        .bind(&claim.due.job)
        .bind(stored(claim.due.due_at))
        .bind(claim.fence)
        .bind(run_id)
        .execute(&mut *self.inner)
        .await
        .map_err(failed)?;
        Ok(changed.rows_affected() == 1)
    }

    /// Ends a due time for good, unless the claim is lost.
    pub async fn end_due(
        &mut self,
        claim: &Claim,
        state: DueState,
        reason: Option<&str>,
    ) -> Result<bool, Error> {
        let failed = self.failed();
        let changed = sqlx::query(
            "update due_runs set state = $4, reason = $5 \
             where job = $1 and due_at = $2 and fence = $3 and state = 'begun'",
        )
        .bind(&claim.due.job)
        .bind(stored(claim.due.due_at))
        .bind(claim.fence)
        .bind(state.as_str())
        .bind(reason)
        .execute(&mut *self.inner)
        .await
        .map_err(failed)?;
        Ok(changed.rows_affected() == 1)
    }

    /// Lets a due time pass without a run; one that is on record stays as it is.
    pub async fn pass_due(&mut self, due: &DueTime, reason: &str) -> Result<(), Error> {
        let failed = self.failed();
        sqlx::query(
            "insert into due_runs (job, due_at, state, owner, fence, lease_until, reason) \
             values ($1, $2, 'passed', '', 0, $2, $3) on conflict do nothing",
        )
        .bind(&due.job)
        .bind(stored(due.due_at))
        .bind(reason)
        .execute(&mut *self.inner)
        .await
        .map_err(failed)?;
        Ok(())
    }
}
