//! One body of an ordinary invoice.

use super::fields::{Fields, is_yes};
use super::header::Header;
use super::tree::Element;
use crate::einvoice::{
    Attachment, Chargeability, Fund, Invoice, Line, LinkKind, LinkedDocument, Payment, StampDuty,
    VatSummary, Withholding,
};
use crate::fiscal::{Currency, DocumentType};

/// Reads a body; the lines of a simplified one are read elsewhere.
pub(super) fn read(
    element: Element<'_>,
    header: &Header,
    position: usize,
    fields: &mut Fields,
) -> Invoice {
    let general = element.first("DatiGenerali/DatiGeneraliDocumento");
    if general.is_none() {
        fields.warn(element, "the general data of the document are missing".to_owned());
    }
    // Without the block every path below it leads nowhere, and all is unknown.
    let general = general.unwrap_or(element);
    let is_simplified =
        element.all("DatiBeniServizi").any(|goods| goods.first("Importo").is_some());
    if element.first("DatiBeniServizi/DatiRiepilogo").is_none() && !is_simplified {
        let message = "no summary by VAT rate is stated: the sums are zero".to_owned();
        fields.warn(element, message);
    }
    Invoice {
        format: header.format,
        stated_version: header.stated_version.clone(),
        body: position,
        transmission: header.transmission.clone(),
        seller: header.seller.clone(),
        representative: header.representative.clone(),
        buyer: header.buyer.clone(),
        issuer: header.issuer.clone(),
        issued_by: header.issued_by.clone(),
        document_type: general.text("TipoDocumento").map(DocumentType::new),
        number: fields.text(general, "Numero"),
        issue_date: fields.date(general, "Data"),
        currency: currency(general, fields),
        is_art73: is_yes(general, "Art73"),
        reasons: reasons(general),
        lines: element
            .first("DatiBeniServizi")
            .into_iter()
            .flat_map(|goods| goods.all("DettaglioLinee"))
            .map(|one| line(one, fields))
            .collect(),
        vat_summaries: element
            .first("DatiBeniServizi")
            .into_iter()
            .flat_map(|goods| goods.all("DatiRiepilogo"))
            .map(|one| summary(one, fields))
            .collect(),
        simplified_lines: Vec::new(),
        declared_total_cents: fields.cents(general, "ImportoTotaleDocumento"),
        rounding_cents: fields.cents(general, "Arrotondamento"),
        withholdings: general.all("DatiRitenuta").map(|one| withholding(one, fields)).collect(),
        funds: general.all("DatiCassaPrevidenziale").map(|one| fund(one, fields)).collect(),
        stamp_duty: stamp_duty(general, fields),
        adjustments: fields.adjustments(general),
        payments: payments(element, fields),
        linked_documents: linked_documents(element, fields),
        attachments: attachments(element),
    }
}

fn currency(general: Element<'_>, fields: &mut Fields) -> Currency {
    let Some(text) = general.text("Divisa") else {
        fields.warn(general, "the currency is missing: taken as EUR".to_owned());
        return Currency::EUR;
    };
    let Ok(currency) = text.parse::<Currency>() else {
        fields.warn(general, format!("`{text}` is not a currency: taken as EUR"));
        return Currency::EUR;
    };
    if currency != Currency::EUR {
        fields.warn(general, format!("the currency is {currency}: amounts should be in euro"));
    }
    currency
}

/// Joins what issuers cut into several elements of two hundred characters.
fn reasons(general: Element<'_>) -> Vec<String> {
    general.all("Causale").filter_map(Element::own_text).map(str::to_owned).collect()
}

fn line(element: Element<'_>, fields: &mut Fields) -> Line {
    Line {
        number: fields.number(element, "NumeroLinea"),
        kind: fields.text(element, "TipoCessionePrestazione"),
        description: fields.text(element, "Descrizione"),
        quantity: fields.decimal(element, "Quantita"),
        unit: fields.text(element, "UnitaMisura"),
        from: fields.date(element, "DataInizioPeriodo"),
        to: fields.date(element, "DataFinePeriodo"),
        unit_price: fields.decimal(element, "PrezzoUnitario"),
        adjustments: fields.adjustments(element),
        total: fields.decimal(element, "PrezzoTotale"),
        vat: fields.vat(element, "AliquotaIVA", "Natura"),
        is_withheld: is_yes(element, "Ritenuta"),
    }
}

fn summary(element: Element<'_>, fields: &mut Fields) -> VatSummary {
    VatSummary {
        vat: fields.vat(element, "AliquotaIVA", "Natura"),
        taxable_cents: fields.cents(element, "ImponibileImporto"),
        vat_cents: fields.cents(element, "Imposta"),
        rounding: fields.decimal(element, "Arrotondamento"),
        chargeability: chargeability(element, fields),
        law: fields.text(element, "RiferimentoNormativo"),
    }
}

fn chargeability(element: Element<'_>, fields: &mut Fields) -> Option<Chargeability> {
    let text = element.text("EsigibilitaIVA")?;
    match text.to_uppercase().as_str() {
        "I" => Some(Chargeability::Immediate),
        "D" => Some(Chargeability::Deferred),
        "S" => Some(Chargeability::Split),
        _ => {
            fields.warn(element, format!("`{text}` is no chargeability of VAT: ignored"));
            None
        }
    }
}

fn withholding(element: Element<'_>, fields: &mut Fields) -> Withholding {
    Withholding {
        kind: fields.text(element, "TipoRitenuta"),
        amount_cents: fields.cents(element, "ImportoRitenuta"),
        rate: fields.rate(element, "AliquotaRitenuta"),
        reason: fields.text(element, "CausalePagamento"),
    }
}

fn fund(element: Element<'_>, fields: &mut Fields) -> Fund {
    Fund {
        kind: fields.text(element, "TipoCassa"),
        rate: fields.rate(element, "AlCassa"),
        amount_cents: fields.cents(element, "ImportoContributoCassa"),
        base_cents: fields.cents(element, "ImponibileCassa"),
        vat: fields.vat(element, "AliquotaIVA", "Natura"),
        is_withheld: is_yes(element, "Ritenuta"),
    }
}

fn stamp_duty(general: Element<'_>, fields: &mut Fields) -> Option<StampDuty> {
    // The simplified form has the switch alone, without the block.
    let block = general.first("DatiBollo").unwrap_or(general);
    // In the 1.1 form the block holds a number instead of the switch.
    let is_virtual = is_yes(block, "BolloVirtuale") || block.text("NumeroBollo").is_some();
    let amount_cents = fields.cents(block, "ImportoBollo");
    (is_virtual || amount_cents.is_some()).then_some(StampDuty { is_virtual, amount_cents })
}

fn payments(body: Element<'_>, fields: &mut Fields) -> Vec<Payment> {
    let mut payments = Vec::new();
    for block in body.all("DatiPagamento") {
        let terms = fields.text(block, "CondizioniPagamento");
        for one in block.all("DettaglioPagamento") {
            payments.push(Payment {
                terms: terms.clone(),
                method: fields.text(one, "ModalitaPagamento"),
                due_date: fields.date(one, "DataScadenzaPagamento"),
                amount_cents: fields.cents(one, "ImportoPagamento"),
                iban: one.text("IBAN").map(|iban| iban.split_whitespace().collect()),
            });
        }
    }
    payments
}

fn linked_documents(body: Element<'_>, fields: &mut Fields) -> Vec<LinkedDocument> {
    let kinds = [
        ("DatiOrdineAcquisto", LinkKind::Order, "IdDocumento", "Data"),
        ("DatiContratto", LinkKind::Contract, "IdDocumento", "Data"),
        ("DatiConvenzione", LinkKind::Agreement, "IdDocumento", "Data"),
        ("DatiRicezione", LinkKind::Receipt, "IdDocumento", "Data"),
        ("DatiFattureCollegate", LinkKind::Invoice, "IdDocumento", "Data"),
        ("DatiFatturaRettificata", LinkKind::Invoice, "NumeroFR", "DataFR"),
        ("DatiDDT", LinkKind::Delivery, "NumeroDDT", "DataDDT"),
        (
            "FatturaPrincipale",
            LinkKind::MainInvoice,
            "NumeroFatturaPrincipale",
            "DataFatturaPrincipale",
        ),
    ];
    let Some(general) = body.first("DatiGenerali") else {
        return Vec::new();
    };
    let mut linked = Vec::new();
    for (block, kind, number, date) in kinds {
        for one in general.all(block) {
            linked.push(LinkedDocument {
                kind,
                number: fields.text(one, number),
                date: fields.date(one, date),
                cup: fields.text(one, "CodiceCUP"),
                cig: fields.text(one, "CodiceCIG"),
            });
        }
    }
    linked
}

fn attachments(body: Element<'_>) -> Vec<Attachment> {
    body.all("Allegati")
        .map(|one| Attachment {
            name: one.text("NomeAttachment").map(str::to_owned),
            format: one.text("FormatoAttachment").map(str::to_owned),
            encoded_bytes: one.first("Attachment").map_or(0, Element::passed_over),
        })
        .collect()
}
