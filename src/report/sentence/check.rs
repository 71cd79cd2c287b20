//! Explains what is wrong in a row by itself, and numbers that nobody has.

use super::cause;
use crate::findings::{Difference, Evidence, Field, Finding};
use crate::fiscal::{Currency, Language};
use crate::report::{digest, format};

/// Says what should stand in a row and what does.
pub(super) fn failed(differs: &Difference, currency: Currency, language: Language) -> String {
    let show = |value: &Option<String>| {
        let text = value.as_deref().unwrap_or_default();
        format::value(differs.field, text, currency, language)
    };
    let (should, is) = (show(&differs.left), show(&differs.right));
    if differs.field == Field::Gross {
        let cents = differs.difference_cents.map(i64::saturating_neg).unwrap_or_default();
        let off = format::signed_money(cents, currency, language);
        let cause = cause(differs.explanation, language);
        return match language {
            Language::It => {
                format!("Imponibile e IVA fanno {should}, il totale è {is} ({off}){cause}.")
            }
            Language::En => {
                format!("Taxable amount and VAT make {should}, the total is {is} ({off}){cause}.")
            }
        };
    }
    let days = digest::days_apart(differs).unwrap_or(0);
    match language {
        Language::It => {
            let days = format::counted(days, "giorno", "giorni", language);
            format!("Entro il {should}, è del {is}: {days} di ritardo.")
        }
        Language::En => {
            let days = format::counted(days, "day", "days", language);
            format!("Due by {should}, done on {is}: {days} late.")
        }
    }
}

/// Says which numbers of a series are missing.
pub(super) fn gap(finding: &Finding, language: Language) -> String {
    let Evidence::Gap { before, after, day, missing } = &finding.evidence else {
        return String::new();
    };
    let day = format::date(*day, language);
    match language {
        Language::It => {
            let missing = format::counted(*missing, "numero", "numeri", language);
            format!("Tra {before} e {after} (del {day}) mancano, da entrambe le parti, {missing}.")
        }
        Language::En => {
            let missing = format::counted(*missing, "number", "numbers", language);
            format!("Between {before} and {after} (of {day}) {missing} stand on neither side.")
        }
    }
}
