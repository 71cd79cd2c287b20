//! Documents: the latest revision of each, as the normalizer read it.

use std::collections::HashMap;

use chrono::NaiveDate;
use sqlx::QueryBuilder;

use crate::fiscal::{Direction, Document, DocumentKind, TaxId, VatLine};
use crate::store::rows::{batches, get, padded_batches, stored, to_json, word};
use crate::store::{Error, Store, Tx};

/// Chooses documents of one company, kind and direction by day of issue.
#[derive(Debug, Clone)]
pub struct DocumentQuery<'a> {
    /// The company.
    pub company: &'a TaxId,
    /// Receipts or invoices.
    pub kind: DocumentKind,
    /// Sent or received; both when `None`.
    pub direction: Option<Direction>,
    /// First day of issue.
    pub from: NaiveDate,
    /// Last day of issue.
    pub to: NaiveDate,
    /// Whether the days are those on which the provider took documents in instead.
    pub is_by_reception: bool,
    /// Whether documents come with their totals by VAT rate.
    pub has_vat_lines: bool,
}

const DOCUMENT_BINDS: usize = 26;
const VAT_LINE_BINDS: usize = 6;

/// A later revision replaces every column but the key.
const ON_CONFLICT: &str = " on conflict (kind, source_id) do update set raw_id = excluded.raw_id, \
             company = excluded.company, direction = excluded.direction, \
             document_type = excluded.document_type, status = excluded.status, \
             sdi_status = excluded.sdi_status, lifecycle = excluded.lifecycle, \
             error_message = excluded.error_message, number = excluded.number, \
             issue_date = excluded.issue_date, \
             counterparty_tax_id = excluded.counterparty_tax_id, \
             counterparty_tax_code = excluded.counterparty_tax_code, \
             counterparty_name = excluded.counterparty_name, currency = excluded.currency, \
             taxable_cents = excluded.taxable_cents, vat_cents = excluded.vat_cents, \
             gross_cents = excluded.gross_cents, cash_cents = excluded.cash_cents, \
             electronic_cents = excluded.electronic_cents, \
             vouchers_cents = excluded.vouchers_cents, \
             uncollected_cents = excluded.uncollected_cents, parent_id = excluded.parent_id, \
             source_references = excluded.source_references, created_at = excluded.created_at \
             returning id, kind, source_id";

impl Tx {
    /// Saves documents, each with the raw revision that it was read from.
    ///
    /// A document with the same kind and source id is replaced with its VAT lines; when a
    /// source id stands twice in the list, the later one wins.
    pub async fn save_documents(&mut self, documents: &[(i64, Document)]) -> Result<(), Error> {
        let mut last: HashMap<(DocumentKind, &str), usize> = HashMap::new();
        for (index, (_, document)) in documents.iter().enumerate() {
            last.insert((document.kind, &document.source_id), index);
        }
        let mut kept: Vec<usize> = last.into_values().collect();
        kept.sort_unstable();
        let kept: Vec<&(i64, Document)> = kept.into_iter().map(|i| &documents[i]).collect();
        let mut with_ids = Vec::with_capacity(kept.len());
        for batch in batches(&kept, DOCUMENT_BINDS) {
            with_ids.extend(self.upsert_documents(batch).await?);
        }
        self.replace_vat_lines(&with_ids).await
    }

    /// Writes documents and returns each with its id.
    async fn upsert_documents<'a>(
        &mut self,
        chunk: &[&'a (i64, Document)],
    ) -> Result<Vec<(i64, &'a Document)>, Error> {
        let mut insert = QueryBuilder::new(
            "insert into documents (kind, source_id, raw_id, company, direction, document_type, \
             status, sdi_status, lifecycle, error_message, number, issue_date, \
             counterparty_tax_id, counterparty_tax_code, counterparty_name, currency, \
             taxable_cents, vat_cents, gross_cents, cash_cents, electronic_cents, \
             vouchers_cents, uncollected_cents, parent_id, source_references, created_at) ",
        );
        insert.push_values(chunk, |mut row, (raw_id, document)| {
            let tenders = document.tenders.as_ref();
            row.push_bind(document.kind.as_str())
                .push_bind(&document.source_id)
                .push_bind(raw_id)
                .push_bind(document.company.as_str())
                .push_bind(document.direction.as_str())
                .push_bind(document.document_type.as_str())
                .push_bind(&document.status)
                .push_bind(&document.sdi_status)
                .push_bind(document.lifecycle.as_str())
                .push_bind(&document.error_message)
                .push_bind(&document.number)
                .push_bind(document.issue_date.map(|day| day.to_string()))
                .push_bind(document.counterparty_tax_id.as_ref().map(TaxId::as_str))
                .push_bind(document.counterparty_tax_code.as_ref().map(TaxId::as_str))
                .push_bind(&document.counterparty_name)
                .push_bind(document.currency.as_str())
                .push_bind(document.taxable_cents)
                .push_bind(document.vat_cents)
                .push_bind(document.gross_cents)
                .push_bind(tenders.map(|tenders| tenders.cash_cents))
                .push_bind(tenders.map(|tenders| tenders.electronic_cents))
                .push_bind(tenders.map(|tenders| tenders.vouchers_cents))
                .push_bind(tenders.map(|tenders| tenders.uncollected_cents))
                .push_bind(&document.parent_id)
                .push_bind(to_json(&document.references))
                .push_bind(document.created_at.map(stored));
        });
        insert.push(ON_CONFLICT);
        let failed = self.failed();
        let returned = insert.build().fetch_all(&mut *self.inner).await.map_err(failed)?;
        let mut ids: HashMap<(DocumentKind, &str), i64> = HashMap::with_capacity(chunk.len());
        for row in &returned {
            ids.insert((word(row, "kind", "a kind")?, get(row, "source_id")?), get(row, "id")?);
        }
        let id_of = |document: &Document| ids[&(document.kind, document.source_id.as_str())];
        Ok(chunk.iter().map(|(_, document)| (id_of(document), document)).collect())
    }

    async fn replace_vat_lines(&mut self, documents: &[(i64, &Document)]) -> Result<(), Error> {
        let ids: Vec<i64> = documents.iter().map(|(id, _)| *id).collect();
        for batch in padded_batches(&ids) {
            let mut delete = QueryBuilder::new("delete from vat_lines where document_id in (");
            let mut listed = delete.separated(", ");
            for id in batch {
                listed.push_bind(id);
            }
            delete.push(")");
            let failed = self.failed();
            delete.build().execute(&mut *self.inner).await.map_err(failed)?;
        }
        let lines: Vec<(i64, i64, &VatLine)> = documents
            .iter()
            .flat_map(|(id, document)| {
                (0..).zip(&document.vat_lines).map(|(n, line)| (*id, n, line))
            })
            .collect();
        for chunk in batches(&lines, VAT_LINE_BINDS) {
            let mut insert = QueryBuilder::new(
                "insert into vat_lines \
                 (document_id, position, rate, taxable_cents, vat_cents, gross_cents) ",
            );
            insert.push_values(chunk, |mut row, (id, position, line)| {
                row.push_bind(id)
                    .push_bind(position)
                    .push_bind(line.rate.to_string())
                    .push_bind(line.taxable_cents)
                    .push_bind(line.vat_cents)
                    .push_bind(line.gross_cents);
            });
            let failed = self.failed();
            insert.build().execute(&mut *self.inner).await.map_err(failed)?;
        }
        Ok(())
    }
}

impl Store {
    /// Counts all documents of a kind.
    pub async fn count_documents(&self, kind: DocumentKind) -> Result<i64, Error> {
        sqlx::query_scalar("select count(*) from documents where kind = $1")
            .bind(kind.as_str())
            .fetch_one(self.reader())
            .await
            .map_err(|source| Error::during("count documents", source))
    }
}
