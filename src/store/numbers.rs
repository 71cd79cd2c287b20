//! Numbers of earlier invoices: number and day alone, for gaps in a year's series.

use chrono::NaiveDate;
use sqlx::AssertSqlSafe;

use crate::fiscal::{SentNumber, TaxId};
use crate::store::entries::OF_FILE;
use crate::store::rows::{day, get};
use crate::store::{Error, Store};

impl Store {
    /// Returns the numbers of a company's sent invoices with these days of issue, each once.
    ///
    /// Notices (TD29) bear no number of a series and are left out.
    pub async fn sent_numbers(
        &self,
        company: &TaxId,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Result<Vec<SentNumber>, Error> {
        let failed = |source| Error::during("read numbers of invoices", source);
        // The day is asked for in the very words of the index.
        let rows = sqlx::query(AssertSqlSafe(format!(
            "select distinct number, issue_date, 0 as is_booked from documents \
             where company = $1 and kind = 'invoice' \
             and coalesce(issue_date, substr(created_at, 1, 10)) between $2 and $3 \
             and direction = 'outgoing' and document_type <> 'TD29' \
             and number is not null and issue_date is not null \
             union \
             select e.number, e.issue_date, 1 from ledger_files as f \
             cross join ledger_entries as e on {OF_FILE} \
             where (f.company = $1 or f.company = '') \
             and f.covers_from <= $3 and f.covers_to >= $2 \
             and e.company = $1 and e.kind = 'invoice' and e.direction = 'outgoing' \
             and e.issue_date between $2 and $3 and e.number is not null \
             and coalesce(e.document_type, '') <> 'TD29' \
             order by 2, 1, 3"
        )))
        .bind(company.as_str())
        .bind(from.to_string())
        .bind(to.to_string())
        .fetch_all(self.reader())
        .await
        .map_err(failed)?;
        let mut numbers = Vec::with_capacity(rows.len());
        for row in &rows {
            let Some(day) = day(row, "issue_date")? else {
                continue;
            };
            let is_booked = get::<i64>(row, "is_booked")? == 1;
            numbers.push(SentNumber { number: get(row, "number")?, day, is_booked });
        }
        Ok(numbers)
    }
}
