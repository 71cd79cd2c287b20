//! Gathers a period from the store, compares it, and settles its findings.

use std::collections::BTreeSet;

use crate::api::Resource;
use crate::credentials::{Alert, Subject};
use crate::findings::{Evidence, Finding, Kind, Materiality};
use crate::fiscal::{Company, Currency, Direction, DocumentKind, Period, TaxId};
use crate::reconcile::{self, Input};
use crate::report::model::{Model, Source};
use crate::store::WindowRecord;
use crate::worker::context::months;
use crate::worker::failed::{failed_unit, rejected_rows};
use crate::worker::reach::with_year;
use crate::worker::rules::Books;
use crate::worker::settle::{Gathered, Unit, settle};
use crate::worker::sides;
use crate::worker::sources::{
    outbox_source, pull_source, refused_source, resource_of, unsettled, upload_source,
};
use crate::worker::watch::{concerns, watched};
use crate::worker::{Context, Error};

/// Stands for the company of a file that names none.
const NO_COMPANY: &str = "—";

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
    /// From where on open findings matter.
    pub materiality: Materiality,
    /// Whether the pull before this was not complete: then nothing can be called good.
    pub is_unread: bool,
    /// Whether a company that the provider does not name is a finding instead of an error.
    pub skips_unknown: bool,
}

/// Compares a period and brings its findings up to date, in one transaction.
pub async fn compare(
    ctx: &Context,
    run_id: i64,
    request: &ComparisonRequest,
) -> Result<Model, Error> {
    let gathered = gather(ctx, request).await?;
    let mut tx = ctx.store.begin("settle_comparison").await?;
    let model = settle(ctx, &mut tx, run_id, request, gathered).await?;
    tx.commit().await?;
    Ok(model)
}

/// Compares a period as [`compare`] does, and keeps nothing of it.
///
/// What is new in it is new again in the run that counts.
pub async fn preview(ctx: &Context, request: &ComparisonRequest) -> Result<Model, Error> {
    let gathered = gather(ctx, request).await?;
    let mut tx = ctx.store.begin("preview_comparison").await?;
    let run_id = tx.begin_run(&request.job, request.period, ctx.clock.now()).await?;
    settle(ctx, &mut tx, run_id, request, gathered).await
}

async fn gather(ctx: &Context, request: &ComparisonRequest) -> Result<Gathered, Error> {
    let (companies, unknown) = if request.skips_unknown {
        ctx.known_companies(&request.companies).await?
    } else {
        (ctx.companies(&request.companies).await?, Vec::new())
    };
    let books = Books::open(&ctx.config)?;
    let mut units = Vec::new();
    let mut sources = Vec::new();
    for kind in &request.kinds {
        let windows = windows(ctx, *kind, request.period).await?;
        let mut documents_read = 0;
        for (part, month) in months(request.period) {
            for company in &companies {
                let days = (part, month);
                let compared =
                    compare_unit(ctx, (company, &books), *kind, days, &windows, &mut sources).await;
                let (mut unit, read) = match compared {
                    Err(error @ Error::Reconcile { .. }) => {
                        let who = (company, *kind);
                        (failed_unit(ctx, who, days, &error, &mut sources).await?, 0)
                    }
                    compared => compared?,
                };
                documents_read += read;
                if request.is_unread
                    && unsettled(&windows, &company.tax_id, (part, ctx.today())).is_empty()
                {
                    unit.findings.push(uncovered(&unit));
                }
                units.push(unit);
            }
            units.extend(
                unseen_units(ctx, request, *kind, (part, month), &companies, &unknown).await?,
            );
        }
        sources
            .insert(0, pull_source(*kind, &windows, (request.period, ctx.today()), documents_read));
        units.extend(ownerless_units(ctx, request, *kind, &mut sources).await?);
    }
    let mut open = ctx.store.open_intents().await?;
    open.retain(|intent| {
        request.companies.is_empty()
            || companies.iter().any(|company| company.tax_id == intent.company)
    });
    sources.extend(outbox_source(&open));
    let alerts = alerts(ctx, request, &companies).await?;
    Ok(Gathered { companies, sources, units, alerts })
}

/// Returns what the watch has to say about the companies: credentials are for receipts.
async fn alerts(
    ctx: &Context,
    request: &ComparisonRequest,
    companies: &[Company],
) -> Result<Vec<Alert>, Error> {
    let ids: Vec<TaxId> = companies.iter().map(|company| company.tax_id.clone()).collect();
    let mut alerts = watched(ctx, false).await?.alerts;
    let is_about_receipts = request.kinds.contains(&DocumentKind::Receipt);
    alerts.retain(|alert| match alert.subject {
        Subject::Portal(_) => is_about_receipts && concerns(alert, &ids),
        Subject::Token { .. } | Subject::Credit { .. } => true,
    });
    Ok(alerts)
}

/// Returns units for what nobody could look at, and for what needs no look any more.
///
/// Companies whose books are here but that the provider does not name, and having no
/// company at all, leave the answer incomplete. A scope with findings that this run has
/// nothing to say about is settled too, so that they close.
async fn unseen_units(
    ctx: &Context,
    request: &ComparisonRequest,
    kind: DocumentKind,
    (part, month): (Period, Period),
    companies: &[Company],
    unknown: &[TaxId],
) -> Result<Vec<Unit>, Error> {
    let unit = |company| empty_unit(company, kind, (part, month));
    let mut unseen: BTreeSet<TaxId> = unknown.iter().cloned().collect();
    let mut settled: BTreeSet<TaxId> = BTreeSet::from([nobody()]);
    if request.companies.is_empty() {
        unseen.extend(ctx.store.unknown_companies(kind, part.from, part.to).await?);
        settled.extend(ctx.store.companies_with_findings(kind, month).await?);
        if companies.is_empty() {
            unseen.insert(nobody());
        }
    }
    let mut units: Vec<Unit> = settled.into_iter().map(unit).collect();
    for company in unseen {
        let mut unit = unit(company);
        unit.findings.push(uncovered(&unit));
        units.push(unit);
    }
    Ok(units)
}

pub(super) fn empty_unit(
    company: TaxId,
    kind: DocumentKind,
    (days, month): (Period, Period),
) -> Unit {
    Unit { company, kind, month, days, statements: Vec::new(), findings: Vec::new() }
}

/// Returns the finding that nobody looked at the unit's days.
pub(super) fn uncovered(unit: &Unit) -> Finding {
    Finding {
        kind: Kind::CoverageMissing,
        company: unit.company.clone(),
        document_kind: unit.kind,
        direction: Direction::Outgoing,
        period: unit.month,
        evidence: Evidence::Uncovered { days: unit.days, lacking: None },
        at_risk_cents: 0,
        currency: Currency::EUR,
    }
}

fn nobody() -> TaxId {
    TaxId::parse(NO_COMPANY).expect("a dash is an opaque id")
}

async fn compare_unit(
    ctx: &Context,
    (company, books): (&Company, &Books<'_>),
    kind: DocumentKind,
    (part, month): (Period, Period),
    windows: &[WindowRecord],
    sources: &mut Vec<Source>,
) -> Result<(Unit, u64), Error> {
    let (rules, refused) = books.of(&company.tax_id);
    let input = Input {
        company: company.clone(),
        document_kind: kind,
        period: part,
        accounting_period: month,
        today: ctx.today(),
        unsettled: unsettled(windows, &company.tax_id, (part, ctx.today())),
        rules,
    };
    let read = sides::read(ctx, &input).await?;
    let files = read.files;
    let outcome = reconcile::compare(&input, read.documents, read.entries).map_err(|source| {
        Error::Reconcile {
            company: company.tax_id.to_string(),
            kind: kind.as_str(),
            period: month.to_string(),
            source: Box::new(source),
        }
    })?;
    let outcome = with_year(ctx, &input, outcome, read.from).await?;
    let mut findings = outcome.findings;
    if let Some(error) = refused {
        findings.push(refused_rules(company, kind, month, &error, sources));
    }
    findings.extend(read.vanished.into_findings());
    for file in files.iter().filter(|file| file.touches(part)) {
        let Some(rows) = read.rows_of.get(&file.id).copied() else {
            continue;
        };
        if file.rows_rejected > 0 {
            findings.push(rejected_rows(company, kind, month, file));
        }
        sources.push(upload_source(company, file, rows));
    }
    let unit = Unit {
        company: company.tax_id.clone(),
        kind,
        month,
        days: part,
        statements: outcome.statements,
        findings,
    };
    Ok((unit, read.documents_read))
}

/// Returns the windows of a kind's pulls that touch the period.
async fn windows(
    ctx: &Context,
    kind: DocumentKind,
    period: Period,
) -> Result<Vec<WindowRecord>, Error> {
    let resource = resource_of(kind).as_str();
    Ok(ctx.store.windows_between(resource, period.from, period.to).await?)
}

/// Puts what could not be read at all into units of its own: files, bodies, companies.
async fn ownerless_units(
    ctx: &Context,
    request: &ComparisonRequest,
    kind: DocumentKind,
    sources: &mut Vec<Source>,
) -> Result<Vec<Unit>, Error> {
    let mut units = Vec::new();
    let mut add = |owner: Option<TaxId>, file: String, reason: String| {
        units.extend(refused_file_unit(request, kind, owner.clone(), (&file, &reason)));
        sources.push(refused_source(file, owner, reason));
    };
    for refused in ctx.store.refused_files(kind).await? {
        add(TaxId::parse(&refused.company), refused.file_name, refused.reason);
    }
    let lists = [resource_of(kind).as_str(), Resource::Configurations.as_str()];
    for body in ctx.store.unreadable_documents().await? {
        if lists.contains(&body.resource.as_str()) {
            add(None, format!("{}/{}", body.resource, body.source_id), body.reason);
        }
    }
    Ok(units)
}

/// Returns a unit of its own with the finding that a whole file was refused.
pub(super) fn refused_file_unit(
    request: &ComparisonRequest,
    kind: DocumentKind,
    owner: Option<TaxId>,
    (file, reason): (&str, &str),
) -> Option<Unit> {
    let days = months(request.period).pop()?;
    let mut unit = empty_unit(owner.unwrap_or_else(nobody), kind, days);
    let (file, reason) = (file.to_owned(), reason.to_owned());
    let evidence = Evidence::File { file, reason, rows: 0 };
    unit.findings.push(Finding { kind: Kind::FileRejected, evidence, ..uncovered(&unit) });
    Some(unit)
}

/// Says that a company's own rules could not be read, and everybody's were taken.
fn refused_rules(
    company: &Company,
    kind: DocumentKind,
    month: Period,
    error: &Error,
    sources: &mut Vec<Source>,
) -> Finding {
    let file = match error {
        Error::Rules { path, .. } | Error::NoRuleSort { path, .. } | Error::File { path, .. } => {
            path.display().to_string()
        }
        _ => company.tax_id.to_string(),
    };
    let reason = super::causes(error);
    sources.push(refused_source(file.clone(), Some(company.tax_id.clone()), reason.clone()));
    let days = (month, month);
    let unit = empty_unit(company.tax_id.clone(), kind, days);
    let evidence = Evidence::File { file, reason, rows: 0 };
    Finding { kind: Kind::FileRejected, evidence, ..uncovered(&unit) }
}
