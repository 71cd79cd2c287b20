//! Gathers a period from the store, compares it, and settles its findings.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use crate::api::Resource;
use crate::findings::{
    Evidence, Finding, FindingState, Kind, RollForward, Severity, Standing, Tally,
};
use crate::fiscal::{
    Company, Currency, Direction, Document, DocumentKind, EntryKind, LedgerEntry, Period, TaxId,
};
use crate::reconcile::statement::{StatementWithRows, Verdict};
use crate::reconcile::{self, Input, Tolerance};
use crate::report::model::{Company as CompanyName, Model, RefusedRow, Source, SourceKind};
use crate::store::{DocumentQuery, StoredFile, WindowRecord};
use crate::worker::context::months;
use crate::worker::{Context, Error};

/// Days around a period in which a document is still a possible partner: a booking whose
/// date was written wrong, or an invoice booked in the next month.
const PARTNER_DAYS: u64 = 62;
/// Refused rows that a report lists for each file.
const REFUSED_ROWS_SHOWN: usize = 50;
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
        let windows = windows(ctx, *kind, request.period).await?;
        let mut documents_read = 0;
        for company in &companies {
            for (part, month) in months(request.period) {
                let (unit, read) =
                    compare_unit(ctx, company, *kind, (part, month), &windows, &mut sources)
                        .await?;
                documents_read += read;
                units.push(unit);
            }
        }
        sources.insert(0, pull_source(*kind, &windows, request.period, documents_read));
        units.extend(ownerless_unit(ctx, request, *kind, &mut sources).await?);
    }
    let model = settle(ctx, run_id, request, companies, sources, units).await?;
    Ok(Comparison { model })
}

async fn compare_unit(
    ctx: &Context,
    company: &Company,
    kind: DocumentKind,
    (part, month): (Period, Period),
    windows: &[WindowRecord],
    sources: &mut Vec<Source>,
) -> Result<(Unit, u64), Error> {
    let documents = ctx
        .store
        .documents(&DocumentQuery {
            company: &company.tax_id,
            kind,
            direction: None,
            from: part.from - Days::new(PARTNER_DAYS),
            to: part.to + Days::new(PARTNER_DAYS),
        })
        .await?;
    let files = ctx.store.ledger_files(&company.tax_id, part.from, part.to).await?;
    let entries = entries(ctx, &company.tax_id, kind, &files).await?;
    let of_kind: Vec<&StoredFile> =
        files.iter().filter(|file| entries.iter().any(|(id, _, _)| *id == file.id)).collect();
    let input = Input {
        company: company.clone(),
        document_kind: kind,
        period: part,
        accounting_period: month,
        today: ctx.today(),
        documents,
        entries: entries.iter().map(|(_, name, entry)| (name.clone(), entry.clone())).collect(),
        unsettled: unsettled(windows, &company.tax_id, part),
        tolerance: Tolerance::default(),
    };
    let outcome = reconcile::reconcile(&input).map_err(|source| Error::Reconcile {
        company: company.tax_id.to_string(),
        kind: kind.as_str(),
        period: month.to_string(),
        source: Box::new(source),
    })?;
    let mut findings = outcome.findings;
    for file in of_kind {
        let read = entries.iter().filter(|(id, _, _)| *id == file.id).count() as u64;
        if file.rows_rejected > 0 {
            findings.push(rejected_rows(company, kind, month, file));
        }
        sources.push(upload_source(company, file, read));
    }
    let read = input.documents.iter().filter(|document| is_read_in(document, part)).count() as u64;
    let unit = Unit {
        company: company.tax_id.clone(),
        kind,
        month,
        statements: outcome.statements,
        findings,
    };
    Ok((unit, read))
}

fn is_read_in(document: &Document, period: Period) -> bool {
    document.issue_date.is_none_or(|day| period.contains(day))
}

/// Reads the entries of a kind, each with its file's handle and a name that is unique.
async fn entries(
    ctx: &Context,
    company: &TaxId,
    kind: DocumentKind,
    files: &[StoredFile],
) -> Result<Vec<(i64, String, LedgerEntry)>, Error> {
    let mut all = Vec::new();
    let mut names: BTreeMap<&str, u32> = BTreeMap::new();
    for file in files {
        // Two files may share a name; a row must still point at one of them.
        let count = names.entry(&file.file_name).or_insert(0);
        *count += 1;
        let name = match *count {
            1 => file.file_name.clone(),
            n => format!("{} ({n})", file.file_name),
        };
        for (_, entry) in ctx.store.entries(company, &[file.id]).await? {
            let is_invoice = entry.kind == EntryKind::Invoice;
            if is_invoice == (kind == DocumentKind::Invoice) {
                all.push((file.id, name.clone(), entry));
            }
        }
    }
    Ok(all)
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

/// Returns the days of a period that no settled window of the company covers.
fn unsettled(windows: &[WindowRecord], company: &TaxId, period: Period) -> Vec<Period> {
    let covers = |day: NaiveDate| {
        windows.iter().any(|window| {
            window.state == "settled"
                && (window.from..=window.to).contains(&day)
                && (window.fiscal_ids.is_empty()
                    || window
                        .fiscal_ids
                        .split(',')
                        .any(|id| TaxId::parse(id).as_ref() == Some(company)))
        })
    };
    let mut spans: Vec<Period> = Vec::new();
    for day in period.iter_days().filter(|day| !covers(*day)) {
        match spans.last_mut() {
            Some(span) if span.to.succ_opt() == Some(day) => span.to = day,
            _ => spans.push(Period { from: day, to: day }),
        }
    }
    spans
}

/// Puts what belongs to no company into a unit of its own: refused files, unread bodies.
async fn ownerless_unit(
    ctx: &Context,
    request: &ComparisonRequest,
    kind: DocumentKind,
    sources: &mut Vec<Source>,
) -> Result<Vec<Unit>, Error> {
    let Some((_, month)) = months(request.period).pop() else {
        return Ok(Vec::new());
    };
    let mut by_company: BTreeMap<TaxId, Vec<Finding>> = BTreeMap::new();
    let nobody = TaxId::parse(NO_COMPANY).expect("a dash is an opaque id");
    let mut add = |owner: Option<TaxId>, file: String, reason: String| {
        let company = owner.unwrap_or_else(|| nobody.clone());
        let finding = Finding {
            kind: Kind::FileRejected,
            company: company.clone(),
            document_kind: kind,
            direction: Direction::Outgoing,
            period: month,
            evidence: Evidence::File { file: file.clone(), reason: reason.clone(), rows: 0 },
            at_risk_cents: 0,
            currency: Currency::EUR,
        };
        sources.push(Source {
            name: file,
            kind: SourceKind::Upload,
            company: (company != nobody).then(|| company.clone()),
            detail: String::new(),
            rows_read: 0,
            rows_rejected: 0,
            state: "rejected".to_owned(),
            refused: vec![RefusedRow {
                row: 0,
                column: String::new(),
                value: String::new(),
                reason,
            }],
        });
        by_company.entry(company).or_default().push(finding);
    };
    for refused in ctx.store.refused_files(&request.job).await? {
        add(TaxId::parse(&refused.company), refused.file_name, refused.reason);
    }
    let resource = resource_of(kind).as_str();
    for body in ctx.store.unreadable_documents().await? {
        if body.resource == resource {
            add(None, format!("{resource}/{}", body.source_id), body.reason);
        }
    }
    Ok(by_company
        .into_iter()
        .map(|(company, findings)| Unit { company, kind, month, statements: Vec::new(), findings })
        .collect())
}

/// Settles all units in one transaction and fills the report's model.
async fn settle(
    ctx: &Context,
    run_id: i64,
    request: &ComparisonRequest,
    companies: Vec<Company>,
    sources: Vec<Source>,
    units: Vec<Unit>,
) -> Result<Model, Error> {
    let now = (ctx.clock.now(), ctx.today());
    let mut findings = Vec::new();
    let mut cleared = Vec::new();
    let mut roll_forward = RollForward::default();
    let mut statements = Vec::new();
    let mut tx = ctx.store.begin("settle_comparison").await?;
    for unit in join(units) {
        let (standing, closed, roll) = tx
            .settle_findings(run_id, &unit.company, unit.kind, unit.month, unit.findings, now)
            .await?;
        findings.extend(standing);
        cleared.extend(closed);
        add_roll(&mut roll_forward, roll);
        statements.extend(unit.statements);
    }
    let proofs: Vec<_> = statements.iter().map(|with_rows| &with_rows.statement).collect();
    tx.save_statements(run_id, &proofs).await?;
    tx.commit().await?;
    sort(&mut findings);
    sort(&mut cleared);
    Ok(Model {
        run_id,
        job: request.job.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: now.0,
        period: request.period,
        verdict: verdict(&statements, &findings),
        companies: companies
            .into_iter()
            .map(|company| CompanyName { tax_id: company.tax_id, name: company.name })
            .collect(),
        sources,
        statements,
        findings,
        cleared,
        roll_forward,
        materiality_cents: request.materiality_cents,
        currency: Currency::EUR,
    })
}

/// Units of the same company, kind and month are one scope: their findings settle together.
fn join(units: Vec<Unit>) -> Vec<Unit> {
    let mut joined: BTreeMap<(TaxId, DocumentKind, Period), Unit> = BTreeMap::new();
    for unit in units {
        let key = (unit.company.clone(), unit.kind, unit.month);
        match joined.get_mut(&key) {
            Some(known) => {
                known.statements.extend(unit.statements);
                known.findings.extend(unit.findings);
            }
            None => {
                joined.insert(key, unit);
            }
        }
    }
    joined.into_values().collect()
}

fn verdict(statements: &[StatementWithRows], findings: &[Standing]) -> Verdict {
    let by_statements =
        statements.iter().map(|one| one.statement.verdict).min().unwrap_or(Verdict::Reconciled);
    let open = || findings.iter().filter(|one| one.state == FindingState::Open);
    if open().any(|one| one.finding.kind.means_incomplete()) {
        Verdict::Incomplete
    } else if open().any(|one| one.finding.severity() > Severity::Info) {
        by_statements.min(Verdict::Breaks)
    } else {
        by_statements
    }
}

/// Worst first, then dearest, then by company and fingerprint.
fn sort(standings: &mut [Standing]) {
    standings.sort_by(|a, b| {
        let key = |one: &Standing| {
            (
                std::cmp::Reverse(one.finding.severity()),
                std::cmp::Reverse(one.finding.at_risk_cents),
            )
        };
        key(a)
            .cmp(&key(b))
            .then_with(|| a.finding.company.cmp(&b.finding.company))
            .then_with(|| a.fingerprint.cmp(&b.fingerprint))
    });
}

fn add_roll(sum: &mut RollForward, part: RollForward) {
    let add = |a: &mut Tally, b: Tally| {
        a.rows += b.rows;
        a.at_risk_cents += b.at_risk_cents;
    };
    add(&mut sum.opening, part.opening);
    add(&mut sum.new, part.new);
    add(&mut sum.cleared, part.cleared);
    add(&mut sum.closing, part.closing);
}

fn rejected_rows(
    company: &Company,
    kind: DocumentKind,
    month: Period,
    file: &StoredFile,
) -> Finding {
    let reason = file.rejected.first().map_or_else(String::new, |row| {
        format!("row {}, column `{}`: {}", row.row, row.column, row.reason)
    });
    Finding {
        kind: Kind::FileRejected,
        company: company.tax_id.clone(),
        document_kind: kind,
        direction: Direction::Outgoing,
        period: month,
        evidence: Evidence::File {
            file: file.file_name.clone(),
            reason,
            rows: file.rows_rejected.cast_unsigned(),
        },
        at_risk_cents: 0,
        currency: Currency::EUR,
    }
}

fn upload_source(company: &Company, file: &StoredFile, rows_read: u64) -> Source {
    Source {
        name: file.file_name.clone(),
        kind: SourceKind::Upload,
        company: Some(company.tax_id.clone()),
        detail: file.layout.clone(),
        rows_read,
        rows_rejected: file.rows_rejected.cast_unsigned(),
        state: "stored".to_owned(),
        refused: file
            .rejected
            .iter()
            .take(REFUSED_ROWS_SHOWN)
            .map(|row| RefusedRow {
                row: row.row,
                column: row.column.clone(),
                value: row.value.clone(),
                reason: row.reason.clone(),
            })
            .collect(),
    }
}

fn pull_source(
    kind: DocumentKind,
    windows: &[WindowRecord],
    period: Period,
    rows_read: u64,
) -> Source {
    let resource = resource_of(kind).as_str();
    let worst = ["deferred", "unsettled", "reading"]
        .into_iter()
        .find(|state| windows.iter().any(|window| window.state == *state));
    let state = match worst {
        _ if windows.is_empty() => "never pulled",
        Some("reading") => "unsettled",
        Some(state) => state,
        None => "settled",
    };
    Source {
        name: resource.to_owned(),
        kind: SourceKind::Pull,
        company: None,
        detail: period.to_string(),
        rows_read,
        rows_rejected: 0,
        state: state.to_owned(),
        refused: Vec::new(),
    }
}

fn resource_of(kind: DocumentKind) -> Resource {
    match kind {
        DocumentKind::Receipt => Resource::Receipts,
        DocumentKind::Invoice => Resource::Invoices,
    }
}
