//! Says of a decision why it does not fit any more, and what holds instead.

use crate::findings::{Evidence, Finding, Staleness};
use crate::fiscal::Language;
use crate::report::{format, words::Word as _};

/// Explains a stale decision: who took it, on what, and what has changed since.
pub(super) fn stale(finding: &Finding, language: Language) -> String {
    let Evidence::Decision {
        kind,
        subject,
        owner,
        reason,
        decided_on,
        until,
        accepted_cents,
        now_cents,
        why,
        ..
    } = &finding.evidence
    else {
        return String::new();
    };
    let money = |cents: i64| format::money(cents, finding.currency, language);
    let day = |day: chrono::NaiveDate| format::date(day, language);
    let what = kind.word(language);
    let accepted = money(*accepted_cents);
    let now = now_cents.map(money).unwrap_or_default();
    let last = until.map(day).unwrap_or_default();
    let lead = match language {
        Language::It => format!(
            "{owner} ha accettato il {} «{what}: {subject}» per {accepted} ({reason}).",
            day(*decided_on)
        ),
        Language::En => format!(
            "{owner} accepted \"{what}: {subject}\" of {accepted} on {} ({reason}).",
            day(*decided_on)
        ),
    };
    let since = match (why, language) {
        (Staleness::Gone, Language::It) => {
            "La differenza non c'è più: la decisione si può ritirare.".to_owned()
        }
        (Staleness::Gone, Language::En) => {
            "The finding is not there any more: the decision can be withdrawn.".to_owned()
        }
        (Staleness::AmountChanged, Language::It) => {
            format!("Ora a rischio ci sono {now}: la differenza è di nuovo aperta.")
        }
        (Staleness::AmountChanged, Language::En) => {
            format!("Now {now} are at risk: the finding is open again.")
        }
        (Staleness::Expired, Language::It) => {
            format!("Valeva fino al {last}: la differenza è di nuovo aperta.")
        }
        (Staleness::Expired, Language::En) => {
            format!("It held until {last}: the finding is open again.")
        }
    };
    format!("{lead} {since}")
}
