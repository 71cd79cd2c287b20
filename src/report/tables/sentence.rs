//! What people read about pairs and rows, in Italian and English side by side.

use crate::fiscal::Language;
use crate::reconcile::statement::{Class, Verdict};
use crate::reconcile::tables::{
    Aside, Cause, FieldDifference, GroupLine, Nearness, Note, RowReason,
};

/// Returns the half of a pair that the reader's language asks for.
pub(super) fn pick<'a>(language: Language, it: &'a str, en: &'a str) -> &'a str {
    match language {
        Language::It => it,
        Language::En => en,
    }
}

/// Says what a pair agrees on.
pub(super) fn agrees(language: Language) -> &'static str {
    match language {
        Language::It => "tutto coincide",
        Language::En => "everything agrees",
    }
}

/// Says in what a pair differs, column by column.
pub(super) fn differences(all: &[FieldDifference], language: Language) -> String {
    let one = |difference: &FieldDifference| {
        let tolerated = if difference.is_within {
            pick(language, ", entro la tolleranza", ", within tolerance")
        } else {
            ""
        };
        format!("{}{tolerated}", self::difference(difference, language))
    };
    all.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// Says in what one column differs, and why where that is known.
pub(super) fn difference(difference: &FieldDifference, language: Language) -> String {
    let empty = pick(language, "(vuoto)", "(empty)");
    let shown =
        |text: &str| if text.trim().is_empty() { empty.to_owned() } else { format!("`{text}`") };
    let by = if difference.difference.is_empty() {
        String::new()
    } else {
        format!(" ({})", difference.difference)
    };
    let cause = difference
        .cause
        .filter(|cause| *cause != Cause::Empty)
        .map_or_else(String::new, |one| format!(": {}", cause(one, language)));
    format!(
        "{} {} / {}{by}{cause}",
        difference.column,
        shown(&difference.left),
        shown(&difference.right)
    )
}

fn cause(cause: Cause, language: Language) -> &'static str {
    let (it, en) = match cause {
        Cause::Rounding => ("arrotondamento", "rounding"),
        Cause::Sign => ("segno opposto", "opposite sign"),
        Cause::StampDuty => ("2,00 come l'imposta di bollo", "2.00 like the stamp duty"),
        Cause::DigitsTransposed => ("cifre scambiate", "transposed digits"),
        Cause::DayMonthSwapped => ("giorno e mese scambiati", "day and month swapped"),
        Cause::Case => ("solo maiuscole e minuscole", "only capital letters"),
        Cause::Blanks => ("solo spazi e segni", "only blanks and marks"),
        Cause::LeadingZeros => ("solo zeri iniziali", "only leading zeros"),
        Cause::Empty => ("uno dei due è vuoto", "one of the two is empty"),
        Cause::Unreadable => (
            "uno dei due non si legge come gli altri",
            "one of the two cannot be read like the others",
        ),
    };
    match language {
        Language::It => it,
        Language::En => en,
    }
}

/// Says why a row has no partner.
pub(super) fn reason(reason: &RowReason, language: Language) -> String {
    let it = language == Language::It;
    match reason {
        RowReason::NoPartner => pick(
            language,
            "nessuna riga dell'altra parte le corrisponde né le somiglia",
            "no row of the other side answers it or comes near it",
        )
        .to_owned(),
        RowReason::NoKey => pick(
            language,
            "la chiave è vuota, e una chiave vuota non incontra nulla",
            "its key is empty, and an empty key meets nothing",
        )
        .to_owned(),
        RowReason::Nearest { row, way, failed } => nearest(*row, *way, failed, language),
        RowReason::Suggested { row, pass, differences } => {
            let rest = self::differences(differences, language);
            let rest = if rest.is_empty() { rest } else { format!(": {rest}") };
            if it {
                format!(
                    "il passo `{pass}` suggerisce la riga {row}{rest}; va confermato da una persona"
                )
            } else {
                format!("pass `{pass}` suggests row {row}{rest}; a person must confirm it")
            }
        }
        RowReason::Duplicate { of } if it => format!("ripete la riga {of} della stessa parte"),
        RowReason::Duplicate { of } => format!("repeats row {of} of its side"),
        RowReason::Ambiguous { alternatives } if it => {
            format!("{alternatives} scelte ugualmente buone: nessuna è stata presa")
        }
        RowReason::Ambiguous { alternatives } => {
            format!("{alternatives} choices are equally good: none was taken")
        }
        RowReason::Pending { break_on } if it => {
            format!("ancora nei giorni concessi: diventa una differenza il {break_on}")
        }
        RowReason::Pending { break_on } => {
            format!("still within its grace: it becomes a break on {break_on}")
        }
        RowReason::OutOfWindow { covered: Some((from, to)) } if it => {
            format!("l'altra parte copre solo i giorni {from}..{to}")
        }
        RowReason::OutOfWindow { covered: Some((from, to)) } => {
            format!("the other side covers {from}..{to} only")
        }
        RowReason::OutOfWindow { covered: None } => {
            pick(language, "l'altra parte non copre alcun giorno", "the other side covers no day")
                .to_owned()
        }
        RowReason::Aside(aside) => self::aside(aside, language),
    }
}

fn nearest(row: u64, way: Nearness, failed: &[FieldDifference], language: Language) -> String {
    let (it, en) = match way {
        Nearness::Taken => ("la chiave è della riga", "its key is that of row"),
        Nearness::KeyWritten => ("la più vicina è la riga", "the nearest is row"),
        Nearness::Content => {
            ("la più vicina, uguale nel resto, è la riga", "the nearest, equal in the rest, is row")
        }
        Nearness::Amount => {
            ("la più vicina, di pari importo, è la riga", "the nearest, of the same amount, is row")
        }
    };
    let taken = match way {
        Nearness::Taken => pick(language, ", già abbinata", ", which has a partner"),
        _ => "",
    };
    let failed = failed.iter().map(|one| difference(one, language)).collect::<Vec<_>>().join("; ");
    let failed = match (failed.is_empty(), language) {
        (true, _) => String::new(),
        (false, Language::It) => format!("; non coincide {failed}"),
        (false, Language::En) => format!("; it fails on {failed}"),
    };
    format!("{} {row}{taken}{failed}", pick(language, it, en))
}

/// Says why a row takes no part.
pub(super) fn aside(aside: &Aside, language: Language) -> String {
    let it = language == Language::It;
    match aside {
        Aside::TooManyCells { cells, headings } if it => {
            format!("ha {cells} celle sotto {headings} intestazioni: non è chiaro quale sia quale")
        }
        Aside::TooManyCells { cells, headings } => {
            format!("has {cells} cells under {headings} headings: which is which is unclear")
        }
        Aside::Rule { because } if because.is_empty() => {
            pick(language, "esclusa da una regola", "left out by a rule").to_owned()
        }
        Aside::Rule { because } if it => format!("esclusa da una regola: {because}"),
        Aside::Rule { because } => format!("left out by a rule: {because}"),
        Aside::Refused { because } if it => format!("non leggibile: {because}"),
        Aside::Refused { because } => format!("could not be read: {because}"),
    }
}

/// Says of a group that its sum differs.
pub(super) fn group(group: &GroupLine, language: Language) -> String {
    let (rows, pass, by) = (group.rows, &group.pass, &group.difference);
    match language {
        Language::It => format!("la somma di {rows} righe (`{pass}`) si scosta di {by}"),
        Language::En => format!("the sum of {rows} rows (`{pass}`) is off by {by}"),
    }
}

/// Says what a reader of the result should know.
pub(super) fn note(note: &Note, language: Language) -> String {
    let it = language == Language::It;
    match note {
        Note::NoMoneyColumn => pick(
            language,
            "più colonne hanno una tolleranza in centesimi: `amount` nelle regole dice quale è il denaro, e senza di essa non ci sono totali",
            "several columns have a tolerance in cents: `amount` in the rules says which is the money, and without it there are no totals",
        )
        .to_owned(),
        Note::NotSearched { pass, rows } if it => format!(
            "la regola `{pass}` non ha cercato fino in fondo una somma per {rows} righe: i candidati sono troppi"
        ),
        Note::NotSearched { pass, rows } => format!(
            "rule `{pass}` did not look for a sum to the end for {rows} rows: they have too many candidates"
        ),
        Note::BlockTooLarge { pass, left, right } if it => format!(
            "il passo `{pass}` non ha esaminato un blocco di {left} × {right} righe: sono troppe per scegliere"
        ),
        Note::BlockTooLarge { pass, left, right } => {
            format!("pass `{pass}` did not look at a block of {left} × {right} rows: too many to choose from")
        }
    }
}

/// Names a class where neither side is the books.
pub(super) fn class(class: Class, language: Language) -> &'static str {
    let (it, en) = match class {
        Class::Matched => ("Coincidono", "Matched"),
        Class::MatchedWithinTolerance => {
            ("Coincidono entro tolleranza", "Matched within tolerance")
        }
        Class::Differing => ("Abbinate con differenze", "Paired with differences"),
        Class::MissingRight => ("Solo a sinistra", "Only on the left"),
        Class::MissingLeft => ("Solo a destra", "Only on the right"),
        Class::Duplicate => ("Doppie", "Duplicates"),
        Class::Ambiguous => ("Incerte", "Ambiguous"),
        Class::Pending => ("In attesa", "Pending"),
        Class::OutOfWindow => ("Fuori copertura", "Out of cover"),
        Class::Excluded => ("Escluse", "Excluded"),
    };
    match language {
        Language::It => it,
        Language::En => en,
    }
}

/// Says the verdict.
pub(super) fn verdict(verdict: Verdict, language: Language) -> &'static str {
    let (it, en) = match verdict {
        Verdict::Incomplete => (
            "INCOMPLETO: qualcosa non si è potuto confrontare",
            "INCOMPLETE: something could not be compared",
        ),
        Verdict::Breaks => {
            ("DIFFERENZE: le due parti non coincidono", "BREAKS: the two sides disagree")
        }
        Verdict::Pending => (
            "IN ATTESA: nulla di sbagliato, qualcosa può ancora arrivare",
            "PENDING: nothing is wrong, something may still come",
        ),
        Verdict::Reconciled => {
            ("QUADRA: le due parti coincidono", "RECONCILED: the two sides agree")
        }
    };
    match language {
        Language::It => it,
        Language::En => en,
    }
}
