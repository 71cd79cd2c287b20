//! Nights over a store that knows forty thousand documents or a few, for test and benchmark.
//!
//! The benchmark takes this file in by its path, so it stands on the crate alone.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail like the test")]

use std::future::pending;
use std::os::unix::fs::OpenOptionsExt as _;

use chrono::{Datelike as _, Days, NaiveDate, NaiveTime, TimeDelta};
use quadra::api::Resource;
use quadra::clock::Clock;
use quadra::config::Config;
use quadra::extract::{PageTally, Progress, Window, WindowTally};
use quadra::fiscal::{DocumentKind, Period};
use quadra::sandbox::{Collection, Faults, Options, Running, start};
use quadra::store::Store;
use quadra::worker::{Context, PullRequest, Sweep, pull};
use serde_json::{Value, json};

/// How many companies the account has.
pub(crate) const COMPANIES: usize = 300;
/// How many requests a night with nothing new may take.
pub(crate) const QUIET_MAX: u64 = 10;
/// How many a night may take that brings a thousand receipts.
pub(crate) const BUSY_MAX: u64 = 25;
/// How many receipts a busy night brings.
pub(crate) const RECEIPTS_A_DAY: u32 = 1_000;

/// What one night took, in requests counted by the sandbox.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Night {
    pub(crate) day: NaiveDate,
    /// With nothing new.
    pub(crate) quiet: u64,
    /// With a thousand receipts of the day before.
    pub(crate) busy: u64,
}

/// An account of three hundred companies, none of whose documents is open, and a store of it.
pub(crate) struct Nights {
    sandbox: Running,
    companies: Vec<Value>,
    models: [Value; 2],
    config: Config,
    store: Store,
    _folder: tempfile::TempDir,
}

/// Watches nothing.
struct Unwatched;

impl Progress for Unwatched {
    fn window_started(&self, _: &Window) {}
    fn page_read(&self, _: &Window, _: PageTally, _: u64) {}
    fn window_done(&self, _: &WindowTally) {}
}

impl Nights {
    pub(crate) async fn new() -> Self {
        let options = Options {
            companies: COMPANIES,
            receipts: 1,
            invoices: 1,
            month: (2026, 1),
            today: NaiveDate::from_ymd_opt(2026, 4, 1).unwrap(),
            faults: Faults::none(),
            ..Options::default()
        };
        let sandbox = start(options).await.unwrap();
        let all = |collection| sandbox.handle().all(collection).into_iter();
        let read = |raw: String| serde_json::from_str::<Value>(&raw).unwrap();
        let companies = all(Collection::Configurations).map(|raw| read(raw)["fiscal_id"].clone());
        let companies = companies.collect();
        let model = |collection| all(collection).next().map(read).unwrap();
        let models = [model(Collection::Receipts), model(Collection::Invoices)];
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let mut private = std::fs::OpenOptions::new();
        let token = private.write(true).create_new(true).mode(0o600).open(path("token")).unwrap();
        std::io::Write::write_all(&mut &token, b"any").unwrap();
        let config = Config::without_file(&[
            ("api.base_url".to_owned(), sandbox.base_url()),
            ("api.token_file".to_owned(), path("token")),
            ("api.requests_per_second".to_owned(), "100000".to_owned()),
            ("api.daily_requests".to_owned(), "100000".to_owned()),
        ]);
        let store = Store::open(&format!("sqlite://{}", path("q.db"))).await.unwrap();
        Self { sandbox, companies, models, config: config.unwrap(), store, _folder: folder }
    }

    /// Adds final documents of a day, spread over its hours in Rome and over the companies.
    pub(crate) fn add(&self, collection: Collection, day: NaiveDate, count: u32) {
        let is_receipt = collection == Collection::Receipts;
        let mut one = self.models[usize::from(!is_receipt)].clone();
        // An invoice has its moment under one of two names.
        one.as_object_mut().unwrap().retain(|name, _| name != "create_at" && name != "created_at");
        let (moment, state) = if is_receipt {
            ("created_at", ("status", "ready"))
        } else {
            ("create_at", ("state", "DONE"))
        };
        one[state.0] = json!(state.1);
        one["issue_date"] = json!(day.to_string());
        let midnight = day.and_time(NaiveTime::MIN).and_utc() - TimeDelta::hours(1);
        for number in 0..count {
            let at = midnight + TimeDelta::seconds(i64::from(86_400 / count * number));
            one["id"] = json!(format!("{}{number:06x}", day.format("%Y%m%d0000000000")));
            one["fiscal_id"] = self.companies[number as usize % COMPANIES].clone();
            one[moment] = json!(at.format("%Y-%m-%dT%H:%M:%S.000Z").to_string());
            self.sandbox.handle().put(collection, &one.to_string()).unwrap();
        }
    }

    /// Pulls these days, and all in which something may come late, at half past five in Rome.
    ///
    /// Returns how many requests the sandbox counted.
    pub(crate) async fn pull(&self, from: NaiveDate, today: NaiveDate) -> u64 {
        let half_past_five = NaiveTime::from_hms_opt(4, 30, 0).unwrap();
        let clock = Clock::Fixed(today.and_time(half_past_five).and_utc());
        let ctx = Context { config: self.config.clone(), store: self.store.clone(), clock };
        let request = PullRequest {
            resources: vec![Resource::Receipts, Resource::Invoices],
            companies: Vec::new(),
            period: Period { from, to: today },
            looks_back: true,
            sweep: Sweep::Monthly,
            deadline: None,
            skips_unknown: false,
        };
        let before = self.sandbox.requests();
        let outcome = pull(&ctx, &request, &Unwatched, pending::<()>).await.unwrap();
        assert!(outcome.is_complete(), "{outcome:?}");
        self.sandbox.requests() - before
    }

    /// Returns how many documents the store holds.
    pub(crate) async fn documents(&self) -> i64 {
        let receipts = self.store.count_documents(DocumentKind::Receipt).await.unwrap();
        receipts + self.store.count_documents(DocumentKind::Invoice).await.unwrap()
    }

    /// Pulls as a job of the month to date does: with nothing new, and with a thousand receipts.
    pub(crate) async fn night(&self, day: NaiveDate) -> Night {
        let first = day.with_day(1).unwrap();
        let known = self.documents().await;
        let quiet = self.pull(first, day).await;
        assert_eq!(self.documents().await, known);
        self.add(Collection::Receipts, day - Days::new(1), RECEIPTS_A_DAY);
        let busy = self.pull(first, day).await;
        assert_eq!(self.documents().await, known + i64::from(RECEIPTS_A_DAY));
        Night { day, quiet, busy }
    }
}
