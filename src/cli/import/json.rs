//! An import as one JSON object: the documents of `inspect`, with what became of each.

use serde_json::{Value, json};

use crate::cli::inspect::{document_json, rejected_json};
use crate::worker::{ImportEnd, ImportOutcome, ImportPlan};

/// Returns the object.
pub(super) fn render(plan: &ImportPlan, end: Option<&ImportEnd>) -> Value {
    let inspection = &plan.inspection;
    let mut documents: Vec<Value> = inspection
        .documents
        .iter()
        .map(|one| {
            let item = plan.item_of(one);
            let candidate = item.candidate.as_ref();
            let details = candidate.map(|one| {
                json!({
                    "sdi_id": one.details.sdi_id, "sdi_filename": one.details.sdi_filename,
                    "sdi_status": one.details.sdi_status,
                    "sdi_update_date": one.details.sdi_update_date,
                })
            });
            let vendor_error = match &item.outcome {
                ImportOutcome::Refused { vendor_error, .. } => vendor_error.as_deref(),
                _ => None,
            };
            let mut value = document_json(inspection, one);
            value["import"] = json!({
                "outcome": item.outcome.as_str(), "reason": item.outcome.reason(),
                "vendor_error": vendor_error, "provider_id": item.outcome.provider_id(),
                "company": candidate.map(|one| one.company.as_str()),
                "direction": candidate.map(|one| one.direction),
                "details": details, "notes": candidate.map(|one| &one.notes),
            });
            value
        })
        .collect();
    documents.extend(inspection.rejected.iter().map(|one| {
        let mut value = rejected_json(one);
        value["import"] = json!({ "outcome": "put_aside", "reason": one.reason });
        value
    }));
    let count = |word| plan.count(word);
    json!({
        "documents": documents,
        "price": plan.price.to_string(), "cost": plan.cost().to_string(),
        "spent": end.map(|end| end.spent.to_string()),
        "asked_provider": plan.is_asked,
        "error": end.and_then(|end| end.error.as_ref()).map(ToString::to_string),
        "summary": {
            "ready": count("ready"), "imported": count("imported"),
            "already_there": count("already_there"), "refused": count("refused"),
            "put_aside": count("put_aside") + inspection.rejected.len() as u64,
            "unclear": count("unclear"), "left": count("left"),
            "notifications": inspection.notifications.len(),
        },
    })
}
