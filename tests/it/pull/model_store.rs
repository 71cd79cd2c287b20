//! Random histories through the worker into a store, clock and crashes included.
//!
//! What must hold after each pull, however it ended: no body in the store that the provider
//! never showed, revisions in the order in which it showed them, a cursor that is not ahead of
//! the documents. What must hold once the list stands still: everything inside the look-back is
//! kept, a second pull changes nothing, and what is gone is missing after two whole readings.

use super::memory::Unwatched;
use super::model::for_each_seed;
use super::provider::Provider;
use chrono::{Days, NaiveDate};
use quadra::api::Resource;
use quadra::clock::Clock;
use quadra::config::Config;
use quadra::fiscal::{DocumentKind, Period};
use quadra::store::Store;
use quadra::worker::{Context, PullOutcome, PullRequest, Sweep, pull_from};
use rand::Rng;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use std::collections::{BTreeMap, BTreeSet};
use std::future::pending;

/// How many histories are tried unless a variable says otherwise.
const HISTORIES: u64 = 10;

/// A store with the eyes of somebody who reads it behind the program's back.
struct Kept {
    store: Store,
    eyes: SqlitePool,
    _folder: tempfile::TempDir,
}

impl Kept {
    async fn new() -> Self {
        // Memory confirms a write at once, and what a crash of the machine loses is not asked.
        let memory = std::path::Path::new("/dev/shm");
        let folder = if memory.is_dir() {
            tempfile::tempdir_in(memory).unwrap()
        } else {
            tempfile::tempdir().unwrap()
        };
        let path = folder.path().join("quadra.db");
        let store = Store::open(&format!("sqlite://{}", path.display())).await.unwrap();
        let options = SqliteConnectOptions::new().filename(path);
        let eyes = SqlitePool::connect_with(options).await.unwrap();
        Self { store, eyes, _folder: folder }
    }

    /// Returns every body of every document, in the order of its revisions.
    async fn revisions(&self, resource: Resource) -> BTreeMap<String, Vec<String>> {
        let rows = sqlx::query(
            "select source_id, revision, body from raw_documents where resource = $1 \
             order by source_id, revision",
        )
        .bind(resource.as_str())
        .fetch_all(&self.eyes)
        .await
        .unwrap();
        let mut revisions: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in rows {
            let bodies = revisions.entry(row.get(0)).or_default();
            bodies.push(row.get(2));
            assert_eq!(row.get::<i64, _>(1), i64::try_from(bodies.len()).unwrap());
        }
        revisions
    }

    /// Returns the rows that cursors count, and the documents that are kept.
    async fn cursors(&self) -> Vec<(i64, String)> {
        let sql = "select json_extract(checkpoint, '$.rows_seen'), state from windows \
                   where checkpoint is not null";
        let rows = sqlx::query(sql).fetch_all(&self.eyes).await.unwrap();
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    }
}

/// One history under way.
struct Night<'a> {
    provider: &'a Provider,
    kept: &'a Kept,
    config: Config,
}

impl Night<'_> {
    fn today(&self) -> NaiveDate {
        Clock::Fixed(self.provider.state().now).today_in_rome()
    }

    fn kind(&self) -> DocumentKind {
        match self.provider.manners.resource {
            Resource::Invoices => DocumentKind::Invoice,
            _ => DocumentKind::Receipt,
        }
    }

    /// Pulls at the provider's hour; nothing when a crash ended it.
    async fn pull(&self, sweep: Sweep, crash_after: Option<u64>) -> Option<PullOutcome> {
        let clock = Clock::Fixed(self.provider.state().now);
        let ctx = Context { config: self.config.clone(), store: self.kept.store.clone(), clock };
        let today = self.today();
        let request = PullRequest {
            resources: vec![self.provider.manners.resource],
            companies: Vec::new(),
            period: Period { from: today - Days::new(2), to: today },
            looks_back: true,
            sweep,
            deadline: None,
            skips_unknown: false,
        };
        self.provider.begin_pull(crash_after);
        let pulling = pull_from(&ctx, self.provider, &request, &Unwatched, pending::<()>);
        let outcome = tokio::select! {
            outcome = pulling => Some(outcome.unwrap()),
            () = self.provider.crash.notified() => None,
        };
        self.provider.state().crash_in = None;
        self.nothing_is_made_up().await;
        outcome
    }

    /// Checks bodies and revisions against all that was ever shown, and the cursors.
    async fn nothing_is_made_up(&self) {
        let revisions = self.kept.revisions(self.provider.manners.resource).await;
        let documents = i64::try_from(revisions.len()).unwrap();
        for (rows_seen, state) in self.kept.cursors().await {
            assert!(rows_seen <= documents, "{state}: {rows_seen} rows of {documents} documents");
        }
        let state = self.provider.state();
        for (id, bodies) in &revisions {
            let mut shown = state.bodies[id].iter();
            let in_order = bodies.iter().all(|body| shown.any(|one| one == body));
            assert!(in_order, "{id}: {bodies:?} of {:?}", state.bodies[id]);
        }
    }

    /// Returns the ids that a pull of today has to bring.
    fn expected(&self) -> BTreeSet<String> {
        let resource = self.provider.manners.resource;
        let days = if resource == Resource::Invoices { 60 } else { 10 };
        let (from, to) = (self.today() - Days::new(days), self.today());
        let state = self.provider.state();
        let is_recent = |day: NaiveDate| (from..=to).contains(&day);
        let rows = state.rows.iter().filter(|row| is_recent(row.filed_on(resource)));
        rows.map(|row| row.id.clone()).collect()
    }

    /// Lets the list stand still, and checks that everything comes to rest as it must.
    async fn comes_to_rest(&self) {
        let resource = self.provider.manners.resource;
        self.provider.state().is_frozen = true;
        let outcome = self.pull(Sweep::Never, None).await.unwrap();
        assert!(outcome.is_complete(), "{outcome:?}");
        let first = self.kept.revisions(resource).await;
        let lost = !self.provider.state().deleted.is_empty();
        let missed: Vec<String> =
            self.expected().into_iter().filter(|id| !first.contains_key(id)).collect();
        assert!(missed.is_empty() || lost, "{missed:?} of {:?}", self.provider.manners);
        // What was open in the store is now as the provider has it.
        for row in self.provider.state().rows.iter().filter(|row| row.is_open()) {
            if let Some(bodies) = first.get(&row.id) {
                assert_eq!(bodies.last(), Some(&row.body(resource)), "{}", row.id);
            }
        }
        self.pull(Sweep::Never, None).await.unwrap();
        assert_eq!(self.kept.revisions(resource).await, first, "a second pull changes nothing");

        self.provider.state().now += chrono::TimeDelta::minutes(5);
        self.pull(Sweep::Now, None).await.unwrap();
        self.provider.state().now += chrono::TimeDelta::minutes(5);
        self.pull(Sweep::Now, None).await.unwrap();
        let last = self.kept.revisions(resource).await;
        let expected = self.expected();
        for row in self.provider.state().rows.iter().filter(|row| expected.contains(&row.id)) {
            let kept = last.get(&row.id).and_then(|bodies| bodies.last());
            assert_eq!(kept, Some(&row.body(resource)), "{}", row.id);
        }
        self.missing_is_what_is_gone(&last).await;
        // Two whole readings agree, so nothing is left that would have to be read.
        let quiet = self.pull(Sweep::Never, None).await.unwrap();
        let mut windows = quiet.tallies.iter().flat_map(|(_, tally)| &tally.windows);
        assert!(windows.all(|window| window.unchanged), "{quiet:?}");
    }

    async fn missing_is_what_is_gone(&self, kept: &BTreeMap<String, Vec<String>>) {
        let missing = self.kept.store.missing_documents(self.kind(), None).await.unwrap();
        let missing: BTreeSet<String> = missing.into_iter().map(|one| one.source_id).collect();
        let there = self.provider.ids();
        assert!(missing.is_disjoint(&there), "{:?}", missing.intersection(&there));
        // Those filed in the days that were read whole twice.
        let days = if self.kind() == DocumentKind::Invoice { 60 } else { 10 };
        let from = self.today() - Days::new(days);
        let filed = self.kept.store.filed_documents(self.kind(), &[], from, self.today());
        for document in filed.await.unwrap() {
            let is_gone = !there.contains(&document.source_id);
            assert!(kept.contains_key(&document.source_id));
            assert_eq!(missing.contains(&document.source_id), is_gone, "{document:?}");
        }
    }
}

async fn history(seed: u64) {
    let provider = Provider::new(seed, 220);
    let kept = Kept::new().await;
    let night =
        Night { provider: &provider, kept: &kept, config: Config::without_file(&[]).unwrap() };
    let nights = provider.state().dice.random_range(1..5);
    for _ in 0..nights {
        let (crash_after, sweep) = {
            let mut state = provider.state();
            let crashes = state.dice.random_ratio(1, 3);
            let crash_after = crashes.then(|| state.dice.random_range(0..12));
            (crash_after, if state.dice.random() { Sweep::Monthly } else { Sweep::Never })
        };
        night.pull(sweep, crash_after).await;
        provider.pass_time();
        provider.pass_events(60);
    }
    night.comes_to_rest().await;
    kept.store.clone().close().await;
}

#[test]
fn store_keeps_what_the_provider_showed() {
    for_each_seed(HISTORIES, history);
}
