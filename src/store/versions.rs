//! Later exports of the same books: what took whose place, and what it changed.
//!
//! Rows are insert-only, so nothing is overwritten: a version says on which days the newer
//! file's rows count and the older file's no longer do.

use chrono::NaiveDate;
use sha2::{Digest as _, Sha256};

use crate::fiscal::{Direction, DocumentType, LedgerEntry, TaxId};
use crate::store::entries::{day_of, fold_standing};
use crate::store::rows::get;
use crate::store::{Error, Tx};

/// Names a stored file whose days a new one also covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlap {
    /// The stored file.
    pub file_id: i64,
    /// Its name as uploaded.
    pub file_name: String,
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

impl VersionChange {
    /// Returns the earlier file's rows on those days that no other file has replaced.
    #[must_use]
    pub fn rows_before(&self) -> u64 {
        self.rows_same + self.rows_changed + self.rows_removed
    }
}

impl Tx {
    /// Lists earlier files of the same books that reach into the days of a new one, in order.
    ///
    /// The same books are those of the same company in the same layout.
    pub async fn overlaps(
        &mut self,
        file_id: i64,
        (company, layout): (&str, &str),
        (from, to): (NaiveDate, NaiveDate),
    ) -> Result<Vec<Overlap>, Error> {
        let failed = self.failed();
        let rows = sqlx::query(
            "select id, file_name from ledger_files where id < $1 and company = $2 \
             and layout = $3 and covers_from <= $5 and covers_to >= $4 order by id",
        )
        .bind(file_id)
        .bind(company)
        .bind(layout)
        .bind(from.to_string())
        .bind(to.to_string())
        .fetch_all(&mut *self.inner)
        .await
        .map_err(failed)?;
        rows.iter()
            .map(|row| Ok(Overlap { file_id: get(row, "id")?, file_name: get(row, "file_name")? }))
            .collect()
    }

    /// Counts what a new file would change in an earlier one on the days that it covers.
    ///
    /// Rows are alike when what names them and what they say is; of several with one name,
    /// as many are alike as both files have.
    pub async fn version_change(
        &mut self,
        newer_id: i64,
        older_id: i64,
        (from, to): (NaiveDate, NaiveDate),
    ) -> Result<VersionChange, Error> {
        let mut both = (Vec::new(), [0_i128; 3]);
        for (file_id, sign) in [(newer_id, 1), (older_id, -1)] {
            let is_newer = file_id == newer_id;
            both = fold_standing(&mut self.inner, file_id, both, move |(lines, sums), entry| {
                if day_of(&entry).is_some_and(|day| (from..=to).contains(&day)) {
                    let amounts =
                        [entry.taxable_cents, entry.vat_cents, entry.gross_or_parts_cents()];
                    for (sum, cents) in sums.iter_mut().zip(amounts) {
                        *sum += sign * i128::from(cents.unwrap_or(0));
                    }
                    lines.push(Line::of(&entry, is_newer));
                }
            })
            .await?;
        }
        let (lines, sums) = both;
        let mut change = counted(lines);
        let cents = |sum: i128| i64::try_from(sum).map_err(|_| Error::TooLarge(sum));
        change.taxable_cents = cents(sums[0])?;
        change.vat_cents = cents(sums[1])?;
        change.gross_cents = cents(sums[2])?;
        Ok(change)
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

/// Holds what names a row in its books, and what it says, each as a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    key: [u8; 16],
    content: [u8; 16],
    is_new: bool,
    is_numbered: bool,
}

impl Line {
    /// A row's name is its number and year, else its day; credit notes stand apart, and the
    /// supplier counts where numbers are his.
    fn of(entry: &LedgerEntry, is_new: bool) -> Self {
        let day = day_of(entry).map(|day| day.to_string()).unwrap_or_default();
        let is_credit = entry.document_type.as_ref().is_some_and(DocumentType::is_negative);
        let supplier = match entry.direction {
            Some(Direction::Incoming) => entry
                .counterparty_tax_id
                .as_ref()
                .map(TaxId::as_str)
                .or(entry.counterparty_name.as_deref()),
            _ => None,
        };
        let year = day.get(..4).unwrap_or_default();
        let key = hash(&[
            entry.kind.as_str(),
            entry.direction.map_or("", Direction::as_str),
            entry.company.as_ref().map_or("", TaxId::as_str),
            entry.number.as_deref().unwrap_or(&day),
            if entry.number.is_some() { year } else { "" },
            &entry.vat_rate.as_ref().map(ToString::to_string).unwrap_or_default(),
            if is_credit { "c" } else { "" },
            supplier.unwrap_or_default(),
        ]);
        let date = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        let cents = |value: Option<i64>| value.map(|cents| cents.to_string()).unwrap_or_default();
        let tenders =
            entry.tenders.map(|tenders| tenders.each().map(|(_, cents)| cents.to_string()));
        let content = hash(&[
            &date(entry.issue_date),
            &date(entry.registration_date),
            entry.document_type.as_ref().map_or("", DocumentType::as_str),
            entry.counterparty_tax_id.as_ref().map_or("", TaxId::as_str),
            &cents(entry.taxable_cents),
            &cents(entry.vat_cents),
            &cents(entry.gross_cents),
            &tenders.map(|tenders| tenders.join("|")).unwrap_or_default(),
            entry.status.as_deref().unwrap_or_default(),
        ]);
        Self { key, content, is_new, is_numbered: entry.number.is_some() }
    }
}

/// Counts rows that two files have alike, otherwise, or alone, name by name.
fn counted(mut lines: Vec<Line>) -> VersionChange {
    lines.sort_unstable();
    let mut change = VersionChange::default();
    for named in lines.chunk_by(|a, b| a.key == b.key) {
        let alike: u64 = named
            .chunk_by(|a, b| a.content == b.content)
            .map(|rows| {
                let new = rows.iter().filter(|row| row.is_new).count() as u64;
                new.min(rows.len() as u64 - new)
            })
            .sum();
        let new = named.iter().filter(|row| row.is_new).count() as u64 - alike;
        let old = named.len() as u64 - 2 * alike - new;
        let changed = new.min(old);
        change.rows_same += alike;
        change.rows_changed += changed;
        change.numbered_changed += if named[0].is_numbered { changed } else { 0 };
        change.rows_added += new - changed;
        change.rows_removed += old - changed;
    }
    change
}

/// Hashes texts so that no two lists of them are taken for one.
fn hash(parts: &[&str]) -> [u8; 16] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    let mut short = [0; 16];
    short.copy_from_slice(&hasher.finalize()[..16]);
    short
}
