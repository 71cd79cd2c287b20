//! The headings of warnings.

use super::Word;
use crate::credentials::{Level, State};

impl Word for Level {
    fn pair(self) -> (&'static str, &'static str) {
        match self {
            Self::Days30 => ("Scade entro 30 giorni", "Ends within 30 days"),
            Self::Days14 => ("Scade entro 14 giorni", "Ends within 14 days"),
            Self::Days7 => ("Scade entro 7 giorni", "Ends within 7 days"),
            Self::Days3 => ("Scade entro 3 giorni", "Ends within 3 days"),
            Self::Day1 => ("Scade domani", "Ends tomorrow"),
            Self::Expired => ("Scaduto", "Ended"),
            Self::Refused => {
                ("Credenziali rifiutate dal portale", "Credentials refused by the portal")
            }
            Self::Behind => ("Password vecchia presso il provider", "Old password at the provider"),
            Self::Unknown => ("Scadenza sconosciuta", "End unknown"),
            Self::CreditLow => ("Credito basso", "Credit is low"),
            Self::CreditSpent => ("Credito esaurito", "Credit is spent"),
        }
    }
}

impl Word for State {
    fn pair(self) -> (&'static str, &'static str) {
        match self {
            Self::Expired => ("scadute", "expired"),
            Self::Refused => ("rifiutate", "refused"),
            Self::Behind => ("non aggiornate", "behind"),
            Self::Unknown => ("età ignota", "age unknown"),
            Self::Expiring => ("in scadenza", "expiring"),
            Self::Valid => ("valide", "valid"),
        }
    }
}
