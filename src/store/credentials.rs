//! When the tax portal's credentials of each company were stored; never the secrets.

use crate::credentials::Declared;
use crate::fiscal::TaxId;
use crate::store::rows::{get, instant, stored, word};
use crate::store::{Error, Store, Tx};

impl Tx {
    /// Writes down that a company's credentials were changed, in place of what was known.
    pub async fn record_credentials(&mut self, credentials: &Declared) -> Result<(), Error> {
        let failed = self.failed();
        sqlx::query(
            "insert into portal_credentials (company, tax_code, changed_on, recorded_at, source) \
             values ($1, $2, $3, $4, $5) \
             on conflict (company) do update set tax_code = excluded.tax_code, \
             changed_on = excluded.changed_on, recorded_at = excluded.recorded_at, \
             source = excluded.source",
        )
        .bind(credentials.company.as_str())
        .bind(&credentials.tax_code)
        .bind(credentials.changed_on.to_string())
        .bind(stored(credentials.recorded_at))
        .bind(credentials.source.as_str())
        .execute(&mut *self.inner)
        .await
        .map_err(failed)?;
        Ok(())
    }
}

impl Store {
    /// Returns what is known of all companies' credentials, in order of tax id.
    pub async fn credentials(&self) -> Result<Vec<Declared>, Error> {
        let rows = sqlx::query("select * from portal_credentials order by company")
            .fetch_all(self.reader())
            .await
            .map_err(|source| Error::during("list credentials", source))?;
        rows.iter()
            .map(|row| {
                let company: String = get(row, "company")?;
                Ok(Declared {
                    company: TaxId::parse(&company)
                        .ok_or(Error::Damaged { value: company, expected: "a tax id" })?,
                    tax_code: get(row, "tax_code")?,
                    changed_on: word(row, "changed_on", "a day")?,
                    recorded_at: instant(row, "recorded_at")?,
                    source: word(row, "source", "a source")?,
                })
            })
            .collect()
    }
}
