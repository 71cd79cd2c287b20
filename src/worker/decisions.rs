//! A person's word on findings: taken at the command line, kept in the store and in a file.
//!
//! Accepting keeps a decision that each run applies again; resolving closes a finding until
//! a run sees it again; reopening takes both back. The file of decisions is read whole or
//! not at all.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use thiserror::Error;

use crate::findings::{Decision, DecisionFileError, Finding, FindingState, decisions_from_toml};
use crate::fiscal::{Language, Period};
use crate::report;
use crate::store::{DecisionOrigin, FindingEvent, StoredFinding, Tx};
use crate::worker::{self, Context};

/// Fewest digits by which a finding may be named.
const DIGITS_MIN: usize = 6;

/// Says what to do with findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Accept them, until a last day if there is one.
    Accept {
        /// The last day on which it holds.
        until: Option<NaiveDate>,
    },
    /// Close them until a run sees them again.
    Resolve,
    /// Open them again and forget the decision.
    Reopen,
}

/// Says why a decision could not be taken; nothing was changed.
#[derive(Debug, Error)]
pub enum DecisionError {
    /// No finding has that fingerprint.
    #[error("no finding's fingerprint begins with `{beginning}`")]
    NoSuchFinding {
        /// What was given.
        beginning: String,
    },
    /// Several findings begin like that.
    #[error("`{beginning}` names several findings: {}", found.join(", "))]
    SeveralFindings {
        /// What was given.
        beginning: String,
        /// Fingerprint and period of each.
        found: Vec<String>,
    },
    /// A finding is in a state that the act does not fit.
    #[error("finding `{fingerprint}` is {state} already")]
    State {
        /// The finding.
        fingerprint: String,
        /// Where it stands.
        state: FindingState,
    },
    /// A file of decisions holds something wrong; none of it was applied.
    #[error("failed to read the decisions of `{path}`")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong in it.
        #[source]
        source: Box<DecisionFileError>,
    },
}

impl DecisionError {
    /// Returns what a person can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoSuchFinding { .. } => format!(
                "`quadra findings list --state all` shows them; {DIGITS_MIN} digits or more name one"
            ),
            Self::SeveralFindings { .. } => {
                "give more digits, or the period with `--period`".to_owned()
            }
            Self::State { state: FindingState::Open, .. } => return None,
            Self::State { .. } => "open it first with `quadra findings reopen`".to_owned(),
            Self::File { .. } => {
                "mend the file; nothing of it was applied, and the store's decisions still hold"
                    .to_owned()
            }
        })
    }
}

/// Counts what a file of decisions brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AppliedDecisions {
    /// Decisions that say something new.
    pub new: u64,
    /// Decisions that the store held already.
    pub known: u64,
    /// Findings that are accepted by them now.
    pub accepted: u64,
}

/// Returns the one finding whose fingerprint begins so, of a period if one is given.
///
/// # Errors
/// Fewer than six digits, none, or several with what they are.
pub async fn find_finding(
    ctx: &Context,
    beginning: &str,
    period: Option<Period>,
) -> Result<StoredFinding, worker::Error> {
    let wanted = beginning.trim().to_ascii_lowercase();
    let mut found = match wanted.len() {
        0..DIGITS_MIN => Vec::new(),
        _ => ctx.store.findings(&wanted).await?,
    };
    found.retain(|one| period.is_none_or(|period| one.finding.period == period));
    let shown =
        |one: &StoredFinding| format!("{} of {}", one.fingerprint.as_str(), one.finding.period);
    match found.len() {
        1 => Ok(found.swap_remove(0)),
        0 => Err(DecisionError::NoSuchFinding { beginning: beginning.to_owned() }.into()),
        _ => Err(DecisionError::SeveralFindings {
            beginning: beginning.to_owned(),
            found: found.iter().map(shown).collect(),
        }
        .into()),
    }
}

/// Returns what became of a finding, oldest first.
pub async fn finding_history(
    ctx: &Context,
    finding: &StoredFinding,
) -> Result<Vec<FindingEvent>, worker::Error> {
    Ok(ctx.store.finding_history(&finding.fingerprint, finding.finding.period).await?)
}

/// Does one thing with some findings, all or none of them.
///
/// # Errors
/// A finding in a state that the act does not fit; a last day that has passed.
pub async fn decide(
    ctx: &Context,
    findings: &[StoredFinding],
    act: Act,
    (owner, reason): (&str, &str),
    language: Language,
) -> Result<(), worker::Error> {
    let (now, today) = (ctx.clock.now(), ctx.today());
    let mut tx = ctx.store.begin("decide_findings").await?;
    for one in findings {
        let fits = match act {
            Act::Accept { .. } | Act::Resolve => one.state != FindingState::Resolved,
            Act::Reopen => one.state != FindingState::Open,
        };
        if !fits {
            let fingerprint = one.fingerprint.as_str().to_owned();
            return Err(DecisionError::State { fingerprint, state: one.state }.into());
        }
        let place = (&one.fingerprint, one.finding.period);
        let note = format!("{owner}: {reason}");
        match act {
            Act::Accept { until } => {
                let decision = decision(one, until, (owner, reason), (today, language));
                tx.keep_decision(&decision, DecisionOrigin::Hand).await?;
                let event = ("accepted", &decision.note()[..]);
                tx.set_finding_state(place, FindingState::Accepted, event, now).await?;
            }
            Act::Resolve => {
                tx.drop_decision(place.0, place.1).await?;
                let event = ("resolved", &note[..]);
                tx.set_finding_state(place, FindingState::Resolved, event, now).await?;
            }
            Act::Reopen => {
                tx.drop_decision(place.0, place.1).await?;
                let event = ("reopened", &note[..]);
                tx.set_finding_state(place, FindingState::Open, event, now).await?;
            }
        }
    }
    Ok(tx.commit().await?)
}

fn decision(
    one: &StoredFinding,
    until: Option<NaiveDate>,
    (owner, reason): (&str, &str),
    (today, language): (NaiveDate, Language),
) -> Decision {
    let finding: &Finding = &one.finding;
    Decision {
        fingerprint: one.fingerprint.clone(),
        period: finding.period,
        company: finding.company.clone(),
        document_kind: finding.document_kind,
        kind: finding.kind,
        subject: report::finding_subject(finding, language),
        at_risk_cents: finding.at_risk_cents,
        currency: finding.currency,
        owner: owner.to_owned(),
        reason: reason.to_owned(),
        decided_on: today,
        until,
    }
}

/// Reads a file of decisions and keeps them; what fits is accepted at once.
///
/// # Errors
/// A file that cannot be read, or that holds anything wrong: then nothing was applied.
pub async fn apply_decisions(
    ctx: &Context,
    path: &Path,
) -> Result<AppliedDecisions, worker::Error> {
    let decisions = read_decisions(path)?;
    let (now, today) = (ctx.clock.now(), ctx.today());
    let mut applied = AppliedDecisions::default();
    let mut tx = ctx.store.begin("apply_decisions").await?;
    for decision in &decisions {
        if tx.keep_decision(decision, DecisionOrigin::Hand).await? {
            applied.new += 1;
        } else {
            applied.known += 1;
        }
        let known = ctx.store.findings(decision.fingerprint.as_str()).await?;
        let fits = known.into_iter().find(|one| {
            one.finding.period == decision.period
                && one.state == FindingState::Open
                && decision.staleness(Some(&one.finding), today).is_none()
        });
        if let Some(one) = fits {
            let event = ("accepted", &decision.note()[..]);
            let place = (&one.fingerprint, one.finding.period);
            tx.set_finding_state(place, FindingState::Accepted, event, now).await?;
            applied.accepted += 1;
        }
    }
    tx.commit().await?;
    Ok(applied)
}

/// Keeps the decisions of the configured file in a run's transaction, and withdraws those
/// that it does not hold any more.
///
/// A file that cannot be read stops nobody: the reason comes back, for the report.
pub(super) async fn keep_configured(
    ctx: &Context,
    tx: &mut Tx,
) -> Result<Option<String>, worker::Error> {
    let Some(path) = &ctx.config.findings.decisions_file else {
        return Ok(None);
    };
    match read_decisions(path) {
        Ok(decisions) => {
            for decision in &decisions {
                tx.keep_decision(decision, DecisionOrigin::File).await?;
            }
            let note = format!("the decision was taken out of `{}`", path.display());
            tx.withdraw_unfiled(&decisions, &note, ctx.clock.now()).await?;
            Ok(None)
        }
        Err(error) => Ok(Some(worker::causes(&error))),
    }
}

fn read_decisions(path: &Path) -> Result<Vec<Decision>, worker::Error> {
    let text = fs::read_to_string(path).map_err(worker::Error::file("read", path))?;
    let wrong = |source| DecisionError::File { path: path.to_owned(), source: Box::new(source) };
    Ok(decisions_from_toml(&text).map_err(wrong)?)
}
