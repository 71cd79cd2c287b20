//! Companies as the provider's configurations name them.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};

use crate::fiscal::{Company, DocumentKind, TaxId};
use crate::store::entries::OF_FILE;
use crate::store::rows::{get, stored};
use crate::store::{Error, Store, Tx};

impl Tx {
    /// Saves a company, replacing what was known.
    pub async fn save_company(
        &mut self,
        company: &Company,
        at: DateTime<Utc>,
    ) -> Result<(), Error> {
        let failed = self.failed();
        sqlx::query(
            "insert into companies (tax_id, name, receipts, outgoing, incoming, updated_at) \
             values ($1, $2, $3, $4, $5, $6) \
             on conflict (tax_id) do update set name = excluded.name, listed = 1, \
             receipts = excluded.receipts, outgoing = excluded.outgoing, \
             incoming = excluded.incoming, updated_at = excluded.updated_at",
        )
        .bind(company.tax_id.as_str())
        .bind(&company.name)
        .bind(i64::from(company.has_receipts))
        .bind(i64::from(company.has_outgoing_invoices))
        .bind(i64::from(company.has_incoming_invoices))
        .bind(stored(at))
        .execute(&mut *self.inner)
        .await
        .map_err(failed)?;
        Ok(())
    }
}

impl Tx {
    /// Marks all companies as gone; those that a whole list names are saved after it.
    pub async fn unlist_companies(&mut self) -> Result<(), Error> {
        let failed = self.failed();
        sqlx::query("update companies set listed = 0")
            .execute(&mut *self.inner)
            .await
            .map_err(failed)?;
        Ok(())
    }
}

impl Store {
    /// Returns the companies that the provider's last list named.
    pub async fn listed_companies(&self) -> Result<BTreeSet<TaxId>, Error> {
        let ids: Vec<String> = sqlx::query_scalar("select tax_id from companies where listed = 1")
            .fetch_all(self.reader())
            .await
            .map_err(|source| Error::during("list the provider's companies", source))?;
        Ok(ids.iter().filter_map(|id| TaxId::parse(id)).collect())
    }

    /// Returns the companies with books on these days that the provider does not name.
    ///
    /// Their rows are compared with nothing, so a report must say so.
    pub async fn unknown_companies(
        &self,
        kind: DocumentKind,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Result<Vec<TaxId>, Error> {
        // Most files speak of companies that are known, and none of their rows is looked at.
        let ids: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
            "select c.company from ledger_file_companies as c \
             where c.company not in (select tax_id from companies) and exists (select 1 \
                from ledger_files as f cross join ledger_entries as e on {OF_FILE} \
                where f.id = c.file_id and e.company = c.company \
                and (e.kind = 'invoice') = ($1 = 'invoice') and e.issue_date between $2 and $3) \
             group by c.company order by c.company"
        )))
        .bind(kind.as_str())
        .bind(from.to_string())
        .bind(to.to_string())
        .fetch_all(self.reader())
        .await
        .map_err(|source| Error::during("list unknown companies", source))?;
        Ok(ids.iter().filter_map(|id| TaxId::parse(id)).collect())
    }

    /// Returns all companies in order of tax id.
    pub async fn companies(&self) -> Result<Vec<Company>, Error> {
        let rows = sqlx::query(
            "select tax_id, name, receipts, outgoing, incoming from companies order by tax_id",
        )
        .fetch_all(self.reader())
        .await
        .map_err(|source| Error::during("list companies", source))?;
        rows.iter()
            .map(|row| {
                let tax_id: String = get(row, "tax_id")?;
                Ok(Company {
                    tax_id: TaxId::parse(&tax_id)
                        .ok_or(Error::Damaged { value: tax_id, expected: "a tax id" })?,
                    name: get(row, "name")?,
                    has_receipts: get::<i64>(row, "receipts")? == 1,
                    has_outgoing_invoices: get::<i64>(row, "outgoing")? == 1,
                    has_incoming_invoices: get::<i64>(row, "incoming")? == 1,
                })
            })
            .collect()
    }
}
