//! What people decided about findings, and the findings' answer to it.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::sqlite::SqliteRow;

use crate::findings::{Decision, Finding, FindingState, Fingerprint};
use crate::fiscal::{DocumentKind, Period, TaxId, words};
use crate::store::rows::{get, json, optional_word, stored, word};
use crate::store::{Error, Scope, Store, Tx};

const COLUMNS: &str = "fingerprint, period_from, period_to, company, document_kind, kind, subject, \
    at_risk_cents, currency, owner, reason, decided_on, until_day";

/// Holds one stored finding.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredFinding {
    /// Its identity within the period.
    pub fingerprint: Fingerprint,
    /// The finding as the last run that looked saw it.
    pub finding: Finding,
    /// Where it stands.
    pub state: FindingState,
    /// The business day of the first sight in this life.
    pub first_seen_on: NaiveDate,
}

/// Holds one event of a finding's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingEvent {
    /// When it came about.
    pub at: DateTime<Utc>,
    /// `opened`, `changed`, `resolved`, `reopened`, `accepted`.
    pub event: String,
    /// Cents at risk at that moment.
    pub at_risk_cents: i64,
    /// The run that caused it; none when a person did.
    pub run_id: Option<i64>,
    /// A person's reason.
    pub note: Option<String>,
}

words! {
    /// Tells where a decision was taken last.
    DecisionOrigin {
        /// By hand, or by a file that was read once.
        Hand = "hand",
        /// By the configured file, which every run reads.
        File = "file",
    }
}

impl Tx {
    /// Keeps a decision in the place of an earlier one about the same finding.
    ///
    /// Returns whether it says something new.
    pub async fn keep_decision(
        &mut self,
        decision: &Decision,
        origin: DecisionOrigin,
    ) -> Result<bool, Error> {
        let failed = self.failed();
        let changed = sqlx::query(
            "insert into decisions (fingerprint, period_from, period_to, company, document_kind, \
             kind, subject, at_risk_cents, currency, owner, reason, decided_on, until_day) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
             on conflict (fingerprint, period_from, period_to) do update set \
             subject = excluded.subject, at_risk_cents = excluded.at_risk_cents, \
             currency = excluded.currency, owner = excluded.owner, reason = excluded.reason, \
             decided_on = excluded.decided_on, until_day = excluded.until_day \
             where (subject, at_risk_cents, currency, owner, reason, decided_on, \
             coalesce(until_day, '')) <> (excluded.subject, excluded.at_risk_cents, \
             excluded.currency, excluded.owner, excluded.reason, excluded.decided_on, \
             coalesce(excluded.until_day, ''))",
        )
        .bind(decision.fingerprint.as_str())
        .bind(decision.period.from.to_string())
        .bind(decision.period.to.to_string())
        .bind(decision.company.as_str())
        .bind(decision.document_kind.as_str())
        .bind(decision.kind.as_str())
        .bind(&decision.subject)
        .bind(decision.at_risk_cents)
        .bind(decision.currency.as_str())
        .bind(&decision.owner)
        .bind(&decision.reason)
        .bind(decision.decided_on.to_string())
        .bind(decision.until.map(|day| day.to_string()))
        .execute(&mut *self.inner)
        .await
        .map_err(failed)?;
        let failed = self.failed();
        sqlx::query(
            "update decisions set origin = $4 where fingerprint = $1 and period_from = $2 \
             and period_to = $3 and origin <> $4",
        )
        .bind(decision.fingerprint.as_str())
        .bind(decision.period.from.to_string())
        .bind(decision.period.to.to_string())
        .bind(origin.as_str())
        .execute(&mut *self.inner)
        .await
        .map_err(failed)?;
        Ok(changed.rows_affected() > 0)
    }

    /// Withdraws what the configured file brought and does not hold any more.
    ///
    /// An accepted finding opens again at once, with the reason in its history. Returns how
    /// many decisions were withdrawn.
    pub async fn withdraw_unfiled(
        &mut self,
        filed: &[Decision],
        note: &str,
        at: DateTime<Utc>,
    ) -> Result<u64, Error> {
        let failed = self.failed();
        let rows = sqlx::query(
            "select fingerprint, period_from, period_to from decisions where origin = 'file'",
        )
        .fetch_all(&mut *self.inner)
        .await
        .map_err(failed)?;
        let mut withdrawn = 0;
        for row in &rows {
            let fingerprint = Fingerprint::from_stored(get(row, "fingerprint")?);
            let period = Period {
                from: word(row, "period_from", "a day")?,
                to: word(row, "period_to", "a day")?,
            };
            let is_filed = |one: &Decision| one.fingerprint == fingerprint && one.period == period;
            if filed.iter().any(is_filed) {
                continue;
            }
            self.drop_decision(&fingerprint, period).await?;
            withdrawn += 1;
            let failed = self.failed();
            let is_accepted: Option<i64> = sqlx::query_scalar(
                "select id from findings where fingerprint = $1 and period_from = $2 \
                 and period_to = $3 and state = 'accepted'",
            )
            .bind(fingerprint.as_str())
            .bind(period.from.to_string())
            .bind(period.to.to_string())
            .fetch_optional(&mut *self.inner)
            .await
            .map_err(failed)?;
            if is_accepted.is_some() {
                let place = (&fingerprint, period);
                self.set_finding_state(place, FindingState::Open, ("reopened", note), at).await?;
            }
        }
        Ok(withdrawn)
    }

    /// Forgets the decision about a finding; returns whether there was one.
    pub async fn drop_decision(
        &mut self,
        fingerprint: &Fingerprint,
        period: Period,
    ) -> Result<bool, Error> {
        let failed = self.failed();
        let gone = sqlx::query(
            "delete from decisions where fingerprint = $1 and period_from = $2 and period_to = $3",
        )
        .bind(fingerprint.as_str())
        .bind(period.from.to_string())
        .bind(period.to.to_string())
        .execute(&mut *self.inner)
        .await
        .map_err(failed)?;
        Ok(gone.rows_affected() > 0)
    }

    /// Puts a finding into a state by a person's hand, with the reason in its history.
    pub async fn set_finding_state(
        &mut self,
        (fingerprint, period): (&Fingerprint, Period),
        state: FindingState,
        (event, note): (&str, &str),
        at: DateTime<Utc>,
    ) -> Result<(), Error> {
        let failed = self.failed();
        let id: i64 = sqlx::query_scalar(
            "update findings set state = $4 \
             where fingerprint = $1 and period_from = $2 and period_to = $3 returning id",
        )
        .bind(fingerprint.as_str())
        .bind(period.from.to_string())
        .bind(period.to.to_string())
        .bind(state.as_str())
        .fetch_one(&mut *self.inner)
        .await
        .map_err(failed)?;
        let failed = self.failed();
        sqlx::query(
            "insert into finding_events (finding_id, run_id, at, event, at_risk_cents, note) \
             select id, null, $2, $3, at_risk_cents, $4 from findings where id = $1",
        )
        .bind(id)
        .bind(stored(at))
        .bind(event)
        .bind(note)
        .execute(&mut *self.inner)
        .await
        .map_err(failed)?;
        Ok(())
    }

    /// Returns the decisions that speak of a company's month and kind.
    pub(super) async fn decisions_of(
        &mut self,
        scope: &Scope,
    ) -> Result<BTreeMap<Fingerprint, Decision>, Error> {
        let failed = self.failed();
        let sql = format!(
            "select {COLUMNS} from decisions \
             where company = $1 and document_kind = $2 and period_from = $3 and period_to = $4"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(scope.company.as_str())
            .bind(scope.kind.as_str())
            .bind(scope.month.from.to_string())
            .bind(scope.month.to.to_string())
            .fetch_all(&mut *self.inner)
            .await
            .map_err(failed)?;
        let decisions = rows.iter().map(decision).collect::<Result<Vec<_>, _>>()?;
        Ok(decisions.into_iter().map(|one| (one.fingerprint.clone(), one)).collect())
    }
}

impl Store {
    /// Returns every decision, by period, company and fingerprint.
    pub async fn decisions(&self) -> Result<Vec<Decision>, Error> {
        let sql = format!(
            "select {COLUMNS} from decisions order by period_from, period_to, company, fingerprint"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .fetch_all(self.reader())
            .await
            .map_err(|source| Error::during("list decisions", source))?;
        rows.iter().map(decision).collect()
    }

    /// Returns findings, open or closed, by period, company, kind and fingerprint.
    ///
    /// `beginning` is what the fingerprint begins with; empty means any.
    pub async fn findings(&self, beginning: &str) -> Result<Vec<StoredFinding>, Error> {
        let rows = sqlx::query(
            "select fingerprint, state, first_seen_on, body from findings \
             where substr(fingerprint, 1, length($1)) = $1 \
             order by period_from, period_to, company, document_kind, kind, fingerprint",
        )
        .bind(beginning)
        .fetch_all(self.reader())
        .await
        .map_err(|source| Error::during("list findings", source))?;
        rows.iter()
            .map(|row| {
                Ok(StoredFinding {
                    fingerprint: Fingerprint::from_stored(get(row, "fingerprint")?),
                    finding: json(row, "body", "a finding")?,
                    state: word(row, "state", "a state of finding")?,
                    first_seen_on: word(row, "first_seen_on", "a day")?,
                })
            })
            .collect()
    }

    /// Returns what became of a finding, oldest first.
    pub async fn finding_history(
        &self,
        fingerprint: &Fingerprint,
        period: Period,
    ) -> Result<Vec<FindingEvent>, Error> {
        let rows = sqlx::query(
            "select e.at, e.event, e.at_risk_cents, e.run_id, e.note from finding_events as e \
             join findings as f on f.id = e.finding_id \
             where f.fingerprint = $1 and f.period_from = $2 and f.period_to = $3 order by e.id",
        )
        .bind(fingerprint.as_str())
        .bind(period.from.to_string())
        .bind(period.to.to_string())
        .fetch_all(self.reader())
        .await
        .map_err(|source| Error::during("read a finding's history", source))?;
        rows.iter()
            .map(|row| {
                Ok(FindingEvent {
                    at: word(row, "at", "an instant")?,
                    event: get(row, "event")?,
                    at_risk_cents: get(row, "at_risk_cents")?,
                    run_id: get(row, "run_id")?,
                    note: get(row, "note")?,
                })
            })
            .collect()
    }
}

fn decision(row: &SqliteRow) -> Result<Decision, Error> {
    let company: String = get(row, "company")?;
    let company = TaxId::parse(&company)
        .ok_or_else(|| Error::Damaged { value: company, expected: "a tax id" })?;
    Ok(Decision {
        fingerprint: Fingerprint::from_stored(get(row, "fingerprint")?),
        period: Period {
            from: word(row, "period_from", "a day")?,
            to: word(row, "period_to", "a day")?,
        },
        company,
        document_kind: word::<DocumentKind>(row, "document_kind", "a kind of document")?,
        kind: word(row, "kind", "a kind of finding")?,
        subject: get(row, "subject")?,
        at_risk_cents: get(row, "at_risk_cents")?,
        currency: word(row, "currency", "a currency")?,
        owner: get(row, "owner")?,
        reason: get(row, "reason")?,
        decided_on: word(row, "decided_on", "a day")?,
        until: optional_word(row, "until_day", "a day")?,
    })
}
