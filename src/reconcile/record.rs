//! One row of either side in the form that passes compare.
//!
//! A month may have millions of rows, so a record holds what the passes ask for and nothing
//! twice: parties and words that many rows share are given out by [`Names`].

use std::fmt::Write as _;
use std::sync::Arc;

use chrono::{Datelike as _, NaiveDate};
use rayon::prelude::*;

use crate::findings::RecordRef;
use crate::fiscal::{
    Currency, Direction, Document, DocumentType, LedgerEntry, Lifecycle, NumberTier, Period,
    SharedText, SharedTexts, date_in_rome, digits_only, normalise_number,
};
use crate::reconcile::content::{Content, content};
use crate::reconcile::is_within;
use crate::reconcile::party::{Parties, Party};
use crate::reconcile::rules::RowColumn;

/// Fewer rows than this are not worth another core.
pub(super) const ROWS_AT_ONCE: usize = 8_192;

/// Holds one row as the passes see it.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) reference: Arc<RecordRef>,
    /// The other party.
    pub(super) party: Arc<Party>,
    pub(super) content: Content,
    pub(super) normalised: Option<Box<str>>,
    /// Identifiers that the books carry too, beside a document's own.
    others: Box<[Box<str>]>,
    /// What the row counts in its statement: gross, or taxable plus VAT.
    pub(super) amount_cents: Option<i64>,
    pub(super) issue_date: Option<NaiveDate>,
    pub(super) registration_date: Option<NaiveDate>,
    /// When the provider took the document in, or when the books say that it was received.
    pub(super) reception_date: Option<NaiveDate>,
    pub(super) transmission_date: Option<NaiveDate>,
    /// The rule that took something off the normalised number, by its place.
    pub(super) number_rule: Option<u16>,
    pub(super) currency: Currency,
    pub(super) lifecycle: Option<Lifecycle>,
    pub(super) sort: Sort,
    pub(super) has_stamp_duty: bool,
    pub(super) is_in_period: bool,
    /// Whether people look it up under another number than its own.
    pub(super) is_named_otherwise: bool,
}

/// Tells what a row's type and direction make of it.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each answers a question of its own")]
pub(super) struct Sort {
    /// Whether amounts count negative by the type.
    is_credit: bool,
    /// Whether it is a notice without VAT effect.
    pub(super) is_notice: bool,
    /// Whether the buyer makes it for himself.
    pub(super) is_self_invoice: bool,
    /// Whether the company sent it.
    pub(super) is_sent: bool,
}

impl Sort {
    fn of(document_type: Option<&DocumentType>, direction: Option<Direction>) -> Self {
        Self {
            is_credit: document_type.is_some_and(DocumentType::is_negative),
            is_notice: document_type.is_some_and(DocumentType::is_notice),
            is_self_invoice: document_type.is_some_and(DocumentType::is_self_invoice),
            is_sent: direction == Some(Direction::Outgoing),
        }
    }
}

/// Gives out what many records share.
#[derive(Debug, Default)]
pub(super) struct Names {
    texts: SharedTexts,
    parties: Parties,
    /// What a row says, before it is hashed; kept for its memory only.
    said: Vec<u8>,
}

impl Names {
    /// Returns a text that rows have in common.
    pub(super) fn text(&mut self, text: &str) -> SharedText {
        self.texts.of(text)
    }

    /// Lets rows of the other side name the parties that both have by what is held here.
    ///
    /// What is the very same needs no comparing, row after row.
    pub(super) fn share(&self, others: &Self, rows: &mut [Record]) {
        let common = self.parties.in_common(&others.parties);
        rows.par_iter_mut().with_min_len(ROWS_AT_ONCE).for_each(|row| {
            if let Some(same) = common.get(&Arc::as_ptr(&row.party).addr()) {
                row.party = same.clone();
            }
        });
    }

    fn word(&mut self, text: Option<&str>) -> Option<SharedText> {
        text.map(|text| self.texts.of(text))
    }
}

impl Record {
    /// Returns the record of a document, which counts in a period by one of its dates.
    pub(super) fn of_document(
        document: &Document,
        names: &mut Names,
        day: RowColumn,
        period: Period,
    ) -> Self {
        let ids = [&document.counterparty_tax_id, &document.counterparty_tax_code];
        let [tax_id, tax_code] = ids.map(Option::as_ref);
        let party = names.parties.of([tax_id, tax_code], document.counterparty_name.as_deref());
        let reference = RecordRef {
            id: document.source_id.clone(),
            number: document.number.clone(),
            document_type: names.word(Some(document.document_type.as_str())),
            issue_date: document.issue_date,
            counterparty_tax_id: party.id,
            counterparty_name: party.name,
            taxable_cents: document.taxable_cents,
            vat_cents: document.vat_cents,
            gross_cents: document.gross_cents,
            status: names.word(Some(document.sdi_status.as_ref().unwrap_or(&document.status))),
            file: None,
            row: None,
            counted_on: None,
        };
        Self {
            content: content(&mut names.said, &reference, &party.party, document.currency, None),
            party: party.party,
            normalised: normalised(document.number.as_deref(), document.issue_date),
            others: others(&document.references),
            amount_cents: document.gross_cents,
            issue_date: document.issue_date,
            registration_date: None,
            reception_date: document.created_at.map(date_in_rome),
            transmission_date: None,
            number_rule: None,
            currency: document.currency,
            lifecycle: Some(document.lifecycle),
            sort: Sort::of(Some(&document.document_type), Some(document.direction)),
            has_stamp_duty: false,
            is_in_period: false,
            is_named_otherwise: false,
            reference: Arc::new(reference),
        }
        .counted(day, period)
    }

    /// Returns the record of a ledger entry of the named file, likewise.
    pub(super) fn of_entry(
        file: &str,
        entry: &LedgerEntry,
        names: &mut Names,
        day: RowColumn,
        period: Period,
    ) -> Self {
        let ids = [&entry.counterparty_tax_id, &entry.counterparty_tax_code];
        let [tax_id, tax_code] = ids.map(Option::as_ref);
        let party = names.parties.of([tax_id, tax_code], entry.counterparty_name.as_deref());
        let reference = RecordRef {
            id: row_id(file, entry.row),
            number: entry.number.clone(),
            document_type: names.word(entry.document_type.as_ref().map(DocumentType::as_str)),
            issue_date: entry.issue_date,
            counterparty_tax_id: party.id,
            counterparty_name: party.name,
            taxable_cents: entry.taxable_cents,
            vat_cents: entry.vat_cents,
            gross_cents: entry.gross_cents,
            status: names.word(entry.status.as_deref()),
            file: names.word(Some(file)),
            row: Some(entry.row),
            counted_on: None,
        };
        Self {
            content: content(
                &mut names.said,
                &reference,
                &party.party,
                entry.currency,
                Some(entry),
            ),
            party: party.party,
            normalised: normalised(entry.number.as_deref(), entry.issue_date),
            others: others(&entry.references),
            amount_cents: entry.gross_or_parts_cents(),
            issue_date: entry.issue_date,
            registration_date: entry.registration_date,
            reception_date: entry.reception_date,
            transmission_date: entry.transmission_date,
            number_rule: None,
            currency: entry.currency,
            lifecycle: None,
            sort: Sort::of(entry.document_type.as_ref(), entry.direction),
            has_stamp_duty: entry.has_stamp_duty,
            is_in_period: false,
            is_named_otherwise: false,
            reference: Arc::new(reference),
        }
        .counted(day, period)
    }

    /// Places the row in time by the date that its rules name.
    fn counted(mut self, by: RowColumn, period: Period) -> Self {
        let day = by.day_or_issue(&self);
        if day != self.issue_date {
            Arc::make_mut(&mut self.reference).counted_on = day;
        }
        self.is_in_period = is_within(period, day);
        self
    }

    /// Returns the row's own number, without what programs write around it.
    pub(super) fn number(&self) -> Option<&str> {
        let number = self.reference.number.as_deref().filter(|_| !self.is_named_otherwise)?;
        let bare = number.trim_matches(|c: char| c == '\'' || c.is_whitespace());
        (!bare.is_empty()).then_some(bare)
    }

    /// Returns the day by which the row counts.
    pub(super) fn day(&self) -> Option<NaiveDate> {
        self.reference.day()
    }

    /// Returns a copy of what people recognise the row by, for what is told of it.
    pub(super) fn told(&self) -> RecordRef {
        RecordRef::clone(&self.reference)
    }

    /// Returns the identifiers by which the other side may name the row, a document's own too.
    pub(super) fn references(&self) -> impl Iterator<Item = &str> {
        let is_document = self.reference.file.is_none();
        let own = is_document.then_some(self.reference.id.as_str());
        own.into_iter().chain(self.others.iter().map(|one| &**one))
    }

    /// Tells whether the rows have an identifier in common.
    pub(super) fn shares_reference(&self, other: &Self) -> bool {
        self.references().any(|one| other.references().any(|its| one == its))
    }

    /// Tells whether amounts of this row count negative by its type.
    pub(super) fn is_credit(&self) -> bool {
        self.sort.is_credit
    }

    /// Tells whether the row says of what type it is.
    pub(super) fn has_type(&self) -> bool {
        self.reference.document_type.is_some()
    }

    /// Tells whether both types are known and only one of them is a credit.
    ///
    /// Credit notes may bear the number of an invoice: to the SdI they are two documents.
    pub(super) fn is_other_sort(&self, other: &Self) -> bool {
        self.is_credit() != other.is_credit() && self.has_type() && other.has_type()
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
        let (left, right) = (self.number()?, other.number()?);
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
        (self.issue_date, self.number(), self.content, &self.reference.id)
    }
}

/// Returns `file#row`, made in one piece: there are millions.
fn row_id(file: &str, row: u64) -> String {
    let mut id = String::with_capacity(file.len() + 8);
    id.push_str(file);
    write!(id, "#{row}").expect("memory takes a number");
    id
}

fn others(references: &[String]) -> Box<[Box<str>]> {
    let mut sorted: Vec<Box<str>> = references.iter().map(|one| one.as_str().into()).collect();
    sorted.sort_unstable();
    sorted.dedup();
    sorted.into()
}

fn normalised(number: Option<&str>, issue_date: Option<NaiveDate>) -> Option<Box<str>> {
    let normal = normalise_number(number?, issue_date.map(|day| day.year()));
    (!normal.is_empty()).then(|| normal.into())
}
