//! Settles what a comparison found in one transaction and fills the report's model.

use std::collections::BTreeMap;
use std::path::Path;

use crate::credentials::Alert;
use crate::findings::{Finding, RollForward, Standing, Tally};
use crate::fiscal::{Company, Currency, DocumentKind, Period, TaxId};
use crate::reconcile::statement::StatementWithRows;
use crate::report::model::{Company as CompanyName, Model, Source, verdict_of};
use crate::store::{Scope, Tx};
use crate::worker::compare::refused_file_unit;
use crate::worker::sources::refused_source;
use crate::worker::{ComparisonRequest, Context, Error, decisions};

/// Holds one company, kind and month, compared but not yet settled.
pub(super) struct Unit {
    pub(super) company: TaxId,
    pub(super) kind: DocumentKind,
    pub(super) month: Period,
    /// The days of the month that were looked at.
    pub(super) days: Period,
    pub(super) statements: Vec<StatementWithRows>,
    pub(super) findings: Vec<Finding>,
}

/// Holds everything that a comparison read and found.
pub(super) struct Gathered {
    pub(super) companies: Vec<Company>,
    pub(super) sources: Vec<Source>,
    pub(super) units: Vec<Unit>,
    pub(super) alerts: Vec<Alert>,
}

/// Settles all units in the transaction and fills the report's model.
pub(super) async fn settle(
    ctx: &Context,
    tx: &mut Tx,
    run_id: i64,
    request: &ComparisonRequest,
    gathered: Gathered,
) -> Result<Model, Error> {
    let now = (ctx.clock.now(), ctx.today());
    let refused = decisions::keep_configured(ctx, tx).await?;
    let mut findings = Vec::new();
    let mut cleared = Vec::new();
    let mut roll_forward = RollForward::default();
    let mut statements = Vec::new();
    let mut units = gathered.units;
    let mut sources = gathered.sources;
    if let (Some(reason), Some(path)) = (refused, &ctx.config.findings.decisions_file) {
        let (unit, source) = unread_decisions(request, path, &reason);
        units.extend(unit);
        sources.push(source);
    }
    for unit in join(units) {
        let scope =
            Scope { company: unit.company, kind: unit.kind, month: unit.month, days: unit.days };
        let (standing, closed, roll) =
            tx.settle_findings(run_id, &scope, unit.findings, now).await?;
        findings.extend(standing);
        cleared.extend(closed);
        add_roll(&mut roll_forward, roll);
        statements.extend(unit.statements);
    }
    let proofs: Vec<_> = statements.iter().map(|with_rows| &with_rows.statement).collect();
    tx.save_statements(run_id, &proofs).await?;
    sort(&mut findings);
    sort(&mut cleared);
    let companies = gathered.companies.into_iter();
    Ok(Model {
        run_id,
        job: request.job.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: tx.run_started_at(run_id).await?,
        period: request.period,
        verdict: verdict_of(&statements, &findings),
        companies: companies
            .map(|company| CompanyName { tax_id: company.tax_id, name: company.name })
            .collect(),
        sources,
        statements,
        alerts: gathered.alerts,
        findings,
        cleared,
        roll_forward,
        materiality: request.materiality.clone(),
        currency: Currency::EUR,
    })
}

/// Says that the file of decisions could not be read, as of any file that was refused.
fn unread_decisions(request: &ComparisonRequest, path: &Path, reason: &str) -> (Vec<Unit>, Source) {
    let file = path.display().to_string();
    let unit = |kind: &DocumentKind| refused_file_unit(request, *kind, None, (&file, reason));
    let units = request.kinds.iter().filter_map(unit).collect();
    (units, refused_source(file.clone(), None, reason.to_owned()))
}

/// Units of the same company, kind and month are one scope: their findings settle together.
fn join(units: Vec<Unit>) -> Vec<Unit> {
    let mut joined: BTreeMap<(TaxId, DocumentKind, Period), Unit> = BTreeMap::new();
    for unit in units {
        let key = (unit.company.clone(), unit.kind, unit.month);
        match joined.get_mut(&key) {
            Some(known) => {
                known.days.from = known.days.from.min(unit.days.from);
                known.days.to = known.days.to.max(unit.days.to);
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
