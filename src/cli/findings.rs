//! `quadra findings`: what is wrong, and what people decided about it.

mod suggest;

use std::path::PathBuf;
use std::process::ExitCode;

use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum};
use comfy_table::{Table, presets};
use serde_json::{Value, json};

use crate::cli::failure::Failure;
use crate::cli::{Global, output};
use crate::findings::{FindingState, Kind, decisions_to_toml};
use crate::fiscal::{Language, Period, cents_to_decimal};
use crate::report;
use crate::store::{FindingEvent, StoredFinding};
use crate::worker::{self, Act, Context};

/// Digits of a fingerprint that a table shows; as many as name a finding.
const DIGITS_SHOWN: usize = 10;

/// List findings, accept, resolve and reopen them, and keep decisions in a file
///
/// A finding is named by the first digits of its fingerprint, six or more. A decision holds
/// for the amount that it was taken on, in every later run, until its last day; when it does
/// not fit any more the finding opens again and the report says so.
#[derive(Debug, Args)]
pub(super) struct Findings {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List findings, open ones unless told otherwise
    List {
        /// Which findings
        #[arg(long, value_enum, default_value_t = Which::Open)]
        state: Which,
        /// Only of this period, such as 2026-02
        #[arg(long, value_name = "P")]
        period: Option<Period>,
        /// Only of this company, by tax id
        #[arg(long, value_name = "ID")]
        company: Option<String>,
        /// Only of this kind, such as `missing_in_ledger`
        #[arg(long, value_name = "KIND", value_parser = kind)]
        kind: Option<Kind>,
    },
    /// Show one finding with its evidence and its history
    Show {
        #[command(flatten)]
        named: Named,
    },
    /// Accept findings: they stay known and are no longer at risk
    Accept {
        #[command(flatten)]
        named: Named,
        #[command(flatten)]
        word: PersonsWord,
        /// The last day on which it holds [default: for good]
        #[arg(long, value_name = "DAY")]
        until: Option<NaiveDate>,
    },
    /// Close findings as settled; one that a run sees again opens again
    Resolve {
        #[command(flatten)]
        named: Named,
        #[command(flatten)]
        word: PersonsWord,
    },
    /// Open findings again, and withdraw the decision on them
    Reopen {
        #[command(flatten)]
        named: Named,
        #[command(flatten)]
        word: PersonsWord,
    },
    /// Show rules that would pair what is left over, with gain and risk; none is applied
    Suggest {
        /// Write those of a file as TOML: all of `numbers.toml`, or what to add to `receipts.toml`
        #[arg(long, value_enum, value_name = "FILE", num_args = 0..=1, default_missing_value = "numbers")]
        toml: Option<suggest::RulesOf>,
        /// Only of this company, by tax id
        #[arg(long, value_name = "ID")]
        company: Option<String>,
    },
    /// Write every decision as TOML, to be kept under version control
    ExportDecisions {
        /// Write to FILE instead of stdout
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Read decisions from a TOML file: all of them, or none when anything in it is wrong
    #[command(visible_alias = "import-decisions")]
    ApplyDecisions {
        /// The file
        file: PathBuf,
    },
}

#[derive(Debug, Args)]
struct Named {
    /// The first digits of each finding's fingerprint, six or more
    #[arg(required = true, value_name = "FINGERPRINT")]
    fingerprints: Vec<String>,
    /// The finding's period, where several have the same fingerprint
    #[arg(long, value_name = "P")]
    period: Option<Period>,
}

#[derive(Debug, Args)]
struct PersonsWord {
    /// Who answers for it
    #[arg(long, value_name = "NAME", value_parser = filled)]
    owner: String,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = filled)]
    reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Which {
    Open,
    Accepted,
    Resolved,
    All,
}

impl Findings {
    pub(super) async fn run(self, global: &Global) -> Result<ExitCode, Failure> {
        let ctx = global.open().await?;
        let done = match self.what {
            What::List { state, period, company, kind } => {
                known_company(&ctx, company.as_deref()).await?;
                list(global, &ctx, |one| {
                    state.includes(one.state)
                        && period.is_none_or(|period| one.finding.period == period)
                        && company.as_deref().is_none_or(|id| one.finding.company.as_str() == id)
                        && kind.is_none_or(|kind| one.finding.kind == kind)
                })
                .await
            }
            What::Show { named } => show(global, &ctx, &named).await,
            What::Accept { named, word, until } => match until {
                Some(day) if day < ctx.today() => Err(Failure::Usage {
                    message: format!("--until {day} has passed: today is {}", ctx.today()),
                    hint: None,
                }),
                _ => decide(global, &ctx, &named, &word, Act::Accept { until }).await,
            },
            What::Resolve { named, word } => {
                decide(global, &ctx, &named, &word, Act::Resolve).await
            }
            What::Reopen { named, word } => decide(global, &ctx, &named, &word, Act::Reopen).await,
            What::Suggest { toml, company } => {
                known_company(&ctx, company.as_deref()).await?;
                suggest::suggest(global, &ctx, toml, company.as_deref()).await
            }
            What::ExportDecisions { out } => export(global, &ctx, out).await,
            What::ApplyDecisions { file } => apply(global, &ctx, file).await,
        };
        ctx.store.close().await;
        done.map(|()| ExitCode::SUCCESS)
    }
}

impl Which {
    fn includes(self, state: FindingState) -> bool {
        match self {
            Self::Open => state == FindingState::Open,
            Self::Accepted => state == FindingState::Accepted,
            Self::Resolved => state == FindingState::Resolved,
            Self::All => true,
        }
    }
}

/// Refuses a company that nobody knows: that it has no findings would be a false comfort.
async fn known_company(ctx: &Context, company: Option<&str>) -> Result<(), Failure> {
    let Some(id) = company else { return Ok(()) };
    let has_findings =
        ctx.store.findings("").await?.iter().any(|one| one.finding.company.as_str() == id);
    if !has_findings {
        ctx.companies(&[id.to_owned()]).await?;
    }
    Ok(())
}

async fn list(
    global: &Global,
    ctx: &Context,
    is_wanted: impl Fn(&StoredFinding) -> bool,
) -> Result<(), Failure> {
    let language = ctx.config.report.language;
    let mut found = ctx.store.findings("").await?;
    found.retain(is_wanted);
    if global.json {
        let findings: Vec<Value> = found.iter().map(|one| as_json(ctx, one)).collect();
        return output::json(&json!({ "findings": findings }));
    }
    if found.is_empty() {
        return output::line("No finding is like that.");
    }
    let mut table = Table::new();
    table.load_preset(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header([
        "fingerprint",
        "state",
        "kind",
        "company",
        "period",
        "days",
        "at risk",
        "what",
    ]);
    for one in &found {
        let finding = &one.finding;
        table.add_row([
            one.fingerprint.as_str().chars().take(DIGITS_SHOWN).collect(),
            one.state.to_string(),
            finding.kind.to_string(),
            finding.company.to_string(),
            finding.period.to_string(),
            age_days(ctx, one).to_string(),
            format!("{} {}", cents_to_decimal(finding.at_risk_cents), finding.currency),
            report::finding_subject(finding, language),
        ]);
    }
    output::line(&table.to_string())
}

async fn show(global: &Global, ctx: &Context, named: &Named) -> Result<(), Failure> {
    let language = ctx.config.report.language;
    let mut objects = Vec::new();
    for one in find(ctx, named).await? {
        let history = worker::finding_history(ctx, &one).await?;
        if global.json {
            let mut object = as_json(ctx, &one);
            object["history"] = history.iter().map(event_json).collect();
            objects.push(object);
            continue;
        }
        let finding = &one.finding;
        output::line(&format!(
            "{} {} ({}), {} {}, {}\n  {}\n  {}",
            one.fingerprint.as_str(),
            finding.kind,
            one.state,
            finding.company,
            finding.period,
            money(&one),
            report::finding_subject(finding, language),
            report::finding_text(finding, language),
        ))?;
        for event in &history {
            let by = event.run_id.map_or("by hand".to_owned(), |run| format!("run {run}"));
            let note = event.note.as_deref().map(|note| format!(": {note}")).unwrap_or_default();
            output::line(&format!(
                "  {} {} ({by}), {}{note}",
                event.at.with_timezone(&chrono_tz::Europe::Rome).format("%Y-%m-%d %H:%M"),
                event.event,
                cents_to_decimal(event.at_risk_cents),
            ))?;
        }
    }
    if global.json { output::json(&json!({ "findings": objects })) } else { Ok(()) }
}

async fn decide(
    global: &Global,
    ctx: &Context,
    named: &Named,
    word: &PersonsWord,
    act: Act,
) -> Result<(), Failure> {
    let language = ctx.config.report.language;
    let found = find(ctx, named).await?;
    worker::decide(ctx, &found, act, (&word.owner, &word.reason), language).await?;
    let now = find(ctx, named).await?;
    if global.json {
        let findings: Vec<Value> = now.iter().map(|one| as_json(ctx, one)).collect();
        return output::json(&json!({ "findings": findings }));
    }
    for one in &now {
        output::line(&line(one, language))?;
    }
    Ok(())
}

async fn find(ctx: &Context, named: &Named) -> Result<Vec<StoredFinding>, Failure> {
    let mut found: Vec<StoredFinding> = Vec::new();
    for beginning in &named.fingerprints {
        let one = worker::find_finding(ctx, beginning, named.period).await?;
        if !found.contains(&one) {
            found.push(one);
        }
    }
    Ok(found)
}

async fn export(global: &Global, ctx: &Context, out: Option<PathBuf>) -> Result<(), Failure> {
    let decisions = ctx.store.decisions().await?;
    let text = decisions_to_toml(&decisions);
    let Some(path) = out else {
        return output::line(text.trim_end());
    };
    std::fs::write(&path, text).map_err(|source| {
        let path = path.clone();
        worker::Error::File { operation: "write", path, source }
    })?;
    if global.json {
        return output::json(&json!({ "decisions": decisions.len(), "file": path }));
    }
    output::line(&format!("wrote {} decisions to {}", decisions.len(), path.display()))
}

async fn apply(global: &Global, ctx: &Context, file: PathBuf) -> Result<(), Failure> {
    let applied = worker::apply_decisions(ctx, &file).await?;
    if global.json {
        return output::json(&json!({
            "new": applied.new, "known": applied.known, "accepted": applied.accepted,
        }));
    }
    output::line(&format!(
        "{} decisions new, {} known already; {} findings accepted now",
        applied.new, applied.known, applied.accepted
    ))
}

fn line(one: &StoredFinding, language: Language) -> String {
    let digits: String = one.fingerprint.as_str().chars().take(DIGITS_SHOWN).collect();
    let subject = report::finding_subject(&one.finding, language);
    format!("{digits} {}: {} {subject}, {}", one.state, one.finding.kind, money(one))
}

fn money(one: &StoredFinding) -> String {
    format!("{} {}", cents_to_decimal(one.finding.at_risk_cents), one.finding.currency)
}

fn age_days(ctx: &Context, one: &StoredFinding) -> i64 {
    (ctx.today() - one.first_seen_on).num_days().max(0)
}

fn as_json(ctx: &Context, one: &StoredFinding) -> Value {
    let language = ctx.config.report.language;
    let mut object = serde_json::to_value(&one.finding).unwrap_or_default();
    object["fingerprint"] = one.fingerprint.as_str().into();
    object["state"] = one.state.as_str().into();
    object["first_seen_on"] = one.first_seen_on.to_string().into();
    object["age_days"] = age_days(ctx, one).into();
    object["subject"] = report::finding_subject(&one.finding, language).into();
    object["text"] = report::finding_text(&one.finding, language).into();
    object
}

fn event_json(event: &FindingEvent) -> Value {
    json!({
        "at": event.at, "event": event.event, "at_risk_cents": event.at_risk_cents,
        "run": event.run_id, "note": event.note,
    })
}

fn kind(text: &str) -> Result<Kind, String> {
    text.parse().map_err(|_| {
        let nearest = Kind::ALL
            .iter()
            .map(|kind| kind.as_str())
            .min_by_key(|known| strsim::damerau_levenshtein(known, text));
        format!("no kind of finding; did you mean `{}`?", nearest.unwrap_or_default())
    })
}

fn filled(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("somebody has to answer for it, and say why".to_owned()),
        text => Ok(text.to_owned()),
    }
}
