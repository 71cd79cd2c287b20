//! Turns the evidence of a finding into a sentence in the reader's language.
//!
//! Every value comes from the evidence; nothing is looked up and nothing computed but a
//! difference. The sentence says what was compared, both values, by how much they differ
//! and, where a known cause fits, why. `reason` does the same for each row of a statement,
//! `verdict` for the whole report.

mod alert;
mod check;
mod decision;
mod lacking;
mod reason;
mod record;
mod settled;
mod together;
mod verdict;

pub(crate) use alert::{alert, alert_action, alert_companies};
pub(crate) use reason::row_reason;
pub(crate) use record::{place, record, slice};
pub(crate) use settled::sums as settled_sums;
pub(crate) use together::groups;
pub(crate) use verdict::{materiality, subject, verdict_reason};

use super::words::{Word as _, pass_name};
use super::{digest, format};
use crate::findings::{Evidence, Explanation, Finding, Kind, Lacking, Reason, Side};
use crate::fiscal::Language;
use reason::difference;
use record::{capital, stop};

/// Explains a finding in one to three sentences.
pub(crate) fn finding(finding: &Finding, language: Language) -> String {
    let mut sentences = vec![];
    match &finding.evidence {
        Evidence::Row { side, record, reason } => {
            sentences.extend(lead(finding.kind, language).map(str::to_owned));
            sentences.extend(self_invoice(finding.kind, *side, language).map(str::to_owned));
            if let Some(status) = record.status.as_deref().filter(|_| tells_status(finding.kind)) {
                sentences.push(match language {
                    Language::It => format!("Stato: {status}."),
                    Language::En => format!("Status: {status}."),
                });
            }
            if adds_to(finding.kind, reason) {
                sentences.push(row_reason(*side, reason, finding.currency, language));
            }
        }
        Evidence::Pair { pass, difference: differs, .. } => {
            sentences.extend(lead(finding.kind, language).map(str::to_owned));
            sentences.push(capital(&difference(differs, finding.currency, language)));
            sentences.push(match language {
                Language::It => format!("Abbinamento: {}.", pass_name(pass, language)),
                Language::En => format!("Paired by {}.", pass_name(pass, language)),
            });
        }
        Evidence::Takings { .. } => sentences.push(takings(finding, language)),
        Evidence::Settled { of } => sentences.push(settled::day(of, finding.currency, language)),
        Evidence::Payout { of } => sentences.push(settled::payout(of, finding.currency, language)),
        Evidence::Uncovered { days, lacking } => sentences.push(match lacking {
            Some(lacking) => lacking::days(*lacking, *days, language),
            None => uncovered(finding, *days, language),
        }),
        Evidence::File { file, reason, rows } => {
            sentences.push(refused_file(file, reason, *rows, language));
        }
        Evidence::Check { difference: differs, .. } => {
            sentences.extend(lead(finding.kind, language).map(str::to_owned));
            sentences.push(check::failed(differs, finding.currency, language));
        }
        Evidence::Gap { .. } => sentences.push(check::gap(finding, language)),
        Evidence::Decision { .. } => sentences.push(decision::stale(finding, language)),
    }
    sentences.join(" ")
}

/// Names what a finding is about, as people know it.
pub(crate) fn subject_of(finding: &Finding, language: Language) -> String {
    match &finding.evidence {
        Evidence::Row { record: row, .. }
        | Evidence::Check { record: row, .. }
        | Evidence::Pair { left: row, .. } => record(row, language),
        Evidence::Gap { before, after, .. } => format!("{before} … {after}"),
        Evidence::Takings { day, slice: part, .. } => {
            format!("{}, {}", format::date(*day, language), slice(part, language))
        }
        Evidence::Settled { of } => match language {
            Language::It => format!("{}, carte", format::date(of.day, language)),
            Language::En => format!("{}, cards", format::date(of.day, language)),
        },
        Evidence::Payout { of } => match (of.name.as_str(), language) {
            ("", Language::It) => format!("{}, accredito", format::date(of.day, language)),
            ("", Language::En) => format!("{}, payout", format::date(of.day, language)),
            (name, _) => format!("{}, {name}", format::date(of.day, language)),
        },
        Evidence::Uncovered { days, lacking } => {
            let of_cards = lacking.is_some_and(|lacking| lacking != Lacking::Register);
            let what = match (of_cards, language) {
                (false, _) => "",
                (true, Language::It) => ", carte",
                (true, Language::En) => ", cards",
            };
            format!("{}{what}", format::period(*days, language))
        }
        Evidence::File { file, .. } => file.clone(),
        Evidence::Decision { subject, .. } => subject.clone(),
    }
}

/// Says what the kind alone tells, where the evidence does not say it already.
fn lead(kind: Kind, language: Language) -> Option<&'static str> {
    let (it, en) = match kind {
        Kind::MissingInLedger => (
            "Nessuna registrazione corrisponde a questo documento.",
            "No ledger entry answers this document.",
        ),
        Kind::MissingAtProvider => (
            "Registrata in contabilità, ma il provider non ha un documento che le corrisponda.",
            "Booked, but the provider holds no document that answers it.",
        ),
        Kind::VanishedAtProvider => (
            "Il provider mostrava questo documento e non lo mostra più: due letture intere non \
             l'hanno trovato.",
            "The provider showed this document and shows it no more: two whole readings did not \
             find it.",
        ),
        Kind::DiscardedBySdiButBooked => (
            "Lo SdI ha scartato la fattura: non è mai stata emessa, ma è registrata.",
            "The SdI discarded the invoice: it was never issued, yet it is booked.",
        ),
        Kind::RefusedByBuyerButBooked => (
            "L'ente pubblico ha rifiutato la fattura, che resta emessa e registrata.",
            "The public body refused the invoice, which stays issued and booked.",
        ),
        Kind::NotDelivered => (
            "La fattura è valida ma lo SdI non è riuscito a consegnarla.",
            "The invoice is valid, but the SdI could not deliver it.",
        ),
        Kind::ReceiptFailed => (
            "L'emissione è fallita: lo scontrino non esiste per il fisco.",
            "Issuing it failed: to the tax office the receipt does not exist.",
        ),
        Kind::ReceiptStuck => (
            "Da giorni lo scontrino non diventa definitivo.",
            "For days the receipt has not become final.",
        ),
        Kind::VoidedButBooked => (
            "Lo scontrino è stato annullato, ma la contabilità lo conta ancora.",
            "The receipt was voided, but the books still count it.",
        ),
        Kind::ReturnedButBooked => (
            "La merce è stata resa, ma in contabilità manca il rimborso.",
            "The goods were returned, but the books lack the refund.",
        ),
        Kind::NumberRepeated => (
            "Due documenti validi dello stesso anno hanno questo numero.",
            "Two valid documents of one year bear this number.",
        ),
        Kind::TransmittedLate => (
            "La fattura è andata allo SdI oltre il termine.",
            "The invoice went to the SdI after its term.",
        ),
        Kind::RegisteredLate => (
            "La fattura è stata registrata oltre il termine.",
            "The invoice was registered after its term.",
        ),
        Kind::SignDiffers => (
            "Gli importi sono uguali ma di segno opposto.",
            "The amounts are equal but of opposite sign.",
        ),
        _ => return None,
    };
    Some(if language == Language::It { it } else { en })
}

/// Says what a self-invoice lacks, or a purchase that should have one.
fn self_invoice(kind: Kind, side: Side, language: Language) -> Option<&'static str> {
    let (it, en) = match side {
        Side::Left => (
            "L'autofattura è stata inviata allo SdI, ma in contabilità manca l'acquisto a cui si riferisce.",
            "The self-invoice went to the SdI, but the books lack the purchase that it is about.",
        ),
        Side::Right => (
            "L'acquisto è registrato, ma il provider non ha un'autofattura che lo integri: non è stata inviata, o l'acquisto è registrato due volte.",
            "The purchase is booked, but the provider holds no self-invoice for it: it was not sent, or the purchase is booked twice.",
        ),
    };
    let said = if language == Language::It { it } else { en };
    (kind == Kind::SelfInvoiceUnmatched).then_some(said)
}

/// Tells whether a row's reason says more than the kind of its finding does.
///
/// "No candidate comes near" explains a row that lacks a partner and nothing else, and
/// what left a row out of the comparison is the finding itself.
fn adds_to(kind: Kind, reason: &Reason) -> bool {
    match reason {
        Reason::NoPartner { nearest: None } => {
            matches!(
                kind,
                Kind::MissingInLedger | Kind::MissingAtProvider | Kind::SelfInvoiceUnmatched
            )
        }
        Reason::Excluded { .. } => false,
        _ => true,
    }
}

/// Tells whether the source's word for the state belongs to the explanation.
fn tells_status(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::DiscardedBySdiButBooked
            | Kind::RefusedByBuyerButBooked
            | Kind::NotDelivered
            | Kind::ReceiptFailed
            | Kind::ReceiptStuck
            | Kind::VoidedButBooked
            | Kind::ReturnedButBooked
    )
}

/// Explains a day whose receipts and ledger line disagree.
fn takings(finding: &Finding, language: Language) -> String {
    let Evidence::Takings {
        day,
        slice: part,
        receipts,
        left_cents,
        right_cents,
        line,
        explanation,
    } = &finding.evidence
    else {
        return String::new();
    };
    let money = |cents| format::money(cents, finding.currency, language);
    let (day, part) = (format::date(*day, language), slice(part, language));
    let delta = format::signed_money(
        digest::difference(*left_cents, *right_cents),
        finding.currency,
        language,
    );
    let cause = cause(*explanation, language);
    let (left, right) = (money(*left_cents), money(*right_cents));
    match language {
        Language::It => {
            let receipts = format::counted(*receipts, "scontrino", "scontrini", language);
            let books = match line {
                Some(_) => format!("la contabilità {right}"),
                None => "la contabilità non ha alcuna riga".to_owned(),
            };
            format!("{day}, {part}: {receipts} per {left}, {books}; differenza {delta}{cause}.")
        }
        Language::En => {
            let receipts = format::counted(*receipts, "receipt", "receipts", language);
            let books = match line {
                Some(_) => format!("the books say {right}"),
                None => "the books have no line".to_owned(),
            };
            format!("{day}, {part}: {receipts} for {left}, {books}; difference {delta}{cause}.")
        }
    }
}

/// Returns ": cause" where a known cause fits, else nothing.
fn cause(explanation: Option<Explanation>, language: Language) -> String {
    explanation.map_or_else(String::new, |known| format!(": {}", known.word(language)))
}

/// Explains days that were not looked at.
fn uncovered(finding: &Finding, days: crate::fiscal::Period, language: Language) -> String {
    let stretch = format::period(days, language);
    let count = format::counted(
        u64::try_from(days.days()).unwrap_or(0),
        if language == Language::It { "giorno" } else { "day" },
        if language == Language::It { "giorni" } else { "days" },
        language,
    );
    match (finding.kind, language) {
        (Kind::LedgerMissing, Language::It) => format!(
            "Nessun file di contabilità caricato copre il periodo ({stretch}, {count}): il confronto non è stato fatto."
        ),
        (Kind::LedgerMissing, Language::En) => format!(
            "No uploaded ledger file covers the period ({stretch}, {count}): nothing was compared."
        ),
        (_, Language::It) => {
            format!(
                "Giorni non coperti: {stretch} ({count}). Su questi il confronto non è stato fatto."
            )
        }
        (_, Language::En) => {
            format!("Days without cover: {stretch} ({count}). On these nothing was compared.")
        }
    }
}

/// Explains a file that could not be read, or only in part.
fn refused_file(file: &str, reason: &str, rows: u64, language: Language) -> String {
    match (rows, language) {
        (0, Language::It) => format!("Il file {file} non è stato letto: {}", stop(reason)),
        (0, Language::En) => format!("The file {file} was not read: {}", stop(reason)),
        (1, Language::It) => {
            format!("Una riga del file {file} è stata rifiutata: {}", stop(reason))
        }
        (1, Language::En) => format!("One row of the file {file} was refused: {}", stop(reason)),
        (rows, Language::It) => format!(
            "{} righe del file {file} sono state rifiutate: {}",
            format::count(rows, language),
            stop(reason)
        ),
        (rows, Language::En) => format!(
            "{} rows of the file {file} were refused: {}",
            format::count(rows, language),
            stop(reason)
        ),
    }
}
