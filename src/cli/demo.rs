//! `quadra demo`: the whole night, without an account.
//!
//! It starts the well-behaved sandbox, lays the shipped ledgers into the inboxes of the
//! shipped jobs, and runs them on a fixed night. The ledgers hold planted differences; the
//! demo compares what was found with that list and fails if one is missing or another one
//! appears, so that it proves itself on any machine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::{TimeZone as _, Utc};
use clap::Args;
use serde::Deserialize;

use crate::cli::failure::{Failure, INTERRUPTED};
use crate::cli::run::run_job;
use crate::cli::signals::Signals;
use crate::cli::{Global, ProgressChoice, output};
use crate::clock::Clock;
use crate::config::{Config, jobs};
use crate::findings::{Evidence, Side, Standing};
use crate::fiscal::{Language, Period, cents_to_decimal};
use crate::report::Format;
use crate::report::model::Model;
use crate::sandbox::{self, Options};
use crate::worker::{Context, Error};

/// Run the whole night against the built-in sandbox and the shipped ledgers
///
/// No account, no configuration. Reports are written into a folder; running it again
/// writes the same bytes.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// The folder for the reports
    #[arg(long, value_name = "DIR", default_value = "quadra-demo")]
    out: PathBuf,
    /// The language of the reports
    #[arg(long, value_name = "it|en", default_value = "it")]
    language: String,
}

/// The ledgers, as accountants would leave them: inbox, company, name, content.
const LEDGERS: [(&str, &str, &[u8]); 7] = [
    (
        "receipts/19044175016",
        "corrispettivi-2026-02.csv",
        include_bytes!("../../samples/ledgers/demo/19044175016/corrispettivi-2026-02.csv"),
    ),
    (
        "receipts/19044175016",
        "incassi-2026-02.csv",
        include_bytes!("../../samples/ledgers/demo/19044175016/incassi-2026-02.csv"),
    ),
    (
        "receipts/19044175016",
        "ordini-shop-2026-02.csv",
        include_bytes!("../../samples/ledgers/demo/19044175016/ordini-shop-2026-02.csv"),
    ),
    (
        "invoices/19044175016",
        "registro-iva-vendite-2026-02.csv",
        include_bytes!("../../samples/ledgers/demo/19044175016/registro-iva-vendite-2026-02.csv"),
    ),
    (
        "invoices/21177305022",
        "registro-iva-vendite-2026-02.xlsx",
        include_bytes!("../../samples/ledgers/demo/21177305022/registro-iva-vendite-2026-02.xlsx"),
    ),
    (
        "invoices/21177305022",
        "ricevute-2026-02.csv",
        include_bytes!("../../samples/ledgers/demo/21177305022/ricevute-2026-02.csv"),
    ),
    (
        "invoices/33401825030",
        "fatture-emesse-2026-02.ods",
        include_bytes!("../../samples/ledgers/demo/33401825030/fatture-emesse-2026-02.ods"),
    ),
];

const JOBS: [(&str, &str); 2] = [
    ("nightly-receipts.toml", include_str!("../../jobs/nightly-receipts.toml")),
    ("nightly-invoices.toml", include_str!("../../jobs/nightly-invoices.toml")),
];

const PLANTED: &str = include_str!("../../samples/ledgers/demo/planted.json");

/// One difference that was planted in the ledgers.
#[derive(Debug, Deserialize)]
struct Planted {
    company: String,
    kind: String,
    document: String,
}

/// What a difference is recognised by: company, kind, document or day.
type Key = (String, String, String);

impl Demo {
    pub(super) async fn run(self, global: &Global, signals: &Signals) -> Result<ExitCode, Failure> {
        let language = match self.language.as_str() {
            "it" => Language::It,
            "en" => Language::En,
            other => {
                return Err(Failure::Usage {
                    message: format!("`{other}` is not one of it, en"),
                    hint: None,
                });
            }
        };
        let sandbox = sandbox::start(Options::demo()).await?;
        let night = tempfile::tempdir().map_err(file_error("make a folder", "temporary folder"))?;
        lay_out(night.path()).map_err(file_error("lay out the demo in", night.path()))?;
        let ctx = open(night.path(), &sandbox.base_url()).await?;
        let mut models = Vec::new();
        let mut paths = Vec::new();
        for (name, _) in JOBS {
            let mut job = jobs::Job::load(&night.path().join("jobs").join(name))?;
            job.folder = Some(self.out.clone());
            job.language = Some(language);
            job.formats = Format::ALL.to_vec();
            let period = Period::month(2026, 2).expect("February 2026 exists");
            let quiet = Global { progress: quiet(global.progress), ..global.clone() };
            let outcome = run_job(&ctx, &job, period, &quiet, signals).await?;
            if outcome.is_interrupted {
                return Ok(ExitCode::from(INTERRUPTED));
            }
            if let Some(error) = outcome.pull_error {
                return Err(Failure::Demo(format!("the demo's pull failed: {error}")));
            }
            let posted = outcome.posted.unwrap_or_default();
            if let Some(problem) = posted.problems.first() {
                return Err(Failure::Demo(problem.clone()));
            }
            paths.extend(posted.files);
            models.extend(outcome.model);
        }
        ctx.store.close().await;
        sandbox.stop().await;
        tell(global, &models, &paths)
    }
}

/// A newcomer's first sight is the summary, not the log.
fn quiet(choice: ProgressChoice) -> ProgressChoice {
    if choice == ProgressChoice::Auto { ProgressChoice::None } else { choice }
}

fn lay_out(night: &Path) -> std::io::Result<()> {
    for (inbox, name, bytes) in LEDGERS {
        let folder = night.join("inbox").join(inbox);
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join(name), bytes)?;
    }
    std::fs::create_dir_all(night.join("jobs"))?;
    for (name, text) in JOBS {
        std::fs::write(night.join("jobs").join(name), text)?;
    }
    Ok(())
}

/// Opens an empty store with the clock standing at a night after the month's closing.
async fn open(night: &Path, base_url: &str) -> Result<Context, Failure> {
    let path = night.join("quadra.toml");
    std::fs::write(&path, "").map_err(file_error("write", &path))?;
    let token = ("QUADRA__API__TOKEN".to_owned(), "demo".to_owned());
    let settings = [
        ("api.base_url".to_owned(), base_url.to_owned()),
        ("api.requests_per_second".to_owned(), "1000".to_owned()),
        ("store.url".to_owned(), format!("sqlite://{}", night.join("quadra.db").display())),
    ];
    let config = Config::load(Some(&path), [token], &settings)?;
    let clock = Utc.with_ymd_and_hms(2026, 3, 10, 4, 45, 0).single();
    let clock = Clock::Fixed(clock.expect("the tenth of March has a quarter to five"));
    Ok(Context::open(config, clock).await?)
}

/// Prints the summary and compares what was found with what was planted.
fn tell(global: &Global, models: &[Model], paths: &[PathBuf]) -> Result<ExitCode, Failure> {
    let mut expected = count(
        planted().iter().map(|one| (one.company.clone(), one.kind.clone(), one.document.clone())),
    );
    let mut found = count(models.iter().flat_map(|model| &model.findings).map(key));
    // A day's takings are planted as one difference and found once a rate or tender.
    for counts in [&mut expected, &mut found] {
        for (_, times) in counts.iter_mut().filter(|(key, _)| key.1 == "takings_differ") {
            *times = 1;
        }
    }
    let missed: Vec<&Key> = keys_beyond(&expected, &found);
    let unplanned: Vec<&Key> = keys_beyond(&found, &expected);
    if global.json {
        output::json(&serde_json::json!({
            "planted": expected.values().sum::<u64>(),
            "missed": missed, "unplanned": unplanned, "files": paths,
            "runs": models.iter().map(super::reconcile::as_json).collect::<Vec<_>>(),
        }))?;
    } else {
        output::line(&summary(models, paths))?;
    }
    if missed.is_empty() && unplanned.is_empty() {
        if !global.json {
            let planted: u64 = expected.values().sum();
            output::line(&format!(
                "All {planted} planted differences were found, and nothing else."
            ))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    Err(Failure::Demo(format!(
        "the demo did not find what was planted: missed {missed:?}, not planted {unplanned:?}"
    )))
}

fn summary(models: &[Model], paths: &[PathBuf]) -> String {
    let mut lines = Vec::new();
    for model in models {
        lines.push(format!(
            "{} {} – verdict {}: {} findings, {} EUR at risk",
            model.job,
            model.period,
            model.verdict.as_str().to_uppercase(),
            model.findings.len(),
            cents_to_decimal(model.roll_forward.closing.at_risk_cents)
        ));
        for with_rows in &model.statements {
            let statement = &with_rows.statement;
            lines.push(format!(
                "  {:<36} {:<9} {:<18} {:>5} documents × {:>4} ledger rows, residual 0.00 – {}",
                statement.company_name,
                statement.direction.as_str(),
                statement.basis.as_str(),
                statement.left.rows,
                statement.right.rows,
                statement.verdict
            ));
        }
        let kinds = count(model.findings.iter().map(|one| one.finding.kind.as_str().to_owned()));
        for (kind, times) in kinds {
            lines.push(format!("  {times:>4} {kind}"));
        }
        lines.push(String::new());
    }
    lines.push("Reports:".to_owned());
    lines.extend(paths.iter().map(|path| format!("  {}", path.display())));
    lines.join("\n")
}

fn planted() -> Vec<Planted> {
    serde_json::from_str(PLANTED).expect("the shipped list of planted differences is JSON")
}

/// Returns what a finding is recognised by, in the words of the planted list.
fn key(standing: &Standing) -> Key {
    let finding = &standing.finding;
    let document = match &finding.evidence {
        Evidence::Takings { day, .. } => day.to_string(),
        Evidence::Settled { of } => of.day.to_string(),
        Evidence::Payout { of } => of.name.clone(),
        Evidence::Uncovered { days, .. } => days.to_string(),
        Evidence::File { file, .. } => file.clone(),
        Evidence::Decision { subject, .. } => subject.clone(),
        Evidence::Gap { before, after, .. } => format!("{before}..{after}"),
        Evidence::Check { record, .. } => {
            record.number.clone().unwrap_or_else(|| record.id.clone())
        }
        Evidence::Row { record, .. } => record.number.clone().unwrap_or_else(|| record.id.clone()),
        // An order names its receipt; an invoice is named as the provider knows it.
        Evidence::Pair { left, right, .. } => match &right.number {
            Some(order) if order.starts_with('#') => order.clone(),
            _ => left.number.clone().unwrap_or_else(|| left.id.clone()),
        },
    };
    let document = match (&finding.evidence, document) {
        (Evidence::Row { side: Side::Left, record, .. }, number) => {
            record_name(finding.kind.as_str(), record, number)
        }
        (_, document) => document,
    };
    (finding.company.to_string(), finding.kind.as_str().to_owned(), document)
}

/// A receipt without number is named by its id, one of a web shop by its order.
fn record_name(kind: &str, record: &crate::findings::RecordRef, number: String) -> String {
    if kind.starts_with("receipt_") { record.id.clone() } else { number }
}

fn count<K: Ord>(keys: impl Iterator<Item = K>) -> BTreeMap<K, u64> {
    let mut counts = BTreeMap::new();
    for key in keys {
        *counts.entry(key).or_insert(0) += 1;
    }
    counts
}

fn keys_beyond<'a>(these: &'a BTreeMap<Key, u64>, those: &BTreeMap<Key, u64>) -> Vec<&'a Key> {
    these
        .iter()
        .filter(|(key, times)| those.get(*key).copied().unwrap_or(0) < **times)
        .map(|(key, _)| key)
        .collect()
}

fn file_error(
    operation: &'static str,
    path: impl Into<PathBuf>,
) -> impl FnOnce(std::io::Error) -> Failure {
    let path = path.into();
    move |source| Error::File { operation, path, source }.into()
}
