//! One self-contained page: no script, no font, no picture from elsewhere.
//!
//! The order is that of a reader's questions: does it agree, what was not looked at, how
//! much is at risk, what changed, where the money is, what is wrong, why is each row where
//! it is, what was read. Everything from outside passes through `maud`, which escapes it.
//! On a narrow screen wide tables turn into cards; on paper headings repeat and no row is
//! cut; nothing is told by colour alone.

mod alerts;
mod charts;
mod findings;
mod head;
mod rows;
mod scale;
mod sources;
mod statements;

pub(super) use findings::Values;
pub(super) use head::age_words;
pub(super) use sources::kind as source_kind;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::digest::Digest;
use super::format;
use super::model::Model;
use super::words::{Labels, labels};
use crate::fiscal::{Currency, Language};

/// The page's style sheet, inside the page so that it travels with it.
const SHEET: &str = include_str!("style.css");

/// Writes a model as one page.
pub(super) fn page(model: &Model, language: Language) -> String {
    let view = View::of(model, language);
    let captions = view.captions;
    let title = format!("{} – {}", captions.reconciliation, view.period());
    html! {
        (DOCTYPE)
        html lang=(language.as_str()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title { (title) }
                style { (PreEscaped(SHEET)) }
            }
            body {
                main {
                    (head::banner(&view))
                    (contents(&view))
                    (findings::not_looked_at(&view))
                    (alerts::section(&view))
                    (head::changes(&view))
                    (statements::section(&view))
                    (findings::differences(&view))
                    (findings::others(&view))
                    (rows::section(&view))
                    (sources::section(&view))
                }
                footer {
                    p { (captions.legend) }
                    p {
                        "Quadra " (model.version) " · " (captions.job) " " (model.job)
                        " · " (captions.run) " " (model.run_id)
                    }
                }
            }
        }
    }
    .into_string()
}

/// Links to the sections that this page has.
fn contents(view: &View<'_>) -> Markup {
    let captions = view.captions;
    let is_there = [
        ("unlooked", captions.not_looked_at, !view.digest.unlooked.is_empty()),
        ("alerts", captions.alerts, !view.model.alerts.is_empty()),
        ("changes", captions.since_last_run, true),
        ("money", captions.where_money_is, true),
        ("findings", captions.differences, true),
        ("notices", captions.notices, !view.digest.notices.is_empty()),
        ("accepted", captions.accepted, !view.digest.accepted.is_empty()),
        ("cleared", captions.cleared_now, !view.model.cleared.is_empty()),
        ("rows", captions.rows_by_class, true),
        ("sources", captions.sources, true),
    ];
    html! {
        nav aria-label=(captions.contents) {
            @for (id, title, _) in is_there.iter().filter(|(_, _, there)| *there) {
                a href={ "#" (id) } { (title) }
            }
        }
    }
}

/// Keeps an amount's sign and its digits on one line.
pub(super) fn unbroken(text: &str) -> String {
    // U+2060 joins words: browsers break a line after a hyphen, and a minus is one.
    text.replace("€ ", "€\u{a0}").replace("-€", "-\u{2060}€").replace("+€", "+\u{2060}€")
}

/// Holds what every part of the page needs.
pub(super) struct View<'a> {
    pub(super) model: &'a Model,
    pub(super) digest: Digest<'a>,
    pub(super) language: Language,
    pub(super) captions: &'static Labels,
}

impl<'a> View<'a> {
    pub(super) fn of(model: &'a Model, language: Language) -> Self {
        Self { model, digest: Digest::of(model), language, captions: labels(language) }
    }

    /// Writes an amount of the report's own currency.
    pub(super) fn euros(&self, cents: i64) -> String {
        self.money(cents, self.model.currency)
    }

    pub(super) fn money(&self, cents: i64, currency: Currency) -> String {
        format::money(cents, currency, self.language)
    }

    pub(super) fn count(&self, number: u64) -> String {
        format::count(number, self.language)
    }

    /// Counts rows, with the noun in its number.
    pub(super) fn rows(&self, number: u64) -> String {
        format::counted(number, self.captions.one_row, self.captions.rows, self.language)
    }

    pub(super) fn period(&self) -> String {
        format::period(self.model.period, self.language)
    }
}
