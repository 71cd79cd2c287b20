//! Due times: who does which, and which are done.
//!
//! The row (job, due time) is the lock. A claim is a lease with a fencing number: when its
//! holder dies the next process claims the row with a higher number, and whatever the dead
//! one still tries to record under the older number is refused.

use chrono::{DateTime, TimeDelta, Utc};
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

/// Why the first due time on record of a job passed: it only says since when the job is known.
pub const FIRST_SIGHT: &str = "before the job was first seen";

/// Bounds a lease that is asked for, and says which ones on record count as run out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaseTerms {
    /// The present.
    pub now: DateTime<Utc>,
    /// The end of the new lease.
    pub until: DateTime<Utc>,
    /// A lease beyond this was written by a clock that went wrong, and counts as run out.
    pub latest: DateTime<Utc>,
}

/// Holds a due time that no run did, or none to its end, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastDue {
    /// The due time.
    pub due: DueTime,
    /// What became of it.
    pub state: DueState,
    /// Why.
    pub reason: String,
    /// The run that tried, if one did.
    pub run_id: Option<i64>,
}

impl Store {
    /// Returns the last due time of a job up to an instant that was begun or passed.
    ///
    /// What lies after it was written by a clock that has gone back since.
    pub async fn last_due(
        &self,
        job: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, Error> {
        let row = sqlx::query(
            "select due_at from due_runs where job = $1 and due_at <= $2 \
             order by due_at desc limit 1",
        )
        .bind(job)
        .bind(stored(now))
        .fetch_optional(self.reader())
        .await
        .map_err(|source| Error::during("read the last due time", source))?;
        row.map(|row| instant(&row, "due_at")).transpose()
    }

    /// Returns how many due times of a job lie ahead, or did when they were last looked at.
    pub async fn due_ahead(&self, job: &str, now: DateTime<Utc>) -> Result<i64, Error> {
        sqlx::query_scalar(
            "select count(*) from due_runs \
             where job = $1 and (due_at > $2 or ahead_from is not null)",
        )
        .bind(job)
        .bind(stored(now))
        .fetch_one(self.reader())
        .await
        .map_err(|source| Error::during("count due times ahead", source))
    }

    /// Returns the due times that passed, failed or stayed incomplete, newest first.
    pub async fn past_due(&self, job: Option<&str>, limit: u32) -> Result<Vec<PastDue>, Error> {
        let rows = sqlx::query(
            "select job, due_at, state, reason, run_id from due_runs \
             where job = coalesce($1, job) and reason <> $3 and state <> 'begun' \
             order by due_at desc, job limit $2",
        )
        .bind(job)
        .bind(i64::from(limit))
        .bind(FIRST_SIGHT)
        .fetch_all(self.reader())
        .await
        .map_err(|source| Error::during("list past due times", source))?;
        rows.iter()
            .map(|row| {
                Ok(PastDue {
                    due: DueTime { job: get(row, "job")?, due_at: instant(row, "due_at")? },
                    state: word(row, "state", "a state")?,
                    reason: get(row, "reason")?,
                    run_id: get(row, "run_id")?,
                })
            })
            .collect()
    }

    /// Returns the due times that were begun and whose lease has run out, oldest first.
    pub async fn abandoned_due(&self, job: &str, terms: LeaseTerms) -> Result<Vec<DueTime>, Error> {
        let rows = sqlx::query(
            "select due_at from due_runs where job = $1 and state = 'begun' \
             and due_at <= $2 and (lease_until <= $2 or lease_until > $3) order by due_at",
        )
        .bind(job)
        .bind(stored(terms.now))
        .bind(stored(terms.latest))
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
        terms: LeaseTerms,
    ) -> Result<Option<Claim>, Error> {
        let failed = self.failed();
        let row = sqlx::query(
            "insert into due_runs (job, due_at, state, owner, fence, lease_until) \
             values ($1, $2, 'begun', $3, 1, $4) \
             on conflict (job, due_at) do update set \
             owner = excluded.owner, fence = due_runs.fence + 1, lease_until = excluded.lease_until \
             where due_runs.state = 'begun' \
             and (due_runs.lease_until <= $5 or due_runs.lease_until > $6) \
             returning fence, run_id",
        )
        .bind(&due.job)
        .bind(stored(due.due_at))
        .bind(owner)
        .bind(stored(terms.until))
        .bind(stored(terms.now))
        .bind(stored(terms.latest))
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

    /// Gives up the due times whose lease ran out and that were begun so often, and counts them.
    ///
    /// What kills its process each time would be begun for ever.
    pub async fn give_up_due(
        &mut self,
        job: &str,
        (begun_max, reason): (i64, &str),
        terms: LeaseTerms,
    ) -> Result<u64, Error> {
        let failed = self.failed();
        let changed = sqlx::query(
            "update due_runs set state = 'failed', reason = $3 \
             where job = $1 and state = 'begun' and fence >= $2 \
             and (lease_until <= $4 or lease_until > $5)",
        )
        .bind(job)
        .bind(begun_max)
        .bind(reason)
        .bind(stored(terms.now))
        .bind(stored(terms.latest))
        .execute(&mut *self.inner)
        .await
        .map_err(failed)?;
        Ok(changed.rows_affected())
    }

    /// Forgets the due times that a clock which ran ahead began too early; counts them.
    ///
    /// Such a one was seen to lie ahead, by more than `far` at first, and its time came while
    /// somebody looked, at the latest `near` before. Where the clock jumped over its time, the
    /// clock had been behind: then it was begun rightly.
    pub async fn forget_due_begun_early(
        &mut self,
        job: &str,
        now: DateTime<Utc>,
        (far, near): (TimeDelta, TimeDelta),
    ) -> Result<usize, Error> {
        let failed = self.failed();
        let rows = sqlx::query(
            "update due_runs set ahead_until = case when due_at > $2 then $2 else ahead_until end, \
             ahead_from = coalesce(ahead_from, $2) \
             where job = $1 and (due_at > $3 or ahead_from is not null) \
             returning due_at, ahead_until",
        )
        .bind(job)
        .bind(stored(now))
        .bind(stored(now + far))
        .fetch_all(&mut *self.inner)
        .await
        .map_err(failed)?;
        let mut forgotten = 0;
        for row in &rows {
            let due_at = instant(row, "due_at")?;
            if due_at > now {
                continue;
            }
            let came_slowly = due_at - instant(row, "ahead_until")? <= near;
            let statement = if came_slowly {
                "delete from due_runs where job = $1 and due_at = $2"
            } else {
                "update due_runs set ahead_from = null, ahead_until = null \
                 where job = $1 and due_at = $2"
            };
            let failed = self.failed();
            sqlx::query(statement)
                .bind(job)
                .bind(stored(due_at))
                .execute(&mut *self.inner)
                .await
                .map_err(failed)?;
            forgotten += usize::from(came_slowly);
        }
        Ok(forgotten)
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
