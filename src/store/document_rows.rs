//! Documents read back, each in place, with its VAT lines.

use std::collections::HashMap;

use foldhash::fast::FixedState;
use rusqlite::params;

use crate::fiscal::{Direction, Document, DocumentKind, TaxId, VatLine};
use crate::store::rows::{array, day_if_given, instant_if_given, parsed, tenders};
use crate::store::scan::{Cells, Scan};
use crate::store::{DocumentQuery, Error, Store};

/// What [`document`] takes from a row, in this order.
const COLUMNS: &str = "d.id, d.source_id, d.direction, d.document_type, d.status, d.sdi_status, \
    d.lifecycle, d.error_message, d.number, d.issue_date, d.counterparty_tax_id, \
    d.counterparty_tax_code, d.counterparty_name, d.currency, d.taxable_cents, d.vat_cents, \
    d.gross_cents, d.cash_cents, d.electronic_cents, d.vouchers_cents, d.uncollected_cents, \
    d.parent_id, d.source_references, d.created_at";

const CHOSEN: &str = "d.company = ?1 and d.kind = ?2 and (?3 is null or d.direction = ?3) and ";
/// The very words of the index.
const BY_ISSUE: &str = "coalesce(d.issue_date, substr(d.created_at, 1, 10)) between ?4 and ?5";
/// Instants are in UTC: the day before may be the first one in Rome.
const BY_RECEPTION: &str = "substr(d.created_at, 1, 10) between date(?4, '-1 day') and ?5";

/// VAT lines of many documents, by these documents' handles.
type VatLines = HashMap<i64, Vec<VatLine>, FixedState>;

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
        begin: impl FnOnce(usize) -> S + Send + 'static,
        mut take: impl FnMut(&mut S, Document) + Send + 'static,
    ) -> Result<S, Error> {
        let Chosen { company, kind, direction, days, has_vat_lines, by } = Chosen::by(query);
        self.scan("read documents", move |scan| {
            let [from, to] = days;
            let values = params![company.as_str(), kind.as_str(), direction, from, to];
            let count = format!("select count(*) from documents as d where {CHOSEN}{by}");
            let count = scan.number(&count, values)?;
            let mut state = begin(usize::try_from(count).unwrap_or(0));
            let mut lines = VatLines::default();
            if has_vat_lines {
                lines = vat_lines(scan, by, values)?;
            }
            let select = format!("select {COLUMNS} from documents as d where {CHOSEN}{by}");
            scan.each(&select, values, "a document's value", |cells| {
                take(&mut state, document(cells, kind, &company, &mut lines)?);
                Ok(())
            })?;
            Ok(state)
        })
        .await
    }
}

/// Says the same as a query and can be sent to another thread.
struct Chosen {
    company: TaxId,
    kind: DocumentKind,
    direction: Option<&'static str>,
    days: [String; 2],
    has_vat_lines: bool,
    by: &'static str,
}

impl Chosen {
    fn by(query: &DocumentQuery<'_>) -> Self {
        Self {
            company: query.company.clone(),
            kind: query.kind,
            direction: query.direction.map(Direction::as_str),
            days: [query.from.to_string(), query.to.to_string()],
            has_vat_lines: query.has_vat_lines,
            by: if query.is_by_reception { BY_RECEPTION } else { BY_ISSUE },
        }
    }
}

fn vat_lines(
    scan: &Scan<'_>,
    by: &str,
    values: &[&dyn rusqlite::ToSql],
) -> Result<VatLines, Error> {
    let select = format!(
        "select l.document_id, l.rate, l.taxable_cents, l.vat_cents, l.gross_cents \
         from documents as d cross join vat_lines as l on l.document_id = d.id \
         where {CHOSEN}{by} order by l.document_id, l.position"
    );
    let mut lines = VatLines::default();
    scan.each(&select, values, "a VAT line's value", |mut cells| {
        lines.entry(cells.number()?).or_default().push(VatLine {
            rate: parsed(cells.text()?, "a VAT rate")?,
            taxable_cents: cells.number()?,
            vat_cents: cells.number()?,
            gross_cents: cells.number()?,
        });
        Ok(())
    })?;
    Ok(lines)
}

/// Reads a document; fields are read in the order in which they are written here.
fn document(
    mut cells: Cells<'_>,
    kind: DocumentKind,
    company: &TaxId,
    lines: &mut VatLines,
) -> Result<Document, Error> {
    let owned = |text: Option<&str>| text.map(ToOwned::to_owned);
    let name = || format!("the references of a document of {company}");
    let handle = cells.number()?;
    Ok(Document {
        kind,
        company: company.clone(),
        vat_lines: lines.remove(&handle).unwrap_or_default(),
        source_id: cells.text()?.to_owned(),
        direction: parsed(cells.text()?, "a direction")?,
        document_type: parsed(cells.text()?, "a document type")?,
        status: cells.text()?.to_owned(),
        sdi_status: owned(cells.text_if_given()?),
        lifecycle: parsed(cells.text()?, "a lifecycle")?,
        error_message: owned(cells.text_if_given()?),
        number: owned(cells.text_if_given()?),
        issue_date: day_if_given(cells.text_if_given()?)?,
        counterparty_tax_id: cells.text_if_given()?.and_then(TaxId::parse),
        counterparty_tax_code: cells.text_if_given()?.and_then(TaxId::parse),
        counterparty_name: owned(cells.text_if_given()?),
        currency: parsed(cells.text()?, "a currency")?,
        taxable_cents: cells.number_if_given()?,
        vat_cents: cells.number_if_given()?,
        gross_cents: cells.number_if_given()?,
        tenders: tenders([
            cells.number_if_given()?,
            cells.number_if_given()?,
            cells.number_if_given()?,
            cells.number_if_given()?,
        ])?,
        parent_id: owned(cells.text_if_given()?),
        references: match cells.text()? {
            "[]" => Vec::new(),
            several => array(several, name, "a list of references")?,
        },
        created_at: instant_if_given(cells.text_if_given()?)?,
    })
}
