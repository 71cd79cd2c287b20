//! Callbacks of the provider: kept as they came, read again with our own token.

use chrono::{DateTime, Utc};
use sqlx::QueryBuilder;

use crate::store::rows::{get, padded_batches, stored};
use crate::store::{Error, Store, Tx};

/// Holds one callback as it arrived.
#[derive(Debug, Clone, Copy)]
pub struct NewCallback<'a> {
    /// The event's name in hyphens; empty when nothing says it.
    pub event: &'a str,
    /// `receipts`, `invoices` or `configurations`; empty when unknown.
    pub resource: &'a str,
    /// The document's identifier; empty when none was found.
    pub source_id: &'a str,
    /// The content type as the sender wrote it.
    pub content_type: &'a str,
    /// The body exactly as received.
    pub body: &'a [u8],
    /// Why nothing is to be read for it; none where its document waits to be read.
    pub ignored_because: Option<&'a str>,
}

impl Tx {
    /// Stores a callback; it waits to be read unless it is ignored.
    pub async fn store_callback(
        &mut self,
        callback: &NewCallback<'_>,
        received_at: DateTime<Utc>,
    ) -> Result<(), Error> {
        let failed = self.failed();
        let ignored = callback.ignored_because;
        sqlx::query(
            "insert into callbacks (received_at, event, resource, source_id, content_type, body, \
             state, settled_at, note) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(stored(received_at))
        .bind(callback.event)
        .bind(callback.resource)
        .bind(callback.source_id)
        .bind(callback.content_type)
        .bind(callback.body)
        .bind(if ignored.is_some() { "ignored" } else { "waiting" })
        .bind(ignored.map(|_| stored(received_at)))
        .bind(ignored)
        .execute(&mut *self.inner)
        .await
        .map_err(failed)?;
        Ok(())
    }

    /// Settles the callbacks of documents that were read after the callbacks had arrived.
    pub async fn callbacks_read(
        &mut self,
        resource: &str,
        source_ids: &[&str],
        asked_at: DateTime<Utc>,
        at: DateTime<Utc>,
    ) -> Result<(), Error> {
        for batch in padded_batches(source_ids) {
            let mut update =
                QueryBuilder::new("update callbacks set state = 'read', settled_at = ");
            update.push_bind(stored(at));
            update.push(" where state = 'waiting' and received_at <= ");
            update.push_bind(stored(asked_at)).push(" and resource = ").push_bind(resource);
            update.push(" and source_id in (");
            let mut listed = update.separated(", ");
            for id in batch {
                listed.push_bind(id);
            }
            update.push(")");
            let failed = self.failed();
            update.build().execute(&mut *self.inner).await.map_err(failed)?;
        }
        Ok(())
    }

    /// Settles all callbacks about a resource that had arrived when it was read whole.
    pub async fn all_callbacks_read(
        &mut self,
        resource: &str,
        asked_at: DateTime<Utc>,
        at: DateTime<Utc>,
    ) -> Result<(), Error> {
        let failed = self.failed();
        sqlx::query(
            "update callbacks set state = 'read', settled_at = $3 \
             where state = 'waiting' and resource = $1 and received_at <= $2",
        )
        .bind(resource)
        .bind(stored(asked_at))
        .bind(stored(at))
        .execute(&mut *self.inner)
        .await
        .map_err(failed)?;
        Ok(())
    }

    /// Settles the callbacks of a document that the provider does not give us.
    pub async fn callbacks_refused(
        &mut self,
        resource: &str,
        source_id: &str,
        note: &str,
        at: DateTime<Utc>,
    ) -> Result<(), Error> {
        let failed = self.failed();
        sqlx::query(
            "update callbacks set state = 'refused', settled_at = $3, note = $4 \
             where state = 'waiting' and resource = $1 and source_id = $2",
        )
        .bind(resource)
        .bind(source_id)
        .bind(stored(at))
        .bind(note)
        .execute(&mut *self.inner)
        .await
        .map_err(failed)?;
        Ok(())
    }
}

impl Store {
    /// Returns the documents that callbacks wait for, oldest first, each once.
    pub async fn waiting_callbacks(&self, resource: &str) -> Result<Vec<String>, Error> {
        let rows = sqlx::query(
            "select source_id from callbacks where state = 'waiting' and resource = $1 \
             group by source_id order by min(id)",
        )
        .bind(resource)
        .fetch_all(self.reader())
        .await
        .map_err(|source| Error::during("list callbacks", source))?;
        rows.iter().map(|row| get(row, "source_id")).collect()
    }
}
