//! Company C, a professional studio: two series out, 25 invoices in and no ledger of them.

use rand_chacha::ChaCha8Rng;

use super::super::companies::{Company, Contact, PLACES, partita_iva};
use super::super::invoices::{Fate, Invoice};
use super::{contacts, day, received, working_day};

const COMPANY_CLIENTS: [&str; 6] = [
    "Agriturismo Le Querce S.s.",
    "Biblos Editrice S.r.l.",
    "Costruzioni Savena S.r.l.",
    "Dental Service S.r.l.",
    "Enoteca Certosa S.n.c.",
    "Farmacia Porta Lame S.r.l.",
];

const SUPPLIERS: [&str; 8] = [
    "Affitti Uffici Centro S.r.l.",
    "Banca Dati Giuridica S.p.A.",
    "Cancelleria Reno S.r.l.",
    "Energia Appennino S.p.A.",
    "Fibra Veloce S.p.A.",
    "Posta Certificata Italia S.r.l.",
    "Servizi Informatici Delta S.r.l.",
    "Traduzioni Babele S.n.c.",
];

pub(super) fn company() -> Company {
    let vat_id = partita_iva(3_340_182, 503);
    Company {
        party: Contact::italian("Studio Associato Ferri e Conti", vat_id, PLACES[2]),
        receipts: false,
        customer_invoice: true,
        supplier_invoice: true,
    }
}

pub(super) fn invoices(dice: &mut ChaCha8Rng) -> Vec<Invoice> {
    let studio = company().party;
    let clients = contacts(&COMPANY_CLIENTS, 524);
    let mut invoices = to_companies(dice, &studio, &clients);
    invoices.extend(to_persons(dice, &studio));
    invoices.push(look_alike(&invoices[1], dice));
    let mut note = Invoice::new(dice, (&studio, &clients[3]), true, "NC 1/2026".into(), day(20));
    note.kind = "TD04";
    invoices.push(note);
    invoices.extend(received(dice, &studio, &contacts(&SUPPLIERS, 525), 25));
    invoices
}

/// The series of companies: 6/2026 to 22/2026.
fn to_companies(dice: &mut ChaCha8Rng, studio: &Contact, clients: &[Contact]) -> Vec<Invoice> {
    (0..17)
        .map(|order| {
            let number = format!("{}/2026", order + 6);
            let parties = (studio, &clients[order % clients.len()]);
            let mut invoice =
                Invoice::new(dice, parties, true, number, working_day(order * 19 / 16));
            if order == 8 {
                invoice.fate = Fate::NotDelivered;
            }
            invoice
        })
        .collect()
}

/// The series of private persons: FPR 4/26 to FPR 14/26, two of them without VAT.
fn to_persons(dice: &mut ChaCha8Rng, studio: &Contact) -> Vec<Invoice> {
    let persons = [
        Contact::person("Ilaria Bassanelli", "BSSLRI85C52H501M", PLACES[2]),
        Contact::person("Teo Quaranta", "QRNTEO79H14F205F", PLACES[3]),
        Contact::person("Norma Vespucci", "VSPNRM91T48D612R", PLACES[5]),
    ];
    (4..=14)
        .filter(|number| *number != 7)
        .map(|number| {
            let order = number - 4;
            let parties = (studio, &persons[order % persons.len()]);
            // FPR 7, which looks like 7/2026, has that one's date: the series must run past it.
            let issue_date = working_day(match number {
                ..=6 => order / 2,
                _ => 2 + (order - 4) * 17 / 6,
            });
            let mut invoice =
                Invoice::new(dice, parties, true, format!("FPR {number}/26"), issue_date);
            match number {
                // Outside VAT and above 77.47 euros: the total has a stamp duty of 2.00.
                5 => invoice.gross_cents = 35_200,
                9 => invoice.gross_cents = 18_200,
                _ => {}
            }
            invoice
        })
        .collect()
}

/// Another invoice to the same client, of the same day and amount, whose number `FPR 7`
/// loses to `7/2026` what sets them apart as soon as prefix and year are taken off.
fn look_alike(other: &Invoice, dice: &mut ChaCha8Rng) -> Invoice {
    let parties = (&other.sender, &other.recipient);
    let mut invoice = Invoice::new(dice, parties, true, "FPR 7".into(), other.issue_date);
    invoice.gross_cents = other.gross_cents;
    invoice
}
