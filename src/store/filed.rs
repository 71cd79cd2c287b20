//! Documents by the day under which the provider's lists file them.
//!
//! Receipts are filed under the day in Rome on which they were taken in, invoices under their
//! day of issue. It is the day by which a window of the pull asks for them.

use chrono::{DateTime, Days, NaiveDate, Utc};
use sqlx::QueryBuilder;
use sqlx::sqlite::SqliteRow;

use crate::fiscal::{DocumentKind, date_in_rome};
use crate::store::rows::{day, get, optional_word, stored};
use crate::store::{Error, Store};

/// How far the day of issue may lie from the day of filing to be found by the index.
const APART_DAYS: u64 = 10;

/// Names a document and the day that lists file it under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiledDocument {
    /// The provider's identifier.
    pub source_id: String,
    /// The day.
    pub filed_on: NaiveDate,
}

impl Store {
    /// Returns the documents that are not final and were filed on these days or later.
    ///
    /// No companies means all of them.
    pub async fn open_documents(
        &self,
        kind: DocumentKind,
        companies: &[String],
        since: NaiveDate,
    ) -> Result<Vec<FiledDocument>, Error> {
        let mut select = select_of(kind, companies);
        // What two whole readings did not show is not asked for by itself every night.
        select.push(
            " and lifecycle = 'open' and not exists (select 1 from absences as a \
             where a.kind = documents.kind and a.source_id = documents.source_id \
             and a.missing_since is not null) order by source_id",
        );
        self.filed(select, kind, since, NaiveDate::MAX).await
    }

    /// Returns sales that a void stands for, but that do not say so themselves.
    ///
    /// The void was taken in since then, and the sale was read before it: it changed since.
    pub async fn outdated_parents(&self, since: DateTime<Utc>) -> Result<Vec<String>, Error> {
        let rows = sqlx::query(
            "select distinct sale.source_id from documents as void \
             join documents as sale on sale.kind = void.kind and sale.source_id = void.parent_id \
             where void.kind = 'receipt' and void.document_type = 'void' \
             and void.lifecycle = 'issued' and void.created_at >= $1 \
             and sale.lifecycle <> 'voided' and sale.raw_id < void.raw_id \
             order by sale.source_id",
        )
        .bind(stored(since))
        .fetch_all(self.reader())
        .await
        .map_err(|source| Error::during("list voided sales", source))?;
        rows.iter().map(|row| get(row, "source_id")).collect()
    }

    /// Returns all documents that were filed on these days.
    ///
    /// No companies means all of them. A document whose day of issue lies more than ten days
    /// from its filing is left out.
    pub async fn filed_documents(
        &self,
        kind: DocumentKind,
        companies: &[String],
        from: NaiveDate,
        to: NaiveDate,
    ) -> Result<Vec<FiledDocument>, Error> {
        let mut select = select_of(kind, companies);
        // The very expression of the index.
        select.push(" and coalesce(issue_date, substr(created_at, 1, 10)) between ");
        select.push_bind((from - Days::new(APART_DAYS)).to_string());
        select.push(" and ").push_bind((to + Days::new(APART_DAYS)).to_string());
        self.filed(select, kind, from, to).await
    }

    async fn filed(
        &self,
        mut select: QueryBuilder<sqlx::Sqlite>,
        kind: DocumentKind,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Result<Vec<FiledDocument>, Error> {
        let rows = select
            .build()
            .fetch_all(self.reader())
            .await
            .map_err(|source| Error::during("list documents by day", source))?;
        let mut filed = Vec::with_capacity(rows.len());
        for row in &rows {
            if let Some(filed_on) = filed_on(row, kind)?.filter(|day| (from..=to).contains(day)) {
                filed.push(FiledDocument { source_id: get(row, "source_id")?, filed_on });
            }
        }
        Ok(filed)
    }
}

fn select_of(kind: DocumentKind, companies: &[String]) -> QueryBuilder<sqlx::Sqlite> {
    let mut select =
        QueryBuilder::new("select source_id, created_at, issue_date from documents where kind = ");
    select.push_bind(kind.as_str());
    if !companies.is_empty() {
        select.push(" and company in (");
        let mut ids = select.separated(", ");
        for company in companies {
            ids.push_bind(company.clone());
        }
        select.push(")");
    }
    select
}

/// Returns the day that a list files a document under, if it has one.
pub(super) fn filed_on(row: &SqliteRow, kind: DocumentKind) -> Result<Option<NaiveDate>, Error> {
    let created_at: Option<DateTime<Utc>> = optional_word(row, "created_at", "an instant")?;
    let taken_in = created_at.map(date_in_rome);
    let issued = day(row, "issue_date")?;
    Ok(match kind {
        DocumentKind::Receipt => taken_in.or(issued),
        DocumentKind::Invoice => issued.or(taken_in),
    })
}
