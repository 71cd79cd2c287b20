//! The words inside a piece of evidence: fields, passes, causes, ways of paying.

use super::{Word, pick};
use crate::findings::{Excluded, Explanation, Field, Pass, Side};
use crate::fiscal::{Language, NumberTier, Tender};

impl Word for Side {
    fn pair(self) -> (&'static str, &'static str) {
        match self {
            Self::Left => ("Documenti", "Documents"),
            Self::Right => ("Contabilità", "Books"),
        }
    }
}

/// Returns people's word for a rule; one of their own has the name that they gave it.
pub(crate) fn pass_name(pass: &Pass, language: Language) -> &str {
    let pair = match pass {
        Pass::Id => ("stesso identificativo", "same identifier"),
        Pass::NumberExact => {
            ("stessa controparte e stesso numero", "same counterparty and same number")
        }
        Pass::NumberNormalised => {
            ("stessa controparte e numero equivalente", "same counterparty and equivalent number")
        }
        Pass::NumberAmount => (
            "stesso numero e stesso totale, unici, con altra controparte o senza",
            "same number and same total, the only ones, under another counterparty or none",
        ),
        Pass::PartyAmountDay => (
            "stessa controparte, totale e giorno, unici, con un numero simile o senza numero",
            "same counterparty, total and day, the only ones, under a like number or none",
        ),
        Pass::PartyAmount => (
            "stessa controparte e stesso totale, unici",
            "same counterparty and same total, the only ones",
        ),
        Pass::DailyTakings => ("totale del giorno", "the day's total"),
        Pass::SumOfEntries => (
            "somma di più registrazioni della stessa controparte",
            "the sum of several entries of the same counterparty",
        ),
        Pass::SumOfDocuments => (
            "somma di più documenti della stessa controparte",
            "the sum of several documents of the same counterparty",
        ),
        Pass::SelfInvoice => (
            "autofattura e fattura del fornitore, per controparte e importo",
            "a self-invoice and the supplier's invoice, by party and amount",
        ),
        Pass::Own(name) => return name,
    };
    pick(pair, language)
}

impl Word for NumberTier {
    fn pair(self) -> (&'static str, &'static str) {
        match self {
            Self::Exact => ("numero identico", "identical number"),
            Self::Normalised => (
                "numero uguale a meno di prefissi, zeri e anno",
                "number equal without prefixes, zeros and year",
            ),
            Self::DigitsOnly => ("stesse cifre nel numero", "same digits in the number"),
        }
    }
}

impl Word for Field {
    fn pair(self) -> (&'static str, &'static str) {
        match self {
            Self::Gross => ("totale", "total"),
            Self::Taxable => ("imponibile", "taxable amount"),
            Self::Vat => ("IVA", "VAT"),
            Self::IssueDate => ("data", "issue date"),
            Self::Counterparty => ("controparte", "counterparty"),
            Self::Number => ("numero", "number"),
            Self::Sign => ("segno", "sign"),
            Self::Status => ("stato", "status"),
            Self::RegistrationDate => ("data di registrazione", "registration date"),
            Self::TransmissionDate => ("data di trasmissione", "transmission date"),
        }
    }
}

impl Word for Explanation {
    fn pair(self) -> (&'static str, &'static str) {
        match self {
            Self::StampDuty => {
                ("è l'imposta di bollo di 2 euro", "it is the stamp duty of 2 euros")
            }
            Self::DayMonthSwapped => {
                ("giorno e mese sono scambiati", "day and month have changed places")
            }
            Self::DigitsTransposed => {
                ("due cifre vicine sono scambiate", "two neighbouring digits have changed places")
            }
            Self::Rounding => ("è un arrotondamento", "it is rounding"),
            Self::VatOnly => (
                "è pari all'IVA: da una parte c'è il netto",
                "it equals the VAT: one side holds the net",
            ),
            Self::SplitPayment => (
                "è scissione dei pagamenti: l'IVA la versa il cliente",
                "it is split payment: the buyer pays the VAT",
            ),
            Self::Withholding => ("è una ritenuta d'acconto", "it is withholding tax"),
            Self::PensionFund => {
                ("è il contributo di una cassa", "it is a pension fund's surcharge")
            }
            Self::VoidNotBooked => (
                "uno scontrino annullato non è stato stornato",
                "a receipt was voided and its void was not booked",
            ),
            Self::TendersSwapped => (
                "manca su un mezzo di pagamento quanto avanza su un altro",
                "one means of payment lacks what another has too much",
            ),
        }
    }
}

impl Word for Excluded {
    fn pair(self) -> (&'static str, &'static str) {
        match self {
            Self::Notice => {
                ("comunicazione senza effetti IVA (TD29)", "a notice without VAT effect (TD29)")
            }
            Self::NeverIssued => ("il documento non è mai stato emesso", "it was never issued"),
            Self::NotIssuedYet => {
                ("lo scontrino non è ancora definitivo", "the receipt is not final yet")
            }
            Self::SelfInvoiceSeenTwice => (
                "autofattura già contata tra le ricevute",
                "a self-invoice already counted among the received ones",
            ),
            Self::WithoutOrder => (
                "scontrino senza ordine, contro l'esportazione degli ordini",
                "a receipt without an order, against an order export",
            ),
            Self::TillClosing => (
                "chiusura di un registratore telematico, estranea agli scontrini del provider",
                "a till's daily closing, foreign to the provider's receipts",
            ),
            Self::Cancelled => {
                ("ordine annullato prima del pagamento", "an order cancelled before it was paid")
            }
            Self::AccountMovement => (
                "accredito o commissione: movimento del conto, non vendita",
                "a payout or a fee: a movement of the account, no sale",
            ),
            Self::NotSettled => (
                "transazione non riuscita o non ancora conclusa",
                "a transaction that failed or is not done yet",
            ),
            Self::OwnRule => ("una regola propria", "a rule of one's own"),
        }
    }
}

impl Word for Tender {
    fn pair(self) -> (&'static str, &'static str) {
        match self {
            Self::Cash => ("contanti", "cash"),
            Self::Electronic => ("pagamento elettronico", "electronic payment"),
            Self::Vouchers => ("buoni pasto", "meal vouchers"),
            Self::Uncollected => ("non riscosso", "uncollected"),
        }
    }
}

/// Returns people's word for a source's state; an unknown one stays as it is.
pub(crate) fn source_state(state: &str, language: Language) -> &str {
    let pair = match state {
        "settled" => ("completa", "complete"),
        "unsettled" => ("non stabilizzata", "unsettled"),
        "deferred" => ("rinviata", "deferred"),
        "stored" => ("acquisito", "stored"),
        "known" => ("già acquisito", "already known"),
        "rejected" => ("rifiutato", "rejected"),
        "waiting" => ("in attesa", "waiting"),
        "unknown" => ("esito ignoto", "outcome unknown"),
        other => return other,
    };
    pick(pair, language)
}
