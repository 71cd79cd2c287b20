//! Counts for the metrics: of the whole store, cheap enough for every run.

use chrono::{DateTime, Utc};
use sqlx::Row as _;

use crate::store::rows::{get, instant, optional_word};
use crate::store::{Error, Store};

/// Holds how a job's runs went last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobFigures {
    /// The job.
    pub job: String,
    /// When a run of it last ended.
    pub ended_at: DateTime<Utc>,
    /// What that run found.
    pub verdict: Option<crate::reconcile::statement::Verdict>,
    /// When a run last ended whose every step was done wholly.
    pub succeeded_at: Option<DateTime<Utc>>,
}

/// Holds a count and what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// The word that it is counted by: a kind, a state.
    pub word: String,
    /// How many.
    pub number: i64,
    /// Their cents, where they have any.
    pub cents: i64,
}

impl Store {
    /// Returns how each job's runs went last; comparisons by hand have no steps and no line.
    pub async fn job_figures(&self) -> Result<Vec<JobFigures>, Error> {
        let rows = sqlx::query(
            "select r.job, max(r.finished_at) as ended_at, \
             (select last.verdict from runs as last where last.job = r.job \
              and last.finished_at is not null order by last.id desc limit 1) as verdict, \
             (select max(good.finished_at) from runs as good where good.job = r.job \
              and good.finished_at is not null \
              and not exists (select 1 from run_steps as s where s.run_id = good.id \
                              and s.outcome <> 'done')) as succeeded_at \
             from runs as r where r.finished_at is not null \
             and exists (select 1 from run_steps as s where s.run_id = r.id) \
             group by r.job order by r.job",
        )
        .fetch_all(self.reader())
        .await
        .map_err(|source| Error::during("count runs", source))?;
        rows.iter()
            .map(|row| {
                Ok(JobFigures {
                    job: get(row, "job")?,
                    ended_at: instant(row, "ended_at")?,
                    verdict: optional_word(row, "verdict", "a verdict")?,
                    succeeded_at: optional_word(row, "succeeded_at", "an instant")?,
                })
            })
            .collect()
    }

    /// Counts the documents by kind.
    pub async fn document_counts(&self) -> Result<Vec<Count>, Error> {
        self.counts(
            "select kind as word, count(*) as number, 0 as cents from documents group by kind",
        )
        .await
    }

    /// Counts the open findings by kind, with the cents at risk.
    pub async fn open_finding_counts(&self) -> Result<Vec<Count>, Error> {
        self.counts(
            "select kind as word, count(*) as number, \
             sum(case when currency = 'EUR' then at_risk_cents else 0 end) as cents \
             from findings where state = 'open' group by kind",
        )
        .await
    }

    /// Counts the deliveries that have not arrived, by state.
    pub async fn undelivered_counts(&self) -> Result<Vec<Count>, Error> {
        self.counts(
            "select state as word, count(*) as number, 0 as cents from deliveries \
             where state <> 'sent' group by state",
        )
        .await
    }

    /// Returns when the oldest delivery was queued that still waits.
    pub async fn oldest_waiting(&self) -> Result<Option<DateTime<Utc>>, Error> {
        let text: Option<String> = sqlx::query_scalar(
            "select min(created_at) from deliveries where state in ('queued', 'sending')",
        )
        .fetch_one(self.reader())
        .await
        .map_err(|source| Error::during("read the outbox", source))?;
        let parse = |value: String| {
            value.parse().map_err(|_| Error::Damaged { value, expected: "an instant" })
        };
        text.map(parse).transpose()
    }

    async fn counts(&self, query: &'static str) -> Result<Vec<Count>, Error> {
        let rows = sqlx::query(query)
            .fetch_all(self.reader())
            .await
            .map_err(|source| Error::during("count for the metrics", source))?;
        let count = |row: &sqlx::sqlite::SqliteRow| Count {
            word: row.get("word"),
            number: row.get("number"),
            cents: row.get("cents"),
        };
        Ok(rows.iter().map(count).collect())
    }
}
