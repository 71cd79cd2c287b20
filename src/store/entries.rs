//! Ledger entries: the rows of the books, insert-only.

use sqlx::QueryBuilder;
use sqlx::sqlite::SqliteRow;

use crate::fiscal::{Direction, DocumentType, LedgerEntry, TaxId};
use crate::store::documents::tenders;
use crate::store::rows::{batches, day, get, json, optional_word, tax_id, to_json, word};
use crate::store::versions::IS_REPLACED;
use crate::store::{Error, Store, Tx};

const ENTRY_BINDS: usize = 25;

impl Tx {
    /// Stores entries of an opened file, each of which has its company and direction.
    pub async fn insert_entries(
        &mut self,
        file_id: i64,
        entries: &[LedgerEntry],
    ) -> Result<(), Error> {
        for chunk in batches(entries, ENTRY_BINDS) {
            let mut insert = QueryBuilder::new(
                "insert into ledger_entries (file_id, row, kind, company, direction, \
                 document_type, number, issue_date, registration_date, transmission_date, \
                 counterparty_tax_id, counterparty_tax_code, counterparty_name, currency, \
                 taxable_cents, vat_cents, gross_cents, vat_rate, cash_cents, electronic_cents, \
                 vouchers_cents, uncollected_cents, has_stamp_duty, status, source_references) ",
            );
            insert.push_values(chunk, |mut row, entry| {
                let tenders = entry.tenders.as_ref();
                row.push_bind(file_id)
                    .push_bind(i64::try_from(entry.row).unwrap_or(i64::MAX))
                    .push_bind(entry.kind.as_str())
                    .push_bind(entry.company.as_ref().map(TaxId::as_str))
                    .push_bind(entry.direction.map(Direction::as_str))
                    .push_bind(entry.document_type.as_ref().map(DocumentType::as_str))
                    .push_bind(&entry.number)
                    .push_bind(entry.issue_date.map(|day| day.to_string()))
                    .push_bind(entry.registration_date.map(|day| day.to_string()))
                    .push_bind(entry.transmission_date.map(|day| day.to_string()))
                    .push_bind(entry.counterparty_tax_id.as_ref().map(TaxId::as_str))
                    .push_bind(entry.counterparty_tax_code.as_ref().map(TaxId::as_str))
                    .push_bind(&entry.counterparty_name)
                    .push_bind(entry.currency.as_str())
                    .push_bind(entry.taxable_cents)
                    .push_bind(entry.vat_cents)
                    .push_bind(entry.gross_cents)
                    .push_bind(entry.vat_rate.as_ref().map(ToString::to_string))
                    .push_bind(tenders.map(|tenders| tenders.cash_cents))
                    .push_bind(tenders.map(|tenders| tenders.electronic_cents))
                    .push_bind(tenders.map(|tenders| tenders.vouchers_cents))
                    .push_bind(tenders.map(|tenders| tenders.uncollected_cents))
                    .push_bind(i64::from(entry.has_stamp_duty))
                    .push_bind(&entry.status)
                    .push_bind(to_json(&entry.references));
            });
            let failed = self.failed();
            insert.build().execute(&mut *self.inner).await.map_err(failed)?;
        }
        Ok(())
    }
}

impl Store {
    /// Returns all entries of the given files and company, by file and row.
    ///
    /// Each comes with the name of its file. Rows outside a period are returned too: a
    /// date that was written wrong must still find its document. Rows on days that a later
    /// export of the same books covers are not: its rows stand in their place.
    pub async fn entries(
        &self,
        company: &TaxId,
        file_ids: &[i64],
    ) -> Result<Vec<(String, LedgerEntry)>, Error> {
        if file_ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut select = QueryBuilder::new(
            "select e.*, f.file_name from ledger_entries as e \
             join ledger_files as f on f.id = e.file_id where e.company = ",
        );
        select.push_bind(company.as_str()).push(" and e.file_id in (");
        let mut ids = select.separated(", ");
        for id in file_ids {
            ids.push_bind(id);
        }
        select.push(") and not ").push(IS_REPLACED).push(" order by e.file_id, e.row");
        let rows = select
            .build()
            .fetch_all(self.reader())
            .await
            .map_err(|source| Error::during("read ledger entries", source))?;
        rows.iter().map(|row| Ok((get(row, "file_name")?, read(row)?))).collect()
    }
}

fn read(row: &SqliteRow) -> Result<LedgerEntry, Error> {
    Ok(LedgerEntry {
        kind: word(row, "kind", "a kind of entry")?,
        row: get::<i64>(row, "row")?.cast_unsigned(),
        company: tax_id(row, "company")?,
        direction: optional_word(row, "direction", "a direction")?,
        document_type: optional_word(row, "document_type", "a document type")?,
        number: get(row, "number")?,
        issue_date: day(row, "issue_date")?,
        registration_date: day(row, "registration_date")?,
        transmission_date: day(row, "transmission_date")?,
        counterparty_tax_id: tax_id(row, "counterparty_tax_id")?,
        counterparty_tax_code: tax_id(row, "counterparty_tax_code")?,
        counterparty_name: get(row, "counterparty_name")?,
        currency: word(row, "currency", "a currency")?,
        taxable_cents: get(row, "taxable_cents")?,
        vat_cents: get(row, "vat_cents")?,
        gross_cents: get(row, "gross_cents")?,
        vat_rate: optional_word(row, "vat_rate", "a VAT rate")?,
        tenders: tenders(row)?,
        has_stamp_duty: get::<i64>(row, "has_stamp_duty")? == 1,
        status: get(row, "status")?,
        references: json(row, "source_references", "a list of references")?,
    })
}
