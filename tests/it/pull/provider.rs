//! A provider in memory whose lists change while they are read, driven by one seed.
//!
//! It is the reference: it remembers everything that it ever showed. Order of its lists, bounds
//! and zone of its filters and the length of its pages differ from seed to seed, since the
//! vendor promises none of them.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Europe::Rome;
use futures::FutureExt as _;
use quadra::api::{Error, Filter, Page, RawItem, Resource, Tally};
use quadra::extract::Source;
use rand::seq::IndexedRandom as _;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};
use tokio::sync::Notify;

/// A list that grew with every request for ever would be read for ever.
const MOVES_A_PULL_MAX: u64 = 150;

/// One document as it is now.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) company: String,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) issue_date: NaiveDate,
    pub(crate) status: &'static str,
    /// How often it changed.
    pub(crate) change: u32,
}

/// How a provider answers where the documents are silent.
#[derive(Clone, Debug)]
pub(crate) struct Manners {
    pub(crate) resource: Resource,
    order: Order,
    bounds_inclusive: bool,
    days_in_rome: bool,
    page_rows_max: usize,
    deletes: bool,
    /// How many of a thousand requests find the list changed.
    restless_per_mille: u32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Order {
    NewestFirst,
    OldestFirst,
    ById,
    AsItComes,
}

pub(crate) struct Provider {
    pub(crate) manners: Manners,
    state: Mutex<State>,
    /// Speaks when a crash is due.
    pub(crate) crash: Notify,
}

pub(crate) struct State {
    pub(crate) dice: ChaCha8Rng,
    pub(crate) now: DateTime<Utc>,
    pub(crate) companies: Vec<String>,
    pub(crate) rows: Vec<Row>,
    /// Every body that each document ever had, in order.
    pub(crate) bodies: BTreeMap<String, Vec<String>>,
    /// The ids that were taken away, with how many requests had been answered by then.
    pub(crate) deleted: BTreeMap<String, u64>,
    pub(crate) requests: u64,
    /// How many there were when the last pull began.
    pull_began_at: u64,
    /// Whether the list stands still.
    pub(crate) is_frozen: bool,
    /// After how many requests nobody answers any more.
    pub(crate) crash_in: Option<u64>,
    made: u32,
}

impl Row {
    pub(crate) fn body(&self, resource: Resource) -> String {
        let Self { id, company, created_at, issue_date, status, change } = self;
        let created = created_at.format("%Y-%m-%dT%H:%M:%S.000Z");
        match resource {
            Resource::Invoices => format!(
                r#"{{"id":"{id}","fiscal_id":"{company}","direction":"incoming","type":"TD01","state":"{status}","document_number":"{change}","issue_date":"{issue_date}","total_gross_amount":12.2,"create_at":"{created}"}}"#
            ),
            _ => format!(
                r#"{{"id":"{id}","fiscal_id":"{company}","status":"{status}","total_amount":8.19672131,"created_at":"{created}","note":{change}}}"#
            ),
        }
    }

    /// Returns the business day under which it is filed.
    pub(crate) fn filed_on(&self, resource: Resource) -> NaiveDate {
        match resource {
            Resource::Invoices => self.issue_date,
            _ => self.created_at.with_timezone(&Rome).date_naive(),
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        matches!(self.status, "new" | "retry" | "submitted" | "NEW" | "SENT")
    }
}

impl Manners {
    fn throw(dice: &mut ChaCha8Rng) -> Self {
        let orders = [Order::NewestFirst, Order::OldestFirst, Order::ById, Order::AsItComes];
        Self {
            resource: *[Resource::Receipts, Resource::Invoices].choose(dice).unwrap(),
            order: *orders.choose(dice).unwrap(),
            bounds_inclusive: dice.random(),
            days_in_rome: dice.random(),
            page_rows_max: *[100, 100, 100, 41, 13].choose(dice).unwrap(),
            deletes: dice.random_ratio(1, 3),
            restless_per_mille: *[0, 30, 150, 150, 1000].choose(dice).unwrap(),
        }
    }
}

impl Provider {
    /// Returns the provider of a seed, in which some documents stand already.
    pub(crate) fn new(seed: u64, rows_max: usize) -> Self {
        let mut dice = ChaCha8Rng::seed_from_u64(seed);
        let manners = Manners::throw(&mut dice);
        // Around the nights on which the clocks of Rome are turned, on any day of a month.
        let night = *["2026-03-29T00:30:00Z", "2026-10-25T00:30:00Z"].choose(&mut dice).unwrap();
        let night: DateTime<Utc> = night.parse().unwrap();
        let now = night - TimeDelta::minutes(dice.random_range(0..14 * 24 * 60));
        let companies = (0..dice.random_range(1..4)).map(|n| format!("1234567{n:04}")).collect();
        let state = State {
            dice,
            now,
            companies,
            rows: Vec::new(),
            bodies: BTreeMap::new(),
            deleted: BTreeMap::new(),
            requests: 0,
            pull_began_at: 0,
            is_frozen: false,
            crash_in: None,
            made: 0,
        };
        let provider = Self { manners, state: Mutex::new(state), crash: Notify::new() };
        let rows = provider.state().dice.random_range(0..=rows_max);
        (0..rows).for_each(|_| provider.insert(20 * 24 * 60));
        provider
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Says after how many requests of the next pull nobody answers any more.
    pub(crate) fn begin_pull(&self, crash_after: Option<u64>) {
        // Several readers may have met the last crash; one of them was heard.
        let _ = self.crash.notified().now_or_never();
        let mut state = self.state();
        state.crash_in = crash_after;
        state.pull_began_at = state.requests;
    }

    /// Turns the clock: by minutes, over a night, over the turn of the clocks, or back a little.
    pub(crate) fn pass_time(&self) {
        let mut state = self.state();
        let minutes = match state.dice.random_range(0..8) {
            0 => -state.dice.random_range(0..90),
            1..=3 => state.dice.random_range(0..90),
            4..=6 => 24 * 60 + state.dice.random_range(-60..60),
            _ => state.dice.random_range(0..9 * 24 * 60),
        };
        state.now += TimeDelta::minutes(minutes);
    }

    /// Lets some things happen between two pulls.
    pub(crate) fn pass_events(&self, most: usize) {
        let events = self.state().dice.random_range(0..=most);
        (0..events).for_each(|_| self.happen());
    }

    /// Adds a document that was made up to so many minutes ago.
    fn insert(&self, minutes_ago: i64) {
        let mut state = self.state();
        let state = &mut *state;
        state.made += 1;
        let minutes = state.dice.random_range(0..=minutes_ago.max(1));
        let created_at = state.now - TimeDelta::minutes(minutes);
        let today = state.now.with_timezone(&Rome).date_naive();
        let issued_ago = state.dice.random_range(0..40_u64);
        let statuses: &[&str] = match self.manners.resource {
            Resource::Invoices => &["NEW", "SENT", "DONE", "DONE", "RECEIVED", "ERROR"],
            _ => &["new", "submitted", "ready", "ready", "ready", "failed"],
        };
        let row = Row {
            id: format!("{:08x}-{}", state.dice.random::<u32>(), state.made),
            company: state.companies.choose(&mut state.dice).unwrap().clone(),
            created_at,
            issue_date: today - Days::new(issued_ago),
            status: statuses.choose(&mut state.dice).unwrap(),
            change: 0,
        };
        state.bodies.insert(row.id.clone(), vec![row.body(self.manners.resource)]);
        let at = match self.manners.order {
            Order::NewestFirst => state.rows.partition_point(|one| one.created_at > created_at),
            Order::OldestFirst => state.rows.partition_point(|one| one.created_at <= created_at),
            Order::ById => state.rows.partition_point(|one| one.id < row.id),
            Order::AsItComes => state.dice.random_range(0..=state.rows.len()),
        };
        state.rows.insert(at, row);
    }

    /// Inserts a document, lets one go its way, or takes one away.
    fn happen(&self) {
        let throw = self.state().dice.random_range(0..10);
        if throw < 6 || self.state().rows.is_empty() {
            return self.insert(0);
        }
        let mut state = self.state();
        let state = &mut *state;
        let at = state.dice.random_range(0..state.rows.len());
        if throw == 9 {
            if self.manners.deletes {
                let row = state.rows.remove(at);
                state.deleted.insert(row.id, state.requests);
            }
            return;
        }
        let row = &mut state.rows[at];
        row.status = match row.status {
            "new" => "submitted",
            "submitted" => "ready",
            "ready" => "voided",
            "NEW" => "SENT",
            "SENT" => "DONE",
            other => other,
        };
        row.change += 1;
        let (id, body) = (row.id.clone(), row.body(self.manners.resource));
        state.bodies.entry(id).or_default().push(body);
    }

    /// Returns the ids that are there now.
    pub(crate) fn ids(&self) -> BTreeSet<String> {
        self.state().rows.iter().map(|row| row.id.clone()).collect()
    }

    /// Counts a request, lets the list move, and tells whether nobody answers.
    fn arrive(&self) -> bool {
        let moves = {
            let mut state = self.state();
            state.requests += 1;
            if let Some(left) = &mut state.crash_in {
                if *left == 0 {
                    return true;
                }
                *left -= 1;
            }
            let throw = state.dice.random_range(0..1000);
            let is_tired = state.requests > state.pull_began_at + MOVES_A_PULL_MAX;
            if state.is_frozen || is_tired || throw >= self.manners.restless_per_mille {
                0
            } else {
                state.dice.random_range(1..=3)
            }
        };
        (0..moves).for_each(|_| self.happen());
        false
    }

    fn shows(&self, row: &Row, filter: &Filter) -> bool {
        let day = match self.manners.resource {
            Resource::Invoices => row.issue_date,
            _ if self.manners.days_in_rome => row.created_at.with_timezone(&Rome).date_naive(),
            _ => row.created_at.date_naive(),
        };
        let pad = u64::from(!self.manners.bounds_inclusive);
        filter.after.is_none_or(|after| day >= after + Days::new(pad))
            && filter.before.is_none_or(|before| day <= before - Days::new(pad))
            && (filter.fiscal_ids.is_empty() || filter.fiscal_ids.contains(&row.company))
            && (filter.statuses.is_empty() || filter.statuses.iter().any(|one| one == row.status))
    }
}

impl Source for Provider {
    async fn list(
        &self,
        resource: Resource,
        filter: &Filter,
        skip: u64,
        limit: u16,
    ) -> Result<Page, Error> {
        // Let others run, as every request does.
        tokio::task::yield_now().await;
        if self.arrive() {
            self.crash.notify_one();
            std::future::pending::<()>().await;
        }
        assert_eq!(resource, self.manners.resource);
        let state = self.state();
        let items: Vec<RawItem> = state
            .rows
            .iter()
            .filter(|row| self.shows(row, filter))
            .skip(usize::try_from(skip).unwrap())
            .take(usize::from(limit).min(self.manners.page_rows_max))
            .map(|row| RawItem { id: row.id.clone(), body: row.body(resource) })
            .collect();
        if super::model::is_replay() {
            let ids: Vec<&str> = items.iter().map(|item| item.id.as_str()).collect();
            let days = (filter.after, filter.before);
            eprintln!("list {days:?} {:?} {skip}+{limit}: {ids:?}", filter.statuses);
        }
        Ok(Page { rows: items.len(), items, put_aside: Vec::new() })
    }

    async fn get(&self, resource: Resource, id: &str) -> Result<RawItem, Error> {
        tokio::task::yield_now().await;
        if self.arrive() {
            self.crash.notify_one();
            std::future::pending::<()>().await;
        }
        let row = self.state().rows.iter().find(|row| row.id == id).cloned();
        match row {
            Some(row) => Ok(RawItem { id: id.to_owned(), body: row.body(resource) }),
            None => Err(super::model::not_found().await),
        }
    }

    async fn configurations(&self) -> Result<Page, Error> {
        let state = self.state();
        let item = |id: &String| RawItem {
            id: id.clone(),
            body: format!(r#"{{"id":"{id}","fiscal_id":"{id}","name":"{id}","receipts":true}}"#),
        };
        let items: Vec<RawItem> = state.companies.iter().map(item).collect();
        Ok(Page { rows: items.len(), items, put_aside: Vec::new() })
    }

    fn tally(&self) -> Tally {
        Tally { requests: self.state().requests, retries: 0 }
    }
}
