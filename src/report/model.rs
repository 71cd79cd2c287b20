//! The one model that every rendering starts from.
//!
//! `worker` fills it from the store; nothing here or in the renderings asks for anything
//! else, so the same model gives the same bytes in every format.

use chrono::{DateTime, Utc};

use crate::credentials::Alert;
use crate::findings::{FindingState, Materiality, RollForward, Severity, Standing};
use crate::fiscal::{Currency, Period, TaxId};
use crate::reconcile::statement::{StatementWithRows, Verdict};

/// Holds everything that a report says.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// The run's number in the store.
    pub run_id: i64,
    /// The job's name, such as `nightly-invoices`; `reconcile` when run by hand.
    pub job: String,
    /// The version of Quadra that made it.
    pub version: String,
    /// When the run began; the report's only clock.
    pub started_at: DateTime<Utc>,
    /// The period that the report is about.
    pub period: Period,
    /// The worst verdict over all statements and sources.
    pub verdict: Verdict,
    /// The companies looked at, in order of tax id.
    pub companies: Vec<Company>,
    /// What was read for this report: pulls and ledger files.
    pub sources: Vec<Source>,
    /// One statement a company, kind, direction and basis, in a stable order.
    pub statements: Vec<StatementWithRows>,
    /// What the watch has to say: credentials, token, credit; gravest first.
    pub alerts: Vec<Alert>,
    /// Open findings, worst and dearest first.
    pub findings: Vec<Standing>,
    /// Findings that this run closed, for the roll-forward.
    pub cleared: Vec<Standing>,
    /// Opening + new − cleared = closing.
    pub roll_forward: RollForward,
    /// From where on open findings matter.
    pub materiality: Materiality,
    /// The currency of the roll-forward and of materiality.
    pub currency: Currency,
}

/// Returns the worst thing that statements and findings say together.
#[must_use]
pub fn verdict_of(statements: &[StatementWithRows], findings: &[Standing]) -> Verdict {
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

/// Names a company that the report is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Company {
    /// Its tax identifier.
    pub tax_id: TaxId,
    /// Its name.
    pub name: String,
}

/// Says of one source what was read and what was not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// A ledger file's name, `receipts` / `invoices` for a pull, `provider` for what is sent.
    pub name: String,
    /// Pull, upload, or what is to be done at the provider.
    pub kind: SourceKind,
    /// The company, where the source belongs to one.
    pub company: Option<TaxId>,
    /// The layout of a ledger file, the endpoint of a pull.
    pub detail: String,
    /// Rows or documents read.
    pub rows_read: u64,
    /// Rows refused, each of them listed in `refused`.
    pub rows_rejected: u64,
    /// `settled`, `unsettled`, `deferred` of a pull; `stored`, `known`, `rejected` of a file;
    /// `waiting`, `unknown` of what is open at the provider, by the worst.
    pub state: String,
    /// The first refused rows, with column, value and reason.
    pub refused: Vec<RefusedRow>,
}

/// Tells where a source comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// Documents pulled from the provider.
    Pull,
    /// A ledger file that an accountant uploaded.
    Upload,
    /// What was to be done at the provider and is still open, each listed in `refused`.
    Outbox,
}

/// Says why one row of a file was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedRow {
    /// Data row from 1; zero when the whole file was refused.
    pub row: u64,
    /// The column's heading.
    pub column: String,
    /// The value as written.
    pub value: String,
    /// What is wrong with it.
    pub reason: String,
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;

    use chrono::{NaiveDate, TimeZone as _};

    use super::*;
    use crate::findings::{Reason, RecordRef, Side};
    use crate::fiscal::{Direction, DocumentKind};
    use crate::reconcile::statement::{Basis, Bridge, Class, ClassedRow, SideRows, Statement};

    /// Returns a model of one statement with three matched documents of € 1.00.
    pub(in crate::report) fn small() -> Model {
        let company = TaxId::parse("01234567897").unwrap();
        let period = Period::month(2026, 11).unwrap();
        let row = |number: u32| ClassedRow {
            side: Side::Left,
            record: Arc::new(RecordRef {
                id: number.to_string(),
                issue_date: NaiveDate::from_ymd_opt(2026, 11, number),
                gross_cents: Some(100),
                ..RecordRef::default()
            }),
            currency: Currency::EUR,
            amount_cents: Some(100),
            class: Class::Matched,
            reason: Arc::new(Reason::NoPartner { nearest: None }),
            partner: None,
        };
        let mut bridge = Bridge::default();
        bridge.left.amount_cents = 300;
        bridge.left.classes.insert(Class::Matched, 300);
        let statement = Statement {
            company: company.clone(),
            company_name: "Rossi S.r.l.".to_owned(),
            document_kind: DocumentKind::Invoice,
            direction: Direction::Outgoing,
            basis: Basis::Documents,
            period,
            verdict: Verdict::Reconciled,
            left: SideRows { rows: 3, classes: [(Class::Matched, 3)].into() },
            right: SideRows::default(),
            currencies: [(Currency::EUR, bridge)].into(),
            days: vec![],
            books_cover: None,
            settled: std::collections::BTreeMap::new(),
        };
        let rows = (1..=3).map(row).collect();
        Model {
            run_id: 1,
            job: "reconcile".to_owned(),
            version: "0.1.0".to_owned(),
            started_at: Utc.with_ymd_and_hms(2026, 11, 20, 5, 0, 0).unwrap(),
            period,
            verdict: Verdict::Reconciled,
            companies: vec![Company { tax_id: company, name: "Rossi S.r.l.".to_owned() }],
            sources: vec![],
            statements: vec![StatementWithRows { statement, rows }],
            alerts: vec![],
            findings: vec![],
            cleared: vec![],
            roll_forward: RollForward::default(),
            materiality: Materiality::default(),
            currency: Currency::EUR,
        }
    }
}
