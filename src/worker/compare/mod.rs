//! Gathers a period from the store, compares it, and settles its findings.

mod gather;
mod settle;
mod sources;

use crate::api::Resource;
use crate::findings::Finding;
use crate::fiscal::{DocumentKind, Period, TaxId};
use crate::reconcile::statement::StatementWithRows;
use crate::report::model::Model;
use crate::worker::context::months;
use crate::worker::{Context, Error};

/// Says what to compare.
#[derive(Debug, Clone)]
pub struct ComparisonRequest {
    /// The job, or `reconcile` when done by hand.
    pub job: String,
    /// Receipts, invoices or both.
    pub kinds: Vec<DocumentKind>,
    /// The companies, by tax id; empty means all that are known.
    pub companies: Vec<String>,
    /// The business days.
    pub period: Period,
    /// Findings whose sum stays under this are not material.
    pub materiality_cents: i64,
}

/// Holds a comparison with all that a report says of it.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// The report's model.
    pub model: Model,
}

/// Holds one company, kind and month, compared but not yet settled.
struct Unit {
    company: TaxId,
    kind: DocumentKind,
    month: Period,
    statements: Vec<StatementWithRows>,
    findings: Vec<Finding>,
}

/// Compares a period and brings its findings up to date, in one transaction.
pub async fn compare(
    ctx: &Context,
    run_id: i64,
    request: &ComparisonRequest,
) -> Result<Comparison, Error> {
    let companies = ctx.companies(&request.companies).await?;
    let mut units = Vec::new();
    let mut sources = Vec::new();
    for kind in &request.kinds {
        let windows = gather::windows(ctx, *kind, request.period).await?;
        let mut documents_read = 0;
        for company in &companies {
            for (part, month) in months(request.period) {
                let (unit, read) = gather::compare_unit(
                    ctx,
                    company,
                    *kind,
                    (part, month),
                    &windows,
                    &mut sources,
                )
                .await?;
                documents_read += read;
                units.push(unit);
            }
        }
        sources.insert(0, sources::pull_source(*kind, &windows, request.period, documents_read));
        units.extend(sources::ownerless_unit(ctx, request, *kind, &mut sources).await?);
    }
    let model = settle::settle(ctx, run_id, request, companies, sources, units).await?;
    Ok(Comparison { model })
}

fn resource_of(kind: DocumentKind) -> Resource {
    match kind {
        DocumentKind::Receipt => Resource::Receipts,
        DocumentKind::Invoice => Resource::Invoices,
    }
}
