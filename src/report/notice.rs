//! The warnings of the watch: a section of the report, and a mail of their own.
//!
//! A warning says what is wrong, for whom, until when, and the one thing to do. The mail has
//! tables only, like the report's.

use chrono::NaiveDate;
use maud::{DOCTYPE, Markup, html};

use super::words::Word as _;
use super::{format, sentence};
use crate::credentials::{Alert, Level, Subject};
use crate::fiscal::Language;

const BODY: &str = "margin:0;padding:16px;background:#ffffff;color:#1b2430;font:15px/1.45 Arial,Helvetica,sans-serif";
const TABLE: &str = "border-collapse:collapse;width:100%;max-width:760px;margin:6px 0 18px";
const CELL: &str = "text-align:left;padding:8px;border-bottom:1px solid #d5dbe2;vertical-align:top";
const SOFT: &str = "color:#5a6675;font-size:13px";

/// Holds a mail of warnings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// One line, led by what is gravest.
    pub subject: String,
    /// The mail as text.
    pub text: String,
    /// The mail as a page.
    pub html: String,
}

/// Returns the mail that says these warnings, gravest first as they come.
#[must_use]
pub fn notice(alerts: &[Alert], language: Language, today: NaiveDate) -> Notice {
    let subject = subject(alerts, language, today);
    let mut text = Vec::new();
    for alert in alerts {
        text.push(format!("* {}", alert.level.word(language)));
        text.push(format!("  {}", sentence::alert(alert, language)));
        text.push(format!("  {}\n", sentence::alert_action(alert, language)));
    }
    let html = html! {
        (DOCTYPE)
        html lang=(language.as_str()) {
            head { meta charset="utf-8"; meta name="viewport" content="width=device-width"; title { (subject) } }
            body style=(BODY) { (table(alerts, language)) }
        }
    };
    Notice { subject, text: text.join("\n"), html: html.into_string() }
}

/// Lists alerts in a table whose styles stand on the elements.
pub(super) fn table(alerts: &[Alert], language: Language) -> Markup {
    html! {
        table style=(TABLE) {
            @for alert in alerts { tr {
                td style={ (CELL) ";border-left:6px solid " (colour(alert)) } {
                    b { (alert.level.word(language)) }
                    br; (sentence::alert(alert, language))
                    br; span style=(SOFT) { (sentence::alert_action(alert, language)) }
                }
            } }
        }
    }
}

fn colour(alert: &Alert) -> &'static str {
    if alert.level.is_grave() { "#a11d21" } else { "#7a4b00" }
}

fn subject(alerts: &[Alert], language: Language, today: NaiveDate) -> String {
    let first = alerts.first().map_or("", |alert| alert.level.word(language));
    let more = alerts.len().saturating_sub(1) as u64;
    let more = match (more, language) {
        (0, _) => String::new(),
        (_, Language::It) => {
            format!(" (e {} {})", more, if more == 1 { "altro avviso" } else { "altri avvisi" })
        }
        (_, Language::En) => format!(" (and {more} more)"),
    };
    let who = match alerts {
        [one] => sentence::alert_companies(one),
        _ => String::new(),
    };
    let who = if who.is_empty() { who } else { format!(" – {who}") };
    let what = alerts.first().map_or("", |alert| what(alert, language));
    let line = format!("{first}{what}{more}{who} – {}", format::date(today, language));
    line.replace(char::is_control, " ")
}

/// Says what a level speaks of, where its word alone does not.
fn what(alert: &Alert, language: Language) -> &'static str {
    let speaks_for_itself = matches!(alert.level, Level::Refused | Level::Behind);
    match (&alert.subject, language) {
        (Subject::Portal(_), _) if speaks_for_itself => "",
        (Subject::Portal(_), Language::It) => ": credenziali del portale",
        (Subject::Portal(_), Language::En) => ": tax portal credentials",
        (Subject::Token { .. }, Language::It) => ": token dell'API",
        (Subject::Token { .. }, Language::En) => ": API token",
        (Subject::Credit { .. }, _) => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::{CompanyUse, Given, watch};
    use crate::fiscal::TaxId;

    fn alerts(companies: usize) -> Vec<Alert> {
        let one = |number: usize| CompanyUse {
            company: TaxId::parse(&format!("company-{number}")).unwrap(),
            name: format!("Rossi {number} <srl>\r\n"),
            tax_code: "RSSMRA80A01H501U".to_owned(),
        };
        let uses: Vec<CompanyUse> = (1..=companies).map(one).collect();
        let today = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
        let found = watch(&uses, &[], &[], today);
        found.into_iter().filter_map(|one| Alert::of_credential(one, &Given::new())).collect()
    }

    #[test]
    fn one_credential_of_many_companies_is_one_warning() {
        let alerts = alerts(9);
        assert_eq!(alerts.len(), 1);
        let notice = notice(&alerts, Language::It, NaiveDate::from_ymd_opt(2026, 11, 20).unwrap());
        assert!(!notice.subject.contains(char::is_control), "{}", notice.subject);
        assert!(notice.subject.ends_with("– 20/11/2026"), "{}", notice.subject);
        assert!(notice.text.contains("e altre 4"), "{}", notice.text);
        assert!(notice.html.contains("&lt;srl&gt;") && !notice.html.contains("<script"));
    }
}
