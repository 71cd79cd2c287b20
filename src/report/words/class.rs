//! Classes, verdicts and the titles of statements.

use super::{Word, pick};
use crate::fiscal::{Direction, DocumentKind, Language};
use crate::reconcile::statement::{Basis, Class, Verdict};

impl Word for Class {
    fn pair(self) -> (&'static str, &'static str) {
        match self {
            Self::Matched => ("Quadrate", "Matched"),
            Self::MatchedWithinTolerance => {
                ("Quadrate entro tolleranza", "Matched within tolerance")
            }
            Self::Differing => ("Abbinate con differenze", "Paired with differences"),
            Self::MissingRight => ("Mancanti in contabilità", "Missing in the books"),
            Self::MissingLeft => ("Mancanti sul provider", "Missing at the provider"),
            Self::Duplicate => ("Doppie", "Duplicates"),
            Self::Ambiguous => ("Incerte", "Ambiguous"),
            Self::Pending => ("In attesa", "Pending"),
            Self::OutOfWindow => ("Fuori copertura", "Out of cover"),
            Self::Excluded => ("Escluse", "Excluded"),
        }
    }
}

/// Says in a sentence what a class holds.
pub(crate) fn class_hint(class: Class, language: Language) -> &'static str {
    let pair = match class {
        Class::Matched => ("Abbinate e uguali al centesimo.", "Paired and equal to the cent."),
        Class::MatchedWithinTolerance => (
            "Abbinate; la differenza sta nella tolleranza dichiarata.",
            "Paired; the difference is within the stated tolerance.",
        ),
        Class::Differing => (
            "Abbinate, ma almeno un dato non coincide.",
            "Paired, but at least one value disagrees.",
        ),
        Class::MissingRight => (
            "Il documento esiste, la registrazione no.",
            "The document exists, the entry does not.",
        ),
        Class::MissingLeft => (
            "La registrazione esiste, il documento no.",
            "The entry exists, the document does not.",
        ),
        Class::Duplicate => {
            ("Ripetono un'altra riga della stessa parte.", "They repeat another row of their side.")
        }
        Class::Ambiguous => (
            "Più candidati equivalenti: nessuno è stato scelto.",
            "Several equally good partners: none was chosen.",
        ),
        Class::Pending => (
            "Ancora nei giorni concessi per la registrazione.",
            "Still within the days allowed for booking.",
        ),
        Class::OutOfWindow => {
            ("L'altra parte non copre la loro data.", "The other side does not cover their date.")
        }
        Class::Excluded => (
            "Fuori dal confronto per una regola dichiarata.",
            "Left out of the comparison by a stated rule.",
        ),
    };
    pick(pair, language)
}

/// Returns the name of the workbook sheet of a class.
pub(crate) fn sheet_name(class: Class, language: Language) -> &'static str {
    match (class, language) {
        (Class::MatchedWithinTolerance, Language::It) => "Entro tolleranza",
        (Class::MatchedWithinTolerance, Language::En) => "Within tolerance",
        (Class::Differing, Language::It) => "Con differenze",
        (Class::Differing, Language::En) => "Differing",
        _ => class.word(language),
    }
}

impl Word for Verdict {
    fn pair(self) -> (&'static str, &'static str) {
        match self {
            Self::Incomplete => ("INCOMPLETO", "INCOMPLETE"),
            Self::Breaks => ("NON QUADRA", "DOES NOT AGREE"),
            Self::Pending => ("IN ATTESA", "PENDING"),
            Self::Reconciled => ("QUADRA", "RECONCILED"),
        }
    }
}

impl Word for Basis {
    fn pair(self) -> (&'static str, &'static str) {
        match self {
            Self::Documents => ("documento per documento", "document by document"),
            Self::TakingsByRate => {
                ("totali del giorno per aliquota IVA", "daily totals by VAT rate")
            }
            Self::TakingsByTender => {
                ("totali del giorno per mezzo di pagamento", "daily totals by means of payment")
            }
            Self::Orders => ("per ordine del negozio", "by the shop's order"),
            Self::Settlements => (
                "incassi elettronici contro transazioni di POS e servizi di pagamento",
                "electronic takings against transactions of terminals and payment services",
            ),
        }
    }
}

impl Word for DocumentKind {
    fn pair(self) -> (&'static str, &'static str) {
        match self {
            Self::Receipt => ("scontrini", "receipts"),
            Self::Invoice => ("fatture", "invoices"),
        }
    }
}

impl Word for Direction {
    fn pair(self) -> (&'static str, &'static str) {
        match self {
            Self::Outgoing => ("attivo", "outgoing"),
            Self::Incoming => ("passivo", "incoming"),
        }
    }
}

/// Names what a statement or a finding is about, such as "Fatture ricevute".
pub(crate) fn statement_title(
    kind: DocumentKind,
    direction: Direction,
    language: Language,
) -> &'static str {
    let pair = match (kind, direction) {
        (DocumentKind::Invoice, Direction::Outgoing) => ("Fatture emesse", "Invoices issued"),
        (DocumentKind::Invoice, Direction::Incoming) => ("Fatture ricevute", "Invoices received"),
        (DocumentKind::Receipt, Direction::Outgoing) => ("Corrispettivi", "Takings"),
        (DocumentKind::Receipt, Direction::Incoming) => ("Scontrini ricevuti", "Receipts received"),
    };
    pick(pair, language)
}
