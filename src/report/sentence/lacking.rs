//! Says what is lacking to compare card settlements, or beside them.
//!
//! A payment file is no ledger to its owner: that "no ledger covers the period" would leave
//! open which of three things nobody uploaded.

use crate::findings::Lacking;
use crate::fiscal::{Language, Period};
use crate::report::format;

/// Says which days of cards, or beside them, could not be compared, and for lack of what.
pub(super) fn days(lacking: Lacking, days: Period, language: Language) -> String {
    let italian = language == Language::It;
    let (one, many) = if italian { ("giorno", "giorni") } else { ("day", "days") };
    let count = u64::try_from(days.days()).unwrap_or(0);
    let count = format::counted(count, one, many, language);
    let span = format!("{}, {count}", format::period(days, language));
    match (lacking, language) {
        (Lacking::Takings, Language::It) => format!(
            "Carte: il file di pagamento (POS o servizio) ha transazioni ({span}), ma né scontrini né un registro degli incassi per mezzo di pagamento dicono quanto è stato incassato: non sono state confrontate."
        ),
        (Lacking::Takings, Language::En) => format!(
            "Cards: the payment file (terminal or service) has transactions ({span}), but neither receipts nor a register of takings by tender say what was taken: they were not compared."
        ),
        (Lacking::Receipts, Language::It) => format!(
            "Carte: gli scontrini non sono stati letti per intero ({span}): le transazioni del file di pagamento non sono state confrontate."
        ),
        (Lacking::Receipts, Language::En) => format!(
            "Cards: receipts were not read whole ({span}): the transactions of the payment file were not compared."
        ),
        (Lacking::PaymentFile, Language::It) => format!(
            "Carte: nessun file di pagamento (POS o servizio) copre i giorni ({span}): gli incassi elettronici non sono stati confrontati."
        ),
        (Lacking::PaymentFile, Language::En) => format!(
            "Cards: no payment file (terminal or service) covers the days ({span}): electronic takings were not compared."
        ),
        (Lacking::Register, Language::It) => format!(
            "Nessun registro dei corrispettivi né esportazione di ordini copre il periodo ({span}): il file di pagamento vale solo per gli incassi elettronici, il resto non è stato confrontato."
        ),
        (Lacking::Register, Language::En) => format!(
            "No register of takings and no export of orders covers the period ({span}): the payment file is held against electronic takings only, the rest was not compared."
        ),
    }
}

/// Says why a row of cards, or beside them, was not compared.
pub(super) fn row(lacking: Lacking, covered: Option<Period>, language: Language) -> String {
    let covered = covered.map(|days| format::period(days, language));
    match (lacking, covered, language) {
        (Lacking::Takings, _, Language::It) => {
            "Né scontrini né un registro per mezzo di pagamento dicono quanto è stato incassato con carta.".to_owned()
        }
        (Lacking::Takings, _, Language::En) => {
            "Neither receipts nor a register by tender say what was taken by card.".to_owned()
        }
        (Lacking::Receipts, _, Language::It) => {
            "Gli scontrini di questo giorno non sono stati letti per intero.".to_owned()
        }
        (Lacking::Receipts, _, Language::En) => {
            "The receipts of this day were not read whole.".to_owned()
        }
        (Lacking::PaymentFile, Some(days), Language::It) => {
            format!("I file di pagamento coprono {days}: questa data resta fuori.")
        }
        (Lacking::PaymentFile, Some(days), Language::En) => {
            format!("The payment files cover {days}: this date is outside.")
        }
        (Lacking::PaymentFile, None, Language::It) => {
            "Nessun file di pagamento copre questa data.".to_owned()
        }
        (Lacking::PaymentFile, None, Language::En) => {
            "No payment file covers this date.".to_owned()
        }
        (Lacking::Register, _, Language::It) => {
            "Nessun registro dei corrispettivi né esportazione di ordini: il file di pagamento vale solo per gli incassi elettronici.".to_owned()
        }
        (Lacking::Register, _, Language::En) => {
            "No register of takings and no export of orders: the payment file is held against electronic takings only.".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_lack_names_itself_in_both_languages() {
        let period = Period::month(2026, 2).unwrap();
        let mut told = std::collections::BTreeSet::new();
        for lacking in Lacking::ALL {
            for (language, words) in
                [(Language::It, ["Carte", "pagamento"]), (Language::En, ["Cards", "payment"])]
            {
                let said = days(*lacking, period, language);
                assert!(words.iter().any(|word| said.contains(word)), "{said}");
                assert!(said.contains("2026") && said.ends_with('.'), "{said}");
                told.insert(said);
                told.insert(row(*lacking, None, language));
                assert!(!row(*lacking, Some(period), language).is_empty());
            }
        }
        assert_eq!(told.len(), Lacking::ALL.len() * 4);
    }
}
