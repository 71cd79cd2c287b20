//! The life of findings over runs: opened, changed, resolved, reopened; never lost.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use quadra::findings::{
    Decision, Evidence, Finding, FindingState, Kind, Reason, RecordRef, RollForward, Side,
    Staleness, Standing,
};
use quadra::fiscal::{Currency, Direction, DocumentKind, Period, TaxId};
use quadra::store::{DecisionOrigin, Scope, Store};

use super::{Fresh, at, fresh};

fn company() -> TaxId {
    TaxId::parse("01234567897").unwrap()
}

fn february() -> Period {
    "2026-02".parse().unwrap()
}

fn scope() -> Scope {
    Scope { company: company(), kind: DocumentKind::Invoice, month: february(), days: february() }
}

/// A document of a day of February that the books lack.
fn finding(day: u32, at_risk_cents: i64) -> Finding {
    let record = RecordRef {
        id: format!("d{day}"),
        issue_date: NaiveDate::from_ymd_opt(2026, 2, day),
        ..RecordRef::default()
    };
    let reason = Reason::NoPartner { nearest: None };
    Finding {
        kind: Kind::MissingInLedger,
        company: company(),
        document_kind: DocumentKind::Invoice,
        direction: Direction::Outgoing,
        period: february(),
        evidence: Evidence::Row { side: Side::Left, record, reason },
        at_risk_cents,
        currency: Currency::EUR,
    }
}

/// What one run left: standing, cleared, roll-forward.
type Settled = (Vec<Standing>, Vec<Standing>, RollForward);

async fn settle_at(store: &Store, night: u64, scope: &Scope, seen: Vec<Finding>) -> Settled {
    let today = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap() + Days::new(night);
    let mut tx = store.begin("test").await.unwrap();
    let run_id = tx.begin_run("night", february(), at(1)).await.unwrap();
    let settled = tx.settle_findings(run_id, scope, seen, (at(1), today)).await.unwrap();
    tx.commit().await.unwrap();
    settled
}

async fn settle(fresh: &Fresh, night: u64, seen: Vec<Finding>) -> Settled {
    settle_at(&fresh.store, night, &scope(), seen).await
}

#[tokio::test]
async fn finding_opens_changes_closes_and_reopens() {
    let fresh = fresh().await;
    let (standing, cleared, roll) = settle(&fresh, 0, vec![finding(3, 100)]).await;
    assert!(standing[0].is_new && standing[0].age_days == 0 && cleared.is_empty());
    assert_eq!((roll.new.rows, roll.new.at_risk_cents), (1, 100));

    let (standing, _, roll) = settle(&fresh, 2, vec![finding(3, 140)]).await;
    assert!(!standing[0].is_new && standing[0].age_days == 2);
    assert_eq!((roll.new.rows, roll.new.at_risk_cents), (0, 40));
    assert_eq!((roll.opening.at_risk_cents, roll.closing.at_risk_cents), (100, 140));

    let (standing, cleared, roll) = settle(&fresh, 3, vec![]).await;
    assert!(standing.is_empty());
    assert_eq!(cleared[0].state, FindingState::Resolved);
    assert_eq!((roll.cleared.rows, roll.cleared.at_risk_cents, roll.closing.rows), (1, 140, 0));

    let (standing, _, roll) = settle(&fresh, 9, vec![finding(3, 90)]).await;
    assert!(standing[0].is_new, "what was closed and is back is new again");
    assert_eq!((standing[0].age_days, roll.new.rows), (0, 1));
}

/// Accepts a finding of a standing for its amount, as a person does between two runs.
async fn accept(fresh: &Fresh, one: &Standing, until: Option<&str>) {
    let decision = Decision {
        fingerprint: one.fingerprint.clone(),
        period: february(),
        company: company(),
        document_kind: DocumentKind::Invoice,
        kind: one.finding.kind,
        subject: "d3".to_owned(),
        at_risk_cents: one.finding.at_risk_cents,
        currency: Currency::EUR,
        owner: "Anna".to_owned(),
        reason: "known".to_owned(),
        decided_on: NaiveDate::from_ymd_opt(2026, 3, 1).unwrap(),
        until: until.map(|day| day.parse().unwrap()),
    };
    let mut tx = fresh.store.begin("test").await.unwrap();
    assert!(tx.keep_decision(&decision, DecisionOrigin::Hand).await.unwrap());
    assert!(
        !tx.keep_decision(&decision, DecisionOrigin::Hand).await.unwrap(),
        "nothing new the second time"
    );
    let place = (&one.fingerprint, february());
    let event = ("accepted", "Anna: known");
    tx.set_finding_state(place, FindingState::Accepted, event, at(1)).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn accepted_finding_stays_so_and_is_cleared_once() {
    let fresh = fresh().await;
    let (standing, _, _) = settle(&fresh, 0, vec![finding(3, 100), finding(4, 50)]).await;
    accept(&fresh, &standing[0], None).await;
    for night in [1, 2] {
        let (standing, cleared, roll) =
            settle(&fresh, night, vec![finding(3, 100), finding(4, 50)]).await;
        let states: Vec<_> = standing.iter().map(|one| one.state).collect();
        assert_eq!(states, [FindingState::Accepted, FindingState::Open]);
        let first = night == 1;
        assert_eq!((roll.opening.rows, roll.cleared.rows), if first { (2, 1) } else { (1, 0) });
        assert_eq!(cleared.len(), usize::from(first));
        assert_eq!((roll.closing.at_risk_cents, roll.ties_out()), (50, true));
    }
}

#[tokio::test]
async fn decision_that_does_not_fit_opens_and_tells() {
    for (until, seen, why) in [
        (None, vec![finding(3, 101)], Staleness::AmountChanged),
        (Some("2026-03-01"), vec![finding(3, 100)], Staleness::Expired),
        (None, vec![], Staleness::Gone),
    ] {
        let fresh = fresh().await;
        let (standing, _, _) = settle(&fresh, 0, vec![finding(3, 100)]).await;
        accept(&fresh, &standing[0], until).await;
        let is_there = !seen.is_empty();
        let (standing, _, roll) = settle(&fresh, 1, seen).await;
        let told = standing.iter().find(|one| one.finding.kind == Kind::DecisionStale).unwrap();
        assert!(
            matches!(&told.finding.evidence, Evidence::Decision { why: told, .. } if *told == why),
            "{told:?}"
        );
        let other = standing.iter().find(|one| one.finding.kind != Kind::DecisionStale);
        assert_eq!(other.map(|one| one.state), is_there.then_some(FindingState::Open));
        assert!(roll.ties_out(), "{roll:?}");
    }
}

#[tokio::test]
async fn decision_of_a_file_meets_its_finding_later() {
    let fresh = fresh().await;
    let elsewhere = self::fresh().await;
    let (standing, _, _) = settle(&elsewhere, 0, vec![finding(3, 100)]).await;
    accept(&elsewhere, &standing[0], None).await;
    let mut tx = fresh.store.begin("test").await.unwrap();
    for decision in elsewhere.store.decisions().await.unwrap() {
        tx.keep_decision(&decision, DecisionOrigin::Hand).await.unwrap();
    }
    tx.commit().await.unwrap();
    let (standing, _, roll) = settle(&fresh, 0, vec![finding(3, 100)]).await;
    assert_eq!((standing[0].state, roll), (FindingState::Accepted, RollForward::default()));
}

#[tokio::test]
async fn decision_on_days_not_looked_at_is_left_alone() {
    let fresh = fresh().await;
    let (standing, _, _) = settle(&fresh, 0, vec![finding(3, 100)]).await;
    accept(&fresh, &standing[0], None).await;
    let late = Scope { days: "2026-02-20..2026-02-28".parse().unwrap(), ..scope() };
    let (standing, cleared, roll) = settle_at(&fresh.store, 1, &late, vec![]).await;
    assert!(standing.is_empty() && cleared.is_empty() && roll == RollForward::default());
    assert_eq!(fresh.store.findings("").await.unwrap()[0].state, FindingState::Accepted);
}

#[tokio::test]
async fn copies_of_one_content_are_two_findings() {
    let fresh = fresh().await;
    let (standing, _, _) = settle(&fresh, 0, vec![finding(3, 100), finding(3, 100)]).await;
    assert_ne!(standing[0].fingerprint, standing[1].fingerprint);
    let (_, cleared, roll) = settle(&fresh, 1, vec![finding(3, 100)]).await;
    assert_eq!((cleared.len(), roll.closing.rows), (1, 1));
}

#[tokio::test]
async fn other_scopes_keep_their_findings() {
    let fresh = fresh().await;
    settle(&fresh, 0, vec![finding(3, 100)]).await;
    let elsewhere = [
        Scope { company: TaxId::parse("09876543217").unwrap(), ..scope() },
        Scope { kind: DocumentKind::Receipt, ..scope() },
        Scope { month: "2026-03".parse().unwrap(), days: "2026-03".parse().unwrap(), ..scope() },
        Scope { days: "2026-02-04..2026-02-28".parse().unwrap(), ..scope() },
    ];
    for scope in elsewhere {
        let (_, cleared, roll) = settle_at(&fresh.store, 1, &scope, vec![]).await;
        assert!(cleared.is_empty() && roll == RollForward::default(), "{scope:?}");
    }
    let day = Scope { days: "2026-02-03".parse().unwrap(), ..scope() };
    let (_, cleared, _) = settle_at(&fresh.store, 2, &day, vec![]).await;
    assert_eq!(cleared.len(), 1);
}

#[tokio::test]
async fn finding_outside_of_its_month_can_close() {
    let fresh = fresh().await;
    let mut odd = finding(3, 100);
    if let Evidence::Row { record, .. } = &mut odd.evidence {
        record.issue_date = NaiveDate::from_ymd_opt(2062, 2, 3);
    }
    settle(&fresh, 0, vec![odd]).await;
    let part = Scope { days: "2026-02-01..2026-02-02".parse().unwrap(), ..scope() };
    assert_eq!(settle_at(&fresh.store, 1, &part, vec![]).await.1.len(), 1);
}

#[tokio::test]
async fn refused_rows_close_only_in_a_look_from_the_first_day() {
    let file = |rows| Finding {
        kind: Kind::FileRejected,
        evidence: Evidence::File { file: "a.csv".to_owned(), reason: "bad".to_owned(), rows },
        ..finding(1, 0)
    };
    let late = Scope { days: "2026-02-20..2026-02-28".parse().unwrap(), ..scope() };
    for (rows, closed) in [(2, 0), (0, 1)] {
        let fresh = fresh().await;
        settle(&fresh, 0, vec![file(rows)]).await;
        assert_eq!(settle_at(&fresh.store, 1, &late, vec![]).await.1.len(), closed, "{rows}");
        assert_eq!(settle(&fresh, 2, vec![]).await.1.len(), 1 - closed, "{rows}");
    }
}

/// Nights, each a set of days with the cents at risk on them.
fn nights() -> impl Strategy<Value = Vec<BTreeMap<u32, i64>>> {
    let seen = prop::collection::btree_map(1..9_u32, 0..5_000_i64, 0..6);
    prop::collection::vec(seen, 1..7)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn every_roll_forward_ties_out(nights in nights()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let fresh = fresh().await;
            let mut before: BTreeMap<u32, i64> = BTreeMap::new();
            for (night, seen) in (0..).zip(&nights) {
                let found = seen.iter().map(|(day, cents)| finding(*day, *cents)).collect();
                let (standing, cleared, roll) = settle(&fresh, night, found).await;
                assert!(roll.ties_out(), "{roll:?}");
                // The test's own books: what was open, what is new, what has gone.
                let new = seen.keys().filter(|day| !before.contains_key(day)).count();
                let gone = before.keys().filter(|day| !seen.contains_key(day)).count();
                assert_eq!(standing.iter().filter(|one| one.is_new).count(), new);
                assert_eq!(cleared.len(), gone);
                assert_eq!(roll.opening.rows, before.len() as u64);
                assert_eq!(roll.opening.at_risk_cents, before.values().sum::<i64>());
                assert_eq!(roll.closing.rows, seen.len() as u64);
                assert_eq!(roll.closing.at_risk_cents, seen.values().sum::<i64>());
                before.clone_from(seen);
            }
        });
    }
}
