//! The lines that a mail adds: what a filter left out, what was too large to attach.

use std::path::Path;

use super::format;
use crate::findings::Tally;
use crate::fiscal::{Currency, Language};

/// Says what a recipient's filter left out; nothing where it left out nothing.
#[must_use]
pub fn hidden_note(hidden: Tally, currency: Currency, language: Language) -> Option<String> {
    if hidden.rows == 0 {
        return None;
    }
    let money = format::money(hidden.at_risk_cents, currency, language);
    Some(match language {
        Language::It => format!(
            "Fuori dal filtro di questo destinatario: {}, {money}.",
            format::counted(hidden.rows, "differenza", "differenze", language)
        ),
        Language::En => format!(
            "Left out by this recipient's filter: {}, {money}.",
            format::counted(hidden.rows, "difference", "differences", language)
        ),
    })
}

/// Says where a file lies that was too large for the mail.
#[must_use]
pub fn too_large_note(bytes: usize, path: &Path, language: Language) -> String {
    // Tenths of a megabyte, rounded up: it is never said smaller than it is.
    let tenths = (bytes as u64).div_ceil(100_000);
    let (whole, tenth, path) = (tenths / 10, tenths % 10, path.display());
    match language {
        Language::It => {
            format!(
                "L'allegato ({whole},{tenth} MB) è troppo grande per la posta: si trova in {path}."
            )
        }
        Language::En => {
            format!("The attachment ({whole}.{tenth} MB) is too large for mail: it is in {path}.")
        }
    }
}
