//! Findings as rows: read, written, and their events appended.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::QueryBuilder;

use crate::findings::{Finding, FindingState, Fingerprint};
use crate::fiscal::{DocumentKind, Period, TaxId};
use crate::store::rows::{get, json, optional_word, stored, to_json, word};
use crate::store::{Error, Scope, Store, Tx};

/// Holds one stored finding that an earlier run left.
pub(super) struct Earlier {
    pub(super) id: i64,
    /// Where it stands now, a person's word included.
    pub(super) state: FindingState,
    /// Its cents at risk if it was open before this run, and before any earlier try of it.
    pub(super) opening_cents: Option<i64>,
    pub(super) at_risk_cents: i64,
    pub(super) first_seen_on: NaiveDate,
    pub(super) finding: Finding,
}

/// Names one event of a finding's history.
pub(super) struct Event {
    pub(super) finding_id: i64,
    pub(super) name: &'static str,
    pub(super) at_risk_cents: i64,
    pub(super) note: Option<String>,
}

impl Tx {
    pub(super) async fn upsert(
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
             kind, state, at_risk_cents, currency, body, first_seen_on, last_run_id, settled_state) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $7) \
             on conflict (fingerprint, period_from, period_to) do update set \
             before_state = case when findings.last_run_id = excluded.last_run_id \
             then findings.before_state else findings.settled_state end, \
             before_cents = case when findings.last_run_id = excluded.last_run_id \
             then findings.before_cents else findings.at_risk_cents end, \
             state = excluded.state, settled_state = excluded.settled_state, at_risk_cents = excluded.at_risk_cents, \
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

    pub(super) async fn append_events(
        &mut self,
        run_id: i64,
        events: &[Event],
        at: DateTime<Utc>,
    ) -> Result<(), Error> {
        for chunk in events.chunks(1_000) {
            let mut insert = QueryBuilder::new(
                "insert into finding_events (finding_id, run_id, at, event, at_risk_cents, note) ",
            );
            insert.push_values(chunk, |mut row, event| {
                row.push_bind(event.finding_id)
                    .push_bind(run_id)
                    .push_bind(stored(at))
                    .push_bind(event.name)
                    .push_bind(event.at_risk_cents)
                    .push_bind(event.note.clone());
            });
            let failed = self.failed();
            insert.build().execute(&mut *self.inner).await.map_err(failed)?;
        }
        Ok(())
    }

    pub(super) async fn earlier_findings(
        &mut self,
        run_id: i64,
        scope: &Scope,
    ) -> Result<HashMap<Fingerprint, Earlier>, Error> {
        let failed = self.failed();
        let rows = sqlx::query(
            "select id, fingerprint, state, at_risk_cents, first_seen_on, body, \
             case when last_run_id = $5 then before_state else settled_state end as opening_state, \
             case when last_run_id = $5 then before_cents else at_risk_cents end as opening_cents \
             from findings \
             where company = $1 and document_kind = $2 and period_from = $3 and period_to = $4",
        )
        .bind(scope.company.as_str())
        .bind(scope.kind.as_str())
        .bind(scope.month.from.to_string())
        .bind(scope.month.to.to_string())
        .bind(run_id)
        .fetch_all(&mut *self.inner)
        .await
        .map_err(failed)?;
        let mut earlier = HashMap::with_capacity(rows.len());
        for row in &rows {
            let opening: Option<FindingState> =
                optional_word(row, "opening_state", "a state of finding")?;
            let opening_cents: Option<i64> = get(row, "opening_cents")?;
            let one = Earlier {
                id: get(row, "id")?,
                state: word(row, "state", "a state of finding")?,
                opening_cents: opening_cents.filter(|_| opening == Some(FindingState::Open)),
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
