//! The mail's body: the page's numbers in plain tables that every mail program shows.
//!
//! Mail programs drop style sheets, scripts and drawings, and cut what is longer than
//! about 100 kB. So the styles stand on the elements, there is no drawing, and past sixty
//! findings, worst and dearest first, the rest is counted with its euros.

use maud::{DOCTYPE, Markup, html};

use super::digest;
use super::facts::Facts;
use super::html::{Values, View, unbroken};
use super::model::Model;
use super::words::{Word as _, statement_title};
use super::{MailForm, format, sentence, short};
use crate::findings::{Standing, Tally};
use crate::fiscal::Language;
use crate::reconcile::statement::Verdict;

/// The most findings that a mail lists.
const MAIL_FINDINGS_MAX: usize = 60;

pub(super) const BODY: &str = "margin:0;padding:16px;background:#ffffff;color:#1b2430;font:15px/1.45 Arial,Helvetica,sans-serif";
pub(super) const TABLE: &str =
    "border-collapse:collapse;width:100%;max-width:760px;margin:6px 0 18px";
pub(super) const CELL: &str =
    "text-align:left;padding:5px 8px;border-bottom:1px solid #d5dbe2;vertical-align:top";
pub(super) const MONEY: &str = "text-align:right;padding:5px 8px;border-bottom:1px solid #d5dbe2;vertical-align:top;white-space:nowrap";
pub(super) const HEAD_RIGHT: &str = "text-align:right;padding:5px 8px;background:#f0f2f5;border-bottom:2px solid #c5ccd4;font-size:13px";
/// The cell of a name over the whole width, with its numbers on the line below: a telephone is
/// too narrow for both beside each other.
pub(super) const NAME: &str = "text-align:left;padding:7px 8px 0;vertical-align:top";
pub(super) const SOFT: &str = "color:#5a6675;font-size:13px";
const TITLE: &str = "font-size:17px;margin:18px 0 4px";

/// Writes a model as a mail's body.
pub(super) fn body(model: &Model, form: MailForm, notes: &[String], language: Language) -> String {
    let view = View::of(model, language);
    let captions = view.captions;
    html! {
        (DOCTYPE)
        html lang=(language.as_str()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                title { (sentence::subject(model, &view.digest, language)) }
            }
            body style=(BODY) {
                (verdict(&view))
                (key_numbers(&view))
                @for note in notes { p { b { (unbroken(note)) } } }
                (changes(&view))
                @if form == MailForm::Companies { (short::companies(&view)) }
                @else { (statements(&view)) }
                @if !model.alerts.is_empty() {
                    h2 style=(TITLE) { (captions.alerts) }
                    (super::notice::table(&model.alerts, language))
                }
                @if form == MailForm::Report { (findings(&view)) }
                p style=(SOFT) { (captions.all_in_workbook) }
                p style=(SOFT) {
                    "Quadra " (model.version) " · " (captions.job) " " (model.job)
                    " · " (captions.run) " " (model.run_id)
                    " · " (format::instant(model.started_at, language))
                }
            }
        }
    }
    .into_string()
}

fn verdict(view: &View<'_>) -> Markup {
    let colour = match view.model.verdict {
        Verdict::Incomplete | Verdict::Breaks => "#a11d21",
        Verdict::Pending => "#7a4b00",
        Verdict::Reconciled => "#13652f",
    };
    let names: Vec<_> = view
        .model
        .companies
        .iter()
        .map(|one| digest::company_name(view.model, &one.tax_id))
        .collect();
    html! {
        table role="presentation" style=(TABLE) { tr { td style={ "padding:12px 14px;border:2px solid " (colour) ";border-left:10px solid " (colour) } {
            p style={ "margin:0;font-size:22px;font-weight:bold;color:" (colour) } { (view.model.verdict.word(view.language)) }
            p style="margin:4px 0" { (unbroken(&sentence::verdict_reason(view.model, &view.digest, view.language))) }
            p style={ "margin:0;" (SOFT) } {
                (view.captions.reconciliation) " – " (view.period()) " · " (names.join(", "))
            }
        } } }
    }
}

fn key_numbers(view: &View<'_>) -> Markup {
    let (captions, digest) = (view.captions, &view.digest);
    let level = if digest.is_material(view.model) {
        captions.above_materiality
    } else {
        captions.below_materiality
    };
    let counts = [
        (captions.not_looked_at, digest.unlooked.len()),
        (captions.differences, digest.differences.len()),
        (captions.notices, digest.notices.len()),
    ];
    html! {
        table style=(TABLE) {
            @for (currency, cents) in &digest.at_risk {
                tr { td style=(CELL) { b { (captions.at_risk) } } td style=(MONEY) { b { (view.money(*cents, *currency)) } } }
            }
            @for (name, number) in counts {
                tr { td style=(CELL) { (name) } td style=(MONEY) { (view.count(number as u64)) } }
            }
            tr { td style=(CELL) { (captions.materiality) " (" (level) ")" } td style=(MONEY) { (sentence::materiality(view.model, view.language)) } }
        }
    }
}

fn changes(view: &View<'_>) -> Markup {
    let (captions, roll) = (view.captions, &view.model.roll_forward);
    let line = |name: &str, tally: Tally| {
        html! {
            tr {
            td style=(CELL) { (name) }
            td style=(MONEY) { (view.count(tally.rows)) }
            td style=(MONEY) { (view.euros(tally.at_risk_cents)) }
        }
        }
    };
    html! {
        h2 style=(TITLE) { (captions.since_last_run) }
        table style=(TABLE) {
            (line(captions.opening, roll.opening))
            (line(&format!("+ {}", captions.new), roll.new))
            (line(&format!("− {}", captions.cleared), roll.cleared))
            (line(&format!("= {}", captions.closing), roll.closing))
        }
        @if !roll.ties_out() { p { b { (captions.does_not_tie_out) } } }
    }
}

fn statements(view: &View<'_>) -> Markup {
    let captions = view.captions;
    html! {
        h2 style=(TITLE) { (captions.statements) }
        table style=(TABLE) {
            tr {
                @for name in [captions.documents, captions.books, captions.residual] {
                    th style=(HEAD_RIGHT) { (name) }
                }
            }
            @for one in &view.model.statements {
                @let statement = &one.statement;
                @for (currency, bridge) in &statement.currencies { tr {
                    td colspan="3" style=(NAME) {
                        (statement.company_name) ": "
                        (statement_title(statement.document_kind, statement.direction, view.language))
                        br; span style=(SOFT) {
                            (statement.basis.word(view.language)) " – "
                            b { (statement.verdict.word(view.language)) }
                        }
                    }
                } tr {
                    td style=(MONEY) { (view.money(bridge.left.amount_cents, *currency)) }
                    td style=(MONEY) { (view.money(bridge.right.amount_cents, *currency)) }
                    td style=(MONEY) { (view.money(bridge.residual_cents, *currency)) }
                } }
            }
        }
    }
}

/// Lists what was not looked at and the differences, up to the limit.
fn findings(view: &View<'_>) -> Markup {
    let captions = view.captions;
    let (unlooked, differences) = (&view.digest.unlooked, &view.digest.differences);
    let first = &unlooked[..unlooked.len().min(MAIL_FINDINGS_MAX)];
    let second = &differences[..differences.len().min(MAIL_FINDINGS_MAX - first.len())];
    let sections =
        [(captions.not_looked_at, unlooked, first), (captions.differences, differences, second)];
    html! {
        @for (title, all, shown) in sections { @if !all.is_empty() {
            h2 style=(TITLE) { (title) " (" (view.count(all.len() as u64)) ")" }
            @for (company, kinds) in digest::by_company(shown) {
                p style="margin:10px 0 2px" { b { (digest::company_name(view.model, company)) } " " span style=(SOFT) { (company) } }
                table style=(TABLE) {
                    @for standing in kinds.values().flatten() { (line(view, standing)) }
                }
            }
            @if all.len() > shown.len() { p { b { (more(view, &all[shown.len()..])) } } }
        } }
    }
}

fn line(view: &View<'_>, standing: &Standing) -> Markup {
    let finding = &standing.finding;
    let facts = Facts::of(&finding.evidence);
    let values = Values::of(view, standing, &facts);
    let place = facts.entry.and_then(|entry| sentence::place(entry, view.language));
    html! {
        tr {
            td style=(CELL) {
                b { (finding.kind.word(view.language)) }
                @if let Some(record) = facts.record { " – " (sentence::record(record, view.language)) }
                br; (unbroken(&sentence::finding(finding, view.language)))
                br; span style=(SOFT) {
                    (view.captions.first_seen) " " (format::date(standing.first_seen_on, view.language))
                    @if standing.is_new { " · " b { (view.captions.is_new) } }
                    @if let Some(place) = place { " · " (place) }
                    @if let Some(document) = facts.document { " · API " (document.id) }
                }
            }
            td style=(MONEY) {
                b { (view.money(finding.at_risk_cents, finding.currency)) }
                @if !values.difference.is_empty() { br; span style=(SOFT) { (values.difference) } }
            }
        }
    }
}

/// Counts the findings that the mail leaves out, with their money.
fn more(view: &View<'_>, hidden: &[&Standing]) -> String {
    let money = view.euros(digest::at_risk(hidden, view.model.currency));
    let number = hidden.len() as u64;
    match view.language {
        Language::It => format!(
            "{} ({money} a rischio) solo nel foglio di lavoro allegato.",
            format::counted(number, "altra voce", "altre voci", view.language)
        ),
        Language::En => format!(
            "{} ({money} at risk) in the attached workbook only.",
            format::counted(number, "more entry", "more entries", view.language)
        ),
    }
}
