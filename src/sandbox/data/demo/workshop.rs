//! Company B, a workshop: 120 invoices out, some to public bodies, 60 in.

use rand_chacha::ChaCha8Rng;

use super::super::companies::{Company, Contact, PLACES, partita_iva};
use super::super::invoices::{Fate, Invoice};
use super::super::new_id;
use super::{contacts, day, received, working_day};

/// The first number of February in the main series.
const FIRST_NUMBER: usize = 131;

const CUSTOMERS: [&str; 15] = [
    "Aratri Fiorentini S.r.l.",
    "Bonifiche Valdichiana S.p.A.",
    "Cantieri Riuniti Tirreno S.r.l.",
    "Dosatori Industriali S.r.l.",
    "Edil Pratomagno S.n.c.",
    "Fonderie Casentino S.p.A.",
    "Gru e Sollevamenti S.r.l.",
    "Idraulica Mugello S.r.l.",
    "Laminati del Sieve S.p.A.",
    "Molini Antichi S.r.l.",
    "Nastri Trasportatori S.r.l.",
    "Oleificio Colli Alti Soc. Coop.",
    "Pompe Arno S.r.l.",
    "Quadri Elettrici Toscani S.r.l.",
    "Rettifiche Moderne S.n.c.",
];

const PUBLIC_BODIES: [&str; 3] =
    ["Comune di Valdombrosa", "Azienda Sanitaria Valle Alta", "Istituto Comprensivo Montebuono"];

const SUPPLIERS: [&str; 14] = [
    "Acciai Speciali Prato S.p.A.",
    "Bulloneria Centrale S.r.l.",
    "Cuscinetti Italia S.r.l.",
    "Distribuzione Gas Tecnici S.r.l.",
    "Energia Appennino S.p.A.",
    "Ferramenta Rossini S.n.c.",
    "Gomma e Plastica S.r.l.",
    "Hydro Filtri S.r.l.",
    "Imballaggi Leopoldo S.r.l.",
    "Logistica Autosole S.r.l.",
    "Macchine Utensili Empoli S.r.l.",
    "Noleggio Carrelli S.r.l.",
    "Officina Grafica Cavour S.r.l.",
    "Pulizie Aurora Soc. Coop.",
];

pub(super) fn company() -> Company {
    let vat_id = partita_iva(2_117_730, 502);
    Company {
        party: Contact::italian("Officine Meccaniche Valdarno S.p.A.", vat_id, PLACES[1]),
        receipts: false,
        customer_invoice: true,
        supplier_invoice: true,
    }
}

pub(super) fn invoices(dice: &mut ChaCha8Rng) -> Vec<Invoice> {
    let workshop = company().party;
    let mut invoices = main_series(dice, &workshop);
    invoices.extend(to_public_bodies(dice, &workshop));
    invoices.extend(credit_notes(dice, &workshop));
    invoices.extend(for_others(dice, &workshop));
    let suppliers = contacts(&SUPPLIERS, 523);
    invoices.extend(received(dice, &workshop, &suppliers, 60));
    invoices
}

/// A hundred invoices, five a working day; what became of some of them is odd.
fn main_series(dice: &mut ChaCha8Rng, workshop: &Contact) -> Vec<Invoice> {
    let customers = contacts(&CUSTOMERS, 521);
    let mut invoices = Vec::new();
    for order in 0..100 {
        let number = FIRST_NUMBER + order;
        let parties = (workshop, &customers[order * 7 % customers.len()]);
        let issue_date = working_day(order / 5);
        let mut invoice = Invoice::new(dice, parties, true, number.to_string(), issue_date);
        invoice.kind = if order % 9 == 4 { "TD24" } else { "TD01" };
        invoice.fate = match number {
            // Discarded: one is in the books all the same, one is not.
            144 | 171 => Fate::Discarded,
            150 => Fate::NotDelivered,
            229 | 230 => Fate::Sent,
            _ => Fate::Delivered,
        };
        if number == 158 {
            // Sent again after a time-out: the same invoice under a second id.
            let mut again = invoice.clone();
            again.created += chrono::Duration::hours(3);
            again.id = new_id(dice, again.created);
            again.sdi_id = None;
            invoices.push(again);
        }
        invoices.push(invoice);
    }
    invoices
}

/// Public bodies accept, refuse or keep silent within fifteen days.
fn to_public_bodies(dice: &mut ChaCha8Rng, workshop: &Contact) -> Vec<Invoice> {
    let bodies = contacts(&PUBLIC_BODIES, 522);
    (0..14)
        .map(|order| {
            let number = order + 5;
            let parties = (workshop, &bodies[order % bodies.len()]);
            let issue_date = working_day(order * 19 / 13);
            let mut invoice = Invoice::new(dice, parties, true, format!("PA {number}"), issue_date);
            invoice.fate = match number {
                9 => Fate::Rejected,
                7 | 11 => Fate::TermsExpired,
                16..=18 => Fate::DeliveredToPublicBody,
                _ => Fate::Accepted,
            };
            invoice
        })
        .collect()
}

fn credit_notes(dice: &mut ChaCha8Rng, workshop: &Contact) -> Vec<Invoice> {
    let customers = contacts(&CUSTOMERS, 521);
    (0..6)
        .map(|order| {
            let parties = (workshop, &customers[order * 2]);
            let number = format!("NC {}", order + 2);
            let mut note = Invoice::new(dice, parties, true, number, working_day(order * 3 + 2));
            note.kind = "TD04";
            note
        })
        .collect()
}

/// What the workshop sends in another's name: a self-invoice and a notice without VAT effect.
fn for_others(dice: &mut ChaCha8Rng, workshop: &Contact) -> Vec<Invoice> {
    let foreign = Contact::foreign("Präzisionsteile Nord GmbH", "DE", "299999901");
    let silent = &contacts(&SUPPLIERS, 523)[11];
    let mut sent = Invoice::new(dice, (&foreign, workshop), true, "AUT 1".into(), day(12));
    let back = sent.become_self_invoice(dice);
    let mut notice = Invoice::new(dice, (silent, workshop), true, "1/N".into(), day(18));
    notice.fiscal_id.clone_from(&workshop.vat_id);
    notice.kind = "TD29";
    vec![sent, back, notice]
}
