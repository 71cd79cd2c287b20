//! What a warning of the watch says, and what to do about it.

use crate::credentials::{Alert, Credential, Level, Subject};
use crate::fiscal::{Currency, Language};
use crate::report::format;

/// How many companies a sentence names before it counts the rest.
const NAMES_MAX: usize = 5;

/// Says in one sentence what a warning is about.
pub(crate) fn alert(alert: &Alert, language: Language) -> String {
    match &alert.subject {
        Subject::Portal(credential) => portal(credential, alert.level, language),
        Subject::Token { expires_on, days_left } => {
            let day = format::date(*expires_on, language);
            match (*days_left <= 0, language) {
                (true, Language::It) => {
                    format!("Il token dell'API è scaduto il {day}: niente viene più letto.")
                }
                (true, Language::En) => {
                    format!("The API token ended on {day}: nothing is read any more.")
                }
                (false, Language::It) => {
                    format!("Il token dell'API scade il {day}, {}.", within(*days_left, language))
                }
                (false, Language::En) => {
                    format!("The API token ends on {day}, {}.", within(*days_left, language))
                }
            }
        }
        Subject::Credit { left_cents, minimum_cents } => {
            let [left, minimum] = [left_cents, minimum_cents]
                .map(|cents| format::money(*cents, Currency::EUR, language));
            match (alert.level, language) {
                (Level::CreditSpent, Language::It) => format!(
                    "Il credito presso il provider è esaurito ({left}): nessun invio parte."
                ),
                (Level::CreditSpent, Language::En) => {
                    format!("The credit at the provider is spent ({left}): nothing is sent.")
                }
                (_, Language::It) => {
                    format!("Il credito presso il provider è di {left}, sotto i {minimum} voluti.")
                }
                (_, Language::En) => {
                    format!("The credit at the provider is {left}, below the {minimum} wanted.")
                }
            }
        }
    }
}

/// Says the one thing to do.
pub(crate) fn alert_action(alert: &Alert, language: Language) -> String {
    let code = match &alert.subject {
        Subject::Portal(credential) => credential.tax_code.as_str(),
        _ => "",
    };
    match (&alert.subject, alert.level, language) {
        (Subject::Portal(_), Level::Unknown, Language::It) => format!("Dichiarare il giorno dell'ultimo cambio: quadra credentials declare {code} --changed-on AAAA-MM-GG."),
        (Subject::Portal(_), Level::Unknown, Language::En) => format!("Declare the day of the last change: quadra credentials declare {code} --changed-on YYYY-MM-DD."),
        (Subject::Portal(_), Level::Behind, Language::It) => format!("Dare al provider la password nuova: quadra credentials rotate {code}."),
        (Subject::Portal(_), Level::Behind, Language::En) => format!("Give the provider the new password: quadra credentials rotate {code}."),
        (Subject::Portal(_), _, Language::It) => format!("Cambiare la password sul portale dell'Agenzia, poi quadra credentials rotate {code}."),
        (Subject::Portal(_), _, Language::En) => format!("Change the password at the tax portal, then quadra credentials rotate {code}."),
        (Subject::Token { .. }, _, Language::It) => "Creare un token nuovo e metterlo nelle impostazioni, o far coniare i token (api.email, api.api_key_file).".to_owned(),
        (Subject::Token { .. }, _, Language::En) => "Make a new token and put it into the settings, or let tokens be minted (api.email, api.api_key_file).".to_owned(),
        (Subject::Credit { .. }, _, Language::It) => "Ricaricare il conto presso il provider.".to_owned(),
        (Subject::Credit { .. }, _, Language::En) => "Top up the account at the provider.".to_owned(),
    }
}

/// Names the companies of a warning; empty when it is about none.
pub(crate) fn alert_companies(alert: &Alert) -> String {
    match &alert.subject {
        Subject::Portal(credential) => match credential.companies.as_slice() {
            [one] => shown(&one.name, one.company.as_str()),
            _ => credential.tax_code.clone(),
        },
        _ => String::new(),
    }
}

fn portal(credential: &Credential, level: Level, language: Language) -> String {
    let code = &credential.tax_code;
    let names = names(credential, level, language);
    let day = |day: Option<chrono::NaiveDate>| {
        day.map_or_else(String::new, |day| format::date(day, language))
    };
    let end = day(credential.expires_on);
    let left = within(credential.days_left.unwrap_or(0), language);
    match (level, language) {
        (Level::Unknown, Language::It) => format!(
            "Non si sa quando è stata cambiata la password del portale di {code} ({names}): può scadere in ogni momento."
        ),
        (Level::Unknown, Language::En) => format!(
            "Nobody knows when the portal password of {code} ({names}) was changed: it may end at any time."
        ),
        (Level::Refused, Language::It) => format!(
            "Dal {} il portale rifiuta le credenziali di {code} ({names}): gli scontrini non partono.",
            day(credential.refused_since)
        ),
        (Level::Refused, Language::En) => format!(
            "Since {} the tax portal refuses the credentials of {code} ({names}): receipts are not sent.",
            day(credential.refused_since)
        ),
        (Level::Behind, Language::It) => format!(
            "La password di {code} è cambiata il {}, ma il provider ha ancora quella vecchia per {names}.",
            day(credential.changed.map(|(day, _)| day))
        ),
        (Level::Behind, Language::En) => format!(
            "The password of {code} was changed on {}, but the provider still has the old one for {names}.",
            day(credential.changed.map(|(day, _)| day))
        ),
        (Level::Expired, Language::It) => format!(
            "Le credenziali del portale di {code} ({names}) sono scadute il {end}: gli scontrini non partono."
        ),
        (Level::Expired, Language::En) => format!(
            "The portal credentials of {code} ({names}) expired on {end}: receipts are not sent."
        ),
        (_, Language::It) => {
            format!("Le credenziali del portale di {code} ({names}) scadono il {end}, {left}.")
        }
        (_, Language::En) => {
            format!("The portal credentials of {code} ({names}) expire on {end}, {left}.")
        }
    }
}

fn within(days: i64, language: Language) -> String {
    match (days, language) {
        (1, Language::It) => "domani".to_owned(),
        (1, Language::En) => "tomorrow".to_owned(),
        (days, Language::It) => format!("tra {days} giorni"),
        (days, Language::En) => format!("in {days} days"),
    }
}

/// Names the companies concerned: of a person left behind only those left behind.
fn names(credential: &Credential, level: Level, language: Language) -> String {
    let all: Vec<String> = credential
        .companies
        .iter()
        .filter(|one| level != Level::Behind || credential.behind.contains(&one.company))
        .map(|one| shown(&one.name, one.company.as_str()))
        .collect();
    let rest = all.len().saturating_sub(NAMES_MAX);
    let first = all[..all.len() - rest].join(", ");
    match (rest, language) {
        (0, _) => first,
        (_, Language::It) => format!("{first} e altre {rest}"),
        (_, Language::En) => format!("{first} and {rest} more"),
    }
}

fn shown(name: &str, tax_id: &str) -> String {
    let name = name.replace(char::is_control, " ");
    if name.trim().is_empty() { tax_id.to_owned() } else { name.trim().to_owned() }
}
