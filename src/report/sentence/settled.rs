//! Explains a day's electronic takings against card transactions, and payouts.

use super::record::{capital, record, stop};
use crate::findings::{DaySettled, PayoutSettled};
use crate::fiscal::{Currency, Language};
use crate::reconcile::statement::Settled;
use crate::report::{digest, format};

/// The most terminals that a sentence names.
const TERMINALS_MAX: usize = 8;

/// Says what was taken and what was settled on a day, fees and net apart.
pub(super) fn day(of: &DaySettled, currency: Currency, language: Language) -> String {
    let it = language == Language::It;
    let mut sentences = vec![sides(of, currency, language)];
    if let Some(alike) = &of.alike {
        let alike = record(alike, language);
        sentences.push(if it {
            format!("è esattamente l'importo di {alike}")
        } else {
            format!("it is exactly the amount of {alike}")
        });
    }
    if let Some(other) = of.other_day {
        sentences.push(match language {
            Language::It => format!(
                "la stessa differenza, di segno opposto, è {}: regolata in un altro giorno",
                format::italian_date("del", other)
            ),
            Language::En => format!(
                "{} has the opposite difference: settled on another day",
                format::date(other, language)
            ),
        });
    }
    sentences.extend(fees(of, currency, language));
    sentences.extend(terminals(of, currency, language));
    let ended: Vec<String> = sentences.iter().map(|one| stop(&capital(one))).collect();
    ended.join(" ")
}

/// Says both sides of a day and their difference.
fn sides(of: &DaySettled, currency: Currency, language: Language) -> String {
    let counted = |rows, one: [&str; 2], more: [&str; 2]| {
        let place = usize::from(language == Language::En);
        format::counted(rows, one[place], more[place], language)
    };
    let taken = if of.is_of_books {
        counted(
            of.receipts,
            ["riga d'incasso", "line of takings"],
            ["righe d'incasso", "lines of takings"],
        )
    } else {
        counted(of.receipts, ["scontrino", "receipt"], ["scontrini", "receipts"])
    };
    let settled =
        counted(of.transactions, ["transazione", "transaction"], ["transazioni", "transactions"]);
    let money = |cents| format::money(cents, currency, language);
    let (left, right) = (money(of.taken_cents), money(of.settled_cents));
    let said = match (of.receipts, of.transactions, language) {
        (0, _, Language::It) => format!("{settled} per {right}, nessun incasso elettronico"),
        (0, _, Language::En) => format!("{settled} for {right}, no electronic takings"),
        (_, 0, Language::It) => {
            format!("{taken} per {left} pagati elettronicamente, nessuna transazione regolata")
        }
        (_, 0, Language::En) => {
            format!("{taken} for {left} paid electronically, no transaction settled")
        }
        (_, _, Language::It) => {
            format!("{taken} per {left} pagati elettronicamente, {settled} per {right}")
        }
        (_, _, Language::En) => {
            format!("{taken} for {left} paid electronically, {settled} for {right}")
        }
    };
    let said = format!("{}: {said}", format::date(of.day, language));
    if of.difference_cents() == 0 {
        return said;
    }
    let off = format::signed_money(of.difference_cents(), currency, language);
    match language {
        Language::It => format!("{said}; differenza {off}"),
        Language::En => format!("{said}; difference {off}"),
    }
}

/// Says what each terminal settled, where there are several.
fn terminals(of: &DaySettled, currency: Currency, language: Language) -> Option<String> {
    if of.terminals.len() < 2 {
        return None;
    }
    let it = language == Language::It;
    let each = of.terminals.iter().take(TERMINALS_MAX);
    let mut named: Vec<String> = each
        .map(|(name, cents)| format!("{name} {}", format::money(*cents, currency, language)))
        .collect();
    let rest = of.terminals.len() - named.len();
    if rest > 0 {
        named.push(if it { format!("altri {rest}") } else { format!("{rest} more") });
    }
    let named = named.join(", ");
    Some(if it { format!("per terminale: {named}") } else { format!("by terminal: {named}") })
}

/// Says what the payment service took and paid, where the file gives it.
fn fees(of: &DaySettled, currency: Currency, language: Language) -> Option<String> {
    let money = |cents| format::money(cents, currency, language);
    Some(match (of.fee_cents, of.net_cents, language) {
        (Some(fee), Some(net), Language::It) => {
            format!("commissioni {}, netto {}", money(fee), money(net))
        }
        (Some(fee), Some(net), Language::En) => format!("fees {}, net {}", money(fee), money(net)),
        (Some(fee), None, Language::It) => format!("commissioni {}", money(fee)),
        (Some(fee), None, Language::En) => format!("fees {}", money(fee)),
        (None, Some(net), Language::It) => format!("netto {}", money(net)),
        (None, Some(net), Language::En) => format!("net {}", money(net)),
        (None, None, _) => return None,
    })
}

/// Names a payout as its file does, or as what it is.
fn payout_name(of: &PayoutSettled, language: Language) -> &str {
    match (of.name.as_str(), language) {
        ("", Language::It) => "Accredito",
        ("", Language::En) => "Payout",
        (name, _) => name,
    }
}

/// Says what a payout should have brought and what it brought.
pub(super) fn payout(of: &PayoutSettled, currency: Currency, language: Language) -> String {
    let money = |cents| format::money(cents, currency, language);
    let off =
        format::signed_money(digest::difference(of.net_cents, of.paid_cents), currency, language);
    let (sales, refunds) = (money(of.sales_cents), money(of.refunds_cents));
    let (fees, net, paid) = (money(of.fee_cents), money(of.net_cents), money(of.paid_cents));
    match language {
        Language::It => {
            let rows = format::counted(of.transactions, "movimento", "movimenti", language);
            format!(
                "{} {}: {rows}, vendite {sales}, rimborsi {refunds}, commissioni {fees}: \
                 netto atteso {net}, indicato {paid}; differenza {off}.",
                payout_name(of, language),
                format::italian_date("del", of.day)
            )
        }
        Language::En => {
            let rows = format::counted(of.transactions, "movement", "movements", language);
            format!(
                "{} of {}: {rows}, sales {sales}, refunds {refunds}, fees {fees}: \
                 net expected {net}, stated {paid}; difference {off}.",
                payout_name(of, language),
                format::date(of.day, language)
            )
        }
    }
}

/// Says what payment services took and paid in a statement's period.
pub(crate) fn sums(of: &Settled, currency: Currency, language: Language) -> String {
    let it = language == Language::It;
    let money = |cents| format::money(cents, currency, language);
    let (sales, refunds) = (money(of.sales_cents), money(of.refunds_cents));
    let (fees, net) = (money(of.fee_cents), money(of.net_cents));
    let rows = if it {
        format::counted(of.transactions, "transazione", "transazioni", language)
    } else {
        format::counted(of.transactions, "transaction", "transactions", language)
    };
    let mut said = vec![if it {
        format!("{rows}: vendite {sales}, rimborsi {refunds}, commissioni {fees}, netto {net}.")
    } else {
        format!("{rows}: sales {sales}, refunds {refunds}, fees {fees}, net {net}.")
    }];
    if of.without_fee > 0 {
        let count = format::count(of.without_fee, language);
        said.push(if it {
            format!("Di {count} il file non dice la commissione.")
        } else {
            format!("Of {count} the file does not say the fee.")
        });
    }
    if of.payouts > 0 {
        let paid = money(of.paid_cents);
        let payouts = if it {
            format::counted(of.payouts, "accredito", "accrediti", language)
        } else {
            format::counted(of.payouts, "payout", "payouts", language)
        };
        let proved = format::count(of.payouts.saturating_sub(of.unproved_payouts), language);
        said.push(if it {
            format!("{payouts} per {paid}, di cui {proved} confrontati con i loro movimenti.")
        } else {
            format!("{payouts} for {paid}, {proved} of them held against their movements.")
        });
    }
    said.join(" ")
}
