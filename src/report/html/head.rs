//! The head of the page: verdict, money at risk, severities, what changed.

use maud::{Markup, html};

use super::{View, unbroken};
use crate::findings::{Severity, Tally};
use crate::fiscal::Language;
use crate::reconcile::statement::Verdict;
use crate::report::words::Word as _;
use crate::report::{digest, format, sentence};

/// Shows the verdict in words, its reason, and the numbers that matter most.
pub(super) fn banner(view: &View<'_>) -> Markup {
    let (model, captions) = (view.model, view.captions);
    html! {
        header {
            h1 { (captions.reconciliation) " – " (view.period()) }
            p.who {
                @for (index, company) in model.companies.iter().enumerate() {
                    @if index > 0 { " · " }
                    b { (digest::company_name(model, &company.tax_id)) } " " span.soft { (company.tax_id) }
                }
            }
            p.soft {
                (captions.made_at) " " (format::instant(model.started_at, view.language))
                " · " (captions.job) " " (model.job) " · " (captions.run) " " (model.run_id)
            }
        }
        section.verdict.(model.verdict.as_str()) {
            p.word { span aria-hidden="true" { (symbol(model.verdict)) } " " (model.verdict.word(view.language)) }
            p { (unbroken(&sentence::verdict_reason(model, &view.digest, view.language))) }
        }
        (tiles(view))
    }
}

/// Counts findings of a severity; only one Italian word has a plural of its own.
fn severity_words(severity: Severity, number: u64, language: Language) -> String {
    let one = severity.word(language);
    let many =
        if (severity, language) == (Severity::Serious, Language::It) { "gravi" } else { one };
    format::counted(number, one, many, language)
}

/// Returns a sign that tells the verdict without colour.
fn symbol(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Incomplete => "?",
        Verdict::Breaks => "≠",
        Verdict::Pending => "…",
        Verdict::Reconciled => "=",
    }
}

/// Shows the numbers of the head side by side.
fn tiles(view: &View<'_>) -> Markup {
    let (captions, digest, roll) = (view.captions, &view.digest, &view.model.roll_forward);
    // Of what the tile counts: what was not looked at and what is good to know stand apart.
    let of = |one: &Severity| {
        digest.differences.iter().filter(|standing| standing.finding.severity() == *one).count()
    };
    let level = if digest.is_material(view.model) {
        captions.above_materiality
    } else {
        captions.below_materiality
    };
    html! {
        div.tiles {
            div.tile {
                span.soft { (captions.at_risk) }
                @for (currency, cents) in &digest.at_risk { b { (view.money(*cents, *currency)) } }
                span.soft { (captions.materiality) " " (unbroken(&sentence::materiality(view.model, view.language))) ": " (level) }
            }
            div.tile {
                span.soft { (captions.differences) }
                b { (view.count(digest.differences.len() as u64)) }
                span.soft {
                    @for (index, one) in [Severity::Serious, Severity::Warning].iter().enumerate() {
                        @if index > 0 { " · " }
                        (severity_words(*one, of(one) as u64, view.language))
                    }
                }
            }
            div.tile {
                span.soft { (captions.not_looked_at) }
                b { (view.count(digest.unlooked.len() as u64)) }
            }
            div.tile {
                span.soft { (captions.new) " / " (captions.cleared) }
                b { "+" (view.count(roll.new.rows)) " / −" (view.count(roll.cleared.rows)) }
            }
        }
    }
}

/// Shows opening + new − cleared = closing, and the open findings by age.
pub(super) fn changes(view: &View<'_>) -> Markup {
    let (captions, roll) = (view.captions, &view.model.roll_forward);
    let lines = [
        ("", captions.opening, roll.opening),
        ("+", captions.new, roll.new),
        ("−", captions.cleared, roll.cleared),
        ("=", captions.closing, roll.closing),
    ];
    let line = |name: &str, tally: Tally| {
        html! { th scope="row" { (name) } td.n { (view.count(tally.rows)) } td.n { (view.euros(tally.at_risk_cents)) } }
    };
    html! {
        section #changes {
            h2 { (captions.since_last_run) }
            div.pair {
                table {
                    caption { (if roll.ties_out() { captions.ties_out } else { captions.does_not_tie_out }) }
                    thead { tr { th {} th.n { (captions.number) } th.n { (captions.at_risk) } } }
                    tbody { @for (sign, name, tally) in lines { tr { (line(&format!("{sign} {name}"), tally)) } } }
                }
                table {
                    caption { (captions.by_age) }
                    thead { tr { th { (captions.age) } th.n { (captions.number) } th.n { (captions.at_risk) } } }
                    tbody {
                        @for (index, tally) in view.digest.ages.iter().enumerate() {
                            tr { (line(age_words(index, view.language), *tally)) }
                        }
                    }
                }
            }
        }
    }
}

/// Names an age bucket.
pub(in crate::report) fn age_words(bucket: usize, language: Language) -> &'static str {
    match (bucket, language) {
        (0, Language::It) => "0–1 giorni",
        (1, Language::It) => "2–7 giorni",
        (2, Language::It) => "8–30 giorni",
        (_, Language::It) => "oltre 30 giorni",
        (0, Language::En) => "0–1 days",
        (1, Language::En) => "2–7 days",
        (2, Language::En) => "8–30 days",
        (_, Language::En) => "over 30 days",
    }
}
