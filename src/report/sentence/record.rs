//! Names rows, places and slices, and holds the small hands of sentence-making.

use crate::findings::{RecordRef, Side, Slice};
use crate::fiscal::{Language, VatRate};
use crate::report::{format, words::Word as _};

/// Names a row by what people know it by: number, date, counterparty.
pub(crate) fn record(record: &RecordRef, language: Language) -> String {
    let mut parts = vec![];
    if let Some(number) = &record.number {
        parts.push(match language {
            Language::It => format!("n. {number}"),
            Language::En => format!("no. {number}"),
        });
    }
    if let Some(day) = record.issue_date {
        parts.push(match language {
            Language::It => format::italian_date("del", day),
            Language::En => format!("of {}", format::date(day, language)),
        });
    }
    if let Some(name) = &record.counterparty_name {
        parts.push(format!("– {name}"));
    }
    if parts.is_empty() {
        return record.id.clone();
    }
    if let Some(place) = place(record, language) {
        parts.push(format!("({place})"));
    }
    parts.join(" ")
}

/// Says where a row of the books stands: file and data row.
pub(crate) fn place(record: &RecordRef, language: Language) -> Option<String> {
    let file = record.file.as_deref()?;
    Some(match (record.row, language) {
        (Some(row), Language::It) => format!("{file}, riga {row}"),
        (Some(row), Language::En) => format!("{file}, row {row}"),
        (None, _) => file.to_owned(),
    })
}

/// Names the part of a day's takings that was compared.
pub(crate) fn slice(slice: &Slice, language: Language) -> String {
    match (slice, language) {
        (Slice::Rate(VatRate::Nature(code)), Language::It) => format!("natura {code}"),
        (Slice::Rate(VatRate::Nature(code)), Language::En) => format!("nature {code}"),
        (Slice::Rate(rate), Language::It) => {
            format!("aliquota {}%", rate.to_string().replace('.', ","))
        }
        (Slice::Rate(rate), Language::En) => format!("rate {rate}%"),
        (Slice::Tender(tender), _) => tender.word(language).to_owned(),
    }
}

/// Names the nearest row of the other side.
pub(super) fn nearest_of(side: Side, language: Language) -> &'static str {
    match (side, language) {
        (Side::Left, Language::It) => "Registrazione più vicina",
        (Side::Left, Language::En) => "The nearest entry",
        (Side::Right, Language::It) => "Documento più vicino",
        (Side::Right, Language::En) => "The nearest document",
    }
}

/// Turns the first letter into a capital, for a sentence of its own.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Ends a text with one full stop, even after `S.p.A.`.
pub(super) fn stop(text: &str) -> String {
    format!("{}.", text.trim_end_matches('.'))
}
