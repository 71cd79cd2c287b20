//! The class and the reason of every row; matched ones up to a limit.
//!
//! Rows without a partner are all here, with the nearest candidate and what it failed.
//! Paired rows fold away, and past the limit they are counted and not listed: the workbook
//! and `rows.csv` hold them all.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::{View, unbroken};
use crate::fiscal::Language;
use crate::reconcile::statement::{Class, ClassedRow, StatementWithRows};
use crate::report::words::{Word as _, class_hint, statement_title};
use crate::report::{format, sentence};

/// The most paired rows that a page lists.
pub(super) const PAIRED_ROWS_MAX: usize = 10_000;

/// Lists of a class of more rows than this are folded.
const OPEN_ROWS_MAX: usize = 200;

/// Shows each statement's rows by class.
pub(super) fn section(view: &View<'_>) -> Markup {
    let mut left = PAIRED_ROWS_MAX;
    let mut parts = vec![];
    for one in &view.model.statements {
        parts.push(statement(view, one, &mut left));
    }
    html! {
        section #rows {
            h2 { (view.captions.rows_by_class) }
            @for part in &parts { (part) }
        }
    }
}

fn statement(view: &View<'_>, one: &StatementWithRows, left: &mut usize) -> Markup {
    let about = &one.statement;
    let title = statement_title(about.document_kind, about.direction, view.language);
    let mut of_class: BTreeMap<Class, Vec<&ClassedRow>> = BTreeMap::new();
    for row in &one.rows {
        of_class.entry(row.class).or_default().push(row);
    }
    let mut parts = vec![];
    // What needs explaining comes before what agrees.
    let (agreed, open): (Vec<Class>, Vec<Class>) =
        Class::ALL.iter().partition(|class| is_agreed(**class));
    for class in open.into_iter().chain(agreed) {
        let Some(rows) = of_class.get(&class) else {
            continue;
        };
        let limit = if is_paired(class) { *left } else { rows.len() };
        let shown = &rows[..rows.len().min(limit)];
        if is_paired(class) {
            *left -= shown.len();
        }
        parts.push(class_of(view, class, rows, shown));
    }
    html! {
        @if !parts.is_empty() {
            h3 { (about.company_name) span.soft { " – " (title) ", " (about.basis.word(view.language)) } }
            @for part in &parts { (part) }
        }
    }
}

fn is_agreed(class: Class) -> bool {
    matches!(class, Class::Matched | Class::MatchedWithinTolerance)
}

/// Tells whether rows of a class have a partner: those fold, and count to the limit.
fn is_paired(class: Class) -> bool {
    is_agreed(class) || class == Class::Differing
}

fn class_of(view: &View<'_>, class: Class, all: &[&ClassedRow], shown: &[&ClassedRow]) -> Markup {
    let captions = view.captions;
    let is_open = !is_paired(class) && shown.len() <= OPEN_ROWS_MAX;
    let hidden = (all.len() - shown.len()) as u64;
    html! {
        details open[is_open] {
            summary { b { (class.word(view.language)) } " (" (view.rows(all.len() as u64)) ") "
                span.hint { (class_hint(class, view.language)) } }
            @if hidden > 0 { p.alarm { (more(view, hidden)) } }
            @if !shown.is_empty() { table.cards {
                thead { tr {
                    th { (captions.side) } th { (captions.document) } th { (captions.counterparty) }
                    th.n { (captions.amount) } th { (captions.place) } th { (captions.reason) }
                } }
                tbody { @for row in shown { (line(view, row)) } }
            } }
        }
    }
}

/// Says how many paired rows the page leaves out, and where they are.
fn more(view: &View<'_>, hidden: u64) -> String {
    let limit = view.count(PAIRED_ROWS_MAX as u64);
    match view.language {
        Language::It => format!(
            "Questa pagina elenca al massimo {limit} righe abbinate: {} non {} qui, ma nel foglio di lavoro e in rows.csv.",
            format::counted(hidden, "riga", "righe", view.language),
            if hidden == 1 { "è" } else { "sono" }
        ),
        Language::En => format!(
            "This page lists at most {limit} paired rows: {} not listed here, but in the workbook and in rows.csv.",
            format::counted(hidden, "row is", "rows are", view.language)
        ),
    }
}

fn line(view: &View<'_>, row: &ClassedRow) -> Markup {
    let (captions, record) = (view.captions, &row.record);
    let name = record.counterparty_name.as_deref();
    let party = name.or(record.counterparty_tax_id.as_deref()).unwrap_or_default();
    let place = sentence::place(record, view.language);
    let reason = sentence::row_reason(row.side, &row.reason, row.currency, view.language);
    html! {
        tr {
            td.d data-label=(captions.side) { (row.side.word(view.language)) }
            td.what data-label=(captions.document) { div {
                @if let Some(number) = &record.number { b { (number) } " " }
                @if let Some(kind) = &record.document_type { span.soft { (kind) } " " }
                @if let Some(day) = record.issue_date { (format::date(day, view.language)) }
            } }
            td data-label=(captions.counterparty) { (party) }
            td.n data-label=(captions.amount) {
                @if let Some(cents) = row.amount_cents { (view.money(cents, row.currency)) }
                @else { "?" }
            }
            td.place data-label=(captions.place) {
                @if let Some(place) = place { (place) } @else { span.id { (record.id) } }
            }
            td.why data-label=(captions.reason) { (unbroken(&reason)) }
        }
    }
}
