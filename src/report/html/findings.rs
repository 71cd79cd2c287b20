//! Every finding, by company and kind: what, why, how much, since when, where.

use maud::{Markup, html};

use super::{View, head, unbroken};
use crate::findings::{Kind, Standing};
use crate::report::digest;
use crate::report::facts::Facts;
use crate::report::words::{Word as _, action, statement_title};
use crate::report::{format, sentence};

/// Shows what was not looked at, before anything that was.
pub(super) fn not_looked_at(view: &View<'_>) -> Markup {
    let heap = &view.digest.unlooked;
    html! { @if !heap.is_empty() { (section(view, "unlooked", view.captions.not_looked_at, heap)) } }
}

/// Shows the open differences, or says that there are none.
pub(super) fn differences(view: &View<'_>) -> Markup {
    section(view, "findings", view.captions.differences, &view.digest.differences)
}

/// Shows notices, accepted findings and those that this run closed.
pub(super) fn others(view: &View<'_>) -> Markup {
    let cleared: Vec<_> = view.model.cleared.iter().collect();
    let heaps = [
        ("notices", view.captions.notices, &view.digest.notices),
        ("accepted", view.captions.accepted, &view.digest.accepted),
        ("cleared", view.captions.cleared_now, &cleared),
    ];
    html! {
        @for (id, title, heap) in heaps { @if !heap.is_empty() { (section(view, id, title, heap)) } }
    }
}

fn section(view: &View<'_>, id: &str, title: &str, heap: &[&Standing]) -> Markup {
    html! {
        section id=(id) {
            h2 { (title) " " span.soft { "(" (view.count(heap.len() as u64)) ")" } }
            @if heap.is_empty() { p { (view.captions.none) } }
            @for (company, kinds) in digest::by_company(heap) {
                h3 { (digest::company_name(view.model, company)) " " span.soft { (company) } }
                @for (kind, group) in kinds { (table(view, kind, &group)) }
            }
        }
    }
}

/// Shows one company's findings of one kind.
fn table(view: &View<'_>, kind: Kind, group: &[&Standing]) -> Markup {
    let captions = view.captions;
    html! {
        h4 { (kind.word(view.language)) " (" (view.count(group.len() as u64)) ") "
            span.badge { (kind.severity().word(view.language)) } }
        p.hint { (captions.what_to_do) ": " (action(kind, view.language)) }
        table.cards {
            thead { tr {
                th { (captions.document) } th { (captions.explanation) }
                th.n { (captions.documents) } th.n { (captions.books) } th.n { (captions.difference) }
                th.n { (captions.at_risk) } th { (captions.first_seen) } th { (captions.place) }
            } }
            tbody { @for standing in group { (row(view, standing)) } }
        }
    }
}

fn row(view: &View<'_>, standing: &Standing) -> Markup {
    let (captions, finding) = (view.captions, &standing.finding);
    let facts = Facts::of(&finding.evidence);
    let shown = Values::of(view, standing, &facts);
    let place = facts.entry.and_then(|entry| sentence::place(entry, view.language));
    html! {
        tr id={ "f-" (standing.fingerprint.as_str()) } {
            td.what data-label=(captions.document) { (document(view, standing, &facts)) }
            td.why data-label=(captions.explanation) { (unbroken(&sentence::finding(finding, view.language))) }
            td.n data-label=(captions.documents) { (shown.left) }
            td.n data-label=(captions.books) { (shown.right) }
            td.n data-label=(captions.difference) { (shown.difference) }
            td.n data-label=(captions.at_risk) { b { (view.money(finding.at_risk_cents, finding.currency)) } }
            td.d data-label=(captions.first_seen) { div {
                (format::date(standing.first_seen_on, view.language))
                @if standing.is_new { br; span.badge { (captions.is_new) } }
                br; span.hint { (head::age_words(digest::age_bucket(standing.age_days), view.language)) }
            } }
            td.place data-label=(captions.place) {
                @if facts.file.or(place.as_deref()).is_some() || facts.document.is_some() { div {
                    @if let Some(place) = facts.file.or(place.as_deref()) { (place) }
                    @if let Some(document) = facts.document { div.id { "API " (document.id) } }
                } }
            }
        }
    }
}

/// Names the document of a finding, or what it is about when there is none.
fn document(view: &View<'_>, standing: &Standing, facts: &Facts<'_>) -> Markup {
    let finding = &standing.finding;
    let about = statement_title(finding.document_kind, finding.direction, view.language);
    html! {
        div {
            @if let Some(record) = facts.record {
                @if let Some(number) = &record.number { b { (number) } " " }
                @if let Some(kind) = &record.document_type { span.soft { (kind) } " " }
                @if let Some(day) = record.issue_date { (format::date(day, view.language)) }
                @if let Some(name) = &record.counterparty_name { br; (name) }
                @if let Some(id) = &record.counterparty_tax_id { " " span.id { (id) } }
            }
            @if facts.record.is_some() { br; }
            span.hint { (about) }
        }
    }
}

/// Holds both values and their difference, written for people.
pub(in crate::report) struct Values {
    pub(in crate::report) left: String,
    pub(in crate::report) right: String,
    pub(in crate::report) difference: String,
}

impl Values {
    pub(in crate::report) fn of(view: &View<'_>, standing: &Standing, facts: &Facts<'_>) -> Self {
        let finding = &standing.finding;
        let field = facts.field.parse().ok();
        let show = |cents: Option<i64>, text: &Option<String>| match (cents, text, field) {
            (Some(cents), _, _) => view.money(cents, finding.currency),
            (None, Some(text), Some(field)) => {
                format::value(field, text, finding.currency, view.language)
            }
            (None, text, _) => text.clone().unwrap_or_default(),
        };
        Self {
            left: show(facts.left_cents, &facts.left),
            right: show(facts.right_cents, &facts.right),
            difference: facts.difference_cents.map_or_else(String::new, |cents| {
                format::signed_money(cents, finding.currency, view.language)
            }),
        }
    }
}
