//! Absences: documents that the provider showed once and shows no more.

use chrono::{DateTime, Utc};
use sqlx::QueryBuilder;

use crate::fiscal::{DocumentKind, TaxId};
use crate::store::filed::{FiledDocument, filed_on};
use crate::store::rows::{get, instant, padded_batches, stored};
use crate::store::{Error, Store, Tx};

/// Names a document that two whole readings of its window did not show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingDocument {
    /// Receipt or invoice.
    pub kind: DocumentKind,
    /// The provider's identifier.
    pub source_id: String,
    /// The first of these readings.
    pub since: DateTime<Utc>,
}

impl Tx {
    /// Notes documents that a whole reading did not show.
    ///
    /// The second reading that misses one makes it missing, since the first.
    pub async fn note_absent(
        &mut self,
        kind: DocumentKind,
        source_ids: &[&str],
        at: DateTime<Utc>,
    ) -> Result<(), Error> {
        for source_id in source_ids {
            let failed = self.failed();
            sqlx::query(
                "insert into absences (kind, source_id, missed_at) values ($1, $2, $3) \
                 on conflict (kind, source_id) do update set missing_since = missed_at \
                 where missed_at <> excluded.missed_at",
            )
            .bind(kind.as_str())
            .bind(source_id)
            .bind(stored(at))
            .execute(&mut *self.inner)
            .await
            .map_err(failed)?;
        }
        Ok(())
    }

    /// Forgets the absence of documents that were shown again.
    pub async fn note_present(
        &mut self,
        kind: DocumentKind,
        source_ids: &[&str],
    ) -> Result<(), Error> {
        for batch in padded_batches(source_ids) {
            let mut delete = QueryBuilder::new("delete from absences where kind = ");
            delete.push_bind(kind.as_str()).push(" and source_id in (");
            let mut listed = delete.separated(", ");
            for id in batch {
                listed.push_bind(id);
            }
            delete.push(")");
            let failed = self.failed();
            delete.build().execute(&mut *self.inner).await.map_err(failed)?;
        }
        Ok(())
    }
}

impl Store {
    /// Returns the documents that were missed once: a second whole reading will tell.
    pub async fn absent_documents(&self, kind: DocumentKind) -> Result<Vec<FiledDocument>, Error> {
        let rows = sqlx::query(
            "select d.source_id, d.created_at, d.issue_date from absences as a \
             join documents as d on d.kind = a.kind and d.source_id = a.source_id \
             where a.kind = $1 and a.missing_since is null order by d.source_id",
        )
        .bind(kind.as_str())
        .fetch_all(self.reader())
        .await
        .map_err(|source| Error::during("list absences", source))?;
        let mut absent = Vec::with_capacity(rows.len());
        for row in &rows {
            if let Some(filed_on) = filed_on(row, kind)? {
                absent.push(FiledDocument { source_id: get(row, "source_id")?, filed_on });
            }
        }
        Ok(absent)
    }

    /// Returns the documents of a company that are missing, in order of their ids.
    pub async fn missing_documents(
        &self,
        kind: DocumentKind,
        company: Option<&TaxId>,
    ) -> Result<Vec<MissingDocument>, Error> {
        let rows = sqlx::query(
            "select d.source_id, a.missing_since from absences as a \
             join documents as d on d.kind = a.kind and d.source_id = a.source_id \
             where a.kind = $1 and a.missing_since is not null \
             and ($2 is null or d.company = $2) order by d.source_id",
        )
        .bind(kind.as_str())
        .bind(company.map(TaxId::as_str))
        .fetch_all(self.reader())
        .await
        .map_err(|source| Error::during("list missing documents", source))?;
        rows.iter()
            .map(|row| {
                let (source_id, since) = (get(row, "source_id")?, instant(row, "missing_since")?);
                Ok(MissingDocument { kind, source_id, since })
            })
            .collect()
    }
}
