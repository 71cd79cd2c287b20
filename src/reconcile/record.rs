//! One row of either side in the form that passes compare.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};

use crate::findings::RecordRef;
use crate::fiscal::{
    Currency, Document, DocumentType, LedgerEntry, Lifecycle, NumberTier, Period, TaxId,
    digits_only, normalise_number,
};
use crate::reconcile::content::{Content, content};
use crate::reconcile::is_within;
use crate::reconcile::party::Party;
use crate::reconcile::rules::RowColumn;

/// Holds one row as the passes see it.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) reference: Arc<RecordRef>,
    pub(super) content: Content,
    pub(super) currency: Currency,
    pub(super) document_type: Option<DocumentType>,
    pub(super) lifecycle: Option<Lifecycle>,
    pub(super) number: Option<String>,
    pub(super) normalised: Option<String>,
    /// The rule that took something off the normalised number, by its place.
    pub(super) number_rule: Option<u16>,
    pub(super) issue_date: Option<NaiveDate>,
    pub(super) registration_date: Option<NaiveDate>,
    /// When the books say that it was received.
    pub(super) reception_date: Option<NaiveDate>,
    pub(super) transmission_date: Option<NaiveDate>,
    /// When the provider took the document in.
    pub(super) created_at: Option<DateTime<Utc>>,
    /// The other party.
    pub(super) party: Party,
    pub(super) references: BTreeSet<String>,
    pub(super) taxable_cents: Option<i64>,
    pub(super) vat_cents: Option<i64>,
    /// What the row counts in its statement: gross, or taxable plus VAT.
    pub(super) amount_cents: Option<i64>,
    pub(super) has_stamp_duty: bool,
    pub(super) is_in_period: bool,
}

impl Record {
    /// Returns the record of a document, which counts in a period by one of its dates.
    pub(super) fn of_document(document: &Document, day: RowColumn, period: Period) -> Self {
        let mut references: BTreeSet<String> = document.references.iter().cloned().collect();
        references.insert(document.source_id.clone());
        let reference = RecordRef {
            id: document.source_id.clone(),
            number: document.number.clone(),
            document_type: Some(document.document_type.as_str().to_owned()),
            issue_date: document.issue_date,
            counterparty_tax_id: shown(
                document.counterparty_tax_id.as_ref(),
                document.counterparty_tax_code.as_ref(),
            ),
            counterparty_name: document.counterparty_name.clone(),
            taxable_cents: document.taxable_cents,
            vat_cents: document.vat_cents,
            gross_cents: document.gross_cents,
            status: Some(document.sdi_status.clone().unwrap_or_else(|| document.status.clone())),
            file: None,
            row: None,
            counted_on: None,
        };
        let party = Party::new(
            [document.counterparty_tax_id.as_ref(), document.counterparty_tax_code.as_ref()],
            document.counterparty_name.as_deref(),
        );
        Self {
            content: content(&reference, &party, document.currency, None),
            currency: document.currency,
            document_type: Some(document.document_type.clone()),
            lifecycle: Some(document.lifecycle),
            normalised: normalised(document.number.as_deref(), document.issue_date),
            number_rule: None,
            number: trimmed(document.number.as_deref()),
            issue_date: document.issue_date,
            registration_date: None,
            reception_date: None,
            transmission_date: None,
            created_at: document.created_at,
            party,
            references,
            taxable_cents: document.taxable_cents,
            vat_cents: document.vat_cents,
            amount_cents: document.gross_cents,
            has_stamp_duty: false,
            is_in_period: false,
            reference: Arc::new(reference),
        }
        .counted(day, period)
    }

    /// Returns the record of a ledger entry of the named file, likewise.
    pub(super) fn of_entry(
        file: &str,
        entry: &LedgerEntry,
        day: RowColumn,
        period: Period,
    ) -> Self {
        let reference = RecordRef {
            id: format!("{file}#{}", entry.row),
            number: entry.number.clone(),
            document_type: entry.document_type.as_ref().map(|code| code.as_str().to_owned()),
            issue_date: entry.issue_date,
            counterparty_tax_id: shown(
                entry.counterparty_tax_id.as_ref(),
                entry.counterparty_tax_code.as_ref(),
            ),
            counterparty_name: entry.counterparty_name.clone(),
            taxable_cents: entry.taxable_cents,
            vat_cents: entry.vat_cents,
            gross_cents: entry.gross_cents,
            status: entry.status.clone(),
            file: Some(file.to_owned()),
            row: Some(entry.row),
            counted_on: None,
        };
        let party = Party::new(
            [entry.counterparty_tax_id.as_ref(), entry.counterparty_tax_code.as_ref()],
            entry.counterparty_name.as_deref(),
        );
        Self {
            content: content(&reference, &party, entry.currency, Some(entry)),
            currency: entry.currency,
            document_type: entry.document_type.clone(),
            lifecycle: None,
            normalised: normalised(entry.number.as_deref(), entry.issue_date),
            number_rule: None,
            number: trimmed(entry.number.as_deref()),
            issue_date: entry.issue_date,
            registration_date: entry.registration_date,
            reception_date: entry.reception_date,
            transmission_date: entry.transmission_date,
            created_at: None,
            party,
            references: entry.references.iter().cloned().collect(),
            taxable_cents: entry.taxable_cents,
            vat_cents: entry.vat_cents,
            amount_cents: entry.gross_or_parts_cents(),
            has_stamp_duty: entry.has_stamp_duty,
            is_in_period: false,
            reference: Arc::new(reference),
        }
        .counted(day, period)
    }

    /// Places the row in time by the date that its rules name.
    fn counted(mut self, by: RowColumn, period: Period) -> Self {
        let day = by.day_or_issue(&self);
        Arc::make_mut(&mut self.reference).counted_on = day.filter(|_| day != self.issue_date);
        self.is_in_period = is_within(period, day);
        self
    }

    /// Returns the day by which the row counts.
    pub(super) fn day(&self) -> Option<NaiveDate> {
        self.reference.day()
    }

    /// Returns a copy of what people recognise the row by, for what is told of it.
    pub(super) fn told(&self) -> RecordRef {
        RecordRef::clone(&self.reference)
    }

    /// Tells whether amounts of this row count negative by its type.
    pub(super) fn is_credit(&self) -> bool {
        self.document_type.as_ref().is_some_and(DocumentType::is_negative)
    }

    /// Tells whether both types are known and only one of them is a credit.
    ///
    /// Credit notes may bear the number of an invoice: to the SdI they are two documents.
    pub(super) fn is_other_sort(&self, other: &Self) -> bool {
        self.document_type.is_some()
            && other.document_type.is_some()
            && self.is_credit() != other.is_credit()
    }

    /// Tells whether the rows may be of one year, in which numbers do not come back.
    pub(super) fn is_same_year(&self, other: &Self) -> bool {
        match (self.issue_date, other.issue_date) {
            (Some(a), Some(b)) => a.year() == b.year(),
            _ => true,
        }
    }

    /// Returns the days between the two issue dates, `None` when one is unknown.
    pub(super) fn days_apart(&self, other: &Self) -> Option<u64> {
        Some((self.issue_date? - other.issue_date?).num_days().unsigned_abs())
    }

    /// Returns the tier on which two rows' numbers agree, `None` when on no tier.
    pub(super) fn number_tier(&self, other: &Self) -> Option<NumberTier> {
        let (left, right) = (self.number.as_deref()?, other.number.as_deref()?);
        if left == right {
            return Some(NumberTier::Exact);
        }
        if self.normalised.is_some() && self.normalised == other.normalised {
            return Some(NumberTier::Normalised);
        }
        let digits = digits_only(left);
        (!digits.is_empty() && digits == digits_only(right)).then_some(NumberTier::DigitsOnly)
    }

    /// Returns the row's place in the side's stable order: date, number, content, id.
    pub(super) fn order(&self) -> (Option<NaiveDate>, Option<&str>, Content, &str) {
        (self.issue_date, self.number.as_deref(), self.content, &self.reference.id)
    }
}

fn trimmed(number: Option<&str>) -> Option<String> {
    let text = number?.trim_matches(|c: char| c == '\'' || c.is_whitespace());
    (!text.is_empty()).then(|| text.to_owned())
}

fn normalised(number: Option<&str>, issue_date: Option<NaiveDate>) -> Option<String> {
    let normal = normalise_number(number?, issue_date.map(|day| day.year()));
    (!normal.is_empty()).then_some(normal)
}

fn shown(tax_id: Option<&TaxId>, tax_code: Option<&TaxId>) -> Option<String> {
    tax_id.or(tax_code).map(|id| id.as_str().to_owned())
}
