//! Runs, their steps, and the statements that they proved.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use crate::fiscal::{Period, words};
use crate::reconcile::statement::{Statement, Verdict};
use crate::store::rows::{get, instant, optional_word, stored, to_json, word};
use crate::store::{Error, Store, Tx};

/// Holds one run as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The run's number.
    pub id: i64,
    /// Job name, or `reconcile` when run by hand.
    pub job: String,
    /// The days looked at.
    pub period: Period,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended; `None` while running or after a crash.
    pub finished_at: Option<DateTime<Utc>>,
    /// What it found.
    pub verdict: Option<Verdict>,
}

words! {
    /// Tells how a step of a run ended.
    StepOutcome {
        /// All of it was done.
        Done = "done",
        /// Part was done and kept.
        Partial = "partial",
        /// Nothing of it was done.
        Failed = "failed",
    }
}

/// Holds one step of a run that ended.
#[derive(Debug, Clone)]
pub struct NewStep<'a> {
    /// Order within the run, from 1.
    pub position: i64,
    /// `inbox`, `pull`, `reconcile`, `report`, `deliver`.
    pub name: &'a str,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: DateTime<Utc>,
    /// How it ended.
    pub outcome: StepOutcome,
    /// Counts of the step, JSON.
    pub tally: String,
    /// Hash of what went into it: the same again need not be done again.
    pub input_hash: &'a str,
}

impl Tx {
    /// Opens a run and returns its number.
    pub async fn begin_run(
        &mut self,
        job: &str,
        period: Period,
        started_at: DateTime<Utc>,
    ) -> Result<i64, Error> {
        let failed = self.failed();
        sqlx::query_scalar(
            "insert into runs (job, period_from, period_to, started_at) \
             values ($1, $2, $3, $4) returning id",
        )
        .bind(job)
        .bind(period.from.to_string())
        .bind(period.to.to_string())
        .bind(stored(started_at))
        .fetch_one(&mut *self.inner)
        .await
        .map_err(failed)
    }

    /// Returns when a run began: one that goes on after a crash began when it first did.
    pub async fn run_started_at(&mut self, run_id: i64) -> Result<DateTime<Utc>, Error> {
        let failed = self.failed();
        let row = sqlx::query("select started_at from runs where id = $1")
            .bind(run_id)
            .fetch_one(&mut *self.inner)
            .await
            .map_err(failed)?;
        instant(&row, "started_at")
    }

    /// Records a step of a run; done again, it takes the place of its earlier record.
    pub async fn record_step(&mut self, run_id: i64, step: &NewStep<'_>) -> Result<(), Error> {
        let failed = self.failed();
        sqlx::query(
            "insert into run_steps \
             (run_id, position, name, started_at, finished_at, outcome, tally, input_hash) \
             values ($1, $2, $3, $4, $5, $6, $7, $8) \
             on conflict (run_id, position) do update set name = excluded.name, \
             started_at = excluded.started_at, finished_at = excluded.finished_at, \
             outcome = excluded.outcome, tally = excluded.tally, \
             input_hash = excluded.input_hash",
        )
        .bind(run_id)
        .bind(step.position)
        .bind(step.name)
        .bind(stored(step.started_at))
        .bind(stored(step.finished_at))
        .bind(step.outcome.as_str())
        .bind(&step.tally)
        .bind(step.input_hash)
        .execute(&mut *self.inner)
        .await
        .map_err(failed)?;
        Ok(())
    }

    /// Stores the statements of a run in the order of its report.
    pub async fn save_statements(
        &mut self,
        run_id: i64,
        statements: &[&Statement],
    ) -> Result<(), Error> {
        let failed = self.failed();
        // A run that goes on after a crash proves its statements anew.
        sqlx::query("delete from statements where run_id = $1")
            .bind(run_id)
            .execute(&mut *self.inner)
            .await
            .map_err(failed)?;
        for (position, statement) in (0_i64..).zip(statements) {
            let failed = self.failed();
            sqlx::query(
                "insert into statements \
                 (run_id, position, company, kind, direction, basis, verdict, body) \
                 values ($1, $2, $3, $4, $5, $6, $7, $8)",
            )
            .bind(run_id)
            .bind(position)
            .bind(statement.company.as_str())
            .bind(statement.document_kind.as_str())
            .bind(statement.direction.as_str())
            .bind(statement.basis.as_str())
            .bind(statement.verdict.as_str())
            .bind(to_json(statement))
            .execute(&mut *self.inner)
            .await
            .map_err(failed)?;
        }
        Ok(())
    }

    /// Closes a run with its verdict.
    pub async fn finish_run(
        &mut self,
        run_id: i64,
        verdict: Option<Verdict>,
        finished_at: DateTime<Utc>,
    ) -> Result<(), Error> {
        let failed = self.failed();
        sqlx::query("update runs set finished_at = $2, verdict = $3 where id = $1")
            .bind(run_id)
            .bind(stored(finished_at))
            .bind(verdict.map(Verdict::as_str))
            .execute(&mut *self.inner)
            .await
            .map_err(failed)?;
        Ok(())
    }
}

/// Holds a run with its steps in order.
#[derive(Debug, Clone)]
pub struct PastRun {
    /// The run.
    pub run: Run,
    /// Its steps that ended, in order.
    pub steps: Vec<PastStep>,
}

/// Holds one step of a run as stored.
#[derive(Debug, Clone)]
pub struct PastStep {
    /// `inbox`, `pull`, `reconcile`, `report`, `deliver`.
    pub name: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: DateTime<Utc>,
    /// How it ended.
    pub outcome: StepOutcome,
    /// Counts of the step, and the reason when it failed.
    pub tally: serde_json::Value,
}

impl Store {
    /// Returns the latest runs of a job, or of all, newest first, with their steps.
    pub async fn past_runs(&self, job: Option<&str>, limit: u32) -> Result<Vec<PastRun>, Error> {
        let failed = |source| Error::during("list past runs", source);
        let rows = sqlx::query(
            "select * from runs where job = coalesce($1, job) order by id desc limit $2",
        )
        .bind(job)
        .bind(i64::from(limit))
        .fetch_all(self.reader())
        .await
        .map_err(failed)?;
        let mut past = Vec::with_capacity(rows.len());
        for row in &rows {
            let run = run_from(row)?;
            let steps = sqlx::query("select * from run_steps where run_id = $1 order by position")
                .bind(run.id)
                .fetch_all(self.reader())
                .await
                .map_err(failed)?;
            let steps = steps.iter().map(step_from).collect::<Result<_, Error>>()?;
            past.push(PastRun { run, steps });
        }
        Ok(past)
    }

    /// Returns the input hashes of a run's steps that were done wholly.
    pub async fn done_inputs(&self, run_id: i64) -> Result<BTreeSet<String>, Error> {
        let hashes: Vec<String> = sqlx::query_scalar(
            "select input_hash from run_steps where run_id = $1 and outcome = 'done'",
        )
        .bind(run_id)
        .fetch_all(self.reader())
        .await
        .map_err(|source| Error::during("read a run's steps", source))?;
        Ok(hashes.into_iter().collect())
    }

    /// Returns the latest runs, newest first.
    pub async fn runs(&self, limit: u32) -> Result<Vec<Run>, Error> {
        let rows = sqlx::query("select * from runs order by id desc limit $1")
            .bind(i64::from(limit))
            .fetch_all(self.reader())
            .await
            .map_err(|source| Error::during("list runs", source))?;
        rows.iter().map(run_from).collect()
    }
}

fn run_from(row: &SqliteRow) -> Result<Run, Error> {
    Ok(Run {
        id: row.get("id"),
        job: get(row, "job")?,
        period: Period {
            from: word(row, "period_from", "a day")?,
            to: word(row, "period_to", "a day")?,
        },
        started_at: instant(row, "started_at")?,
        finished_at: optional_word(row, "finished_at", "an instant")?,
        verdict: optional_word(row, "verdict", "a verdict")?,
    })
}

fn step_from(row: &SqliteRow) -> Result<PastStep, Error> {
    let tally: String = get(row, "tally")?;
    Ok(PastStep {
        name: get(row, "name")?,
        started_at: instant(row, "started_at")?,
        finished_at: instant(row, "finished_at")?,
        outcome: word(row, "outcome", "an outcome")?,
        tally: serde_json::from_str(&tally).unwrap_or(serde_json::Value::String(tally)),
    })
}
