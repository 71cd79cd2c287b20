//! Raw documents: insert-only, a new revision for every changed body.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};
use sqlx::{QueryBuilder, Row as _};

use crate::store::rows::{get, stored};
use crate::store::{Error, Store, Tx};

/// Holds one body as the provider sent it.
#[derive(Debug, Clone, Copy)]
pub struct NewRaw<'a> {
    /// The provider's identifier.
    pub source_id: &'a str,
    /// The JSON object exactly as received.
    pub body: &'a str,
}

/// Counts what a page brought, and names the bodies that are to be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RawTally {
    /// Bodies of identifiers never seen before.
    pub new: u64,
    /// Bodies that differ from the last revision.
    pub changed: u64,
    /// Bodies that are what is stored already.
    pub known: u64,
    /// Position in the page and raw id of each new or changed body.
    pub stored: Vec<(usize, i64)>,
}

/// Names a body that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// `receipts`, `invoices` or `configurations`.
    pub resource: String,
    /// The provider's identifier; empty when the body has none.
    pub source_id: String,
    /// The body's beginning.
    pub body_head: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Tx {
    /// Stores the bodies of one page that are new or changed.
    ///
    /// An identifier that stands twice in the page is compared with its first body.
    pub async fn insert_raw(
        &mut self,
        resource: &str,
        page: &[NewRaw<'_>],
        received_at: DateTime<Utc>,
    ) -> Result<RawTally, Error> {
        let mut latest = self.latest_revisions(resource, page).await?;
        let mut tally = RawTally::default();
        let mut fresh: Vec<(usize, i64, [u8; 32])> = Vec::new();
        for (index, raw) in page.iter().enumerate() {
            let hash: [u8; 32] = Sha256::digest(raw.body.as_bytes()).into();
            let revision = match latest.get(raw.source_id) {
                Some((_, known)) if *known == hash => {
                    tally.known += 1;
                    continue;
                }
                Some((revision, _)) => {
                    tally.changed += 1;
                    revision + 1
                }
                None => {
                    tally.new += 1;
                    1
                }
            };
            latest.insert(raw.source_id, (revision, hash));
            fresh.push((index, revision, hash));
        }
        if fresh.is_empty() {
            return Ok(tally);
        }
        let received_at = stored(received_at);
        let mut insert = QueryBuilder::new(
            "insert into raw_documents \
             (resource, source_id, revision, content_hash, body, received_at) ",
        );
        insert.push_values(&fresh, |mut row, (index, revision, hash)| {
            row.push_bind(resource)
                .push_bind(page[*index].source_id)
                .push_bind(revision)
                .push_bind(&hash[..])
                .push_bind(page[*index].body)
                .push_bind(&received_at);
        });
        insert.push(" returning id, source_id, revision");
        let failed = self.failed();
        let returned = insert.build().fetch_all(&mut *self.inner).await.map_err(failed)?;
        // `returning` promises no order, so rows are found again by their key.
        let mut ids: HashMap<(String, i64), i64> = HashMap::with_capacity(returned.len());
        for row in &returned {
            ids.insert((get(row, "source_id")?, get(row, "revision")?), row.get("id"));
        }
        tally.stored = fresh
            .iter()
            .map(|(index, revision, _)| {
                let key = (page[*index].source_id.to_owned(), *revision);
                (*index, ids[&key])
            })
            .collect();
        Ok(tally)
    }

    /// Remembers bodies that could not be read, and why.
    pub async fn put_aside(
        &mut self,
        unreadable: &[Unreadable],
        seen_at: DateTime<Utc>,
    ) -> Result<(), Error> {
        for one in unreadable {
            let failed = self.failed();
            sqlx::query(
                "insert into unreadable_documents (resource, source_id, body_head, reason, seen_at) \
                 values ($1, $2, $3, $4, $5) \
                 on conflict (resource, source_id, body_head) \
                 do update set reason = excluded.reason, seen_at = excluded.seen_at",
            )
            .bind(&one.resource)
            .bind(&one.source_id)
            .bind(&one.body_head)
            .bind(&one.reason)
            .bind(stored(seen_at))
            .execute(&mut *self.inner)
            .await
            .map_err(failed)?;
        }
        Ok(())
    }

    /// Forgets why documents could not be read, once a later revision of them could.
    pub async fn take_back(&mut self, resource: &str, source_ids: &[&str]) -> Result<(), Error> {
        if source_ids.is_empty() {
            return Ok(());
        }
        let mut delete = QueryBuilder::new("delete from unreadable_documents where resource = ");
        delete.push_bind(resource).push(" and source_id in (");
        let mut ids = delete.separated(", ");
        for id in source_ids {
            ids.push_bind(*id);
        }
        delete.push(")");
        let failed = self.failed();
        delete.build().execute(&mut *self.inner).await.map_err(failed)?;
        Ok(())
    }

    async fn latest_revisions<'a>(
        &mut self,
        resource: &str,
        page: &[NewRaw<'a>],
    ) -> Result<HashMap<&'a str, (i64, [u8; 32])>, Error> {
        if page.is_empty() {
            return Ok(HashMap::new());
        }
        let mut select = QueryBuilder::new(
            "select source_id, revision, content_hash from raw_documents as r where resource = ",
        );
        select.push_bind(resource).push(" and source_id in (");
        let mut ids = select.separated(", ");
        for raw in page {
            ids.push_bind(raw.source_id);
        }
        select.push(
            ") and revision = (select max(revision) from raw_documents as l \
             where l.resource = r.resource and l.source_id = r.source_id)",
        );
        let failed = self.failed();
        let rows = select.build().fetch_all(&mut *self.inner).await.map_err(failed)?;
        let by_id: HashMap<&str, &'a str> =
            page.iter().map(|raw| (raw.source_id, raw.source_id)).collect();
        let mut latest = HashMap::with_capacity(rows.len());
        for row in &rows {
            let source_id: &str = get(row, "source_id")?;
            let hash: Vec<u8> = get(row, "content_hash")?;
            let hash: [u8; 32] = hash.try_into().map_err(|_| Error::Damaged {
                value: source_id.to_owned(),
                expected: "a hash of 32 bytes",
            })?;
            if let Some(key) = by_id.get(source_id) {
                latest.insert(*key, (get(row, "revision")?, hash));
            }
        }
        Ok(latest)
    }
}

impl Store {
    /// Returns the bodies that could not be read, in a stable order.
    pub async fn unreadable_documents(&self) -> Result<Vec<Unreadable>, Error> {
        let operation = "list unreadable documents";
        let rows = sqlx::query(
            "select resource, source_id, body_head, reason from unreadable_documents \
             order by resource, source_id, body_head",
        )
        .fetch_all(self.reader())
        .await
        .map_err(|source| Error::during(operation, source))?;
        rows.iter()
            .map(|row| {
                Ok(Unreadable {
                    resource: get(row, "resource")?,
                    source_id: get(row, "source_id")?,
                    body_head: get(row, "body_head")?,
                    reason: get(row, "reason")?,
                })
            })
            .collect()
    }
}
