//! The header: who transmits, who sells, who buys. One a file, shared by every body.

use super::fields::Fields;
use super::tree::Element;
use crate::einvoice::{Format, Party, Transmission, VatNumber};

/// Holds what every document of a file shares.
pub(super) struct Header {
    pub format: Format,
    pub stated_version: Option<String>,
    pub transmission: Transmission,
    pub seller: Party,
    pub representative: Option<Party>,
    pub buyer: Party,
    pub issuer: Option<Party>,
    pub issued_by: Option<String>,
}

/// Reads the header of a file; a missing one leaves every value unknown.
pub(super) fn read(root: Element<'_>, version: Option<String>, fields: &mut Fields) -> Header {
    let Some(header) = root.first("FatturaElettronicaHeader") else {
        fields.warn(root, "the header is missing".to_owned());
        return Header {
            format: format_of(version.as_deref(), root),
            stated_version: version,
            transmission: Transmission::default(),
            seller: Party::default(),
            representative: None,
            buyer: Party::default(),
            issuer: None,
            issued_by: None,
        };
    };
    let stated = header.text("DatiTrasmissione/FormatoTrasmissione");
    Header {
        format: format_of(stated.or(version.as_deref()), root),
        stated_version: version,
        transmission: transmission(header, fields),
        seller: required(header, "CedentePrestatore", fields),
        representative: header.first("RappresentanteFiscale").map(|one| party(one, fields)),
        buyer: required(header, "CessionarioCommittente", fields),
        issuer: header.first("TerzoIntermediarioOSoggettoEmittente").map(|one| party(one, fields)),
        issued_by: header.text("SoggettoEmittente").map(str::to_uppercase),
    }
}

fn format_of(stated: Option<&str>, root: Element<'_>) -> Format {
    match stated.unwrap_or_default().to_uppercase().as_str() {
        "FPR12" => Format::Fpr12,
        "FPA12" => Format::Fpa12,
        "FSM10" => Format::Fsm10,
        // The old forms call their format after the schema, `SDI11`.
        "SDI11" | "1.1" => Format::V11,
        "SDI10" | "1.0" => Format::V10,
        _ if root.name() == "FatturaElettronicaSemplificata" => Format::Fsm10,
        _ => Format::Unknown,
    }
}

fn transmission(header: Element<'_>, fields: &mut Fields) -> Transmission {
    let Some(block) = header.first("DatiTrasmissione") else {
        return Transmission::default();
    };
    Transmission {
        transmitter: block.first("IdTrasmittente").and_then(|id| vat_number(id, fields)),
        sequence: fields.text(block, "ProgressivoInvio"),
        recipient_code: fields.text(block, "CodiceDestinatario"),
        recipient_mail: fields.text(block, "PECDestinatario"),
    }
}

fn required(header: Element<'_>, name: &str, fields: &mut Fields) -> Party {
    if let Some(element) = header.first(name) {
        return party(element, fields);
    }
    fields.warn(header, format!("`{name}` is missing"));
    Party::default()
}

/// Reads a party in its ordinary or its simplified shape.
fn party(element: Element<'_>, fields: &mut Fields) -> Party {
    let identity = element
        .first("DatiAnagrafici")
        .or_else(|| element.first("IdentificativiFiscali"))
        .unwrap_or(element);
    let names = identity
        .first("Anagrafica")
        .or_else(|| element.first("AltriDatiIdentificativi"))
        .unwrap_or(element);
    let address = element.first("Sede").or_else(|| names.first("Sede"));
    Party {
        vat_number: identity.first("IdFiscaleIVA").and_then(|id| vat_number(id, fields)),
        tax_code: fields.tax_code(identity, "CodiceFiscale"),
        name: name_of(names),
        regime: fields.text(identity, "RegimeFiscale"),
        country: address.and_then(|one| one.text("Nazione")).map(str::to_uppercase),
    }
}

fn name_of(element: Element<'_>) -> Option<String> {
    if let Some(name) = element.text("Denominazione") {
        return Some(name.to_owned());
    }
    let parts: Vec<&str> =
        ["Nome", "Cognome"].iter().filter_map(|name| element.text(name)).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

fn vat_number(element: Element<'_>, fields: &mut Fields) -> Option<VatNumber> {
    let code: String = element.text("IdCodice")?.split_whitespace().collect();
    let country = element.text("IdPaese").unwrap_or_default();
    if country.chars().any(|c| c.is_ascii_lowercase()) {
        fields.warn(element, format!("the country `{country}` is in lower case"));
    }
    Some(VatNumber { country: country.to_uppercase(), code: code.to_uppercase() })
}
