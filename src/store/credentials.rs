//! When the tax portal's credentials of each company were stored; never the secrets.

use chrono::{DateTime, NaiveDate, Utc};

use crate::fiscal::TaxId;
use crate::store::rows::{get, instant, stored, word};
use crate::store::{Error, Store, Tx};

/// Tells when a company's credentials of the tax portal were changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCredentials {
    /// The company.
    pub company: TaxId,
    /// The CodiceFiscale of whoever's credentials they are.
    pub tax_code: String,
    /// The day on which they were changed.
    pub changed_on: NaiveDate,
    /// When this was written down.
    pub recorded_at: DateTime<Utc>,
}

impl Tx {
    /// Writes down that a company's credentials were changed, in place of what was known.
    pub async fn record_credentials(
        &mut self,
        credentials: &StoredCredentials,
    ) -> Result<(), Error> {
        let failed = self.failed();
        sqlx::query(
            "insert into portal_credentials (company, tax_code, changed_on, recorded_at) \
             values ($1, $2, $3, $4) \
             on conflict (company) do update set tax_code = excluded.tax_code, \
             changed_on = excluded.changed_on, recorded_at = excluded.recorded_at",
        )
        .bind(credentials.company.as_str())
        .bind(&credentials.tax_code)
        .bind(credentials.changed_on.to_string())
        .bind(stored(credentials.recorded_at))
        .execute(&mut *self.inner)
        .await
        .map_err(failed)?;
        Ok(())
    }
}

impl Store {
    /// Returns what is known of all companies' credentials, in order of tax id.
    pub async fn credentials(&self) -> Result<Vec<StoredCredentials>, Error> {
        let rows = sqlx::query("select * from portal_credentials order by company")
            .fetch_all(self.reader())
            .await
            .map_err(|source| Error::during("list credentials", source))?;
        rows.iter()
            .map(|row| {
                let company: String = get(row, "company")?;
                Ok(StoredCredentials {
                    company: TaxId::parse(&company)
                        .ok_or(Error::Damaged { value: company, expected: "a tax id" })?,
                    tax_code: get(row, "tax_code")?,
                    changed_on: word(row, "changed_on", "a day")?,
                    recorded_at: instant(row, "recorded_at")?,
                })
            })
            .collect()
    }
}
