//! A rich invented model: three companies, every class, every kind of finding.

#![expect(
    clippy::unwrap_used,
    clippy::too_many_lines,
    reason = "a fixture of constants: what is wrong with it shows at once"
)]

mod findings;
mod parts;
mod statements;

use chrono::{Days, NaiveDate, TimeZone as _, Utc};
use quadra::credentials::{self, Alert, CompanyUse, Declared, Given, watch};
use quadra::findings::{FindingState, Kind, Materiality, RollForward, Standing, Tally};
use quadra::fiscal::Currency;
use quadra::reconcile::statement::{Basis, Verdict};
use quadra::report::model::{Company, Model, RefusedRow, Source, SourceKind};

use findings::standing;
use parts::{november, tax_id};
use statements::{issued, orders, received, takings};

pub(in crate::report) const COMPANIES: [(&str, &str); 3] = [
    ("01234567897", "Rossi S.r.l."),
    ("09876543217", "Bianchi & Figli S.n.c."),
    ("12345678903", "Caffè Centrale di Verdi Anna"),
];

/// What a hostile supplier may call itself.
pub(in crate::report) const HOSTILE: &str = "<script>alert('1')</script> & \"C.\"";

/// What a hostile supplier may number its invoices.
pub(in crate::report) const FORMULA: &str = "=HYPERLINK(\"http://127.0.0.1\";\"x\")";

/// Returns the model with so many matched pairs in its first statement.
pub(in crate::report) fn model(matched_pairs: usize) -> Model {
    let statements = vec![
        issued(matched_pairs),
        received(),
        takings(Basis::TakingsByRate),
        takings(Basis::TakingsByTender),
        orders(),
    ];
    let findings: Vec<Standing> =
        Kind::ALL.iter().enumerate().map(|(index, kind)| standing(*kind, index)).collect();
    let mut cleared = vec![standing(Kind::AmountDiffers, 40)];
    cleared[0].state = FindingState::Resolved;
    let open = findings.iter().filter(|one| one.state == FindingState::Open);
    let closing = Tally {
        rows: open.clone().count() as u64,
        at_risk_cents: open.map(|one| one.finding.at_risk_cents).sum(),
    };
    let new = Tally { rows: 4, at_risk_cents: 40_010 };
    let gone = Tally { rows: 1, at_risk_cents: 12_345 };
    Model {
        run_id: 118,
        job: "nightly-invoices".to_owned(),
        version: "0.1.0".to_owned(),
        started_at: Utc.with_ymd_and_hms(2026, 11, 20, 5, 0, 0).unwrap(),
        period: november(),
        verdict: Verdict::Incomplete,
        companies: COMPANIES
            .iter()
            .map(|(id, name)| Company { tax_id: tax_id(id), name: (*name).to_owned() })
            .collect(),
        sources: sources(),
        statements,
        alerts: alerts(),
        findings,
        cleared,
        roll_forward: RollForward {
            opening: Tally {
                rows: closing.rows + gone.rows - new.rows,
                at_risk_cents: closing.at_risk_cents + gone.at_risk_cents - new.at_risk_cents,
            },
            new,
            cleared: gone,
            closing,
        },
        materiality: Materiality { amount_cents: 10_000, ..Materiality::default() },
        currency: Currency::EUR,
    }
}

/// Returns the model of one company where all agrees.
pub(in crate::report) fn quiet() -> Model {
    let mut model = model(3);
    model.verdict = Verdict::Reconciled;
    model.statements = vec![received()];
    model.companies.truncate(1);
    model.findings.clear();
    model.cleared.clear();
    model.alerts.clear();
    model.roll_forward = RollForward::default();
    model
}

/// Returns the model of one company with so many differences of € 428.04.
pub(in crate::report) fn broken(findings: usize) -> Model {
    let mut model = quiet();
    model.verdict = Verdict::Breaks;
    model.findings = (0..findings)
        .map(|index| {
            let mut one = standing(Kind::MissingInLedger, index);
            one.finding.company = tax_id(COMPANIES[0].0);
            one.finding.at_risk_cents = 42_804;
            one.state = FindingState::Open;
            one
        })
        .collect();
    model
}

/// One person's credentials that serve two companies and end soon, a token, too little credit.
fn alerts() -> Vec<Alert> {
    let today = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
    let uses: Vec<CompanyUse> = COMPANIES[..2]
        .iter()
        .map(|(id, name)| CompanyUse {
            company: tax_id(id),
            name: (*name).to_owned(),
            tax_code: "RSSMRA80A01H501U".to_owned(),
        })
        .collect();
    let changed_on = today - Days::new(83);
    let recorded_at = Utc.with_ymd_and_hms(2026, 8, 29, 9, 0, 0).unwrap();
    let declared = Declared {
        company: uses[0].company.clone(),
        tax_code: uses[0].tax_code.clone(),
        changed_on,
        recorded_at,
        source: credentials::Source::Declared,
    };
    let given = Given::new();
    let mut alerts: Vec<Alert> = watch(&uses, &[declared], &[], today)
        .into_iter()
        .filter_map(|one| Alert::of_credential(one, &given))
        .collect();
    alerts.extend(Alert::of_token(today, today, &given));
    alerts.extend(Alert::of_credit(420, 1_000, &given));
    alerts
}

fn sources() -> Vec<Source> {
    let refused = |row, value: &str, reason: &str| RefusedRow {
        row,
        column: "Imponibile".to_owned(),
        value: value.to_owned(),
        reason: reason.to_owned(),
    };
    let source = |name: &str, kind, detail: &str, state: &str, rows_read| Source {
        name: name.to_owned(),
        kind,
        company: Some(tax_id(COMPANIES[0].0)),
        detail: detail.to_owned(),
        rows_read,
        rows_rejected: 0,
        state: state.to_owned(),
        refused: vec![],
    };
    let mut sources = vec![
        source("invoices", SourceKind::Pull, "/IT-invoices", "settled", 1_204),
        source("receipts", SourceKind::Pull, "/IT-receipts", "unsettled", 850),
        source("vendite-novembre.xlsx", SourceKind::Upload, "erp register", "stored", 1_190),
        source("acquisti.csv", SourceKind::Upload, "", "rejected", 0),
    ];
    sources[2].rows_rejected = 2;
    sources[2].refused = vec![
        refused(14, "1.234,5x", "not a decimal number"),
        refused(77, "=1+1", "not a decimal number"),
    ];
    sources[3].rows_rejected = 1;
    sources[3].refused =
        vec![refused(0, "Imponib.", "unknown heading; the nearest is `Imponibile`")];
    sources
}
