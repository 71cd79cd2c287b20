//! The kinds of finding, their severity and state, and what to do about each.

use super::{Word, pick};
use crate::findings::{FindingState, Kind, Severity};
use crate::fiscal::Language;

impl Word for Kind {
    fn pair(self) -> (&'static str, &'static str) {
        match self {
            Self::MissingInLedger => ("Manca in contabilità", "Missing in the ledger"),
            Self::MissingAtProvider => {
                ("Registrata ma assente sul provider/SdI", "Booked but absent at the provider/SdI")
            }
            Self::AmountDiffers => ("Totale diverso", "Total differs"),
            Self::TaxableDiffers => ("Imponibile diverso", "Taxable amount differs"),
            Self::VatDiffers => ("IVA diversa", "VAT differs"),
            Self::DateDiffers => ("Data diversa", "Date differs"),
            Self::CounterpartyDiffers => ("Controparte diversa", "Counterparty differs"),
            Self::NumberDiffers => ("Numero diverso", "Number differs"),
            Self::SignDiffers => ("Segno invertito", "Sign is reversed"),
            Self::DuplicateInLedger => ("Doppia registrazione", "Booked twice"),
            Self::DuplicateAtProvider => ("Doppia sul provider", "Twice at the provider"),
            Self::VanishedAtProvider => ("Sparita dal provider", "Gone from the provider"),
            Self::Ambiguous => ("Abbinamento incerto", "Match is ambiguous"),
            Self::TakingsDiffer => ("Corrispettivi diversi", "Takings differ"),
            Self::SettlementDiffers => {
                ("Incassi elettronici e transazioni diversi", "Electronic takings and cards differ")
            }
            Self::SettlementMissing => {
                ("Incassi elettronici non regolati", "Electronic takings were not settled")
            }
            Self::SettledWithoutTakings => {
                ("Transazioni senza incassi", "Transactions without takings")
            }
            Self::PayoutDiffers => ("Accredito diverso", "Payout differs"),
            Self::DiscardedBySdiButBooked => {
                ("Scartata dallo SdI ma registrata", "Discarded by the SdI but booked")
            }
            Self::RefusedByBuyerButBooked => {
                ("Rifiutata dalla PA ma registrata", "Refused by the public body but booked")
            }
            Self::NotDelivered => ("Mancata consegna", "Not delivered"),
            Self::ReceiptFailed => ("Scontrino non emesso", "Receipt was not issued"),
            Self::ReceiptStuck => ("Scontrino in sospeso", "Receipt is stuck"),
            Self::VoidedButBooked => ("Annullato ma registrato", "Voided but booked"),
            Self::ReturnedButBooked => ("Reso non registrato", "Return is not booked"),
            Self::NumberGap => ("Numeri mancanti", "Numbers are missing"),
            Self::NumberRepeated => ("Numero usato due volte", "Number was used twice"),
            Self::TransmittedLate => ("Trasmessa in ritardo", "Transmitted late"),
            Self::RegisteredLate => ("Registrata in ritardo", "Registered late"),
            Self::TotalDoesNotAddUp => ("Totale che non torna", "Total does not add up"),
            Self::SelfInvoiceUnmatched => {
                ("Autofattura senza riscontro", "Self-invoice without its counterpart")
            }
            Self::LedgerMissing => ("Contabilità non caricata", "Ledger was not uploaded"),
            Self::CoverageMissing => ("Giorni non coperti", "Days without cover"),
            Self::DecisionStale => ("Decisione superata", "Decision does not fit any more"),
            Self::FileRejected => ("File o righe non leggibili", "Unreadable file or rows"),
        }
    }
}

/// Returns the one step that usually settles a finding of this kind.
#[expect(clippy::too_many_lines, reason = "a table with one entry a kind")]
pub(crate) fn action(kind: Kind, language: Language) -> &'static str {
    let pair = match kind {
        Kind::MissingInLedger => (
            "Registrare il documento, o verificare se è finito in un altro registro o periodo.",
            "Book the document, or check whether it went into another register or period.",
        ),
        Kind::MissingAtProvider => (
            "Verificare se il documento è stato trasmesso da un altro canale; altrimenti importarlo o stornare la registrazione.",
            "Check whether another channel transmitted it; if not, import it or reverse the entry.",
        ),
        Kind::AmountDiffers | Kind::TaxableDiffers | Kind::VatDiffers => (
            "Correggere la registrazione secondo il documento, o chiedere una nota di variazione.",
            "Correct the entry to the document, or ask for a credit or debit note.",
        ),
        Kind::DateDiffers => (
            "Correggere la data: può spostare l'IVA in un'altra liquidazione.",
            "Correct the date: it can move the VAT to another return.",
        ),
        Kind::CounterpartyDiffers => (
            "Verificare partita IVA e anagrafica della controparte.",
            "Check the counterparty's VAT number and master data.",
        ),
        Kind::NumberDiffers => (
            "Riportare in contabilità il numero del documento.",
            "Carry the document's number over to the books.",
        ),
        Kind::SignDiffers => (
            "Verificare se è una nota di credito registrata come fattura, o il contrario.",
            "Check for a credit note that was booked as an invoice, or the other way round.",
        ),
        Kind::DuplicateInLedger => {
            ("Stornare la registrazione ripetuta.", "Reverse the repeated entry.")
        }
        Kind::DuplicateAtProvider => (
            "Verificare se il documento è stato trasmesso due volte; in tal caso serve una nota di credito.",
            "Check whether it was transmitted twice; if so, a credit note is due.",
        ),
        Kind::VanishedAtProvider => (
            "Chiedere al provider che fine ha fatto: la nostra copia resta, con il corpo ricevuto.",
            "Ask the provider what became of it: our copy stays, as it was received.",
        ),
        Kind::Ambiguous => (
            "Scegliere a mano il documento giusto: nessun abbinamento è stato confermato.",
            "Choose the right partner by hand: no match was confirmed.",
        ),
        Kind::TakingsDiffer => (
            "Confrontare gli scontrini del giorno con la riga dei corrispettivi.",
            "Compare the day's receipts with the line of takings.",
        ),
        Kind::SettlementDiffers => (
            "Confrontare scontrini e transazioni del giorno: spesso è un pagamento registrato con un altro mezzo, o uno storno.",
            "Compare the day's receipts and transactions: often a payment was entered under another means, or was reversed.",
        ),
        Kind::SettlementMissing => (
            "Verificare la chiusura del terminale e sollecitare l'accredito al servizio di pagamento.",
            "Check that the terminal was closed, and ask the payment service for the settlement.",
        ),
        Kind::SettledWithoutTakings => (
            "Verificare se mancano gli scontrini, o se le transazioni pagano fatture.",
            "Check whether receipts are missing, or whether the transactions pay invoices.",
        ),
        Kind::PayoutDiffers => (
            "Chiedere al servizio di pagamento il dettaglio dell'accredito e delle commissioni.",
            "Ask the payment service for the details of the payout and its fees.",
        ),
        Kind::DiscardedBySdiButBooked => (
            "Correggere e ritrasmettere entro cinque giorni, con lo stesso numero e la stessa data, o stornare.",
            "Correct and transmit again within five days, same number and date, or reverse the entry.",
        ),
        Kind::RefusedByBuyerButBooked => (
            "Emettere nota di credito, o rimandare la fattura corretta all'ente.",
            "Issue a credit note, or send the corrected invoice to the body.",
        ),
        Kind::NotDelivered => (
            "Avvisare il cliente che la fattura è nella sua area riservata.",
            "Tell the buyer that the invoice waits in their reserved area.",
        ),
        Kind::ReceiptFailed => (
            "Emettere di nuovo lo scontrino: per il fisco la vendita non risulta.",
            "Issue the receipt again: to the tax office the sale does not exist.",
        ),
        Kind::ReceiptStuck => (
            "Controllare lo stato sul provider e sollecitare l'invio.",
            "Check the state at the provider and press for transmission.",
        ),
        Kind::VoidedButBooked => ("Registrare l'annullamento.", "Book the void."),
        Kind::ReturnedButBooked => ("Registrare il reso.", "Book the return."),
        Kind::NumberGap => (
            "Verificare se le fatture mancanti sono state annullate, scartate o mai registrate.",
            "Check whether the missing invoices were cancelled, discarded or never booked.",
        ),
        Kind::NumberRepeated => (
            "Verificare quale documento è valido: un numero vale una volta l'anno.",
            "Check which document is valid: a number counts once a year.",
        ),
        Kind::TransmittedLate => (
            "Valutare il ravvedimento per l'invio tardivo.",
            "Consider voluntary correction for the late transmission.",
        ),
        Kind::RegisteredLate => (
            "Verificare in quale liquidazione è finita l'IVA.",
            "Check which VAT return the tax went into.",
        ),
        Kind::TotalDoesNotAddUp => (
            "Controllare imponibile, IVA e totale sul documento.",
            "Check taxable amount, VAT and total on the document.",
        ),
        Kind::SelfInvoiceUnmatched => (
            "Verificare la fattura del fornitore e l'integrazione: una registrazione per ciascun acquisto, un documento allo SdI.",
            "Check the supplier's invoice and the self-invoice: one entry for each purchase, one document at the SdI.",
        ),
        Kind::LedgerMissing => (
            "Caricare l'esportazione della contabilità per il periodo.",
            "Upload the ledger export for the period.",
        ),
        Kind::CoverageMissing => (
            "Caricare un'esportazione che copra tutti i giorni, o ripetere l'estrazione.",
            "Upload an export that covers all days, or pull again.",
        ),
        Kind::DecisionStale => (
            "Confermare la decisione con `quadra findings accept`, o ritirarla con `reopen`.",
            "Take the decision anew with `quadra findings accept`, or withdraw it with `reopen`.",
        ),
        Kind::FileRejected => {
            ("Correggere il file e caricarlo di nuovo.", "Mend the file and upload it again.")
        }
    };
    pick(pair, language)
}

impl Word for Severity {
    fn pair(self) -> (&'static str, &'static str) {
        match self {
            Self::Info => ("per conoscenza", "for information"),
            Self::Warning => ("da verificare", "to check"),
            Self::Serious => ("grave", "serious"),
        }
    }
}

impl Word for FindingState {
    fn pair(self) -> (&'static str, &'static str) {
        match self {
            Self::Open => ("aperta", "open"),
            Self::Accepted => ("accettata", "accepted"),
            Self::Resolved => ("risolta", "resolved"),
        }
    }
}
