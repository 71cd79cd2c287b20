//! Tells of documents that the provider showed once and shows no more.
//!
//! Nothing is deleted: the document stays as it was received and is compared as before. But
//! books that rest on it rest on something that its source denies, and a person must know.

use std::collections::BTreeSet;

use crate::findings::{Evidence, Finding, Kind, Reason, RecordRef, Side};
use crate::fiscal::{Company, Document, DocumentKind, Period, TaxId};
use crate::worker::{Context, Error};

/// Returns a finding for each missing document of a part of a period.
pub(super) async fn vanished(
    ctx: &Context,
    company: &Company,
    kind: DocumentKind,
    (part, month): (Period, Period),
    documents: &[Document],
) -> Result<Vec<Finding>, Error> {
    let missing = ctx.store.missing_documents(kind, Some(&company.tax_id)).await?;
    let missing: BTreeSet<&str> = missing.iter().map(|one| one.source_id.as_str()).collect();
    let is_concerned = |document: &&Document| {
        missing.contains(document.source_id.as_str())
            && document.issue_date.is_some_and(|day| part.contains(day))
    };
    let findings = documents.iter().filter(is_concerned).map(|document| Finding {
        kind: Kind::VanishedAtProvider,
        company: company.tax_id.clone(),
        document_kind: kind,
        direction: document.direction,
        period: month,
        evidence: Evidence::Row {
            side: Side::Left,
            record: record(document),
            reason: Reason::NoPartner { nearest: None },
        },
        at_risk_cents: document.gross_cents.unwrap_or(0).abs(),
        currency: document.currency,
    });
    Ok(findings.collect())
}

fn record(document: &Document) -> RecordRef {
    let party = document.counterparty_tax_id.as_ref().or(document.counterparty_tax_code.as_ref());
    RecordRef {
        id: document.source_id.clone(),
        number: document.number.clone(),
        document_type: Some(document.document_type.as_str().to_owned()),
        issue_date: document.issue_date,
        counterparty_tax_id: party.map(TaxId::to_string),
        counterparty_name: document.counterparty_name.clone(),
        taxable_cents: document.taxable_cents,
        vat_cents: document.vat_cents,
        gross_cents: document.gross_cents,
        status: Some(document.sdi_status.clone().unwrap_or_else(|| document.status.clone())),
        file: None,
        row: None,
        counted_on: None,
    }
}
