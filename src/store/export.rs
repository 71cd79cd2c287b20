//! Whole tables for other programs, row by row.
//!
//! Columns and their order are a contract: others read these files.

use futures::TryStreamExt as _;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, TypeInfo as _, ValueRef as _};

use crate::store::{Error, Store};

/// Chooses a table that other programs may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportTable {
    /// The provider's documents, the latest revision of each.
    Documents,
    /// The rows of the books.
    Entries,
    /// What was found wrong, open or closed.
    Findings,
}

/// Holds one value of an exported row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing is known.
    Empty,
    /// Text, a day or an instant.
    Text(String),
    /// A count or cents.
    Number(i64),
}

const DOCUMENTS: &str = "select source_id, kind, company, direction, document_type, status, \
    sdi_status, number, issue_date, counterparty_tax_id, counterparty_name, currency, \
    taxable_cents, vat_cents, gross_cents, parent_id, created_at \
    from documents order by kind, company, issue_date, source_id";

const ENTRIES: &str = "select f.file_name, e.row, e.company, e.kind, e.direction, \
    e.document_type, e.number, e.issue_date, e.registration_date, e.counterparty_tax_id, \
    e.counterparty_name, e.currency, e.taxable_cents, e.vat_cents, e.gross_cents \
    from ledger_entries as e join ledger_files as f on f.id = e.file_id order by f.id, e.row";

const FINDINGS: &str = "select kind, state, company, document_kind, period_from, period_to, \
    first_seen_on, at_risk_cents, currency, fingerprint, last_run_id \
    from findings order by period_from, company, document_kind, kind, fingerprint";

impl ExportTable {
    /// Returns the names of the columns, in order.
    #[must_use]
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Documents => &[
                "id",
                "kind",
                "company",
                "direction",
                "type",
                "status",
                "sdi_status",
                "number",
                "issue_date",
                "counterparty_tax_id",
                "counterparty_name",
                "currency",
                "taxable_cents",
                "vat_cents",
                "gross_cents",
                "parent_id",
                "created_at",
            ],
            Self::Entries => &[
                "file",
                "row",
                "company",
                "kind",
                "direction",
                "type",
                "number",
                "issue_date",
                "registration_date",
                "counterparty_tax_id",
                "counterparty_name",
                "currency",
                "taxable_cents",
                "vat_cents",
                "gross_cents",
            ],
            Self::Findings => &[
                "kind",
                "state",
                "company",
                "document_kind",
                "period_from",
                "period_to",
                "first_seen_on",
                "at_risk_cents",
                "currency",
                "fingerprint",
                "run",
            ],
        }
    }

    fn sql(self) -> &'static str {
        match self {
            Self::Documents => DOCUMENTS,
            Self::Entries => ENTRIES,
            Self::Findings => FINDINGS,
        }
    }
}

impl Store {
    /// Hands every row of a table to `take`, in a stable order; never holds them all.
    pub async fn export<E>(
        &self,
        table: ExportTable,
        mut take: impl FnMut(Vec<Cell>) -> Result<(), E>,
    ) -> Result<Result<(), E>, Error> {
        let operation = "export a table";
        let mut rows = sqlx::query(table.sql()).fetch(self.reader());
        while let Some(row) =
            rows.try_next().await.map_err(|source| Error::during(operation, source))?
        {
            let mut cells = Vec::with_capacity(table.columns().len());
            for index in 0..table.columns().len() {
                cells.push(cell(&row, index)?);
            }
            if let Err(error) = take(cells) {
                return Ok(Err(error));
            }
        }
        Ok(Ok(()))
    }
}

fn cell(row: &SqliteRow, index: usize) -> Result<Cell, Error> {
    let failed = |source| Error::Query { operation: "read a column", source };
    let raw = row.try_get_raw(index).map_err(failed)?;
    if raw.is_null() {
        Ok(Cell::Empty)
    } else if raw.type_info().name() == "INTEGER" {
        Ok(Cell::Number(row.try_get(index).map_err(failed)?))
    } else {
        Ok(Cell::Text(row.try_get(index).map_err(failed)?))
    }
}
