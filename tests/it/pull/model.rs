//! Thousands of random histories of a list against what a pull kept of it.
//!
//! A failure names its seed: `QUADRA_MODEL_SEED=17 cargo test --test it -- pull::model` plays
//! that one history again, and `QUADRA_MODEL_CASES=100000` tries more of them.

use super::memory::{Memory, Unwatched};
use super::provider::Provider;
use quadra::api::{Client, Error, Resource, Settings};
use quadra::clock::Clock;
use quadra::extract::{Window, WindowState, plan, pull};
use rand::Rng;
use std::collections::BTreeSet;
use std::future::pending;

/// How many histories are tried unless a variable says otherwise.
const HISTORIES: u64 = 60;

/// Returns the number that a variable holds, if it is set.
fn number(name: &str) -> Option<u64> {
    let text = std::env::var_os(name)?.into_string().unwrap();
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

/// Tells whether one history is played again, so that each request is worth a line.
pub(crate) fn is_replay() -> bool {
    number("QUADRA_MODEL_SEED").is_some()
}

/// Returns the seeds to try.
fn seeds(count: u64) -> std::ops::Range<u64> {
    if let Some(seed) = number("QUADRA_MODEL_SEED") {
        return seed..seed + 1;
    }
    0..number("QUADRA_MODEL_CASES").unwrap_or(count)
}

/// Runs one history a seed, and names the seed of the first that fails.
pub(crate) fn for_each_seed(count: u64, history: impl AsyncFn(u64)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for seed in seeds(count) {
        let limited = async {
            let limit = std::time::Duration::from_mins(1);
            tokio::time::timeout(limit, history(seed)).await.expect("it ends");
        };
        let tried = std::panic::AssertUnwindSafe(|| runtime.block_on(limited));
        if let Err(panic) = std::panic::catch_unwind(tried) {
            eprintln!("replay it with QUADRA_MODEL_SEED={seed}");
            std::panic::resume_unwind(panic);
        }
    }
}

/// Returns what the API says of a document that is not there.
pub(crate) async fn not_found() -> Error {
    // An id that fits no path is refused before anything is sent.
    let settings = Settings { token: "t".to_owned().into(), ..Settings::default() };
    let client = Client::new(settings, Clock::System).unwrap();
    client.get(Resource::Receipts, "").await.unwrap_err()
}

/// A pull as the reference saw it.
struct Watched<'a> {
    provider: &'a Provider,
    memory: Memory,
    windows: Vec<Window>,
}

impl Watched<'_> {
    /// Pulls, maybe to a crash; then what settled must hold.
    async fn pull(&mut self, crash_after: Option<u64>) {
        let before = self.provider.ids();
        self.provider.begin_pull(crash_after);
        let sweeps_before = self.memory.sweeps.clone();
        let reading = pull(self.provider, &self.windows, &mut self.memory, &Unwatched, pending());
        let tally = tokio::select! {
            tally = reading => Some(tally.unwrap()),
            () = self.provider.crash.notified() => None,
        };
        self.provider.state().crash_in = None;
        let Some(tally) = tally else { return };
        let after = self.provider.ids();
        let kept = self.memory.ids();
        for window in &tally.windows {
            if window.state != WindowState::Settled {
                assert!(!self.provider.state().is_frozen, "a list that stands still settles");
                continue;
            }
            let was_swept = self.memory.sweeps.get(&window.window).copied().unwrap_or(0)
                > sweeps_before.get(&window.window).copied().unwrap_or(0);
            let state = self.provider.state();
            let stayed = state.rows.iter().filter(|row| {
                before.contains(&row.id) && after.contains(&row.id) && inside(row, &window.window)
            });
            let missing: BTreeSet<String> = stayed
                .filter(|row| !kept.contains(row.id.as_str()))
                .map(|row| row.id.clone())
                .collect();
            // A count cannot tell that one row went and another came. Only then may a window
            // settle without a row, and only until it is read whole.
            let is_excused = !state.deleted.is_empty() && !was_swept;
            let how = (was_swept, window.unchanged, window.rows, &state.deleted);
            assert!(
                missing.is_empty() || is_excused,
                "{} misses {missing:?}: {how:?}, {:?}",
                window.window,
                self.provider.manners
            );
        }
    }
}

fn inside(row: &super::provider::Row, window: &Window) -> bool {
    let day = row.filed_on(window.resource);
    (window.from..=window.to).contains(&day) && window.fiscal_ids.contains(&row.company)
}

async fn history(seed: u64) {
    let provider = Provider::new(seed, 330);
    let resource = provider.manners.resource;
    let (today, companies, pulls) = {
        let mut state = provider.state();
        let pulls = state.dice.random_range(1..6);
        (state.now.date_naive(), state.companies.clone(), pulls)
    };
    let days = if resource == Resource::Invoices { 31 } else { 10 };
    let from = today - chrono::Days::new(20);
    let windows = plan(resource, &companies, from, today, days);
    let memory = Memory::default();
    let mut watched = Watched { provider: &provider, memory, windows };
    for _ in 0..pulls {
        let crash_after = {
            let mut state = provider.state();
            let is_due = state.dice.random_ratio(1, 4);
            is_due.then(|| state.dice.random_range(0..14))
        };
        watched.memory.must_sweep = provider.state().dice.random_ratio(1, 6);
        watched.pull(crash_after).await;
        provider.pass_time();
        provider.pass_events(120);
    }
    // At last the list stands still: one pull settles it, a second changes nothing.
    provider.state().is_frozen = true;
    watched.memory.must_sweep = false;
    watched.pull(None).await;
    let (documents, writes) = (watched.memory.documents.clone(), watched.memory.writes);
    watched.pull(None).await;
    assert_eq!(watched.memory.documents, documents);
    assert_eq!(watched.memory.writes, writes, "an unchanged list is not written");
    // And a whole reading brings all that a count may have missed, as it is now.
    watched.memory.must_sweep = true;
    watched.pull(None).await;
    let state = provider.state();
    for row in state.rows.iter().filter(|row| watched.windows.iter().any(|one| inside(row, one))) {
        let body = watched.memory.documents.get(&row.id);
        assert_eq!(body, Some(&row.body(resource)), "{}", row.id);
    }
}

#[test]
fn settled_lists_miss_nothing_that_stayed() {
    for_each_seed(HISTORIES, history);
}
