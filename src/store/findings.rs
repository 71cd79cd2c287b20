//! Findings and their history: opened, changed, resolved, reopened.
//!
//! A run hands over everything that it saw wrong in the scopes that it looked at; what an
//! earlier run saw there and this one did not is resolved. A scope that was not looked at,
//! another company or other days of the month, keeps its findings: not having looked is not
//! having found nothing.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::QueryBuilder;

use crate::findings::{Finding, FindingState, Fingerprint, RollForward, Standing, Tally};
use crate::fiscal::{DocumentKind, Period, TaxId};
use crate::store::rows::{get, json, stored, to_json, word};
use crate::store::{Error, Scope, Store, Tx};

/// Holds one stored finding that an earlier run left.
struct Earlier {
    id: i64,
    state: FindingState,
    at_risk_cents: i64,
    first_seen_on: NaiveDate,
    finding: Finding,
}

/// Names one event of a finding's history.
struct Event {
    finding_id: i64,
    name: &'static str,
    at_risk_cents: i64,
}

/// Gathers what a run does to the findings of its scope.
#[derive(Default)]
struct Outcome {
    standings: Vec<Standing>,
    cleared: Vec<Standing>,
    roll_forward: RollForward,
    events: Vec<Event>,
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
        let seen = identify(seen);
        let mut earlier = self.earlier_findings(scope).await?;
        earlier.retain(|fingerprint, one| {
            scope.includes(&one.finding) || seen.iter().any(|(known, _)| known == fingerprint)
        });
        let mut outcome = Outcome::default();
        for one in earlier.values().filter(|one| one.state == FindingState::Open) {
            add(&mut outcome.roll_forward.opening, one.at_risk_cents);
        }
        for (fingerprint, finding) in seen {
            let known = earlier.remove(&fingerprint);
            self.settle_one(
                run_id,
                scope.month,
                (fingerprint, finding),
                known,
                today,
                &mut outcome,
            )
            .await?;
        }
        let mut left: Vec<(Fingerprint, Earlier)> = earlier.into_iter().collect();
        left.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (fingerprint, one) in left {
            if one.state == FindingState::Open {
                self.resolve(run_id, fingerprint, one, today, &mut outcome).await?;
            }
        }
        self.append_events(run_id, &outcome.events, at).await?;
        Ok((outcome.standings, outcome.cleared, outcome.roll_forward))
    }

    async fn settle_one(
        &mut self,
        run_id: i64,
        period: Period,
        (fingerprint, finding): (Fingerprint, Finding),
        known: Option<Earlier>,
        today: NaiveDate,
        outcome: &mut Outcome,
    ) -> Result<(), Error> {
        let reopened = known.as_ref().is_some_and(|one| one.state == FindingState::Resolved);
        let accepted = known.as_ref().is_some_and(|one| one.state == FindingState::Accepted);
        let is_new = known.is_none() || reopened;
        let first_seen_on =
            known.as_ref().filter(|_| !reopened).map_or(today, |one| one.first_seen_on);
        let state = if accepted { FindingState::Accepted } else { FindingState::Open };
        let id = self.upsert(run_id, period, &fingerprint, &finding, state, first_seen_on).await?;
        let at_risk_cents = finding.at_risk_cents;
        let before = known.as_ref().map(|one| one.at_risk_cents);
        let event = match (is_new, reopened, before) {
            (true, true, _) => Some("reopened"),
            (true, false, _) => Some("opened"),
            (false, _, Some(before)) if before != at_risk_cents => Some("changed"),
            _ => None,
        };
        if let Some(name) = event {
            outcome.events.push(Event { finding_id: id, name, at_risk_cents });
        }
        if !accepted {
            let roll = &mut outcome.roll_forward;
            if is_new {
                add(&mut roll.new, at_risk_cents);
            } else if let Some(before) = before {
                // A break that grew or shrank keeps its row; only the cents move.
                let moved = at_risk_cents - before;
                let into = if moved > 0 { &mut roll.new } else { &mut roll.cleared };
                into.at_risk_cents += moved.abs();
            }
            add(&mut roll.closing, at_risk_cents);
        }
        let age_days = (today - first_seen_on).num_days();
        outcome.standings.push(Standing {
            finding,
            fingerprint,
            state,
            first_seen_on,
            age_days,
            is_new,
        });
        Ok(())
    }

    async fn resolve(
        &mut self,
        run_id: i64,
        fingerprint: Fingerprint,
        one: Earlier,
        today: NaiveDate,
        outcome: &mut Outcome,
    ) -> Result<(), Error> {
        let failed = self.failed();
        sqlx::query("update findings set state = 'resolved', last_run_id = $2 where id = $1")
            .bind(one.id)
            .bind(run_id)
            .execute(&mut *self.inner)
            .await
            .map_err(failed)?;
        add(&mut outcome.roll_forward.cleared, one.at_risk_cents);
        outcome.events.push(Event {
            finding_id: one.id,
            name: "resolved",
            at_risk_cents: one.at_risk_cents,
        });
        outcome.cleared.push(Standing {
            finding: one.finding,
            fingerprint,
            state: FindingState::Resolved,
            first_seen_on: one.first_seen_on,
            age_days: (today - one.first_seen_on).num_days(),
            is_new: false,
        });
        Ok(())
    }

    async fn upsert(
        &mut self,
        run_id: i64,
        period: Period,
        fingerprint: &Fingerprint,
        finding: &Finding,
        state: FindingState,
        first_seen_on: NaiveDate,
    ) -> Result<i64, Error> {
        let failed = self.failed();
        sqlx::query_scalar(
            "insert into findings (fingerprint, period_from, period_to, company, document_kind, \
             kind, state, at_risk_cents, currency, body, first_seen_on, last_run_id) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
             on conflict (fingerprint, period_from, period_to) do update set \
             state = excluded.state, at_risk_cents = excluded.at_risk_cents, \
             body = excluded.body, first_seen_on = excluded.first_seen_on, \
             last_run_id = excluded.last_run_id returning id",
        )
        .bind(fingerprint.as_str())
        .bind(period.from.to_string())
        .bind(period.to.to_string())
        .bind(finding.company.as_str())
        .bind(finding.document_kind.as_str())
        .bind(finding.kind.as_str())
        .bind(state.as_str())
        .bind(finding.at_risk_cents)
        .bind(finding.currency.as_str())
        .bind(to_json(finding))
        .bind(first_seen_on.to_string())
        .bind(run_id)
        .fetch_one(&mut *self.inner)
        .await
        .map_err(failed)
    }

    async fn append_events(
        &mut self,
        run_id: i64,
        events: &[Event],
        at: DateTime<Utc>,
    ) -> Result<(), Error> {
        for chunk in events.chunks(1_000) {
            let mut insert = QueryBuilder::new(
                "insert into finding_events (finding_id, run_id, at, event, at_risk_cents) ",
            );
            insert.push_values(chunk, |mut row, event| {
                row.push_bind(event.finding_id)
                    .push_bind(run_id)
                    .push_bind(stored(at))
                    .push_bind(event.name)
                    .push_bind(event.at_risk_cents);
            });
            let failed = self.failed();
            insert.build().execute(&mut *self.inner).await.map_err(failed)?;
        }
        Ok(())
    }

    async fn earlier_findings(
        &mut self,
        scope: &Scope,
    ) -> Result<HashMap<Fingerprint, Earlier>, Error> {
        let failed = self.failed();
        let rows = sqlx::query(
            "select id, fingerprint, state, at_risk_cents, first_seen_on, body from findings \
             where company = $1 and document_kind = $2 and period_from = $3 and period_to = $4",
        )
        .bind(scope.company.as_str())
        .bind(scope.kind.as_str())
        .bind(scope.month.from.to_string())
        .bind(scope.month.to.to_string())
        .fetch_all(&mut *self.inner)
        .await
        .map_err(failed)?;
        let mut earlier = HashMap::with_capacity(rows.len());
        for row in &rows {
            let one = Earlier {
                id: get(row, "id")?,
                state: word(row, "state", "a state of finding")?,
                at_risk_cents: get(row, "at_risk_cents")?,
                first_seen_on: word(row, "first_seen_on", "a day")?,
                finding: json(row, "body", "a finding")?,
            };
            earlier.insert(Fingerprint::from_stored(get(row, "fingerprint")?), one);
        }
        Ok(earlier)
    }
}

impl Store {
    /// Returns the companies with open findings of a kind in a month.
    pub async fn companies_with_findings(
        &self,
        kind: DocumentKind,
        month: Period,
    ) -> Result<Vec<TaxId>, Error> {
        let ids: Vec<String> = sqlx::query_scalar(
            "select distinct company from findings where state = 'open' \
             and document_kind = $1 and period_from = $2 and period_to = $3 order by company",
        )
        .bind(kind.as_str())
        .bind(month.from.to_string())
        .bind(month.to.to_string())
        .fetch_all(self.reader())
        .await
        .map_err(|source| Error::during("list companies with findings", source))?;
        Ok(ids.iter().filter_map(|id| TaxId::parse(id)).collect())
    }
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

fn add(tally: &mut Tally, cents: i64) {
    tally.rows += 1;
    tally.at_risk_cents += cents;
}
