//! Sums the report up: one sentence for the page's head, one line for the mail's subject.

use std::collections::BTreeMap;

use crate::findings::Materiality;
use crate::fiscal::{Language, date_in_rome};
use crate::reconcile::statement::{Class, Verdict};
use crate::report::digest::{self, Digest};
use crate::report::format;
use crate::report::model::Model;
use crate::report::words::Word as _;

/// Says in one sentence why the verdict is what it is.
pub(crate) fn verdict_reason(model: &Model, digest: &Digest<'_>, language: Language) -> String {
    let found = found(model, digest, language);
    match (model.verdict, language) {
        (Verdict::Incomplete, Language::It) => format!(
            "Non tutto è stato verificato: {}. Su ciò che è stato verificato: {found}.",
            unlooked(model, digest, language)
        ),
        (Verdict::Incomplete, Language::En) => format!(
            "Not everything was looked at: {}. In what was looked at: {found}.",
            unlooked(model, digest, language)
        ),
        (Verdict::Breaks, Language::It) => {
            format!("Tutto è stato verificato e qualcosa non torna: {found}.")
        }
        (Verdict::Breaks, Language::En) => {
            format!("Everything was looked at and something is wrong: {found}.")
        }
        (Verdict::Pending, Language::It) => format!(
            "Nessuna differenza; {} ancora nei tempi concessi per la registrazione.",
            pending(model, language)
        ),
        (Verdict::Pending, Language::En) => format!(
            "No differences; {} still within the days allowed for booking.",
            pending(model, language)
        ),
        (Verdict::Reconciled, Language::It) => {
            "Tutto è stato verificato: documenti e contabilità coincidono al centesimo.".to_owned()
        }
        (Verdict::Reconciled, Language::En) => {
            "Everything was looked at: documents and books agree to the cent.".to_owned()
        }
    }
}

/// Returns the mail's subject: verdict, number, money, company, day.
pub(crate) fn subject(model: &Model, digest: &Digest<'_>, language: Language) -> String {
    let head = match model.verdict {
        Verdict::Incomplete => format!(
            "{}: {}; {}",
            model.verdict.word(language),
            unlooked(model, digest, language),
            found(model, digest, language)
        ),
        Verdict::Breaks => format!(
            "{}{}",
            found(model, digest, language),
            below_materiality(model, digest, language)
        ),
        Verdict::Pending => {
            format!("{}: {}", model.verdict.word(language), pending(model, language))
        }
        Verdict::Reconciled => match language {
            Language::It => "Tutto quadra".to_owned(),
            Language::En => "All reconciled".to_owned(),
        },
    };
    let who = match model.companies.as_slice() {
        [one] => digest::company_name(model, &one.tax_id).to_owned(),
        many => {
            let number = many.len() as u64;
            match language {
                Language::It => format::counted(number, "azienda", "aziende", language),
                Language::En => format::counted(number, "company", "companies", language),
            }
        }
    };
    let day = format::date(date_in_rome(model.started_at), language);
    // A header is one line: a name with a line break must not become a second header.
    format!("{head} – {who} – {day}").replace(char::is_control, " ")
}

/// Says that the money at risk is under the materiality, else nothing.
fn below_materiality(model: &Model, digest: &Digest<'_>, language: Language) -> &'static str {
    match (digest.is_material(model), language) {
        (true, _) => "",
        (false, Language::It) => " (sotto la soglia)",
        (false, Language::En) => " (below materiality)",
    }
}

/// Names the thresholds of materiality that are set: `€ 100,00 / 0,5 % / 10 differenze`.
pub(crate) fn materiality(model: &Model, language: Language) -> String {
    let Materiality { amount_cents, share, count, kinds } = &model.materiality;
    let mut parts = Vec::new();
    if *amount_cents > 0 || (share.is_none() && count.is_none()) {
        parts.push(format::money(*amount_cents, model.currency, language));
    }
    if let Some(share) = share {
        let decimal = crate::fiscal::cents_to_decimal(i64::from(*share));
        let decimal = decimal.trim_end_matches('0').trim_end_matches('.');
        parts.push(match language {
            Language::It => format!("{} %", decimal.replace('.', ",")),
            Language::En => format!("{decimal} %"),
        });
    }
    if let Some(count) = count {
        parts.push(match language {
            Language::It => {
                format::counted(u64::from(*count), "differenza", "differenze", language)
            }
            Language::En => {
                format::counted(u64::from(*count), "difference", "differences", language)
            }
        });
    }
    parts.extend(kinds.iter().map(|kind| kind.word(language).to_owned()));
    parts.join(" / ")
}

/// Returns "3 differenze, € 1.284,10", each foreign currency after the report's own.
fn found(model: &Model, digest: &Digest<'_>, language: Language) -> String {
    let number = digest.differences.len() as u64;
    let accepted = digest.accepted.len() as u64;
    if number == 0 {
        return match (accepted, language) {
            (0, Language::It) => "nessuna differenza".to_owned(),
            (0, Language::En) => "no differences".to_owned(),
            (_, Language::It) => format!(
                "nessuna differenza aperta, {}",
                format::counted(accepted, "accettata", "accettate", language)
            ),
            (_, Language::En) => {
                format!("no open differences, {} accepted", format::count(accepted, language))
            }
        };
    }
    let mut parts = vec![match language {
        Language::It => format::counted(number, "differenza", "differenze", language),
        Language::En => format::counted(number, "difference", "differences", language),
    }];
    parts.push(format::money(digest.at_risk_cents(model), model.currency, language));
    for (currency, cents) in &digest.at_risk {
        if *currency != model.currency && *cents != 0 {
            parts.push(format::money(*cents, *currency, language));
        }
    }
    parts.join(", ")
}

/// Counts what was not looked at: findings, else sources, else statements.
fn unlooked(model: &Model, digest: &Digest<'_>, language: Language) -> String {
    let findings = digest.unlooked.len() as u64;
    let sources = model.sources.iter();
    let sources = sources.filter(|source| !digest::was_read(source)).count() as u64;
    let statements = digest::incomplete_statements(model);
    match (findings, sources, language) {
        (0, 0, Language::It) if statements == 0 => {
            "una parte dei dati non è stata letta".to_owned()
        }
        (0, 0, Language::En) if statements == 0 => "part of the data was not read".to_owned(),
        (0, 0, Language::It) => {
            format::counted(statements, "prospetto parziale", "prospetti parziali", language)
        }
        (0, 0, Language::En) => {
            format::counted(statements, "partial statement", "partial statements", language)
        }
        (0, _, Language::It) => format::counted(
            sources,
            "fonte non letta per intero",
            "fonti non lette per intero",
            language,
        ),
        (0, _, Language::En) => {
            format::counted(sources, "source not read wholly", "sources not read wholly", language)
        }
        (_, _, Language::It) => {
            format::counted(findings, "verifica mancante", "verifiche mancanti", language)
        }
        (_, _, Language::En) => {
            format::counted(findings, "check missing", "checks missing", language)
        }
    }
}

/// Counts the rows that are still inside their grace.
///
/// Receipts that are compared twice, by rate and by tender, are counted once.
fn pending(model: &Model, language: Language) -> String {
    let mut groups = BTreeMap::new();
    for one in &model.statements {
        let statement = &one.statement;
        let key = (&statement.company, statement.document_kind, statement.direction);
        let rows = [&statement.left, &statement.right]
            .map(|side| side.classes.get(&Class::Pending).copied().unwrap_or(0));
        let most: &mut u64 = groups.entry(key).or_default();
        *most = (*most).max(rows.iter().sum());
    }
    let rows = groups.values().sum();
    match language {
        Language::It => format::counted(rows, "riga", "righe", language),
        Language::En => format::counted(rows, "row", "rows", language),
    }
}
