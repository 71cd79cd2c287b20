//! An inspection as one JSON object: every fact, for machines.

use serde_json::{Value, json};

use crate::einvoice::checks::Check;
use crate::einvoice::totals::{Explanation, Totals};
use crate::einvoice::{
    Certainty, Document, Inspection, Noticed, Party, Place, Rejected, Signature, Warning,
};

/// Returns the object.
pub(super) fn render(inspection: &Inspection) -> Value {
    let mut documents: Vec<Value> =
        inspection.documents.iter().map(|one| document(inspection, one)).collect();
    documents.extend(inspection.rejected.iter().map(rejected));
    let notifications: Vec<Value> =
        inspection.notifications.iter().map(|one| noticed(inspection, one)).collect();
    let skipped: Vec<Value> = inspection.skipped.iter().map(place).collect();
    json!({
        "documents": documents, "notifications": notifications, "skipped": skipped,
        "summary": {
            "files": inspection.files.len(), "documents": inspection.documents.len(),
            "notifications": inspection.notifications.len(),
            "rejected": inspection.rejected.len(), "skipped": inspection.skipped.len(),
        },
    })
}

/// Returns the object of one document.
pub(in crate::cli) fn document(inspection: &Inspection, document: &Document) -> Value {
    let file = &inspection.files[document.file];
    let warnings: Vec<String> =
        file.warnings.iter().chain(&document.warnings).map(warning).collect();
    let checks: Vec<Value> = document.checks.iter().chain(&file.checks).map(check).collect();
    let signatures: Vec<Value> = file.signatures.iter().map(signature).collect();
    let notifications: Vec<&str> = file
        .notifications
        .iter()
        .map(|index| inspection.notifications[*index].notification.kind.as_str())
        .collect();
    let attachments: Vec<Value> = document
        .attachments
        .iter()
        .map(|one| {
            json!({
                "name": one.name, "format": one.format, "encoded_bytes": one.encoded_bytes,
            })
        })
        .collect();
    let totals = &document.totals;
    json!({
        "path": file.place.path, "member": file.place.member, "body": document.body,
        "outcome": "ok", "reason": null,
        "format": document.format, "type": document.document_type.as_ref().map(ToString::to_string),
        "number": document.number, "date": document.issue_date,
        "seller": tax_id(&document.seller), "seller_name": document.seller.name,
        "buyer": tax_id(&document.buyer), "buyer_name": document.buyer.name,
        "currency": document.currency,
        "taxable_cents": totals.taxable_cents, "vat_cents": totals.vat_cents,
        "computed_total_cents": totals.computed_total_cents,
        "declared_total_cents": totals.declared_total_cents,
        "payable_cents": totals.payable_cents,
        "totals": explanation(totals), "by_vat": by_vat(totals),
        "warnings": warnings, "checks": checks, "signatures": signatures,
        "notifications": notifications, "attachments": attachments,
        "wrappers": file.wrappers, "sha256": file.sha256,
        "made_by": document.made_by, "send_by": document.send_by,
    })
}

/// Returns the object of one file that is put aside.
pub(in crate::cli) fn rejected(rejected: &Rejected) -> Value {
    json!({
        "path": rejected.place.path, "member": rejected.place.member, "body": null,
        "outcome": "rejected", "reason": rejected.reason, "hint": rejected.hint,
        "code": rejected.code,
        "format": null, "type": null, "number": null, "date": null, "seller": null, "buyer": null,
        "taxable_cents": null, "vat_cents": null, "declared_total_cents": null,
        "warnings": [], "wrappers": rejected.wrappers,
    })
}

fn noticed(inspection: &Inspection, noticed: &Noticed) -> Value {
    let notice = &noticed.notification;
    let errors: Vec<Value> = notice
        .errors
        .iter()
        .map(|one| json!({ "code": one.code, "description": one.description }))
        .collect();
    let invoices: Vec<Value> = notice
        .invoices
        .iter()
        .map(|one| json!({ "number": one.number, "year": one.year, "position": one.position }))
        .collect();
    json!({
        "path": noticed.place.path, "member": noticed.place.member, "kind": notice.kind,
        "sdi_id": notice.sdi_id, "file_name": notice.file_name, "file_hash": notice.file_hash,
        "received_on": notice.received_on, "delivered_on": notice.delivered_on,
        "outcome": notice.outcome, "errors": errors, "invoices": invoices,
        "recipient_code": notice.recipient_code, "message_id": notice.message_id,
        "note": notice.note,
        "file": noticed.file.map(|file| place(&inspection.files[file].place)),
        "warnings": noticed.warnings.iter().map(warning).collect::<Vec<_>>(),
    })
}

fn place(place: &Place) -> Value {
    json!({ "path": place.path, "member": place.member })
}

fn tax_id(party: &Party) -> Option<String> {
    party.tax_id().map(|id| id.as_str().to_owned())
}

fn warning(warning: &Warning) -> String {
    match &warning.path {
        Some(path) if !path.is_empty() => format!("{path}: {}", warning.message),
        _ => warning.message.clone(),
    }
}

fn check(check: &Check) -> Value {
    json!({
        "code": check.code, "path": check.path, "message": check.message,
        "certain": check.is_certain,
    })
}

fn certainty(certainty: &Certainty) -> Value {
    json!({ "verdict": certainty.as_str(), "why": certainty.why() })
}

fn signature(signature: &Signature) -> Value {
    json!({
        "layer": signature.layer, "signer": signature.signer, "issuer": signature.issuer,
        "signed_at": signature.signed_at,
        "certificate_from": signature.certificate_valid.map(|(from, _)| from),
        "certificate_to": signature.certificate_valid.map(|(_, to)| to),
        "digest": certainty(&signature.digest), "signature": certainty(&signature.signature),
        "certificate": certainty(&signature.certificate),
    })
}

fn explanation(totals: &Totals) -> Value {
    let state = totals.explanation.as_str();
    match &totals.explanation {
        Explanation::Explained { steps, alternatives } => {
            let steps: Vec<Value> =
                steps.iter().map(|one| json!({ "cause": one.cause, "cents": one.cents })).collect();
            json!({ "explanation": state, "steps": steps, "alternatives": alternatives })
        }
        Explanation::Unexplained { difference_cents } => {
            json!({ "explanation": state, "difference_cents": difference_cents })
        }
        _ => json!({ "explanation": state }),
    }
}

fn by_vat(totals: &Totals) -> Vec<Value> {
    totals
        .by_vat
        .iter()
        .map(|one| {
            json!({
                "vat": one.vat, "taxable_cents": one.taxable_cents, "vat_cents": one.vat_cents,
                "chargeability": one.chargeability,
            })
        })
        .collect()
}
