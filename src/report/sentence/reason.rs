//! Says why a row is in its class: its partner, or what its nearest candidate failed.

use super::cause;
use super::lacking;
use super::record::{capital, nearest_of, record, stop};
use super::settled;
use super::together;
use crate::findings::{
    Affix, Aid, Difference, Field, Nearest, NumberRule, Pass, Reason, RecordRef, Side,
};
use crate::fiscal::{Currency, Language, NumberTier, Period};
use crate::report::words::{Word as _, pass_name};
use crate::report::{digest, format};

/// Explains the class of one row of a statement.
pub(crate) fn row_reason(
    side: Side,
    reason: &Reason,
    currency: Currency,
    language: Language,
) -> String {
    match reason {
        Reason::Paired { pass, tier, differences, aids } => {
            let tier = tier
                .filter(|tier| tells_more(pass, *tier))
                .map_or_else(String::new, |tier| format!(", {}", tier.word(language)));
            let lead = match language {
                Language::It => format!("Abbinata: {}{tier}.", pass_name(pass, language)),
                Language::En => format!("Paired by {}{tier}.", pass_name(pass, language)),
            };
            let lead = aids.iter().fold(lead, |lead, one| format!("{lead} {}", aid(one, language)));
            with_differences(lead, differences, currency, language)
        }
        Reason::Grouped { day, receipts, differences } => {
            let lead = match language {
                Language::It => format!(
                    "Confrontata nel totale {} ({}).",
                    format::italian_date("del", *day),
                    format::counted(*receipts, "scontrino", "scontrini", language)
                ),
                Language::En => format!(
                    "Compared in the total of {} ({}).",
                    format::date(*day, language),
                    format::counted(*receipts, "receipt", "receipts", language)
                ),
            };
            with_differences(lead, differences, currency, language)
        }
        Reason::Settled { of } => settled::day(of, currency, language),
        Reason::Together { .. } => together::sentence(reason, currency, language),
        Reason::TooMany { rows, nearest } => {
            too_many(side, *rows, nearest.clone(), currency, language)
        }
        Reason::Suggested { pass, record: with, differences } => {
            let (pass, with) = (pass_name(pass, language), record(with, language));
            let lead = match language {
                Language::It => format!("Proposta da «{pass}» e non applicata: {with}"),
                Language::En => format!("Suggested by “{pass}” and not applied: {with}"),
            };
            with_differences(stop(&lead), differences, currency, language)
        }
        Reason::Excluded { because } => match language {
            Language::It => format!("Esclusa: {}.", because.word(language)),
            Language::En => format!("Left out: {}.", because.word(language)),
        },
        Reason::LeftOut { because } => match language {
            Language::It => stop(&format!("Esclusa da una regola propria: {because}")),
            Language::En => stop(&format!("Left out by a rule of one's own: {because}")),
        },
        Reason::Pending { break_on } => match language {
            Language::It => format!(
                "Senza riscontro ma nei tempi: diventa una differenza {}.",
                format::italian_date("il", *break_on)
            ),
            Language::En => format!(
                "No partner yet, within its grace: it becomes a break on {}.",
                format::date(*break_on, language)
            ),
        },
        Reason::OutOfWindow { covered } => out_of_window(side, *covered, language),
        Reason::NotCompared { lacking, covered } => lacking::row(*lacking, *covered, language),
        Reason::NoPartner { .. } | Reason::Duplicate { .. } | Reason::Ambiguous { .. } => {
            no_partner(side, reason, currency, language).unwrap_or_default()
        }
    }
}

/// Explains a row for which no sum was sought, because too many rows are open.
fn too_many(
    side: Side,
    rows: u64,
    nearest: Option<Box<Nearest>>,
    currency: Currency,
    language: Language,
) -> String {
    let lead = match language {
        Language::It => format!(
            "Nessun riscontro; {} della stessa controparte sono troppe per cercarvi una somma.",
            format::counted(rows, "riga aperta", "righe aperte", language)
        ),
        Language::En => format!(
            "No partner; {} of the same counterparty are too many to look for a sum among them.",
            format::counted(rows, "open row", "open rows", language)
        ),
    };
    let nearest = Reason::NoPartner { nearest };
    let more = no_partner(side, &nearest, currency, language).unwrap_or_default();
    format!("{lead} {more}")
}

/// Says what helped a pass to a pair.
fn aid(aid: &Aid, language: Language) -> String {
    let rule = match (aid, language) {
        (Aid::Number(rule), _) => rule,
        (Aid::Name, Language::It) => {
            return "Tra candidati ugualmente buoni ha deciso la somiglianza del nome.".to_owned();
        }
        (Aid::Name, Language::En) => {
            return "Among equally good candidates the resembling name decided.".to_owned();
        }
    };
    let NumberRule { party, affix, because } = rule;
    let says = match (affix, language) {
        (Affix::BooksPrefix(text), Language::It) => format!("la contabilità antepone «{text}»"),
        (Affix::BooksSuffix(text), Language::It) => format!("la contabilità aggiunge «{text}»"),
        (Affix::DocumentsPrefix(text), Language::It) => {
            format!("la contabilità omette «{text}» iniziale")
        }
        (Affix::DocumentsSuffix(text), Language::It) => {
            format!("la contabilità omette «{text}» finale")
        }
        (Affix::BooksPrefix(text), Language::En) => {
            format!("the books put “{text}” before the number")
        }
        (Affix::BooksSuffix(text), Language::En) => {
            format!("the books put “{text}” after the number")
        }
        (Affix::DocumentsPrefix(text), Language::En) => {
            format!("the books leave “{text}” before the number out")
        }
        (Affix::DocumentsSuffix(text), Language::En) => {
            format!("the books leave “{text}” after the number out")
        }
    };
    let because = because.as_ref().map_or_else(String::new, |because| format!(" ({because})"));
    match language {
        Language::It => stop(&format!("Regola sui numeri di {party}: {says}{because}")),
        Language::En => stop(&format!("Rule on the numbers of {party}: {says}{because}")),
    }
}

/// Tells whether the tier adds to what the pass's own name says.
fn tells_more(pass: &Pass, tier: NumberTier) -> bool {
    !matches!(
        (pass, tier),
        (Pass::NumberExact, NumberTier::Exact) | (Pass::NumberNormalised, NumberTier::Normalised)
    )
}

/// Explains a row that has no one partner; nothing for any other reason.
fn no_partner(
    side: Side,
    reason: &Reason,
    currency: Currency,
    language: Language,
) -> Option<String> {
    Some(match (reason, language) {
        (Reason::NoPartner { nearest: None }, Language::It) => {
            "Nessun candidato si avvicina.".to_owned()
        }
        (Reason::NoPartner { nearest: None }, Language::En) => {
            "No candidate comes near.".to_owned()
        }
        (Reason::NoPartner { nearest: Some(near) }, _) => {
            let failed = difference(&near.failed, currency, language);
            let is_alike = near.failed.left == near.failed.right;
            let (lead, near) = (nearest_of(side, language), record(&near.record, language));
            match language {
                // It has a partner already, or a state in which nothing is paired with it.
                Language::It if is_alike => {
                    format!("{lead}: {near}; è già abbinato o non è valido")
                }
                Language::En if is_alike => format!("{lead}: {near}; it is taken or not valid"),
                Language::It => format!("{lead}: {near}; non coincide: {failed}"),
                Language::En => format!("{lead}: {near}; it fails on: {failed}"),
            }
        }
        (Reason::Duplicate { of }, Language::It) => {
            let what = match side {
                Side::Left => "questo documento",
                Side::Right => "questa registrazione",
            };
            stop(&format!("Ripete {what}: {}", record(of, language)))
        }
        (Reason::Duplicate { of }, Language::En) => {
            stop(&format!("It repeats {}", record(of, language)))
        }
        (Reason::Ambiguous { alternatives, among }, _) => doubt(*alternatives, among, language),
        _ => return None,
    })
}

/// Says both values of a field, their difference and its cause.
pub(super) fn difference(differs: &Difference, currency: Currency, language: Language) -> String {
    let show = |value: &Option<String>| {
        value.as_deref().map_or_else(
            || match language {
                Language::It => "assente".to_owned(),
                Language::En => "absent".to_owned(),
            },
            |text| format::value(differs.field, text, currency, language),
        )
    };
    let (left, right) = (show(&differs.left), show(&differs.right));
    let field = differs.field.word(language);
    let by = distance(differs, currency, language);
    let cause = cause(differs.explanation, language);
    match language {
        Language::It => {
            format!("{field} {left} sul documento, {right} in contabilità{by}{cause}.")
        }
        Language::En => format!("{field} {left} on the document, {right} in the books{by}{cause}."),
    }
}

/// Returns by how much two values differ, in euros or days, when that can be said.
fn distance(differs: &Difference, currency: Currency, language: Language) -> String {
    if let Some(cents) = differs.difference_cents {
        let money = format::signed_money(cents, currency, language);
        return match language {
            Language::It => format!(", differenza {money}"),
            Language::En => format!(", difference {money}"),
        };
    }
    let Some(days) = digest::days_apart(differs).filter(|_| differs.field == Field::IssueDate)
    else {
        return String::new();
    };
    match language {
        Language::It => {
            format!(", distanza {}", format::counted(days, "giorno", "giorni", language))
        }
        Language::En => format!(", {} apart", format::counted(days, "day", "days", language)),
    }
}

fn with_differences(
    lead: String,
    differences: &[Difference],
    currency: Currency,
    language: Language,
) -> String {
    let mut sentences = vec![lead];
    sentences.extend(
        differences.iter().map(|differs| capital(&difference(differs, currency, language))),
    );
    sentences.join(" ")
}

fn out_of_window(side: Side, covered: Option<Period>, language: Language) -> String {
    match (side, covered, language) {
        (Side::Left, Some(days), Language::It) => format!(
            "La contabilità caricata copre {}: questa data resta fuori.",
            format::period(days, language)
        ),
        (Side::Left, Some(days), Language::En) => format!(
            "The uploaded books cover {}: this date is outside.",
            format::period(days, language)
        ),
        (Side::Left, None, Language::It) => "Nessuna contabilità caricata.".to_owned(),
        (Side::Left, None, Language::En) => "No books were uploaded.".to_owned(),
        (Side::Right, Some(days), Language::It) => format!(
            "I documenti estratti coprono {}: questa data resta fuori.",
            format::period(days, language)
        ),
        (Side::Right, Some(days), Language::En) => format!(
            "The pulled documents cover {}: this date is outside.",
            format::period(days, language)
        ),
        (Side::Right, None, Language::It) => "Nessun documento estratto.".to_owned(),
        (Side::Right, None, Language::En) => "No documents were pulled.".to_owned(),
    }
}

/// Says that several partners are equally good, and which are the first of them.
fn doubt(alternatives: u64, among: &[RecordRef], language: Language) -> String {
    let named: Vec<String> = among.iter().map(|one| record(one, language)).collect();
    let more = if alternatives > named.len() as u64 { "; …" } else { "" };
    let named = match named[..] {
        [] => String::new(),
        _ => format!(" ({}{more})", named.join("; ")),
    };
    match language {
        Language::It => format!(
            "Ha {} ugualmente buoni{named}: nessuno è stato scelto.",
            format::counted(alternatives, "candidato", "candidati", language)
        ),
        Language::En => format!(
            "It has {}, all equally good{named}: none was chosen.",
            format::counted(alternatives, "candidate", "candidates", language)
        ),
    }
}
