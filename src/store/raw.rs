//! Raw documents: insert-only, a new revision for every changed body.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};
use sqlx::QueryBuilder;

use crate::store::rows::{batches, get, padded_batches, stored};
use crate::store::{Error, Store, Tx};

/// Holds one body as the provider sent it.
#[derive(Debug, Clone, Copy)]
pub struct NewRaw<'a> {
    /// The provider's identifier.
    pub source_id: &'a str,
    /// The JSON object exactly as received.
    pub body: &'a str,
}

/// Tells what became of one body, with its raw id where it was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RawOutcome {
    /// Its identifier was never seen before.
    New(i64),
    /// It differs from the last revision.
    Changed(i64),
    /// It is what is stored already.
    Known,
}

impl RawOutcome {
    /// Returns the raw id of a body that was stored and is to be read.
    #[must_use]
    pub fn stored_id(self) -> Option<i64> {
        match self {
            Self::New(id) | Self::Changed(id) => Some(id),
            Self::Known => None,
        }
    }
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

/// Holds bodies that were compared with the store, and says which are to be stored.
#[derive(Debug)]
pub struct SiftedRaw<'a> {
    fresh: Vec<FreshRaw<'a>>,
    /// For each body its place among the fresh ones, none where it is known.
    places: Vec<Option<usize>>,
}

/// Is one body that is to be stored.
#[derive(Debug)]
struct FreshRaw<'a> {
    raw: NewRaw<'a>,
    revision: i64,
    hash: [u8; 32],
}

impl SiftedRaw<'_> {
    /// Tells of each body whether it is new or changed, in their order.
    pub fn is_fresh(&self) -> impl Iterator<Item = bool> {
        self.places.iter().map(Option::is_some)
    }
}

const RAW_BINDS: usize = 6;

impl Tx {
    /// Stores the bodies that are new or changed and returns what became of each.
    ///
    /// An identifier that stands twice is compared with the body before.
    pub async fn insert_raw(
        &mut self,
        resource: &str,
        bodies: &[NewRaw<'_>],
        received_at: DateTime<Utc>,
    ) -> Result<Vec<RawOutcome>, Error> {
        let sifted = self.sift_raw(resource, bodies).await?;
        self.insert_sifted(resource, &sifted, received_at).await
    }

    /// Compares bodies with what is stored, the first half of [`Tx::insert_raw`].
    pub async fn sift_raw<'a>(
        &mut self,
        resource: &str,
        bodies: &[NewRaw<'a>],
    ) -> Result<SiftedRaw<'a>, Error> {
        let mut latest = self.latest_revisions(resource, bodies).await?;
        let mut fresh = Vec::with_capacity(bodies.len());
        let mut places = Vec::with_capacity(bodies.len());
        for raw in bodies {
            let hash: [u8; 32] = Sha256::digest(raw.body.as_bytes()).into();
            let revision = match latest.get(raw.source_id) {
                Some((_, known)) if *known == hash => {
                    places.push(None);
                    continue;
                }
                Some((revision, _)) => revision + 1,
                None => 1,
            };
            latest.insert(raw.source_id, (revision, hash));
            places.push(Some(fresh.len()));
            fresh.push(FreshRaw { raw: *raw, revision, hash });
        }
        Ok(SiftedRaw { fresh, places })
    }

    /// Stores the bodies that the same transaction sifted, the second half.
    pub async fn insert_sifted(
        &mut self,
        resource: &str,
        sifted: &SiftedRaw<'_>,
        received_at: DateTime<Utc>,
    ) -> Result<Vec<RawOutcome>, Error> {
        let SiftedRaw { fresh, places } = sifted;
        let mut ids = Vec::with_capacity(fresh.len());
        let received_at = stored(received_at);
        for batch in batches(fresh, RAW_BINDS) {
            ids.extend(self.insert_fresh(resource, batch, &received_at).await?);
        }
        let outcome = |place: &Option<usize>| match *place {
            None => RawOutcome::Known,
            Some(index) if fresh[index].revision == 1 => RawOutcome::New(ids[index]),
            Some(index) => RawOutcome::Changed(ids[index]),
        };
        Ok(places.iter().map(outcome).collect())
    }

    /// Stores bodies as they are and returns their ids in the same order.
    async fn insert_fresh(
        &mut self,
        resource: &str,
        batch: &[FreshRaw<'_>],
        received_at: &str,
    ) -> Result<Vec<i64>, Error> {
        let mut insert = QueryBuilder::new(
            "insert into raw_documents \
             (resource, source_id, revision, content_hash, body, received_at) ",
        );
        insert.push_values(batch, |mut row, fresh| {
            row.push_bind(resource)
                .push_bind(fresh.raw.source_id)
                .push_bind(fresh.revision)
                .push_bind(&fresh.hash[..])
                .push_bind(fresh.raw.body)
                .push_bind(received_at);
        });
        insert.push(" returning id, source_id, revision");
        let failed = self.failed();
        let returned = insert.build().fetch_all(&mut *self.inner).await.map_err(failed)?;
        // `returning` promises no order, so rows are found again by their key.
        let mut ids: HashMap<(&str, i64), i64> = HashMap::with_capacity(returned.len());
        for row in &returned {
            ids.insert((get(row, "source_id")?, get(row, "revision")?), get(row, "id")?);
        }
        Ok(batch.iter().map(|fresh| ids[&(fresh.raw.source_id, fresh.revision)]).collect())
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
        for batch in padded_batches(source_ids) {
            let mut delete =
                QueryBuilder::new("delete from unreadable_documents where resource = ");
            delete.push_bind(resource).push(" and source_id in (");
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

    async fn latest_revisions<'a>(
        &mut self,
        resource: &str,
        bodies: &[NewRaw<'a>],
    ) -> Result<HashMap<&'a str, (i64, [u8; 32])>, Error> {
        let by_id: HashMap<&str, &'a str> =
            bodies.iter().map(|raw| (raw.source_id, raw.source_id)).collect();
        let ids: Vec<&str> = by_id.values().copied().collect();
        let mut latest = HashMap::with_capacity(ids.len());
        for batch in padded_batches(&ids) {
            let mut select = QueryBuilder::new(
                "select source_id, revision, content_hash from raw_documents as r \
                 where resource = ",
            );
            select.push_bind(resource).push(" and source_id in (");
            let mut listed = select.separated(", ");
            for id in batch {
                listed.push_bind(id);
            }
            select.push(
                ") and revision = (select max(revision) from raw_documents as l \
                 where l.resource = r.resource and l.source_id = r.source_id)",
            );
            let failed = self.failed();
            let rows = select.build().fetch_all(&mut *self.inner).await.map_err(failed)?;
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
