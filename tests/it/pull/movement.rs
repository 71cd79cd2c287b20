//! Reads lists that move between pages: drift, both directions, random histories.

use super::memory::{Memory, one_window};
use super::server::{Row, Server, rows};
use proptest::prelude::*;
use quadra::extract::{RESTARTS_MAX, WindowState};
use std::collections::HashSet;

fn new_row(name: impl std::fmt::Display) -> Row {
    Row { id: format!("new-{name}"), ..rows(1)[0].clone() }
}

#[tokio::test]
async fn drift_restarts_the_window() {
    let server = Server::start(rows(300)).await;
    server.script().before = Some(Box::new(|number, rows| {
        if number == 2 {
            rows.drain(..20);
        }
    }));
    let mut memory = Memory::default();
    let tally = memory.pull(&server.client(), &one_window()).await.unwrap();
    assert_eq!((tally.windows[0].state, tally.windows[0].rows), (WindowState::Settled, 280));
    assert_eq!(tally.requests, 2 + 1 + 3, "two pages, the drift, the list of 280 anew");
    assert_eq!((memory.documents.len(), tally.documents_seen), (300, 300));
}

#[tokio::test]
async fn restless_list_keeps_the_union_unsettled() {
    let server = Server::start(rows(400)).await;
    server.script().before = Some(Box::new(|number, rows| {
        rows.insert(0, new_row(number));
        rows.truncate(400);
    }));
    let mut memory = Memory::default();
    let tally = memory.pull(&server.client(), &one_window()).await.unwrap();
    assert_eq!(tally.windows[0].state, WindowState::Unsettled);
    assert!(tally.requests < 40, "{}", tally.requests);
    let kept: HashSet<&String> = memory.documents.keys().collect();
    let script = server.script();
    let missing = script.rows.iter().filter(|row| !kept.contains(&row.id)).count();
    assert!(missing <= 2, "only what came at the very end may be missing, not {missing}");
}

#[tokio::test]
async fn unsettled_window_is_read_again() {
    let server = Server::start(rows(400)).await;
    server.script().before = Some(Box::new(|number, rows| rows.insert(0, new_row(number))));
    let (client, mut memory) = (server.client(), Memory::default());
    memory.pull(&client, &one_window()).await.unwrap();
    server.script().before = None;
    let tally = memory.pull(&client, &one_window()).await.unwrap();
    assert!(tally.is_complete() && !tally.windows[0].unchanged);
    assert_eq!(memory.documents.len(), server.script().rows.len());
}

#[tokio::test]
async fn two_agreeing_readings_settle() {
    let server = Server::start(rows(300)).await;
    // The first two rows change places all the time; all others stand still, but the pages'
    // overlaps are made to move by turning the rows around them.
    server.script().before = Some(Box::new(|number, rows| {
        if number % 2 == 1 {
            rows[95..105].reverse();
        }
    }));
    let mut memory = Memory::default();
    let tally = memory.pull(&server.client(), &one_window()).await.unwrap();
    assert_eq!(tally.windows[0].state, WindowState::Settled);
    assert_eq!(memory.documents.len(), 300);
    assert!(tally.requests > u64::from(RESTARTS_MAX), "{}", tally.requests);
}

#[tokio::test]
async fn server_that_ignores_skip_ends_unsettled() {
    let server = Server::start(rows(100)).await;
    server.script().before = Some(Box::new(|_, _| {}));
    let page: Vec<String> = rows(100).iter().map(Row::body).collect();
    let body = format!(r#"{{"data":[{}]}}"#, page.join(","));
    server.script().always = Some(super::server::Fault::json(200, &body));
    let mut memory = Memory::default();
    let tally = memory.pull(&server.client(), &one_window()).await.unwrap();
    assert_eq!(tally.windows[0].state, WindowState::Unsettled);
    assert!(tally.requests < 20, "{}", tally.requests);
    assert_eq!(memory.documents.len(), 100);
}

#[tokio::test]
async fn last_row_in_place_of_another_is_noticed() {
    let server = Server::start(rows(150)).await;
    let (client, mut memory) = (server.client(), Memory::default());
    memory.pull(&client, &one_window()).await.unwrap();
    // As many rows as before, but not the same.
    {
        let mut script = server.script();
        script.rows.pop();
        script.rows.push(new_row("instead"));
    }
    let tally = memory.pull(&client, &one_window()).await.unwrap();
    assert!(tally.is_complete() && memory.documents.contains_key("new-instead"));
}

/// One change of the list before a request: so many rows, at thousandths of its length.
#[derive(Debug, Clone, Copy)]
enum Change {
    Insert(usize, usize),
    Delete(usize, usize),
}

fn apply(change: Change, number: usize, rows: &mut Vec<Row>) {
    match change {
        Change::Insert(at, count) => {
            let place = rows.len() * at / 1000;
            let fresh = (0..count).map(|n| new_row(format!("{number}-{at}-{n}-{}", rows.len())));
            let fresh: Vec<Row> = fresh.collect();
            rows.splice(place..place, fresh);
        }
        Change::Delete(at, count) => {
            let place = rows.len() * at / 1000;
            let end = (place + count).min(rows.len());
            rows.drain(place..end);
        }
    }
}

fn change() -> impl Strategy<Value = Change> {
    // The beginning of a list is where most of its changes happen, by few rows or by many.
    let place = prop_oneof![2 => Just(0_usize), 1 => 0_usize..1000, 1 => Just(1000)];
    let count = prop_oneof![1_usize..4, 4_usize..40];
    (any::<bool>(), place, count).prop_map(|(inserts, at, count)| {
        if inserts { Change::Insert(at, count) } else { Change::Delete(at, count) }
    })
}

/// Returns what happens before each request: lists that move now and then, or all the time.
fn history() -> impl Strategy<Value = Vec<Vec<Change>>> {
    let changes = || prop::collection::vec(change(), 1..4);
    let quiet = prop_oneof![3 => Just(Vec::new()), 1 => changes()];
    prop_oneof![
        3 => prop::collection::vec(quiet, 0..24),
        1 => prop::collection::vec(changes(), 60),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, max_shrink_iters: 200, ..ProptestConfig::default() })]
    #[test]
    fn settled_window_misses_nothing_that_stayed(
        count in 0_usize..420,
        history in history(),
        crash_after in prop::option::of(0_usize..4),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (state, missing) = runtime.block_on(async {
            let server = Server::start(rows(count)).await;
            let at_start: HashSet<String> = rows(count).into_iter().map(|row| row.id).collect();
            server.script().before = Some(Box::new(move |number, rows| {
                for change in history.get(number).into_iter().flatten() {
                    apply(*change, number, rows);
                }
            }));
            let client = server.client();
            let mut memory = Memory { pages_left: crash_after, ..Memory::default() };
            let mut outcome = memory.pull(&client, &one_window()).await;
            if outcome.is_err() {
                memory.pages_left = None;
                outcome = memory.pull(&client, &one_window()).await;
            }
            let tally = outcome.unwrap();
            let script = server.script();
            let missing: Vec<String> = script
                .rows
                .iter()
                .filter(|row| at_start.contains(&row.id) && !memory.documents.contains_key(&row.id))
                .map(|row| row.id.clone())
                .collect();
            (tally.windows[0].state, missing)
        });
        prop_assert!(state != WindowState::Settled || missing.is_empty(), "missing {:?}", missing);
    }
}
