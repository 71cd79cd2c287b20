//! Tells of documents that the provider showed once and shows no more.
//!
//! Nothing is deleted: the document stays as it was received and is compared as before. But
//! books that rest on it rest on something that its source denies, and a person must know.

use std::collections::BTreeSet;

use crate::findings::{Evidence, Finding, Kind, Reason, RecordRef, Side};
use crate::fiscal::{Company, Document, DocumentKind, Period, TaxId};
use crate::worker::{Context, Error};

/// Looks, among the documents of a part of a period, for those that are missing.
pub(super) struct Vanished {
    company: TaxId,
    kind: DocumentKind,
    part: Period,
    month: Period,
    missing: BTreeSet<String>,
    findings: Vec<Finding>,
}

impl Vanished {
    /// Learns which documents of a company the provider shows no more.
    pub(super) async fn of(
        ctx: &Context,
        company: &Company,
        kind: DocumentKind,
        (part, month): (Period, Period),
    ) -> Result<Self, Error> {
        let missing = ctx.store.missing_documents(kind, Some(&company.tax_id)).await?;
        let missing = missing.into_iter().map(|one| one.source_id).collect();
        let company = company.tax_id.clone();
        Ok(Self { company, kind, part, month, missing, findings: Vec::new() })
    }

    /// Makes a finding of a document that is missing.
    pub(super) fn look_at(&mut self, document: &Document) {
        let is_of_part = document.issue_date.is_some_and(|day| self.part.contains(day));
        if !is_of_part || !self.missing.contains(&document.source_id) {
            return;
        }
        self.findings.push(Finding {
            kind: Kind::VanishedAtProvider,
            company: self.company.clone(),
            document_kind: self.kind,
            direction: document.direction,
            period: self.month,
            evidence: Evidence::Row {
                side: Side::Left,
                record: record(document),
                reason: Reason::NoPartner { nearest: None },
            },
            at_risk_cents: document.gross_cents.unwrap_or(0).abs(),
            currency: document.currency,
        });
    }

    /// Returns the findings, by the documents' ids.
    pub(super) fn into_findings(mut self) -> Vec<Finding> {
        let id = |finding: &Finding| match &finding.evidence {
            Evidence::Row { record, .. } => record.id.clone(),
            _ => String::new(),
        };
        self.findings.sort_by_cached_key(id);
        self.findings
    }
}

fn record(document: &Document) -> RecordRef {
    let party = document.counterparty_tax_id.as_ref().or(document.counterparty_tax_code.as_ref());
    RecordRef {
        id: document.source_id.clone(),
        number: document.number.clone(),
        document_type: Some(document.document_type.as_str().into()),
        issue_date: document.issue_date,
        counterparty_tax_id: party.map(|id| id.as_str().into()),
        counterparty_name: document.counterparty_name.as_deref().map(Into::into),
        taxable_cents: document.taxable_cents,
        vat_cents: document.vat_cents,
        gross_cents: document.gross_cents,
        status: Some(document.sdi_status.as_deref().unwrap_or(&document.status).into()),
        file: None,
        row: None,
        counted_on: None,
    }
}
