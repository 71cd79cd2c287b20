//! What is counted over the entries of a file: totals, days, rows that stand twice.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher as _, Hash as _, Hasher as _};

use chrono::NaiveDate;
use foldhash::quality::FixedState;

use crate::fiscal::{Currency, DocumentType, LedgerEntry, Period, TaxId};
use crate::ledger::{Duplicate, Totals};

/// How many rows that stand twice are listed; all are counted.
const DUPLICATES_LISTED_MAX: usize = 1000;

/// Holds what was counted so far.
#[derive(Default)]
pub(super) struct Tally {
    pub rows: u64,
    /// Entries of which nothing says whether they were issued or received.
    pub undirected: u64,
    pub totals: BTreeMap<Currency, Totals>,
    /// Sums since the last total row.
    pub since_total: Totals,
    /// Sums over credit notes alone: some registers add them up unsigned.
    pub credits: Totals,
    days: BTreeSet<NaiveDate>,
    /// The hash of each row's content, and the row; sorted when all rows are there.
    contents: Vec<(u64, u64)>,
}

impl Tally {
    /// Counts an entry; false, and nothing counted, when a sum is too large.
    pub(super) fn add(&mut self, entry: &LedgerEntry) -> bool {
        let sum = self.totals.get(&entry.currency).copied().unwrap_or_default();
        let Some(sum) = sum.with(entry) else {
            return false;
        };
        self.totals.insert(entry.currency, sum);
        self.since_total = self.since_total.with(entry).unwrap_or_default();
        if entry.document_type.as_ref().is_some_and(DocumentType::is_negative) {
            self.credits = self.credits.with(entry).unwrap_or_default();
        }
        self.rows += 1;
        self.undirected += u64::from(entry.direction.is_none());
        if let Some(day) = entry.issue_date.or(entry.registration_date) {
            self.days.insert(day);
        }
        self.contents.push((content_hash(entry), entry.row));
        true
    }

    /// Returns how many rows say the same as an earlier one, and the first of them in order.
    pub(super) fn duplicates(&mut self) -> (u64, Vec<Duplicate>) {
        self.contents.sort_unstable();
        let alike = self.contents.chunk_by(|one, other| one.0 == other.0);
        let mut duplicates: Vec<Duplicate> = alike
            .flat_map(|rows| {
                rows[1..].iter().map(|(_, row)| Duplicate { row: *row, first: rows[0].1 })
            })
            .collect();
        duplicates.sort_unstable_by_key(|one| one.row);
        let count = duplicates.len() as u64;
        duplicates.truncate(DUPLICATES_LISTED_MAX);
        (count, duplicates)
    }

    /// Returns the first and last day of the entries.
    pub(super) fn coverage(&self) -> Option<(NaiveDate, NaiveDate)> {
        Some((*self.days.first()?, *self.days.last()?))
    }

    /// Returns the spans of days between the first and the last that have no entry.
    pub(super) fn gaps(&self) -> Vec<Period> {
        let mut gaps = Vec::new();
        for (day, next) in self.days.iter().zip(self.days.iter().skip(1)) {
            if let (Some(from), Some(to)) = (day.succ_opt(), next.pred_opt())
                && from <= to
            {
                gaps.push(Period { from, to });
            }
        }
        gaps
    }
}

/// Hashes what an entry says, its row left out.
fn content_hash(entry: &LedgerEntry) -> u64 {
    let mut hasher = FixedState::with_seed(0).build_hasher();
    entry.kind.as_str().hash(&mut hasher);
    entry.company.as_ref().map(TaxId::as_str).hash(&mut hasher);
    entry.document_type.as_ref().map(DocumentType::as_str).hash(&mut hasher);
    entry.number.hash(&mut hasher);
    (entry.issue_date, entry.registration_date).hash(&mut hasher);
    entry.counterparty_tax_id.as_ref().map(TaxId::as_str).hash(&mut hasher);
    entry.counterparty_name.hash(&mut hasher);
    (entry.taxable_cents, entry.vat_cents, entry.gross_cents).hash(&mut hasher);
    entry.vat_rate.as_ref().map(ToString::to_string).hash(&mut hasher);
    let tenders = entry.tenders.as_ref();
    tenders
        .map(|t| (t.cash_cents, t.electronic_cents, t.vouchers_cents, t.uncollected_cents))
        .hash(&mut hasher);
    entry.references.hash(&mut hasher);
    if let Some(settlement) = entry.settlement.as_deref() {
        (settlement.net_cents, &settlement.payout, &settlement.terminal).hash(&mut hasher);
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use crate::ledger::{Upload, read};

    #[test]
    fn rows_that_stand_twice_are_counted_and_kept() {
        let text = "Numero;Data;Cliente;Totale\n1;01/02/2026;Alfa;1,00\n2;13/02/2026;Alfa;1,00\n1;01/02/2026;Alfa;1,00\n";
        let file = read(&Upload::new("x.csv", text.as_bytes())).unwrap();
        assert_eq!((file.rows_accepted, file.duplicate_rows), (3, 1));
        assert_eq!((file.duplicates[0].row, file.duplicates[0].first), (3, 1));
    }

    #[test]
    fn days_without_rows_are_spans() {
        let text = "Data;Contanti;POS\n01/02/2026;1,00;2,00\n02/02/2026;1,00;2,00\n05/02/2026;1,00;2,00\n28/02/2026;1,00;2,00\n";
        let file = read(&Upload::new("x.csv", text.as_bytes())).unwrap();
        let gaps: Vec<String> = file.gaps.iter().map(ToString::to_string).collect();
        assert_eq!(gaps, ["2026-02-03..2026-02-04", "2026-02-06..2026-02-27"]);
    }
}
