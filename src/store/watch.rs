//! What the watch over credentials knows: facts of the account, warnings given, signs of trouble.

use chrono::{DateTime, NaiveDate, Utc};

use crate::credentials::{Given, Level};
use crate::fiscal::TaxId;
use crate::store::rows::{get, instant, optional_word, stored, word};
use crate::store::{Error, Store, Tx};

/// Holds what the token service last said about the account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AccountFacts {
    /// When it was asked for the token, and when that ends, if it knew.
    pub token: Option<(DateTime<Utc>, Option<DateTime<Utc>>)>,
    /// When it was asked for the credit, and what is left, in cents.
    pub credit: Option<(DateTime<Utc>, i64)>,
}

/// Holds a callback about credentials as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialCallback {
    /// The company, as the receiver found it in the body.
    pub company: String,
    /// When it arrived.
    pub received_at: DateTime<Utc>,
    /// The body.
    pub body: Vec<u8>,
}

/// Holds a receipt that the provider could not issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TroubledReceipt {
    /// The company.
    pub company: TaxId,
    /// When the provider took it in.
    pub created_at: DateTime<Utc>,
    /// The body as received, which has the error's code.
    pub body: String,
}

impl Tx {
    /// Writes down when the token ends; none when the service does not know it.
    pub async fn save_token_end(
        &mut self,
        expires_at: Option<DateTime<Utc>>,
        seen_at: DateTime<Utc>,
    ) -> Result<(), Error> {
        self.save_fact("token", expires_at.map(stored), None, seen_at).await
    }

    /// Forgets when a token ended, since it is minted anew by itself now.
    pub async fn forget_token_end(&mut self) -> Result<(), Error> {
        let failed = self.failed();
        sqlx::query("delete from account_facts where name = 'token'")
            .execute(&mut *self.inner)
            .await
            .map_err(failed)?;
        Ok(())
    }

    /// Writes down what credit is left.
    pub async fn save_credit(
        &mut self,
        left_cents: i64,
        seen_at: DateTime<Utc>,
    ) -> Result<(), Error> {
        self.save_fact("credit", None, Some(left_cents), seen_at).await
    }

    async fn save_fact(
        &mut self,
        name: &str,
        expires_at: Option<String>,
        amount_cents: Option<i64>,
        seen_at: DateTime<Utc>,
    ) -> Result<(), Error> {
        let failed = self.failed();
        sqlx::query(
            "insert into account_facts (name, expires_at, amount_cents, seen_at) \
             values ($1, $2, $3, $4) on conflict (name) do update set \
             expires_at = excluded.expires_at, amount_cents = excluded.amount_cents, \
             seen_at = excluded.seen_at",
        )
        .bind(name)
        .bind(expires_at)
        .bind(amount_cents)
        .bind(stored(seen_at))
        .execute(&mut *self.inner)
        .await
        .map_err(failed)?;
        Ok(())
    }

    /// Writes down that a warning was given; a second time changes nothing.
    ///
    /// Unless the first was given by a clock that was ahead: then the right day takes its place.
    pub async fn record_warning(
        &mut self,
        run_id: i64,
        (subject, life, level): (&str, &str, Level),
        given_at: DateTime<Utc>,
    ) -> Result<(), Error> {
        let failed = self.failed();
        sqlx::query(
            "insert into warnings (subject, life, level, run_id, given_at) \
             values ($1, $2, $3, $4, $5) on conflict (subject, life, level) do update set \
             run_id = excluded.run_id, given_at = excluded.given_at \
             where warnings.given_at > excluded.given_at",
        )
        .bind(subject)
        .bind(life)
        .bind(level.as_str())
        .bind(run_id)
        .bind(stored(given_at))
        .execute(&mut *self.inner)
        .await
        .map_err(failed)?;
        Ok(())
    }

    /// Forgets what was said about a subject, which is well again.
    pub async fn forget_warnings(&mut self, subject: &str) -> Result<(), Error> {
        let failed = self.failed();
        sqlx::query("delete from warnings where subject = $1")
            .bind(subject)
            .execute(&mut *self.inner)
            .await
            .map_err(failed)?;
        Ok(())
    }
}

impl Store {
    /// Returns what the token service last said about the account.
    pub async fn account_facts(&self) -> Result<AccountFacts, Error> {
        let rows = sqlx::query("select * from account_facts")
            .fetch_all(self.reader())
            .await
            .map_err(|source| Error::during("read the account's facts", source))?;
        let mut facts = AccountFacts::default();
        for row in &rows {
            let seen_at = instant(row, "seen_at")?;
            if get::<String>(row, "name")? == "token" {
                facts.token = Some((seen_at, optional_word(row, "expires_at", "an instant")?));
            } else {
                let cents: Option<i64> = get(row, "amount_cents")?;
                facts.credit = cents.map(|cents| (seen_at, cents));
            }
        }
        Ok(facts)
    }

    /// Returns the warnings that were given before an instant.
    pub async fn warnings_given(&self, before: DateTime<Utc>) -> Result<Given, Error> {
        let rows = sqlx::query("select subject, life, level from warnings where given_at < $1")
            .bind(stored(before))
            .fetch_all(self.reader())
            .await
            .map_err(|source| Error::during("list warnings", source))?;
        rows.iter()
            .map(|row| {
                Ok((get(row, "subject")?, get(row, "life")?, word(row, "level", "a level")?))
            })
            .collect()
    }

    /// Returns the newest body of each company's configuration, without its callbacks.
    pub async fn configuration_bodies(&self) -> Result<Vec<String>, Error> {
        sqlx::query_scalar(
            "select body from raw_documents as newest where resource = 'configurations' \
             and revision = (select max(revision) from raw_documents as other \
             where other.resource = newest.resource and other.source_id = newest.source_id) \
             order by source_id",
        )
        .fetch_all(self.reader())
        .await
        .map_err(|source| Error::during("read configurations", source))
    }

    /// Returns the callbacks about credentials, oldest first.
    pub async fn credential_callbacks(&self) -> Result<Vec<CredentialCallback>, Error> {
        let rows = sqlx::query(
            "select source_id, received_at, body from callbacks \
             where event = 'receipt-credentials' order by id",
        )
        .fetch_all(self.reader())
        .await
        .map_err(|source| Error::during("list callbacks about credentials", source))?;
        rows.iter()
            .map(|row| {
                Ok(CredentialCallback {
                    company: get(row, "source_id")?,
                    received_at: instant(row, "received_at")?,
                    body: get(row, "body")?,
                })
            })
            .collect()
    }

    /// Returns the receipts since a day that the provider gives an error for.
    pub async fn troubled_receipts(&self, since: NaiveDate) -> Result<Vec<TroubledReceipt>, Error> {
        let rows = sqlx::query(
            "select d.company, d.created_at, r.body from documents as d \
             join raw_documents as r on r.id = d.raw_id \
             where d.kind = 'receipt' and d.error_message is not null and d.created_at >= $1 \
             and d.lifecycle in ('never_issued', 'open') order by d.created_at",
        )
        .bind(since.to_string())
        .fetch_all(self.reader())
        .await
        .map_err(|source| Error::during("list receipts with errors", source))?;
        rows.iter()
            .map(|row| {
                let company: String = get(row, "company")?;
                Ok(TroubledReceipt {
                    company: TaxId::parse(&company)
                        .ok_or(Error::Damaged { value: company, expected: "a tax id" })?,
                    created_at: instant(row, "created_at")?,
                    body: get(row, "body")?,
                })
            })
            .collect()
    }

    /// Returns when the provider took in the newest receipt of a company that was issued.
    pub async fn last_issued_receipt(
        &self,
        company: &TaxId,
    ) -> Result<Option<DateTime<Utc>>, Error> {
        let text: Option<String> = sqlx::query_scalar(
            "select max(created_at) from documents where kind = 'receipt' and company = $1 \
             and lifecycle = 'issued'",
        )
        .bind(company.as_str())
        .fetch_one(self.reader())
        .await
        .map_err(|source| Error::during("read the last receipt", source))?;
        let parse = |value: String| {
            value.parse().map_err(|_| Error::Damaged { value, expected: "an instant" })
        };
        text.map(parse).transpose()
    }
}
