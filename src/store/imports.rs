//! What was handed over to the provider as a file, by its content and by its document.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::sqlite::SqliteRow;

use crate::fiscal::{Direction, TaxId};
use crate::store::rows::{get, stored, word};
use crate::store::{Error, Store, Tx};

/// Holds one file that was handed over, or that was there already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRecord {
    /// SHA-256 of the XML inside every wrapper.
    pub content_hash: String,
    /// The company that it belongs to.
    pub company: TaxId,
    /// Sent by the company, or received.
    pub direction: Direction,
    /// `TD01` and so on.
    pub document_type: String,
    /// The number as written.
    pub number: String,
    /// The day of issue.
    pub issue_date: NaiveDate,
    /// File and member.
    pub place: String,
    /// The intent that hands it over; `None` when it was there already.
    pub intent_key: Option<String>,
    /// The provider's document, when it was there already.
    pub provider_id: Option<String>,
}

impl Tx {
    /// Remembers a file, in place of what was known of its content.
    pub async fn record_import(
        &mut self,
        record: &ImportRecord,
        at: DateTime<Utc>,
    ) -> Result<(), Error> {
        let failed = self.failed();
        sqlx::query(
            "insert into imports (content_hash, company, direction, document_type, number, \
             issue_date, place, intent_key, provider_id, recorded_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
             on conflict (content_hash) do update set company = excluded.company, \
             direction = excluded.direction, document_type = excluded.document_type, \
             number = excluded.number, issue_date = excluded.issue_date, \
             place = excluded.place, intent_key = excluded.intent_key, \
             provider_id = excluded.provider_id, recorded_at = excluded.recorded_at",
        )
        .bind(&record.content_hash)
        .bind(record.company.as_str())
        .bind(record.direction.as_str())
        .bind(&record.document_type)
        .bind(&record.number)
        .bind(record.issue_date.to_string())
        .bind(&record.place)
        .bind(&record.intent_key)
        .bind(&record.provider_id)
        .bind(stored(at))
        .execute(&mut *self.inner)
        .await
        .map_err(failed)?;
        Ok(())
    }
}

impl Store {
    /// Returns what is known of a file's content, or else of the same document in other bytes.
    pub async fn known_import(&self, like: &ImportRecord) -> Result<Option<ImportRecord>, Error> {
        let row = sqlx::query(
            "select * from imports where content_hash = $1 \
             or (company = $2 and number = $3 and issue_date = $4 \
                 and direction = $5 and document_type = $6) \
             order by content_hash = $1 desc, recorded_at limit 1",
        )
        .bind(&like.content_hash)
        .bind(like.company.as_str())
        .bind(&like.number)
        .bind(like.issue_date.to_string())
        .bind(like.direction.as_str())
        .bind(&like.document_type)
        .fetch_optional(self.reader())
        .await
        .map_err(|source| Error::during("find an import", source))?;
        row.as_ref().map(read).transpose()
    }
}

fn read(row: &SqliteRow) -> Result<ImportRecord, Error> {
    let company: String = get(row, "company")?;
    Ok(ImportRecord {
        content_hash: get(row, "content_hash")?,
        company: TaxId::parse(&company)
            .ok_or(Error::Damaged { value: company, expected: "a tax id" })?,
        direction: word(row, "direction", "a direction")?,
        document_type: get(row, "document_type")?,
        number: get(row, "number")?,
        issue_date: word(row, "issue_date", "a day")?,
        place: get(row, "place")?,
        intent_key: get(row, "intent_key")?,
        provider_id: get(row, "provider_id")?,
    })
}
