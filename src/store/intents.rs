//! The outbox of what is to be done at the provider: written before anything is sent.

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};
use sqlx::sqlite::SqliteRow;

use crate::api::Request;
use crate::fiscal::TaxId;
use crate::store::rows::{get, instant, json, optional_word, stored, to_json, word};
use crate::store::{Error, Store, Tx};
use crate::submit::{Clue, Intent, IntentState, NewIntent};

/// Says how an attempt at an intent ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntentEnd {
    /// Where it stands now.
    pub state: IntentState,
    /// When it may be sent, if not at once.
    pub not_before: Option<DateTime<Utc>>,
    /// When an unclear end was met that is still open.
    pub unclear_at: Option<DateTime<Utc>>,
    /// The document that came of it, or that was there already.
    pub provider_id: Option<String>,
    /// The vendor's number of a refusal.
    pub vendor_error: Option<String>,
    /// What happened, for people; no secret.
    pub last_reply: Option<String>,
}

impl IntentEnd {
    /// Returns an end that says nothing but the state.
    #[must_use]
    pub fn of(state: IntentState) -> Self {
        Self {
            state,
            not_before: None,
            unclear_at: None,
            provider_id: None,
            vendor_error: None,
            last_reply: None,
        }
    }
}

impl Tx {
    /// Writes an intent down unless its key is known; tells whether it was new.
    pub async fn prepare_intent(
        &mut self,
        intent: &NewIntent,
        at: DateTime<Utc>,
    ) -> Result<bool, Error> {
        let failed = self.failed();
        let done = sqlx::query(
            "insert into intents (intent_key, kind, company, subject, target, body, body_hash, \
             needs_secret, clue, state, attempts, created_at, updated_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'prepared', 0, $10, $10) \
             on conflict (intent_key) do nothing",
        )
        .bind(&intent.key)
        .bind(intent.kind.as_str())
        .bind(intent.company.as_str())
        .bind(&intent.subject)
        .bind(intent.request.target())
        .bind(intent.request.body())
        .bind(hex::encode(Sha256::digest(intent.request.body())))
        .bind(i64::from(intent.needs_secret))
        .bind(to_json(&intent.clue))
        .bind(stored(at))
        .execute(&mut *self.inner)
        .await
        .map_err(failed)?;
        Ok(done.rows_affected() == 1)
    }

    /// Claims an intent for sending, and counts the try.
    ///
    /// `clue` is how its effect will be recognised, as it is known just before it is sent.
    /// False when it may not be sent: it is being sent, may stand already, or is closed.
    pub async fn claim_intent(
        &mut self,
        id: i64,
        clue: &Clue,
        at: DateTime<Utc>,
    ) -> Result<bool, Error> {
        let failed = self.failed();
        let done = sqlx::query(
            "update intents set state = 'sending', attempts = attempts + 1, clue = $2, \
             not_before = null, sent_at = coalesce(sent_at, $3), updated_at = $3 \
             where id = $1 and state in ('prepared', 'waiting')",
        )
        .bind(id)
        .bind(to_json(clue))
        .bind(stored(at))
        .execute(&mut *self.inner)
        .await
        .map_err(failed)?;
        Ok(done.rows_affected() == 1)
    }

    /// Writes down where an intent stands after an attempt or a look.
    pub async fn settle_intent(
        &mut self,
        id: i64,
        end: &IntentEnd,
        at: DateTime<Utc>,
    ) -> Result<(), Error> {
        let failed = self.failed();
        sqlx::query(
            "update intents set state = $2, not_before = $3, unclear_at = $4, \
             provider_id = coalesce($5, provider_id), vendor_error = $6, last_reply = $7, \
             updated_at = $8 where id = $1",
        )
        .bind(id)
        .bind(end.state.as_str())
        .bind(end.not_before.map(stored))
        .bind(end.unclear_at.map(stored))
        .bind(&end.provider_id)
        .bind(&end.vendor_error)
        .bind(&end.last_reply)
        .bind(stored(at))
        .execute(&mut *self.inner)
        .await
        .map_err(failed)?;
        Ok(())
    }

    /// Marks what a crash left in `sending` as unknown, and returns how many.
    pub async fn recover_intents(&mut self, at: DateTime<Utc>) -> Result<u64, Error> {
        let failed = self.failed();
        let done = sqlx::query(
            "update intents set state = 'unknown', unclear_at = $1, updated_at = $1, \
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
    /// Returns the intent of a key, if there is one.
    pub async fn intent_by_key(&self, key: &str) -> Result<Option<Intent>, Error> {
        let row = sqlx::query("select * from intents where intent_key = $1")
            .bind(key)
            .fetch_optional(self.reader())
            .await
            .map_err(|source| Error::during("find an intent", source))?;
        row.as_ref().map(read).transpose()
    }

    /// Returns the intent of a handle, if there is one.
    pub async fn intent(&self, id: i64) -> Result<Option<Intent>, Error> {
        let row = sqlx::query("select * from intents where id = $1")
            .bind(id)
            .fetch_optional(self.reader())
            .await
            .map_err(|source| Error::during("find an intent", source))?;
        row.as_ref().map(read).transpose()
    }

    /// Returns everything about which something is still to be done, oldest first.
    pub async fn open_intents(&self) -> Result<Vec<Intent>, Error> {
        let rows = sqlx::query(
            "select * from intents \
             where state in ('prepared', 'waiting', 'sending', 'unknown') order by id",
        )
        .fetch_all(self.reader())
        .await
        .map_err(|source| Error::during("list open intents", source))?;
        rows.iter().map(read).collect()
    }

    /// Returns the latest intents, newest first.
    pub async fn intents(&self, limit: u32) -> Result<Vec<Intent>, Error> {
        let rows = sqlx::query("select * from intents order by id desc limit $1")
            .bind(i64::from(limit))
            .fetch_all(self.reader())
            .await
            .map_err(|source| Error::during("list intents", source))?;
        rows.iter().map(read).collect()
    }

    /// Returns the ids of the documents that came of other intents about the same target.
    pub async fn documents_of_target(&self, target: &str, but: i64) -> Result<Vec<String>, Error> {
        sqlx::query_scalar(
            "select provider_id from intents \
             where target = $1 and id <> $2 and state = 'done' and provider_id is not null",
        )
        .bind(target)
        .bind(but)
        .fetch_all(self.reader())
        .await
        .map_err(|source| Error::during("list documents of a target", source))
    }
}

fn read(row: &SqliteRow) -> Result<Intent, Error> {
    let kind: crate::submit::Kind = word(row, "kind", "a kind of intent")?;
    let company: String = get(row, "company")?;
    let target: Option<String> = get(row, "target")?;
    Ok(Intent {
        id: get(row, "id")?,
        key: get(row, "intent_key")?,
        kind,
        company: TaxId::parse(&company)
            .ok_or(Error::Damaged { value: company, expected: "a tax id" })?,
        subject: get(row, "subject")?,
        request: Request::restore(kind.operation(), target.as_deref(), get(row, "body")?),
        needs_secret: get::<i64>(row, "needs_secret")? == 1,
        clue: json(row, "clue", "a clue")?,
        state: word(row, "state", "a state of an intent")?,
        attempts: get(row, "attempts")?,
        not_before: optional_word(row, "not_before", "an instant")?,
        sent_at: optional_word(row, "sent_at", "an instant")?,
        unclear_at: optional_word(row, "unclear_at", "an instant")?,
        provider_id: get(row, "provider_id")?,
        vendor_error: get(row, "vendor_error")?,
        last_reply: get(row, "last_reply")?,
        created_at: instant(row, "created_at")?,
        updated_at: instant(row, "updated_at")?,
    })
}
