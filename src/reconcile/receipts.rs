//! Receipts against the books: by VAT rate, by tender, by a shop's orders; and against cards.
//!
//! Each form of the books is a statement of its own, because a register by rate and a
//! register by tender tell the same money twice. What is wrong with a receipt itself
//! (failed, stuck) is said once, whatever the books hold.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};

use crate::findings::{Evidence, Excluded, Finding, Kind, Lacking, Reason, Side};
use crate::fiscal::{
    Currency, Direction, Document, EntryKind, LedgerEntry, Lifecycle, SharedText, date_in_rome,
};
use crate::reconcile::coverage::{self, Coverage};
use crate::reconcile::draft::Draft;
use crate::reconcile::prove::{Source, prove};
use crate::reconcile::record::{Names, Record};
use crate::reconcile::rules::{RowColumn, RuleSet};
use crate::reconcile::statement::{Basis, Class, ClassedRow};
use crate::reconcile::verdict::FindingMaker;
use crate::reconcile::{Error, Input, Outcome, orders, settlements, takings};

/// Holds a receipt with the form in which it is compared.
#[derive(Clone)]
pub(super) struct Receipt<'a> {
    pub(super) document: &'a Document,
    pub(super) record: Record,
    /// Class and reason of a receipt that was never, or not yet, issued, or that a rule leaves
    /// out.
    pub(super) left_out: Option<(Class, Reason)>,
}

/// Holds a ledger entry with the form in which it is compared.
pub(super) struct Line<'a> {
    pub(super) entry: &'a LedgerEntry,
    pub(super) record: Record,
    /// Class and reason of an entry that a rule of somebody's own leaves out.
    pub(super) left_out: Option<(Class, Reason)>,
}

/// The books' entries, each with its file's name.
type Entries<'a> = &'a [(SharedText, LedgerEntry)];

/// Holds what earlier statements of the same receipts have put at risk already.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Days of receipts that lie outside the books' cover.
    pub(super) outside: BTreeSet<NaiveDate>,
    /// What each day lacks in all, left less right.
    pub(super) lacking: BTreeMap<(NaiveDate, Currency), i64>,
}

impl Told {
    /// Remembers the days of a statement that its books do not cover.
    pub(super) fn note_outside(&mut self, rows: &[ClassedRow]) {
        let outside = rows
            .iter()
            .filter(|row| row.side == Side::Left && row.class == Class::OutOfWindow)
            .filter_map(|row| row.record.issue_date);
        self.outside.extend(outside);
    }
}

/// Compares receipts with every form in which the books hold them.
pub(super) fn compare_receipts(
    input: &Input,
    (documents, entries): (&[Document], Entries<'_>),
    names: &mut Names,
) -> Result<Outcome, Error> {
    let receipts: Vec<Receipt<'_>> =
        documents.iter().map(|document| receipt(input, names, document)).collect();
    let mut make = FindingMaker::new(input, Direction::Outgoing);
    let heeded = under(&receipts, input.rules.receipts());
    for receipt in heeded.iter().filter(|receipt| receipt.record.is_in_period) {
        note_state(&mut make, receipt);
    }
    let mut general = make.into_findings();
    general.extend(coverage::unsettled_findings(input, Direction::Outgoing));

    let mut outcome = Outcome::default();
    let mut add = |one: Outcome| {
        outcome.statements.extend(one.statements);
        outcome.findings.extend(one.findings);
    };
    let mut told = Told::default();
    let is_takings = |entry: &LedgerEntry| entry.kind == EntryKind::Takings;
    let by_rate = |entry: &LedgerEntry| is_takings(entry) && entry.vat_rate.is_some();
    let by_tender = |entry: &LedgerEntry| is_takings(entry) && entry.vat_rate.is_none();
    let of_books = (input.rules.takings(), Side::Right);
    let rates = lines(input, entries, names, of_books, by_rate);
    let tenders = lines(input, entries, names, of_books, by_tender);
    let closings = lines(input, entries, names, of_books, |entry| entry.kind == EntryKind::Closing);
    let of_shop = (input.rules.receipts(), Side::Right);
    let shop_orders =
        all_lines(input, entries, names, of_shop, |entry| entry.kind == EntryKind::Receipt);
    if !rates.is_empty() || !closings.is_empty() {
        let books = (&rates[..], &closings[..]);
        let basis = Basis::TakingsByRate;
        add(takings::compare(input, basis, &receipts, books, &mut told, &general)?);
    }
    if !tenders.is_empty() {
        let books = (&tenders[..], &[][..]);
        let basis = Basis::TakingsByTender;
        add(takings::compare(input, basis, &receipts, books, &mut told, &general)?);
    }
    if shop_orders.iter().any(|order| order.record.is_in_period) {
        add(orders::compare(input, &heeded, &shop_orders, &told, &general)?);
    }
    let rules = input.rules.settlements();
    let is_settled = |entry: &LedgerEntry| entry.kind == EntryKind::Settlement;
    let settled = all_lines(input, entries, names, (rules, Side::Right), is_settled);
    let has_cards = settlements::are_kept(input, &settled);
    let has_receipts = receipts.iter().any(|receipt| receipt.record.is_in_period);
    if outcome.statements.is_empty() && (has_receipts || input.company.has_receipts) {
        outcome = without_books(input, &receipts, has_cards, &general)?;
        told.note_outside(&outcome.statements[0].rows);
    }
    if has_cards {
        let tenders = all_lines(input, entries, names, (rules, Side::Left), by_tender);
        let one = settlements::compare(input, &receipts, (&tenders, &settled), &told, &general)?;
        outcome.statements.extend(one.statements);
        outcome.findings.extend(one.findings);
    }
    outcome.findings.extend(general);
    Ok(outcome)
}

fn without_books(
    input: &Input,
    receipts: &[Receipt<'_>],
    has_cards: bool,
    general: &[Finding],
) -> Result<Outcome, Error> {
    let lacking = has_cards.then_some(Lacking::Register);
    let mut draft = Draft::new(input, Direction::Outgoing, Basis::TakingsByRate);
    let receipts = &under(receipts, input.rules.takings())[..];
    for receipt in receipts.iter().filter(|receipt| receipt.record.is_in_period) {
        let outside = || match lacking {
            Some(lacking) => Reason::NotCompared { lacking, covered: None },
            None => Reason::OutOfWindow { covered: None },
        };
        let (class, reason) =
            receipt.left_out.clone().unwrap_or_else(|| (Class::OutOfWindow, outside()));
        draft.push_single(Side::Left, &receipt.record, class, reason);
    }
    let coverage = Coverage::of_rows(input, std::iter::empty(), input.rules.takings());
    let mut findings =
        coverage.findings(input, Direction::Outgoing, &draft.rows[0], &BTreeSet::new());
    for finding in &mut findings {
        if let Evidence::Uncovered { lacking: of_cards, .. } = &mut finding.evidence {
            *of_cards = lacking;
        }
    }
    let sources =
        [receipts.iter().map(|receipt| Source::of(&receipt.record)).collect(), Vec::new()];
    let all: Vec<Finding> = findings.iter().chain(general).cloned().collect();
    let statement = prove(draft, None, &all, &sources)?;
    Ok(Outcome { statements: vec![statement], findings, ..Outcome::default() })
}

/// Chooses the period's entries of one form.
fn lines<'a>(
    input: &Input,
    entries: Entries<'a>,
    names: &mut Names,
    by: (&RuleSet, Side),
    is_chosen: impl Fn(&LedgerEntry) -> bool,
) -> Vec<Line<'a>> {
    let mut chosen = all_lines(input, entries, names, by, is_chosen);
    chosen.retain(|line| line.record.is_in_period);
    chosen
}

/// Chooses entries of one form, those of other days as partners, for a side of some rules.
fn all_lines<'a>(
    input: &Input,
    entries: Entries<'a>,
    names: &mut Names,
    (rules, side): (&RuleSet, Side),
    is_chosen: impl Fn(&LedgerEntry) -> bool,
) -> Vec<Line<'a>> {
    entries
        .iter()
        .filter(|(_, entry)| is_chosen(entry))
        .map(|(file, entry)| {
            let record = Record::of_entry(file, entry, names, RowColumn::IssueDate, input.period);
            let left_out = rules.left_out(side as usize, &record, Some(entry));
            Line { entry, record, left_out }
        })
        .collect()
}

fn receipt<'a>(input: &Input, names: &mut Names, document: &'a Document) -> Receipt<'a> {
    let record = Record::of_document(document, names, RowColumn::IssueDate, input.period);
    let left_out = match document.lifecycle {
        Lifecycle::NeverIssued => {
            Some((Class::Excluded, Reason::Excluded { because: Excluded::NeverIssued }))
        }
        Lifecycle::Open => Some(open_state(input, document)),
        _ => None,
    };
    Receipt { document, record, left_out }
}

/// Returns receipts as a sort of rules sees them: what it leaves out takes no part.
///
/// A receipt's own state is told by the rules of receipts, which say when it is stuck.
pub(super) fn under<'r, 'a>(
    receipts: &'r [Receipt<'a>],
    rules: &RuleSet,
) -> Cow<'r, [Receipt<'a>]> {
    if !rules.has_excludes() {
        return Cow::Borrowed(receipts);
    }
    let heeded = receipts.iter().map(|receipt| {
        let own = rules.left_out(Side::Left as usize, &receipt.record, None);
        Receipt { left_out: own.or_else(|| receipt.left_out.clone()), ..receipt.clone() }
    });
    Cow::Owned(heeded.collect())
}

/// A receipt that is not final waits for its grace, then counts as stuck.
fn open_state(input: &Input, document: &Document) -> (Class, Reason) {
    let taken_in = document.created_at.map(date_in_rome).or(document.issue_date);
    let break_on = taken_in.map(|day| day + Days::new(input.rules.receipts().stuck_days + 1));
    match break_on {
        Some(break_on) if input.today < break_on => (Class::Pending, Reason::Pending { break_on }),
        _ => (Class::Excluded, Reason::Excluded { because: Excluded::NotIssuedYet }),
    }
}

fn note_state(make: &mut FindingMaker, receipt: &Receipt<'_>) {
    let Some((class, reason)) = &receipt.left_out else {
        return;
    };
    let kind = match (receipt.document.lifecycle, class) {
        _ if matches!(reason, Reason::LeftOut { .. }) => return,
        (Lifecycle::NeverIssued, _) => Kind::ReceiptFailed,
        (Lifecycle::Open, Class::Excluded) => Kind::ReceiptStuck,
        _ => return,
    };
    make.row(kind, Side::Left, &receipt.record, reason);
}
