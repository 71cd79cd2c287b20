//! What was read: pulls with their state, files with layout, rows and refusals.

use maud::{Markup, html};

use super::View;
use crate::report::digest;
use crate::report::model::{Source, SourceKind};
use crate::report::words::source_state;

/// Shows every source, then each refused row with its reason.
pub(super) fn section(view: &View<'_>) -> Markup {
    let captions = view.captions;
    html! {
        section #sources {
            h2 { (captions.sources_read) }
            table.cards {
                thead { tr {
                    th { (captions.source) } th { (captions.kind) } th { (captions.company) } th { (captions.detail) }
                    th.n { (captions.rows_read) } th.n { (captions.rows_rejected) } th { (captions.state) }
                } }
                tbody { @for source in &view.model.sources { (line(view, source)) } }
            }
            @for source in view.model.sources.iter().filter(|source| !source.refused.is_empty()) {
                (refused(view, source))
            }
        }
    }
}

fn line(view: &View<'_>, source: &Source) -> Markup {
    let captions = view.captions;
    html! {
        tr {
            td data-label=(captions.source) { b { (source.name) } }
            td data-label=(captions.kind) { (kind(view, source.kind)) }
            td data-label=(captions.company) { @if let Some(id) = &source.company { (digest::company_name(view.model, id)) } }
            td data-label=(captions.detail) { (source.detail) }
            td.n data-label=(captions.rows_read) { (view.count(source.rows_read)) }
            td.n data-label=(captions.rows_rejected) { (view.count(source.rows_rejected)) }
            td data-label=(captions.state) {
                @if digest::was_read(source) { (source_state(&source.state, view.language)) }
                @else { span.alarm { "⚠ " (source_state(&source.state, view.language)) } }
            }
        }
    }
}

/// Names a source's kind.
pub(in crate::report) fn kind(view: &View<'_>, kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::Pull => view.captions.pull,
        SourceKind::Upload => view.captions.upload,
        SourceKind::Outbox => view.captions.outbox,
    }
}

fn refused(view: &View<'_>, source: &Source) -> Markup {
    let captions = view.captions;
    let hidden = source.rows_rejected.saturating_sub(source.refused.len() as u64);
    html! {
        h4 { (captions.refused_rows) ": " (source.name) }
        table.cards {
            thead { tr { th.n { (captions.row) } th { (captions.column) } th { (captions.value) } th { (captions.reason) } } }
            tbody { @for row in &source.refused { tr {
                td.n data-label=(captions.row) { @if row.row == 0 { (captions.whole_file) } @else { (view.count(row.row)) } }
                td data-label=(captions.column) { (row.column) }
                td data-label=(captions.value) { code { (row.value) } }
                td.why data-label=(captions.reason) { (row.reason) }
            } } }
        }
        @if hidden > 0 { p.hint { "+ " (view.rows(hidden)) } }
    }
}
