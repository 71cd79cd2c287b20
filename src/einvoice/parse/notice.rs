//! A notification of the SdI, of the public-body channel or of the private one.

use super::fields::{self, Fields};
use super::tree::Element;
use crate::einvoice::{InvoiceReference, Notification, NotificationKind, Outcome, SdiError};

/// Returns the kind of notification that a root element names.
pub(super) fn kind_of(root: &str) -> Option<NotificationKind> {
    Some(match root {
        "RicevutaConsegna" => NotificationKind::Delivered,
        "NotificaScarto" | "RicevutaScarto" => NotificationKind::Rejected,
        "NotificaMancataConsegna" | "RicevutaImpossibilitaRecapito" => {
            NotificationKind::NotDelivered
        }
        "NotificaEsito" => NotificationKind::Outcome,
        "NotificaEsitoCommittente" => NotificationKind::BuyerOutcome,
        "ScartoEsitoCommittente" => NotificationKind::OutcomeRefused,
        "NotificaDecorrenzaTermini" => NotificationKind::DeadlinePassed,
        "AttestazioneTrasmissioneFattura" => NotificationKind::Attestation,
        "MetadatiInvioFile" | "FileMetadati" => NotificationKind::Metadata,
        _ => return None,
    })
}

/// Reads a notification.
pub(super) fn read(root: Element<'_>, kind: NotificationKind, fields: &mut Fields) -> Notification {
    // An outcome that the SdI passes on holds the buyer's own message.
    let said = root.first("EsitoCommittente").unwrap_or(root);
    let notification = Notification {
        kind,
        sdi_id: fields.text(root, "IdentificativoSdI"),
        file_name: fields.text(root, "NomeFile"),
        file_hash: ["Hash", "HashFileOriginale", "HashFile"]
            .iter()
            .find_map(|name| root.text(name))
            .map(str::to_lowercase),
        received_on: fields.date(root, "DataOraRicezione"),
        delivered_on: fields
            .date(root, "DataOraConsegna")
            .or_else(|| fields.date(root, "DataMessaADisposizione")),
        said_at: ["DataOraConsegna", "DataOraRicezione"]
            .iter()
            .find_map(|name| root.text(name).and_then(fields::instant)),
        errors: root
            .first("ListaErrori")
            .into_iter()
            .flat_map(|list| list.all("Errore"))
            .map(error)
            .collect(),
        outcome: outcome(said, fields),
        invoices: said
            .all("RiferimentoFattura")
            .chain(
                root.all("RiferimentoFattura").filter(|_| root.first("EsitoCommittente").is_some()),
            )
            .map(|one| reference(one, fields))
            .collect(),
        recipient_code: root
            .text("Destinatario/Codice")
            .or_else(|| root.text("CodiceDestinatario"))
            .map(str::to_owned),
        message_id: fields.text(root, "MessageId"),
        note: ["Note", "Descrizione"].iter().find_map(|name| said.text(name)).map(str::to_owned),
    };
    if notification.sdi_id.is_none() {
        fields.warn(root, "the SdI's identifier of the file is missing".to_owned());
    }
    notification
}

fn error(element: Element<'_>) -> SdiError {
    SdiError {
        code: element.text("Codice").unwrap_or_default().to_owned(),
        description: element.text("Descrizione").unwrap_or_default().to_owned(),
    }
}

fn outcome(said: Element<'_>, fields: &mut Fields) -> Option<Outcome> {
    let text = said.text("Esito")?;
    match text.to_uppercase().as_str() {
        "EC01" => Some(Outcome::Accepted),
        "EC02" => Some(Outcome::Refused),
        _ => {
            fields.warn(said, format!("`{text}` is no outcome: ignored"));
            None
        }
    }
}

fn reference(element: Element<'_>, fields: &mut Fields) -> InvoiceReference {
    InvoiceReference {
        number: fields.text(element, "NumeroFattura"),
        year: element.text("AnnoFattura").and_then(|year| year.parse().ok()),
        position: fields
            .number(element, "PosizioneFattura")
            .and_then(|position| usize::try_from(position).ok()),
    }
}
