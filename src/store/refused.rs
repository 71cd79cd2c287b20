//! Whole files that could not be read, until somebody deals with them.

use chrono::{DateTime, Utc};
use sqlx::sqlite::SqliteRow;

use crate::fiscal::DocumentKind;
use crate::store::rows::{get, stored};
use crate::store::{Error, Store, Tx};

/// Names a file that could not be read at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedFile {
    /// The company whose folder it lay in; empty when nothing says it.
    pub company: String,
    /// Name as uploaded.
    pub file_name: String,
    /// The error, causes in order.
    pub reason: String,
}

impl Tx {
    /// Remembers a file that could not be read, so that reports name it.
    ///
    /// `kind` is what the job compares whose inbox it lay in, `run_id` the run that met it.
    pub async fn refuse_file(
        &mut self,
        content_hash: [u8; 32],
        refused: &RefusedFile,
        (job, kind, run_id): (&str, DocumentKind, i64),
        at: DateTime<Utc>,
    ) -> Result<(), Error> {
        let failed = self.failed();
        sqlx::query(
            "insert into refused_files \
             (content_hash, company, file_name, job, kind, reason, refused_at, run_id) \
             values ($1, $2, $3, $4, $5, $6, $7, $8) \
             on conflict (content_hash, company, file_name, job) do update set \
             kind = excluded.kind, reason = excluded.reason, \
             refused_at = excluded.refused_at, resolved_at = null, run_id = excluded.run_id",
        )
        .bind(&content_hash[..])
        .bind(&refused.company)
        .bind(&refused.file_name)
        .bind(job)
        .bind(kind.as_str())
        .bind(&refused.reason)
        .bind(stored(at))
        .bind(run_id)
        .execute(&mut *self.inner)
        .await
        .map_err(failed)?;
        Ok(())
    }

    /// Closes the refusals that a readable file of the same name answers.
    ///
    /// `company` is the one whose folder it lay in; empty when nothing said it.
    pub async fn resolve_refused(
        &mut self,
        company: &str,
        file_name: &str,
        at: DateTime<Utc>,
    ) -> Result<u64, Error> {
        let failed = self.failed();
        let done = sqlx::query(
            "update refused_files set resolved_at = $3 \
             where file_name = $1 and company = $2 and resolved_at is null",
        )
        .bind(file_name)
        .bind(company)
        .bind(stored(at))
        .execute(&mut *self.inner)
        .await
        .map_err(failed)?;
        Ok(done.rows_affected())
    }
}

impl Store {
    /// Returns the files that could not be read and that nobody dealt with yet.
    pub async fn refused_files(&self, kind: DocumentKind) -> Result<Vec<RefusedFile>, Error> {
        let rows = sqlx::query(
            "select distinct company, file_name, reason from refused_files \
             where kind = $1 and resolved_at is null \
             order by company, file_name, reason",
        )
        .bind(kind.as_str())
        .fetch_all(self.reader())
        .await
        .map_err(|source| Error::during("list refused files", source))?;
        rows.iter().map(refused_from).collect()
    }

    /// Returns the files that a run met and could not read, when it was begun before too.
    pub async fn refused_by_run(&self, run_id: i64) -> Result<Vec<RefusedFile>, Error> {
        let rows = sqlx::query(
            "select company, file_name, reason from refused_files \
             where run_id = $1 and resolved_at is null order by company, file_name, reason",
        )
        .bind(run_id)
        .fetch_all(self.reader())
        .await
        .map_err(|source| Error::during("list a run's refused files", source))?;
        rows.iter().map(refused_from).collect()
    }
}

fn refused_from(row: &SqliteRow) -> Result<RefusedFile, Error> {
    Ok(RefusedFile {
        company: get(row, "company")?,
        file_name: get(row, "file_name")?,
        reason: get(row, "reason")?,
    })
}
