//! The outbox: deliveries are written before anything is sent.

use chrono::{DateTime, Utc};

use crate::fiscal::words;
use crate::store::rows::{get, stored, word};
use crate::store::{Error, Store, Tx};

words! {
    /// Tells where a delivery stands.
    DeliveryState {
        /// Written, not tried or safe to try again.
        Queued = "queued",
        /// Being sent; found so after a crash, its end is unknown.
        Sending = "sending",
        /// The other side confirmed it.
        Sent = "sent",
        /// It may or may not have arrived; never repeated in silence.
        Unknown = "unknown",
        /// The other side refused it for good.
        Refused = "refused",
    }
}

words! {
    /// Tells what a part of a delivery is for.
    PartRole {
        /// The mail's plain text.
        Text = "text",
        /// The mail's page.
        Html = "html",
        /// A file attached to the mail.
        Attachment = "attachment",
        /// A file for a folder.
        File = "file",
    }
}

/// Holds a delivery that is to be queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    /// One report to one place; never queued twice.
    pub delivery_key: String,
    /// `mail` or `folder`.
    pub channel: String,
    /// The recipients, one a line, or the folder.
    pub address: String,
    /// The mail's subject.
    pub subject: String,
    /// Hash of what it says, for the next night to compare; empty where nobody compares.
    pub said: String,
    /// The bytes, in order.
    pub parts: Vec<DeliveryPart>,
}

/// Holds one body or file of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryPart {
    /// What it is for.
    pub role: PartRole,
    /// Name of the file; empty for bodies.
    pub file_name: String,
    /// MIME type.
    pub media_type: String,
    /// Content.
    pub bytes: Vec<u8>,
}

/// Holds a delivery as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Handle in the store.
    pub id: i64,
    /// One report to one place.
    pub delivery_key: String,
    /// `mail` or `folder`.
    pub channel: String,
    /// The recipients, one a line, or the folder.
    pub address: String,
    /// The mail's subject.
    pub subject: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// Tries so far.
    pub attempts: i64,
    /// When it was queued; the mail's date.
    pub created_at: DateTime<Utc>,
    /// The bytes, in order.
    pub parts: Vec<DeliveryPart>,
}

impl Tx {
    /// Queues a delivery unless its key was queued before; tells whether it was new.
    pub async fn queue_delivery(
        &mut self,
        run_id: i64,
        delivery: &NewDelivery,
        at: DateTime<Utc>,
    ) -> Result<bool, Error> {
        let failed = self.failed();
        let id: Option<i64> = sqlx::query_scalar(
            "insert into deliveries (delivery_key, run_id, channel, address, subject, state, \
             attempts, created_at, updated_at, said) \
             values ($1, $2, $3, $4, $5, 'queued', 0, $6, $6, $7) \
             on conflict (delivery_key) do nothing returning id",
        )
        .bind(&delivery.delivery_key)
        .bind(run_id)
        .bind(&delivery.channel)
        .bind(&delivery.address)
        .bind(&delivery.subject)
        .bind(stored(at))
        .bind(&delivery.said)
        .fetch_optional(&mut *self.inner)
        .await
        .map_err(failed)?;
        let Some(id) = id else { return Ok(false) };
        for (position, part) in (0_i64..).zip(&delivery.parts) {
            let failed = self.failed();
            sqlx::query(
                "insert into delivery_parts \
                 (delivery_id, position, role, file_name, media_type, bytes) \
                 values ($1, $2, $3, $4, $5, $6)",
            )
            .bind(id)
            .bind(position)
            .bind(part.role.as_str())
            .bind(&part.file_name)
            .bind(&part.media_type)
            .bind(&part.bytes)
            .execute(&mut *self.inner)
            .await
            .map_err(failed)?;
        }
        Ok(true)
    }

    /// Claims a queued delivery for sending, and counts the try.
    ///
    /// False when it is not queued any more: another process has it.
    pub async fn claim_delivery(&mut self, id: i64, at: DateTime<Utc>) -> Result<bool, Error> {
        let failed = self.failed();
        let done = sqlx::query(
            "update deliveries set state = 'sending', updated_at = $2, attempts = attempts + 1 \
             where id = $1 and state = 'queued'",
        )
        .bind(id)
        .bind(stored(at))
        .execute(&mut *self.inner)
        .await
        .map_err(failed)?;
        Ok(done.rows_affected() == 1)
    }

    /// Writes down how the sending of a delivery ended.
    pub async fn set_delivery_state(
        &mut self,
        id: i64,
        state: DeliveryState,
        last_reply: &str,
        at: DateTime<Utc>,
    ) -> Result<(), Error> {
        let failed = self.failed();
        sqlx::query(
            "update deliveries set state = $2, updated_at = $4, last_reply = $3 where id = $1",
        )
        .bind(id)
        .bind(state.as_str())
        .bind(last_reply)
        .bind(stored(at))
        .execute(&mut *self.inner)
        .await
        .map_err(failed)?;
        Ok(())
    }

    /// Marks what a crash left in `sending` as unknown, and returns how many; folders are
    /// queued again.
    ///
    /// Writing a file twice is harmless, sending a mail twice is not.
    pub async fn recover_deliveries(&mut self, at: DateTime<Utc>) -> Result<u64, Error> {
        let failed = self.failed();
        sqlx::query(
            "update deliveries set updated_at = $1, state = 'queued' \
             where state = 'sending' and channel = 'folder'",
        )
        .bind(stored(at))
        .execute(&mut *self.inner)
        .await
        .map_err(failed)?;
        let failed = self.failed();
        let done = sqlx::query(
            "update deliveries set updated_at = $1, state = 'unknown', \
             last_reply = 'the process ended while this was being sent' \
             where state = 'sending'",
        )
        .bind(stored(at))
        .execute(&mut *self.inner)
        .await
        .map_err(failed)?;
        Ok(done.rows_affected())
    }
}

impl Store {
    /// Returns all deliveries in a state, oldest first, with their bytes.
    pub async fn deliveries(&self, state: DeliveryState) -> Result<Vec<Delivery>, Error> {
        let operation = "list deliveries";
        let rows = sqlx::query("select * from deliveries where state = $1 order by id")
            .bind(state.as_str())
            .fetch_all(self.reader())
            .await
            .map_err(|source| Error::during(operation, source))?;
        let mut deliveries = Vec::with_capacity(rows.len());
        for row in &rows {
            let id: i64 = get(row, "id")?;
            deliveries.push(Delivery {
                id,
                delivery_key: get(row, "delivery_key")?,
                channel: get(row, "channel")?,
                address: get(row, "address")?,
                subject: get(row, "subject")?,
                state: word(row, "state", "a state of delivery")?,
                attempts: get(row, "attempts")?,
                created_at: super::rows::instant(row, "created_at")?,
                parts: self.delivery_parts(id).await?,
            });
        }
        Ok(deliveries)
    }

    /// Returns what the last mail of a job to these recipients said, and when it was queued.
    ///
    /// Mails of one run, which a resumed run queues again, and mails that did not arrive, as
    /// far as is known, do not count.
    pub async fn last_mail(
        &self,
        job: &str,
        address: &str,
        but_run_id: i64,
    ) -> Result<Option<(String, DateTime<Utc>)>, Error> {
        let row = sqlx::query(
            "select d.said, d.created_at from deliveries as d join runs as r on r.id = d.run_id \
             where r.job = $1 and d.channel = 'mail' and d.address = $2 and d.run_id <> $3 \
             and d.said <> '' and d.state in ('queued', 'sending', 'sent') \
             order by d.id desc limit 1",
        )
        .bind(job)
        .bind(address)
        .bind(but_run_id)
        .fetch_optional(self.reader())
        .await
        .map_err(|source| Error::during("read the last mail", source))?;
        row.map(|row| Ok((get(&row, "said")?, super::rows::instant(&row, "created_at")?)))
            .transpose()
    }

    async fn delivery_parts(&self, id: i64) -> Result<Vec<DeliveryPart>, Error> {
        let rows = sqlx::query(
            "select role, file_name, media_type, bytes from delivery_parts \
             where delivery_id = $1 order by position",
        )
        .bind(id)
        .fetch_all(self.reader())
        .await
        .map_err(|source| Error::during("read a delivery", source))?;
        rows.iter()
            .map(|row| {
                Ok(DeliveryPart {
                    role: word(row, "role", "a role")?,
                    file_name: get(row, "file_name")?,
                    media_type: get(row, "media_type")?,
                    bytes: get(row, "bytes")?,
                })
            })
            .collect()
    }
}
