//! Documents read back: many at a time come as one text, with their VAT lines.
//!
//! The driver copies each value of a row and asks for each by name, and hands every row over
//! to another thread; for a month of a hundred thousand documents that cost more than
//! comparing them. SQLite writes rows as JSON sooner.

use futures::TryStreamExt as _;
use serde::Deserialize;
use sqlx::{AssertSqlSafe, Row as _};

use crate::fiscal::{Direction, Document, TaxId, VatLine};
use crate::store::rows::{array, parsed, parsed_if_given, tenders};
use crate::store::{DocumentQuery, Error, Store};

/// Selects the chosen documents' handles, as one text.
const HANDLES: &str = "select json_group_array(d.id) from documents as d \
    where d.company = $1 and d.kind = $2 and ($3 is null or d.direction = $3) and ";

/// The very words of the index.
const BY_ISSUE: &str = "coalesce(d.issue_date, substr(d.created_at, 1, 10)) between $4 and $5";
/// Instants are in UTC: the day before may be the first one in Rome.
const BY_RECEPTION: &str = "substr(d.created_at, 1, 10) between date($4, '-1 day') and $5";

/// Selects documents by lists of their handles, as arrays in the order of [`Packed`].
const SELECT: &str = "select (select json_group_array(json_array(d.source_id, d.direction, \
    d.document_type, d.status, d.sdi_status, d.lifecycle, d.error_message, d.number, \
    d.issue_date, d.counterparty_tax_id, d.counterparty_tax_code, d.counterparty_name, \
    d.currency, d.taxable_cents, d.vat_cents, d.gross_cents, d.cash_cents, \
    d.electronic_cents, d.vouchers_cents, d.uncollected_cents, d.parent_id, \
    json(d.source_references), d.created_at, \
    case when $2 then (select json_group_array(json_array(l.rate, l.taxable_cents, l.vat_cents, \
        l.gross_cents) order by l.position) from vat_lines as l where l.document_id = d.id) \
        else json('[]') end)) \
    from documents as d where d.id in (select value from json_each(part.value))) \
    from json_each($1) as part";

/// How many documents come as one text: few enough that those read ahead need no memory.
const DOCUMENTS_AT_ONCE: usize = 64;

impl Store {
    /// Returns the chosen documents, ordered by source id.
    pub async fn documents(&self, query: &DocumentQuery<'_>) -> Result<Vec<Document>, Error> {
        let mut documents = Vec::new();
        self.each_document(query, |document| documents.push(document)).await?;
        documents.sort_unstable_by(|a, b| a.source_id.cmp(&b.source_id));
        Ok(documents)
    }

    /// Hands on the chosen documents one by one, as of one moment, in no order.
    ///
    /// A document without a day of issue is chosen by the day on which it was taken in.
    pub async fn each_document(
        &self,
        query: &DocumentQuery<'_>,
        mut take: impl FnMut(Document),
    ) -> Result<(), Error> {
        let failed = |source| Error::during("read documents", source);
        let mut tx = self.reader().begin().await.map_err(failed)?;
        let days = if query.is_by_reception { BY_RECEPTION } else { BY_ISSUE };
        let handles: String = sqlx::query_scalar(AssertSqlSafe([HANDLES, days].concat()))
            .bind(query.company.as_str())
            .bind(query.kind.as_str())
            .bind(query.direction.map(Direction::as_str))
            .bind(query.from.to_string())
            .bind(query.to.to_string())
            .fetch_one(&mut *tx)
            .await
            .map_err(failed)?;
        let name = || format!("the documents of {}", query.company);
        let mut handles: Vec<i64> = array(&handles, name, "a list of handles")?;
        handles.sort_unstable();
        let parts: Vec<&[i64]> = handles.chunks(DOCUMENTS_AT_ONCE).collect();
        let parts = serde_json::to_string(&parts).expect("lists of numbers are JSON");
        let mut rows = sqlx::query(SELECT).bind(parts).bind(query.has_vat_lines).fetch(&mut *tx);
        while let Some(row) = rows.try_next().await.map_err(failed)? {
            let text: &str = row.try_get(0).map_err(failed)?;
            let packed: Vec<Packed<'_>> = array(text, name, "the values of documents")?;
            for row in packed {
                take(unpack(query, row)?);
            }
        }
        Ok(())
    }
}

/// A document's values by name, read from an array in this order.
#[derive(Deserialize)]
struct Packed<'r> {
    source_id: String,
    direction: &'r str,
    document_type: String,
    status: String,
    sdi_status: Option<String>,
    lifecycle: &'r str,
    error_message: Option<String>,
    number: Option<String>,
    issue_date: Option<&'r str>,
    counterparty_tax_id: Option<String>,
    counterparty_tax_code: Option<String>,
    counterparty_name: Option<String>,
    currency: &'r str,
    taxable_cents: Option<i64>,
    vat_cents: Option<i64>,
    gross_cents: Option<i64>,
    cash_cents: Option<i64>,
    electronic_cents: Option<i64>,
    vouchers_cents: Option<i64>,
    uncollected_cents: Option<i64>,
    parent_id: Option<String>,
    source_references: Vec<String>,
    created_at: Option<&'r str>,
    vat_lines: Vec<PackedLine>,
}

#[derive(Deserialize)]
struct PackedLine {
    rate: String,
    taxable_cents: i64,
    vat_cents: i64,
    gross_cents: i64,
}

fn unpack(query: &DocumentQuery<'_>, row: Packed<'_>) -> Result<Document, Error> {
    let id = |id: Option<String>| id.as_deref().and_then(TaxId::parse);
    let mut vat_lines = Vec::with_capacity(row.vat_lines.len());
    for line in row.vat_lines {
        vat_lines.push(VatLine {
            rate: parsed(&line.rate, "a VAT rate")?,
            taxable_cents: line.taxable_cents,
            vat_cents: line.vat_cents,
            gross_cents: line.gross_cents,
        });
    }
    Ok(Document {
        kind: query.kind,
        source_id: row.source_id,
        company: query.company.clone(),
        direction: parsed(row.direction, "a direction")?,
        document_type: parsed(&row.document_type, "a document type")?,
        status: row.status,
        sdi_status: row.sdi_status,
        lifecycle: parsed(row.lifecycle, "a lifecycle")?,
        error_message: row.error_message,
        number: row.number,
        issue_date: parsed_if_given(row.issue_date, "a day")?,
        counterparty_tax_id: id(row.counterparty_tax_id),
        counterparty_tax_code: id(row.counterparty_tax_code),
        counterparty_name: row.counterparty_name,
        currency: parsed(row.currency, "a currency")?,
        taxable_cents: row.taxable_cents,
        vat_cents: row.vat_cents,
        gross_cents: row.gross_cents,
        tenders: tenders([
            row.cash_cents,
            row.electronic_cents,
            row.vouchers_cents,
            row.uncollected_cents,
        ])?,
        vat_lines,
        parent_id: row.parent_id,
        references: row.source_references,
        created_at: parsed_if_given(row.created_at, "an instant")?,
    })
}
