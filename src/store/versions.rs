//! Later exports of the same books: what took whose place, and what it changed.
//!
//! Rows are insert-only, so nothing is overwritten: a version says on which days the newer
//! file's rows count and the older file's no longer do.

use chrono::NaiveDate;
use sqlx::Row as _;

use crate::store::rows::get;
use crate::store::{Error, Tx};

/// Names a stored file whose days a new one also covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlap {
    /// The stored file.
    pub file_id: i64,
    /// Its name as uploaded.
    pub file_name: String,
    /// Its rows on those days that no other file has replaced.
    pub rows: u64,
}

/// Counts what a later export changed on the days that it covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct VersionChange {
    /// Rows that both have, alike.
    pub rows_same: u64,
    /// Rows that both have, with another content.
    pub rows_changed: u64,
    /// Those of them that a number names.
    pub numbered_changed: u64,
    /// Rows that only the newer one has.
    pub rows_added: u64,
    /// Rows that only the older one has.
    pub rows_removed: u64,
    /// Taxable amounts, newer less older.
    pub taxable_cents: i64,
    /// VAT amounts, newer less older.
    pub vat_cents: i64,
    /// Gross amounts, newer less older; taxable + VAT where no gross is given.
    pub gross_cents: i64,
}

/// Tells whether a file's row counts no more because a later export covers its day.
pub(super) const IS_REPLACED: &str = "exists (select 1 from ledger_versions as v \
    where v.older_id = e.file_id \
    and coalesce(e.issue_date, e.registration_date) between v.covers_from and v.covers_to)";

/// What names a row in its books: number and year, else its day; credit notes apart, and the
/// supplier where numbers are his.
const ROW_KEY: &str = "e.kind || '|' || e.direction || '|' || e.company || '|' \
    || coalesce(e.number || '|' || substr(coalesce(e.issue_date, e.registration_date, ''), 1, 4), \
                coalesce(e.issue_date, e.registration_date, '')) || '|' \
    || coalesce(e.vat_rate, '') || '|' \
    || case when e.document_type in ('TD04', 'TD08') then 'c' else '' end || '|' \
    || case when e.direction = 'incoming' \
            then coalesce(e.counterparty_tax_id, e.counterparty_name, '') else '' end";

const ROW_CONTENT: &str = "coalesce(e.issue_date, '') || '|' || coalesce(e.registration_date, '') || '|' \
    || coalesce(e.document_type, '') || '|' || coalesce(e.counterparty_tax_id, '') || '|' \
    || coalesce(e.taxable_cents, '') || '|' || coalesce(e.vat_cents, '') || '|' \
    || coalesce(e.gross_cents, '') || '|' || coalesce(e.cash_cents, '') || '|' \
    || coalesce(e.electronic_cents, '') || '|' || coalesce(e.vouchers_cents, '') || '|' \
    || coalesce(e.uncollected_cents, '') || '|' || coalesce(e.status, '')";

impl Tx {
    /// Lists earlier files of the same books with rows on the days of a new one, in order.
    ///
    /// The same books are those of the same company in the same layout.
    pub async fn overlaps(
        &mut self,
        file_id: i64,
        (company, layout): (&str, &str),
        (from, to): (NaiveDate, NaiveDate),
    ) -> Result<Vec<Overlap>, Error> {
        let sql = format!(
            "select f.id, f.file_name, count(*) as rows from ledger_files as f \
             join ledger_entries as e on e.file_id = f.id \
             where f.id < $1 and f.company = $2 and f.layout = $3 \
             and f.covers_from <= $5 and f.covers_to >= $4 \
             and coalesce(e.issue_date, e.registration_date) between $4 and $5 \
             and not {IS_REPLACED} group by f.id, f.file_name order by f.id"
        );
        let failed = self.failed();
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(file_id)
            .bind(company)
            .bind(layout)
            .bind(from.to_string())
            .bind(to.to_string())
            .fetch_all(&mut *self.inner)
            .await
            .map_err(failed)?;
        rows.iter()
            .map(|row| {
                Ok(Overlap {
                    file_id: get(row, "id")?,
                    file_name: get(row, "file_name")?,
                    rows: get::<i64>(row, "rows")?.cast_unsigned(),
                })
            })
            .collect()
    }

    /// Counts what a new file would change in an earlier one on the days that it covers.
    pub async fn version_change(
        &mut self,
        newer_id: i64,
        older_id: i64,
        (from, to): (NaiveDate, NaiveDate),
    ) -> Result<VersionChange, Error> {
        let sql = format!(
            "with lines as (select e.file_id = $1 as is_new, {ROW_KEY} as k, {ROW_CONTENT} as c, \
                e.number is not null as numbered, \
                row_number() over (partition by e.file_id, {ROW_KEY} order by {ROW_CONTENT}) as n \
                from ledger_entries as e where e.file_id in ($1, $2) \
                and coalesce(e.issue_date, e.registration_date) between $3 and $4 \
                and (e.file_id = $1 or not {IS_REPLACED})), \
             pairs as (select max(case when is_new then c end) as new, \
                max(case when not is_new then c end) as old, max(numbered) as numbered \
                from lines group by k, n) \
             select coalesce(sum(new = old), 0) as same, coalesce(sum(new <> old), 0) as changed, \
                coalesce(sum(new <> old and numbered), 0) as numbered_changed, \
                coalesce(sum(old is null), 0) as added, coalesce(sum(new is null), 0) as removed \
             from pairs"
        );
        let failed = self.failed();
        let counts = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(newer_id)
            .bind(older_id)
            .bind(from.to_string())
            .bind(to.to_string())
            .fetch_one(&mut *self.inner)
            .await
            .map_err(failed)?;
        let sums = self.amounts_between(newer_id, older_id, (from, to)).await?;
        let count = |column| Ok::<_, Error>(get::<i64>(&counts, column)?.cast_unsigned());
        Ok(VersionChange {
            rows_same: count("same")?,
            rows_changed: count("changed")?,
            numbered_changed: count("numbered_changed")?,
            rows_added: count("added")?,
            rows_removed: count("removed")?,
            taxable_cents: sums[0],
            vat_cents: sums[1],
            gross_cents: sums[2],
        })
    }

    /// Sums the amounts of a newer file less those of an older one.
    async fn amounts_between(
        &mut self,
        newer_id: i64,
        older_id: i64,
        (from, to): (NaiveDate, NaiveDate),
    ) -> Result<[i64; 3], Error> {
        let sql = format!(
            "select coalesce(sum(case when e.file_id = $1 then e.taxable_cents else -e.taxable_cents end), 0), \
             coalesce(sum(case when e.file_id = $1 then e.vat_cents else -e.vat_cents end), 0), \
             coalesce(sum(case when e.file_id = $1 then 1 else -1 end \
                * coalesce(e.gross_cents, e.taxable_cents + e.vat_cents)), 0) \
             from ledger_entries as e where e.file_id in ($1, $2) \
             and coalesce(e.issue_date, e.registration_date) between $3 and $4 \
             and (e.file_id = $1 or not {IS_REPLACED})"
        );
        let failed = self.failed();
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(newer_id)
            .bind(older_id)
            .bind(from.to_string())
            .bind(to.to_string())
            .fetch_one(&mut *self.inner)
            .await
            .map_err(failed)?;
        let cents = |index: usize| {
            row.try_get(index).map_err(|source| Error::Query { operation: "read a column", source })
        };
        Ok([cents(0)?, cents(1)?, cents(2)?])
    }

    /// Remembers that a new file stands in an earlier one's place on the days that it covers.
    pub async fn replace_file(
        &mut self,
        newer_id: i64,
        older_id: i64,
        (from, to): (NaiveDate, NaiveDate),
        change: &VersionChange,
    ) -> Result<(), Error> {
        let failed = self.failed();
        let count = |rows: u64| i64::try_from(rows).unwrap_or(i64::MAX);
        sqlx::query(
            "insert into ledger_versions (newer_id, older_id, covers_from, covers_to, rows_same, \
             rows_changed, rows_added, rows_removed, taxable_cents, vat_cents, gross_cents) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(newer_id)
        .bind(older_id)
        .bind(from.to_string())
        .bind(to.to_string())
        .bind(count(change.rows_same))
        .bind(count(change.rows_changed))
        .bind(count(change.rows_added))
        .bind(count(change.rows_removed))
        .bind(change.taxable_cents)
        .bind(change.vat_cents)
        .bind(change.gross_cents)
        .execute(&mut *self.inner)
        .await
        .map_err(failed)?;
        Ok(())
    }
}
