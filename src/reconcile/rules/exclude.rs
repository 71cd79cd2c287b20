//! Rows that a rule of somebody's own leaves out, each with the reason that the rule gives.
//!
//! Takings and settlements meet by their day and by little else, but a rule may name a row by
//! all that it says of itself: a receipt by its tags, a line by its VAT rate, a transaction by
//! its terminal. What can match no row, such as an amount with a comma, is refused.

use chrono::NaiveDate;

use crate::fiscal::{Amount, LedgerEntry, VatRate, cents_to_decimal};
use crate::reconcile::record::Record;
use crate::reconcile::rules::RuleSort;
use crate::reconcile::rules::column::{Kind, RowColumn, known};
use crate::reconcile::rules::set::not_understood;
use crate::reconcile::tables::Error;
use crate::reconcile::tables::plan::PlannedExclude;

/// Holds one rule that leaves rows out: what they say in one column.
#[derive(Debug, Clone)]
pub(super) struct ExcludeRule {
    hand: usize,
    column: ExcludeColumn,
    is: Vec<String>,
    because: String,
}

/// Names what a rule may recognise a row by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ExcludeColumn {
    /// What any row knows.
    Row(RowColumn),
    /// The VAT rate of a line of takings.
    Rate,
    /// The terminal, or the shop, of a card transaction.
    Terminal,
}

/// Returns by what rows of a sort can be left out, the documents' side first.
pub(super) fn columns(sort: RuleSort) -> [Vec<(&'static str, ExcludeColumn)>; 2] {
    const OWN: [(&str, RowColumn); 4] = [
        ("reference", RowColumn::Reference),
        ("number", RowColumn::Number),
        ("status", RowColumn::Status),
        ("issue_date", RowColumn::IssueDate),
    ];
    const GROSS: (&str, ExcludeColumn) = ("gross", ExcludeColumn::Row(RowColumn::Gross));
    let own = || OWN.map(|(name, column)| (name, ExcludeColumn::Row(column))).to_vec();
    match sort {
        RuleSort::Takings => {
            let with = |more: &[(&'static str, ExcludeColumn)]| [&own()[..], more].concat();
            [with(&[GROSS]), with(&[GROSS, ("slice", ExcludeColumn::Rate)])]
        }
        // A receipt counts here with what was paid electronically, which is not its gross.
        RuleSort::Settlements => {
            [own(), [&own()[..], &[GROSS, ("terminal", ExcludeColumn::Terminal)]].concat()]
        }
        _ => known(sort).map(|side| {
            side.into_iter().map(|(name, column)| (name, ExcludeColumn::Row(column))).collect()
        }),
    }
}

impl ExcludeRule {
    /// Returns the rule of a plan, its values as rows write them.
    pub(super) fn of(
        planned: &PlannedExclude,
        columns: &[Vec<(&'static str, ExcludeColumn)>; 2],
    ) -> Result<Self, Error> {
        let (name, column) = columns[planned.hand][planned.at];
        if planned.is.is_empty() {
            return Err(not_understood("exclude.is", "", "at least one value: `is = [\"…\"]`"));
        }
        if planned.because.trim().is_empty() {
            let expected = format!("why rows of that `{name}` are left out, in your own words");
            return Err(not_understood("exclude.because", &planned.because, &expected));
        }
        let is = planned.is.iter().map(|value| column.written(value)).collect::<Result<_, _>>()?;
        Ok(Self { hand: planned.hand, column, is, because: planned.because.clone() })
    }

    /// Returns the rule's reason when it means a row of a side (0 left, 1 right).
    pub(super) fn because(
        &self,
        hand: usize,
        row: &Record,
        entry: Option<&LedgerEntry>,
    ) -> Option<&str> {
        let is_meant = || match self.column {
            ExcludeColumn::Row(column) => column.says(row).any(|text| self.is.contains(&text)),
            ExcludeColumn::Rate => {
                let rate = entry.and_then(|entry| entry.vat_rate.as_ref());
                rate.is_some_and(|rate| self.is.contains(&rate.to_string()))
            }
            ExcludeColumn::Terminal => {
                let settlement = entry.and_then(|entry| entry.settlement.as_deref());
                let terminal = settlement.and_then(|one| one.terminal.as_ref());
                terminal.is_some_and(|terminal| self.is.contains(terminal))
            }
        };
        (self.hand == hand && is_meant()).then_some(self.because.as_str())
    }
}

impl ExcludeColumn {
    /// Returns a value as rows write it, so that `12` is an amount of `12.00`.
    fn written(self, value: &str) -> Result<String, Error> {
        let (as_row, expected) = match self {
            Self::Rate => {
                let rate = value.parse::<VatRate>().ok();
                (rate.map(|rate| rate.to_string()), "a VAT rate: `22` or `N4`")
            }
            Self::Row(column) if column.kind() == Kind::Amount => {
                let has_cents = value.rsplit_once('.').is_none_or(|(_, rest)| rest.len() <= 2);
                let cents = Amount::cents_from_decimal(value).ok().filter(|_| has_cents);
                (cents.map(cents_to_decimal), "an amount: `12.00`")
            }
            Self::Row(column) if column.kind() == Kind::Date => {
                let day = value.parse::<NaiveDate>().ok();
                (day.map(|day| day.to_string()), "a day: `2026-02-28`")
            }
            Self::Row(_) | Self::Terminal => (Some(value.to_owned()), ""),
        };
        as_row.ok_or_else(|| not_understood("exclude.is", value, expected))
    }
}
