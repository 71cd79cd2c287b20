//! Plain text of at most 78 columns: the mail's other half, and for terminals.
//!
//! The verdict comes first, then per company every open finding with its amount, then what
//! changed and the totals. A word longer than a line stands on a line of its own.

mod page;

use super::digest::{self, Digest};
use super::facts::Facts;
use super::model::Model;
use super::words::{Labels, Word as _, action, labels, source_state, statement_title};
use super::{format, sentence};
use crate::findings::{Side, Standing, Tally};
use crate::fiscal::Language;
use crate::reconcile::statement::{Class, StatementWithRows};
use page::Page;

/// Writes a report as plain text.
pub(super) fn plain(model: &Model, language: Language) -> String {
    let digest = Digest::of(model);
    let captions = labels(language);
    let mut page = Page::default();
    head(&mut page, model, &digest, language);
    let sections = [
        (captions.not_looked_at, &digest.unlooked),
        (captions.differences, &digest.differences),
        (captions.notices, &digest.notices),
        (captions.accepted, &digest.accepted),
    ];
    for (title, findings) in sections {
        if !findings.is_empty() {
            page.heading(title);
            list(&mut page, model, findings, language);
        }
    }
    if !model.alerts.is_empty() {
        page.heading(captions.alerts);
        for alert in &model.alerts {
            page.hanging(0, 2, &format!("* {}", sentence::alert(alert, language)));
            page.line(2, &sentence::alert_action(alert, language));
        }
    }
    changes(&mut page, model, captions, language);
    page.heading(captions.statements);
    for one in &model.statements {
        totals(&mut page, one, language);
    }
    sources(&mut page, model, captions, language);
    page.into_text()
}

fn head(page: &mut Page, model: &Model, digest: &Digest<'_>, language: Language) {
    let captions = labels(language);
    page.line(0, &format!("{}: {}", captions.verdict, model.verdict.word(language)));
    page.line(0, &sentence::verdict_reason(model, digest, language));
    page.line(0, "");
    page.line(0, &format!("{}: {}", captions.period, format::period(model.period, language)));
    let names: Vec<_> = model
        .companies
        .iter()
        .map(|company| digest::company_name(model, &company.tax_id))
        .collect();
    page.line(0, &format!("{}: {}", captions.companies, names.join(", ")));
    page.line(
        0,
        &format!(
            "{}: {} · {} {} · {}",
            captions.made_at,
            format::instant(model.started_at, language),
            captions.run,
            model.run_id,
            model.job
        ),
    );
    for (currency, cents) in &digest.at_risk {
        page.line(
            0,
            &format!("{}: {}", captions.at_risk, format::money(*cents, *currency, language)),
        );
    }
    let level = if digest.is_material(model) {
        captions.above_materiality
    } else {
        captions.below_materiality
    };
    page.line(
        0,
        &format!("{}: {} ({level})", captions.materiality, sentence::materiality(model, language)),
    );
}

/// Lists findings by company and kind, each with amount, age and explanation.
fn list(page: &mut Page, model: &Model, findings: &[&Standing], language: Language) {
    let captions = labels(language);
    for (company, kinds) in digest::by_company(findings) {
        page.line(0, "");
        page.line(0, &format!("{} ({company})", digest::company_name(model, company)));
        for (kind, group) in kinds {
            page.line(0, "");
            page.line(2, &format!("{} ({})", kind.word(language), group.len()));
            for standing in group {
                let finding = &standing.finding;
                let facts = Facts::of(&finding.evidence);
                let what = facts.record.map_or_else(
                    || {
                        statement_title(finding.document_kind, finding.direction, language)
                            .to_owned()
                    },
                    |record| sentence::record(record, language),
                );
                page.hanging(
                    4,
                    6,
                    &format!(
                        "* {} {}: {what}",
                        captions.at_risk.to_lowercase(),
                        format::money(finding.at_risk_cents, finding.currency, language),
                    ),
                );
                page.line(6, &sentence::finding(finding, language));
                page.line(6, &seen(standing, language));
            }
            page.line(4, &format!("{}: {}", captions.what_to_do, action(kind, language)));
        }
    }
}

/// Says since when a finding is known, and that it is new.
fn seen(standing: &Standing, language: Language) -> String {
    let captions = labels(language);
    let days = u64::try_from(standing.age_days).unwrap_or(0);
    let age = match language {
        _ if days == 0 => captions.today.to_owned(),
        Language::It => format::counted(days, "giorno", "giorni", language),
        Language::En => format::counted(days, "day", "days", language),
    };
    let new = if standing.is_new { format!(", {}", captions.is_new) } else { String::new() };
    format!(
        "{} {} ({age}{new})",
        captions.first_seen,
        format::date(standing.first_seen_on, language)
    )
}

fn changes(page: &mut Page, model: &Model, captions: &Labels, language: Language) {
    page.heading(captions.since_last_run);
    let roll = &model.roll_forward;
    let mut line = |name: &str, tally: Tally| {
        let money = format::money(tally.at_risk_cents, model.currency, language);
        page.row(name, &format::count(tally.rows, language), &money);
    };
    line(captions.opening, roll.opening);
    line(captions.new, roll.new);
    line(captions.cleared, roll.cleared);
    line(captions.closing, roll.closing);
    let check = if roll.ties_out() { captions.ties_out } else { captions.does_not_tie_out };
    page.line(2, check);
}

/// Shows the way from the documents' total to the books', class by class.
fn totals(page: &mut Page, one: &StatementWithRows, language: Language) {
    let (captions, about) = (labels(language), &one.statement);
    let title = statement_title(about.document_kind, about.direction, language);
    page.line(0, "");
    let (basis, verdict) = (about.basis.word(language), about.verdict.word(language));
    page.line(0, &format!("{} – {title} ({basis}): {verdict}", about.company_name));
    let counts = digest::row_counts(one);
    for (currency, bridge) in &about.currencies {
        let money = |cents| format::money(cents, *currency, language);
        page.row("", captions.documents, captions.books);
        let mut total = [0, 0];
        for class in Class::ALL {
            let rows = Side::ALL.iter().map(|side| counts.get(&(*currency, *class, *side)));
            let rows: Vec<u64> = rows.map(|rows| rows.copied().unwrap_or(0)).collect();
            if rows == [0, 0] {
                continue;
            }
            let cents = [&bridge.left, &bridge.right]
                .map(|side| side.classes.get(class).copied().unwrap_or(0));
            total = [total[0] + rows[0], total[1] + rows[1]];
            page.row(
                &with_rows(class.word(language), &rows, language),
                &money(cents[0]),
                &money(cents[1]),
            );
        }
        page.row(
            &with_rows(captions.total, &total, language),
            &money(bridge.left.amount_cents),
            &money(bridge.right.amount_cents),
        );
        page.row(captions.residual, "", &money(bridge.residual_cents));
    }
    for (currency, settled) in &about.settled {
        page.line(2, &sentence::settled_sums(settled, *currency, language));
    }
    let groups = digest::group_count(one);
    if groups > 0 {
        page.line(2, &sentence::groups(groups, language));
    }
}

/// Returns a name with its rows on both sides in brackets.
fn with_rows(name: &str, rows: &[u64], language: Language) -> String {
    let counts: Vec<_> = rows.iter().map(|rows| format::count(*rows, language)).collect();
    format!("{name} ({})", counts.join("/"))
}

fn sources(page: &mut Page, model: &Model, captions: &Labels, language: Language) {
    page.heading(captions.sources);
    for source in &model.sources {
        page.line(
            2,
            &format!(
                "{}: {}, {} {}, {} {}",
                source.name,
                source_state(&source.state, language),
                captions.rows_read.to_lowercase(),
                format::count(source.rows_read, language),
                captions.rows_rejected.to_lowercase(),
                format::count(source.rows_rejected, language),
            ),
        );
        for refused in &source.refused {
            let place = match refused.row {
                0 => captions.whole_file.to_owned(),
                row => format!("{} {row}", captions.row.to_lowercase()),
            };
            page.line(
                4,
                &format!(
                    "{}, {} {}: {} ({})",
                    place,
                    captions.column.to_lowercase(),
                    refused.column,
                    refused.reason,
                    refused.value
                ),
            );
        }
    }
}
