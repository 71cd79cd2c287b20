//! Documents read back: many at a time come as one text, with their VAT lines.
//!
//! The driver copies each value of a row and asks for each by name, and hands every row over
//! to another thread; for a month of a hundred thousand documents that cost more than
//! comparing them. SQLite writes rows as JSON sooner.

use futures::StreamExt as _;
use serde::Deserialize;
use sqlx::{AssertSqlSafe, Row as _};

use crate::fiscal::{Direction, Document, DocumentKind, TaxId, VatLine};
use crate::store::fold::fold;
use crate::store::rows::{Words, array, day_if_given, each, instant_if_given, parsed, tenders};
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
const DOCUMENTS_AT_ONCE: usize = 128;

impl Store {
    /// Returns the chosen documents, ordered by source id.
    pub async fn documents(&self, query: &DocumentQuery<'_>) -> Result<Vec<Document>, Error> {
        let mut documents = self.fold_documents(query, Vec::with_capacity, Vec::push).await?;
        documents.sort_unstable_by(|a, b| a.source_id.cmp(&b.source_id));
        Ok(documents)
    }

    /// Takes in the chosen documents, as of one moment, in no order, on a thread of its own.
    ///
    /// A document without a day of issue is chosen by the day on which it was taken in.
    /// `begin` is told how many will come.
    pub async fn fold_documents<S: Send + 'static>(
        &self,
        query: &DocumentQuery<'_>,
        begin: impl FnOnce(usize) -> S,
        mut take: impl FnMut(&mut S, Document) + Send + 'static,
    ) -> Result<S, Error> {
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
        let count = handles.len();
        let parts: Vec<&[i64]> = handles.chunks(DOCUMENTS_AT_ONCE).collect();
        let parts = serde_json::to_string(&parts).expect("lists of numbers are JSON");
        let rows = sqlx::query(SELECT).bind(parts).bind(query.has_vat_lines).fetch(&mut *tx);
        let texts = rows.map(|row| row.and_then(|row| row.try_get::<String, _>(0)).map_err(failed));
        let (kind, company) = (query.kind, query.company.clone());
        fold(texts, begin(count), move |state, text| {
            let name = || format!("the documents of {company}");
            each(&text, name, "the values of documents", |row: Packed<'_>| {
                take(state, unpack(row, kind, &company)?);
                Ok(())
            })
        })
        .await
    }
}

/// A document's values by name, read from an array in this order.
#[derive(Deserialize)]
struct Packed<'r> {
    source_id: String,
    direction: &'r str,
    #[serde(borrow)]
    document_type: Words<'r>,
    status: String,
    sdi_status: Option<String>,
    lifecycle: &'r str,
    error_message: Option<String>,
    number: Option<String>,
    issue_date: Option<&'r str>,
    counterparty_tax_id: Option<Words<'r>>,
    counterparty_tax_code: Option<Words<'r>>,
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

fn unpack(row: Packed<'_>, kind: DocumentKind, company: &TaxId) -> Result<Document, Error> {
    let id = |id: Option<Words<'_>>| id.as_deref().and_then(TaxId::parse);
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
        kind,
        source_id: row.source_id,
        company: company.clone(),
        direction: parsed(row.direction, "a direction")?,
        document_type: parsed(&row.document_type, "a document type")?,
        status: row.status,
        sdi_status: row.sdi_status,
        lifecycle: parsed(row.lifecycle, "a lifecycle")?,
        error_message: row.error_message,
        number: row.number,
        issue_date: day_if_given(row.issue_date)?,
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
        created_at: instant_if_given(row.created_at)?,
    })
}
