//! The two shorter mails: nothing new since the last one, and many companies on one page.

use std::collections::BTreeMap;

use maud::{DOCTYPE, Markup, html};

use super::digest::{self, Digest};
use super::html::{View, unbroken};
use super::mail::{BODY, HEAD_RIGHT, MONEY, NAME, SOFT, TABLE};
use super::model::{Model, verdict_of};
use super::words::Word as _;
use super::{format, sentence};
use crate::findings::{FindingState, Severity};
use crate::fiscal::{Language, TaxId};
use crate::reconcile::statement::{StatementWithRows, Verdict};

/// What a company's line says.
struct Line<'a> {
    name: &'a str,
    tax_id: &'a TaxId,
    verdict: Verdict,
    differences: u64,
    new: u64,
    at_risk_cents: i64,
}

/// Returns the body that says that nothing changed, and what stands still.
pub(super) fn nothing_new(model: &Model, notes: &[String], language: Language) -> (String, String) {
    let digest = Digest::of(model);
    let said = match language {
        Language::It => "Niente di nuovo dall'ultima mail.",
        Language::En => "Nothing is new since the last mail.",
    };
    let reason = sentence::verdict_reason(model, &digest, language);
    let mut text = vec![said.to_owned(), reason.clone()];
    text.extend(notes.iter().cloned());
    let page = html! {
        (DOCTYPE)
        html lang=(language.as_str()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                title { (said) }
            }
            body style=(BODY) {
                p { b { (said) } }
                p { (unbroken(&reason)) }
                @for note in notes { p style=(SOFT) { (unbroken(note)) } }
                p style=(SOFT) { "Quadra " (model.version) " · " (model.job) " · " (format::instant(model.started_at, language)) }
            }
        }
    };
    text.push(String::new());
    (text.join("\n\n"), page.into_string())
}

/// Lists the companies of a report, worst and dearest first: for firms that have many.
pub(super) fn companies(view: &View<'_>) -> Markup {
    let (captions, language) = (view.captions, view.language);
    let lines = lines(view.model);
    let agree = lines.iter().filter(|line| line.verdict == Verdict::Reconciled).count() as u64;
    html! {
        table style=(TABLE) {
            tr {
                @for name in [captions.differences, captions.new, captions.at_risk] {
                    th style=(HEAD_RIGHT) { (name) }
                }
            }
            @for line in lines.iter().filter(|line| line.verdict != Verdict::Reconciled) { tr {
                td colspan="3" style=(NAME) {
                    (line.name) " " span style=(SOFT) { (line.tax_id) " – " b { (line.verdict.word(language)) } }
                }
            } tr {
                td style=(MONEY) { (view.count(line.differences)) }
                td style=(MONEY) { (view.count(line.new)) }
                td style=(MONEY) { (view.euros(line.at_risk_cents)) }
            } }
        }
        p style=(SOFT) { (agreeing(agree, language)) }
    }
}

/// Writes the same lines as text.
pub(super) fn companies_text(model: &Model, language: Language) -> String {
    let lines = lines(model);
    let agree = lines.iter().filter(|line| line.verdict == Verdict::Reconciled).count() as u64;
    let digest = Digest::of(model);
    let mut text = vec![sentence::verdict_reason(model, &digest, language), String::new()];
    for line in lines.iter().filter(|line| line.verdict != Verdict::Reconciled) {
        let count = match language {
            Language::It => format::counted(line.differences, "differenza", "differenze", language),
            Language::En => {
                format::counted(line.differences, "difference", "differences", language)
            }
        };
        let money = format::money(line.at_risk_cents, model.currency, language);
        text.push(format!(
            "* {} ({}): {}, {count}, {money}",
            line.name,
            line.tax_id,
            line.verdict.word(language)
        ));
    }
    text.extend([String::new(), agreeing(agree, language), String::new()]);
    text.join("\n")
}

fn agreeing(number: u64, language: Language) -> String {
    match language {
        Language::It if number == 1 => "Quadra 1 azienda su tutto.".to_owned(),
        Language::En if number == 1 => "1 company agrees in everything.".to_owned(),
        Language::It => format!(
            "Quadrano {} su tutto.",
            format::counted(number, "azienda", "aziende", language)
        ),
        Language::En => format!(
            "{} agree in everything.",
            format::counted(number, "company", "companies", language)
        ),
    }
}

fn lines(model: &Model) -> Vec<Line<'_>> {
    let mut statements: BTreeMap<&TaxId, Vec<StatementWithRows>> = BTreeMap::new();
    for one in &model.statements {
        // Only the verdict is asked for: its rows need not be copied.
        let bare = StatementWithRows { statement: one.statement.clone(), rows: Vec::new() };
        statements.entry(&one.statement.company).or_default().push(bare);
    }
    let mut ids: Vec<&TaxId> = model.companies.iter().map(|one| &one.tax_id).collect();
    ids.extend(model.findings.iter().map(|one| &one.finding.company));
    ids.sort();
    ids.dedup();
    let mut lines: Vec<Line<'_>> = ids
        .into_iter()
        .map(|tax_id| {
            let own: Vec<_> = model
                .findings
                .iter()
                .filter(|one| one.finding.company == *tax_id)
                .cloned()
                .collect();
            let counts = |one: &&crate::findings::Standing| {
                one.state == FindingState::Open && one.finding.severity() > Severity::Info
            };
            let empty = Vec::new();
            Line {
                name: digest::company_name(model, tax_id),
                tax_id,
                verdict: verdict_of(statements.get(tax_id).unwrap_or(&empty), &own),
                differences: own.iter().filter(counts).count() as u64,
                new: own.iter().filter(counts).filter(|one| one.is_new).count() as u64,
                at_risk_cents: own
                    .iter()
                    .filter(counts)
                    .filter(|one| one.finding.currency == model.currency)
                    .map(|one| one.finding.at_risk_cents)
                    .sum(),
            }
        })
        .collect();
    lines.sort_by_key(|line| (line.verdict, std::cmp::Reverse(line.at_risk_cents)));
    lines
}
