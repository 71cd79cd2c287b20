//! Findings and their history: opened, changed, accepted, resolved, reopened.
//!
//! A run hands over everything that it saw wrong in the scopes that it looked at; what an
//! earlier run saw there and this one did not is resolved. A scope that was not looked at,
//! another company or other days of the month, keeps its findings: not having looked is not
//! having found nothing. Decisions are applied to what the run saw; one that does not fit
//! any more holds nothing back and is a finding itself.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};

use crate::findings::{
    Decision, Evidence, Finding, FindingState, Fingerprint, Kind, RollForward, Standing, Tally,
};
use crate::fiscal::{Direction, Period};
use crate::store::finding_rows::{Earlier, Event};
use crate::store::{Error, Scope, Tx};

/// Gathers what a run does to the findings of its scope, all its tries together.
#[derive(Default)]
struct Outcome {
    standings: Vec<Standing>,
    cleared: Vec<Standing>,
    roll_forward: RollForward,
    events: Vec<Event>,
}

/// Holds one run's look at a scope.
struct Look<'a> {
    run_id: i64,
    period: Period,
    today: NaiveDate,
    decisions: &'a BTreeMap<Fingerprint, Decision>,
}

impl Tx {
    /// Brings the findings of a scope up to what a run saw there.
    ///
    /// Returns the standing of each finding seen, those cleared, and the roll-forward.
    pub async fn settle_findings(
        &mut self,
        run_id: i64,
        scope: &Scope,
        seen: Vec<Finding>,
        now: (DateTime<Utc>, NaiveDate),
    ) -> Result<(Vec<Standing>, Vec<Standing>, RollForward), Error> {
        let (at, today) = now;
        let mut seen = identify(seen);
        let mut earlier = self.earlier_findings(run_id, scope).await?;
        let decisions = self.decisions_of(scope).await?;
        seen.extend(identify(stale(scope, &decisions, (&seen, &earlier), today)));
        earlier.retain(|fingerprint, one| {
            scope.includes(&one.finding) || seen.iter().any(|(known, _)| known == fingerprint)
        });
        let mut outcome = Outcome::default();
        for cents in earlier.values().filter_map(|one| one.opening_cents) {
            add(&mut outcome.roll_forward.opening, cents);
        }
        let look = Look { run_id, period: scope.month, today, decisions: &decisions };
        for (fingerprint, finding) in seen {
            let known = earlier.remove(&fingerprint);
            self.settle_one(&look, (fingerprint, finding), known, &mut outcome).await?;
        }
        let mut left: Vec<(Fingerprint, Earlier)> = earlier.into_iter().collect();
        left.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (fingerprint, one) in left {
            self.resolve(&look, fingerprint, one, &mut outcome).await?;
        }
        self.append_events(run_id, &outcome.events, at).await?;
        Ok((outcome.standings, outcome.cleared, outcome.roll_forward))
    }

    async fn settle_one(
        &mut self,
        look: &Look<'_>,
        (fingerprint, finding): (Fingerprint, Finding),
        known: Option<Earlier>,
        outcome: &mut Outcome,
    ) -> Result<(), Error> {
        let decision = look.decisions.get(&fingerprint);
        let holds = decision.filter(|one| one.staleness(Some(&finding), look.today).is_none());
        let state = if holds.is_some() { FindingState::Accepted } else { FindingState::Open };
        let before = known.as_ref().map(|one| (one.state, one.at_risk_cents));
        let opening_cents = known.as_ref().and_then(|one| one.opening_cents);
        let was_open = opening_cents.is_some();
        // What was closed by data or by hand and is seen again lives anew.
        let first_seen_on = known
            .as_ref()
            .filter(|one| one.state != FindingState::Resolved)
            // A clock that was ahead and went back has seen nothing yet of the days to come.
            .map_or(look.today, |one| one.first_seen_on.min(look.today));
        let is_new = state == FindingState::Open && !was_open;
        let id = self
            .upsert(look.run_id, look.period, &fingerprint, &finding, state, first_seen_on)
            .await?;
        let at_risk_cents = finding.at_risk_cents;
        let mut tell = |name: &'static str, note: Option<String>| {
            outcome.events.push(Event { finding_id: id, name, at_risk_cents, note });
        };
        match (before, state) {
            (None, FindingState::Open) => tell("opened", None),
            (None, _) => {
                tell("opened", None);
                tell("accepted", holds.map(Decision::note));
            }
            (Some((FindingState::Resolved, _)), FindingState::Open) => tell("reopened", None),
            (Some((FindingState::Accepted, _)), FindingState::Open) => {
                let why = decision.and_then(|one| one.staleness(Some(&finding), look.today));
                let why = why.map(|why| format!("the decision does not fit any more: {why}"));
                tell("reopened", why);
            }
            (Some((was, _)), FindingState::Accepted) if was != FindingState::Accepted => {
                tell("accepted", holds.map(Decision::note));
            }
            (Some((_, cents)), _) if cents != at_risk_cents => tell("changed", None),
            _ => {}
        }
        let closing_cents = (state == FindingState::Open).then_some(at_risk_cents);
        roll(&mut outcome.roll_forward, opening_cents, closing_cents);
        let standing = Standing {
            finding,
            fingerprint,
            state,
            first_seen_on,
            age_days: (look.today - first_seen_on).num_days(),
            is_new,
        };
        if was_open && state != FindingState::Open {
            outcome.cleared.push(standing.clone());
        }
        outcome.standings.push(standing);
        Ok(())
    }

    /// Closes a finding that the run would have seen, were it still there.
    async fn resolve(
        &mut self,
        look: &Look<'_>,
        fingerprint: Fingerprint,
        one: Earlier,
        outcome: &mut Outcome,
    ) -> Result<(), Error> {
        if one.state == FindingState::Resolved && one.opening_cents.is_none() {
            return Ok(());
        }
        let failed = self.failed();
        sqlx::query(
            "update findings set state = 'resolved', settled_state = 'resolved', \
             before_state = case when last_run_id = $2 then before_state else settled_state end, \
             before_cents = case when last_run_id = $2 then before_cents else at_risk_cents end, \
             last_run_id = $2 where id = $1",
        )
        .bind(one.id)
        .bind(look.run_id)
        .execute(&mut *self.inner)
        .await
        .map_err(failed)?;
        if one.state != FindingState::Resolved {
            outcome.events.push(Event {
                finding_id: one.id,
                name: "resolved",
                at_risk_cents: one.at_risk_cents,
                note: None,
            });
        }
        if one.opening_cents.is_some() {
            roll(&mut outcome.roll_forward, one.opening_cents, None);
            outcome.cleared.push(Standing {
                finding: one.finding,
                fingerprint,
                state: FindingState::Resolved,
                first_seen_on: one.first_seen_on,
                age_days: (look.today - one.first_seen_on).num_days().max(0),
                is_new: false,
            });
        }
        Ok(())
    }
}

/// Returns a finding for each decision that does not fit what the run saw.
///
/// A decision whose finding lies on days that were not looked at is left alone.
fn stale(
    scope: &Scope,
    decisions: &BTreeMap<Fingerprint, Decision>,
    (seen, earlier): (&[(Fingerprint, Finding)], &HashMap<Fingerprint, Earlier>),
    today: NaiveDate,
) -> Vec<Finding> {
    if decisions.is_empty() {
        return Vec::new();
    }
    let seen: HashMap<&Fingerprint, &Finding> = seen.iter().map(|(id, one)| (id, one)).collect();
    let was_looked_at = |fingerprint: &Fingerprint| match earlier.get(fingerprint) {
        Some(one) => scope.includes(&one.finding),
        None => scope.days == scope.month,
    };
    decisions
        .iter()
        .filter(|(fingerprint, _)| seen.contains_key(fingerprint) || was_looked_at(fingerprint))
        .filter_map(|(fingerprint, decision)| {
            let found = seen.get(fingerprint).copied();
            let why = decision.staleness(found, today)?;
            Some(Finding {
                kind: Kind::DecisionStale,
                company: decision.company.clone(),
                document_kind: decision.document_kind,
                direction: found.map_or(Direction::Outgoing, |one| one.direction),
                period: decision.period,
                evidence: Evidence::Decision {
                    fingerprint: fingerprint.as_str().to_owned(),
                    kind: decision.kind,
                    subject: decision.subject.clone(),
                    owner: decision.owner.clone(),
                    reason: decision.reason.clone(),
                    decided_on: decision.decided_on,
                    until: decision.until,
                    accepted_cents: decision.at_risk_cents,
                    now_cents: found.map(|one| one.at_risk_cents),
                    why,
                },
                at_risk_cents: 0,
                currency: decision.currency,
            })
        })
        .collect()
}

/// Gives each finding its fingerprint, telling copies of one content apart.
fn identify(seen: Vec<Finding>) -> Vec<(Fingerprint, Finding)> {
    let mut occurrences: HashMap<Fingerprint, u32> = HashMap::new();
    seen.into_iter()
        .map(|finding| {
            let count = occurrences.entry(Fingerprint::of(&finding, 1)).or_insert(0);
            *count += 1;
            (Fingerprint::of(&finding, *count), finding)
        })
        .collect()
}

/// Accounts for one finding by its open cents before and after the run.
///
/// A break that grew or shrank keeps its row; only the cents move.
fn roll(forward: &mut RollForward, before: Option<i64>, after: Option<i64>) {
    match (before, after) {
        (Some(before), Some(after)) => {
            let moved = after - before;
            let into = if moved > 0 { &mut forward.new } else { &mut forward.cleared };
            into.at_risk_cents += moved.abs();
        }
        (Some(before), None) => add(&mut forward.cleared, before),
        (None, Some(after)) => add(&mut forward.new, after),
        (None, None) => {}
    }
    if let Some(after) = after {
        add(&mut forward.closing, after);
    }
}

fn add(tally: &mut Tally, cents: i64) {
    tally.rows += 1;
    tally.at_risk_cents += cents;
}
