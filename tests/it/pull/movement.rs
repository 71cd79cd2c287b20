//! Reads lists that move between pages: drift, both directions, random histories.

use super::memory::{Memory, one_window};
use super::server::{Row, Server, rows};
use proptest::prelude::*;
use quadra::extract::{RESTARTS_MAX, WindowState};
use std::collections::HashSet;

fn new_row(name: impl std::fmt::Display) -> Row {
    Row {
        id: format!("new-{name}"),
        ..rows(1)[0].clone()
    }
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
    assert_eq!(
        (tally.windows[0].state, tally.windows[0].rows),
        (WindowState::Settled, 280)
    );
    assert_eq!(
        tally.requests,
        2 + 1 + 3,
        "two pages, the drift, the list of 280 anew"
    );
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
    let missing = script
        .rows
        .iter()
        .filter(|row| !kept.contains(&row.id))
        .count();
    assert!(
        missing <= 2,
        "only what came at the very end may be missing, not {missing}"
    );
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
    assert!(
        tally.requests > u64::from(RESTARTS_MAX),
        "{}",
        tally.requests
    );
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

/// One change of the list before a request, at a place in thousandths of its length.
#[derive(Debug, Clone, Copy)]
enum Change {
    Insert(usize),
    Delete(usize),
}

fn apply(change: Change, number: usize, rows: &mut Vec<Row>) {
    let place = |thousandths: usize, length: usize| length * thousandths / 1000;
    match change {
        Change::Insert(at) => {
            let id = format!("{number}-{at}-{}", rows.len());
            rows.insert(place(at, rows.len() + 1).min(rows.len()), new_row(id));
        }
        Change::Delete(at) if !rows.is_empty() => {
            rows.remove(place(at, rows.len()).min(rows.len() - 1));
        }
        Change::Delete(_) => {}
    }
}

fn change() -> impl Strategy<Value = Change> {
    // The ends of a list are where most of its changes happen.
    let place = prop_oneof![Just(0_usize), 0_usize..1000, Just(999)];
    (any::<bool>(), place).prop_map(|(inserts, at)| {
        if inserts {
            Change::Insert(at)
        } else {
            Change::Delete(at)
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, max_shrink_iters: 200, ..ProptestConfig::default() })]
    #[test]
    fn settled_window_misses_nothing_that_stayed(
        count in 0_usize..420,
        // Most requests meet no change, so that many histories settle.
        history in prop::collection::vec(prop_oneof![
            3 => Just(Vec::new()),
            1 => prop::collection::vec(change(), 1..8),
        ], 0..24),
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
